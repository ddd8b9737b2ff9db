//! Payments: what came, where it went, what has no place. Files of them are in `payment_file.rs`.

use jiff::ToSpan as _;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{AllocationId, InvoiceId, PaymentId};
use seloste_domain::money::Cents;
use seloste_domain::payment::{
    Candidate, Incoming, NotPlaced, PAYER_MONTHS, PAYER_MONTHS_UNPLACED, PaymentDraft, Reason, propose, share,
};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_payments::FileError;
use seloste_store::StoreError;
use seloste_store::allocation::Refusal;
pub use seloste_store::allocation::Share;
use seloste_store::invoice::Invoice;
pub use seloste_store::payment::{Allocation, Filter, Payment, Told};

use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Invoices that are found by words at most.
const FOUND: i64 = 20;

/// Why a payment or a file of payments is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PaymentRefused {
    /// The file can not be used; nothing of it was.
    #[error("the file is refused: {0}")]
    File(#[from] FileError),
    /// No account is set to which payments come.
    #[error("no company of yours has an account for invoices")]
    NoAccount,
    /// The amount does not fit.
    #[error(transparent)]
    NotPlaced(NotPlaced),
    /// The bank took it back since.
    #[error("the bank took the payment back since: undo that first")]
    TakenBack,
    /// What was paid of an invoice would not be right any more.
    #[error("something else has happened to the invoice since")]
    InvoiceChanged,
}

/// What the store refuses, as the use case tells it.
pub(crate) fn told(error: StoreError) -> StoreError {
    let StoreError::Refused(inner) = error else { return error };
    let why = match inner.downcast::<Refusal>() {
        Ok(refusal) => match *refusal {
            Refusal::NotPlaced(why) => PaymentRefused::NotPlaced(why),
            Refusal::TakenBack => PaymentRefused::TakenBack,
            Refusal::InvoiceChanged => PaymentRefused::InvoiceChanged,
        },
        Err(other) => return StoreError::Refused(other),
    };
    OpsError::from(why).into_store()
}

/// A page of payments, and whether there are older ones.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its rows, the newest first.
    pub rows: Vec<Payment>,
    /// Whether there is a page after it.
    pub has_next: bool,
}

/// A page of payments.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, filter: &Filter, limit: usize) -> Result<Page> {
    let usage = register.authorize(actor, Action::PaymentList)?;
    let asked = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = register.db().read(&usage, |r| seloste_store::payment::page(r, filter, asked))?;
    let has_next = rows.len() > limit;
    rows.truncate(limit);
    Ok(Page { rows, has_next })
}

/// How many payments have no place, or a part that has none, and how much that is.
///
/// # Errors
/// The actor may not.
pub fn to_place(register: &Register, actor: &Actor) -> Result<(i64, Cents)> {
    let usage = register.authorize(actor, Action::PaymentList)?;
    Ok(register.db().read(&usage, |r| seloste_store::payment::to_place(r))?)
}

/// A payment that waits for a person, with the invoices that it may be for and why.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The payment.
    pub payment: Payment,
    /// What is proposed, the best first.
    pub proposals: Vec<Proposed>,
}

/// An invoice that is proposed for a payment.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// The invoice.
    pub invoice: Invoice,
    /// Why. None: a person looked for it.
    pub reason: Option<Reason>,
    /// What is open of the costs and the interest that were claimed with it.
    pub charges: Cents,
}

impl Proposed {
    /// How much of what is `left` of a payment would go to it: the invoice first, then what was claimed with it.
    #[must_use]
    pub fn share(&self, left: Cents) -> Cents {
        let of_invoice = share(left, &self.invoice.balance);
        let more = Cents(left.0 - of_invoice.0);
        Cents(of_invoice.0 + if more.0 > 0 { more.0.min(self.charges.0) } else { 0 })
    }
}

fn proposed(
    r: &mut seloste_store::Reading<'_>,
    invoice: Invoice,
    reason: Option<Reason>,
) -> Result<Proposed, StoreError> {
    let charges = seloste_store::allocation::charges_of(r, invoice.id)?;
    Ok(Proposed { invoice, reason, charges })
}

