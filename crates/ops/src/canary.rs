//! Canaries: fictional people who are planted, erased on schedule, and searched for byte by byte afterwards, so that it shows when
//! erasing leaves something behind (promise P16).

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use seloste_domain::draft::{DraftAddress, DraftText};
use seloste_domain::history::PartyChange;
use seloste_domain::id::{CanaryRunId, PersonId, SourceId};
use seloste_domain::kind::Kind;
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::canary as store;
pub use seloste_store::canary::{CanaryRun, Place};
use seloste_store::party::Noun;
use seloste_store::{Settings, StoreError, erasure, key_path};

use crate::erasure::files::{self, Search};
use crate::error::Result;
use crate::import::upload::private_folder;
use crate::register::Register;
use crate::values::{Origin, replace};

/// Canaries that live at the same time.
const FLOCK: i64 = 3;
/// A canary is erased when it has been in the register for so long: long enough to be in a backup.
pub const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Runs that a page shows at most.
const SHOWN: i64 = 50;
/// Where a backup is put back to be searched, in the data directory.
const RESTORED: &str = "restored-backup";
/// What the database is called there.
const DATABASE: &str = "seloste.db";
/// Who runs it by time.
pub const PROGRAM: Actor = Actor::Program("canary");

/// The newest runs, the last first, and how many canaries there are.
///
/// # Errors
/// The actor may not.
pub fn runs(register: &Register, actor: &Actor) -> Result<(Vec<CanaryRun>, i64)> {
    register.authorize(actor, Action::CanaryRun)?;
    Ok(register.db().look(|tx| Ok((store::runs(tx, SHOWN)?, store::count(tx)?)))?)
}

/// Erases the canaries that have lived for `life`, looks everywhere for what is left of them, notes what was found, and plants new
/// ones. Nothing happens when the clock has jumped.
///
/// # Errors
/// The actor may not, [`crate::erasure::ErasureRefused::Clock`], or something can not be read or written.
pub fn run(register: &Register, actor: &Actor, life: SignedDuration) -> Result<CanaryRun> {
    let usage = register.authorize(actor, Action::CanaryRun)?;
    crate::erasure::trust_clock(register, false)?;
    let (id, began_at) = (CanaryRunId(register.db().env().id()), register.now());
    let db = register.db();
    db.write_plain(move |plain| store::begin(&mut plain.tx(), id, began_at))?;
    let before = began_at.checked_sub(life).unwrap_or(began_at);
    let due = db.look(|tx| store::planted(tx, before))?;
    let words: Vec<String> = due.iter().flat_map(|(_, words)| words.clone()).collect();
    let backup = Backup::of(register, &words)?;
    let (mut erased, today) = (0, register.today());
    for (party, _) in due {
        let gone = db.write(&usage, move |w| erasure::repeat(w, party, false, today))?;
        erased += i64::from(gone);
    }
    crate::erasure::settle(register)?;
    db.scrub()?;
    let mut places = backup.map_or(Ok(Vec::new()), |backup| backup.put_back(register, &words))?;
    if !words.is_empty() {
        places.extend(search(register, &words)?);
    }
    let sum = |of: fn(&Place) -> u64| i64::try_from(places.iter().map(of).sum::<u64>()).unwrap_or(i64::MAX);
    let (searched, findings) = (sum(|place| place.bytes), sum(|place| place.findings));
    let run = CanaryRun { id, began_at, ended_at: Some(register.now()), erased, searched, findings, places };
    let ended = run.clone();
    db.write_plain(move |plain| store::end(&mut plain.tx(), &ended))?;
    if findings > 0 {
        tracing::error!(findings, "values of erased canaries were found: erasing leaves something behind");
    }
    for _ in db.look(store::count)?..FLOCK {
        plant(register, &usage)?;
    }
    Ok(run)
}

/// A backup from before the canaries were erased, beside the database, until it was put back and searched.
struct Backup(PathBuf);

impl Backup {
    /// Takes one, when there is somebody to look for and the database is a file. One that a crash left is gone first.
    fn of(register: &Register, words: &[String]) -> Result<Option<Self>> {
        let folder = register.db().settings().data.join(RESTORED);
        let failed = |error| files::unreadable(&folder, &error);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(failed)?;
        }
        if words.is_empty() || !matches!(register.db().settings().place, seloste_store::Place::Sqlite(_)) {
            return Ok(None);
        }
        private_folder(&folder)?;
        let backup = Self(folder.clone());
        register.db().back_up(&folder.join(DATABASE))?;
        Ok(Some(backup))
    }

    /// Opens it as an operator does who puts a backup back: with the register's key, and with the ledger that is beside the key now. Who
    /// was erased since has to be erased again before anything is shown; what is left then is searched for.
    fn put_back(self, register: &Register, words: &[String]) -> Result<Vec<Place>> {
        let (needles, used) = (Search::of(words), register.db().settings());
        let before: u64 = in_files(&self.0, &needles)?.iter().map(|place| place.findings).sum();
        if before == 0 {
            // Whoever finds nothing where something is proves nothing elsewhere.
            return Err(StoreError::Corrupt("a backup in which the canaries are not found".into()).into());
        }
        let key = key_path(&used.data, used.key.as_deref());
        let (linked, ledger) = (self.0.join("master.key"), used.ledger());
        let failed = |error| files::unreadable(&linked, &error);
        // A link, so that the key is on no other place of the disk.
        let key = std::path::absolute(key).map_err(failed)?;
        #[cfg(unix)]
        std::os::unix::fs::symlink(&key, &linked).map_err(failed)?;
        #[cfg(not(unix))]
        std::fs::copy(&key, &linked).map_err(failed)?;
        if ledger.exists() {
            std::fs::copy(&ledger, self.0.join("erased")).map_err(failed)?;
        }
        let settings = Settings { key: Some(linked.clone()), search: false, ..Settings::new(&self.0, None) };
        let restored = Register::open(settings, register.db().env().clone())?;
        restored.db().scrub()?;
        restored.close();
        let named = |place: Place| Place { place: format!("{RESTORED}/{}", place.place), ..place };
        Ok(in_files(&self.0, &needles)?.into_iter().map(named).collect())
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "a restored backup could not be removed");
        }
    }
}

