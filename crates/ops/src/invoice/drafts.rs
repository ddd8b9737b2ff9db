//! Drafts that are filled in already: of an order, or for a customer.

use jiff::civil::Date;
use seloste_domain::draft::DraftAddress;
use seloste_domain::id::{InvoiceId, OrderId, OrganisationId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceKind, InvoiceState};
use seloste_domain::money::DecimalMark;
use seloste_domain::order::OrderState;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_domain::value::{Label, StoredValue, Value};
use seloste_store::{Access, StoreError};

use super::{Filter, Invoice, at_field, drafted};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Invoices of one order that are looked at.
const MOST_OF_AN_ORDER: i64 = 100;
/// Invoices of a customer among which the newest sent one is looked for.
const LOOKED_BACK: i64 = 10;

/// Whether an order in this state can be invoiced: what is not placed, was called off or is archived can not.
#[must_use]
pub const fn may_be_invoiced(state: OrderState) -> bool {
    matches!(state, OrderState::Confirmed | OrderState::Delivered | OrderState::Invoiced)
}

/// A draft of an order's lines, for its customer as the card is now. Nothing is stored yet.
///
/// # Errors
/// The actor may not, there is no such order within their companies, or its state does not allow it.
pub fn of_order(register: &Register, actor: &Actor, order: OrderId, mark: DecimalMark) -> Result<InvoiceDraft> {
    let usage = register.authorize(actor, Action::InvoiceChange)?;
    let today = register.today();
    let made = register.db().read(&usage, |r| {
        let order = seloste_store::order::get(r, order)?;
        if !may_be_invoiced(order.state) {
            return Err(OpsError::OrderState(order.state.as_str()).into_store());
        }
        let mut draft = InvoiceDraft::of_order(&order, mark);
        fill_in(r, &mut draft, today)?;
        Ok(draft)
    });
    not_found_is_logged(register, actor, Action::InvoiceChange, &format!("order:{order}"), made)
}

/// A draft without lines for a customer as the card is now. Nothing is stored yet.
///
/// # Errors
/// The actor may not, or there is no such customer within their companies.
pub fn of_customer(
    register: &Register,
    actor: &Actor,
    person: Option<PersonId>,
    organisation: Option<OrganisationId>,
) -> Result<InvoiceDraft> {
    let usage = register.authorize(actor, Action::InvoiceChange)?;
    let today = register.today();
    let made = register.db().read(&usage, |r| {
        let mut draft = InvoiceDraft { person, organisation, ..InvoiceDraft::default() };
        fill_in(r, &mut draft, today)?;
        Ok(draft)
    });
    made.map_err(OpsError::from_store)
}

/// Puts in who pays and where, in which language, and what the newest invoice of the same customer said besides.
fn fill_in(access: &mut impl Access, draft: &mut InvoiceDraft, today: Date) -> Result<(), StoreError> {
    let mut address = None;
    let has_company = !draft.company.is_empty();
    if let Some(id) = draft.person {
        let person = seloste_store::person::get(access, id)?;
        draft.buyer_name = person.display_name();
        draft.language = person.language(today).map(|language| language.tag().to_owned()).unwrap_or_default();
        address = billing_address(person.values_on(today));
        if !has_company {
            draft.company = person.companies.first().map(ToString::to_string).unwrap_or_default();
        }
    }
    if let Some(id) = draft.organisation {
        let organisation = seloste_store::organisation::get(access, id)?;
        // The organisation pays; the person is whom to reach there.
        draft.buyer_contact = std::mem::replace(&mut draft.buyer_name, organisation.name.clone());
        draft.business_id = organisation.business_id.clone().map(String::from).unwrap_or_default();
        address = billing_address(organisation.values_on(today)).or(address);
        if !has_company {
            draft.company = organisation.companies.first().map(ToString::to_string).unwrap_or_default();
        }
    }
    draft.address = address.unwrap_or_default();
    let filter = match draft.organisation {
        Some(organisation) => Filter { organisation: Some(organisation), ..Filter::default() },
        None => Filter { person: draft.person, ..Filter::default() },
    };
    let earlier = seloste_store::invoice::page(access, &filter, today, LOOKED_BACK)?;
    if let Some(issued) = earlier.iter().find_map(Invoice::issued) {
        draft.vat_number.clone_from(&issued.buyer.vat_number);
        draft.buyer_reference.clone_from(&issued.buyer_reference);
        let electronic = issued.buyer.electronic.as_ref();
        draft.electronic_address = electronic.map(|to| to.address.clone()).unwrap_or_default();
        draft.electronic_operator = electronic.map(|to| to.operator.clone()).unwrap_or_default();
    }
    Ok(())
}

/// The address for invoices, else the first one; none that may not be seen.
fn billing_address<'v>(values: impl Iterator<Item = &'v StoredValue>) -> Option<DraftAddress> {
    let addresses: Vec<_> = values
        .filter_map(|stored| if let Value::PostalAddress(address) = &stored.value { Some(address) } else { None })
        .filter(|address| !address.is_masked())
        .collect();
    let billing = addresses.iter().find(|address| address.label == Some(Label::Billing));
    let mut draft = DraftAddress::of(billing.or(addresses.first())?);
    draft.label.clear();
    Some(draft)
}

/// Makes the draft of an order's invoice in one move. When the order has a draft, or an invoice that was not taken back,
/// that one comes back and none is made, whoever asks at the same moment; `again` makes another one all the same. The
/// same `id` makes one.
///
/// # Errors
/// The actor may not, there is no such order within their companies, its state does not allow it, or a field is wrong.
pub fn create_of_order(
    register: &Register,
    actor: &Actor,
    id: InvoiceId,
    order: OrderId,
    again: bool,
) -> Result<InvoiceId> {
    let draft = of_order(register, actor, order, DecimalMark::Point)?;
    let usage = register.authorize(actor, Action::InvoiceChange)?;
    let invoice = drafted(id, &usage, draft.validate(usage.kinds(), register.today())?, None);
    let today = register.today();
    let made = register.db().write(&usage, move |w| {
        let filter = Filter { order: Some(order), ..Filter::default() };
        let earlier = seloste_store::invoice::page(w, &filter, today, MOST_OF_AN_ORDER)?;
        if let Some(same) = earlier.iter().find(|earlier| earlier.id == id) {
            return Ok(same.id);
        }
        let stands =
            |invoice: &&Invoice| invoice.kind == InvoiceKind::Invoice && invoice.state(today) != InvoiceState::Credited;
        if let Some(standing) = earlier.iter().find(stands).filter(|_| !again) {
            return Ok(standing.id);
        }
        seloste_store::invoice::create(w, &invoice)?;
        Ok(id)
    });
    made.map_err(at_field)
}
