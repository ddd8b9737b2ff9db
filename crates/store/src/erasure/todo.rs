//! What is still to be done outside the database once an erasure is committed. The list is written in the same transaction, so
//! that a crash forgets nothing of it.

use jiff::Timestamp;
use seloste_domain::id::PartyId;
use uuid::Uuid;

use crate::db::Writing;
use crate::error::{Result, StoreError};
use crate::sql::{Tx, params};

/// Something that is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Todo {
    /// The ledger is to name an erased party.
    Ledger {
        /// Who.
        party: PartyId,
        /// Whether they asked for it.
        at_request: bool,
    },
    /// A file of the data directory is to be removed.
    File(String),
}

/// Adds a line for the ledger.
pub(crate) fn note_in_ledger(w: &mut Writing<'_, '_>, party: PartyId, at_request: bool) -> Result<()> {
    let why = if at_request { "request" } else { "other" };
    add(w, "ledger", &format!("{party} {why}"))
}

/// Adds a file, by its path in the data directory.
///
/// # Errors
/// The database can not be written.
pub fn add_file(w: &mut Writing<'_, '_>, path: &str) -> Result<()> {
    add(w, "file", path)
}

fn add(w: &mut Writing<'_, '_>, what: &str, object: &str) -> Result<()> {
    let id = w.env().id();
    w.plain()
        .tx()
        .execute(
            "INSERT INTO erasure_todo (register_id, todo_id, what, object) VALUES (?1, ?2, ?3, ?4)",
            params![id, what, object],
        )
        .map(drop)
}

/// What is to be done, the first first.
///
/// # Errors
/// The database can not be read.
pub fn todos(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(Uuid, Todo)>> {
    let sql = "SELECT todo_id, what, object FROM erasure_todo WHERE register_id = ?1 ORDER BY todo_id LIMIT ?2";
    tx.query(sql, params![limit], |row| {
        let object = row.text(2)?;
        let todo = if row.text(1)? == "file" {
            Todo::File(object)
        } else {
            let (party, why) = object.split_once(' ').unwrap_or((&object, ""));
            let party = party.parse().map_err(|_| StoreError::Corrupt("a line of the ledger".into()))?;
            Todo::Ledger { party, at_request: why == "request" }
        };
        Ok((row.id(0)?, todo))
    })
}

/// Notes that some of it is done, and how long the ledger is now.
///
/// # Errors
/// The database can not be written.
pub fn done(tx: &mut Tx<'_>, todos: &[Uuid], ledger: u64) -> Result<()> {
    for id in todos {
        tx.execute("DELETE FROM erasure_todo WHERE register_id = ?1 AND todo_id = ?2", params![*id])?;
    }
    tx.execute(
        "INSERT INTO erasure_ledger (register_id, bytes) VALUES (?1, ?2) \
         ON CONFLICT (register_id) DO UPDATE SET bytes = excluded.bytes",
        params![ledger.cast_signed()],
    )
    .map(drop)
}

/// When rules that run by time last ran.
///
/// # Errors
/// The database can not be read.
pub fn clock_seen(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    tx.query_opt("SELECT seen_at FROM erasure_clock WHERE register_id = ?1", params![], |row| row.time(0))
}

/// Notes that they ran.
///
/// # Errors
/// The database can not be written.
pub fn set_clock_seen(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    tx.execute(
        "INSERT INTO erasure_clock (register_id, seen_at) VALUES (?1, ?2) \
         ON CONFLICT (register_id) DO UPDATE SET seen_at = excluded.seen_at",
        params![now],
    )
    .map(drop)
}
