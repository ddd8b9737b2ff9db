//! The group-commit writer: one thread takes whatever jobs wait, runs each under a savepoint of one transaction,
//! appends their events to the log as one block, commits once, and only then answers.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use seloste_domain::id::RegisterId;
use uuid::Uuid;

use crate::dialect::{self, Durability, Place, run_batch};
use crate::env::Env;
use crate::error::{Result, StoreError};
use crate::keys::Keys;
use crate::log::{self, Head, Pending};
use crate::search::Search;
use crate::sql::{Conn, Tx};

/// Jobs that may wait; beyond it callers are told to come back.
const QUEUE: usize = 1_024;
/// Jobs in one commit at most, so that the first of them is answered soon.
const BATCH: usize = 512;
/// Tries of a batch when the database is busy or comes back after a break.
const TRIES: u32 = 3;

/// What a job may use while it runs in the writer's transaction.
pub(crate) struct Batch<'b> {
    pub(crate) tx: Tx<'b>,
    pub(crate) keys: &'b Keys,
    pub(crate) env: &'b Env,
    /// The number that the job's next event will get.
    pub(crate) next_seq: u64,
    pub(crate) events: Vec<Pending>,
    /// Parties and orders whose search words may have changed.
    pub(crate) touched: Vec<Uuid>,
}

/// A piece of work. It may run again when the whole transaction has to be retried.
pub(crate) trait Job: Send {
    /// Does the work.
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()>;
    /// Answers the caller, once.
    fn answer(self: Box<Self>, outcome: Result<()>);
    /// Whether it only appends events; then it needs no savepoint, because it can not fail half-way.
    fn only_events(&self) -> bool {
        false
    }
}

/// The way to the writer.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: Sender<Box<dyn Job>>,
}

/// What the writer thread owns.
pub(crate) struct Work {
    pub(crate) place: Place,
    pub(crate) durability: Durability,
    pub(crate) register: RegisterId,
    pub(crate) keys: Arc<Keys>,
    pub(crate) env: Env,
    pub(crate) search: Arc<Search>,
}

impl Writer {
    /// Starts the thread. It ends when the last way to it is gone.
    pub(crate) fn start(work: Work) -> Result<(Self, std::thread::JoinHandle<()>)> {
        let (queue, jobs) = bounded(QUEUE);
        let conn = work.place.connect(work.durability)?;
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || run(&work, &jobs, conn))
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok((Self { queue }, thread))
    }

    /// Puts a job in the queue.
    pub(crate) fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        self.queue.try_send(job).map_err(|e| match e {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Unavailable("the writer has stopped".into()),
        })
    }
}

fn run(work: &Work, jobs: &Receiver<Box<dyn Job>>, conn: Conn) {
    let mut conn = Some(conn);
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        batch.extend(jobs.try_iter().take(BATCH - 1));
        let outcomes = commit(work, &mut conn, &mut batch);
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            job.answer(outcome);
        }
    }
}

/// Runs and commits a batch, again if the database was busy or away. One outcome a job.
fn commit(work: &Work, conn: &mut Option<Conn>, jobs: &mut [Box<dyn Job>]) -> Vec<Result<()>> {
    let mut failure = StoreError::Busy;
    for attempt in 0..TRIES {
        if attempt > 0 {
            std::thread::sleep(std::time::Duration::from_millis(50 << attempt));
        }
        match try_commit(work, conn, jobs) {
            Ok(outcomes) => return outcomes,
            Err(error) => {
                // After an error of the disk or the connection nothing is assumed of it: the next try opens anew, and
                // SQLite recovers from its write-ahead log.
                if !matches!(error, StoreError::Busy) {
                    *conn = None;
                }
                let again = error.is_retryable();
                failure = error;
                if !again {
                    break;
                }
            }
        }
    }
    tracing::error!(jobs = jobs.len(), error = %failure, "a batch of changes was not saved");
    jobs.iter().map(|_| Err(failure.repeat())).collect()
}

