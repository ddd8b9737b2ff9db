//! The open register. [`Db::read`] and [`Db::write`] are the only ways to personal data, and both write the log.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use jiff::Timestamp;
use parking_lot::Mutex;
use seloste_domain::id::{PartyId, RegisterId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::log::{Event, Outcome};
use seloste_domain::usage::{ActorId, Use};
use uuid::Uuid;

use crate::dialect::{self, Durability, Place};
use crate::env::Env;
use crate::error::{Result, StoreError};
use crate::keys::Keys;
use crate::log::{self, Act, Pending};
use crate::search::Search;
use crate::sql::{Conn, Tx};
use crate::writer::{Batch, Job, Work, Writer};

/// Connections that read at the same time.
const READERS: usize = 8;
/// How long a caller waits for a free reader.
const READER_WAIT: Duration = Duration::from_secs(5);

/// How to open a register.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data directory: key file, kept checkpoints, and the database when it is SQLite.
    pub data: PathBuf,
    /// Where the rows are.
    pub place: Place,
    /// The key file, when it is not in the data directory.
    pub key: Option<PathBuf>,
    /// How surely a commit is on disk; only the power-cut test's negative control lowers it.
    pub durability: Durability,
    /// Whether to hold the search index. A command that does not search does without.
    pub search: bool,
}

impl Settings {
    /// The usual settings of a data directory.
    #[must_use]
    pub fn new(data: &Path, database: Option<&str>) -> Self {
        let place =
            database.map_or_else(|| Place::Sqlite(data.join("seloste.db")), |url| Place::Postgres(url.to_owned()));
        Self { data: data.to_owned(), place, key: None, durability: Durability::Full, search: true }
    }

    /// The file of checkpoints kept outside the database.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.data.join("checkpoints")
    }
}

/// An open register.
#[derive(Clone)]
pub struct Db(Arc<Open>);

struct Open {
    settings: Settings,
    register: RegisterId,
    keys: Arc<Keys>,
    env: Env,
    writer: Mutex<Option<Writer>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    readers: (Sender<Option<Conn>>, Receiver<Option<Conn>>),
    search: Arc<Search>,
    stopping: Arc<AtomicBool>,
    kept: Mutex<u64>,
}

impl Db {
    /// Opens the register of a data directory; migrates it first when the program is newer.
    ///
    /// # Errors
    /// No register, a missing or foreign key, a newer schema, a log that was put back: nothing is written then.
    pub fn open(settings: Settings, env: Env) -> Result<Self> {
        let keys = Self::ready(&settings, &env)?;
        let mut conn = settings.place.connect(settings.durability)?;
        let mut tx = Tx { conn: &mut conn, register: keys.register() };
        log::kept_checkpoint_holds(&mut tx, &keys.public(), &settings.checkpoints())?;
        let kept = settings.checkpoints();
        log::kept::mend(&kept, keys.register(), &keys.public()).map_err(|e| StoreError::file(&kept, &e))?;
        Self::start(settings, keys, env)
    }

    /// Opens a register whose database was put back to an earlier state on purpose: the file of kept checkpoints is
    /// moved aside, once everything else has been found in order. The caller logs it.
    ///
    /// # Errors
    /// As [`Db::open`], save for the log that was put back; and the file can not be moved.
    pub fn open_restored(settings: Settings, env: Env, suffix: &str) -> Result<Self> {
        let keys = Self::ready(&settings, &env)?;
        let kept = settings.checkpoints();
        if kept.exists() {
            let aside = kept.with_extension(format!("before-restore-{suffix}"));
            std::fs::rename(&kept, aside).map_err(|e| StoreError::file(&kept, &e))?;
        }
        Self::start(settings, keys, env)
    }

    /// The keys, once the database is there, is theirs and has the program's schema.
    fn ready(settings: &Settings, env: &Env) -> Result<Keys> {
        if !settings.place.exists() {
            return Err(StoreError::NoRegister);
        }
        let keys = Keys::load(&crate::keys::key_path(&settings.data, settings.key.as_deref()))?;
        crate::migrations::check(&settings.place, &keys)?;
        crate::migrations::migrate(&settings.place, Some(&settings.data), env.now())?;
        Ok(keys)
    }

