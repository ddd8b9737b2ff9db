//! Invoices: drafts, sending under a number, credit notes, electronic forms.

mod drafts;
mod file;
mod list;
pub mod mirror;
mod preview;

use jiff::civil::Date;
use seloste_domain::billing::{Billing, BillingDraft, Seller};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, InvoiceId, OrderId};
use seloste_domain::invoice::{
    self, Balance, Corrected, InvoiceDraft, InvoiceKind, InvoiceLine, InvoiceState, InvoiceTotals, Issue,
    IssuedInvoice, ValidInvoice,
};
use seloste_domain::money::Cents;
use seloste_domain::order::OrderState;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_einvoice::Problems;
use seloste_store::StoreError;
pub use seloste_store::invoice::{Content, Filter, Invoice, MonthSums, Summary, Sums};

pub use drafts::{create_of_order, may_be_invoiced, of_customer, of_order};
pub use file::{file, operators};
pub use list::{Ledger, Page, ledger, page, summary};
pub use preview::{Preview, preview};

use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Why an invoice can not be changed, sent or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvoiceRefused {
    /// It was sent: it can be credited, not changed (Accounting Act 1336/1997 2:7).
    #[error("the invoice was sent and can not be changed; make a credit note")]
    Sent,
    /// It is a draft still.
    #[error("the invoice has not been sent")]
    Draft,
    /// It was made in an accounting system: there it is changed, sent and credited.
    #[error("the invoice was made in an accounting system and can not be changed or sent here")]
    Mirrored,
    /// The buyer's address is protected for personal safety, and the actor may not see it.
    #[error("the buyer's address is protected for personal safety")]
    Protected,
    /// A credit note can not be credited.
    #[error("a credit note can not be credited")]
    CreditNote,
    /// The company's billing details are not set.
    #[error("the company's account and address for invoices are not set")]
    NoBilling,
    /// The notice does not tell the company's business id.
    #[error("the notice does not tell the company's business id")]
    NoBusinessId,
    /// The form asks for what the invoice does not have.
    #[error(transparent)]
    Form(#[from] Problems),
}

/// The forms in which an invoice goes to an operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Finvoice 3.0.
    Finvoice,
    /// Peppol BIS Billing 3.0 in UBL 2.1.
    Ubl,
}

/// What a company's invoices say of it, with its version; none: not set yet.
///
/// # Errors
/// The actor may not, or the company is not theirs.
pub fn billing(register: &Register, actor: &Actor, company: &CompanyId) -> Result<Option<(Billing, i64)>> {
    let usage = may_see_billing(register, actor)?;
    own_company(&usage, company)?;
    Ok(register.db().look(|tx| seloste_store::invoice::billing(tx, company))?)
}

/// A company's name, its business id in the notice, and its billing details with their version, where they are set.
#[derive(Clone, Debug)]
pub struct CompanyBilling {
    /// Its short name.
    pub id: CompanyId,
    /// Its name.
    pub name: String,
    /// Whether the notice tells its business id, without which it can not send invoices.
    pub has_business_id: bool,
    /// The details.
    pub billing: Option<(Billing, i64)>,
}

/// What the invoices of each of the actor's companies say of it.
///
/// # Errors
/// The actor may not.
pub fn billings(register: &Register, actor: &Actor) -> Result<Vec<CompanyBilling>> {
    let usage = register.authorize(actor, Action::BillingChange)?;
    let notice = register.notice()?;
    let own = notice.companies().iter().filter(|company| usage.scope().has(&company.id));
    own.map(|company| {
        let billing = register.db().look(|tx| seloste_store::invoice::billing(tx, &company.id))?;
        let has_business_id = company.business_id.is_some();
        Ok(CompanyBilling { id: company.id.clone(), name: company.name.clone(), has_business_id, billing })
    })
    .collect()
}

/// Whoever may set the details may see them, also those who see no invoices.
fn may_see_billing(register: &Register, actor: &Actor) -> Result<Use> {
    let notice = register.notice()?;
    Use::authorize(actor, Action::BillingChange, &notice, register.now())
        .or_else(|_| register.authorize(actor, Action::InvoiceShow))
}

/// Sets it. `expected` is the version that was shown; 0: none.
///
/// # Errors
/// The actor may not, a field is wrong, or someone else changed it meanwhile.
pub fn set_billing(
    register: &Register,
    actor: &Actor,
    company: &CompanyId,
    expected: i64,
    draft: &BillingDraft,
) -> Result<i64> {
    let usage = register.authorize(actor, Action::BillingChange)?;
    own_company(&usage, company)?;
    let (billing, company) = (draft.validate()?, company.clone());
    let set = move |w: &mut seloste_store::Writing<'_, '_>| {
        seloste_store::invoice::set_billing(w, &company, &billing, expected)
    };
    Ok(register.db().write(&usage, set)?)
}

