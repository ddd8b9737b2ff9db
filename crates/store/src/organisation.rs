//! Organisations.

use seloste_domain::business_id::BusinessId;
use seloste_domain::id::{OrganisationId, PartyId};
use seloste_domain::list::ListOf;
use seloste_domain::organisation::Organisation;
use uuid::Uuid;

use crate::db::Access;
use crate::error::{Result, StoreError};
use crate::list::{self, Rows, Wanted};
use crate::party::{self, Noun};
use crate::sql::{Param, Tx, params};

/// One organisation with all of its values.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: OrganisationId) -> Result<Organisation> {
    some(access, &[id.0])?.into_iter().next().ok_or(StoreError::NotFound("organisation"))
}

/// Those of the organisations that exist and are in scope, in the order asked for.
///
/// # Errors
/// The database can not be read.
pub fn some(access: &mut impl Access, ids: &[Uuid]) -> Result<Vec<Organisation>> {
    let rows = party::rows(access, Noun::Organisation, ids)?;
    let ids_found: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let kinds = access.usage().kinds();
    let mut values = party::values(&mut access.tx().0, &ids_found, kinds)?;
    let mut companies = party::companies(access, &ids_found)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let values = values.remove(&row.id).unwrap_or_default();
        access.show(PartyId(row.id), values.iter().map(|stored| stored.value.kind()).collect());
        found.push(Organisation {
            id: OrganisationId(row.id),
            name: row.name.unwrap_or_default(),
            business_id: row
                .business_id
                .map(|id| id.try_into().map_err(|_| StoreError::Corrupt("a business id".into())))
                .transpose()?,
            values,
            companies: companies.remove(&row.id).unwrap_or_default(),
            version: row.version,
            source: row.source,
            entered_by: row.entered_by,
            entered_at: row.entered_at,
            created_at: row.created_at,
            changed_at: row.changed_at,
        });
    }
    let place: std::collections::HashMap<Uuid, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    found.sort_by_key(|organisation| place.get(&organisation.id.0).copied());
    Ok(found)
}

/// A page of a list, each organisation with what its row is ordered by.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, wanted: &Wanted<'_>) -> Result<Rows<Organisation>> {
    let found = list::ids(access, ListOf::Organisations, wanted)?;
    let organisations = some(access, &found.ids())?;
    Ok(found.map(organisations, |organisation| organisation.id.0))
}

/// Organisations with this business id. Ids only.
///
/// # Errors
/// The database can not be read.
pub fn by_business_id(tx: &mut Tx<'_>, business_id: &str) -> Result<Vec<OrganisationId>> {
    tx.query(
        "SELECT party_id FROM party WHERE register_id = ?1 AND business_id = ?2 LIMIT 20",
        params![business_id],
        |row| Ok(OrganisationId(row.id(0)?)),
    )
}

/// The same within a view for one use.
///
/// # Errors
/// The database can not be read.
pub fn ids_with(access: &mut impl Access, business_id: &BusinessId) -> Result<Vec<Uuid>> {
    let found = by_business_id(&mut access.tx().0, business_id.as_str())?;
    Ok(found.into_iter().map(|id| id.0).collect())
}

/// Organisations of the scope that have a business id, in the order of their ids, after one of them. Ids only.
///
/// # Errors
/// The database can not be read.
pub fn with_business_id(access: &mut impl Access, after: Option<Uuid>, limit: usize) -> Result<Vec<Uuid>> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT p.party_id FROM party p WHERE p.register_id = ?1 AND p.noun = 'organisation' \
         AND p.business_id IS NOT NULL AND p.party_id > ?2 AND {} ORDER BY p.party_id LIMIT ?3",
        party::in_scope(4, scope.companies().len())
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = vec![Param::Id(after.unwrap_or(Uuid::nil())), Param::Int(limit)];
    access.tx().0.query(&sql, &party::with_scope(values, scope.companies()), |row| row.id(0))
}

/// Organisations with this name, folded. Ids only.
///
/// # Errors
/// The database can not be read.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Vec<OrganisationId>> {
    tx.query(
        "SELECT party_id FROM party WHERE register_id = ?1 AND name_key = ?2 LIMIT 20",
        params![&seloste_domain::fold::fold(name)],
        |row| Ok(OrganisationId(row.id(0)?)),
    )
}
