//! Invoices and what companies' invoices say of the companies. A sent invoice is never changed: what is credited and
//! paid of it stands beside it.

mod kept;
mod ledger;
mod list;
mod mirror;

use jiff::Timestamp;
use jiff::civil::Date;
use seloste_domain::billing::Billing;
use seloste_domain::id::{CompanyId, InvoiceId, MailId, OrderId, OrganisationId, PartyId, PersonId, SourceId};
use seloste_domain::invoice::{Balance, InvoiceKind, InvoiceState, IssuedInvoice, ValidInvoice, state};
use seloste_domain::kind::Kind;
use seloste_domain::mirror::MirroredInvoice;
use seloste_domain::money::Cents;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::guard;
use crate::log::Act;
use crate::party::{self, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

pub(crate) use kept::{cut, take_out};
pub use ledger::{MonthSums, Summary, months, summary};
pub use list::{Filter, Sums, overdue, page, sums};
pub use mirror::{as_mirrored, known, numbered, put, remove, restore, seen};

/// What an invoice says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// It is being written.
    Draft(Box<ValidInvoice>),
    /// It was sent.
    Sent(Box<IssuedInvoice>),
    /// It was made in an accounting system, and this is what that says of it.
    Mirrored(Box<MirroredInvoice>),
}

/// Where a mirrored invoice came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MirrorOf {
    /// The source, as the notice names it.
    pub source: SourceId,
    /// When the source knew what it says.
    pub as_of: Timestamp,
}

/// An invoice of the register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// The company that sells.
    pub company: CompanyId,
    /// The person who is to pay.
    pub person: Option<PersonId>,
    /// The organisation that is to pay.
    pub organisation: Option<OrganisationId>,
    /// The order that it was made from.
    pub order: Option<OrderId>,
    /// Invoice or credit note.
    pub kind: InvoiceKind,
    /// The invoice that a credit note takes back.
    pub corrects: Option<InvoiceId>,
    /// What it says.
    pub content: Content,
    /// Its money.
    pub balance: Balance,
    /// Where it came from, when it was made in an accounting system: then it is neither changed nor sent here.
    pub mirror: Option<MirrorOf>,
    /// Who made it: the user's name as it was then.
    pub entered_by: String,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: jiff::Timestamp,
}

impl Invoice {
    /// What was sent.
    #[must_use]
    pub fn issued(&self) -> Option<&IssuedInvoice> {
        match &self.content {
            Content::Sent(issued) => Some(issued),
            Content::Draft(_) | Content::Mirrored(_) => None,
        }
    }

    /// What an accounting system says of it.
    #[must_use]
    pub fn mirrored(&self) -> Option<&MirroredInvoice> {
        match &self.content {
            Content::Mirrored(mirrored) => Some(mirrored),
            Content::Draft(_) | Content::Sent(_) => None,
        }
    }

    /// Its number; a draft has none.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        match &self.content {
            Content::Draft(_) => None,
            Content::Sent(issued) => Some(&issued.number),
            Content::Mirrored(mirrored) => Some(&mirrored.number),
        }
    }

    /// Its day and the day until which it is to be paid; a draft has none.
    #[must_use]
    pub fn days(&self) -> Option<(Date, Date)> {
        match &self.content {
            Content::Draft(_) => None,
            Content::Sent(issued) => Some((issued.date, issued.due)),
            Content::Mirrored(mirrored) => Some((mirrored.date, mirrored.due)),
        }
    }

    /// The name of who is to pay, as it stands on it.
    #[must_use]
    pub fn buyer_name(&self) -> &str {
        match &self.content {
            Content::Draft(draft) => &draft.buyer_name,
            Content::Sent(issued) => &issued.buyer.name,
            Content::Mirrored(mirrored) => &mirrored.buyer_name,
        }
    }

    /// How it stands on `today`.
    #[must_use]
    pub fn state(&self, today: Date) -> InvoiceState {
        self.days().map_or(InvoiceState::Draft, |(_, due)| state(self.kind, &self.balance, due, today))
    }
}

/// The day of drafts in lists: they come first.
const OF_DRAFTS: &str = "9999-12-31";

const COLUMNS: &str = "i.invoice_id, i.company_id, i.person_id, i.organisation_id, i.order_id, i.kind, i.corrects_id, \
     i.content, i.gross_cents, i.credited_cents, i.paid_cents, i.entered_by, i.version, i.changed_at, \
     i.mirror_source, i.mirror_as_of";

