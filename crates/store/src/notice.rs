//! The published versions of the notice, and the companies that it declares.

use jiff::Timestamp;
use seloste_domain::id::CompanyId;
use seloste_domain::log::Outcome;
use seloste_domain::usage::ActorId;

use crate::db::Plain;
use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

/// A published version. It stays readable for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its number in the register, from 1.
    pub version: i64,
    /// When it came into force.
    pub published_at: Timestamp,
    /// Who published it, as the log names them.
    pub published_by: String,
    /// The definition as it was given.
    pub definition: String,
}

const COLUMNS: &str = "SELECT version, published_at, published_by, definition FROM notice WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Published> {
    Ok(Published {
        version: row.int(0)?,
        published_at: row.time(1)?,
        published_by: row.text(2)?,
        definition: row.text(3)?,
    })
}

/// The version in force.
///
/// # Errors
/// The database can not be read.
pub fn current(tx: &mut Tx<'_>) -> Result<Option<Published>> {
    tx.query_opt(&format!("{COLUMNS} ORDER BY version DESC LIMIT 1"), params![], read)
}

/// The number of the version in force; 0 when there is none.
///
/// # Errors
/// The database can not be read.
pub fn current_version(tx: &mut Tx<'_>) -> Result<i64> {
    let sql = "SELECT max(version) FROM notice WHERE register_id = ?1";
    Ok(tx.query_opt(sql, params![], |row| row.opt_int(0))?.flatten().unwrap_or(0))
}

/// One version.
///
/// # Errors
/// There is no such version.
pub fn version(tx: &mut Tx<'_>, version: i64) -> Result<Published> {
    tx.query_opt(&format!("{COLUMNS} AND version = ?2"), params![version], read)?.ok_or(StoreError::NotFound("notice"))
}

/// All versions, newest first.
///
/// # Errors
/// The database can not be read.
pub fn versions(tx: &mut Tx<'_>) -> Result<Vec<Published>> {
    tx.query(&format!("{COLUMNS} ORDER BY version DESC"), params![], read)
}

/// Puts a version into force and adds the companies that it declares. Companies are never removed: old orders are
/// theirs.
///
/// # Errors
/// `expected` is not the version in force any more: someone else has published meanwhile.
pub fn publish(
    plain: &mut Plain<'_, '_>,
    actor: &ActorId,
    definition: &str,
    companies: &[CompanyId],
    version: i64,
    expected: i64,
) -> Result<()> {
    let now = plain.env().now();
    let found = current_version(&mut plain.tx())?;
    if found != expected {
        return Err(StoreError::Conflict { found, expected });
    }
    plain.tx().execute(
        "INSERT INTO notice (register_id, version, published_at, published_by, definition) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![version, now, &actor.to_string(), definition],
    )?;
    let known = self::companies(&mut plain.tx())?;
    let new = companies.iter().filter(|company| !known.contains(company));
    for (place, company) in (known.len()..).zip(new) {
        let place = i64::try_from(place).map_err(|_| StoreError::Taken("company"))?;
        if place >= MAX_COMPANIES {
            return Err(StoreError::Corrupt(format!("a register has at most {MAX_COMPANIES} companies")));
        }
        plain.tx().execute(
            "INSERT INTO company (register_id, company_id, place) VALUES (?1, ?2, ?3)",
            params![company, place],
        )?;
    }
    plain.log(actor, "notice.publish", Outcome::Changed, vec![format!("notice:{version}")])?;
    Ok(())
}

/// The search index keeps a party's companies in 64 bits.
const MAX_COMPANIES: i64 = 64;

/// Every company that any version has declared, by its place in the search index's bits.
///
/// # Errors
/// The database can not be read.
pub fn companies(tx: &mut Tx<'_>) -> Result<Vec<CompanyId>> {
    tx.query("SELECT company_id FROM company WHERE register_id = ?1 ORDER BY place", params![], |row| row.parsed(0))
}