/// A page of what has no place, with proposals.
///
/// # Errors
/// The actor may not.
pub fn queue(register: &Register, actor: &Actor, filter: &Filter, limit: usize) -> Result<(Vec<Waiting>, bool)> {
    let filter = Filter { to_place: true, ..filter.clone() };
    let page = list(register, actor, &filter, limit)?;
    let usage = register.authorize(actor, Action::PaymentList)?;
    let rows = page.rows;
    if rows.is_empty() {
        return Ok((Vec::new(), false));
    }
    let waiting = register.db().read(&usage, move |r| {
        let candidates = seloste_store::allocation::candidates(r, &rows)?;
        rows.into_iter()
            .map(|payment| {
                let proposals = proposals(r, &payment, &candidates)?;
                Ok(Waiting { payment, proposals })
            })
            .collect::<Result<Vec<_>, StoreError>>()
    })?;
    Ok((waiting, page.has_next))
}

fn proposals(
    r: &mut seloste_store::Reading<'_>,
    payment: &Payment,
    candidates: &[Candidate],
) -> Result<Vec<Proposed>, StoreError> {
    let found = propose(&payment.incoming(), payment.purse.left(), candidates);
    let shown = |(id, reason): (InvoiceId, Reason)| {
        let invoice = seloste_store::invoice::get(r, id)?;
        proposed(r, invoice, Some(reason))
    };
    found.into_iter().map(shown).collect()
}

/// A payment with where its parts went, and what may be said of the rest.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The payment.
    pub payment: Payment,
    /// Where its parts went, with the invoices.
    pub parts: Vec<(Allocation, Option<Invoice>)>,
    /// What is proposed for the rest, and what was looked for.
    pub proposals: Vec<Proposed>,
}

/// One payment. `words` look for invoices by number, reference or the buyer's name.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: PaymentId, words: &str) -> Result<Shown> {
    let usage = register.authorize(actor, Action::PaymentList)?;
    let shown = register.db().read(&usage, |r| {
        let payment = seloste_store::payment::get(r, id)?;
        let mut parts = Vec::new();
        for part in seloste_store::payment::allocations_of(r, id)? {
            let invoice = match part.invoice.map(|invoice| seloste_store::invoice::get(r, invoice)).transpose() {
                // Of a company that shares the account, but is none of the actor's.
                Err(StoreError::NotFound(_)) => None,
                found => found?,
            };
            parts.push((part, invoice));
        }
        let mut found = Vec::new();
        if payment.purse.left() != Cents::ZERO {
            let candidates = seloste_store::allocation::candidates(r, std::slice::from_ref(&payment))?;
            found = proposals(r, &payment, &candidates)?;
            for invoice in seloste_store::allocation::find(r, words, FOUND)? {
                if found.iter().all(|known| known.invoice.id != invoice.id) {
                    found.push(proposed(r, invoice, None)?);
                }
            }
        }
        Ok(Shown { payment, parts, proposals: found })
    });
    not_found_is_logged(register, actor, Action::PaymentList, &format!("payment:{id}"), shown)
}