fn read(row: &Row<'_>) -> Result<Invoice> {
    let corrupt = |_| StoreError::Corrupt("an invoice's content".into());
    let (person, organisation) = (row.opt_id(2)?.map(PersonId), row.opt_id(3)?.map(OrganisationId));
    let mut content = serde_json::from_str(&row.text(7)?).map_err(corrupt)?;
    if let Content::Draft(draft) = &mut content {
        // Whose it is stands in the columns: merging records moves it.
        (draft.person, draft.organisation) = (person, organisation);
    }
    Ok(Invoice {
        id: InvoiceId(row.id(0)?),
        company: row.parsed(1)?,
        person,
        organisation,
        order: row.opt_id(4)?.map(OrderId),
        kind: row.parsed(5)?,
        corrects: row.opt_id(6)?.map(InvoiceId),
        content,
        balance: Balance { gross: Cents(row.int(8)?), credited: Cents(row.int(9)?), paid: Cents(row.int(10)?) },
        entered_by: row.text(11)?,
        version: row.int(12)?,
        changed_at: row.time(13)?,
        mirror: row.opt_parsed(14)?.zip(row.opt_time(15)?).map(|(source, as_of)| MirrorOf { source, as_of }),
    })
}

/// Notes who was shown, and hides an address that is protected for personal safety (*turvakielto*) from those who may not
/// see it: it is one also where it stands on an invoice.
fn show(access: &mut impl Access, invoices: &mut [Invoice]) -> Result<()> {
    let people: Vec<Uuid> = invoices.iter().filter_map(|invoice| invoice.person.map(Uuid::from)).collect();
    let protected: Vec<Uuid> = match access.usage().sees_protected() {
        true => Vec::new(),
        false => {
            let rows = party::rows(access, party::Noun::Person, &people)?;
            rows.iter().filter(|row| row.protected_address).map(|row| row.id).collect()
        }
    };
    for invoice in invoices {
        access.show_object(format!("invoice:{}", invoice.id));
        for party in parties(invoice) {
            access.show(party, [Kind::Orders].into_iter().collect());
        }
        if invoice.person.is_some_and(|person| protected.contains(&person.0)) {
            match &mut invoice.content {
                Content::Draft(draft) => draft.address = draft.address.as_ref().map(|address| address.masked()),
                Content::Sent(sent) => sent.buyer.address = sent.buyer.address.masked(),
                Content::Mirrored(_) => {}
            }
        }
    }
    Ok(())
}

fn parties(invoice: &Invoice) -> Vec<PartyId> {
    [invoice.person.map(PartyId::from), invoice.organisation.map(PartyId::from)].into_iter().flatten().collect()
}

/// One invoice.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: InvoiceId) -> Result<Invoice> {
    let mut found: Vec<Invoice> = stored(access, id)?.into_iter().collect();
    show(access, &mut found)?;
    found.pop().ok_or(StoreError::NotFound("invoice"))
}

/// As it is stored, with nothing hidden: for the rules, never for people.
fn stored(access: &mut impl Access, id: InvoiceId) -> Result<Option<Invoice>> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(None);
    }
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT {COLUMNS} FROM invoice i WHERE i.register_id = ?1 AND i.invoice_id = ?2 AND i.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let values = with_scope(vec![Param::from(id)], scope.companies());
    let found = access.tx().0.query_opt(&sql, &values, read)?;
    if let Some(invoice) = &found {
        // An invoice of somebody whose processing is restricted is not there for any use, but it is told why.
        guard::pass(access, &parties(invoice).iter().map(|party| party.0).collect::<Vec<_>>())?;
    }
    Ok(found)
}

/// Invoices of the scope that fulfil a condition, which begins with placeholder `?2`, the newest first: with nothing
/// hidden, for the rules, never for people.
pub(crate) fn matching(
    access: &mut impl Access,
    condition: &str,
    values: &[Param<'_>],
    limit: i64,
) -> Result<Vec<Invoice>> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let first = values.len() + 2;
    let sql = format!(
        "SELECT {COLUMNS} FROM invoice i WHERE i.register_id = ?1 AND {condition}{} AND i.company_id IN ({}) \
         ORDER BY i.invoice_id DESC LIMIT ?{}",
        guard::of_things(access.usage(), &["i.person_id", "i.organisation_id"]),
        places(first, scope.companies().len()),
        first + scope.companies().len()
    );
    let mut values = with_scope(values.to_vec(), scope.companies());
    values.push(Param::Int(limit));
    access.tx().0.query(&sql, &values, read)
}

