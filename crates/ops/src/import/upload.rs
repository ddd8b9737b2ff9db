//! Files that are imported from a page. Each waits in a folder of its own below the data directory, which only the
//! program's account can read, until its import has ended, its person takes it away, or a day has passed. Only the
//! person who sent it knows of it.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use seloste_documents::table::TableError;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, MappingId, SourceId, UploadId};
use seloste_domain::import::{Choice, Columns, Noun, SavedMapping, Target};
use seloste_domain::rights::{AccountState, Action};
use seloste_domain::usage::Actor;
use seloste_store::{StoreError, user as users};
use serde::{Deserialize, Serialize};

use super::{Describe, Plan, Progress, Report, Request};
use crate::error::{OpsError, Result};
use crate::person::{declared_source, own_companies};
use crate::register::Register;

/// Bytes of a file at most.
pub const LARGEST: u64 = 1 << 30;
/// Files of one person that wait at the same time.
const MOST: usize = 10;
/// A file that nobody has imported goes after so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What is said of a file when it is sent.
#[derive(Clone, Debug)]
pub struct Details {
    /// What its rows are.
    pub noun: Noun,
    /// Where the data comes from.
    pub source: SourceId,
    /// The company whose customers these are, when the file does not tell.
    pub company: Option<CompanyId>,
    /// What the person calls the file.
    pub file_name: String,
}

/// A saved mapping as it was when it was chosen for a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Used {
    /// Its id.
    pub id: MappingId,
    /// What people call it.
    pub name: String,
    definition: String,
}

/// A file that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// When it came.
    pub at: Timestamp,
    /// What its rows are.
    #[serde(with = "noun")]
    pub noun: Noun,
    /// Where the data comes from.
    pub source: SourceId,
    /// The company whose customers these are, when the file does not tell.
    pub company: Option<CompanyId>,
    /// What the person calls the file.
    pub file_name: String,
    /// The saved mapping that the person chose; what was decided comes on top of it.
    #[serde(default)]
    pub mapping: Option<Used>,
    /// What the person has decided: the targets of a column, none for one that is left out.
    pub choices: BTreeMap<String, Vec<String>>,
    /// Whether the person confirmed that invoices may come into periods whose tax return was due already.
    #[serde(default)]
    pub past_periods: bool,
    /// Whether the import was begun: after a restart it goes on.
    running: bool,
    /// Whether it has ended; the file is gone then.
    ended: bool,
    by: String,
}

mod noun {
    use seloste_domain::import::Noun;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(noun: &Noun, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(noun.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Noun, D::Error> {
        let text = String::deserialize(deserializer)?;
        Noun::named(&text).ok_or_else(|| D::Error::custom("what is imported"))
    }
}

/// How far a file has come.
#[derive(Clone, Debug)]
pub enum Stage {
    /// It waits for decisions.
    Waiting,
    /// It is being tried or imported.
    Running {
        /// Whether nothing is written.
        dry_run: bool,
        /// How far.
        progress: Progress,
    },
    /// It was tried or imported.
    Ended(Arc<Report>),
    /// It could not be tried or imported.
    Failed(Arc<OpsError>),
}

/// The imports of this process, by file.
#[derive(Default)]
pub(crate) struct Running {
    runs: Mutex<HashMap<UploadId, Arc<Run>>>,
    /// One import at a time: more would only hinder each other.
    turn: Mutex<()>,
}

impl Running {
    /// Waits for some time until no other import runs.
    pub(crate) fn turn(&self, patience: std::time::Duration) -> Option<parking_lot::MutexGuard<'_, ()>> {
        self.turn.try_lock_for(patience)
    }
}

struct Run {
    dry_run: bool,
    rows: AtomicU64,
    percent: AtomicU8,
    cancel: AtomicBool,
    outcome: Mutex<Option<Result<Arc<Report>, Arc<OpsError>>>>,
}

/// A file while it is being sent. Without [`Incoming::finish`] nothing of it is kept.
#[derive(Debug)]
pub struct Incoming {
    upload: Upload,
    dir: PathBuf,
    finished: bool,
}

impl Incoming {
    /// The file to write to.
    ///
    /// # Errors
    /// It can not be made.
    pub fn file(&self) -> Result<File> {
        private_file(&self.dir.join("file"))
    }

