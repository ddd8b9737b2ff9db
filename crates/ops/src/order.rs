//! Orders: lists, pages, adding, correcting, moving on, archiving by rule.

use std::collections::HashMap;

use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{OrderId, SourceId};
use seloste_domain::order::{Order, OrderDraft, OrderState, ValidOrder, archive_due, may_edit};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::StoreError;
pub use seloste_store::order::{Filter, Listed};
use uuid::Uuid;

use crate::error::{OpsError, Result};
use crate::list::{self, List, Page};
pub use crate::once::Created;
use crate::person::{declared_source, not_found_is_logged};
use crate::register::Register;
use crate::values::Origin;

/// A row of a list with the customer's name.
#[derive(Clone, Debug)]
pub struct Row {
    /// The order's head.
    pub order: Listed,
    /// The name of the person who placed it.
    pub person: Option<String>,
    /// The name of the organisation on whose behalf it was placed.
    pub organisation: Option<String>,
}

/// The newest orders of a filter, the newest first.
///
/// # Errors
/// The actor may not.
pub fn newest(register: &Register, actor: &Actor, filter: &Filter, limit: usize) -> Result<Vec<Row>> {
    let usage = register.authorize(actor, Action::OrderList)?;
    let rows = register.db().read(&usage, |r| {
        let listed = seloste_store::order::newest(r, filter, limit)?;
        with_names(r, listed)
    })?;
    Ok(rows)
}

/// A page of the list of orders.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, list: &List) -> Result<Page<Row>> {
    let usage = register.authorize(actor, Action::OrderList)?;
    list::page(register, &usage, list, named_page, |row: &Row| row.order.id.0)
}

/// A page of a list, with the customers' names.
pub(crate) fn named_page(
    r: &mut seloste_store::Reading<'_>,
    wanted: &seloste_store::list::Wanted<'_>,
) -> Result<seloste_store::list::Rows<Row>, StoreError> {
    let seloste_store::list::Rows { rows, left_off, count } = seloste_store::order::page(r, wanted)?;
    let (orders, keys): (Vec<Listed>, Vec<Vec<u8>>) = rows.into_iter().unzip();
    let rows = with_names(r, orders)?.into_iter().zip(keys).collect();
    Ok(seloste_store::list::Rows { rows, left_off, count })
}

pub(crate) fn with_names(r: &mut impl seloste_store::Access, listed: Vec<Listed>) -> Result<Vec<Row>, StoreError> {
    let distinct =
        |ids: Vec<Uuid>| ids.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let people = distinct(listed.iter().filter_map(|o| o.person.map(Uuid::from)).collect());
    let organisations = distinct(listed.iter().filter_map(|o| o.organisation.map(Uuid::from)).collect());
    let people: HashMap<Uuid, String> =
        seloste_store::person::some(r, &people)?.into_iter().map(|p| (p.id.0, p.display_name())).collect();
    let organisations: HashMap<Uuid, String> =
        seloste_store::organisation::some(r, &organisations)?.into_iter().map(|o| (o.id.0, o.name)).collect();
    Ok(listed
        .into_iter()
        .map(|order| Row {
            person: order.person.and_then(|id| people.get(&id.0).cloned()),
            organisation: order.organisation.and_then(|id| organisations.get(&id.0).cloned()),
            order,
        })
        .collect())
}

/// What an order's page shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The order.
    pub order: Order,
    /// The name of the person who placed it.
    pub person: Option<String>,
    /// The name of the organisation on whose behalf it was placed.
    pub organisation: Option<String>,
}

/// One order.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: OrderId) -> Result<Shown> {
    let usage = register.authorize(actor, Action::OrderShow)?;
    let shown = register.db().read(&usage, |r| {
        let order = seloste_store::order::get(r, id)?;
        let people: Vec<Uuid> = order.person.iter().map(|id| id.0).collect();
        let organisations: Vec<Uuid> = order.organisation.iter().map(|id| id.0).collect();
        let person = seloste_store::person::some(r, &people)?.first().map(seloste_domain::person::Person::display_name);
        let organisation = seloste_store::organisation::some(r, &organisations)?.into_iter().next().map(|o| o.name);
        Ok(Shown { order, person, organisation })
    });
    not_found_is_logged(register, actor, Action::OrderShow, &format!("order:{id}"), shown)
}