fn own_company(usage: &Use, company: &CompanyId) -> Result<()> {
    if usage.scope().has(company) { Ok(()) } else { Err(StoreError::NotFound("company").into()) }
}

/// A page of the list of invoices, the newest first.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, filter: &Filter, limit: i64) -> Result<Vec<Invoice>> {
    let usage = register.authorize(actor, Action::InvoiceList)?;
    let today = register.today();
    Ok(register.db().read(&usage, |r| seloste_store::invoice::page(r, filter, today, limit))?)
}

/// One invoice.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Invoice> {
    let usage = register.authorize(actor, Action::InvoiceShow)?;
    let shown = register.db().read(&usage, |r| seloste_store::invoice::get(r, id));
    not_found_is_logged(register, actor, Action::InvoiceShow, &format!("invoice:{id}"), shown)
}

/// What became of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// A draft was added.
    New,
    /// The same form added it before.
    Before,
    /// The same form added one before, but it says something else now.
    Differs,
}

/// Adds a draft under an id that its form was given when it was made: the same form adds one.
///
/// # Errors
/// The actor may not, a field is wrong, or the customer is not within their companies.
pub fn create_once(register: &Register, actor: &Actor, id: InvoiceId, draft: &InvoiceDraft) -> Result<Created> {
    let usage = register.authorize(actor, Action::InvoiceChange)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    not_a_credit_note(&valid)?;
    let invoice = drafted(id, &usage, valid, None);
    let made = register.db().write(&usage, move |w| match seloste_store::invoice::to_be_sent(w, id) {
        Ok(before) => Ok(if before.content == invoice.content { Created::Before } else { Created::Differs }),
        Err(StoreError::NotFound(_)) => seloste_store::invoice::create(w, &invoice).map(|()| Created::New),
        Err(error) => Err(error),
    });
    made.map_err(at_field)
}

/// A credit note is made from its invoice: see [`credit`].
fn not_a_credit_note(valid: &ValidInvoice) -> Result<()> {
    if valid.kind == InvoiceKind::CreditNote {
        return Err(FieldErrors::from(FieldError::new("kind", code::CHOICE_UNKNOWN)).into());
    }
    Ok(())
}

/// Adds a draft.
///
/// # Errors
/// The actor may not, a field is wrong, or the customer is not within their companies.
pub fn create(register: &Register, actor: &Actor, draft: &InvoiceDraft) -> Result<InvoiceId> {
    let usage = register.authorize(actor, Action::InvoiceChange)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    not_a_credit_note(&valid)?;
    add_once(register, &usage, drafted(InvoiceId(register.db().env().id()), &usage, valid, None))
}

/// Adds a draft, unless one with its id is there already.
fn add_once(register: &Register, usage: &Use, invoice: Invoice) -> Result<InvoiceId> {
    let id = invoice.id;
    let made = register.db().write(usage, move |w| match seloste_store::invoice::to_be_sent(w, id) {
        Ok(_) => Ok(()),
        Err(StoreError::NotFound(_)) => seloste_store::invoice::create(w, &invoice),
        Err(error) => Err(error),
    });
    made.map(|()| id).map_err(at_field)
}

fn drafted(id: InvoiceId, usage: &Use, valid: ValidInvoice, corrects: Option<InvoiceId>) -> Invoice {
    Invoice {
        id,
        company: valid.company.clone(),
        person: valid.person,
        organisation: valid.organisation,
        order: valid.order,
        kind: valid.kind,
        corrects,
        balance: Balance { gross: valid.totals.gross, ..Balance::default() },
        content: Content::Draft(Box::new(valid)),
        mirror: None,
        entered_by: usage.actor().to_string(),
        version: 1,
        changed_at: usage.at(),
    }
}

/// Changes a draft. The lines of a credit note may be fewer or smaller than those of its invoice.
///
/// # Errors
/// The actor may not, a field is wrong, it was sent, or someone else changed it since `expected`.
pub fn change(register: &Register, actor: &Actor, id: InvoiceId, expected: i64, draft: &InvoiceDraft) -> Result<i64> {
    let usage = register.authorize(actor, Action::InvoiceChange)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    let at = usage.at();
    let changed = register.db().write(&usage, move |w| {
        let (before, draft) = draft_of(w, id, expected)?;
        let mut valid = ValidInvoice { kind: before.kind, order: before.order, ..valid.clone() };
        // Who may not see a protected address sends none back: it stays.
        let seen = seloste_store::invoice::get(w, id)?;
        if let (None, Content::Draft(seen)) = (&valid.address, &seen.content)
            && seen.address.as_ref().is_some_and(|address| address.is_masked())
        {
            valid.address = draft.address;
        }
        let after = Invoice {
            company: valid.company.clone(),
            person: valid.person,
            organisation: valid.organisation,
            balance: Balance { gross: valid.totals.gross, ..before.balance },
            content: Content::Draft(Box::new(valid)),
            version: expected + 1,
            changed_at: at,
            ..before
        };
        seloste_store::invoice::update(w, &after)?;
        Ok(expected + 1)
    });
    not_found_is_logged(register, actor, Action::InvoiceChange, &format!("invoice:{id}"), changed.map_err(as_store))
}

