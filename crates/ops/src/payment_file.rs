//! A bank's files of payments: looked at first, then taken in whole, and undone whole. A file that was sent from a page
//! waits in a folder of its own below the data directory, which only the program's account can read, until it is taken
//! in, its person takes it away, or a day has passed.

use std::fs::{self, File};
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::PaymentFileId;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::StoreError;
use seloste_store::payment_file::Named;
pub use seloste_store::payment_file::{PaymentFile, TakenIn, Tally};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{OpsError, Result};
use crate::import::upload::{private_file, private_folder};
use crate::payment::{PaymentRefused, told};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Bytes of a file at most.
pub const LARGEST: u64 = seloste_payments::limit::BYTES;
/// Files of one person that wait at the same time.
const MOST: usize = 10;
/// A file that nobody has taken in goes after so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Files that a list shows.
const SHOWN: i64 = 200;

/// A file that was sent and waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// Its id; it becomes no other one's.
    pub id: PaymentFileId,
    /// When it came.
    pub at: Timestamp,
    /// What the person calls it.
    pub name: String,
    by: String,
}

/// A file while it is being sent. Without [`Sending::finish`] nothing of it is kept.
#[derive(Debug)]
pub struct Sending {
    waiting: Waiting,
    dir: PathBuf,
    finished: bool,
}

impl Sending {
    /// The file to write to.
    ///
    /// # Errors
    /// It can not be made.
    pub fn file(&self) -> Result<File> {
        private_file(&self.dir.join("file"))
    }

    /// Keeps what was sent, if it is a file of payments to the actor's companies; its id.
    ///
    /// # Errors
    /// It is not ([`PaymentRefused::File`] tells where), or can not be kept.
    pub fn finish(mut self, register: &Register, actor: &Actor) -> Result<PaymentFileId> {
        let usage = register.authorize(actor, Action::PaymentImport)?;
        read(register, &usage, &self.dir.join("file"))?;
        let json = serde_json::to_vec(&self.waiting).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let path = self.dir.join("about.json");
        private_file(&path)?.write_all(&json).map_err(|error| unwritable(&path, &error))?;
        self.finished = true;
        Ok(self.waiting.id)
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.finished {
            discard(&self.dir);
        }
    }
}

/// Makes room for a file. The caller writes it and finishes.
///
/// # Errors
/// The actor may not, or too many of their files wait already.
pub fn begin(register: &Register, actor: &Actor, name: &str) -> Result<Sending> {
    register.authorize(actor, Action::PaymentImport)?;
    tidy(register);
    if waiting(register, actor)?.len() >= MOST {
        return Err(FieldErrors::from(FieldError::new("file", code::TOO_MANY).with("max", MOST)).into());
    }
    let id = PaymentFileId(register.db().env().id());
    let dir = folder(register, id);
    private_folder(&dir)?;
    let waiting = Waiting { id, at: register.now(), name: plain(name), by: actor.id().to_string() };
    Ok(Sending { waiting, dir, finished: false })
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The actor's own files that wait, the newest first.
///
/// # Errors
/// The actor may not.
pub fn waiting(register: &Register, actor: &Actor) -> Result<Vec<Waiting>> {
    register.authorize(actor, Action::PaymentImport)?;
    let by = actor.id().to_string();
    let mut own: Vec<Waiting> = all(register).into_iter().filter(|waiting| waiting.by == by).collect();
    own.sort_by_key(|waiting| std::cmp::Reverse(waiting.at));
    Ok(own)
}

fn own(register: &Register, actor: &Actor, id: PaymentFileId) -> Result<Waiting> {
    let found = waiting(register, actor)?.into_iter().find(|waiting| waiting.id == id);
    found.ok_or(OpsError::Store(StoreError::NotFound("payment_file")))
}

/// One of the actor's own files, and what taking it in would bring: it is taken in and put back.
///
/// # Errors
/// The actor may not, has sent no such file, or it can not be used any more.
pub fn look(register: &Register, actor: &Actor, id: PaymentFileId) -> Result<(Waiting, TakenIn)> {
    let waiting = own(register, actor, id)?;
    let brought = run(register, actor, (&folder(register, id).join("file"), &waiting.name), true)?;
    Ok((waiting, brought))
}

/// Takes one of the actor's own files in.
///
/// # Errors
/// The actor may not, has sent no such file, or it can not be used any more.
pub fn take_in(register: &Register, actor: &Actor, id: PaymentFileId) -> Result<TakenIn> {
    let waiting = own(register, actor, id)?;
    let brought = run(register, actor, (&folder(register, id).join("file"), &waiting.name), false)?;
    discard(&folder(register, id));
    Ok(brought)
}

/// Takes one of the actor's own files away.
///
/// # Errors
/// The actor may not, or has sent no such file.
pub fn remove(register: &Register, actor: &Actor, id: PaymentFileId) -> Result<()> {
    own(register, actor, id)?;
    discard(&folder(register, id));
    Ok(())
}

/// Takes in a file of this machine, or looks at it.
///
/// # Errors
/// The actor may not, or it can not be used.
pub fn import(register: &Register, actor: &Actor, path: &Path, dry_run: bool) -> Result<TakenIn> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    run(register, actor, (path, &plain(&name)), dry_run)
}