/// Adds a draft.
///
/// # Errors
/// Its company or its customer is not in scope.
pub fn create(w: &mut Writing<'_, '_>, invoice: &Invoice) -> Result<()> {
    in_scope(w, invoice)?;
    let content = written(&invoice.content)?;
    w.plain().tx().execute(
        "INSERT INTO invoice (register_id, invoice_id, company_id, person_id, organisation_id, order_id, kind, is_sent, \
         corrects_id, content, gross_cents, credited_cents, paid_cents, entered_by, version, changed_at, listed_on) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, 0, 0, ?11, ?12, ?13, ?14)",
        params![
            invoice.id,
            &invoice.company,
            invoice.person,
            invoice.organisation,
            invoice.order,
            invoice.kind.as_str(),
            invoice.corrects,
            &content,
            invoice.balance.gross.0,
            &invoice.entered_by,
            invoice.version,
            invoice.changed_at,
            OF_DRAFTS,
        ],
    )?;
    log(w, invoice)
}

/// Replaces a draft by its corrected form.
///
/// # Errors
/// Someone else changed or sent it meanwhile, or it is not in scope.
pub fn update(w: &mut Writing<'_, '_>, invoice: &Invoice) -> Result<()> {
    in_scope(w, invoice)?;
    let content = written(&invoice.content)?;
    let expected = invoice.version - 1;
    let rows = w.plain().tx().execute(
        "UPDATE invoice SET company_id = ?3, person_id = ?4, organisation_id = ?5, content = ?6, gross_cents = ?7, \
         version = ?8, changed_at = ?9 WHERE register_id = ?1 AND invoice_id = ?2 AND version = ?10 AND is_sent = 0",
        params![
            invoice.id,
            &invoice.company,
            invoice.person,
            invoice.organisation,
            &content,
            invoice.balance.gross.0,
            invoice.version,
            invoice.changed_at,
            expected,
        ],
    )?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: invoice.version, expected });
    }
    log(w, invoice)
}

/// Throws a draft away.
///
/// # Errors
/// Someone else changed or sent it meanwhile.
pub fn discard(w: &mut Writing<'_, '_>, invoice: &Invoice) -> Result<()> {
    let rows = w.plain().tx().execute(
        "DELETE FROM invoice WHERE register_id = ?1 AND invoice_id = ?2 AND version = ?3 AND is_sent = 0",
        params![invoice.id, invoice.version],
    )?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: invoice.version + 1, expected: invoice.version });
    }
    log(w, invoice)
}

/// The next number of a company in a year. It is given for good when the transaction is: one that is taken back gives
/// the same number again, so that there are no gaps.
///
/// # Errors
/// The database can not be written.
pub fn next_number(w: &mut Writing<'_, '_>, company: &CompanyId, year: i16) -> Result<i64> {
    let year = i64::from(year);
    let mut tx = w.plain().tx();
    // The row is locked by the change until the transaction ends, also against another program.
    tx.execute(
        "INSERT INTO invoice_number (register_id, company_id, year, last) VALUES (?1, ?2, ?3, 1) \
         ON CONFLICT (register_id, company_id, year) DO UPDATE SET last = invoice_number.last + 1",
        params![company, year],
    )?;
    let last = tx.query_opt(
        "SELECT last FROM invoice_number WHERE register_id = ?1 AND company_id = ?2 AND year = ?3",
        params![company, year],
        |row| row.int(0),
    )?;
    last.ok_or_else(|| StoreError::Corrupt("no number was kept".into()))
}

/// Keeps what was sent. From then on nothing of it changes. A credit note lowers what is open of its invoice.
///
/// # Errors
/// Someone else changed or sent it meanwhile.
pub fn send(w: &mut Writing<'_, '_>, invoice: &Invoice, issued: &IssuedInvoice) -> Result<()> {
    let expected = invoice.version;
    let content = written(&Content::Sent(Box::new(issued.clone())))?;
    let at = w.usage().at();
    let mut tx = w.plain().tx();
    let rows = tx.execute(
        "UPDATE invoice SET is_sent = 1, number = ?3, reference = ?4, issued_on = ?5, listed_on = ?5, due_on = ?6, content = ?7, \
         version = version + 1, changed_at = ?8 WHERE register_id = ?1 AND invoice_id = ?2 AND version = ?9 AND is_sent = 0",
        params![
            invoice.id,
            &issued.number,
            issued.reference.as_str(),
            &issued.date.to_string(),
            &issued.due.to_string(),
            &content,
            at,
            expected,
        ],
    )?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: expected + 1, expected });
    }
    if let Some(corrects) = invoice.corrects {
        tx.execute(
            "UPDATE invoice SET credited_cents = credited_cents + ?3, changed_at = ?4 \
             WHERE register_id = ?1 AND invoice_id = ?2",
            params![corrects, issued.totals.gross.0, at],
        )?;
    }
    log(w, invoice)
}

