//! Requests with a key of their own (draft-ietf-httpapi-idempotency-key-header): what is sent again does nothing again.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::sql::{Tx, params};

/// A request that carried a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What its content comes to.
    pub fingerprint: Vec<u8>,
    /// The id of what it makes.
    pub object: Uuid,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was done; none: it is being done, or was given up half-way.
    pub done_at: Option<Timestamp>,
}

/// The request of an owner with a key.
///
/// # Errors
/// The database can not be read.
pub fn get(tx: &mut Tx<'_>, owner: &str, key: &str) -> Result<Option<Request>> {
    tx.query_opt(
        "SELECT fingerprint, object_id, began_at, done_at FROM idempotency \
         WHERE register_id = ?1 AND owner = ?2 AND request_key = ?3",
        params![owner, key],
        |row| {
            Ok(Request {
                fingerprint: row.bytes(0)?,
                object: row.id(1)?,
                began_at: row.time(2)?,
                done_at: row.opt_time(3)?,
            })
        },
    )
}

/// Keeps a request that begins, or begins again.
///
/// # Errors
/// The database can not be written.
pub fn begin(tx: &mut Tx<'_>, owner: &str, key: &str, request: &Request) -> Result<()> {
    tx.execute(
        "INSERT INTO idempotency (register_id, owner, request_key, fingerprint, object_id, began_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (register_id, owner, request_key) DO UPDATE SET began_at = excluded.began_at",
        params![owner, key, &request.fingerprint, request.object, request.began_at],
    )
    .map(drop)
}

/// Notes that a request is done.
///
/// # Errors
/// The database can not be written.
pub fn done(tx: &mut Tx<'_>, owner: &str, key: &str, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE idempotency SET done_at = ?4 WHERE register_id = ?1 AND owner = ?2 AND request_key = ?3",
        params![owner, key, now],
    )
    .map(drop)
}

/// Forgets a request that was refused: it may be sent again, put right.
///
/// # Errors
/// The database can not be written.
pub fn forget(tx: &mut Tx<'_>, owner: &str, key: &str) -> Result<()> {
    tx.execute(
        "DELETE FROM idempotency WHERE register_id = ?1 AND owner = ?2 AND request_key = ?3 AND done_at IS NULL",
        params![owner, key],
    )
    .map(drop)
}

/// Forgets what began before a moment.
///
/// # Errors
/// The database can not be written.
pub fn delete_before(tx: &mut Tx<'_>, moment: Timestamp) -> Result<u64> {
    tx.execute("DELETE FROM idempotency WHERE register_id = ?1 AND began_at < ?2", params![moment])
}
