//! Registrations by the public form that wait to be confirmed. Until then they are of nobody of the register, and are sealed
//! under the register's own key; what was not confirmed is forgotten.

use jiff::Timestamp;
use seloste_domain::id::RegistrationId;

use crate::error::Result;
use crate::sql::{Tx, params};

/// Keeps a registration, its message due at once, and forgets those before `moment`.
///
/// # Errors
/// The database can not be written.
pub fn insert(tx: &mut Tx<'_>, id: RegistrationId, sealed: &[u8], now: Timestamp, moment: Timestamp) -> Result<()> {
    tx.execute("DELETE FROM registration WHERE register_id = ?1 AND created_at < ?2", params![moment])?;
    tx.execute(
        "INSERT INTO registration (register_id, registration_id, payload, attempts, next_at, created_at) \
         VALUES (?1, ?2, ?3, 0, ?4, ?4)",
        params![id, sealed, now],
    )
    .map(drop)
}

/// A registration whose message is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// Its id.
    pub id: RegistrationId,
    /// What it says, sealed.
    pub sealed: Vec<u8>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The one that has waited longest past its time.
///
/// # Errors
/// The database can not be read.
pub fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Due>> {
    tx.query_opt(
        "SELECT registration_id, payload, attempts, created_at FROM registration \
         WHERE register_id = ?1 AND next_at IS NOT NULL AND next_at <= ?2 ORDER BY next_at, registration_id LIMIT 1",
        params![now],
        |row| {
            Ok(Due {
                id: RegistrationId(row.id(0)?),
                sealed: row.bytes(1)?,
                attempts: row.int(2)?,
                created_at: row.time(3)?,
            })
        },
    )
}

/// Takes one until `next`, with the hash of what confirms it; false when another runner has it.
///
/// # Errors
/// The database can not be written.
pub fn take(tx: &mut Tx<'_>, due: &Due, secret: &[u8; 32], next: Option<Timestamp>) -> Result<bool> {
    let taken = tx.execute(
        "UPDATE registration SET attempts = attempts + 1, token_hash = ?4, next_at = ?5 \
         WHERE register_id = ?1 AND registration_id = ?2 AND attempts = ?3 AND next_at IS NOT NULL",
        params![due.id, due.attempts, &secret[..], next],
    )?;
    Ok(taken > 0)
}

/// Notes that the message was sent.
///
/// # Errors
/// The database can not be written.
pub fn sent(tx: &mut Tx<'_>, id: RegistrationId) -> Result<()> {
    tx.execute("UPDATE registration SET next_at = NULL WHERE register_id = ?1 AND registration_id = ?2", params![id])
        .map(drop)
}

/// Takes out the registration that a secret confirms, when it was made after `moment`. It is not there a second time.
///
/// # Errors
/// The database can not be written.
pub fn confirm(tx: &mut Tx<'_>, secret: &[u8; 32], moment: Timestamp) -> Result<Option<(RegistrationId, Vec<u8>)>> {
    let found = tx.query_opt(
        "SELECT registration_id, payload FROM registration \
         WHERE register_id = ?1 AND token_hash = ?2 AND created_at > ?3",
        params![&secret[..], moment],
        |row| Ok((RegistrationId(row.id(0)?), row.bytes(1)?)),
    )?;
    let Some((id, sealed)) = found else { return Ok(None) };
    tx.execute("DELETE FROM registration WHERE register_id = ?1 AND registration_id = ?2", params![id])?;
    Ok(Some((id, sealed)))
}
