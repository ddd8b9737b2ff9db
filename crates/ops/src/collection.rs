//! What happens to late claims: disputes, acknowledgements, cases at collection partners; and what open money keeps from
//! being erased.

use jiff::ToSpan as _;
use jiff::civil::Date;
use seloste_domain::business_id::BusinessId;
pub use seloste_domain::collection::HandOver;
use seloste_domain::collection::{CollectionState, DebtEventDraft};
use seloste_domain::hold::Hold;
use seloste_domain::id::{CollectionId, DebtEventId, DisclosureId, InvoiceId, PartnerId};
use seloste_domain::interest::{Rates, rate_on};
use seloste_domain::invoice::InvoiceKind;
use seloste_domain::kind::Kinds;
use seloste_domain::money::Cents;
use seloste_domain::notice::Notice;
pub use seloste_domain::partner::Partner;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::collection as store;
pub use seloste_store::collection::{Case, DebtEvent};
use seloste_store::erasure::InvoicesOf;
use seloste_store::invoice::Filter;
use seloste_store::{Access, StoreError, Writing};

use crate::disclosure::{self, Subject};
use crate::error::{OpsError, Result};
use crate::mail::Recipient;
use crate::person::not_found_is_logged;
use crate::register::Register;
use crate::reminder::{CollectionRefused, Standing, rates_in_use, standing, standings};

/// Invoices of one customer that are looked at, and cases that a list shows, at most.
const SHOWN: i64 = 1_000;
pub use seloste_domain::hold::PERIOD_ENDS;

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
        let mut found = Vec::with_capacity(cases.len());
        for case in cases {
            match standing(r, case.invoice) {
                Ok(standing) => found.push((case, standing)),
                // The debtor's processing is restricted, or the debtor was erased and only the claim is left.
                Err(StoreError::Restricted | StoreError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    })?)
}

/// What would be handed over of a claim, and the partners that may receive it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The claim.
    pub standing: Standing,
    /// What would be in the file.
    pub hand_over: HandOver,
    /// To whom it may go.
    pub partners: Vec<Partner>,
}

/// A claim that was handed over.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The case.
    pub case: CollectionId,
    /// The file for the partner.
    pub file: Vec<u8>,
    /// What the file is called; no personal data.
    pub name: String,
}

fn fields() -> Kinds {
    HandOver::FIELDS.into_iter().collect()
}