/// The ids of the orders with a number, one for each of the actor's companies that has one.
///
/// # Errors
/// The actor may not, or there is none.
pub fn by_number(register: &Register, actor: &Actor, number: &str) -> Result<Vec<OrderId>> {
    let usage = register.authorize(actor, Action::OrderShow)?;
    let mut found = Vec::new();
    for company in usage.scope().companies() {
        found.extend(register.db().look(|tx| seloste_store::order::number_taken(tx, company, number))?);
    }
    if found.is_empty() { Err(StoreError::NotFound("order").into()) } else { Ok(found) }
}

/// Adds an order.
///
/// # Errors
/// The actor may not, a field is wrong, the number is taken, or the customer is not within their companies.
pub fn create(register: &Register, actor: &Actor, draft: &OrderDraft, source: &SourceId) -> Result<OrderId> {
    let id = OrderId(register.db().env().id());
    create_once(register, actor, id, draft, source)?;
    Ok(id)
}

/// Adds an order under an id that its form had from the beginning, so that a form that is sent twice makes one order. An
/// order without a number gets the next one of its company.
///
/// # Errors
/// As [`create`].
pub fn create_once(
    register: &Register,
    actor: &Actor,
    id: OrderId,
    draft: &OrderDraft,
    source: &SourceId,
) -> Result<Created> {
    let usage = register.authorize(actor, Action::OrderCreate)?;
    declared_source(&*register.notice()?, source)?;
    let numbered = !draft.number.trim().is_empty();
    // The number is given where the order is stored; until then any stands for it.
    let number = if numbered { draft.number.clone() } else { "1".to_owned() };
    let valid = OrderDraft { number, ..draft.clone() }.validate(usage.kinds(), register.today())?;
    let origin = Origin::of(&usage, source);
    let order = stored(id, valid, &origin, 1, usage.at());
    let created = register.db().write(&usage, move |w| {
        let mut order = order.clone();
        if let Some(before) = seloste_store::order::some(w, &[id.0])?.into_iter().next() {
            let same = before.lines == order.lines
                && (before.person, before.organisation) == (order.person, order.organisation)
                && before.delivery == order.delivery
                && (!numbered || before.number == order.number);
            return Ok(if same { Created::Before } else { Created::Differs });
        }
        if !numbered {
            let newest = seloste_store::order::newest_number(&mut w.plain().tx(), &order.company)?;
            order.number = free_number(w, &order, newest)?;
        }
        seloste_store::order::create(w, &order)?;
        Ok(Created::New)
    });
    created.map_err(field_of_store)
}

/// The first number after the newest that no order has: an import may have brought higher ones earlier.
fn free_number(w: &mut seloste_store::Writing<'_, '_>, order: &Order, newest: u64) -> Result<String, StoreError> {
    for number in newest.saturating_add(1)..newest.saturating_add(10_000) {
        let number = number.to_string();
        if seloste_store::order::number_taken(&mut w.plain().tx(), &order.company, &number)?.is_none() {
            return Ok(number);
        }
    }
    Err(StoreError::Taken("order number"))
}

/// What the store refuses about an order, at its field.
pub(crate) fn field_of_store(error: StoreError) -> OpsError {
    let field = match &error {
        StoreError::Taken("order number") => FieldError::new("number", code::ORDER_NUMBER_TAKEN),
        StoreError::NotFound("company") => FieldError::new("company", code::COMPANY_UNKNOWN),
        StoreError::NotFound("person" | "organisation") => FieldError::new("person", code::ORDER_CUSTOMER_MISSING),
        _ => return OpsError::from_store(error),
    };
    FieldErrors::from(field).into()
}

