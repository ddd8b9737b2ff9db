//! Runs of imports, and what each of them did, so that it can be undone.

use jiff::Timestamp;
use seloste_domain::id::{ImportId, SourceId};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

/// One run of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// What was imported: `people`, `organisations` or `orders`.
    pub noun: String,
    /// The source, as the notice names it.
    pub source: SourceId,
    /// The file's name, without folders.
    pub file_name: String,
    /// SHA-256 of the file, hexadecimal.
    pub file_hash: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none: it was broken off or is running.
    pub finished_at: Option<Timestamp>,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// Who ran it.
    pub entered_by: String,
    /// What it did.
    pub counts: Counts,
}

/// How many rows an import read, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Rows read.
    pub rows: i64,
    /// Things added.
    pub created: i64,
    /// Things changed.
    pub updated: i64,
    /// Things found as they were.
    pub unchanged: i64,
    /// Rows refused.
    pub refused: i64,
}

/// Something that an import added or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The person, organisation or order.
    pub object: Uuid,
    /// The number of the log event and of the sealed change.
    pub seq: u64,
    /// `person`, `organisation` or `order`.
    pub noun: String,
    /// The version that the import left.
    pub version: i64,
}

const COLUMNS: &str = "SELECT import_id, noun, source_id, file_name, file_hash, started_at, finished_at, undone_at, \
     entered_by, rows_read, created, updated, unchanged, refused FROM import WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Import> {
    Ok(Import {
        id: ImportId(row.id(0)?),
        noun: row.text(1)?,
        source: row.parsed(2)?,
        file_name: row.text(3)?,
        file_hash: row.text(4)?,
        started_at: row.time(5)?,
        finished_at: row.opt_time(6)?,
        undone_at: row.opt_time(7)?,
        entered_by: row.text(8)?,
        counts: Counts {
            rows: row.int(9)?,
            created: row.int(10)?,
            updated: row.int(11)?,
            unchanged: row.int(12)?,
            refused: row.int(13)?,
        },
    })
}

/// Begins a run.
///
/// # Errors
/// The database can not be written.
pub fn insert(tx: &mut Tx<'_>, import: &Import) -> Result<()> {
    tx.execute(
        "INSERT INTO import (register_id, import_id, noun, source_id, file_name, file_hash, started_at, entered_by, \
         rows_read, created, updated, unchanged, refused) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, 0, 0)",
        params![
            import.id,
            &import.noun,
            &import.source,
            &import.file_name,
            &import.file_hash,
            import.started_at,
            &import.entered_by,
        ],
    )
    .map(drop)
}

/// Ends a run.
///
/// # Errors
/// The database can not be written.
pub fn finish(tx: &mut Tx<'_>, id: ImportId, counts: &Counts, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE import SET finished_at = ?3, rows_read = ?4, created = ?5, updated = ?6, unchanged = ?7, refused = ?8 \
         WHERE register_id = ?1 AND import_id = ?2",
        params![id, now, counts.rows, counts.created, counts.updated, counts.unchanged, counts.refused],
    )
    .map(drop)
}

/// Notes what a run did, in the transaction that does it.
///
/// # Errors
/// The database can not be written.
pub fn note(tx: &mut Tx<'_>, id: ImportId, done: &Done) -> Result<()> {
    tx.execute(
        "INSERT INTO import_change (register_id, import_id, object_id, seq, noun, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![id, done.object, done.seq.cast_signed(), &done.noun, done.version],
    )
    .map(drop)
}

/// What a run did, the last first.
///
/// # Errors
/// The database can not be read.
pub fn done(tx: &mut Tx<'_>, id: ImportId) -> Result<Vec<Done>> {
    tx.query(
        "SELECT object_id, seq, noun, version FROM import_change WHERE register_id = ?1 AND import_id = ?2 \
         ORDER BY seq DESC, object_id DESC",
        params![id],
        |row| {
            Ok(Done { object: row.id(0)?, seq: row.int(1)?.cast_unsigned(), noun: row.text(2)?, version: row.int(3)? })
        },
    )
}