/// What a dry run ends with, so that all of it is put back.
#[derive(Debug, thiserror::Error)]
#[error("only looked at")]
struct OnlyLooked(Box<TakenIn>);

fn run(register: &Register, actor: &Actor, (path, name): (&Path, &str), dry_run: bool) -> Result<TakenIn> {
    let usage = register.authorize(actor, Action::PaymentImport)?;
    let (read, sha256) = read(register, &usage, path)?;
    let named = Named { name: name.to_owned(), sha256 };
    let taken = register.db().write(&usage, move |w| {
        let taken = seloste_store::payment_file::take_in(w, &named, &read.payments, read.passed_over)?;
        if dry_run { Err(StoreError::Refused(Box::new(OnlyLooked(Box::new(taken))))) } else { Ok(taken) }
    });
    match taken.map_err(told) {
        Err(StoreError::Refused(inner)) if dry_run => match inner.downcast::<OnlyLooked>() {
            Ok(looked) => Ok(TakenIn { file: None, ..*looked.0 }),
            Err(other) => Err(OpsError::from_store(StoreError::Refused(other))),
        },
        Ok(taken) => {
            crate::payment::forget_due(register)?;
            Ok(taken)
        }
        Err(error) => Err(OpsError::from_store(error)),
    }
}

/// Reads a file as it streams, and the hash of its content.
fn read(register: &Register, usage: &Use, path: &Path) -> Result<(seloste_payments::PaymentFile, String)> {
    let companies = usage.scope().companies().to_vec();
    let accounts = register.db().look(|tx| seloste_store::payment::accounts(tx, &companies))?;
    let accounts: Vec<_> = accounts.into_iter().map(|(account, _)| account).collect();
    if accounts.is_empty() {
        return Err(PaymentRefused::NoAccount.into());
    }
    let open = || File::open(path).map_err(|error| unwritable(path, &error));
    let read = seloste_payments::read(BufReader::new(open()?), &accounts).map_err(PaymentRefused::from)?;
    let (mut hash, mut file, mut chunk) = (Sha256::new(), open()?, [0; 64 * 1024]);
    loop {
        match file.read(&mut chunk).map_err(|error| unwritable(path, &error))? {
            0 => break,
            size => hash.update(chunk.get(..size).unwrap_or_default()),
        }
    }
    Ok((read, hex::encode(hash.finalize())))
}

/// The files that were taken in, the newest first.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<PaymentFile>> {
    let usage = register.authorize(actor, Action::PaymentList)?;
    Ok(register.db().read(&usage, |r| seloste_store::payment_file::page(r, SHOWN))?)
}

/// One file that was taken in.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: PaymentFileId) -> Result<PaymentFile> {
    let usage = register.authorize(actor, Action::PaymentList)?;
    let shown = register.db().read(&usage, |r| seloste_store::payment_file::get(r, id));
    not_found_is_logged(register, actor, Action::PaymentList, &format!("payment_file:{id}"), shown)
}

/// Undoes a whole file: its payments go, and what they paid is open again.
///
/// # Errors
/// The actor may not, it was undone already, or something came after it that depends on it.
pub fn undo(register: &Register, actor: &Actor, id: PaymentFileId) -> Result<PaymentFile> {
    let usage = register.authorize(actor, Action::PaymentUndo)?;
    let undone = register.db().write(&usage, move |w| seloste_store::payment_file::undo(w, id)).map_err(told);
    not_found_is_logged(register, actor, Action::PaymentUndo, &format!("payment_file:{id}"), undone)
}

fn tidy(register: &Register) {
    let now = register.now();
    for waiting in all(register) {
        if now.duration_since(waiting.at) > KEPT {
            discard(&folder(register, waiting.id));
        }
    }
}

fn all(register: &Register) -> Vec<Waiting> {
    let entries = fs::read_dir(files(register)).into_iter().flatten().flatten();
    entries.filter_map(|entry| serde_json::from_slice(&fs::read(entry.path().join("about.json")).ok()?).ok()).collect()
}

fn files(register: &Register) -> PathBuf {
    register.db().settings().data.join("payment-files")
}

fn folder(register: &Register, id: PaymentFileId) -> PathBuf {
    files(register).join(id.to_string())
}

fn discard(dir: &Path) {
    if let Err(error) = fs::remove_dir_all(dir) {
        tracing::warn!(%error, "a file of payments could not be taken away");
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::File { path: path.to_owned(), why: error.to_string() }
}