/// Throws a draft away.
///
/// # Errors
/// The actor may not, it was sent, or someone else changed it since `expected`.
pub fn discard(register: &Register, actor: &Actor, id: InvoiceId, expected: i64) -> Result<()> {
    let usage = register.authorize(actor, Action::InvoiceChange)?;
    let gone = register.db().write(&usage, move |w| {
        let (before, _) = draft_of(w, id, expected)?;
        seloste_store::invoice::discard(w, &before)
    });
    not_found_is_logged(register, actor, Action::InvoiceChange, &format!("invoice:{id}"), gone)
}

/// The draft with nothing hidden, when it is one and has the version that was shown.
fn draft_of(
    w: &mut seloste_store::Writing<'_, '_>,
    id: InvoiceId,
    expected: i64,
) -> Result<(Invoice, ValidInvoice), StoreError> {
    let before = seloste_store::invoice::to_be_sent(w, id)?;
    let draft = match &before.content {
        Content::Draft(draft) => draft,
        Content::Sent(_) => return Err(OpsError::from(InvoiceRefused::Sent).into_store()),
        Content::Mirrored(_) => return Err(OpsError::from(InvoiceRefused::Mirrored).into_store()),
    };
    if before.version != expected {
        return Err(StoreError::Conflict { found: before.version, expected });
    }
    let draft = (**draft).clone();
    Ok((before, draft))
}

/// Sends an invoice: gives it its number and reference and keeps it as it is now, whatever happens to the customer or the
/// company later. Numbers run without gaps in a company and a year (Act 1501/1993 section 209 e). The order that it was
/// made from becomes invoiced.
///
/// # Errors
/// The actor may not, something that the law asks for is missing, the company's billing details are not set, it was
/// sent already, or someone else changed it since `expected`.
pub fn send(register: &Register, actor: &Actor, id: InvoiceId, expected: i64) -> Result<IssuedInvoice> {
    send_on(register, actor, id, expected, register.today())
}

/// The same on another day: for the demo's years. Numbers follow the days only when it is called in their order.
pub(crate) fn send_on(
    register: &Register,
    actor: &Actor,
    id: InvoiceId,
    expected: i64,
    today: Date,
) -> Result<IssuedInvoice> {
    let usage = register.authorize(actor, Action::InvoiceSend)?;
    let notice = register.notice()?;
    let sent = register.db().write(&usage, move |w| {
        let (before, draft) = draft_of(w, id, expected)?;
        let (seller, billing) = seller(w, &notice, &before.company)?;
        let (corrects, left) = corrected(w, before.corrects)?;
        let sequence = seloste_store::invoice::next_number(w, &before.company, today.year())?;
        let reference = invoice::reference(today.year(), sequence);
        let reference = reference.map_err(|_| StoreError::Corrupt("too many invoices in a year".into()))?;
        let at = Issue { number: invoice::number(today.year(), sequence), reference, date: today, corrects };
        let issued = draft.issue(&seller, &billing, at, left).map_err(|errors| OpsError::from(errors).into_store())?;
        seloste_store::invoice::send(w, &before, &issued)?;
        if let Some(order) = before.order.filter(|_| before.kind == InvoiceKind::Invoice) {
            mark_invoiced(w, order)?;
        }
        Ok(issued)
    });
    not_found_is_logged(register, actor, Action::InvoiceSend, &format!("invoice:{id}"), sent)
}

fn seller(
    w: &mut seloste_store::Writing<'_, '_>,
    notice: &seloste_domain::notice::Notice,
    company: &CompanyId,
) -> Result<(Seller, Billing), StoreError> {
    let refused = |why: InvoiceRefused| OpsError::from(why).into_store();
    let declared = notice.company(company).ok_or(StoreError::NotFound("company"))?;
    let business_id = declared.business_id.clone().ok_or_else(|| refused(InvoiceRefused::NoBusinessId))?;
    let billing = seloste_store::invoice::billing(&mut w.plain().tx(), company)?;
    let (billing, _) = billing.ok_or_else(|| refused(InvoiceRefused::NoBilling))?;
    Ok((billing.seller(&declared.name, business_id), billing))
}