    pub(crate) fn start(settings: Settings, keys: Keys, env: Env) -> Result<Self> {
        let keys = Arc::new(keys);
        let search = Arc::new(Search::new(settings.search));
        let work = Work {
            place: settings.place.clone(),
            durability: settings.durability,
            register: keys.register(),
            keys: Arc::clone(&keys),
            env: env.clone(),
            search: Arc::clone(&search),
        };
        let (writer, thread) = Writer::start(work)?;
        let readers = bounded(READERS);
        for _ in 0..READERS {
            // The channel has room for each of them.
            let _ = readers.0.send(None);
        }
        Ok(Self(Arc::new(Open {
            register: keys.register(),
            settings,
            keys,
            env,
            writer: Mutex::new(Some(writer)),
            threads: Mutex::new(vec![thread]),
            readers,
            search,
            stopping: Arc::new(AtomicBool::new(false)),
            kept: Mutex::new(0),
        })))
    }

    /// The register's id.
    #[must_use]
    pub fn register(&self) -> RegisterId {
        self.0.register
    }

    /// The clock and the randomness.
    #[must_use]
    pub fn env(&self) -> &Env {
        &self.0.env
    }

    /// The public key that verifies the log, in the C2SP form.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        log::checkpoint::verifier_key(self.0.register, &self.0.keys.public())
    }

    /// The public key that verifies the log.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.0.keys.public()
    }

    /// How it was opened.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Seals a secret of a setting, or what a form will bring back, for one object.
    ///
    /// # Errors
    /// It can not be sealed.
    pub fn seal_secret(&self, object: Uuid, secret: &[u8]) -> Result<Vec<u8>> {
        self.keys().seal_secret(object, secret, self.env())
    }

    /// Opens what [`Db::seal_secret`] sealed for the object.
    ///
    /// # Errors
    /// It was sealed for another one, or changed.
    pub fn open_secret(&self, object: Uuid, sealed: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        self.keys().open_secret(object, sealed)
    }

    pub(crate) fn search(&self) -> &Search {
        &self.0.search
    }

    /// Reads what is not personal data: the notice, accounts, sessions, the log itself.
    ///
    /// # Errors
    /// The database can not be read, or `read` fails.
    pub fn look<T>(&self, read: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut reader = self.reader()?;
        let conn = reader.conn(&self.0.settings.place)?;
        dialect::begin_view(conn)?;
        let found = read(&mut Tx { conn, register: self.0.register });
        reader.give_back(found)
    }

    /// Reads personal data. Whom `read` showed is in the log, durably, before this returns.
    ///
    /// # Errors
    /// The database can not be read or the log can not be written, or `read` fails; then nothing is returned.
    pub fn read<T>(&self, usage: &Use, read: impl FnOnce(&mut Reading<'_>) -> Result<T>) -> Result<T> {
        let (found, shown) = self.read_with(usage, read)?;
        #[cfg(feature = "bench")]
        if crate::bench::is_quiet() {
            return Ok(found);
        }
        if let Some(act) = shown.into_act() {
            self.append(act.event(usage, Outcome::Shown))?;
        }
        Ok(found)
    }

    fn read_with<T>(&self, usage: &Use, read: impl FnOnce(&mut Reading<'_>) -> Result<T>) -> Result<(T, Shown)> {
        let mut reader = self.reader()?;
        let conn = reader.conn(&self.0.settings.place)?;
        dialect::begin_view(conn)?;
        let tx = Tx { conn, register: self.0.register };
        let mut reading = Reading { tx, usage, keys: &self.0.keys, shown: Shown::default() };
        let found = read(&mut reading);
        let shown = std::mem::take(&mut reading.shown);
        Ok((reader.give_back(found)?, shown))
    }

    #[cfg(feature = "bench")]
    pub(crate) fn read_unlogged<T>(&self, usage: &Use, read: impl FnOnce(&mut Reading<'_>) -> Result<T>) -> Result<T> {
        self.read_with(usage, read).map(|(found, _)| found)
    }

    /// Changes data. The change and its log entries are one transaction. `change` may run more than once.
    ///
    /// # Errors
    /// The change is refused or could not be saved; then nothing of it is.
    pub fn write<T: Send + 'static>(
        &self,
        usage: &Use,
        mut change: impl FnMut(&mut Writing<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let usage = usage.clone();
        self.write_plain(move |plain| {
            let mut writing = Writing {
                plain: Plain { batch: &mut *plain.batch },
                usage: &usage,
                shown: Shown::default(),
                changed: BTreeSet::new(),
            };
            let result = change(&mut writing)?;
            writing.log_shown()?;
            Ok(result)
        })
    }

    /// Changes what is not personal data of the register: sessions, sign-ins, the set-up of a register.
    ///
    /// # Errors
    /// The change is refused or could not be saved; then nothing of it is.
    pub fn write_plain<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Plain<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = bounded(1);
        let writer = self.0.writer.lock().clone().ok_or_else(stopped)?;
        writer.submit(Box::new(Change { change, result: None, reply }))?;
        answer.recv().map_err(|_| stopped())?
    }

    /// Appends one event and waits until it is durable.
    ///
    /// # Errors
    /// The log could not be written.
    pub fn append(&self, event: Event) -> Result<()> {
        let (reply, answer) = bounded(1);
        let writer = self.0.writer.lock().clone().ok_or_else(stopped)?;
        writer.submit(Box::new(Append { event: Pending::new(&event)?, reply }))?;
        answer.recv().map_err(|_| stopped())?
    }

    /// Notes a use that showed no person's values by itself: reading the log.
    ///
    /// # Errors
    /// The log could not be written.
    pub fn append_use(&self, usage: &Use, subjects: Vec<Uuid>) -> Result<()> {
        self.append(Act { subjects, ..Act::default() }.event(usage, Outcome::Shown))
    }

    /// Notes an act of administration.
    ///
    /// # Errors
    /// The log could not be written.
    pub fn note(&self, actor: &ActorId, action: &str, objects: Vec<String>) -> Result<()> {
        self.append(plain_event(self.0.env.now(), actor, action, Outcome::Changed, objects))
    }

    /// Notes that something was refused.
    ///
    /// # Errors
    /// The log could not be written.
    pub fn refuse(&self, actor: &ActorId, action: &str, objects: Vec<String>) -> Result<()> {
        self.append(plain_event(self.0.env.now(), actor, action, Outcome::Refused, objects))
    }

    fn reader(&self) -> Result<Reader<'_>> {
        let conn = self.0.readers.1.recv_timeout(READER_WAIT).map_err(|_| StoreError::Busy)?;
        Ok(Reader { home: &self.0.readers.0, conn })
    }

    /// Starts the work that goes on beside the requests: indexing the log by subject, keeping checkpoints.
    ///
    /// # Errors
    /// No thread could be started.
    pub fn start_background(&self) -> Result<()> {
        let weak = Arc::downgrade(&self.0);
        let stopping = Arc::clone(&self.0.stopping);
        let thread = std::thread::Builder::new()
            .name("log".into())
            .spawn(move || {
                let mut round = 0_u32;
                while !stopping.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(250));
                    let Some(open) = weak.upgrade() else { return };
                    let db = Self(open);
                    round += 1;
                    if let Err(error) = db.index_log() {
                        tracing::warn!(%error, "the log could not be indexed");
                    }
                    if round.is_multiple_of(40)
                        && let Err(error) = db.keep_checkpoint()
                    {
                        tracing::warn!(%error, "no checkpoint could be kept");
                    }
                }
            })
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        self.0.threads.lock().push(thread);
        Ok(())
    }

    /// Indexes by subject what the log has gained until now; what comes meanwhile waits for the next time.
    ///
    /// # Errors
    /// The database can not be written.
    pub fn index_log(&self) -> Result<()> {
        let until = self.look(log::head_size)?;
        // It has no more to give when blocks were taken out of the log: that is for verifying to tell.
        while self.look(log::indexed)? < until && self.write_plain(|plain| log::index_tail(&mut plain.tx(), 64))? {}
        Ok(())
    }

    /// Appends the signed head to the file of checkpoints, unless it is there already. Returns it.
    ///
    /// # Errors
    /// The file can not be written.
    pub fn keep_checkpoint(&self) -> Result<String> {
        let (size, note) = self.look(log::head)?;
        let mut kept = self.0.kept.lock();
        if size > *kept {
            let path = self.0.settings.checkpoints();
            log::kept::append(&path, self.0.register, &self.0.keys.public(), &note)
                .map_err(|e| StoreError::file(&path, &e))?;
            *kept = size;
        }
        Ok(note)
    }

    /// Writes what is waiting, keeps a last checkpoint and stops the threads.
    pub fn close(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
        if let Err(error) = self.index_log().and_then(|()| self.keep_checkpoint()) {
            tracing::warn!(%error, "no last checkpoint could be kept");
        }
        *self.0.writer.lock() = None;
        let threads: Vec<_> = self.0.threads.lock().drain(..).collect();
        for thread in threads {
            let _ = thread.join();
        }
    }

    /// Takes from the database's files what was erased from its tables: SQLite overwrites it in the file at once, and here its
    /// write-ahead log; PostgreSQL keeps dead rows until VACUUM.
    ///
    /// # Errors
    /// The database can not be written.
    pub fn scrub(&self) -> Result<()> {
        let mut conn = self.0.settings.place.connect(self.0.settings.durability)?;
        dialect::scrub(&mut conn)
    }

    /// Copies the database as it is now into a file of its own, as a backup does. False: it is no file of the data directory.
    ///
    /// # Errors
    /// The file can not be written.
    pub fn back_up(&self, to: &Path) -> Result<bool> {
        let place = &self.0.settings.place;
        if !matches!(place, Place::Sqlite(_)) {
            return Ok(false);
        }
        dialect::back_up(&place.connect_reader()?, to)?;
        Ok(true)
    }

    /// Empties SQLite's write-ahead log into the database file.
    ///
    /// # Errors
    /// The database can not be written.
    pub fn truncate_wal(&self) -> Result<()> {
        let mut conn = self.0.settings.place.connect(self.0.settings.durability)?;
        dialect::truncate_wal(&mut conn)
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the register is closing".into())
}

