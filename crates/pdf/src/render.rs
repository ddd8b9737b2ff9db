//! From a document to the bytes of its PDF.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use jiff::Zoned;
use serde_json::{Value, json};
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst::text::Locale;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::document::Document;
use crate::error::Error;
use crate::fonts::Fonts;
use crate::style::Style;
use crate::text::{Cleaner, without_glyph};
use crate::world::Room;
use crate::{limits, window};

/// How long a company's own template may take. What it takes of memory is not bounded: templates are to come from those
/// who may change settings.
const PATIENCE: Duration = Duration::from_secs(20);
/// The stack of the thread on which a company's own template runs: it may be nested deeply, up to Typst's bounds.
const STACK: usize = 64 << 20;
/// How often a document is set again because characters turned out to have no glyph where they stand.
const ROUNDS: usize = 4;

/// A finished document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its pages.
    pub pages: usize,
    /// The characters that no font has, in the order of their numbers. A box (U+25A1) stands for each of them in the
    /// document: tell whoever sends it.
    pub replaced: Vec<char>,
}

/// Makes the PDF of a document: PDF/UA-1 and PDF/A-2a, tagged, with its title and language. `at` becomes the date of
/// its creation.
///
/// # Errors
///
/// [`Error`] where something is larger than its limit or missing, a font or the logo can not be used, or the company's
/// own template is faulty, too slow or reaches for what it was not given.
pub fn render(document: &Document, style: &Style, fonts: &Fonts, at: &Zoned) -> Result<Pdf, Error> {
    limits::check(document, style)?;
    let (document, fonts, at) = (document.clone().settled(), fonts.clone(), at.clone());
    if !style.templates.contains_key(&document.kind()) {
        return guarded(&document, style, &fonts, &at);
    }
    let style = style.clone();
    bounded(PATIENCE, move || guarded(&document, &style, &fonts, &at))
}

/// Drops from Typst's memory what the last documents did not use, however the setting ends: nothing else would, and it
/// holds personal data.
struct Forget;

/// How many documents in a row must not have used what is dropped. What they share (templates, fonts) stays, which
/// makes a letter among others take a third of the time.
const AGE: usize = 2;

impl Drop for Forget {
    fn drop(&mut self) {
        comemo::evict(AGE);
    }
}

/// How many templates that took too long are still running.
static LATE: AtomicUsize = AtomicUsize::new(0);

/// Runs a company's own template on a thread of its own, which is left behind when it takes too long: Typst can not be
/// interrupted. While one is left behind, no other is begun, so that processors are not lost one after the other.
fn bounded(patience: Duration, work: impl FnOnce() -> Result<Pdf, Error> + Send + 'static) -> Result<Pdf, Error> {
    let too_slow = Error::TooSlow { seconds: patience.as_secs() };
    if LATE.load(Ordering::SeqCst) > 0 {
        return Err(too_slow);
    }
    // Whoever comes second knows that the other has given up or has ended.
    let first = Arc::new(AtomicBool::new(true));
    let mine = Arc::clone(&first);
    let (sender, receiver) = sync_channel(1);
    let thread = std::thread::Builder::new().name("template".to_owned()).stack_size(STACK).spawn(move || {
        // Nobody waits any more when this is late.
        let _ = sender.send(work());
        if !mine.swap(false, Ordering::SeqCst) {
            LATE.fetch_sub(1, Ordering::SeqCst);
        }
    });
    if thread.is_err() {
        return Err(Error::Internal);
    }
    match receiver.recv_timeout(patience) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Disconnected) => Err(Error::Internal),
        Err(RecvTimeoutError::Timeout) => {
            LATE.fetch_add(1, Ordering::SeqCst);
            if !first.swap(false, Ordering::SeqCst) {
                LATE.fetch_sub(1, Ordering::SeqCst);
            }
            Err(too_slow)
        }
    }
}

/// A panic of the typesetter is an error of one document, not of the program.
fn guarded(document: &Document, style: &Style, fonts: &Fonts, at: &Zoned) -> Result<Pdf, Error> {
    let _forget = Forget;
    catch_unwind(AssertUnwindSafe(|| set(document, style, fonts, at))).unwrap_or(Err(Error::Internal))
}

