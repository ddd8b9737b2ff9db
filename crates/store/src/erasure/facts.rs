//! What is known of a person before they are erased: how much there is of everything, and what keeps it. Whatever company it
//! belongs to; ids and numbers only.

use jiff::civil::Date;
use seloste_domain::erasure::{Facts, Part};
use seloste_domain::hold::{Hold, HoldGround, InvoiceFacts};
use seloste_domain::id::{CollectionId, CompanyId, InvoiceId, OrganisationId, PartyId, PersonId};
use seloste_domain::money::Cents;
use uuid::Uuid;

use crate::db::AccessTx;
use crate::error::Result;
use crate::sql::{Param, Row, Tx, params, places};

/// Whose invoices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoicesOf {
    /// Those that a person is to pay: not those of an organisation where the person is the contact.
    Person(PersonId),
    /// Those that an organisation is to pay.
    Organisation(OrganisationId),
}

/// What decides how long the invoices stay that some companies have sent.
///
/// # Errors
/// The database can not be read.
pub fn invoices(tx: &mut AccessTx<'_>, of: InvoicesOf, only: &[CompanyId]) -> Result<Vec<InvoiceFacts>> {
    invoices_of(&mut tx.0, of, Some(only))
}

/// The same, whosever company sent them, when none are named.
fn invoices_of(tx: &mut Tx<'_>, of: InvoicesOf, only: Option<&[CompanyId]>) -> Result<Vec<InvoiceFacts>> {
    let (column, party) = match of {
        InvoicesOf::Person(id) => ("i.organisation_id IS NULL AND i.person_id", id.0),
        InvoicesOf::Organisation(id) => ("i.organisation_id", id.0),
    };
    let mut values = vec![Param::Id(party)];
    let companies = only.map_or_else(String::new, |companies| {
        values.extend(companies.iter().map(Param::from));
        format!("AND i.company_id IN ({}) ", places(3, companies.len()))
    });
    let sql = format!(
        "SELECT i.invoice_id, i.number, i.kind, i.issued_on, i.gross_cents + i.credited_cents - i.paid_cents, \
         (SELECT max(p.booked_on) FROM allocation a JOIN payment p ON p.register_id = a.register_id \
          AND p.payment_id = a.payment_id WHERE a.register_id = ?1 AND a.invoice_id = i.invoice_id), \
         (SELECT max(c.ended_on) FROM collection c WHERE c.register_id = ?1 AND c.invoice_id = i.invoice_id), \
         (SELECT c.collection_id FROM collection c WHERE c.register_id = ?1 AND c.invoice_id = i.invoice_id \
          AND c.ended_on IS NULL ORDER BY c.collection_id LIMIT 1) \
         FROM invoice i WHERE i.register_id = ?1 AND {column} = ?2 AND i.is_sent = 1 {companies}ORDER BY i.invoice_id"
    );
    tx.query(&sql, &values, read_invoice)
}

fn read_invoice(row: &Row<'_>) -> Result<InvoiceFacts> {
    let (booked, ended): (Option<Date>, Option<Date>) = (row.opt_parsed(5)?, row.opt_parsed(6)?);
    Ok(InvoiceFacts {
        id: InvoiceId(row.id(0)?),
        number: row.text(1)?,
        kind: row.parsed(2)?,
        date: row.parsed(3)?,
        open: Cents(row.int(4)?),
        moved: booked.max(ended),
        case: row.opt_id(7)?.map(CollectionId),
    })
}

/// What imports noted of a thing so that they can be undone. The import comes first in the table's key, so each is named.
const IMPORT_CHANGES: &str = "SELECT count(*) FROM import_change WHERE register_id = ?1 AND object_id = ?2 AND import_id IN \
     (SELECT i.import_id FROM import i WHERE i.register_id = ?1)";

