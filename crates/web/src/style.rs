//! How a company's documents look: read once at start from a folder that the company keeps.
//!
//! ```text
//! style/style.toml            accent, logo, footer, window, sizes: of every company
//! style/letter.typ            a template of the company's own, in place of ours
//! style/COMPANY/style.toml    the same for one company of the group
//! style/fonts/                more fonts
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seloste_domain::id::CompanyId;
use seloste_pdf::{Colour, Fonts, Kind, Logo, LogoFormat, Sizes, Style, Window};
use serde::Deserialize;

/// Largest file that is read from the folder, in bytes.
const LARGEST: u64 = 4 << 20;

/// Why the folder can not be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct StyleError {
    /// The file or the folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

/// The looks of a register's documents.
#[derive(Clone)]
pub struct Styles {
    common: Style,
    companies: BTreeMap<CompanyId, Style>,
    fonts: Fonts,
}

impl Default for Styles {
    fn default() -> Self {
        Self { common: Style::default(), companies: BTreeMap::new(), fonts: Fonts::built_in() }
    }
}

/// `style.toml`. What is not said is as it is elsewhere.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    accent: Option<String>,
    logo: Option<PathBuf>,
    logo_text: Option<String>,
    footer: Option<Vec<Vec<String>>>,
    window: Option<WindowFile>,
    sizes: Option<SizesFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowFile {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SizesFile {
    text: f64,
    small: f64,
    heading: f64,
    title: f64,
}

impl Styles {
    /// Reads the folder; one that is not there says nothing.
    ///
    /// # Errors
    /// A file can not be read or says something that can not be.
    pub fn read(folder: &Path) -> Result<Self, StyleError> {
        let mut styles = Self { common: one(folder, &Style::default())?, ..Self::default() };
        let fonts = folder.join("fonts");
        if fonts.is_dir() {
            styles.fonts = Fonts::with_folder(&fonts).map_err(|error| wrong(&fonts, error))?;
        }
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(styles) };
        for entry in entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir()) {
            let company = entry.file_name().to_str().and_then(|name| name.parse::<CompanyId>().ok());
            if let Some(company) = company.filter(|company| company.as_str() != "fonts") {
                styles.companies.insert(company, one(&entry.path(), &styles.common)?);
            }
        }
        Ok(styles)
    }

    /// The look of a company's documents.
    pub(crate) fn of(&self, company: Option<&CompanyId>) -> Style {
        company.and_then(|company| self.companies.get(company)).unwrap_or(&self.common).clone()
    }

    pub(crate) const fn fonts(&self) -> &Fonts {
        &self.fonts
    }
}

fn wrong(path: &Path, why: impl ToString) -> StyleError {
    StyleError { path: path.to_owned(), why: why.to_string() }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StyleError> {
    let length = match std::fs::metadata(path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(path, error)),
    };
    if length > LARGEST {
        return Err(wrong(path, format!("{length} bytes are more than {LARGEST}")));
    }
    std::fs::read(path).map(Some).map_err(|error| wrong(path, error))
}

fn one(folder: &Path, common: &Style) -> Result<Style, StyleError> {
    let mut style = common.clone();
    let path = folder.join("style.toml");
    if let Some(bytes) = read(&path)? {
        let text = String::from_utf8(bytes).map_err(|error| wrong(&path, error))?;
        let file: File = toml::from_str(&text).map_err(|error| wrong(&path, error))?;
        if let Some(accent) = &file.accent {
            style.accent = colour(accent).ok_or_else(|| wrong(&path, "accent: not a colour like #1f4e5f"))?;
        }
        if let Some(logo) = &file.logo {
            style.logo = Some(logo_of(folder, logo, file.logo_text.as_deref())?);
        }
        if let Some(WindowFile { left, top, width, height }) = file.window {
            style.window = Window { left, top, width, height };
        }
        if let Some(SizesFile { text, small, heading, title }) = file.sizes {
            style.sizes = Sizes { text, small, heading, title };
        }
        style.footer = file.footer.unwrap_or(style.footer);
    }
    for kind in Kind::ALL {
        let path = folder.join(format!("{}.typ", kind.as_str()));
        if let Some(source) = read(&path)? {
            style.templates.insert(kind, String::from_utf8(source).map_err(|error| wrong(&path, error))?);
        }
    }
    Ok(style)
}

fn logo_of(folder: &Path, name: &Path, text: Option<&str>) -> Result<Logo, StyleError> {
    let path = folder.join(name);
    // A logo lies in the folder itself: a path out of it would be a way to put any file into a letter.
    if name.components().count() != 1 || name.file_name().is_none() {
        return Err(wrong(&path, "logo: a file name in this folder"));
    }
    let format = match name.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => LogoFormat::Svg,
        Some("png") => LogoFormat::Png,
        _ => return Err(wrong(&path, "logo: .svg or .png")),
    };
    let text = text.filter(|text| !text.trim().is_empty());
    let alternative_text = text.ok_or_else(|| wrong(&path, "logo_text: what is read out in its place"))?.to_owned();
    let bytes = read(&path)?.ok_or_else(|| wrong(&path, "not found"))?;
    Ok(Logo { format, bytes, alternative_text })
}

fn colour(text: &str) -> Option<Colour> {
    let bytes = hex::decode(text.strip_prefix('#')?).ok()?;
    let [red, green, blue] = bytes.try_into().ok()?;
    Some(Colour { red, green, blue })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_how_documents_look() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Styles::read(&dir.path().join("none")).is_ok());
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        std::fs::create_dir(dir.path().join("palvelut")).unwrap();
        write("style.toml", "accent = \"#102030\"\nlogo = \"logo.svg\"\nlogo_text = \"Arjasmaa\"\nfooter = [[\"A\"]]");
        write("logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>");
        write("palvelut/style.toml", "window = { left = 20, top = 40, width = 80, height = 30 }");
        write("palvelut/letter.typ", "= Oma");
        let styles = Styles::read(dir.path()).unwrap();
        let own = styles.of(Some(&"palvelut".parse().unwrap()));
        assert_eq!((own.accent.blue, own.window.left, own.footer.len()), (0x30, 20.0, 1));
        assert_eq!((own.templates.len(), styles.of(None).templates.len()), (1, 0));
        for wrong in [
            "accent = \"red\"",
            "colour = 1",
            "logo = \"../secret.svg\"\nlogo_text = \"a\"",
            "logo = \"logo.gif\"\nlogo_text = \"a\"",
            "logo = \"logo.svg\"",
            "logo = \"none.png\"\nlogo_text = \"a\"",
        ] {
            write("style.toml", wrong);
            assert!(Styles::read(dir.path()).is_err(), "{wrong}");
        }
    }
}