/// An event that is no use of personal data: sign-in, set-up, a refusal.
pub(crate) fn plain_event(
    at: Timestamp,
    actor: &ActorId,
    action: &str,
    outcome: Outcome,
    objects: Vec<String>,
) -> Event {
    Event {
        seq: 0,
        at: at.as_microsecond(),
        actor: actor.to_string(),
        action: action.to_owned(),
        purpose: None,
        outcome,
        companies: Vec::new(),
        subjects: Vec::new(),
        objects,
        fields: Vec::new(),
        recipient: None,
        sealed: Vec::new(),
    }
}

/// A reading connection on loan. One whose view could not be ended is not given back; a new one is opened when needed.
struct Reader<'d> {
    home: &'d Sender<Option<Conn>>,
    conn: Option<Conn>,
}

impl Reader<'_> {
    fn conn(&mut self, place: &Place) -> Result<&mut Conn> {
        match &mut self.conn {
            Some(conn) => Ok(conn),
            empty => Ok(empty.insert(place.connect_reader()?)),
        }
    }

    fn give_back<T>(mut self, found: Result<T>) -> Result<T> {
        let broken = matches!(found, Err(StoreError::Unavailable(_) | StoreError::Disk(_)));
        let ended = self.conn.as_mut().map_or(Ok(()), dialect::end_view);
        if broken || ended.is_err() {
            self.conn = None;
        }
        found
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let _ = self.home.send(self.conn.take());
    }
}

