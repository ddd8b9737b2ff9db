//! Credit services: no personal data. A secret is sealed under a key of the register's own, as those of feeds are.

use jiff::Timestamp;
use seloste_domain::credit::Service;
use seloste_domain::fold::fold;
use seloste_domain::id::{CreditServiceId, PartnerId};

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

const COLUMNS: &str = "SELECT service_id, name, partner_id, source_register, method, address, secret IS NOT NULL, secret_at, \
     active, version, changed_by, changed_at FROM credit_service WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Service> {
    Ok(Service {
        id: CreditServiceId(row.id(0)?),
        name: row.text(1)?,
        partner: PartnerId(row.id(2)?),
        source_register: row.text(3)?,
        method: row.parsed(4)?,
        address: row.text(5)?,
        has_secret: row.opt_time(7)?.is_some(),
        secret_at: row.opt_time(7)?,
        active: row.flag(8)?,
        version: row.int(9)?,
        changed_by: row.text(10)?,
        changed_at: row.time(11)?,
    })
}

/// All services, by name.
///
/// # Errors
/// The database can not be read.
pub fn services(tx: &mut Tx<'_>) -> Result<Vec<Service>> {
    tx.query(&format!("{COLUMNS} ORDER BY name_key"), params![], read)
}

/// One service.
///
/// # Errors
/// There is none.
pub fn service(tx: &mut Tx<'_>, id: CreditServiceId) -> Result<Service> {
    tx.query_opt(&format!("{COLUMNS} AND service_id = ?2"), params![id], read)?
        .ok_or(StoreError::NotFound("credit service"))
}

fn refuse_taken(tx: &mut Tx<'_>, service: &Service) -> Result<()> {
    let same = tx.query_opt(
        "SELECT service_id FROM credit_service WHERE register_id = ?1 AND name_key = ?2 AND service_id <> ?3",
        params![&fold(&service.name), service.id],
        |row| row.id(0),
    )?;
    if same.is_some() { Err(StoreError::Taken("name")) } else { Ok(()) }
}

/// Adds a service, without its secret.
///
/// # Errors
/// Another one has this name.
pub fn insert_service(tx: &mut Tx<'_>, service: &Service) -> Result<()> {
    refuse_taken(tx, service)?;
    tx.execute(
        "INSERT INTO credit_service (register_id, service_id, name, name_key, partner_id, source_register, method, address, \
         active, version, changed_by, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            service.id,
            &service.name,
            &fold(&service.name),
            service.partner,
            &service.source_register,
            service.method.as_str(),
            &service.address,
            service.active,
            service.version,
            &service.changed_by,
            service.changed_at,
        ],
    )
    .map(drop)
}

/// Changes a service, when it still has the version before this one. The secret stays.
///
/// # Errors
/// Someone else changed it meanwhile, or another one has this name.
pub fn update_service(tx: &mut Tx<'_>, service: &Service) -> Result<()> {
    refuse_taken(tx, service)?;
    let expected = service.version - 1;
    let rows = tx.execute(
        "UPDATE credit_service SET name = ?3, name_key = ?4, partner_id = ?5, source_register = ?6, method = ?7, \
         address = ?8, active = ?9, version = ?10, changed_by = ?11, changed_at = ?12 \
         WHERE register_id = ?1 AND service_id = ?2 AND version = ?13",
        params![
            service.id,
            &service.name,
            &fold(&service.name),
            service.partner,
            &service.source_register,
            service.method.as_str(),
            &service.address,
            service.active,
            service.version,
            &service.changed_by,
            service.changed_at,
            expected,
        ],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict { found: service.version, expected }) }
}

/// Sets the secret of a service, sealed; none: it is forgotten.
///
/// # Errors
/// The database can not be written.
pub fn set_service_secret(tx: &mut Tx<'_>, id: CreditServiceId, sealed: Option<&Vec<u8>>, at: Timestamp) -> Result<()> {
    match sealed {
        Some(sealed) => tx.execute(
            "UPDATE credit_service SET secret = ?3, secret_at = ?4 WHERE register_id = ?1 AND service_id = ?2",
            params![id, sealed, at],
        )?,
        None => tx.execute(
            "UPDATE credit_service SET secret = NULL, secret_at = NULL WHERE register_id = ?1 AND service_id = ?2",
            params![id],
        )?,
    };
    Ok(())
}

/// The secret of a service, sealed.
///
/// # Errors
/// The database can not be read.
pub fn service_secret(tx: &mut Tx<'_>, id: CreditServiceId) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT secret FROM credit_service WHERE register_id = ?1 AND service_id = ?2";
    Ok(tx.query_opt(sql, params![id], |row| row.opt_bytes(0))?.flatten())
}

/// Removes a service. What was asked of it stays, with its name.
///
/// # Errors
/// An enquiry to it waits for its answer, or there is no such service.
pub fn delete_service(tx: &mut Tx<'_>, id: CreditServiceId) -> Result<()> {
    let open = tx.query_opt(
        "SELECT enquiry_id FROM credit_enquiry WHERE register_id = ?1 AND service_id = ?2 AND needs = 'pending' LIMIT 1",
        params![id],
        |row| row.id(0),
    )?;
    if open.is_some() {
        return Err(StoreError::Taken("credit service"));
    }
    match tx.execute("DELETE FROM credit_service WHERE register_id = ?1 AND service_id = ?2", params![id])? {
        1 => Ok(()),
        _ => Err(StoreError::NotFound("credit service")),
    }
}
