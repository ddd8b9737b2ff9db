//! Tokens of programs. Only the hash of what a token says is stored. Staff's and partners' tokens are in tables of their
//! own, each bound to its owner: one is never found among the other.

use jiff::Timestamp;
use seloste_domain::id::{PartnerId, TokenId, UserId};
use seloste_domain::token::Token;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

/// Whose tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A member of staff.
    User(UserId),
    /// A partner.
    Partner(PartnerId),
}

impl Owner {
    const fn table(self) -> Table {
        match self {
            Self::User(_) => Table::User,
            Self::Partner(_) => Table::Partner,
        }
    }

    const fn id(self) -> Uuid {
        match self {
            Self::User(id) => id.0,
            Self::Partner(id) => id.0,
        }
    }
}

/// The tokens of one audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Those of staff.
    User,
    /// Those of partners.
    Partner,
}

impl Table {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::User => ("user_token", "user_id"),
            Self::Partner => ("partner_token", "partner_id"),
        }
    }

    const fn owner(self, id: Uuid) -> Owner {
        match self {
            Self::User => Owner::User(UserId(id)),
            Self::Partner => Owner::Partner(PartnerId(id)),
        }
    }
}

const COLUMNS: &str = "token_id, name, networks, created_at, expires_at, revoked_at, used_at, used_from";

fn read(row: &Row<'_>) -> Result<Token> {
    Ok(Token {
        id: TokenId(row.id(0)?),
        name: row.text(1)?,
        networks: row.parsed(2)?,
        created_at: row.time(3)?,
        expires_at: row.time(4)?,
        revoked_at: row.opt_time(5)?,
        used_at: row.opt_time(6)?,
        used_from: row.opt_text(7)?,
    })
}

/// Keeps a new token by the hash of what it says.
///
/// # Errors
/// There is no such owner, or the database can not be written.
pub fn insert(tx: &mut Tx<'_>, owner: Owner, token: &Token, hash: &[u8]) -> Result<()> {
    let (table, column) = owner.table().names();
    tx.execute(
        &format!(
            "INSERT INTO {table} (register_id, token_id, {column}, name, token_hash, networks, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        ),
        params![
            token.id,
            owner.id(),
            &token.name,
            hash,
            &token.networks.to_string(),
            token.created_at,
            token.expires_at,
        ],
    )
    .map(drop)
}

/// The tokens of an owner, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn of(tx: &mut Tx<'_>, owner: Owner, limit: i64) -> Result<Vec<Token>> {
    let (table, column) = owner.table().names();
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM {table} WHERE register_id = ?1 AND {column} = ?2 ORDER BY token_id DESC LIMIT ?3"
        ),
        params![owner.id(), limit],
        read,
    )
}

/// One token of an owner.
///
/// # Errors
/// The owner has none of this id.
pub fn get(tx: &mut Tx<'_>, owner: Owner, id: TokenId) -> Result<Token> {
    let (table, column) = owner.table().names();
    let sql = format!("SELECT {COLUMNS} FROM {table} WHERE register_id = ?1 AND {column} = ?2 AND token_id = ?3");
    tx.query_opt(&sql, params![owner.id(), id], read)?.ok_or(StoreError::NotFound("token"))
}

/// Whose token has this hash.
///
/// # Errors
/// The database can not be read.
pub fn by_hash(tx: &mut Tx<'_>, table: Table, hash: &[u8]) -> Result<Option<(Owner, Token)>> {
    let (name, column) = table.names();
    let sql = format!("SELECT {COLUMNS}, {column} FROM {name} WHERE register_id = ?1 AND token_hash = ?2");
    tx.query_opt(&sql, params![hash], |row| Ok((table.owner(row.id(8)?), read(row)?)))
}

/// How many tokens of an owner are good now.
///
/// # Errors
/// The database can not be read.
pub fn count_good(tx: &mut Tx<'_>, owner: Owner, now: Timestamp) -> Result<i64> {
    let (table, column) = owner.table().names();
    let sql = format!(
        "SELECT count(*) FROM {table} WHERE register_id = ?1 AND {column} = ?2 AND revoked_at IS NULL AND expires_at > ?3"
    );
    Ok(tx.query_opt(&sql, params![owner.id(), now], |row| row.int(0))?.unwrap_or(0))
}

/// Notes that a token was used.
///
/// # Errors
/// The database can not be written.
pub fn touch(tx: &mut Tx<'_>, owner: Owner, id: TokenId, now: Timestamp, from: Option<&str>) -> Result<()> {
    let (table, column) = owner.table().names();
    tx.execute(
        &format!(
            "UPDATE {table} SET used_at = ?4, used_from = ?5 WHERE register_id = ?1 AND {column} = ?2 AND token_id = ?3"
        ),
        params![owner.id(), id, now, from],
    )
    .map(drop)
}

/// Has a token end at a moment, unless it ends earlier anyway.
///
/// # Errors
/// The owner has none of this id that is still good.
pub fn expire(tx: &mut Tx<'_>, owner: Owner, id: TokenId, at: Timestamp) -> Result<()> {
    let (table, column) = owner.table().names();
    let ended = tx.execute(
        &format!(
            "UPDATE {table} SET expires_at = ?4 WHERE register_id = ?1 AND {column} = ?2 AND token_id = ?3 \
             AND revoked_at IS NULL AND expires_at >= ?4"
        ),
        params![owner.id(), id, at],
    )?;
    if ended == 1 { Ok(()) } else { Err(StoreError::NotFound("token")) }
}

/// Ends a token now.
///
/// # Errors
/// The owner has none of this id that is not ended already.
pub fn revoke(tx: &mut Tx<'_>, owner: Owner, id: TokenId, now: Timestamp) -> Result<()> {
    let (table, column) = owner.table().names();
    let ended = tx.execute(
        &format!(
            "UPDATE {table} SET revoked_at = ?4 WHERE register_id = ?1 AND {column} = ?2 AND token_id = ?3 \
             AND revoked_at IS NULL"
        ),
        params![owner.id(), id, now],
    )?;
    if ended == 1 { Ok(()) } else { Err(StoreError::NotFound("token")) }
}

/// Ends every token of an owner now; how many there were.
///
/// # Errors
/// The database can not be written.
pub fn revoke_all(tx: &mut Tx<'_>, owner: Owner, now: Timestamp) -> Result<u64> {
    let (table, column) = owner.table().names();
    tx.execute(
        &format!("UPDATE {table} SET revoked_at = ?3 WHERE register_id = ?1 AND {column} = ?2 AND revoked_at IS NULL"),
        params![owner.id(), now],
    )
}

/// Removes the tokens of an owner that ended before a moment.
///
/// # Errors
/// The database can not be written.
pub fn delete_ended(tx: &mut Tx<'_>, owner: Owner, before: Timestamp) -> Result<u64> {
    let (table, column) = owner.table().names();
    tx.execute(
        &format!(
            "DELETE FROM {table} WHERE register_id = ?1 AND {column} = ?2 AND (expires_at < ?3 OR revoked_at < ?3)"
        ),
        params![owner.id(), before],
    )
}
