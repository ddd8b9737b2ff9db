//! Feeds and their runs: no personal data. A runner takes a feed by lease, as one takes a message (`mail.rs`).

use jiff::Timestamp;
use seloste_domain::feed::{Feed, FeedRun, FeedState, RunState, Trouble};
use seloste_domain::fold::fold;
use seloste_domain::id::{FeedId, FeedRunId, ImportId, MappingId};
use seloste_domain::import::Noun;

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

const COLUMNS: &str = "SELECT feed_id, name, place, address, noun, source_id, company_id, mapping_id, every_minutes, state, \
     secret, failures, trouble, status, checked_at, next_at, running, version, changed_by, changed_at \
     FROM feed WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Feed> {
    Ok(Feed {
        id: FeedId(row.id(0)?),
        name: row.text(1)?,
        place: row.parsed(2)?,
        address: row.text(3)?,
        noun: Noun::named(&row.text(4)?).ok_or_else(|| StoreError::Corrupt("what a feed is for".into()))?,
        source: row.parsed(5)?,
        company: row.opt_parsed(6)?,
        mapping: row.opt_id(7)?.map(MappingId),
        every: row.int(8)?,
        state: row.parsed(9)?,
        has_secret: row.opt_bytes(10)?.is_some(),
        failures: row.int(11)?,
        trouble: row.opt_parsed(12)?,
        status: row.opt_text(13)?,
        checked_at: row.opt_time(14)?,
        next_at: row.opt_time(15)?,
        running: row.flag(16)?,
        version: row.int(17)?,
        changed_by: row.text(18)?,
        changed_at: row.time(19)?,
    })
}

/// All feeds, by name.
///
/// # Errors
/// The database can not be read.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Feed>> {
    tx.query(&format!("{COLUMNS} ORDER BY name_key"), params![], read)
}

/// One feed.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: FeedId) -> Result<Feed> {
    tx.query_opt(&format!("{COLUMNS} AND feed_id = ?2"), params![id], read)?.ok_or(StoreError::NotFound("feed"))
}

fn refuse_taken(tx: &mut Tx<'_>, feed: &Feed) -> Result<()> {
    let same = tx.query_opt(
        "SELECT feed_id FROM feed WHERE register_id = ?1 AND name_key = ?2 AND feed_id <> ?3",
        params![&fold(&feed.name), feed.id],
        |row| row.id(0),
    )?;
    if same.is_some() { Err(StoreError::Taken("name")) } else { Ok(()) }
}

/// Adds a feed, with its secret sealed.
///
/// # Errors
/// Another one has this name.
pub fn insert(tx: &mut Tx<'_>, feed: &Feed, secret: Option<&[u8]>) -> Result<()> {
    refuse_taken(tx, feed)?;
    let secret = secret.map(<[u8]>::to_vec);
    let company = feed.company.as_ref();
    tx.execute(
        "INSERT INTO feed (register_id, feed_id, name, name_key, place, address, noun, source_id, company_id, mapping_id, \
         every_minutes, state, taken, running, next_at, failures, version, changed_by, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, ?13, 0, ?14, ?15, ?16)",
        params![
            feed.id,
            &feed.name,
            &fold(&feed.name),
            feed.place.as_str(),
            &feed.address,
            feed.noun.as_str(),
            &feed.source,
            company,
            feed.mapping,
            feed.every,
            feed.state.as_str(),
            feed.next_at,
            feed.version,
            &feed.changed_by,
            feed.changed_at,
        ],
    )?;
    set_secret(tx, feed.id, secret.as_ref())
}

/// What becomes of the secret of a feed that is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// It stays.
    Keep,
    /// It goes.
    Forget,
    /// This one, sealed, takes its place.
    New(Vec<u8>),
}

/// Changes a feed, when it still has the version before this one. What failed before is tried again, and what a server
/// said of its content is forgotten.
///
/// # Errors
/// Someone else changed it meanwhile, or another one has this name.
pub fn update(tx: &mut Tx<'_>, feed: &Feed, secret: &Secret) -> Result<()> {
    refuse_taken(tx, feed)?;
    let expected = feed.version - 1;
    let company = feed.company.as_ref();
    let rows = tx.execute(
        "UPDATE feed SET name = ?3, name_key = ?4, place = ?5, address = ?6, noun = ?7, source_id = ?8, company_id = ?9, \
         mapping_id = ?10, every_minutes = ?11, next_at = ?12, failures = 0, trouble = NULL, status = NULL, etag = NULL, \
         last_modified = NULL, last_hash = NULL, goes_on = NULL, running = 0, taken = taken + 1, version = ?13, \
         changed_by = ?14, changed_at = ?15 WHERE register_id = ?1 AND feed_id = ?2 AND version = ?16",
        params![
            feed.id,
            &feed.name,
            &fold(&feed.name),
            feed.place.as_str(),
            &feed.address,
            feed.noun.as_str(),
            &feed.source,
            company,
            feed.mapping,
            feed.every,
            feed.next_at,
            feed.version,
            &feed.changed_by,
            feed.changed_at,
            expected,
        ],
    )?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: feed.version, expected });
    }
    match secret {
        Secret::Keep => {}
        Secret::Forget => set_secret(tx, feed.id, None)?,
        Secret::New(sealed) => set_secret(tx, feed.id, Some(sealed))?,
    }
    tx.execute("DELETE FROM feed_seen WHERE register_id = ?1 AND feed_id = ?2 AND imported = 0", params![feed.id])
        .map(drop)
}

