//! What happens to late claims: disputes, acknowledgements, cases at collection partners; and what open money keeps from
//! being erased.

use jiff::civil::Date;
use seloste_domain::collection::{CollectionState, DebtEventDraft};
use seloste_domain::hold::{Hold, HoldGround, period_end, vouchers_until};
use seloste_domain::id::{CollectionId, DebtEventId, InvoiceId};
use seloste_domain::invoice::InvoiceKind;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::collection as store;
pub use seloste_store::collection::{Case, DebtEvent};
use seloste_store::invoice::Filter;
use seloste_store::{Access, StoreError};

use crate::error::Result;
use crate::mail::Recipient;
use crate::person::not_found_is_logged;
use crate::register::Register;
use crate::reminder::{Standing, standing, standings};

/// Invoices of one customer that are looked at, and cases that a list shows, at most.
const SHOWN: i64 = 1_000;
/// The month in which financial periods end, unless the company has another (Accounting Act 1:4).
pub const PERIOD_ENDS: i8 = 12;

/// Notes a dispute, a suspension, an acknowledgement or a judgment. The first two stop reminders and collection until they
/// end.
///
/// # Errors
/// The actor may not, a field is wrong, or there is no such claim within their companies.
pub fn note(register: &Register, actor: &Actor, id: InvoiceId, draft: &DebtEventDraft) -> Result<DebtEventId> {
    let usage = register.authorize(actor, Action::CollectionNote)?;
    let valid = draft.validate(register.today())?;
    let noted = register.db().write(&usage, move |w| {
        let standing = standing(w, id)?;
        store::add_event(w, &standing.invoice, &valid)
    });
    not_found_is_logged(register, actor, Action::CollectionNote, &format!("invoice:{id}"), noted)
}

/// Ends a dispute or a suspension: reminding may go on.
///
/// # Errors
/// The actor may not, there is none, or someone else ended it meanwhile.
pub fn end_note(register: &Register, actor: &Actor, id: InvoiceId, event: DebtEventId, expected: i64) -> Result<()> {
    let usage = register.authorize(actor, Action::CollectionNote)?;
    let today = register.today();
    let ended = register.db().write(&usage, move |w| {
        let standing = standing(w, id)?;
        store::end_event(w, &standing.invoice, (event, expected), today)
    });
    not_found_is_logged(register, actor, Action::CollectionNote, &format!("invoice:{id}"), ended)
}

/// The cases at collection partners with their claims, the newest first; only those that a partner has, when `open`.
///
/// # Errors
/// The actor may not.
pub fn cases(register: &Register, actor: &Actor, open: bool) -> Result<Vec<(Case, Standing)>> {
    let usage = register.authorize(actor, Action::ReminderList)?;
    Ok(register.db().read(&usage, |r| {
        let cases = store::page(r, open, SHOWN)?;
        cases.into_iter().map(|case| Ok((case.clone(), standing(r, case.invoice)?))).collect::<Result<_, StoreError>>()
    })?)
}

/// Ends a case: the partner gave the claim back, or it is settled.
///
/// # Errors
/// The actor may not, there is none within their companies, or someone else ended it meanwhile.
pub fn end(
    register: &Register,
    actor: &Actor,
    id: CollectionId,
    expected: i64,
    state: CollectionState,
) -> Result<InvoiceId> {
    let usage = register.authorize(actor, Action::CollectionEnd)?;
    let today = register.today();
    let ended = register.db().write(&usage, move |w| {
        let case = store::case(w, id)?;
        let standing = standing(w, case.invoice)?;
        store::end(w, &standing.invoice, (id, expected), state, today)?;
        Ok(case.invoice)
    });
    not_found_is_logged(register, actor, Action::CollectionEnd, &format!("collection:{id}"), ended)
}

/// The claims against a customer with all that happened to them, the newest first.
///
/// # Errors
/// The actor may not, or there is no such customer within their companies.
pub fn of_customer(register: &Register, actor: &Actor, customer: Recipient) -> Result<Vec<Standing>> {
    let usage = register.authorize(actor, Action::ReminderList)?;
    let today = register.today();
    Ok(register.db().read(&usage, |r| {
        let invoices = seloste_store::invoice::page(r, &of(customer), today, SHOWN)?;
        let sent = invoices.into_iter().filter(|invoice| invoice.kind == InvoiceKind::Invoice).collect();
        standings(r, sent)
    })?)
}

fn of(customer: Recipient) -> Filter {
    match customer {
        Recipient::Person(id) => Filter { person: Some(id), ..Filter::default() },
        Recipient::Organisation(id) => Filter { organisation: Some(id), ..Filter::default() },
    }
}

/// What open money and bookkeeping keep from being erased of a customer: open invoices, cases at collection partners, and
/// vouchers until their time (Art. 17(3)(b) and (e)). Empty: nothing stands in the way.
///
/// # Errors
/// The actor may not.
pub fn holds(register: &Register, actor: &Actor, customer: Recipient) -> Result<Vec<Hold>> {
    let usage = register.authorize(actor, Action::ReminderList)?;
    let today = register.today();
    Ok(register.db().read(&usage, |r| holds_of(r, customer, today))?)
}

/// The same in a view or a change: for erasing, which asks in the transaction that it erases in.
///
/// # Errors
/// The database can not be read.
pub fn holds_of(access: &mut impl Access, customer: Recipient, today: Date) -> Result<Vec<Hold>, StoreError> {
    let mut holds = Vec::new();
    let invoices = seloste_store::invoice::page(access, &of(customer), today, SHOWN)?;
    let mut hold = |ground, object: String, name: &str, until| {
        holds.push(Hold { ground, object, name: name.to_owned(), until });
    };
    // A credit note is a voucher, too.
    for invoice in &invoices {
        let Some((number, (date, _))) = invoice.number().zip(invoice.days()) else { continue };
        let object = format!("invoice:{}", invoice.id);
        if invoice.kind == InvoiceKind::Invoice && invoice.balance.open().0 > 0 {
            hold(HoldGround::OpenInvoice, object.clone(), number, None);
        }
        let until = vouchers_until(period_end(date, PERIOD_ENDS));
        if until >= today {
            hold(HoldGround::Accounting, object, number, Some(until));
        }
    }
    for standing in standings(access, invoices)? {
        let number = standing.invoice.issued().map(|issued| issued.number.clone()).unwrap_or_default();
        if let Some(case) = standing.open_case() {
            holds.push(Hold {
                ground: HoldGround::Collection,
                object: format!("collection:{}", case.id),
                name: number,
                until: None,
            });
        }
    }
    holds.sort_by(|a, b| (a.ground, &a.name).cmp(&(b.ground, &b.name)));
    Ok(holds)
}
