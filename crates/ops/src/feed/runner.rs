//! Reading what is due. A feed is taken by lease, read, and given back: one that a runner does not come back from is left
//! to the next, which undoes what was half done and reads it again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use seloste_domain::feed::{Feed, FeedRun, Place, Trouble, next_reading};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Refused};
use seloste_store::StoreError;
use seloste_store::feed::{self as store, Ending, Taken};

use super::intake::{LEASE, Reading, failed_run};
use super::{Feeding, folder, home_of, http, organisations};
use crate::error::{OpsError, Result};
use crate::register::Register;

/// How often a runner looks for what is due.
const ROUND: Duration = Duration::from_secs(1);
/// Runs of a feed that are kept.
const KEPT_RUNS: i64 = 200;

/// What became of the feeds that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Feeds that brought something new.
    pub imported: u64,
    /// Feeds that had nothing new.
    pub unchanged: u64,
    /// Feeds that could not be read, or had a file that could not be imported.
    pub failed: u64,
}

/// What is known of the content of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) hash: Option<String>,
}

/// What came of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing new.
    Nothing,
    /// The same content again, under another tag.
    Same(Content),
    /// Something was imported.
    Imported,
    /// There is more: it is read on at once.
    More,
    /// New content was imported.
    New(Content),
    /// Some organisations were asked about; goes on after one of them, or is through.
    Batch(Option<String>),
    /// It did not succeed.
    Failed {
        /// Why.
        trouble: Trouble,
        /// What the server answered.
        status: Option<String>,
        /// How long it asked to wait.
        asked: Option<SignedDuration>,
        /// Whether a file is to blame, of which the history tells already.
        of_file: bool,
    },
    /// The program is stopping, or the feed is another's.
    Lost,
}

impl Outcome {
    pub(super) const fn failed(trouble: Trouble) -> Self {
        Self::Failed { trouble, status: None, asked: None, of_file: false }
    }

    pub(super) const fn failed_file(trouble: Trouble) -> Self {
        Self::Failed { trouble, status: None, asked: None, of_file: true }
    }

    /// The history tells of it already.
    pub(super) fn noted(self) -> Self {
        match self {
            Self::Failed { trouble, status, asked, .. } => Self::Failed { trouble, status, asked, of_file: true },
            other => other,
        }
    }

    /// Of several files: what failed is told, else that something came, else nothing.
    pub(super) fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Failed { .. }, _) | (_, Self::Nothing) => self,
            _ => other,
        }
    }
}

/// Reads every feed that is due now; what became of them.
///
/// # Errors
/// The actor may not, or the database can not be read or written. That a feed can not be read is no error here.
pub fn run_due(register: &Register, actor: &Actor, feeding: &Feeding) -> Result<Tally> {
    let never = AtomicBool::new(false);
    run_until(register, actor, feeding, &never)
}

/// Reads what is due until told to stop, and looks again every second. For a thread of its own.
pub fn run(register: &Register, feeding: &Feeding, stop: &AtomicBool) {
    let actor = Actor::Program("feeds");
    while !stop.load(Ordering::Relaxed) {
        if let Err(error) = run_until(register, &actor, feeding, stop) {
            // No value of a person is in an error of the register.
            tracing::warn!(%error, "feeds could not be read");
        }
        std::thread::park_timeout(ROUND);
    }
}

fn run_until(register: &Register, actor: &Actor, feeding: &Feeding, stop: &AtomicBool) -> Result<Tally> {
    let mut tally = Tally::default();
    while !stop.load(Ordering::Relaxed) {
        let now = register.now();
        let Some(due) = register.db().look(|tx| store::due(tx, now))? else { break };
        let lease = now.checked_add(LEASE).unwrap_or(now);
        let wanted = due.clone();
        let taken = register.db().write_plain(move |plain| store::take(&mut plain.tx(), &wanted, now, lease))?;
        let Some(taken) = taken else {
            // Another runner has it, or it was paused: it is not due any more.
            continue;
        };
        match one(register, actor, feeding, &taken, stop)? {
            Outcome::Imported | Outcome::New(_) | Outcome::More => tally.imported += 1,
            Outcome::Nothing | Outcome::Same(_) | Outcome::Batch(_) => tally.unchanged += 1,
            Outcome::Failed { .. } => tally.failed += 1,
            Outcome::Lost => {}
        }
    }
    Ok(tally)
}

fn one(register: &Register, actor: &Actor, feeding: &Feeding, taken: &Taken, stop: &AtomicBool) -> Result<Outcome> {
    let id = taken.id;
    let feed = register.db().look(|tx| store::get(tx, id))?;
    let outcome = match read(register, actor, feeding, (&feed, taken), stop) {
        Ok(outcome) => outcome,
        Err(OpsError::Store(StoreError::NotFound(_))) => return Ok(Outcome::Lost),
        Err(error) => {
            tracing::warn!(%error, "a feed could not be read");
            Outcome::failed(Trouble::Database)
        }
    };
    give_back(register, &feed, taken, &outcome)?;
    tidy(register, &feed)?;
    Ok(outcome)
}

