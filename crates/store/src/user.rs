//! Personal accounts of staff, their roles, and the one-time links that open them.

use jiff::Timestamp;
use seloste_domain::id::{AssignmentId, UserId};
use seloste_domain::language::Language;
use seloste_domain::rights::{AccountState, Assignment};

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

/// A personal account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What its person types to sign in.
    pub login: String,
    /// Its person's name.
    pub name: String,
    /// The language that its person chose.
    pub language: Language,
    /// Whether it is in use.
    pub state: AccountState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Its roles, past ones too.
    pub assignments: Vec<Assignment>,
}

const COLUMNS: &str = "SELECT user_id, login, name, language, state, created_at, changed_at FROM user_account \
     WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<User> {
    let state = match row.text(4)?.as_str() {
        "invited" => AccountState::Invited,
        "active" => AccountState::Active,
        _ => AccountState::Disabled,
    };
    Ok(User {
        id: UserId(row.id(0)?),
        login: row.text(1)?,
        name: row.text(2)?,
        language: row.parsed(3)?,
        state,
        created_at: row.time(5)?,
        changed_at: row.time(6)?,
        assignments: Vec::new(),
    })
}

fn with_assignments(tx: &mut Tx<'_>, mut user: User) -> Result<User> {
    user.assignments = tx.query(
        "SELECT assignment_id, role, company_id, valid_from, valid_until FROM assignment \
         WHERE register_id = ?1 AND user_id = ?2 ORDER BY assignment_id",
        params![user.id],
        |row| {
            Ok(Assignment {
                id: AssignmentId(row.id(0)?),
                role: row.parsed(1)?,
                company: row.opt_parsed(2)?,
                valid_from: row.time(3)?,
                valid_until: row.opt_time(4)?,
            })
        },
    )?;
    Ok(user)
}

/// One account.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: UserId) -> Result<User> {
    let user = tx.query_opt(&format!("{COLUMNS} AND user_id = ?2"), params![id], read)?;
    with_assignments(tx, user.ok_or(StoreError::NotFound("user"))?)
}

/// The account with this login, whatever the case of its letters.
///
/// # Errors
/// The database can not be read.
pub fn by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<User>> {
    let user = tx.query_opt(&format!("{COLUMNS} AND login_key = ?2"), params![&login_key(login)], read)?;
    user.map(|user| with_assignments(tx, user)).transpose()
}

/// All accounts, by login.
///
/// # Errors
/// The database can not be read.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<User>> {
    let users = tx.query(&format!("{COLUMNS} ORDER BY login_key"), params![], read)?;
    users.into_iter().map(|user| with_assignments(tx, user)).collect()
}

/// The password's Argon2id hash; none until the account's person has set one.
///
/// # Errors
/// The database can not be read.
pub fn password_hash(tx: &mut Tx<'_>, id: UserId) -> Result<Option<String>> {
    let sql = "SELECT password_hash FROM user_account WHERE register_id = ?1 AND user_id = ?2";
    Ok(tx.query_opt(sql, params![id], |row| row.opt_text(0))?.flatten())
}

fn login_key(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Adds an account.
///
/// # Errors
/// The login is taken.
pub fn insert(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    if by_login(tx, &user.login)?.is_some() {
        return Err(StoreError::Taken("login"));
    }
    tx.execute(
        "INSERT INTO user_account (register_id, user_id, login, login_key, name, language, state, created_at, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        params![
            user.id,
            user.login.trim(),
            &login_key(&user.login),
            &user.name,
            user.language.tag(),
            user.state.as_str(),
            user.created_at,
        ],
    )?;
    user.assignments.iter().try_for_each(|assignment| assign(tx, user.id, assignment))
}

/// Changes an account's name, language or state.
///
/// # Errors
/// There is no such account.
pub fn change(tx: &mut Tx<'_>, user: &User, now: Timestamp) -> Result<()> {
    let rows = tx.execute(
        "UPDATE user_account SET name = ?3, language = ?4, state = ?5, changed_at = ?6 WHERE register_id = ?1 AND user_id = ?2",
        params![user.id, &user.name, user.language.tag(), user.state.as_str(), now],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("user")) }
}

/// Sets the password's hash. An invited account becomes active by it.
///
/// # Errors
/// There is no such account, or it is disabled.
pub fn set_password(tx: &mut Tx<'_>, id: UserId, hash: &str, now: Timestamp) -> Result<()> {
    let rows = tx.execute(
        "UPDATE user_account SET password_hash = ?3, state = 'active', changed_at = ?4 \
         WHERE register_id = ?1 AND user_id = ?2 AND state <> 'disabled'",
        params![id, hash, now],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("user")) }
}

/// Gives a role.
///
/// # Errors
/// The database can not be written.
pub fn assign(tx: &mut Tx<'_>, user: UserId, assignment: &Assignment) -> Result<()> {
    tx.execute(
        "INSERT INTO assignment (register_id, user_id, assignment_id, role, company_id, valid_from, valid_until) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            user,
            assignment.id,
            assignment.role.as_str(),
            assignment.company.as_ref(),
            assignment.valid_from,
            assignment.valid_until,
        ],
    )
    .map(drop)
}

/// Ends a role at a moment.
///
/// # Errors
/// There is no such role.
pub fn end_assignment(tx: &mut Tx<'_>, user: UserId, id: AssignmentId, at: Timestamp) -> Result<()> {
    let rows = tx.execute(
        "UPDATE assignment SET valid_until = ?4 WHERE register_id = ?1 AND user_id = ?2 AND assignment_id = ?3 \
         AND (valid_until IS NULL OR valid_until > ?4)",
        params![user, id, at],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("assignment")) }
}

/// Ends the one-time links of an account.
///
/// # Errors
/// The database can not be written.
pub fn delete_links(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    tx.execute("DELETE FROM setup_link WHERE register_id = ?1 AND user_id = ?2", params![user])?;
    Ok(())
}

/// Keeps a one-time link by the hash of its token; earlier links of the account end.
///
/// # Errors
/// The database can not be written.
pub fn set_link(tx: &mut Tx<'_>, user: UserId, token_hash: &[u8], expires_at: Timestamp) -> Result<()> {
    delete_links(tx, user)?;
    tx.execute(
        "INSERT INTO setup_link (register_id, token_hash, user_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
        params![token_hash, user, expires_at],
    )
    .map(drop)
}

/// Whose link it is, while it is valid. Looking does not use it up.
///
/// # Errors
/// The database can not be read.
pub fn link(tx: &mut Tx<'_>, token_hash: &[u8], now: Timestamp) -> Result<Option<UserId>> {
    tx.query_opt(
        "SELECT user_id FROM setup_link WHERE register_id = ?1 AND token_hash = ?2 AND expires_at > ?3",
        params![token_hash, now],
        |row| Ok(UserId(row.id(0)?)),
    )
}

/// Uses a link up: of two that try at once, one succeeds.
///
/// # Errors
/// The database can not be written.
pub fn use_link(tx: &mut Tx<'_>, token_hash: &[u8], now: Timestamp) -> Result<Option<UserId>> {
    let Some(user) = link(tx, token_hash, now)? else { return Ok(None) };
    let rows = tx.execute("DELETE FROM setup_link WHERE register_id = ?1 AND token_hash = ?2", params![token_hash])?;
    Ok((rows == 1).then_some(user))
}
