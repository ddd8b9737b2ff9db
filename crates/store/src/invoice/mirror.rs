//! Invoices of an accounting system. What a newer file says replaces what an older one said; what stood before is sealed
//! under the customer's key, so that an import can be undone.

use jiff::Timestamp;
use seloste_domain::history::{Change, Changed};
use seloste_domain::id::{CompanyId, InvoiceId};
use seloste_domain::kind::Kind;
use seloste_domain::mirror::Mirrored;

use super::{Content, Invoice, MirrorOf, in_scope, parties, stored, written};
use crate::db::{Access as _, Writing};
use crate::error::{Result, StoreError};
use crate::keys::sealed_hash;
use crate::log::Act;
use crate::party;
use crate::sql::{Tx, params};

/// The invoice that has this number in the company.
///
/// # Errors
/// The database can not be read.
pub fn numbered(tx: &mut Tx<'_>, company: &CompanyId, number: &str) -> Result<Option<InvoiceId>> {
    tx.query_opt(
        "SELECT invoice_id FROM invoice WHERE register_id = ?1 AND company_id = ?2 AND number = ?3",
        params![company, number],
        |row| Ok(InvoiceId(row.id(0)?)),
    )
}

/// An invoice as it is stored, for the rules of imports.
///
/// # Errors
/// There is none in the scope of the use.
pub fn known(w: &mut Writing<'_, '_>, id: InvoiceId) -> Result<Invoice> {
    stored(w, id)?.ok_or(StoreError::NotFound("invoice"))
}

/// All that is kept of a mirrored invoice; none of one that was made here.
#[must_use]
pub fn as_mirrored(invoice: &Invoice) -> Option<Mirrored> {
    Some(Mirrored {
        company: invoice.company.clone(),
        person: invoice.person,
        organisation: invoice.organisation,
        source: invoice.mirror.as_ref()?.source.clone(),
        as_of: invoice.mirror.as_ref()?.as_of,
        invoice: invoice.mirrored()?.clone(),
    })
}

/// Adds a mirrored invoice, or replaces one by what its source says now. The number of the log event and of the sealed
/// change comes back.
///
/// # Errors
/// Its company or its customer is not in scope, it is no mirrored invoice, or someone else changed it meanwhile.
pub fn put(w: &mut Writing<'_, '_>, before: Option<&Invoice>, after: &Invoice) -> Result<u64> {
    in_scope(w, after)?;
    let not_one = || StoreError::Corrupt("not a mirrored invoice".into());
    let mirror = after.mirror.as_ref().ok_or_else(not_one)?;
    let content = as_mirrored(after).ok_or_else(not_one)?;
    let text = written(&after.content)?;
    let balance = content.invoice.balance();
    let (issued, due) = (content.invoice.date.to_string(), content.invoice.due.to_string());
    let mut tx = w.plain().tx();
    if let Some(before) = before {
        let rows = tx.execute(
            "UPDATE invoice SET company_id = ?3, person_id = ?4, organisation_id = ?5, kind = ?6, number = ?7, \
             issued_on = ?8, listed_on = ?8, due_on = ?9, content = ?10, gross_cents = ?11, credited_cents = ?12, \
             paid_cents = ?13, version = ?14, changed_at = ?15, mirror_source = ?16, mirror_as_of = ?17 \
             WHERE register_id = ?1 AND invoice_id = ?2 AND version = ?18 AND mirror_source IS NOT NULL",
            params![
                after.id,
                &after.company,
                after.person,
                after.organisation,
                after.kind.as_str(),
                &content.invoice.number,
                &issued,
                &due,
                &text,
                balance.gross.0,
                balance.credited.0,
                balance.paid.0,
                after.version,
                after.changed_at,
                &mirror.source,
                mirror.as_of,
                before.version,
            ],
        )?;
        if rows != 1 {
            return Err(StoreError::Conflict { found: before.version + 1, expected: before.version });
        }
    } else {
        tx.execute(
            "INSERT INTO invoice (register_id, invoice_id, company_id, person_id, organisation_id, kind, is_sent, number, \
             issued_on, listed_on, due_on, content, gross_cents, credited_cents, paid_cents, entered_by, version, \
             changed_at, mirror_source, mirror_as_of) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
            params![
                after.id,
                &after.company,
                after.person,
                after.organisation,
                after.kind.as_str(),
                &content.invoice.number,
                &issued,
                &due,
                &text,
                balance.gross.0,
                balance.credited.0,
                balance.paid.0,
                &after.entered_by,
                after.version,
                after.changed_at,
                &mirror.source,
                mirror.as_of,
            ],
        )?;
    }
    note(w, after, Changed { before: before.and_then(as_mirrored), after: Some(content) })
}