/// What a credit note takes back, and how much of it is left.
fn corrected(
    w: &mut seloste_store::Writing<'_, '_>,
    corrects: Option<InvoiceId>,
) -> Result<(Option<Corrected>, Option<Cents>), StoreError> {
    let Some(id) = corrects else { return Ok((None, None)) };
    let original = seloste_store::invoice::to_be_sent(w, id)?;
    let issued = original.issued().ok_or_else(|| StoreError::Corrupt("a credit note of a draft".into()))?;
    let left = Cents(original.balance.gross.0.saturating_add(original.balance.credited.0));
    Ok((Some(Corrected { number: issued.number.clone(), date: issued.date }), Some(left)))
}

/// The order becomes invoiced, where its state lets it; one that was taken out meanwhile is passed over.
fn mark_invoiced(w: &mut seloste_store::Writing<'_, '_>, order: OrderId) -> Result<(), StoreError> {
    match seloste_store::order::get(w, order) {
        Ok(order) if order.state.may_become(OrderState::Invoiced) => {
            let expected = order.version;
            let after = seloste_domain::order::Order { state: OrderState::Invoiced, ..order };
            seloste_store::order::update(w, expected, &after).map(drop)
        }
        Ok(_) | Err(StoreError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes the draft of a credit note of all lines of a sent invoice (Act 1501/1993 section 209 f).
///
/// # Errors
/// The actor may not, it is not sent, or it is a credit note itself.
pub fn credit(register: &Register, actor: &Actor, id: InvoiceId) -> Result<InvoiceId> {
    credit_once(register, actor, InvoiceId(register.db().env().id()), id)
}

/// The same under an id that its form was given when it was made: the same form makes one.
///
/// # Errors
/// As [`credit`].
pub fn credit_once(register: &Register, actor: &Actor, new: InvoiceId, id: InvoiceId) -> Result<InvoiceId> {
    let original = show(register, actor, id)?;
    let usage = register.authorize(actor, Action::InvoiceChange)?;
    let issued = original.issued().ok_or_else(|| not_sent(&original))?;
    if original.kind == InvoiceKind::CreditNote {
        return Err(InvoiceRefused::CreditNote.into());
    }
    let lines: Vec<InvoiceLine> = issued.lines.iter().map(InvoiceLine::reversed).collect();
    let totals = InvoiceTotals::of(&lines).map_err(|_| StoreError::Corrupt("an invoice's sums".into()))?;
    let buyer = &issued.buyer;
    let valid = ValidInvoice {
        kind: InvoiceKind::CreditNote,
        company: original.company.clone(),
        person: original.person,
        organisation: original.organisation,
        order: original.order,
        buyer_name: buyer.name.clone(),
        buyer_contact: buyer.contact.clone(),
        business_id: buyer.business_id.clone(),
        vat_number: buyer.vat_number.clone(),
        address: Some(buyer.address.clone()).filter(|address| !address.is_masked()),
        electronic: buyer.electronic.clone(),
        buyer_reference: issued.buyer_reference.clone(),
        order_number: issued.order_number.clone(),
        // The rates are those of the day of the original (section 15).
        delivered_on: Some(issued.delivered_on.unwrap_or(issued.date)),
        payment_days: Some(0),
        language: issued.language,
        note: String::new(),
        lines,
        totals,
    };
    add_once(register, &usage, drafted(new, &usage, valid, Some(id)))
}

/// Why an invoice that is not one sent here can not be credited, printed or written.
pub(crate) const fn not_sent(invoice: &Invoice) -> InvoiceRefused {
    match &invoice.content {
        Content::Mirrored(_) => InvoiceRefused::Mirrored,
        Content::Draft(_) | Content::Sent(_) => InvoiceRefused::Draft,
    }
}

/// How an invoice stands now.
#[must_use]
pub fn state(register: &Register, invoice: &Invoice) -> InvoiceState {
    invoice.state(register.today())
}

/// What the store says of a company or a customer that is not in scope, at its field.
fn at_field(error: StoreError) -> OpsError {
    match error {
        StoreError::NotFound("company") => FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into(),
        StoreError::NotFound("person" | "organisation") => {
            FieldErrors::from(FieldError::new("buyer_name", code::ORDER_CUSTOMER_MISSING)).into()
        }
        other => OpsError::from_store(other),
    }
}

fn as_store(error: StoreError) -> StoreError {
    match error {
        StoreError::NotFound("company" | "person" | "organisation") => at_field(error).into_store(),
        other => other,
    }
}
