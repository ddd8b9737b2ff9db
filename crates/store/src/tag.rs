//! The catalogue of tags: no personal data, so that reading it is not logged. Who has a tag is a value of theirs.

use seloste_domain::id::TagId;
use seloste_domain::kind::Kind;
use seloste_domain::tag::{Tag, TagNames};

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

const COLUMNS: &str =
    "SELECT tag, name_fi, name_sv, name_en, is_retired, version, changed_at FROM tag WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Tag> {
    Ok(Tag {
        id: row.parsed(0)?,
        names: TagNames { fi: row.text(1)?, sv: row.text(2)?, en: row.text(3)? },
        is_retired: row.flag(4)?,
        version: row.int(5)?,
        changed_at: row.time(6)?,
    })
}

/// The catalogue, by Finnish name.
///
/// # Errors
/// The database can not be read.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Tag>> {
    let mut tags = tx.query(&format!("{COLUMNS} ORDER BY tag"), params![], read)?;
    tags.sort_by_cached_key(|tag| seloste_domain::collation::sort_key(&tag.names.fi));
    Ok(tags)
}

/// Adds a tag.
///
/// # Errors
/// There is one with this id.
pub fn insert(tx: &mut Tx<'_>, tag: &Tag) -> Result<()> {
    let rows = tx.execute(
        "INSERT INTO tag (register_id, tag, name_fi, name_sv, name_en, is_retired, version, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        params![&tag.id, &tag.names.fi, &tag.names.sv, &tag.names.en, tag.is_retired, tag.version, tag.changed_at,],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Taken("tag")) }
}

/// Changes a tag, when it still has the version before this one.
///
/// # Errors
/// Someone else changed it meanwhile, or there is none.
pub fn update(tx: &mut Tx<'_>, tag: &Tag) -> Result<()> {
    let expected = tag.version - 1;
    let rows = tx.execute(
        "UPDATE tag SET name_fi = ?3, name_sv = ?4, name_en = ?5, is_retired = ?6, version = ?7, changed_at = ?8 \
         WHERE register_id = ?1 AND tag = ?2 AND version = ?9",
        params![
            &tag.id,
            &tag.names.fi,
            &tag.names.sv,
            &tag.names.en,
            tag.is_retired,
            tag.version,
            tag.changed_at,
            expected,
        ],
    )?;
    if rows == 1 {
        return Ok(());
    }
    let found = tx.query_opt(&format!("{COLUMNS} AND tag = ?2"), params![&tag.id], read)?;
    let found = found.ok_or(StoreError::NotFound("tag"))?.version;
    Err(StoreError::Conflict { found, expected })
}

/// Takes a tag out of the catalogue.
///
/// # Errors
/// There is none.
pub fn remove(tx: &mut Tx<'_>, id: &TagId) -> Result<()> {
    let rows = tx.execute("DELETE FROM tag WHERE register_id = ?1 AND tag = ?2", params![id])?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("tag")) }
}

/// Whether anybody has the tag, of whatever company.
///
/// # Errors
/// The database can not be read.
pub fn is_used(tx: &mut Tx<'_>, id: &TagId) -> Result<bool> {
    let found = tx.query_opt(
        "SELECT party_id FROM party_value WHERE register_id = ?1 AND match_key = ?2 AND kind = ?3 LIMIT 1",
        params![id, Kind::Tags.as_str()],
        |row| row.id(0),
    )?;
    Ok(found.is_some())
}