/// Looks for words in every file of the data directory, save the key, and in every table that is not in one of them.
///
/// # Errors
/// Something can not be read.
pub fn search(register: &Register, words: &[String]) -> Result<Vec<Place>, StoreError> {
    let settings = register.db().settings();
    let needles = Search::of(words);
    let mut places = in_files(&settings.data, &needles)?;
    let mut tables: std::collections::BTreeMap<String, (u64, u64)> = std::collections::BTreeMap::new();
    register.db().dump(&mut |table, row| {
        let (bytes, findings) = tables.entry(table.to_owned()).or_default();
        *bytes += row.len() as u64;
        *findings += needles.count(row.as_bytes());
    })?;
    let tables = tables.into_iter();
    places.extend(tables.map(|(table, (bytes, findings))| Place { place: format!("table {table}"), bytes, findings }));
    Ok(places)
}

/// What files are searched for.
#[must_use]
pub fn needles(words: &[String]) -> Search {
    Search::of(words)
}

/// Looks for words in every file below a folder.
///
/// # Errors
/// A file can not be read.
pub fn in_files(folder: &Path, needles: &Search) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    for path in files::below(folder)? {
        let Some((bytes, findings)) = needles.in_file(&path)? else { continue };
        let place = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        places.push(Place { place, bytes, findings });
    }
    places.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(places)
}

/// Somebody who is nobody: names, addresses and numbers that no one else has.
fn plant(register: &Register, usage: &Use) -> Result<PersonId> {
    let (db, notice, today) = (register.db().clone(), register.notice()?, register.today());
    let word: String = hex::encode(db.env().bytes::<8>()).chars().map(letter).collect();
    let digits = u32::from_be_bytes(db.env().bytes::<4>()) % 10_000_000;
    let kinds = usage.kinds();
    let mut draft = PersonDraft { family: format!("Kanaria{word}"), given: "Kaarina".into(), ..PersonDraft::default() };
    if kinds.has(Kind::Email) {
        draft.emails = vec![DraftText::new(format!("{word}@canary.example.com"))];
    }
    if kinds.has(Kind::Telephone) {
        // 040 000 0000 and on: no operator gives these out.
        draft.telephones = vec![DraftText::new(format!("+358 40 0{:06}", digits % 1_000_000))];
    }
    if kinds.has(Kind::PostalAddress) {
        let street = format!("Lintukoto{word} 1");
        draft.addresses = vec![DraftAddress {
            street,
            postal_code: "00100".into(),
            town: "Helsinki".into(),
            ..DraftAddress::default()
        }];
    }
    let valid = draft.validate(kinds, today)?;
    let source: Option<SourceId> = notice.sources().first().map(|source| source.id.clone());
    let source = source.ok_or(StoreError::NotFound("source"))?;
    let id = PersonId(db.env().id());
    let origin = Origin::of(usage, &source);
    let mut change = PartyChange::default();
    replace(&mut change, &[], &valid.values, today, &origin, db.env());
    let canary = db.prepare(id.into(), Noun::Person, change)?;
    db.write(usage, move |w| store::plant(w, &canary))?;
    Ok(id)
}

/// A letter for a hexadecimal digit: a name has none.
fn letter(digit: char) -> char {
    char::from(b'a' + u8::try_from(digit.to_digit(16).unwrap_or(0)).unwrap_or(0))
}

/// Runs it again and again until `stopping` says so: for a thread beside the server.
pub fn run_by_time(register: &Register, every: std::time::Duration, stopping: impl Fn() -> bool) {
    let mut waited = std::time::Duration::ZERO;
    while !stopping() {
        if waited >= every {
            waited = std::time::Duration::ZERO;
            if let Err(error) = run(register, &PROGRAM, LIFE) {
                tracing::warn!(%error, "the canaries could not be looked after");
            }
        }
        let pause = std::time::Duration::from_millis(250);
        std::thread::sleep(pause);
        waited += pause;
    }
}
