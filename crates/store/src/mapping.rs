//! Saved mappings: no personal data, so that reading them is not logged; changes are.

use seloste_domain::fold::fold;
use seloste_domain::id::{MappingId, SourceId};
use seloste_domain::import::{Noun, SavedMapping};

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

const COLUMNS: &str = "SELECT mapping_id, name, noun, source_id, definition, version, changed_by, changed_at \
     FROM mapping WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<SavedMapping> {
    Ok(SavedMapping {
        id: MappingId(row.id(0)?),
        name: row.text(1)?,
        noun: Noun::named(&row.text(2)?).ok_or_else(|| StoreError::Corrupt("what a mapping is for".into()))?,
        source: row.parsed(3)?,
        definition: row.text(4)?,
        version: row.int(5)?,
        changed_by: row.text(6)?,
        changed_at: row.time(7)?,
    })
}

/// All mappings, by name.
///
/// # Errors
/// The database can not be read.
pub fn all(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<SavedMapping>> {
    tx.query(&format!("{COLUMNS} ORDER BY name_key, source_id LIMIT ?2"), params![limit], read)
}

/// The mappings for a source.
///
/// # Errors
/// The database can not be read.
pub fn of(tx: &mut Tx<'_>, source: &SourceId, limit: i64) -> Result<Vec<SavedMapping>> {
    tx.query(&format!("{COLUMNS} AND source_id = ?2 ORDER BY name_key LIMIT ?3"), params![source, limit], read)
}

/// One mapping.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: MappingId) -> Result<SavedMapping> {
    tx.query_opt(&format!("{COLUMNS} AND mapping_id = ?2"), params![id], read)?.ok_or(StoreError::NotFound("mapping"))
}

/// The mapping of a source by its name; capitals and accents do not count.
///
/// # Errors
/// The database can not be read.
pub fn named(tx: &mut Tx<'_>, source: &SourceId, name: &str) -> Result<Option<SavedMapping>> {
    tx.query_opt(&format!("{COLUMNS} AND source_id = ?2 AND name_key = ?3"), params![source, &fold(name)], read)
}

/// Adds a mapping.
///
/// # Errors
/// The source has another one of this name.
pub fn insert(tx: &mut Tx<'_>, mapping: &SavedMapping) -> Result<()> {
    refuse_taken(tx, mapping)?;
    tx.execute(
        "INSERT INTO mapping (register_id, mapping_id, name, name_key, noun, source_id, definition, version, changed_by, \
         changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            mapping.id,
            &mapping.name,
            &fold(&mapping.name),
            mapping.noun.as_str(),
            &mapping.source,
            &mapping.definition,
            mapping.version,
            &mapping.changed_by,
            mapping.changed_at,
        ],
    )
    .map(drop)
}

/// Changes a mapping, when it still has the version before this one.
///
/// # Errors
/// Someone else changed it meanwhile, or the source has another one of this name.
pub fn update(tx: &mut Tx<'_>, mapping: &SavedMapping) -> Result<()> {
    refuse_taken(tx, mapping)?;
    let expected = mapping.version - 1;
    let rows = tx.execute(
        "UPDATE mapping SET name = ?3, name_key = ?4, definition = ?5, version = ?6, changed_by = ?7, changed_at = ?8 \
         WHERE register_id = ?1 AND mapping_id = ?2 AND version = ?9",
        params![
            mapping.id,
            &mapping.name,
            &fold(&mapping.name),
            &mapping.definition,
            mapping.version,
            &mapping.changed_by,
            mapping.changed_at,
            expected,
        ],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict { found: mapping.version, expected }) }
}

/// Removes a mapping that no feed uses.
///
/// # Errors
/// A feed uses it, or there is none.
pub fn remove(tx: &mut Tx<'_>, id: MappingId) -> Result<()> {
    if !users(tx, id)?.is_empty() {
        return Err(StoreError::Taken("mapping"));
    }
    let rows = tx.execute("DELETE FROM mapping WHERE register_id = ?1 AND mapping_id = ?2", params![id])?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("mapping")) }
}

/// The names of the feeds that use a mapping.
///
/// # Errors
/// The database can not be read.
pub fn users(tx: &mut Tx<'_>, id: MappingId) -> Result<Vec<String>> {
    tx.query(
        "SELECT name FROM feed WHERE register_id = ?1 AND mapping_id = ?2 ORDER BY name_key LIMIT 20",
        params![id],
        |row| row.text(0),
    )
}

fn refuse_taken(tx: &mut Tx<'_>, mapping: &SavedMapping) -> Result<()> {
    match named(tx, &mapping.source, &mapping.name)? {
        Some(same) if same.id != mapping.id => Err(StoreError::Taken("name")),
        _ => Ok(()),
    }
}