/// What paid an invoice and its costs.
///
/// # Errors
/// The actor may not, or there is no such invoice within their companies.
pub fn of_invoice(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Vec<Allocation>> {
    let usage = register.authorize(actor, Action::PaymentList)?;
    let found = register.db().read(&usage, |r| {
        seloste_store::invoice::get(r, id)?;
        seloste_store::payment::of_invoice(r, id)
    });
    not_found_is_logged(register, actor, Action::PaymentList, &format!("invoice:{id}"), found)
}

/// Enters a payment by hand. It finds its place by the rules, as one of a file does.
///
/// # Errors
/// The actor may not, a field is wrong, or the company has no account set.
pub fn enter(register: &Register, actor: &Actor, draft: &PaymentDraft) -> Result<PaymentId> {
    let usage = register.authorize(actor, Action::PaymentEnter)?;
    let valid = draft.validate(register.today())?;
    let wrong = |code| OpsError::from(FieldErrors::from(FieldError::new("company", code)));
    if !usage.scope().has(&valid.company) {
        return Err(wrong(code::COMPANY_UNKNOWN));
    }
    let billing = register.db().look(|tx| seloste_store::invoice::billing(tx, &valid.company))?;
    let (billing, _) = billing.ok_or_else(|| wrong(code::ACCOUNT_MISSING))?;
    let incoming = Incoming {
        archive_id: String::new(),
        account: billing.iban,
        booked_on: valid.paid_on,
        paid_on: valid.paid_on,
        amount: valid.amount,
        reference: valid.reference,
        payer: valid.payer,
    };
    let company = valid.company;
    Ok(register.db().write(&usage, move |w| seloste_store::payment_file::enter(w, &company, &incoming))?)
}

fn change<T: Send + 'static>(
    register: &Register,
    actor: &Actor,
    (action, id): (Action, PaymentId),
    change: impl FnMut(&mut seloste_store::Writing<'_, '_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T> {
    let usage = register.authorize(actor, action)?;
    let done = register.db().write(&usage, change).map_err(told);
    not_found_is_logged(register, actor, action, &format!("payment:{id}"), done)
}

/// Places parts of a payment on invoices; `expected` is the version that was shown.
///
/// # Errors
/// The actor may not, someone else placed it meanwhile, or an amount does not fit.
pub fn place(register: &Register, actor: &Actor, id: PaymentId, expected: i64, shares: &[Share]) -> Result<Payment> {
    let shares = shares.to_vec();
    let place =
        move |w: &mut seloste_store::Writing<'_, '_>| seloste_store::allocation::place(w, id, expected, &shares);
    change(register, actor, (Action::PaymentPlace, id), place)
}

/// Notes that a part of a payment was given back to the payer or accounted for elsewhere.
///
/// # Errors
/// The actor may not, the note is wrong, someone else placed it meanwhile, or the amount does not fit.
pub fn refund(
    register: &Register,
    actor: &Actor,
    id: PaymentId,
    expected: i64,
    cents: Cents,
    note: &str,
) -> Result<Payment> {
    let note = seloste_domain::payment::note(note).map_err(FieldErrors::from)?;
    let refund =
        move |w: &mut seloste_store::Writing<'_, '_>| seloste_store::allocation::refund(w, id, expected, cents, &note);
    change(register, actor, (Action::PaymentPlace, id), refund)
}

/// Takes a part of a payment away from its place.
///
/// # Errors
/// The actor may not, someone else placed it meanwhile, or it can not be undone any more.
pub fn undo(register: &Register, actor: &Actor, id: PaymentId, expected: i64, part: AllocationId) -> Result<Payment> {
    let undo = move |w: &mut seloste_store::Writing<'_, '_>| seloste_store::allocation::undo(w, id, expected, part);
    change(register, actor, (Action::PaymentPlace, id), undo)
}

/// Takes a payment out that was entered by hand.
///
/// # Errors
/// The actor may not, it came in a file, or someone else changed it meanwhile.
pub fn withdraw(register: &Register, actor: &Actor, id: PaymentId, expected: i64) -> Result<()> {
    let withdraw = move |w: &mut seloste_store::Writing<'_, '_>| seloste_store::payment_file::withdraw(w, id, expected);
    change(register, actor, (Action::PaymentEnter, id), withdraw)
}

/// Forgets who paid what, when its time has come; how many.
///
/// # Errors
/// The actor may not, or the database can not be written.
pub fn forget(register: &Register, actor: &Actor) -> Result<u64> {
    let usage = register.authorize(actor, Action::PaymentForget)?;
    forget_under(register, &usage)
}

/// The same as the program's own work: when it starts, and after each file. Nothing where the notice does not declare
/// invoicing: then there are no payments.
///
/// # Errors
/// The database can not be written.
pub fn forget_due(register: &Register) -> Result<u64> {
    let program = Actor::Program("payments");
    match Use::authorize(&program, Action::PaymentForget, &*register.notice()?, register.now()) {
        Ok(usage) => forget_under(register, &usage),
        Err(_) => Ok(0),
    }
}

fn forget_under(register: &Register, usage: &Use) -> Result<u64> {
    let today = register.today();
    let (placed, any) =
        (today.saturating_sub(PAYER_MONTHS.months()), today.saturating_sub(PAYER_MONTHS_UNPLACED.months()));
    Ok(register.db().write(usage, move |w| seloste_store::payment::forget(w, placed, any))?)
}
