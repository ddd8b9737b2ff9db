//! What becomes of a person's invoices when the person is erased: those that a law keeps are cut to what it asks for, the others
//! go.

use seloste_domain::id::{InvoiceId, PartyId};

use super::{Content, written};
use crate::error::{Result, StoreError};
use crate::sql::{Tx, params};

/// Takes an invoice out with everything that hangs on it. What was paid stays booked: the payment says nothing of the person.
pub(crate) fn take_out(tx: &mut Tx<'_>, id: InvoiceId) -> Result<()> {
    for sql in [
        "DELETE FROM invoice_mail WHERE register_id = ?1 AND invoice_id = ?2",
        "DELETE FROM reminder WHERE register_id = ?1 AND invoice_id = ?2",
        "DELETE FROM debt_event WHERE register_id = ?1 AND invoice_id = ?2",
        "DELETE FROM collection WHERE register_id = ?1 AND invoice_id = ?2",
        "UPDATE allocation SET invoice_id = NULL WHERE register_id = ?1 AND invoice_id = ?2",
        "UPDATE invoice SET corrects_id = NULL WHERE register_id = ?1 AND corrects_id = ?2",
        "DELETE FROM sealed WHERE register_id = ?1 AND object_id = ?2 AND object_id <> owner_id",
        "DELETE FROM bulk_row WHERE register_id = ?1 AND object_id = ?2",
        "DELETE FROM external_ref WHERE register_id = ?1 AND object_id = ?2",
        "DELETE FROM invoice WHERE register_id = ?1 AND invoice_id = ?2",
    ] {
        tx.execute(sql, params![id])?;
    }
    Ok(())
}

/// Throws a person's drafts away, takes the person out of the invoices of organisations whose contact they were, and cuts the
/// sent invoices that are left to what a voucher has to say (VAT Act 1501/1993 section 209 e): the buyer's name and address stay,
/// whom to reach and how, and what the buyer called the purchase, go. `kept`: the record on which they hang from then on.
pub(crate) fn cut(tx: &mut Tx<'_>, person: PartyId, kept: PartyId) -> Result<()> {
    let found = tx.query(
        "SELECT invoice_id, is_sent, organisation_id, content FROM invoice WHERE register_id = ?1 AND person_id = ?2 \
         ORDER BY invoice_id",
        params![person],
        |row| Ok((InvoiceId(row.id(0)?), row.flag(1)?, row.opt_id(2)?, row.text(3)?)),
    )?;
    for (id, is_sent, organisation, content) in found {
        if !is_sent && organisation.is_none() {
            take_out(tx, id)?;
            continue;
        }
        let person = organisation.is_none().then_some(kept);
        let content = serde_json::from_str(&content).map_err(|_| StoreError::Corrupt("an invoice's content".into()))?;
        let content = written(&without_contact(content, organisation.is_none()))?;
        // The order is gone, or is the organisation's.
        tx.execute(
            "UPDATE invoice SET person_id = ?3, content = ?4 WHERE register_id = ?1 AND invoice_id = ?2",
            params![id, person, &content],
        )?;
    }
    Ok(())
}

fn without_contact(content: Content, own: bool) -> Content {
    match content {
        Content::Sent(mut sent) => {
            sent.buyer.contact.clear();
            if own {
                sent.buyer.electronic = None;
                sent.buyer_reference.clear();
            }
            Content::Sent(sent)
        }
        Content::Draft(mut draft) => {
            draft.person = None;
            draft.buyer_contact.clear();
            Content::Draft(draft)
        }
        Content::Mirrored(mirrored) => Content::Mirrored(mirrored),
    }
}
