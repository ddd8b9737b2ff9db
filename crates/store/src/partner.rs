//! Partners: no personal data of the register.

use seloste_domain::fold::fold;
use seloste_domain::id::PartnerId;
use seloste_domain::partner::{Partner, People};

use crate::db::Writing;
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::sql::{Row, Tx, params};

/// Partners of a register at most: a page shows them all.
pub const MOST: i64 = 500;

fn read(row: &Row<'_>) -> Result<Partner> {
    serde_json::from_str(&row.text(0)?).map_err(|_| StoreError::Corrupt("a partner".into()))
}

fn written(partner: &Partner) -> Result<String> {
    serde_json::to_string(partner).map_err(|_| StoreError::Corrupt("a partner that can not be written".into()))
}

/// All partners, by name.
///
/// # Errors
/// The database can not be read.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Partner>> {
    tx.query("SELECT details FROM partner WHERE register_id = ?1 ORDER BY name_key LIMIT ?2", params![MOST], read)
}

/// One partner.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: PartnerId) -> Result<Partner> {
    tx.query_opt("SELECT details FROM partner WHERE register_id = ?1 AND partner_id = ?2", params![id], read)?
        .ok_or(StoreError::NotFound("partner"))
}

fn refuse_taken(tx: &mut Tx<'_>, partner: &Partner) -> Result<()> {
    let same = tx.query_opt(
        "SELECT partner_id FROM partner WHERE register_id = ?1 AND name_key = ?2 AND partner_id <> ?3",
        params![&fold(&partner.name), partner.id],
        |row| row.id(0),
    )?;
    if same.is_some() { Err(StoreError::Taken("name")) } else { Ok(()) }
}

/// Adds a partner.
///
/// # Errors
/// Another one has this name.
pub fn insert(w: &mut Writing<'_, '_>, partner: &Partner) -> Result<()> {
    let details = written(partner)?;
    let mut tx = w.plain().tx();
    refuse_taken(&mut tx, partner)?;
    tx.execute(
        "INSERT INTO partner (register_id, partner_id, name, name_key, details, version, changed_by, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            partner.id,
            &partner.name,
            &fold(&partner.name),
            &details,
            partner.version,
            &partner.changed_by,
            partner.changed_at,
        ],
    )?;
    w.log(Act::on(partner.log_name()))
}

/// Changes a partner, when it still has the version before this one.
///
/// # Errors
/// Someone else changed it meanwhile, or another one has this name.
pub fn update(w: &mut Writing<'_, '_>, partner: &Partner) -> Result<()> {
    let details = written(partner)?;
    let expected = partner.version - 1;
    let mut tx = w.plain().tx();
    refuse_taken(&mut tx, partner)?;
    let rows = tx.execute(
        "UPDATE partner SET name = ?3, name_key = ?4, details = ?5, version = ?6, changed_by = ?7, changed_at = ?8 \
         WHERE register_id = ?1 AND partner_id = ?2 AND version = ?9",
        params![
            partner.id,
            &partner.name,
            &fold(&partner.name),
            &details,
            partner.version,
            &partner.changed_by,
            partner.changed_at,
            expected,
        ],
    )?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: partner.version, expected });
    }
    w.log(Act::on(partner.log_name()))
}

/// The part of a WHERE clause that keeps people within what a partner may receive; `p` is the party. An organisation is
/// no person: a partner of buyers receives those that have ordered, every other one receives them all.
#[must_use]
pub const fn people_condition(people: People) -> &'static str {
    match people {
        People::Everyone => "p.register_id = ?1",
        People::Buyers => {
            "EXISTS (SELECT 1 FROM orders o WHERE o.register_id = ?1 \
             AND (o.person_id = p.party_id OR o.organisation_id = p.party_id))"
        }
        People::Representatives => {
            "(p.noun = 'organisation' OR EXISTS (SELECT 1 FROM representation r WHERE r.register_id = ?1 \
             AND r.person_id = p.party_id))"
        }
        People::Private => {
            "(p.noun = 'organisation' OR NOT EXISTS (SELECT 1 FROM representation r WHERE r.register_id = ?1 \
             AND r.person_id = p.party_id))"
        }
    }
}
