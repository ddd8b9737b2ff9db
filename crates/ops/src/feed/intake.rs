//! Taking one file in: it is staged where only the program can read it, its content is compared with what was read before,
//! and it is imported as a whole or, when the program is stopped in the middle, undone and read again.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use seloste_domain::feed::{Feed, FeedRun, RunProblem, RunState, Trouble};
use seloste_domain::id::{FeedId, FeedRunId, ImportId};
use seloste_domain::import::{Problem, code};
use seloste_domain::usage::{Actor, Refused, Use};
use seloste_store::feed::{self as store, Taken};
use seloste_store::import::Counts;
use seloste_store::log::Act;
use seloste_store::{Plain, StoreError};
use sha2::{Digest as _, Sha256};

use super::{Feeding, place_of};
use crate::error::{OpsError, Result};
use crate::import::{self, Progress, Report, Request};
use crate::register::Register;

/// A runner has a feed for so long, and asks for more while it works.
pub(super) const LEASE: SignedDuration = SignedDuration::from_mins(15);
/// How often it asks for more.
const RENEWED: Duration = Duration::from_secs(60);
/// Problems of a run that are kept; the file of refused rows has them all.
const KEPT_PROBLEMS: usize = 20;

/// A feed while it is read.
pub(super) struct Reading<'a> {
    pub(super) register: &'a Register,
    pub(super) actor: &'a Actor,
    pub(super) feeding: &'a Feeding,
    pub(super) feed: Feed,
    pub(super) taken: Taken,
    pub(super) usage: Use,
    /// The saved mapping, as TOML.
    pub(super) mapping: Option<String>,
    pub(super) stop: &'a AtomicBool,
}

/// A file that was copied to where only the program can read it. It goes with the value.
pub(super) struct Staged {
    pub(super) run: FeedRunId,
    pub(super) hash: String,
    name: String,
    dir: PathBuf,
    imported: bool,
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.dir.join("file"));
        if !self.imported {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// What came of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intake {
    /// It was imported.
    Imported,
    /// The file can not be imported as it is.
    Refused(Trouble),
    /// It could not be imported now.
    NotNow(Trouble),
    /// The program is stopping, or the feed is not this runner's any more.
    Lost,
}