fn set_secret(tx: &mut Tx<'_>, id: FeedId, sealed: Option<&Vec<u8>>) -> Result<()> {
    let sql = "UPDATE feed SET secret = ?3 WHERE register_id = ?1 AND feed_id = ?2";
    match sealed {
        Some(sealed) => tx.execute(sql, params![id, sealed])?,
        None => tx.execute("UPDATE feed SET secret = NULL WHERE register_id = ?1 AND feed_id = ?2", params![id])?,
    };
    Ok(())
}

/// The secret of a feed, sealed.
///
/// # Errors
/// The database can not be read.
pub fn secret(tx: &mut Tx<'_>, id: FeedId) -> Result<Option<Vec<u8>>> {
    let found =
        tx.query_opt("SELECT secret FROM feed WHERE register_id = ?1 AND feed_id = ?2", params![id], |row| {
            row.opt_bytes(0)
        })?;
    Ok(found.flatten())
}

/// Lets a feed be read, pauses or stops it. A runner that has it notices at its next step.
///
/// # Errors
/// There is none.
pub fn set_state(
    tx: &mut Tx<'_>,
    id: FeedId,
    state: FeedState,
    trouble: Option<Trouble>,
    now: Timestamp,
) -> Result<()> {
    let next = (state == FeedState::Active).then_some(now);
    let rows = tx.execute(
        "UPDATE feed SET state = ?3, next_at = ?4, trouble = ?5, status = NULL, failures = 0, running = 0, \
         taken = taken + 1 WHERE register_id = ?1 AND feed_id = ?2",
        params![id, state.as_str(), next, trouble.map(Trouble::as_str)],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("feed")) }
}

/// Makes a feed due at once, unless a runner has it.
///
/// # Errors
/// The database can not be written.
pub fn make_due(tx: &mut Tx<'_>, id: FeedId, now: Timestamp) -> Result<bool> {
    let rows = tx.execute(
        "UPDATE feed SET next_at = ?3 WHERE register_id = ?1 AND feed_id = ?2 AND state = 'active' AND running = 0",
        params![id, now],
    )?;
    Ok(rows == 1)
}

/// Removes a feed with its history. What it imported stays, and its imports can be undone.
///
/// # Errors
/// There is none.
pub fn remove(tx: &mut Tx<'_>, id: FeedId) -> Result<()> {
    for sql in [
        "DELETE FROM feed_seen WHERE register_id = ?1 AND feed_id = ?2",
        "DELETE FROM feed_run WHERE register_id = ?1 AND feed_id = ?2",
    ] {
        tx.execute(sql, params![id])?;
    }
    let rows = tx.execute("DELETE FROM feed WHERE register_id = ?1 AND feed_id = ?2", params![id])?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("feed")) }
}

/// A feed that a runner has, or may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The feed.
    pub id: FeedId,
    /// How often it was taken: the number of the lease.
    pub number: i64,
    /// The tag of the last content that was imported.
    pub etag: Option<String>,
    /// When that was changed, as the server wrote it.
    pub last_modified: Option<String>,
    /// Its SHA-256.
    pub last_hash: Option<String>,
    /// Where the company register is gone on with.
    pub goes_on: Option<String>,
}

/// The feed that has waited longest past its time.
///
/// # Errors
/// The database can not be read.
pub fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Taken>> {
    tx.query_opt(
        "SELECT feed_id, taken, etag, last_modified, last_hash, goes_on FROM feed WHERE register_id = ?1 \
         AND next_at IS NOT NULL AND next_at <= ?2 ORDER BY next_at, feed_id LIMIT 1",
        params![now],
        |row| {
            Ok(Taken {
                id: FeedId(row.id(0)?),
                number: row.int(1)?,
                etag: row.opt_text(2)?,
                last_modified: row.opt_text(3)?,
                last_hash: row.opt_text(4)?,
                goes_on: row.opt_text(5)?,
            })
        },
    )
}