/// For sending: the draft with nothing hidden, since what is sent has to be whole.
///
/// # Errors
/// There is none in the scope of the use.
pub fn to_be_sent(w: &mut Writing<'_, '_>, id: InvoiceId) -> Result<Invoice> {
    stored(w, id)?.ok_or(StoreError::NotFound("invoice"))
}

/// Notes which message an invoice goes with. A message that is noted already is not noted again.
///
/// # Errors
/// The database can not be written.
pub fn note_mail(w: &mut Writing<'_, '_>, invoice: InvoiceId, mail: MailId) -> Result<()> {
    let sql = "INSERT INTO invoice_mail (register_id, invoice_id, mail_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    w.plain().tx().execute(sql, params![invoice, mail]).map(drop)
}

/// Notes in the log what the use did with the invoice: wrote, sent, or took it out in a file.
///
/// # Errors
/// The log can not be written.
pub fn log(w: &mut Writing<'_, '_>, invoice: &Invoice) -> Result<()> {
    w.log(Act {
        subjects: parties(invoice).iter().map(|party| party.0).collect(),
        objects: vec![format!("invoice:{}", invoice.id)],
        fields: vec![Kind::Orders.as_str().to_owned()],
        ..Act::default()
    })
}

fn written(content: &Content) -> Result<String> {
    serde_json::to_string(content).map_err(|_| StoreError::Corrupt("an invoice that can not be written".into()))
}

fn in_scope(w: &mut Writing<'_, '_>, invoice: &Invoice) -> Result<()> {
    if !w.usage().scope().has(&invoice.company) {
        return Err(StoreError::NotFound("company"));
    }
    let person = invoice.person.map(|id| (party::Noun::Person, PartyId::from(id)));
    let organisation = invoice.organisation.map(|id| (party::Noun::Organisation, PartyId::from(id)));
    for (noun, id) in [person, organisation].into_iter().flatten() {
        let row = party::row(w, noun, id)?;
        guard::may_change(w, &row)?;
    }
    Ok(())
}

/// What a company's invoices say of it, with its version.
///
/// # Errors
/// The database can not be read.
pub fn billing(tx: &mut Tx<'_>, company: &CompanyId) -> Result<Option<(Billing, i64)>> {
    let sql = "SELECT details, version FROM billing WHERE register_id = ?1 AND company_id = ?2";
    let found = tx.query_opt(sql, params![company], |row| Ok((row.text(0)?, row.int(1)?)))?;
    let Some((details, version)) = found else { return Ok(None) };
    let billing = serde_json::from_str(&details).map_err(|_| StoreError::Corrupt("billing details".into()))?;
    Ok(Some((billing, version)))
}

/// Sets it, when it still has the version `expected`; 0: there is none yet.
///
/// # Errors
/// Someone else changed it meanwhile.
pub fn set_billing(w: &mut Writing<'_, '_>, company: &CompanyId, billing: &Billing, expected: i64) -> Result<i64> {
    let details = serde_json::to_string(billing).map_err(|_| StoreError::Corrupt("billing details".into()))?;
    let at = w.usage().at();
    let mut tx = w.plain().tx();
    let rows = if expected == 0 {
        tx.execute(
            "INSERT INTO billing (register_id, company_id, details, version, changed_at) VALUES (?1, ?2, ?3, 1, ?4) \
             ON CONFLICT DO NOTHING",
            params![company, &details, at],
        )?
    } else {
        tx.execute(
            "UPDATE billing SET details = ?3, version = version + 1, changed_at = ?4 \
             WHERE register_id = ?1 AND company_id = ?2 AND version = ?5",
            params![company, &details, at, expected],
        )?
    };
    if rows != 1 {
        return Err(StoreError::Conflict { found: expected + 1, expected });
    }
    crate::payment::add_account(&mut tx, company, &billing.iban)?;
    w.log(Act::on(format!("billing:{company}")))?;
    Ok(expected + 1)
}