/// What would be handed over of a claim, and to whom it may go. Nothing leaves.
///
/// # Errors
/// The actor may not, there is no such claim within their companies, the law does not allow it now, or there is no address
/// that the actor may see.
pub fn offer(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Offer> {
    let usage = register.authorize(actor, Action::CollectionHandOver)?;
    let (rates, today) = (rates_in_use(register)?, register.today());
    let read = register.db().read(&usage, |r| {
        let standing = standing(r, id)?;
        let hand_over = hand_over_of(r, &standing, (&rates, today), "")?;
        Ok((standing, hand_over))
    });
    let read = not_found_is_logged(register, actor, Action::CollectionHandOver, &format!("invoice:{id}"), read);
    let (standing, hand_over) = read?;
    let case = disclosure::Case::Collection(CollectionId(uuid::Uuid::nil()));
    let mut partners = disclosure::receivers(register, &case, fields())?;
    partners.retain(|partner| partner.companies.contains(&standing.invoice.company));
    Ok(Offer { standing, hand_over, partners })
}

/// Hands a claim over to a collection partner: a case is opened, the disclosure recorded on the ground of collection, and the
/// file made, in one transaction. Of two who do it at once one wins, the other is told.
///
/// # Errors
/// As [`offer`]; or the data may not go to the partner, or it was handed over meanwhile.
pub fn hand_over(register: &Register, actor: &Actor, id: InvoiceId, partner: PartnerId) -> Result<Handed> {
    let usage = register.authorize(actor, Action::CollectionHandOver)?;
    let (notice, rates, today) = (register.notice()?, rates_in_use(register)?, register.today());
    let handed = register.db().write(&usage, move |w| {
        let standing = standing(w, id)?;
        if standing.debt.handed_over {
            return Err(OpsError::from(CollectionRefused::HandedOver).into_store());
        }
        let case = CollectionId(w.env().id());
        let hand_over = hand_over_of(w, &standing, (&rates, today), &case.to_string())?;
        let (made, file) = let_out(w, (&notice, today), &standing, (case, partner), &hand_over)?;
        let opened = Case {
            id: case,
            invoice: id,
            company: standing.invoice.company.clone(),
            partner,
            state: CollectionState::HandedOver,
            handed_on: today,
            items: hand_over.items,
            disclosure: Some(made),
            ended_on: None,
            entered_by: w.usage().actor().to_string(),
            version: 1,
            changed_at: w.usage().at(),
        };
        store::open(w, &standing.invoice, &opened)?;
        Ok(Handed { case, file, name: file_name(&hand_over) })
    });
    disclosure::refused_is_logged(register, actor, Action::CollectionHandOver, &format!("invoice:{id}"), handed)
}

/// The file of a case that a partner has, once more, as the claim is now; it leaves again, and that is recorded.
///
/// # Errors
/// The actor may not, there is no open case within their companies, or the data may not go to the partner any more.
pub fn file_again(register: &Register, actor: &Actor, id: CollectionId) -> Result<Handed> {
    let usage = register.authorize(actor, Action::CollectionHandOver)?;
    let (notice, rates, today) = (register.notice()?, rates_in_use(register)?, register.today());
    let made = register.db().write(&usage, move |w| {
        let case = store::case(w, id)?;
        if case.ended_on.is_some() {
            return Err(StoreError::NotFound("collection"));
        }
        let standing = standing(w, case.invoice)?;
        let hand_over = described(w, &standing, (&rates, today), &id.to_string())?;
        let (_, file) = let_out(w, (&notice, today), &standing, (id, case.partner), &hand_over)?;
        Ok(Handed { case: id, file, name: file_name(&hand_over) })
    });
    disclosure::refused_is_logged(register, actor, Action::CollectionHandOver, &format!("collection:{id}"), made)
}

fn file_name(hand_over: &HandOver) -> String {
    let number: String = hand_over.invoice.0.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("perinta-{number}.csv")
}

/// Lets the file out by the one door: leave is asked, the bytes are made by it, and whom it concerns is recorded.
fn let_out(
    w: &mut Writing<'_, '_>,
    (notice, today): (&Notice, Date),
    standing: &Standing,
    (case, partner): (CollectionId, PartnerId),
    hand_over: &HandOver,
) -> Result<(DisclosureId, Vec<u8>), StoreError> {
    let case = disclosure::Case::Collection(case);
    let permit = disclosure::permit(w, notice, today, partner, case, fields())?;
    let file = hand_over.file(&permit);
    let party = debtor(standing).ok_or(StoreError::NotFound("customer"))?.party();
    let made = disclosure::record(w, &permit, &[Subject { party, fields: fields() }])?;
    Ok((made, file))
}

/// Who owes: the organisation that was invoiced, else the person.
fn debtor(standing: &Standing) -> Option<Recipient> {
    let invoice = &standing.invoice;
    invoice.organisation.map(Recipient::Organisation).or_else(|| invoice.person.map(Recipient::Person))
}

/// What is handed over, when the law allows it.
fn hand_over_of(
    access: &mut impl Access,
    standing: &Standing,
    (rates, today): (&Rates, Date),
    case: &str,
) -> Result<HandOver, StoreError> {
    standing.debt.may_hand_over(today).map_err(|why| OpsError::from(CollectionRefused::from(why)).into_store())?;
    described(access, standing, (rates, today), case)
}

fn described(
    access: &mut impl Access,
    standing: &Standing,
    (rates, today): (&Rates, Date),
    case: &str,
) -> Result<HandOver, StoreError> {
    let refused = |why: CollectionRefused| OpsError::from(why).into_store();
    let issued = standing.invoice.issued().ok_or_else(|| refused(CollectionRefused::NoClaim))?;
    let (items, _) = standing.items(rates, Cents::ZERO, today).map_err(refused)?;
    let rate = rate_on(rates, standing.debt.debtor, issued.seller.late_interest, today);
    let rate = rate.map_err(|why| refused(why.into()))?;
    // The address of today, else that of the invoice; one that may not be seen is not handed over either.
    let current = match debtor(standing) {
        Some(Recipient::Person(id)) => seloste_store::person::get(access, id)?.address(today).cloned(),
        _ => None,
    };
    let address = current.unwrap_or_else(|| issued.buyer.address.clone());
    if address.is_masked() || issued.buyer.address.is_masked() {
        return Err(crate::letter::no_address().into_store());
    }
    let id = |id: Option<&BusinessId>| id.map(ToString::to_string).unwrap_or_default();
    Ok(HandOver {
        case: case.to_owned(),
        creditor: (issued.seller.name.clone(), issued.seller.business_id.to_string()),
        account: (issued.seller.iban.to_string(), issued.payment_reference()),
        debtor_kind: standing.debt.debtor.as_str(),
        debtor: (issued.buyer.name.clone(), id(issued.buyer.business_id.as_ref())),
        address,
        language: issued.language.tag(),
        invoice: (issued.number.clone(), issued.date, issued.due),
        items,
        interest: (rate.percent().to_string(), issued.due.saturating_add(1.days())),
        sent: standing.reminders.iter().map(|reminder| (reminder.kind.as_str(), reminder.sent_on)).collect(),
    })
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

/// The same in a view or a change.
///
/// # Errors
/// The database can not be read.
pub fn holds_of(access: &mut impl Access, customer: Recipient, today: Date) -> Result<Vec<Hold>, StoreError> {
    let of = match customer {
        Recipient::Person(id) => InvoicesOf::Person(id),
        Recipient::Organisation(id) => InvoicesOf::Organisation(id),
    };
    let scope = access.usage().scope().clone();
    let invoices = seloste_store::erasure::invoices(&mut access.tx(), of, scope.companies())?;
    let mut holds: Vec<Hold> = invoices.iter().flat_map(|invoice| invoice.holds(today)).collect();
    holds.sort_by(|a, b| (a.ground, &a.name).cmp(&(b.ground, &b.name)));
    Ok(holds)
}