pub(crate) fn stored(id: OrderId, valid: ValidOrder, origin: &Origin, version: i64, now: jiff::Timestamp) -> Order {
    Order {
        id,
        number: valid.number,
        company: valid.company,
        person: valid.person,
        organisation: valid.organisation,
        ordered_on: valid.ordered_on,
        requested_on: valid.requested_on,
        delivered_on: valid.delivered_on,
        state: valid.state,
        delivery: valid.delivery,
        lines: valid.lines,
        totals: valid.totals,
        source: origin.source.clone(),
        entered_by: origin.entered_by.clone(),
        entered_at: origin.entered_at,
        version,
        changed_at: now,
    }
}

/// Corrects an order that may still be corrected. Its state is moved by [`set_state`], not here.
///
/// # Errors
/// The actor may not, a field is wrong, someone else changed it, or its state does not allow it.
pub fn change(
    register: &Register,
    actor: &Actor,
    id: OrderId,
    expected: i64,
    draft: &OrderDraft,
    source: &SourceId,
) -> Result<i64> {
    let usage = register.authorize(actor, Action::OrderChange)?;
    declared_source(&*register.notice()?, source)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    let origin = Origin::of(&usage, source);
    let changed = register.db().write(&usage, move |w| {
        let before = seloste_store::order::get(w, id)?;
        if !may_edit(before.state) {
            return Err(OpsError::OrderState(before.state.as_str()).into_store());
        }
        let after =
            stored(id, ValidOrder { state: before.state, ..valid.clone() }, &origin, expected, origin.entered_at);
        let after = Order { entered_by: before.entered_by, entered_at: before.entered_at, ..after };
        seloste_store::order::update(w, expected, &after)
    });
    match changed {
        Err(error @ (StoreError::Taken(_) | StoreError::NotFound("company" | "person" | "organisation"))) => {
            Err(field_of_store(error))
        }
        other => not_found_is_logged(register, actor, Action::OrderChange, &format!("order:{id}"), other),
    }
}

/// Moves an order on: confirmed, delivered, invoiced, cancelled.
///
/// # Errors
/// The actor may not, someone else changed it, or its state does not allow it.
pub fn set_state(register: &Register, actor: &Actor, id: OrderId, expected: i64, state: OrderState) -> Result<i64> {
    let action = if state == OrderState::Archived { Action::OrderArchive } else { Action::OrderChange };
    let usage = register.authorize(actor, action)?;
    let today = register.today();
    let changed = register.db().write(&usage, move |w| {
        let before = seloste_store::order::get(w, id)?;
        if !before.state.may_become(state) {
            return Err(OpsError::OrderState(before.state.as_str()).into_store());
        }
        let delivered = (state == OrderState::Delivered).then_some(today);
        let after = Order { state, delivered_on: before.delivered_on.or(delivered), ..before };
        seloste_store::order::update(w, expected, &after)
    });
    not_found_is_logged(register, actor, action, &format!("order:{id}"), changed)
}

/// Orders archived in one transaction at most.
const ARCHIVED_AT_ONCE: i64 = 100;

/// Archives every order whose time by the notice's rule has come; how many.
///
/// # Errors
/// The actor may not, or the database can not be written.
pub fn archive(register: &Register, actor: &Actor) -> Result<u64> {
    let usage = register.authorize(actor, Action::OrderArchive)?;
    let Some(rule) = register.notice()?.archive_rule() else { return Ok(0) };
    let today = register.today();
    let mut archived = 0;
    for state in [OrderState::Delivered, OrderState::Invoiced, OrderState::Cancelled] {
        loop {
            let before = today.saturating_sub(jiff::Span::new().months(i64::from(rule.months)));
            let due = register.db().look(|tx| seloste_store::order::older_than(tx, state, before, ARCHIVED_AT_ONCE))?;
            let done = register.db().write(&usage, move |w| {
                let mut done = 0_u64;
                for order in seloste_store::order::some(w, &due.iter().map(|id| id.0).collect::<Vec<_>>())? {
                    if order.state == state && archive_due(&order, rule.months, today) {
                        let version = order.version;
                        seloste_store::order::update(w, version, &Order { state: OrderState::Archived, ..order })?;
                        done += 1;
                    }
                }
                Ok(done)
            })?;
            archived += done;
            if done == 0 {
                break;
            }
        }
    }
    Ok(archived)
}