fn set(document: &Document, style: &Style, fonts: &Fonts, at: &Zoned) -> Result<Pdf, Error> {
    let data = data(document, style)?;
    limits::texts(&data)?;
    let mut refused = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mut cleaner = Cleaner::new(fonts, &refused);
        let mut shown = data.clone();
        cleaner.value(&mut shown);
        let replaced = cleaner.replaced;
        let room = Room::new(document.kind(), style, shown.to_string(), fonts, civil(at));
        let paged = lay_out(&room, &shown).map_err(|error| blame_logo(error, document, style))?;
        let mut missing = BTreeSet::new();
        for page in paged.pages() {
            without_glyph(&page.frame, &mut missing);
        }
        if missing.is_subset(&refused) && !missing.is_empty() {
            break;
        }
        if missing.is_empty() {
            let bytes = export(&room, &paged, at)?;
            return Ok(Pdf { bytes, pages: paged.pages().len(), replaced: replaced.into_iter().collect() });
        }
        refused.extend(missing);
    }
    // Only a template can come here: what it writes itself is not replaced.
    let refused: Vec<_> = refused.into_iter().map(|c| format!("U+{:04X}", u32::from(c))).collect();
    Err(Error::NotConformant(format!("no font shows {}", refused.join(", "))))
}

/// What templates get.
fn data(document: &Document, style: &Style) -> Result<Value, Error> {
    let mut value = serde_json::to_value(document).map_err(|_| Error::Internal)?;
    if let Document::Letter(crate::Letter { recipient, .. })
    | Document::OrderConfirmation(crate::OrderConfirmation { recipient, .. })
    | Document::Invoice(crate::Invoice { body: crate::OrderConfirmation { recipient, .. }, .. }) = document
    {
        value["recipient"] = json!(window::rows(recipient));
    }
    Ok(json!({ "document": value, "style": style }))
}

fn lay_out(room: &Room, data: &Value) -> Result<PagedDocument, Error> {
    let compiled = typst::compile::<PagedDocument>(room);
    let mut paged = compiled.output.map_err(|mistakes| Error::Template(problems(room, &mistakes)))?;
    if paged.pages().len() > limits::PAGES {
        return Err(Error::TooMuch { what: "pages", limit: limits::PAGES });
    }
    // A company's template may have left out what PDF/UA requires.
    let title = ["title", "heading"].iter().find_map(|name| data["document"][name].as_str()).unwrap_or_default();
    let language = data["document"]["language"].as_str().and_then(|language| language.parse().ok());
    let info = paged.info_mut();
    info.title.get_or_insert_with(|| title.into());
    if let Some(lang) = language {
        info.locale = Smart::Custom(Locale::new(lang, None));
    }
    Ok(paged)
}

/// Our templates have no mistakes: what they stumble over is the logo.
fn blame_logo(error: Error, document: &Document, style: &Style) -> Error {
    match error {
        Error::Template(problems) if style.logo.is_some() && !style.templates.contains_key(&document.kind()) => {
            Error::Logo(problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; "))
        }
        error => error,
    }
}

fn export(room: &Room, paged: &PagedDocument, at: &Zoned) -> Result<Vec<u8>, Error> {
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
        .map_err(|e| Error::NotConformant(e.message().to_string()))?;
    let options = PdfOptions {
        creator: Smart::Custom(Some("Seloste".to_owned())),
        timestamp: civil(at).and_then(|time| Timestamp::new_local(time, at.offset().seconds() / 60)),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(paged, &options).map_err(|mistakes| {
        let told: Vec<_> = problems(room, &mistakes).iter().map(ToString::to_string).collect();
        Error::NotConformant(told.join("; "))
    })
}

fn problems(room: &Room, mistakes: &[SourceDiagnostic]) -> Vec<crate::Problem> {
    mistakes.iter().map(|mistake| room.problem(mistake)).collect()
}

fn civil(at: &Zoned) -> Option<Datetime> {
    let small = |n: i8| u8::try_from(n).ok();
    Datetime::from_ymd_hms(
        at.year().into(),
        small(at.month())?,
        small(at.day())?,
        small(at.hour())?,
        small(at.minute())?,
        small(at.second())?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_takes_too_long_is_left_behind_and_no_other_begun() {
        let (go, wait) = sync_channel::<()>(1);
        let soon = Duration::from_millis(50);
        let outcome = bounded(soon, move || {
            // Ends when the test says so.
            let _ = wait.recv();
            Err(Error::Internal)
        });
        assert_eq!(outcome, Err(Error::TooSlow { seconds: 0 }));
        assert_eq!(bounded(soon, || panic!("begun")), Err(Error::TooSlow { seconds: 0 }));
        go.send(()).unwrap();
        while LATE.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let pdf = Pdf { bytes: vec![1], pages: 1, replaced: Vec::new() };
        let made = pdf.clone();
        assert_eq!(bounded(Duration::from_secs(60), move || Ok(made)), Ok(pdf));
    }

    #[test]
    fn a_panic_is_an_error() {
        assert_eq!(bounded(Duration::from_secs(60), || panic!("no")), Err(Error::Internal));
    }
}