/// Forgets one thing that a run did, because it was undone.
///
/// # Errors
/// The database can not be written.
pub fn forget(tx: &mut Tx<'_>, id: ImportId, done: &Done) -> Result<()> {
    tx.execute(
        "DELETE FROM import_change WHERE register_id = ?1 AND import_id = ?2 AND object_id = ?3 AND seq = ?4",
        params![id, done.object, done.seq.cast_signed()],
    )
    .map(drop)
}

/// Notes that a run was undone.
///
/// # Errors
/// The database can not be written.
pub fn set_undone(tx: &mut Tx<'_>, id: ImportId, now: Timestamp) -> Result<()> {
    tx.execute("UPDATE import SET undone_at = ?3 WHERE register_id = ?1 AND import_id = ?2", params![id, now]).map(drop)
}

/// One run.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: ImportId) -> Result<Import> {
    tx.query_opt(&format!("{COLUMNS} AND import_id = ?2"), params![id], read)?.ok_or(StoreError::NotFound("import"))
}

/// The newest runs.
///
/// # Errors
/// The database can not be read.
pub fn all(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Import>> {
    tx.query(&format!("{COLUMNS} ORDER BY import_id DESC LIMIT ?2"), params![limit], read)
}

/// Notes how far a run has come, in the transaction that brought it there: a run that is broken off tells what it did.
///
/// # Errors
/// The database can not be written.
pub fn progress(tx: &mut Tx<'_>, id: ImportId, counts: &Counts) -> Result<()> {
    tx.execute(
        "UPDATE import SET rows_read = ?3, created = ?4, updated = ?5, unchanged = ?6, refused = ?7 \
         WHERE register_id = ?1 AND import_id = ?2",
        params![id, counts.rows, counts.created, counts.updated, counts.unchanged, counts.refused],
    )
    .map(drop)
}

/// Whether a source has an id of its own for a thing.
///
/// # Errors
/// The database can not be read.
pub fn has_external_id(tx: &mut Tx<'_>, source: &SourceId, object: Uuid) -> Result<bool> {
    let found = tx.query_opt(
        "SELECT object_id FROM external_ref WHERE register_id = ?1 AND source_id = ?2 AND object_id = ?3 LIMIT 1",
        params![source, object],
        |row| row.id(0),
    )?;
    Ok(found.is_some())
}

/// Forgets what a source calls a thing.
///
/// # Errors
/// The database can not be written.
pub fn forget_external_ids(tx: &mut Tx<'_>, source: &SourceId, object: Uuid) -> Result<()> {
    tx.execute(
        "DELETE FROM external_ref WHERE register_id = ?1 AND source_id = ?2 AND object_id = ?3",
        params![source, object],
    )
    .map(drop)
}

/// Whether orders, invoices, credit applications, or people who represent it, refer to a party: it can not be taken out then.
///
/// # Errors
/// The database can not be read.
pub fn is_referred(tx: &mut Tx<'_>, party: Uuid) -> Result<bool> {
    for sql in [
        "SELECT order_id FROM orders WHERE register_id = ?1 AND person_id = ?2 LIMIT 1",
        "SELECT order_id FROM orders WHERE register_id = ?1 AND organisation_id = ?2 LIMIT 1",
        "SELECT invoice_id FROM invoice WHERE register_id = ?1 AND person_id = ?2 LIMIT 1",
        "SELECT invoice_id FROM invoice WHERE register_id = ?1 AND organisation_id = ?2 LIMIT 1",
        "SELECT application_id FROM credit_application WHERE register_id = ?1 AND owner_id = ?2 LIMIT 1",
        "SELECT application_id FROM credit_application WHERE register_id = ?1 AND person_id = ?2 LIMIT 1",
        "SELECT application_id FROM credit_application WHERE register_id = ?1 AND organisation_id = ?2 LIMIT 1",
        "SELECT hold_id FROM claim_hold WHERE register_id = ?1 AND party_id = ?2 AND lifted_at IS NULL LIMIT 1",
        "SELECT person_id FROM representation WHERE register_id = ?1 AND organisation_id = ?2 LIMIT 1",
        "SELECT object_id FROM sealed WHERE register_id = ?1 AND owner_id = ?2 AND object_id <> ?2 LIMIT 1",
    ] {
        if tx.query_opt(sql, params![party], |row| row.id(0))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