/// Whom and what a reading showed.
#[derive(Default)]
struct Shown {
    subjects: BTreeSet<Uuid>,
    objects: BTreeSet<String>,
    fields: Kinds,
}

impl Shown {
    fn add(&mut self, party: PartyId, fields: Kinds) {
        self.subjects.insert(party.0);
        self.fields = fields.iter().fold(self.fields, Kinds::with);
    }

    fn into_act(self) -> Option<Act> {
        if self.subjects.is_empty() && self.objects.is_empty() {
            return None;
        }
        Some(Act {
            subjects: self.subjects.into_iter().collect(),
            objects: self.objects.into_iter().collect(),
            fields: self.fields.iter().map(|kind| kind.as_str().to_owned()).collect(),
            ..Act::default()
        })
    }
}

/// A view of the register for one use. What is shown from it is written to the log when it ends.
pub struct Reading<'r> {
    pub(crate) tx: Tx<'r>,
    pub(crate) usage: &'r Use,
    pub(crate) keys: &'r Keys,
    shown: Shown,
}

/// What a [`Reading`] and a [`Writing`] have in common.
pub trait Access {
    /// The statements.
    fn tx(&mut self) -> AccessTx<'_>;
    /// The use.
    fn usage(&self) -> &Use;
    /// The keys.
    fn keys(&self) -> AccessKeys<'_>;
    /// Notes that a party was shown, and which kinds of its data.
    fn show(&mut self, party: PartyId, fields: Kinds);
    /// Notes that something that is not a party was shown.
    fn show_object(&mut self, object: String);
    /// Notes by what something was shown, for the log.
    fn note_object(&mut self, object: String);
}

/// The statements of an [`Access`]; only the store can use them.
pub struct AccessTx<'a>(pub(crate) Tx<'a>);

/// The keys of an [`Access`]; only the store can use them.
pub struct AccessKeys<'a>(pub(crate) &'a Keys);

impl Access for Reading<'_> {
    fn tx(&mut self) -> AccessTx<'_> {
        AccessTx(Tx { conn: self.tx.conn, register: self.tx.register })
    }
    fn usage(&self) -> &Use {
        self.usage
    }
    fn keys(&self) -> AccessKeys<'_> {
        AccessKeys(self.keys)
    }
    fn show(&mut self, party: PartyId, fields: Kinds) {
        self.shown.add(party, fields);
    }
    fn show_object(&mut self, object: String) {
        self.shown.objects.insert(object);
        self.shown.fields = self.shown.fields.with(Kind::Orders);
    }
    fn note_object(&mut self, object: String) {
        self.shown.objects.insert(object);
    }
}