/// Seals a change under the customer's key and logs it.
fn note(w: &mut Writing<'_, '_>, invoice: &Invoice, change: Changed<Mirrored>) -> Result<u64> {
    let seq = w.next_seq();
    let owners = parties(invoice);
    let owner = *owners.first().ok_or_else(|| StoreError::Corrupt("an invoice without a customer".into()))?;
    let key = party::key_of(w, owner)?;
    let payload = party::seal(&key, invoice.id.0, &Change::Mirrored(Box::new(change)), w.env())?;
    party::insert_sealed(&mut w.plain().tx(), invoice.id.0, seq, owner, &payload)?;
    w.log(Act {
        subjects: owners.iter().map(|party| party.0).collect(),
        objects: vec![format!("invoice:{}", invoice.id)],
        fields: vec![Kind::Orders.as_str().to_owned()],
        sealed: vec![sealed_hash(&payload)],
        ..Act::default()
    })?;
    Ok(seq)
}

/// Notes that a source said the same again, later: an older file does not win over it from then on. Nothing else changes.
///
/// # Errors
/// The database can not be written.
pub fn seen(w: &mut Writing<'_, '_>, id: InvoiceId, as_of: Timestamp) -> Result<()> {
    w.plain()
        .tx()
        .execute(
            "UPDATE invoice SET mirror_as_of = ?3 WHERE register_id = ?1 AND invoice_id = ?2 AND mirror_as_of < ?3",
            params![id, as_of],
        )
        .map(drop)
}

/// Puts back what stood before an import. Whose it is stays: records may have been merged since.
///
/// # Errors
/// Someone else changed it meanwhile.
pub fn restore(w: &mut Writing<'_, '_>, now: &Invoice, before: &Mirrored) -> Result<()> {
    let after = Invoice {
        company: before.company.clone(),
        kind: before.invoice.kind,
        content: Content::Mirrored(Box::new(before.invoice.clone())),
        balance: before.invoice.balance(),
        mirror: Some(MirrorOf { source: before.source.clone(), as_of: before.as_of }),
        version: now.version + 1,
        changed_at: w.usage().at(),
        ..now.clone()
    };
    put(w, Some(now), &after).map(drop)
}

/// Takes a mirrored invoice out altogether: the undoing of an import.
///
/// # Errors
/// Something refers to it, or it is not in scope.
pub fn remove(w: &mut Writing<'_, '_>, invoice: &Invoice) -> Result<()> {
    let mut tx = w.plain().tx();
    tx.execute(
        "DELETE FROM sealed WHERE register_id = ?1 AND object_id = ?2 AND object_id <> owner_id",
        params![invoice.id],
    )?;
    tx.execute(
        "DELETE FROM invoice WHERE register_id = ?1 AND invoice_id = ?2 AND mirror_source IS NOT NULL",
        params![invoice.id],
    )?;
    let subjects = parties(invoice).iter().map(|party| party.0).collect();
    w.log_as("invoice.erase", Act { subjects, objects: vec![format!("invoice:{}", invoice.id)], ..Act::default() })
}
