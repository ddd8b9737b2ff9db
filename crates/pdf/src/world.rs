//! What a template can see: the template, our base, the data and the logo. Nothing else is there: no file system, no
//! packages, no plug-ins.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, PackageError, SourceDiagnostic};
use typst::foundations::{Binding, Bytes, Datetime, Duration, Module, Scope};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontFamily, FontList, TextElem};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World, WorldExt as _};

use crate::document::Kind;
use crate::error::Problem;
use crate::fonts::Fonts;
use crate::style::{Logo, LogoFormat, Style};

/// What our templates share. A company's template may import it, too.
const BASE: &str = include_str!("../templates/base.typ");

/// Typst's library with our fonts and without plug-ins: a program within a template would run without any bound.
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| {
    let mut library = Library::default();
    let mut scope = Scope::new();
    for (name, binding) in library.global.scope().iter().filter(|(name, _)| *name != "plugin") {
        scope.bind(name.clone(), binding.clone());
    }
    library.global = Module::new("global", scope);
    // Typst's own choice is not among our fonts, and text is left out where it finds no font at all.
    library.styles.set(TextElem::font, FontList(vec![FontFamily::new("Inter"), FontFamily::new("Noto Sans")]));
    library.std = Binding::detached(library.global.clone());
    LazyHash::new(library)
});

/// One document's world.
pub(crate) struct Room {
    fonts: Fonts,
    main: FileId,
    sources: Vec<Source>,
    files: Vec<(FileId, Bytes)>,
    today: Option<Datetime>,
}

impl Room {
    pub(crate) fn new(kind: Kind, style: &Style, data: String, fonts: &Fonts, today: Option<Datetime>) -> Self {
        let main = file(kind_file(kind));
        let template = style.templates.get(&kind).map_or(built_in(kind), String::as_str);
        let sources = vec![Source::new(main, template.to_owned()), Source::new(file("base.typ"), BASE.to_owned())];
        let mut files = vec![(file("data.json"), Bytes::from_string(data))];
        if let Some(Logo { format, bytes, .. }) = &style.logo {
            let name = match format {
                LogoFormat::Svg => "logo.svg",
                LogoFormat::Png => "logo.png",
            };
            files.push((file(name), Bytes::new(bytes.clone())));
        }
        Self { fonts: fonts.clone(), main, sources, files, today }
    }

    /// A mistake as a person can find it.
    pub(crate) fn problem(&self, diagnostic: &SourceDiagnostic) -> Problem {
        // A mistake within our base is shown where the template called it.
        let places = std::iter::once(diagnostic.span).chain(diagnostic.trace.iter().map(|call| call.span.into()));
        let found = places.filter(|span| span.id() == Some(self.main)).find_map(|span| {
            let at = self.range(span)?.start;
            self.sources.first()?.lines().byte_to_line_column(at)
        });
        let (line, column) = found.map_or((0, 0), |(line, column)| (line + 1, column + 1));
        let mut message = diagnostic.message.to_string();
        for hint in &diagnostic.hints {
            message.push_str("; ");
            message.push_str(&hint.v);
        }
        Problem { file: self.main.vpath().get_without_slash().to_owned(), line, column, message }
    }
}

impl World for Room {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.iter().find(|source| source.id() == id).cloned().ok_or_else(|| refusal(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.iter().find(|(file, _)| *file == id).map(|(_, bytes)| bytes.clone()).ok_or_else(|| refusal(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

fn refusal(id: FileId) -> FileError {
    match id.root() {
        VirtualRoot::Package(_) => {
            FileError::Package(PackageError::Other(Some("templates can use no packages".into())))
        }
        VirtualRoot::Project => FileError::NotFound(id.vpath().get_without_slash().into()),
    }
}

const fn kind_file(kind: Kind) -> &'static str {
    match kind {
        Kind::Letter => "letter.typ",
        Kind::Notice => "notice.typ",
        Kind::OrderConfirmation => "order_confirmation.typ",
        Kind::Card => "card.typ",
        Kind::Invoice => "invoice.typ",
    }
}

const fn built_in(kind: Kind) -> &'static str {
    match kind {
        Kind::Letter => include_str!("../templates/letter.typ"),
        Kind::Notice => include_str!("../templates/notice.typ"),
        Kind::OrderConfirmation => include_str!("../templates/order_confirmation.typ"),
        Kind::Card => include_str!("../templates/card.typ"),
        Kind::Invoice => include_str!("../templates/invoice.typ"),
    }
}

/// The id of a file of ours. Ids are kept for good by Typst, so there is a fixed set of them.
fn file(name: &'static str) -> FileId {
    // Our names have nothing in them that a path may not have; the root stands in for what can not happen.
    let path = VirtualPath::new(name).or_else(|_| VirtualPath::new("/"));
    match path {
        Ok(path) => RootedPath::new(VirtualRoot::Project, path).intern(),
        Err(_) => FileId::from_raw(std::num::NonZeroU16::MIN),
    }
}
