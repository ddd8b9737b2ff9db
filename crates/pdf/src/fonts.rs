//! The fonts: those in the program, and those of a folder.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

use crate::error::Error;

macro_rules! built_in {
    ($($file:literal),* $(,)?) => { [$(include_bytes!(concat!("../fonts/", $file)).as_slice()),*] };
}

/// The files of `fonts/`, the text face first.
const BUILT_IN: [&[u8]; 30] = built_in![
    "Inter-Regular.otf",
    "Inter-SemiBold.otf",
    "NotoSans-Regular.ttf",
    "NotoSansAdlam-Regular.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansArmenian-Regular.ttf",
    "NotoSansBengali-Regular.ttf",
    "NotoSansCanadianAboriginal-Regular.ttf",
    "NotoSansCherokee-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansEthiopic-Regular.ttf",
    "NotoSansGeorgian-Regular.ttf",
    "NotoSansGujarati-Regular.ttf",
    "NotoSansGurmukhi-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansKannada-Regular.ttf",
    "NotoSansKhmer-Regular.ttf",
    "NotoSansLao-Regular.ttf",
    "NotoSansMalayalam-Regular.ttf",
    "NotoSansMyanmar-Regular.ttf",
    "NotoSansNKo-Regular.ttf",
    "NotoSansOriya-Regular.ttf",
    "NotoSansSinhala-Regular.ttf",
    "NotoSansSyriac-Regular.ttf",
    "NotoSansTamil-Regular.ttf",
    "NotoSansTelugu-Regular.ttf",
    "NotoSansThaana-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansTifinagh-Regular.ttf",
    "DroidSansFallback.ttf",
];

/// Most files that are taken from a folder.
const MAX_FILES: usize = 200;
/// Most bytes of a font file.
const MAX_BYTES: u64 = 64 << 20;

/// Fonts to set documents in. Cheap to clone.
#[derive(Clone)]
pub struct Fonts(Arc<Shelf>);

struct Shelf {
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
    /// A bit for each character that some font has.
    covered: Vec<u64>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fonts({})", self.0.fonts.len())
    }
}

impl Fonts {
    /// The fonts in the program. They are read once.
    #[must_use]
    pub fn built_in() -> Self {
        static FONTS: OnceLock<Fonts> = OnceLock::new();
        FONTS
            .get_or_init(|| Self::of(BUILT_IN.into_iter().flat_map(|bytes| Font::iter(Bytes::new(bytes))).collect()))
            .clone()
    }

    /// The fonts in the program and those of a folder (`.ttf`, `.otf`, `.ttc`, `.otc`), in the order of their names.
    /// They serve characters that ours do not have, and templates that name them.
    ///
    /// # Errors
    ///
    /// [`Error::Fonts`] where the folder or a file can not be read or is no font, [`Error::TooMuch`] where there are
    /// more than 200 files or one is larger than 64 MB.
    pub fn with_folder(folder: &Path) -> Result<Self, Error> {
        let mut files = Vec::new();
        for entry in folder.read_dir().map_err(|e| Error::fonts(folder, e))? {
            let path = entry.map_err(|e| Error::fonts(folder, e))?.path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
            if ["ttf", "otf", "ttc", "otc"].contains(&ending.as_str()) {
                files.push(path);
            }
        }
        if files.len() > MAX_FILES {
            return Err(Error::TooMuch { what: "font files", limit: MAX_FILES });
        }
        files.sort();
        let mut fonts = Self::built_in().0.fonts.clone();
        for file in files {
            fonts.extend(read(&file)?);
        }
        Ok(Self::of(fonts))
    }

    fn of(fonts: Vec<Font>) -> Self {
        let mut covered = vec![0; 0x11_0000 / 64];
        for c in fonts.iter().flat_map(|font| font.info().coverage.iter()) {
            if let Some(bits) = covered.get_mut(c as usize / 64) {
                *bits |= 1 << (c % 64);
            }
        }
        Self(Arc::new(Shelf { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts, covered }))
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.0.book
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        self.0.fonts.get(index).cloned()
    }

    /// Whether some font has the character.
    pub(crate) fn cover(&self, c: char) -> bool {
        let c = u32::from(c);
        self.0.covered.get(c as usize / 64).is_some_and(|bits| bits & (1 << (c % 64)) != 0)
    }
}

fn read(file: &Path) -> Result<Vec<Font>, Error> {
    let size = file.metadata().map_err(|e| Error::fonts(file, e))?.len();
    if size > MAX_BYTES {
        return Err(Error::TooMuch { what: "bytes of a font file", limit: MAX_BYTES as usize });
    }
    let bytes = std::fs::read(file).map_err(|e| Error::fonts(file, e))?;
    let fonts: Vec<Font> = Font::iter(Bytes::new(bytes)).collect();
    if fonts.is_empty() {
        return Err(Error::fonts(file, "this is not a font"));
    }
    Ok(fonts)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_files_are_those_that_were_taken_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts");
        let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
        let listed: Vec<_> = sums.lines().map(|line| line.split_once("  ").unwrap()).collect();
        for (sum, name) in &listed {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            assert_eq!(hex::encode(Sha256::digest(&bytes)), *sum, "{name}");
            assert!(BUILT_IN.contains(&bytes.as_slice()), "{name} is not in the program");
        }
        assert_eq!(listed.len(), BUILT_IN.len());
        assert!(BUILT_IN.iter().map(|bytes| bytes.len()).sum::<usize>() < 9_000_000);
    }

    #[test]
    fn all_are_read() {
        let fonts = Fonts::built_in();
        assert_eq!(fonts.0.fonts.len(), BUILT_IN.len());
        assert!("Äö€−□✓Ж龍한あ".chars().all(|c| fonts.cover(c)));
        assert!(!fonts.cover('😀'));
    }

    #[test]
    fn a_folder_adds_to_them() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("readme.txt"), "no font").unwrap();
        assert_eq!(Fonts::with_folder(folder.path()).unwrap().0.fonts.len(), BUILT_IN.len());
        std::fs::write(folder.path().join("a.ttf"), BUILT_IN[2]).unwrap();
        assert_eq!(Fonts::with_folder(folder.path()).unwrap().0.fonts.len(), BUILT_IN.len() + 1);
        std::fs::write(folder.path().join("b.otf"), "no font").unwrap();
        assert!(matches!(Fonts::with_folder(folder.path()), Err(Error::Fonts { path, .. }) if path.ends_with("b.otf")));
        assert!(Fonts::with_folder(&folder.path().join("missing")).is_err());
    }
}
