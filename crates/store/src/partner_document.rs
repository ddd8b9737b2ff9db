//! Documents of contracts with partners: PDF files, sealed under a key of the register's own. No personal data of the
//! register, and nothing that a partner reads over its interface comes from here.

use seloste_domain::id::{PartnerDocumentId, PartnerId};
use seloste_domain::partner_document::PartnerDocument;

use crate::db::Writing;
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::sql::{Row, Tx, params};

const COLUMNS: &str = "document_id, partner_id, file_name, size, sha256, added_by, added_at";

fn read(row: &Row<'_>) -> Result<PartnerDocument> {
    Ok(PartnerDocument {
        id: PartnerDocumentId(row.id(0)?),
        partner: PartnerId(row.id(1)?),
        file_name: row.text(2)?,
        size: row.int(3)?.cast_unsigned(),
        sha256: row.text(4)?,
        added_by: row.text(5)?,
        added_at: row.time(6)?,
    })
}

/// The documents of a partner, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn of(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<PartnerDocument>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM partner_document WHERE register_id = ?1 AND partner_id = ?2 ORDER BY document_id DESC"
    );
    tx.query(&sql, params![partner], read)
}

/// Adds a document with its sealed content.
///
/// # Errors
/// The database can not be written.
pub fn insert(w: &mut Writing<'_, '_>, document: &PartnerDocument, sealed: &[u8]) -> Result<()> {
    w.plain().tx().execute(
        "INSERT INTO partner_document (register_id, document_id, partner_id, file_name, size, sha256, added_by, added_at, \
         content) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            document.id,
            document.partner,
            &document.file_name,
            document.size.cast_signed(),
            &document.sha256,
            &document.added_by,
            document.added_at,
            sealed,
        ],
    )?;
    log(w, document.partner, document.id, "added")
}

/// A document of a partner with its sealed content; the log tells that it was taken out.
///
/// # Errors
/// There is none.
pub fn open(w: &mut Writing<'_, '_>, partner: PartnerId, id: PartnerDocumentId) -> Result<(PartnerDocument, Vec<u8>)> {
    let sql = format!(
        "SELECT {COLUMNS}, content FROM partner_document WHERE register_id = ?1 AND partner_id = ?2 AND document_id = ?3"
    );
    let found = w.plain().tx().query_opt(&sql, params![partner, id], |row| Ok((read(row)?, row.bytes(7)?)))?;
    let found = found.ok_or(StoreError::NotFound("document"))?;
    log(w, partner, id, "opened")?;
    Ok(found)
}

/// Removes a document.
///
/// # Errors
/// There is none.
pub fn remove(w: &mut Writing<'_, '_>, partner: PartnerId, id: PartnerDocumentId) -> Result<()> {
    let rows = w.plain().tx().execute(
        "DELETE FROM partner_document WHERE register_id = ?1 AND partner_id = ?2 AND document_id = ?3",
        params![partner, id],
    )?;
    if rows == 1 { log(w, partner, id, "removed") } else { Err(StoreError::NotFound("document")) }
}

fn log(w: &mut Writing<'_, '_>, partner: PartnerId, id: PartnerDocumentId, what: &str) -> Result<()> {
    let objects = vec![format!("partner:{partner}"), format!("partner_document:{id}:{what}")];
    w.log(Act { objects, ..Act::default() })
}