/// Takes a feed until `lease`, unless another runner has done so; the number of the lease is in the answer.
///
/// # Errors
/// The database can not be written.
pub fn take(tx: &mut Tx<'_>, due: &Taken, now: Timestamp, lease: Timestamp) -> Result<Option<Taken>> {
    let rows = tx.execute(
        "UPDATE feed SET taken = taken + 1, running = 1, next_at = ?5 WHERE register_id = ?1 AND feed_id = ?2 \
         AND taken = ?3 AND state = 'active' AND next_at IS NOT NULL AND next_at <= ?4",
        params![due.id, due.number, now, lease],
    )?;
    Ok((rows == 1).then(|| Taken { number: due.number + 1, ..due.clone() }))
}

/// Keeps a feed for longer; false when it is not this runner's any more.
///
/// # Errors
/// The database can not be written.
pub fn renew(tx: &mut Tx<'_>, taken: &Taken, lease: Timestamp) -> Result<bool> {
    let rows = tx.execute(
        "UPDATE feed SET next_at = ?4 WHERE register_id = ?1 AND feed_id = ?2 AND taken = ?3 AND running = 1",
        params![taken.id, taken.number, lease],
    )?;
    Ok(rows == 1)
}

/// Whether the feed is still this runner's, within its transaction.
///
/// # Errors
/// The database can not be read.
pub fn is_held(tx: &mut Tx<'_>, taken: &Taken) -> Result<bool> {
    let found = tx.query_opt(
        "SELECT feed_id FROM feed WHERE register_id = ?1 AND feed_id = ?2 AND taken = ?3 AND running = 1",
        params![taken.id, taken.number],
        |row| row.id(0),
    )?;
    Ok(found.is_some())
}

/// Gives a feed back that was not read to the end; it is due at once.
///
/// # Errors
/// The database can not be written.
pub fn release(tx: &mut Tx<'_>, taken: &Taken, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE feed SET running = 0, next_at = ?4 WHERE register_id = ?1 AND feed_id = ?2 AND taken = ?3 AND running = 1",
        params![taken.id, taken.number, now],
    )
    .map(drop)
}

/// How a reading ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Why it failed.
    pub trouble: Option<Trouble>,
    /// The status that the server answered.
    pub status: Option<String>,
    /// When it is read next.
    pub next_at: Timestamp,
    /// What is known of the content, as in [`Taken`].
    pub etag: Option<String>,
    /// What is known of the content, as in [`Taken`].
    pub last_modified: Option<String>,
    /// What is known of the content, as in [`Taken`].
    pub last_hash: Option<String>,
    /// Where the company register is gone on with.
    pub goes_on: Option<String>,
    /// Whether this reading failed: the pause grows with each that does.
    pub failed: bool,
}

/// Gives a feed back; nothing happens when it is not this runner's any more. A trouble that only a person can help with
/// stops it.
///
/// # Errors
/// The database can not be written.
pub fn give_back(tx: &mut Tx<'_>, taken: &Taken, ending: &Ending, now: Timestamp) -> Result<bool> {
    let stops = ending.trouble.is_some_and(Trouble::stops);
    let state = if stops { FeedState::Stopped } else { FeedState::Active };
    let next = (!stops).then_some(ending.next_at);
    let failed = i64::from(ending.failed);
    let rows = tx.execute(
        "UPDATE feed SET running = 0, state = ?4, next_at = ?5, checked_at = ?6, trouble = ?7, status = ?8, \
         failures = (failures + 1) * ?9, etag = ?10, last_modified = ?11, last_hash = ?12, \
         goes_on = ?13 WHERE register_id = ?1 AND feed_id = ?2 AND taken = ?3 AND running = 1",
        params![
            taken.id,
            taken.number,
            state.as_str(),
            next,
            now,
            ending.trouble.map(Trouble::as_str),
            &ending.status,
            failed,
            &ending.etag,
            &ending.last_modified,
            &ending.last_hash,
            &ending.goes_on,
        ],
    )?;
    Ok(rows == 1)
}

const RUN: &str = "SELECT feed_id, run_id, started_at, finished_at, state, trouble, status, file_name, file_hash, import_id, \
     rows_read, created, updated, unchanged, refused, problems, has_error_file FROM feed_run WHERE register_id = ?1";

