//! The erasure ledger: a file beside the key file, outside of what is backed up, that names everybody who was erased. A database
//! that was put back from a backup has some of them again: they are erased anew before it opens. It holds ids, no value.
//!
//! A line is `REGISTER PARTY WHY AT MARK`: `WHY` is `request` or `other`, `AT` seconds since 1970, `MARK` the keyed hash of
//! what stands before it. A line without a right mark is not one: whoever can write the file but has no key erases nobody.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use seloste_domain::id::PartyId;

use crate::db::{Db, Settings};
use crate::error::{Result, StoreError};
use crate::keys::{Keys, key_path};
use crate::log;
use crate::sql::{Tx, params};

/// What the file is called.
const NAME: &str = "erased";

/// Somebody whom the ledger names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub party: PartyId,
    /// Whether they asked for it.
    pub at_request: bool,
}

impl Settings {
    /// The erasure ledger: beside the key file. A key that comes as a credential of systemd is in memory; then it is in the data
    /// directory.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        let key = key_path(&self.data, self.key.as_deref());
        let is_credential = std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|dir| key.starts_with(dir));
        match key.parent().filter(|dir| !is_credential && !dir.as_os_str().is_empty()) {
            Some(dir) => dir.join(NAME),
            None => self.data.join(NAME),
        }
    }
}

/// Appends entries, durably; how long the file is then. A line that a power cut left unfinished is cut off first.
///
/// # Errors
/// The file can not be written.
pub fn append(db: &Db, entries: &[Entry]) -> Result<u64> {
    let path = db.settings().ledger();
    let now = db.env().now();
    write(&path, db.keys(), entries, now).map_err(|e| StoreError::file(&path, &e))
}

fn write(path: &Path, keys: &Keys, entries: &[Entry], now: Timestamp) -> std::io::Result<u64> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.lock()?;
    cut_torn_line(&mut file)?;
    let mut text = String::new();
    for entry in entries {
        let why = if entry.at_request { "request" } else { "other" };
        let line = format!("{} {} {why} {}", keys.register(), entry.party, now.as_second());
        text.push_str(&format!("{line} {}\n", keys.ledger_mark(&line)));
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    if let Some(dir) = path.parent() {
        // The name of a new file is in the directory.
        File::open(dir).and_then(|dir| dir.sync_all())?;
    }
    file.seek(SeekFrom::End(0))
}

fn cut_torn_line(file: &mut File) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < bytes.len() { file.set_len(whole as u64) } else { Ok(()) }
}

/// How the ledger and the database stand to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Those whom the ledger names and the database does not know to be named: it was put back, or the program ended before
    /// it could note it.
    pub entries: Vec<Entry>,
    /// How long the file is.
    pub bytes: u64,
    /// How much of it the database knows of, when the file is shorter: somebody took it away.
    pub missing: Option<u64>,
    /// Lines that were not written with this key.
    pub unreadable: u64,
    /// Whether the file is longer than the database knows.
    pub more: bool,
}

impl Behind {
    /// Whether the two differ at all.
    #[must_use]
    pub const fn is_anything(&self) -> bool {
        !self.entries.is_empty() || self.unreadable > 0 || self.missing.is_some() || self.more
    }
}

/// What the ledger has and the database lacks.
///
/// # Errors
/// The file is there and can not be read.
pub fn behind(db: &Db) -> Result<Behind> {
    let path = db.settings().ledger();
    let known = db.look(known)?;
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(StoreError::file(&path, &error)),
    };
    let length = bytes.len() as u64;
    let mut found =
        Behind { bytes: length, missing: (known > length).then_some(known), more: length > known, ..Behind::default() };
    let from = usize::try_from(known).unwrap_or(usize::MAX);
    for line in String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).lines() {
        match read(db.keys(), line) {
            Some(entry) => found.entries.extend(entry),
            None => found.unreadable += 1,
        }
    }
    Ok(found)
}

/// Writes a ledger anew that somebody took away or shortened, from the log, which names everybody who was erased; how many.
///
/// # Errors
/// The log can not be read, or the file not be written.
pub fn rebuild(db: &Db) -> Result<u64> {
    let (mut at, mut count) = (0, 0);
    loop {
        let blocks = db.look(|tx| log::blocks(tx, at, 256))?;
        let Some(last) = blocks.last() else { return Ok(count) };
        at = last.first_seq + last.count;
        let mut entries = Vec::new();
        for block in &blocks {
            let erased = log::parse(block)?.into_iter().filter(|event| event.action == "person.erase");
            let subjects = erased.flat_map(|event| event.subjects);
            entries.extend(subjects.map(|id| Entry { party: PartyId(id), at_request: false }));
        }
        count += entries.len() as u64;
        append(db, &entries)?;
    }
}

/// The entry of a line, nothing when it is another register's; none when it is no line of a ledger.
fn read(keys: &Keys, line: &str) -> Option<Option<Entry>> {
    let (said, mark) = line.rsplit_once(' ')?;
    let mut words = said.split(' ');
    let (register, party, why) = (words.next()?, words.next()?, words.next()?);
    if register.parse::<uuid::Uuid>().ok()? != keys.register().0 {
        return Some(None);
    }
    (keys.ledger_mark(said) == mark).then_some(())?;
    Some(Some(Entry { party: party.parse().ok()?, at_request: why == "request" }))
}

fn known(tx: &mut Tx<'_>) -> Result<u64> {
    let bytes = tx.query_opt("SELECT bytes FROM erasure_ledger WHERE register_id = ?1", params![], |row| row.int(0))?;
    Ok(bytes.unwrap_or(0).cast_unsigned())
}