/// The writer's transaction for one job, for what is not personal data of the register.
pub struct Plain<'w, 'b> {
    pub(crate) batch: &'w mut Batch<'b>,
}

impl Plain<'_, '_> {
    /// Adds an event that is no use of personal data.
    ///
    /// # Errors
    /// The event can not be written.
    pub fn log(&mut self, actor: &ActorId, action: &str, outcome: Outcome, objects: Vec<String>) -> Result<()> {
        let event = plain_event(self.batch.env.now(), actor, action, outcome, objects);
        self.push(&event)
    }

    /// The clock and the randomness.
    #[must_use]
    pub const fn env(&self) -> &Env {
        self.batch.env
    }

    /// The statements.
    pub fn tx(&mut self) -> Tx<'_> {
        Tx { conn: self.batch.tx.conn, register: self.batch.tx.register }
    }

    fn push(&mut self, event: &Event) -> Result<()> {
        self.batch.events.push(Pending::new(event)?);
        self.batch.next_seq += 1;
        Ok(())
    }
}

/// The writer's transaction for one job under a use.
pub struct Writing<'w, 'b> {
    plain: Plain<'w, 'b>,
    usage: &'w Use,
    shown: Shown,
    /// Whom the job's own events name already.
    changed: BTreeSet<Uuid>,
}

impl<'w, 'b> Writing<'w, 'b> {
    /// Adds an event of this use to the log.
    ///
    /// # Errors
    /// The event can not be written.
    pub fn log(&mut self, act: Act) -> Result<()> {
        let action = self.usage.action();
        self.log_as(action.as_str(), act)
    }

    /// Adds an event of this use under another name, when one act has several parts.
    pub(crate) fn log_as(&mut self, action: &str, act: Act) -> Result<()> {
        self.changed.extend(&act.subjects);
        let event = Event { action: action.to_owned(), ..act.event(self.usage, Outcome::Changed) };
        self.plain.push(&event)
    }

    /// The number that the next event will get.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.plain.batch.next_seq
    }

    /// The same transaction, for what is not personal data.
    pub fn plain(&mut self) -> &mut Plain<'w, 'b> {
        &mut self.plain
    }

    /// The clock and the randomness.
    #[must_use]
    pub const fn env(&self) -> &Env {
        self.plain.env()
    }

    /// Notes that the search words of a party or an order may have changed.
    pub(crate) fn touch(&mut self, id: Uuid) {
        self.plain.batch.touched.push(id);
    }

    fn log_shown(&mut self) -> Result<()> {
        let mut shown = std::mem::take(&mut self.shown);
        shown.subjects.retain(|subject| !self.changed.contains(subject));
        if let Some(act) = shown.into_act() {
            let event = act.event(self.usage, Outcome::Shown);
            self.plain.push(&event)?;
        }
        Ok(())
    }
}

impl Access for Writing<'_, '_> {
    fn tx(&mut self) -> AccessTx<'_> {
        AccessTx(self.plain.tx())
    }
    fn usage(&self) -> &Use {
        self.usage
    }
    fn keys(&self) -> AccessKeys<'_> {
        AccessKeys(self.plain.batch.keys)
    }
    fn show(&mut self, party: PartyId, fields: Kinds) {
        self.shown.add(party, fields);
    }
    fn show_object(&mut self, object: String) {
        self.shown.objects.insert(object);
    }
    fn note_object(&mut self, object: String) {
        self.shown.objects.insert(object);
    }
}

struct Change<T, F> {
    change: F,
    result: Option<T>,
    reply: Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Plain<'_, '_>) -> Result<T> + Send> Job for Change<T, F> {
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()> {
        self.result = Some((self.change)(&mut Plain { batch })?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let Self { result, reply, .. } = *self;
        let result = outcome.and_then(|()| result.ok_or_else(|| StoreError::Corrupt("a job without result".into())));
        // The caller may have gone; the change stands all the same.
        let _ = reply.send(result);
    }
}

struct Append {
    event: Pending,
    reply: Sender<Result<()>>,
}

impl Job for Append {
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()> {
        batch.events.push(self.event.clone());
        batch.next_seq += 1;
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let _ = self.reply.send(outcome);
    }

    fn only_events(&self) -> bool {
        true
    }
}