fn try_commit(work: &Work, conn: &mut Option<Conn>, jobs: &mut [Box<dyn Job>]) -> Result<Vec<Result<()>>> {
    let open = match conn {
        Some(open) => open,
        None => conn.insert(work.place.connect(work.durability)?),
    };
    dialect::begin(open)?;
    let done = match run_jobs(work, open, jobs) {
        Ok(done) => done,
        Err(error) => {
            let _ = run_batch(open, "ROLLBACK");
            return Err(error);
        }
    };
    if let Err(error) = run_batch(open, "COMMIT") {
        let _ = run_batch(open, "ROLLBACK");
        return after_failed_commit(work, conn, error, done);
    }
    finish(work, open, &done);
    Ok(done.outcomes)
}

struct Done {
    outcomes: Vec<Result<()>>,
    touched: Vec<Uuid>,
    from: u64,
    head: Option<Head>,
}

fn run_jobs(work: &Work, conn: &mut Conn, jobs: &mut [Box<dyn Job>]) -> Result<Done> {
    let mut tx = Tx { conn, register: work.register };
    let head = log::head_row(&mut tx)?;
    let from = head.tree.size();
    let mut batch =
        Batch { tx, keys: &work.keys, env: &work.env, next_seq: from, events: Vec::new(), touched: Vec::new() };
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(run_job(&mut batch, job.as_mut())?);
    }
    let Batch { mut tx, events, touched, .. } = batch;
    let head = match events.as_slice() {
        [] => None,
        events => Some(log::append(&mut tx, &head, &work.keys, work.env.now().as_microsecond(), events)?),
    };
    Ok(Done { outcomes, touched, from, head })
}

/// The outer error ends the batch; the inner one is the job's own, and only its work is rolled back.
fn run_job(batch: &mut Batch<'_>, job: &mut dyn Job) -> Result<Result<()>> {
    if job.only_events() {
        return Ok(job.run(batch));
    }
    let (events, touched, seq) = (batch.events.len(), batch.touched.len(), batch.next_seq);
    run_batch(batch.tx.conn, "SAVEPOINT job")?;
    let outcome = job.run(batch);
    match outcome {
        Ok(()) => {
            run_batch(batch.tx.conn, "RELEASE SAVEPOINT job")?;
            Ok(Ok(()))
        }
        // The whole transaction is lost, or would be: the batch is run again.
        Err(error @ (StoreError::Busy | StoreError::Unavailable(_) | StoreError::Disk(_))) => Err(error),
        Err(error) => {
            run_batch(batch.tx.conn, "ROLLBACK TO SAVEPOINT job")?;
            run_batch(batch.tx.conn, "RELEASE SAVEPOINT job")?;
            batch.events.truncate(events);
            batch.touched.truncate(touched);
            batch.next_seq = seq;
            Ok(Err(error))
        }
    }
}

/// A COMMIT that failed for the connection may have been carried out. The signed head of the block tells: it is unlike
/// any other.
fn after_failed_commit(work: &Work, conn: &mut Option<Conn>, error: StoreError, done: Done) -> Result<Vec<Result<()>>> {
    if !matches!(error, StoreError::Unavailable(_)) {
        return Err(error);
    }
    *conn = None;
    let Some(head) = &done.head else { return Err(StoreError::Unknown) };
    for attempt in 0..10_u64 {
        std::thread::sleep(std::time::Duration::from_millis(100 * attempt));
        let Ok(mut open) = work.place.connect(work.durability) else { continue };
        let mut tx = Tx { conn: &mut open, register: work.register };
        let Ok(blocks) = log::blocks(&mut tx, done.from, 1) else { continue };
        let committed = blocks.first().is_some_and(|b| b.first_seq == done.from && b.checkpoint == head.checkpoint);
        let open = conn.insert(open);
        if committed {
            finish(work, open, &done);
            return Ok(done.outcomes);
        }
        return Err(error);
    }
    Err(StoreError::Unknown)
}

/// Brings the search index in step before anyone is answered.
fn finish(work: &Work, conn: &mut Conn, done: &Done) {
    if let Some(head) = &done.head {
        let mut tx = Tx { conn, register: work.register };
        work.search.committed(&mut tx, done.from, head.tree.size(), &done.touched);
    }
}