/// Whether the notice in force declares what a feed needs. It may have changed since the feed was made.
fn declared(register: &Register, feed: &Feed) -> Result<Option<Trouble>> {
    let notice = register.notice()?;
    if notice.source(&feed.source).is_none() {
        return Ok(Some(Trouble::Source));
    }
    if feed.noun.kind().is_some_and(|kind| !notice.kinds().has(kind)) {
        return Ok(Some(Trouble::Undeclared));
    }
    let has_company = feed.company.as_ref().is_none_or(|company| notice.company(company).is_some());
    Ok((!has_company).then_some(Trouble::Company))
}

fn read(
    register: &Register,
    actor: &Actor,
    feeding: &Feeding,
    (feed, taken): (&Feed, &Taken),
    stop: &AtomicBool,
) -> Result<Outcome> {
    let usage = match register.authorize(actor, Action::FeedRun) {
        Ok(usage) => usage,
        Err(OpsError::Refused(Refused::NoPurpose(_))) => return Ok(Outcome::failed(Trouble::Undeclared)),
        Err(error) => return Err(error),
    };
    // Nothing is fetched for a source that the notice does not declare.
    if let Some(trouble) = declared(register, feed)? {
        return Ok(Outcome::failed(trouble));
    }
    let usage = match &feed.company {
        Some(company) => usage.within(company).ok_or(StoreError::NotFound("company"))?,
        None => usage,
    };
    let mapping = match feed.mapping {
        Some(id) => Some(register.db().look(|tx| seloste_store::mapping::get(tx, id))?.definition),
        None => None,
    };
    let (feed, taken) = (feed.clone(), taken.clone());
    let mut reading = Reading { register, actor, feeding, feed, taken, usage, mapping, stop };
    reading.recover()?;
    match reading.feed.place {
        Place::Folder => folder::read(&reading),
        Place::Http => http::read(&reading),
        Place::CompanyRegister => organisations::read(&mut reading),
    }
}

fn give_back(register: &Register, feed: &Feed, taken: &Taken, outcome: &Outcome) -> Result<()> {
    let now = register.now();
    let mut ending = Ending {
        trouble: None,
        status: None,
        next_at: next_reading(feed.every, 0, None, now),
        etag: taken.etag.clone(),
        last_modified: taken.last_modified.clone(),
        last_hash: taken.last_hash.clone(),
        goes_on: taken.goes_on.clone(),
        failed: false,
    };
    let mut run = None;
    match outcome {
        // A file that failed is still there, or in its folder: until something new comes, somebody should look at it.
        Outcome::Nothing => {
            ending.trouble = feed.trouble.filter(|trouble| is_of_file(*trouble));
        }
        Outcome::Same(content) => ending.keep(content),
        Outcome::Imported => {}
        Outcome::More => ending.next_at = now,
        Outcome::New(content) => ending.keep(content),
        Outcome::Batch(goes_on) => {
            ending.goes_on.clone_from(goes_on);
            if goes_on.is_some() {
                ending.next_at = now;
            }
        }
        Outcome::Failed { trouble, status, asked, of_file } => {
            ending.trouble = Some(*trouble);
            ending.status.clone_from(status);
            ending.failed = true;
            ending.next_at = next_reading(feed.every, feed.failures + 1, *asked, now);
            if !of_file && *trouble != Trouble::Database {
                run = Some((*trouble, status.clone()));
            }
        }
        // Whoever goes on finds it due, with its history as it was.
        Outcome::Lost => {
            let taken = taken.clone();
            register.db().write_plain(move |plain| store::release(&mut plain.tx(), &taken, now))?;
            return Ok(());
        }
    }
    let taken = taken.clone();
    let failed_run = run.map(|(trouble, status)| FeedRun { status, ..failed_run(register, feed.id, trouble) });
    register.db().write_plain(move |plain| {
        let held = store::give_back(&mut plain.tx(), &taken, &ending, now)?;
        match &failed_run {
            Some(run) if held => store::put_run(&mut plain.tx(), run),
            _ => Ok(()),
        }
    })?;
    Ok(())
}

const fn is_of_file(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::NotATable | Trouble::Columns | Trouble::TooLarge)
}

trait Keep {
    fn keep(&mut self, content: &Content);
}

impl Keep for Ending {
    fn keep(&mut self, content: &Content) {
        self.etag.clone_from(&content.etag);
        self.last_modified.clone_from(&content.last_modified);
        self.last_hash.clone_from(&content.hash);
    }
}

/// Forgets old runs, with the files of rows that they refused.
fn tidy(register: &Register, feed: &Feed) -> Result<()> {
    let id = feed.id;
    let kept = register.db().look(|tx| store::runs(tx, id, KEPT_RUNS + 1))?;
    if i64::try_from(kept.len()).unwrap_or(i64::MAX) <= KEPT_RUNS {
        return Ok(());
    }
    register.db().write_plain(move |plain| store::prune(&mut plain.tx(), id, KEPT_RUNS))?;
    let kept = register.db().look(|tx| store::runs(tx, id, KEPT_RUNS))?;
    let folders = std::fs::read_dir(home_of(register, id)).into_iter().flatten().flatten();
    for folder in folders {
        let name = folder.file_name();
        if !kept.iter().any(|run| name.to_str() == Some(run.id.to_string().as_str())) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
    Ok(())
}