/// Statements that count a part of what one record has.
const COUNTS: [(Part, &str); 23] = [
    (Part::Details, "SELECT count(*) FROM party_value WHERE register_id = ?1 AND party_id = ?2"),
    (Part::Organisations, "SELECT count(*) FROM representation WHERE register_id = ?1 AND person_id = ?2"),
    (Part::History, "SELECT count(*) FROM sealed WHERE register_id = ?1 AND owner_id = ?2"),
    (Part::Orders, "SELECT count(*) FROM orders WHERE register_id = ?1 AND person_id = ?2 AND organisation_id IS NULL"),
    (
        Part::Drafts,
        "SELECT count(*) FROM invoice WHERE register_id = ?1 AND person_id = ?2 AND is_sent = 0 AND organisation_id IS NULL",
    ),
    (Part::Payments, "SELECT count(*) FROM payment WHERE register_id = ?1 AND owner_id = ?2"),
    (Part::Reminders, "SELECT count(*) FROM reminder WHERE register_id = ?1 AND owner_id = ?2"),
    (Part::Reminders, "SELECT count(*) FROM debt_event WHERE register_id = ?1 AND owner_id = ?2"),
    (Part::Credit, "SELECT count(*) FROM credit_application WHERE register_id = ?1 AND person_id = ?2"),
    (Part::Mail, "SELECT count(*) FROM mail WHERE register_id = ?1 AND owner_id = ?2"),
    (Part::Proposals, "SELECT count(*) FROM proposal WHERE register_id = ?1 AND party_id = ?2"),
    (Part::Prohibitions, "SELECT count(*) FROM prohibition WHERE register_id = ?1 AND party_id = ?2"),
    (Part::Prohibitions, "SELECT count(*) FROM restriction WHERE register_id = ?1 AND party_id = ?2"),
    (Part::Prohibitions, "SELECT count(*) FROM claim_hold WHERE register_id = ?1 AND party_id = ?2"),
    (Part::Consents, "SELECT count(*) FROM consent WHERE register_id = ?1 AND party_id = ?2"),
    (Part::Consents, "SELECT count(*) FROM existing_customer WHERE register_id = ?1 AND party_id = ?2"),
    (Part::Merged, "SELECT count(*) FROM merged WHERE register_id = ?1 AND kept_id = ?2"),
    (Part::Traces, "SELECT count(*) FROM external_ref WHERE register_id = ?1 AND object_id = ?2"),
    (Part::Traces, "SELECT count(*) FROM bulk_row WHERE register_id = ?1 AND object_id = ?2"),
    (Part::Traces, "SELECT count(*) FROM idempotency WHERE register_id = ?1 AND object_id = ?2"),
    (Part::Traces, "SELECT count(*) FROM duplicate WHERE register_id = ?1 AND first_id = ?2"),
    (Part::Traces, "SELECT count(*) FROM duplicate WHERE register_id = ?1 AND second_id = ?2"),
    (Part::Traces, IMPORT_CHANGES),
];

/// All the records of a person, those that were merged into it first, and what is known of them.
pub(crate) fn facts(tx: &mut Tx<'_>, id: PartyId) -> Result<(Vec<Uuid>, Facts)> {
    let mut subjects = crate::merge::predecessors(tx, id)?;
    subjects.push(id.0);
    let mut facts = Facts::default();
    for subject in &subjects {
        for (part, sql) in COUNTS {
            let count = tx.query_opt(sql, params![*subject], |row| row.int(0))?;
            facts.counts.push((part, count.unwrap_or(0)));
        }
        facts.invoices.extend(invoices_of(tx, InvoicesOf::Person(PersonId(*subject)), None)?);
        facts.holds.extend(holds(tx, *subject)?);
    }
    facts.recipients = i64::try_from(crate::recall::holders(tx, id)?.len()).unwrap_or(i64::MAX);
    Ok((subjects, facts))
}

/// What keeps all of a record's data.
pub(super) fn holds(tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Hold>> {
    let mut found = tx.query(
        "SELECT order_id, number FROM orders WHERE register_id = ?1 AND person_id = ?2 AND organisation_id IS NULL \
         AND state = 'confirmed' ORDER BY order_id",
        params![subject],
        |row| Ok(hold(HoldGround::OpenOrder, format!("order:{}", row.id(0)?), row.text(1)?, None)),
    )?;
    found.extend(tx.query(
        "SELECT application_id, applied_on FROM credit_application WHERE register_id = ?1 AND person_id = ?2 \
         AND state IN ('pending', 'answered') ORDER BY application_id",
        params![subject],
        |row| Ok(hold(HoldGround::CreditPending, format!("credit:{}", row.id(0)?), row.text(1)?, None)),
    )?);
    found.extend(tx.query(
        "SELECT hold_id, review_on FROM claim_hold WHERE register_id = ?1 AND party_id = ?2 AND lifted_at IS NULL \
         ORDER BY hold_id",
        params![subject],
        |row| {
            let review = row.parsed::<Date>(1)?;
            Ok(hold(HoldGround::LegalClaim, format!("hold:{}", row.id(0)?), String::new(), Some(review)))
        },
    )?);
    let restricted = tx.query(
        "SELECT restriction_id FROM restriction WHERE register_id = ?1 AND party_id = ?2 AND ground = 'needed_for_claims' \
         AND lifted_at IS NULL ORDER BY restriction_id",
        params![subject],
        |row| {
            Ok(hold(HoldGround::RestrictedForClaims, format!("restriction:{}", row.id(0)?), String::new(), None))
        },
    )?;
    found.extend(restricted);
    Ok(found)
}

const fn hold(ground: HoldGround, object: String, name: String, review: Option<Date>) -> Hold {
    Hold { ground, object, name, until: None, review }
}
