//! Files in the data directory that name a person: what waits to be imported or to leave, and what feeds refused. A file is searched
//! byte by byte for what names nobody else: e-mail addresses, telephone numbers, customer numbers, whole names.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use seloste_domain::id::PersonId;
use seloste_domain::usage::Use;
use seloste_domain::value::Value;
use seloste_store::StoreError;

use crate::error::Result;
use crate::register::Register;

/// Folders whose files are searched.
const FOLDERS: [&str; 4] = ["uploads", "feeds", "exports", "outbox"];
/// What is shorter names nobody.
const SHORTEST: usize = 6;
/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;

/// The files that name a person, by their paths in the data directory.
pub(crate) fn naming(register: &Register, usage: &Use, person: PersonId) -> Result<Vec<String>> {
    let words = register.db().read(usage, |r| {
        let found = seloste_store::person::get(r, person)?;
        Ok(words(found.values.iter().map(|stored| &stored.value)))
    })?;
    Ok(holding(&register.db().settings().data, &Search::of(&words))?)
}

/// What names the person and nobody else.
fn words<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for value in values {
        match value {
            Value::Email(email) => words.push(email.address.clone()),
            Value::Telephone(telephone) => {
                let digits: String = telephone.number.chars().filter(char::is_ascii_digit).collect();
                words.extend([telephone.number.clone(), telephone.display(), telephone.national_digits(), digits]);
            }
            Value::CustomerNumber(number) => words.push(number.clone()),
            Value::Name(name) if !name.given.is_empty() && !name.family.is_empty() => {
                for between in [" ", ", ", ";", ",", "\t"] {
                    words.push(format!("{}{between}{}", name.given, name.family));
                    words.push(format!("{}{between}{}", name.family, name.given));
                }
            }
            _ => {}
        }
    }
    words
}

/// What files are searched for: words in UTF-8, ISO 8859-1 and UTF-16, whatever the case of their ASCII letters.
#[derive(Clone, Debug)]
pub struct Search(Vec<Vec<u8>>);

impl Search {
    /// Words of at least six bytes: shorter ones name nobody.
    #[must_use]
    pub fn of(words: &[String]) -> Self {
        let mut needles = Vec::new();
        for word in words.iter().filter(|word| word.len() >= SHORTEST) {
            let word = word.to_ascii_lowercase();
            needles.push(word.chars().flat_map(|c| u16::try_from(u32::from(c)).unwrap_or(63).to_le_bytes()).collect());
            needles.push(word.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect());
            needles.push(word.into_bytes());
        }
        needles.sort_unstable();
        needles.dedup();
        Self(needles)
    }

    /// How many of the words' forms some bytes hold, each once.
    #[must_use]
    pub fn count(&self, bytes: &[u8]) -> u64 {
        let lower = bytes.to_ascii_lowercase();
        self.0.iter().filter(|needle| contains(&lower, needle)).count() as u64
    }

    /// How long a file is, and how many of the words' forms it holds, each once; none: it is gone.
    ///
    /// # Errors
    /// It can not be read.
    pub fn in_file(&self, path: &Path) -> Result<Option<(u64, u64)>, StoreError> {
        self.read(path).map_err(|error| unreadable(path, &error))
    }

    fn read(&self, path: &Path) -> std::io::Result<Option<(u64, u64)>> {
        let mut file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let longest = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let mut window = Vec::with_capacity(PIECE + longest);
        let (mut bytes, mut left) = (0, self.0.iter().collect::<Vec<_>>());
        loop {
            let before = window.len();
            let read = file.by_ref().take(PIECE as u64).read_to_end(&mut window)?;
            if read == 0 {
                return Ok(Some((bytes, (self.0.len() - left.len()) as u64)));
            }
            bytes += read as u64;
            if let Some(new) = window.get_mut(before..) {
                new.make_ascii_lowercase();
            }
            left.retain(|needle| !contains(&window, needle));
            // A word may lie across two pieces.
            window.drain(..window.len().saturating_sub(longest));
        }
    }
}

/// The files below the searched folders that hold one of the words.
fn holding(data: &Path, search: &Search) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for path in below(&data.join(folder))? {
            let named = search.in_file(&path)?.is_some_and(|(_, findings)| findings > 0);
            if named && let Ok(inside) = path.strip_prefix(data) {
                found.push(inside.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::File { path: path.to_owned(), why: error.to_string() }
}

/// The files below a folder. A link leads out of it and is not followed.
pub(crate) fn below(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = waiting.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(&folder, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => waiting.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    Ok(found)
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return false };
    let mut at = 0;
    while let Some(place) = bytes.get(at..).and_then(|part| part.iter().position(|byte| byte == first)) {
        let from = at + place + 1;
        if bytes.get(from..from + rest.len()) == Some(rest) {
            return true;
        }
        at = from;
    }
    false
}

/// Removes a file of the data directory; one that is gone already is no error.
pub(super) fn remove(data: &Path, path: &str) -> Result<(), StoreError> {
    let inside = Path::new(path);
    // The list is our own; a path that leads out of the data directory is none of it.
    if inside.components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
        return Err(StoreError::Corrupt("a path outside of the data directory".into()));
    }
    match fs::remove_file(data.join(inside)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unreadable(&data.join(inside), &error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_any_form_and_across_pieces() {
        let dir = tempfile::tempdir().unwrap();
        let search = Search::of(&["Öhman@Example.com".to_owned(), "x".to_owned()]);
        let path = dir.path().join("file");
        let find = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            search.in_file(&path).unwrap().unwrap()
        };
        assert_eq!(find("a;Öhman@EXAMPLE.com;b".as_bytes()).1, 1);
        assert_eq!(find(b"\xd6hman@example.COM").1, 1);
        let wide: Vec<u8> = "Öhman@example.com".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(find(&wide).1, 1);
        let mut long = vec![b'.'; PIECE - 5];
        long.extend("Öhman@example.com".as_bytes());
        assert_eq!(find(&long), (long.len() as u64, 1));
        assert_eq!(find(b"ohman@example.com and x").1, 0);
        assert_eq!(search.in_file(&dir.path().join("gone")).unwrap(), None);
    }

    #[test]
    fn nothing_outside_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["../x", "/etc/passwd", "uploads/../../x"] {
            assert!(remove(dir.path(), path).is_err(), "{path}");
        }
        assert!(remove(dir.path(), "outbox/gone.eml").is_ok());
    }
}