    /// Keeps what was sent, if it is a table.
    ///
    /// # Errors
    /// It is not, or can not be kept.
    pub fn finish(mut self, register: &Register, actor: &Actor) -> Result<Upload> {
        super::plan(register, actor, &self.upload.request(register))?;
        self.upload.save(register)?;
        self.finished = true;
        Ok(self.upload.clone())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.finished {
            discard(&self.dir);
        }
    }
}

impl Upload {
    /// The import of the file as decided.
    #[must_use]
    pub fn request(&self, register: &Register) -> Request {
        let choice = |(column, targets): (&String, &Vec<String>)| {
            let targets = targets.iter().filter_map(|target| Target::parse(self.noun, target).ok()).collect::<Vec<_>>();
            (column.clone(), if targets.is_empty() { Choice::Dropped } else { Choice::Targets(targets) })
        };
        let choices: Columns = self.choices.iter().map(choice).collect();
        let mut request = Request::new(self.noun, folder(register, self.id).join("file"), self.source.clone());
        request.company.clone_from(&self.company);
        request.choices = choices;
        request.mapping = self.mapping.as_ref().map(|used| used.definition.clone());
        request.file_name = Some(self.file_name.clone());
        request.past_periods = self.past_periods;
        request
    }

    /// Whether its import has ended, so that there is nothing left to import.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Written aside and renamed, so that a crash leaves the one or the other.
    fn save(&self, register: &Register) -> Result<()> {
        let dir = folder(register, self.id);
        let (new, path) = (dir.join("upload.json.new"), dir.join("upload.json"));
        let json = serde_json::to_vec(self).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let _ = fs::remove_file(&new);
        let mut file = private_file(&new)?;
        let written = file.write_all(&json).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, &path));
        written.map_err(|error| disk(&path, error))
    }
}

/// Makes room for a file. The caller writes it and finishes.
///
/// # Errors
/// The actor may not; the source or the company is wrong; or too many files wait already.
pub fn begin(register: &Register, actor: &Actor, details: Details) -> Result<Incoming> {
    let usage = register.authorize(actor, Action::ImportRun)?;
    declared_source(&*register.notice()?, &details.source)?;
    if let Some(company) = &details.company {
        own_companies(&usage, std::slice::from_ref(company))?;
    }
    tidy(register);
    if list(register, actor)?.len() >= MOST {
        let error = FieldError { args: vec![("max", MOST.to_string())], ..FieldError::new("file", code::TOO_MANY) };
        return Err(FieldErrors::from(error).into());
    }
    let id = UploadId(register.db().env().id());
    let dir = folder(register, id);
    private_folder(&dir)?;
    let Details { noun, source, company, file_name } = details;
    let upload = Upload {
        id,
        at: register.now(),
        noun,
        source,
        company,
        file_name: file_name.chars().filter(|c| !c.is_control()).take(200).collect(),
        mapping: None,
        choices: BTreeMap::new(),
        past_periods: false,
        running: false,
        ended: false,
        by: actor.id().to_string(),
    };
    Ok(Incoming { upload, dir, finished: false })
}

/// The actor's own files, the newest first.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<Upload>> {
    register.authorize(actor, Action::ImportRun)?;
    let by = actor.id().to_string();
    let mut own: Vec<Upload> = all(register).into_iter().filter(|upload| upload.by == by).collect();
    own.sort_by_key(|upload| std::cmp::Reverse(upload.at));
    Ok(own)
}

/// One of the actor's own files, and how far it has come.
///
/// # Errors
/// The actor may not, or has sent no such file.
pub fn show(register: &Register, actor: &Actor, id: UploadId) -> Result<(Upload, Stage)> {
    let upload = own(register, actor, id)?;
    let run = register.running().runs.lock().get(&id).cloned();
    let stage = match run {
        None => Stage::Waiting,
        Some(run) => match &*run.outcome.lock() {
            Some(Ok(report)) => Stage::Ended(Arc::clone(report)),
            Some(Err(error)) => Stage::Failed(Arc::clone(error)),
            None => Stage::Running {
                dry_run: run.dry_run,
                progress: Progress {
                    rows: run.rows.load(Ordering::Relaxed),
                    percent: run.percent.load(Ordering::Relaxed),
                },
            },
        },
    };
    Ok((upload, stage))
}