fn read_run(row: &Row<'_>) -> Result<FeedRun> {
    let problems = row.text(15)?;
    Ok(FeedRun {
        feed: FeedId(row.id(0)?),
        id: FeedRunId(row.id(1)?),
        started_at: row.time(2)?,
        finished_at: row.opt_time(3)?,
        state: row.parsed(4)?,
        trouble: row.opt_parsed(5)?,
        status: row.opt_text(6)?,
        file_name: row.opt_text(7)?,
        file_hash: row.opt_text(8)?,
        import: row.opt_id(9)?.map(ImportId),
        counts: [row.int(10)?, row.int(11)?, row.int(12)?, row.int(13)?, row.int(14)?],
        problems: serde_json::from_str(&problems).map_err(|_| StoreError::Corrupt("the problems of a run".into()))?,
        has_error_file: row.flag(16)?,
    })
}

/// The newest runs of a feed.
///
/// # Errors
/// The database can not be read.
pub fn runs(tx: &mut Tx<'_>, feed: FeedId, limit: i64) -> Result<Vec<FeedRun>> {
    tx.query(&format!("{RUN} AND feed_id = ?2 ORDER BY run_id DESC LIMIT ?3"), params![feed, limit], read_run)
}

/// One run.
///
/// # Errors
/// There is none.
pub fn run(tx: &mut Tx<'_>, feed: FeedId, run: FeedRunId) -> Result<FeedRun> {
    let found = tx.query_opt(&format!("{RUN} AND feed_id = ?2 AND run_id = ?3"), params![feed, run], read_run)?;
    found.ok_or(StoreError::NotFound("run"))
}

/// Notes that a run begins, or how it ended.
///
/// # Errors
/// The database can not be written.
pub fn put_run(tx: &mut Tx<'_>, run: &FeedRun) -> Result<()> {
    let problems = serde_json::to_string(&run.problems).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    tx.execute(
        "DELETE FROM feed_run WHERE register_id = ?1 AND feed_id = ?2 AND run_id = ?3",
        params![run.feed, run.id],
    )?;
    let [rows, created, updated, unchanged, refused] = run.counts;
    tx.execute(
        "INSERT INTO feed_run (register_id, feed_id, run_id, started_at, finished_at, state, trouble, status, file_name, \
         file_hash, import_id, rows_read, created, updated, unchanged, refused, problems, has_error_file) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        params![
            run.feed,
            run.id,
            run.started_at,
            run.finished_at,
            run.state.as_str(),
            run.trouble.map(Trouble::as_str),
            &run.status,
            &run.file_name,
            &run.file_hash,
            run.import,
            rows,
            created,
            updated,
            unchanged,
            refused,
            &problems,
            run.has_error_file,
        ],
    )
    .map(drop)
}

/// Runs of a feed that have not ended: their runner did not come back.
///
/// # Errors
/// The database can not be read.
pub fn unfinished(tx: &mut Tx<'_>, feed: FeedId) -> Result<Vec<FeedRun>> {
    let running = RunState::Running.as_str();
    tx.query(&format!("{RUN} AND feed_id = ?2 AND state = ?3 ORDER BY run_id"), params![feed, running], read_run)
}

/// Forgets all but the newest runs of a feed; the ids of the others.
///
/// # Errors
/// The database can not be written.
pub fn prune(tx: &mut Tx<'_>, feed: FeedId, keep: i64) -> Result<()> {
    let oldest = tx.query(
        "SELECT run_id FROM feed_run WHERE register_id = ?1 AND feed_id = ?2 ORDER BY run_id DESC LIMIT ?3",
        params![feed, keep],
        |row| row.id(0),
    )?;
    let Some(oldest) = oldest.get(usize::try_from(keep - 1).unwrap_or(usize::MAX)) else { return Ok(()) };
    tx.execute(
        "DELETE FROM feed_run WHERE register_id = ?1 AND feed_id = ?2 AND run_id < ?3",
        params![feed, FeedRunId(*oldest)],
    )
    .map(drop)
}

/// Whether a feed has read a content before; true inside when it was imported.
///
/// # Errors
/// The database can not be read.
pub fn seen(tx: &mut Tx<'_>, feed: FeedId, hash: &str) -> Result<Option<bool>> {
    tx.query_opt(
        "SELECT imported FROM feed_seen WHERE register_id = ?1 AND feed_id = ?2 AND file_hash = ?3",
        params![feed, hash],
        |row| row.flag(0),
    )
}

/// Remembers a content.
///
/// # Errors
/// The database can not be written.
pub fn remember(tx: &mut Tx<'_>, feed: FeedId, hash: &str, imported: bool, now: Timestamp) -> Result<()> {
    tx.execute(
        "DELETE FROM feed_seen WHERE register_id = ?1 AND feed_id = ?2 AND file_hash = ?3",
        params![feed, hash],
    )?;
    tx.execute(
        "INSERT INTO feed_seen (register_id, feed_id, file_hash, imported, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![feed, hash, imported, now],
    )
    .map(drop)
}
