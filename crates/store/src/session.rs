//! Sessions of staff. Only the hash of a session's token is stored.

use jiff::Timestamp;
use seloste_domain::id::UserId;

use crate::error::Result;
use crate::sql::{Tx, params};

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub user: UserId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used (to within a minute).
    pub seen_at: Timestamp,
}

/// The session of a token.
///
/// # Errors
/// The database can not be read.
pub fn get(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<Option<Session>> {
    tx.query_opt(
        "SELECT user_id, created_at, seen_at FROM session WHERE register_id = ?1 AND token_hash = ?2",
        params![token_hash],
        |row| Ok(Session { user: UserId(row.id(0)?), created_at: row.time(1)?, seen_at: row.time(2)? }),
    )
}

/// Begins a session.
///
/// # Errors
/// The database can not be written.
pub fn insert(tx: &mut Tx<'_>, token_hash: &[u8], user: UserId, now: Timestamp) -> Result<()> {
    tx.execute(
        "INSERT INTO session (register_id, token_hash, user_id, created_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)",
        params![token_hash, user, now],
    )
    .map(drop)
}

/// Notes that it is in use.
///
/// # Errors
/// The database can not be written.
pub fn touch(tx: &mut Tx<'_>, token_hash: &[u8], now: Timestamp) -> Result<()> {
    tx.execute("UPDATE session SET seen_at = ?3 WHERE register_id = ?1 AND token_hash = ?2", params![token_hash, now])
        .map(drop)
}

/// Ends one session.
///
/// # Errors
/// The database can not be written.
pub fn delete(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<()> {
    tx.execute("DELETE FROM session WHERE register_id = ?1 AND token_hash = ?2", params![token_hash]).map(drop)
}

/// Ends every session of an account; how many there were.
///
/// # Errors
/// The database can not be written.
pub fn delete_all(tx: &mut Tx<'_>, user: UserId) -> Result<u64> {
    tx.execute("DELETE FROM session WHERE register_id = ?1 AND user_id = ?2", params![user])
}

/// Removes sessions that began before a moment.
///
/// # Errors
/// The database can not be written.
pub fn delete_before(tx: &mut Tx<'_>, moment: Timestamp) -> Result<u64> {
    tx.execute("DELETE FROM session WHERE register_id = ?1 AND created_at < ?2", params![moment])
}