/// Hashes what it hands on, until the program is stopping.
struct Hashing<'w> {
    stop: &'w AtomicBool,
    hash: Sha256,
    inner: &'w mut fs::File,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("the program is stopping"));
        }
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl Reading<'_> {
    /// Whether the work is to end: the program is stopping.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Waits, unless the program is stopping.
    pub(super) fn wait(&self, pause: Duration) {
        let began = Instant::now();
        while !self.is_stopping() && began.elapsed() < pause {
            std::thread::park_timeout(pause.saturating_sub(began.elapsed()).min(Duration::from_millis(250)));
        }
    }

    /// Keeps the feed for longer; false when it is not this runner's any more.
    pub(super) fn renew(&self) -> Result<bool> {
        let taken = self.taken.clone();
        let lease = self.register.now().checked_add(LEASE).unwrap_or(self.register.now());
        Ok(self.register.db().write_plain(move |plain| store::renew(&mut plain.tx(), &taken, lease))?)
    }

    /// Copies a file to where only the program can read it.
    pub(super) fn stage<T>(
        &self,
        name: &str,
        copy: impl FnOnce(&mut dyn Write) -> Result<T, Trouble>,
    ) -> Result<(Staged, T), Trouble> {
        let run = FeedRunId(self.register.db().env().id());
        let dir = place_of(self.register, self.feed.id, run);
        import::upload::private_folder(&dir).map_err(|_| Trouble::Disk)?;
        let name = name.chars().filter(|c| !c.is_control()).take(200).collect();
        let mut staged = Staged { run, hash: String::new(), name, dir, imported: false };
        let mut file = import::upload::private_file(&staged.dir.join("file")).map_err(|_| Trouble::Disk)?;
        let mut hashing = Hashing { stop: self.stop, hash: Sha256::new(), inner: &mut file };
        let told = copy(&mut hashing)?;
        staged.hash = hex::encode(hashing.hash.finalize());
        Ok((staged, told))
    }

    /// Whether the feed has read this content before; true inside when it was imported.
    pub(super) fn seen(&self, hash: &str) -> Result<Option<bool>> {
        let id = self.feed.id;
        Ok(self.register.db().look(|tx| store::seen(tx, id, hash))?)
    }

    fn run_of(&self, staged: &Staged, import: ImportId) -> FeedRun {
        FeedRun {
            id: staged.run,
            feed: self.feed.id,
            started_at: self.register.now(),
            finished_at: None,
            state: RunState::Running,
            trouble: None,
            status: None,
            file_name: Some(staged.name.clone()),
            file_hash: Some(staged.hash.clone()),
            import: Some(import),
            counts: [0; 5],
            problems: Vec::new(),
            has_error_file: false,
        }
    }

    /// Imports a staged file. `extra` are problems that were found before it became one.
    pub(super) fn take_in(&self, staged: &mut Staged, extra: Vec<RunProblem>) -> Result<Intake> {
        let import = ImportId(self.register.db().env().id());
        let run = self.run_of(staged, import);
        let (begun, taken) = (run.clone(), self.taken.clone());
        let held = self.register.db().write_plain(move |plain| {
            let held = store::is_held(&mut plain.tx(), &taken)?;
            if held {
                store::put_run(&mut plain.tx(), &begun)?;
            }
            Ok(held)
        })?;
        if !held {
            return Ok(Intake::Lost);
        }
        let errors = staged.dir.join("errors.csv");
        let request = Request {
            company: self.feed.company.clone(),
            within: self.feed.company.clone(),
            mapping: self.mapping.clone(),
            file_name: Some(staged.name.clone()),
            error_file: Some(errors),
            describe: self.feeding.describe.clone(),
            id: Some(import),
            ..Request::new(self.feed.noun, staged.dir.join("file"), self.feed.source.clone())
        };
        match self.import(&request) {
            Ok(report) if report.cancelled => Ok(Intake::Lost),
            Ok(report) => {
                staged.imported = report.error_file.is_some();
                self.imported(run, &report, extra)?;
                Ok(Intake::Imported)
            }
            Err(error) => self.refused(run, &error, extra),
        }
    }

    fn import(&self, request: &Request) -> Result<Report> {
        let cancel = AtomicBool::new(false);
        // One import at a time: more would only hinder each other.
        let _turn = loop {
            if let Some(turn) = self.register.running().turn(Duration::from_secs(1)) {
                break turn;
            }
            if self.is_stopping() || !self.renew()? {
                let mut report = Report::default();
                report.cancelled = true;
                return Ok(report);
            }
        };
        let renewed = parking_lot::Mutex::new(Instant::now());
        let progress = |_: Progress| {
            let mut renewed = renewed.lock();
            if renewed.elapsed() >= RENEWED {
                *renewed = Instant::now();
                if !self.renew().unwrap_or(true) {
                    cancel.store(true, Ordering::Relaxed);
                }
            }
            if self.is_stopping() {
                cancel.store(true, Ordering::Relaxed);
            }
        };
        import::run(self.register, self.actor, request, &progress, &cancel)
    }

    fn imported(&self, mut run: FeedRun, report: &Report, extra: Vec<RunProblem>) -> Result<()> {
        run.state = RunState::Imported;
        run.finished_at = Some(self.register.now());
        run.counts = numbers(&report.counts);
        run.problems = extra;
        run.problems.extend(report.errors.iter().map(|error| RunProblem {
            row: Some(error.row),
            column: error.column.clone(),
            code: error.error.code.to_owned(),
            args: error.error.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        }));
        run.problems.truncate(KEPT_PROBLEMS);
        run.has_error_file = report.error_file.is_some();
        let (objects, hash) = (objects(&run), run.file_hash.clone().unwrap_or_default());
        let now = self.register.now();
        self.register.db().write(&self.usage, move |w| {
            let mut tx = w.plain().tx();
            store::put_run(&mut tx, &run)?;
            store::remember(&mut tx, run.feed, &hash, true, now)?;
            w.log(Act { objects: objects.clone(), ..Act::default() })
        })?;
        Ok(())
    }

    fn refused(&self, mut run: FeedRun, error: &OpsError, extra: Vec<RunProblem>) -> Result<Intake> {
        let trouble = trouble_of(error);
        run.problems = extra;
        if let OpsError::Import(problems) = error {
            run.problems.extend(problems.iter().map(of_problem));
        }
        run.problems.truncate(KEPT_PROBLEMS);
        let is_file = matches!(trouble, Trouble::NotATable | Trouble::Columns);
        if trouble == Trouble::Database {
            // Something of it may be stored: the run stays open, and the next reading undoes it.
            return Ok(Intake::NotNow(trouble));
        }
        run.state = RunState::Failed;
        run.trouble = Some(trouble);
        run.import = None;
        run.finished_at = Some(self.register.now());
        let (hash, now) = (run.file_hash.clone().unwrap_or_default(), self.register.now());
        self.register.db().write_plain(move |plain| {
            store::put_run(&mut plain.tx(), &run)?;
            if is_file { store::remember(&mut plain.tx(), run.feed, &hash, false, now) } else { Ok(()) }
        })?;
        Ok(if is_file { Intake::Refused(trouble) } else { Intake::NotNow(trouble) })
    }

    /// Ends what a runner left that did not come back: an import that was complete counts, any other is undone.
    pub(super) fn recover(&self) -> Result<()> {
        let id = self.feed.id;
        for mut run in self.register.db().look(|tx| store::unfinished(tx, id))? {
            let import = match run.import {
                Some(import) => match self.register.db().look(|tx| seloste_store::import::get(tx, import)) {
                    Ok(import) => Some(import),
                    Err(StoreError::NotFound(_)) => None,
                    Err(error) => return Err(error.into()),
                },
                None => None,
            };
            run.finished_at = Some(self.register.now());
            match &import {
                Some(import) if import.finished_at.is_some() && import.undone_at.is_none() => {
                    run.state = RunState::Imported;
                    run.counts = numbers(&import.counts);
                }
                other => {
                    if let Some(begun) = other {
                        import::undo(self.register, self.actor, begun.id)?;
                    }
                    (run.state, run.trouble) = (RunState::Failed, Some(Trouble::Interrupted));
                }
            }
            let dir = place_of(self.register, id, run.id);
            let _ = fs::remove_file(dir.join("file"));
            run.has_error_file = run.state == RunState::Imported && dir.join("errors.csv").exists();
            if !run.has_error_file {
                let _ = fs::remove_dir_all(&dir);
            }
            let now = self.register.now();
            self.register.db().write_plain(move |plain: &mut Plain<'_, '_>| {
                store::put_run(&mut plain.tx(), &run)?;
                match (&run.file_hash, run.state) {
                    (Some(hash), RunState::Imported) => store::remember(&mut plain.tx(), run.feed, hash, true, now),
                    _ => Ok(()),
                }
            })?;
        }
        Ok(())
    }

    /// Notes something that failed before there was a file to import.
    pub(super) fn failed(&self, trouble: Trouble, file_name: Option<String>, problems: Vec<RunProblem>) -> Result<()> {
        let mut run = failed_run(self.register, self.feed.id, trouble);
        run.file_name = file_name;
        run.problems = problems.into_iter().take(KEPT_PROBLEMS).collect();
        Ok(self.register.db().write_plain(move |plain| store::put_run(&mut plain.tx(), &run))?)
    }
}