/// What would become of each column of one of the actor's own files.
///
/// # Errors
/// The actor may not, has sent no such file, or it can not be read.
pub fn plan(register: &Register, actor: &Actor, id: UploadId) -> Result<Plan> {
    super::plan(register, actor, &own(register, actor, id)?.request(register))
}

/// Decides what becomes of columns.
///
/// # Errors
/// The actor may not, or has sent no such file; or it is being imported.
pub fn choose(register: &Register, actor: &Actor, id: UploadId, choices: BTreeMap<String, Vec<String>>) -> Result<()> {
    let mut upload = own(register, actor, id)?;
    still(register, id)?;
    upload.choices = choices;
    upload.save(register)?;
    // What was tried was tried otherwise.
    register.running().runs.lock().remove(&id);
    Ok(())
}

/// Confirms, or not, that invoices may come into periods whose tax return was due already.
///
/// # Errors
/// As [`choose`].
pub fn allow_past_periods(register: &Register, actor: &Actor, id: UploadId, allowed: bool) -> Result<()> {
    let mut upload = own(register, actor, id)?;
    if upload.past_periods == allowed {
        return Ok(());
    }
    still(register, id)?;
    upload.past_periods = allowed;
    upload.save(register)
}

/// Reads one of the actor's own files by a saved mapping, or by guesses again when there is none; what was decided
/// before is forgotten.
///
/// # Errors
/// The actor may not, or has sent no such file; or it is being imported.
pub fn use_mapping(register: &Register, actor: &Actor, id: UploadId, mapping: Option<&SavedMapping>) -> Result<()> {
    let mut upload = own(register, actor, id)?;
    still(register, id)?;
    upload.mapping =
        mapping.map(|saved| Used { id: saved.id, name: saved.name.clone(), definition: saved.definition.clone() });
    upload.choices.clear();
    upload.save(register)?;
    register.running().runs.lock().remove(&id);
    Ok(())
}

/// Tries or imports one of the actor's own files, on a thread of its own.
///
/// # Errors
/// The actor may not, has sent no such file, something is undecided, or it is being imported.
pub fn start(register: &Register, actor: &Actor, id: UploadId, dry_run: bool, describe: Describe) -> Result<()> {
    let upload = own(register, actor, id)?;
    if upload.ended {
        return Err(StoreError::NotFound("upload").into());
    }
    let plan = super::plan(register, actor, &upload.request(register))?;
    if !plan.problems.is_empty() {
        return Err(OpsError::Import(plan.problems));
    }
    run(register, actor, upload, dry_run, describe)
}

fn run(register: &Register, actor: &Actor, mut upload: Upload, dry_run: bool, describe: Describe) -> Result<()> {
    let id = upload.id;
    let run = Arc::new(Run {
        dry_run,
        rows: AtomicU64::new(0),
        percent: AtomicU8::new(0),
        cancel: AtomicBool::new(false),
        outcome: Mutex::new(None),
    });
    {
        let mut runs = register.running().runs.lock();
        if runs.get(&id).is_some_and(|run| run.outcome.lock().is_none()) {
            return Err(StoreError::Busy.into());
        }
        runs.insert(id, Arc::clone(&run));
    }
    upload.running = !dry_run;
    upload.save(register)?;
    let errors = errors_path(register, id);
    let _ = fs::remove_file(&errors);
    let request = Request { dry_run, describe: Some(describe), error_file: Some(errors), ..upload.request(register) };
    let (register, actor) = (register.clone(), actor.clone());
    let work = move || {
        let progress = |progress: Progress| {
            run.rows.store(progress.rows, Ordering::Relaxed);
            run.percent.store(progress.percent, Ordering::Relaxed);
        };
        let outcome = {
            let _turn = register.running().turn.lock();
            super::run(&register, &actor, &request, &progress, &run.cancel)
        };
        // The program is stopping, or the database is away: it goes on at the next start.
        upload.running = !dry_run && matches!(outcome, Err(OpsError::Store(StoreError::Unavailable(_))));
        if !dry_run && outcome.as_ref().is_ok_and(|report| !report.cancelled) {
            upload.ended = true;
            let _ = fs::remove_file(&request.file);
        }
        if let Err(error) = upload.save(&register) {
            tracing::warn!(%error, "the end of an import could not be noted");
        }
        *run.outcome.lock() = Some(outcome.map(Arc::new).map_err(Arc::new));
    };
    let started = std::thread::Builder::new().name("import".into()).spawn(work);
    started.map(drop).map_err(|error| StoreError::Unavailable(error.to_string()).into())
}

