//! Saved views of lists and the columns that people chose: no personal data of customers, so that reading is not logged.

use seloste_domain::fold::fold;
use seloste_domain::id::{UserId, ViewId};
use seloste_domain::list::{ListOf, ListView};

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

const COLUMNS: &str =
    "SELECT view_id, list, user_id, name, query, is_shared, changed_at FROM list_view WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<ListView> {
    Ok(ListView {
        id: ViewId(row.id(0)?),
        of: ListOf::named(&row.text(1)?).ok_or_else(|| StoreError::Corrupt("the list of a view".into()))?,
        owner: UserId(row.id(2)?),
        name: row.text(3)?,
        query: row.text(4)?,
        is_shared: row.flag(5)?,
        changed_at: row.time(6)?,
    })
}

/// The views of a list that somebody sees: their own and the shared ones, by name.
///
/// # Errors
/// The database can not be read.
pub fn seen(tx: &mut Tx<'_>, of: ListOf, user: UserId, limit: i64) -> Result<Vec<ListView>> {
    tx.query(
        &format!("{COLUMNS} AND list = ?2 AND (is_shared = 1 OR user_id = ?3) ORDER BY name_key, view_id LIMIT ?4"),
        params![of.as_str(), user, limit],
        read,
    )
}

/// One view.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: ViewId) -> Result<ListView> {
    tx.query_opt(&format!("{COLUMNS} AND view_id = ?2"), params![id], read)?.ok_or(StoreError::NotFound("view"))
}

/// Adds a view, or replaces the one of the same owner and name.
///
/// # Errors
/// The database can not be written.
pub fn put(tx: &mut Tx<'_>, view: &ListView) -> Result<()> {
    tx.execute(
        "DELETE FROM list_view WHERE register_id = ?1 AND list = ?2 AND user_id = ?3 AND name_key = ?4",
        params![view.of.as_str(), view.owner, &fold(&view.name)],
    )?;
    tx.execute(
        "INSERT INTO list_view (register_id, view_id, list, user_id, name, name_key, query, is_shared, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            view.id,
            view.of.as_str(),
            view.owner,
            &view.name,
            &fold(&view.name),
            &view.query,
            view.is_shared,
            view.changed_at,
        ],
    )
    .map(drop)
}

/// Removes a view.
///
/// # Errors
/// There is none.
pub fn remove(tx: &mut Tx<'_>, id: ViewId) -> Result<()> {
    let rows = tx.execute("DELETE FROM list_view WHERE register_id = ?1 AND view_id = ?2", params![id])?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("view")) }
}

/// The columns that somebody chose for a list.
///
/// # Errors
/// The database can not be read.
pub fn columns(tx: &mut Tx<'_>, of: ListOf, user: UserId) -> Result<Option<String>> {
    tx.query_opt(
        "SELECT columns FROM list_choice WHERE register_id = ?1 AND user_id = ?2 AND list = ?3",
        params![user, of.as_str()],
        |row| row.text(0),
    )
}

/// Keeps the columns that somebody chose for a list; none: the usual ones again.
///
/// # Errors
/// The database can not be written.
pub fn set_columns(tx: &mut Tx<'_>, of: ListOf, user: UserId, columns: Option<&str>) -> Result<()> {
    tx.execute(
        "DELETE FROM list_choice WHERE register_id = ?1 AND user_id = ?2 AND list = ?3",
        params![user, of.as_str()],
    )?;
    if let Some(columns) = columns {
        tx.execute(
            "INSERT INTO list_choice (register_id, user_id, list, columns) VALUES (?1, ?2, ?3, ?4)",
            params![user, of.as_str(), columns],
        )?;
    }
    Ok(())
}