/// A run that failed at once.
pub(super) fn failed_run(register: &Register, feed: FeedId, trouble: Trouble) -> FeedRun {
    let now = register.now();
    FeedRun {
        id: FeedRunId(register.db().env().id()),
        feed,
        started_at: now,
        finished_at: Some(now),
        state: RunState::Failed,
        trouble: Some(trouble),
        status: None,
        file_name: None,
        file_hash: None,
        import: None,
        counts: [0; 5],
        problems: Vec::new(),
        has_error_file: false,
    }
}

fn objects(run: &FeedRun) -> Vec<String> {
    let import = run.import.map(|import| format!("import:{import}"));
    [format!("feed:{}", run.feed)].into_iter().chain(import).collect()
}

const fn numbers(counts: &Counts) -> [i64; 5] {
    [counts.rows, counts.created, counts.updated, counts.unchanged, counts.refused]
}

fn of_problem(problem: &Problem) -> RunProblem {
    let args = ["a", "b", "c"].iter().zip(&problem.args).map(|(name, value)| ((*name).to_owned(), value.clone()));
    RunProblem { row: None, column: None, code: problem.code.to_owned(), args: args.collect() }
}

/// Why an import did not begin or broke off.
fn trouble_of(error: &OpsError) -> Trouble {
    match error {
        OpsError::Import(problems) if problems.iter().any(|p| p.code == code::NO_SOURCE) => Trouble::Source,
        OpsError::Import(problems) if problems.iter().any(|p| p.code == code::NOUN_UNDECLARED) => Trouble::Undeclared,
        OpsError::Import(_) => Trouble::Columns,
        OpsError::Refused(Refused::NoPurpose(_)) => Trouble::Undeclared,
        OpsError::Fields(_) => Trouble::Company,
        OpsError::Table(seloste_documents::table::TableError::Io { .. }) => Trouble::Disk,
        OpsError::Table(_) => Trouble::NotATable,
        _ => Trouble::Database,
    }
}
