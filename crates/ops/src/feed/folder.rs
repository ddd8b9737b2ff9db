//! Reading a folder: its files, each as a whole, the oldest first. What was read is moved to `done` or `failed` beside it;
//! where nothing can be moved, it is remembered by its content.

use std::fs::{self, File, Metadata};
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use seloste_domain::feed::{Trouble, is_passed_over};

use super::allowed_folder;
use super::intake::{Intake, Reading};
use super::runner::Outcome;
use crate::error::Result;
use crate::import::upload::LARGEST;

/// Names in a folder that are looked at.
const MOST_NAMES: usize = 10_000;
/// Files of one reading; the others are read next time.
const MOST_FILES: usize = 50;

/// A file as it was seen.
#[derive(Clone, PartialEq, Eq)]
struct Seen {
    path: PathBuf,
    size: u64,
    changed: Option<SystemTime>,
    identity: (u64, u64),
}

impl Seen {
    /// A file itself, not what a link leads to.
    fn of(path: &Path) -> Option<Self> {
        let meta = fs::symlink_metadata(path).ok()?;
        meta.is_file().then(|| Self::by(path, &meta))
    }

    fn by(path: &Path, meta: &Metadata) -> Self {
        Self { path: path.to_owned(), size: meta.len(), changed: meta.modified().ok(), identity: identity(meta) }
    }
}

#[cfg(unix)]
fn identity(meta: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (meta.dev(), meta.ino())
}

#[cfg(not(unix))]
const fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

pub(super) fn read(reading: &Reading<'_>) -> Result<Outcome> {
    let path = Path::new(&reading.feed.address);
    let Some(folder) = allowed_folder(reading.feeding, path) else {
        let trouble = if path.is_dir() { Trouble::NotAllowed } else { Trouble::Missing };
        return Ok(Outcome::failed(trouble));
    };
    let Ok(before) = files(&folder) else { return Ok(Outcome::failed(Trouble::Unreadable)) };
    if before.is_empty() {
        return Ok(Outcome::Nothing);
    }
    reading.wait(reading.feeding.settle);
    let mut outcome = Outcome::Nothing;
    let still = before.into_iter().filter(|seen| Seen::of(&seen.path).as_ref() == Some(seen));
    for (place, seen) in still.enumerate() {
        if reading.is_stopping() {
            return Ok(Outcome::Lost);
        }
        if place >= MOST_FILES {
            return Ok(outcome.or(Outcome::More));
        }
        if !reading.renew()? {
            return Ok(Outcome::Lost);
        }
        match one(reading, &folder, &seen)? {
            Outcome::Lost => return Ok(Outcome::Lost),
            other => outcome = outcome.or(other),
        }
    }
    Ok(outcome)
}

/// The files of a folder, the oldest first.
fn files(folder: &Path) -> std::io::Result<Vec<Seen>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.take(MOST_NAMES) {
        let entry = entry?;
        // A name that is no text can not be told to anybody.
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if !is_passed_over(&name) {
            found.extend(Seen::of(&entry.path()));
        }
    }
    found.sort_by(|a, b| a.changed.cmp(&b.changed).then_with(|| a.path.cmp(&b.path)));
    Ok(found)
}

fn one(reading: &Reading<'_>, folder: &Path, seen: &Seen) -> Result<Outcome> {
    let name = seen.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if seen.size > LARGEST {
        reading.failed(Trouble::TooLarge, Some(name), Vec::new())?;
        set_aside(folder, &seen.path, "failed");
        return Ok(Outcome::failed_file(Trouble::TooLarge));
    }
    let (mut staged, unchanged) = match reading.stage(&name, |sink| copy(seen, sink)) {
        Ok(staged) => staged,
        Err(_) if reading.is_stopping() => return Ok(Outcome::Lost),
        Err(trouble) => return Ok(Outcome::failed(trouble)),
    };
    if !unchanged {
        // Somebody is still writing it: it is read next time.
        return Ok(Outcome::Nothing);
    }
    match reading.seen(&staged.hash)? {
        Some(true) => {
            set_aside(folder, &seen.path, "done");
            return Ok(Outcome::Nothing);
        }
        Some(false) => {
            set_aside(folder, &seen.path, "failed");
            return Ok(Outcome::Nothing);
        }
        None => {}
    }
    match reading.take_in(&mut staged, Vec::new())? {
        Intake::Imported => {
            set_aside(folder, &seen.path, "done");
            Ok(Outcome::Imported)
        }
        Intake::Refused(trouble) => {
            set_aside(folder, &seen.path, "failed");
            Ok(Outcome::failed_file(trouble))
        }
        Intake::NotNow(trouble) => Ok(Outcome::failed(trouble)),
        Intake::Lost => Ok(Outcome::Lost),
    }
}

/// Copies a file that is still the one that was seen; false when it is not, or changed meanwhile.
fn copy(seen: &Seen, sink: &mut dyn Write) -> Result<bool, Trouble> {
    let mut file = File::open(&seen.path).map_err(|_| Trouble::Unreadable)?;
    let same = |file: &File| file.metadata().is_ok_and(|meta| meta.is_file() && Seen::by(&seen.path, &meta) == *seen);
    // What was opened is what was seen, and not what a link put in its place leads to.
    if !same(&file) {
        return Ok(false);
    }
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut read = 0_u64;
    loop {
        let count = file.read(&mut buffer).map_err(|_| Trouble::Unreadable)?;
        if count == 0 {
            break;
        }
        read += count as u64;
        if read > seen.size {
            return Ok(false);
        }
        sink.write_all(buffer.get(..count).unwrap_or_default()).map_err(|_| Trouble::Disk)?;
    }
    Ok(read == seen.size && same(&file) && Seen::of(&seen.path).as_ref() == Some(seen))
}

/// Moves a file to a folder beside it, under a name that is free there. Where that can not be done it stays, and is known
/// again by its content.
fn set_aside(folder: &Path, file: &Path, to: &str) {
    let target = folder.join(to);
    let _ = fs::create_dir(&target);
    // A link in its place could lead out of the folder.
    if !fs::symlink_metadata(&target).is_ok_and(|meta| meta.is_dir()) {
        return;
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem.to_owned(), format!(".{ending}")),
        _ => (name.clone(), String::new()),
    };
    let names = (1..1_000).map(|n| if n == 1 { name.clone() } else { format!("{stem}-{n}{ending}") });
    for name in names {
        let path = target.join(name);
        if fs::symlink_metadata(&path).is_err() {
            if let Err(error) = fs::rename(file, &path) {
                tracing::info!(%error, "a file of a feed could not be moved; it is known again by its content");
            }
            return;
        }
    }
}
