//! Requests for data that rest on a law.

use seloste_domain::id::{DisclosureId, LegalRequestId, PartnerId};
use seloste_domain::legal_request::LegalRequest;

use crate::db::Writing;
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::sql::{Row, Tx, params};

const COLUMNS: &str = "SELECT request_id, partner_id, company_id, details, disclosure_id, made_by, made_at FROM legal_request \
     WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<LegalRequest> {
    let details = serde_json::from_str(&row.text(3)?);
    Ok(LegalRequest {
        id: LegalRequestId(row.id(0)?),
        partner: PartnerId(row.id(1)?),
        company: row.parsed(2)?,
        details: details.map_err(|_| StoreError::Corrupt("a request that rests on a law".into()))?,
        disclosure: row.opt_id(4)?.map(DisclosureId),
        made_by: row.text(5)?,
        made_at: row.time(6)?,
    })
}

/// The newest requests.
///
/// # Errors
/// The database can not be read.
pub fn page(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<LegalRequest>> {
    tx.query(&format!("{COLUMNS} ORDER BY request_id DESC LIMIT ?2"), params![limit], read)
}

/// One request.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: LegalRequestId) -> Result<LegalRequest> {
    let found = tx.query_opt(&format!("{COLUMNS} AND request_id = ?2"), params![id], read)?;
    found.ok_or(StoreError::NotFound("request"))
}

/// Records a request with what was decided.
///
/// # Errors
/// The database can not be written.
pub fn insert(w: &mut Writing<'_, '_>, request: &LegalRequest) -> Result<()> {
    let details = serde_json::to_string(&request.details).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    w.plain().tx().execute(
        "INSERT INTO legal_request (register_id, request_id, partner_id, company_id, details, disclosure_id, made_by, \
         made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            request.id,
            request.partner,
            &request.company,
            &details,
            request.disclosure,
            &request.made_by,
            request.made_at,
        ],
    )?;
    w.log(Act::on(format!("legal_request:{}", request.id)))
}