/// Ends an import after the rows at hand. What is stored stays, and can be undone.
///
/// # Errors
/// The actor may not, or has sent no such file.
pub fn cancel(register: &Register, actor: &Actor, id: UploadId) -> Result<()> {
    own(register, actor, id)?;
    if let Some(run) = register.running().runs.lock().get(&id) {
        run.cancel.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// Takes a file away.
///
/// # Errors
/// The actor may not, has sent no such file, or it is being imported.
pub fn remove(register: &Register, actor: &Actor, id: UploadId) -> Result<()> {
    own(register, actor, id)?;
    still(register, id)?;
    register.running().runs.lock().remove(&id);
    discard(&folder(register, id));
    Ok(())
}

/// The file of the rows that were refused.
///
/// # Errors
/// The actor may not, or there is none.
pub fn errors(register: &Register, actor: &Actor, id: UploadId) -> Result<PathBuf> {
    own(register, actor, id)?;
    let path = errors_path(register, id);
    if path.exists() { Ok(path) } else { Err(StoreError::NotFound("errors").into()) }
}

/// Goes on with imports that a restart broke off, and takes away what nobody came back for.
///
/// # Errors
/// The accounts can not be read.
pub fn resume(register: &Register, describe: impl Fn(seloste_domain::language::Language) -> Describe) -> Result<()> {
    tidy(register);
    crate::export::tidy(register);
    for mut upload in all(register).into_iter().filter(|upload| upload.running) {
        let id = upload.by.strip_prefix("user:").and_then(|id| id.parse().ok());
        let user = id.map(|id| register.db().look(|tx| users::get(tx, id))).transpose()?;
        match user.filter(|user| user.state == AccountState::Active) {
            Some(user) => {
                let actor = Actor::User { id: user.id, state: user.state, assignments: user.assignments };
                run(register, &actor, upload, false, describe(user.language))?;
            }
            None => {
                upload.running = false;
                upload.save(register)?;
            }
        }
    }
    Ok(())
}

fn own(register: &Register, actor: &Actor, id: UploadId) -> Result<Upload> {
    register.authorize(actor, Action::ImportRun)?;
    let by = actor.id().to_string();
    let own = read(&folder(register, id)).filter(|upload| upload.by == by && upload.id == id);
    own.ok_or(OpsError::Store(StoreError::NotFound("upload")))
}

/// Nothing is being done with the file.
fn still(register: &Register, id: UploadId) -> Result<()> {
    let runs = register.running().runs.lock();
    if runs.get(&id).is_some_and(|run| run.outcome.lock().is_none()) { Err(StoreError::Busy.into()) } else { Ok(()) }
}

fn tidy(register: &Register) {
    let now = register.now();
    for upload in all(register) {
        if now.duration_since(upload.at) > KEPT && still(register, upload.id).is_ok() && !upload.running {
            register.running().runs.lock().remove(&upload.id);
            discard(&folder(register, upload.id));
        }
    }
}

fn all(register: &Register) -> Vec<Upload> {
    let entries = fs::read_dir(uploads(register)).into_iter().flatten().flatten();
    entries.filter_map(|entry| read(&entry.path())).collect()
}

fn read(dir: &Path) -> Option<Upload> {
    serde_json::from_slice(&fs::read(dir.join("upload.json")).ok()?).ok()
}

fn uploads(register: &Register) -> PathBuf {
    register.db().settings().data.join("uploads")
}

fn folder(register: &Register, id: UploadId) -> PathBuf {
    uploads(register).join(id.to_string())
}

fn errors_path(register: &Register, id: UploadId) -> PathBuf {
    folder(register, id).join("errors.csv")
}

fn discard(dir: &Path) {
    if let Err(error) = fs::remove_dir_all(dir) {
        tracing::warn!(%error, "a file that was sent could not be taken away");
    }
}

/// The error of a file that was sent and can not be written or read here.
#[must_use]
pub fn not_written(error: std::io::Error) -> OpsError {
    disk(Path::new("uploads"), error)
}

fn disk(path: &Path, error: std::io::Error) -> OpsError {
    TableError::Io { path: path.to_owned(), error }.into()
}

pub(crate) fn private_folder(dir: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| disk(dir, error))
}

pub(crate) fn private_file(path: &Path) -> Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| disk(path, error))
}
