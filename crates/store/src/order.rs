//! Orders. Their change history is sealed under the key of the person who placed them, else of the organisation.

use std::collections::HashMap;

use seloste_domain::history::{Change, Changed};
use seloste_domain::id::{CompanyId, OrderId, OrganisationId, PartyId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::list::ListOf;
use seloste_domain::money::Cents;
use seloste_domain::order::{DeliveryAddress, Order, OrderLine, OrderState, Quantity, Ratio, Totals, UnitPrice};
use seloste_domain::recall::{Reason, order_corrected};
use seloste_domain::value::{Flat, Label, Value};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::guard;
use crate::keys::sealed_hash;
use crate::list::{self, Rows, Wanted};
use crate::log::Act;
use crate::party;
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "o.order_id, o.number, o.company_id, o.person_id, o.organisation_id, o.ordered_on, o.requested_on, \
     o.delivered_on, o.state, o.delivery_name, o.delivery_street, o.delivery_postal_code, o.delivery_town, \
     o.delivery_region, o.delivery_country, o.source_id, o.entered_by, o.entered_at, o.version, o.changed_at";

fn read(row: &Row<'_>) -> Result<Order> {
    let corrupt = || StoreError::Corrupt("an order's address".into());
    let delivery = match row.opt_text(14)? {
        None => None,
        Some(_) => {
            let flat = Flat {
                // Every delivery address has this label: the table needs no column for it.
                label: Some(Label::Delivery.as_str().to_owned()),
                text: row.opt_text(10)?.unwrap_or_default(),
                postal_code: row.opt_text(11)?,
                town: row.opt_text(12)?,
                region: row.opt_text(13)?,
                country: row.opt_text(14)?,
                ..Default::default()
            };
            let Ok(Value::PostalAddress(address)) = Value::from_flat(Kind::PostalAddress, flat) else {
                return Err(corrupt());
            };
            Some(DeliveryAddress { name: row.opt_text(9)?.unwrap_or_default(), address })
        }
    };
    Ok(Order {
        id: OrderId(row.id(0)?),
        number: row.text(1)?,
        company: row.parsed(2)?,
        person: row.opt_id(3)?.map(PersonId),
        organisation: row.opt_id(4)?.map(OrganisationId),
        ordered_on: row.parsed(5)?,
        requested_on: row.opt_parsed(6)?,
        delivered_on: row.opt_parsed(7)?,
        state: row.parsed(8)?,
        delivery,
        lines: Vec::new(),
        totals: Totals::default(),
        source: row.parsed(15)?,
        entered_by: row.text(16)?,
        entered_at: row.time(17)?,
        version: row.int(18)?,
        changed_at: row.time(19)?,
    })
}

fn show(access: &mut impl Access, order: &Order) {
    access.show_object(format!("order:{}", order.id));
    for party in [order.person.map(PartyId::from), order.organisation.map(PartyId::from)].into_iter().flatten() {
        access.show(party, [Kind::Orders].into_iter().collect());
    }
}

/// One order with its lines.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: OrderId) -> Result<Order> {
    match some(access, &[id.0])?.into_iter().next() {
        Some(order) => Ok(order),
        None => Err(why_not(access, id)?),
    }
}

/// The error of an order that is not shown: it is not there for the use, or somebody whom it is about is restricted.
fn why_not(access: &mut impl Access, id: OrderId) -> Result<StoreError> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT 1 FROM orders o WHERE o.register_id = ?1 AND o.order_id = ?2 AND o.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let values = party::with_scope(vec![Param::from(id)], scope.companies());
    let there =
        access.usage().kinds().has(Kind::Orders) && access.tx().0.query_opt(&sql, &values, |_| Ok(()))?.is_some();
    // For a person in the portal, somebody else's is not there.
    let hidden = access.usage().only_about().is_some();
    Ok(if there && !hidden { StoreError::Restricted } else { StoreError::NotFound("order") })
}

/// Those of the orders that exist and are in scope, with their lines, in the order asked for.
///
/// # Errors
/// The database can not be read.
pub fn some(access: &mut impl Access, ids: &[Uuid]) -> Result<Vec<Order>> {
    if ids.is_empty() || !access.usage().kinds().has(Kind::Orders) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT {COLUMNS} FROM orders o WHERE o.register_id = ?1 AND o.order_id IN ({}) AND o.company_id IN ({})",
        places(2, ids.len()),
        places(2 + ids.len(), scope.companies().len())
    );
    let mut values: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(*id)).collect();
    values.extend(scope.companies().iter().map(Param::from));
    let mut orders = access.tx().0.query(&sql, &values, read)?;
    let about: Vec<Uuid> = orders.iter().flat_map(parties).map(|party| party.0).collect();
    let barred = guard::barred(access, &about)?;
    orders.retain(|order| parties(order).iter().all(|party| !barred.contains(&party.0)));
    let usage = access.usage();
    orders.retain(|order| guard::is_about(usage, &parties(order).iter().map(|party| party.0).collect::<Vec<_>>()));
    let found: Vec<Uuid> = orders.iter().map(|order| order.id.0).collect();
    let mut lines = lines(&mut access.tx().0, &found)?;
    for order in &mut orders {
        order.lines = lines.remove(&order.id.0).unwrap_or_default();
        order.totals = Totals::of(&order.lines).map_err(|_| StoreError::Corrupt("an order's totals".into()))?;
        show(access, order);
    }
    let place: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    orders.sort_by_key(|order| place.get(&order.id.0).copied());
    Ok(orders)
}

fn lines(tx: &mut Tx<'_>, orders: &[Uuid]) -> Result<HashMap<Uuid, Vec<OrderLine>>> {
    let mut found: HashMap<Uuid, Vec<OrderLine>> = HashMap::new();
    if orders.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT order_id, line, product, description, quantity, unit_price, discount, vat_rate FROM order_line \
         WHERE register_id = ?1 AND order_id IN ({}) ORDER BY order_id, line",
        places(2, orders.len())
    );
    let values: Vec<Param<'_>> = orders.iter().map(|id| Param::Id(*id)).collect();
    tx.each(&sql, &values, |row| {
        found.entry(row.id(0)?).or_default().push(OrderLine {
            number: row.int(1)?,
            product: row.text(2)?,
            description: row.text(3)?,
            quantity: Quantity(row.int(4)?),
            unit_price: UnitPrice(row.int(5)?),
            discount: Ratio(row.int(6)?),
            vat_rate: Ratio(row.int(7)?),
        });
        Ok(())
    })?;
    Ok(found)
}

/// Which orders a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in this state; none: every state but archived.
    pub state: Option<OrderState>,
    /// Archived ones too.
    pub archived: bool,
    /// Only of this company.
    pub company: Option<CompanyId>,
    /// Only of this person.
    pub person: Option<PersonId>,
    /// Only of this organisation.
    pub organisation: Option<OrganisationId>,
    /// From this day on.
    pub from: Option<jiff::civil::Date>,
    /// Until this day.
    pub until: Option<jiff::civil::Date>,
}

/// A row of a list of orders: the order's head and its sums as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: OrderId,
    /// Its number.
    pub number: String,
    /// The company.
    pub company: CompanyId,
    /// Who placed it.
    pub person: Option<PersonId>,
    /// On whose behalf.
    pub organisation: Option<OrganisationId>,
    /// The day of the order.
    pub ordered_on: jiff::civil::Date,
    /// How far it has come.
    pub state: OrderState,
    /// How many lines.
    pub line_count: i64,
    /// Without tax.
    pub net: Cents,
    /// With tax.
    pub gross: Cents,
}

/// A page of a list, each order with what its row is ordered by.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, wanted: &Wanted<'_>) -> Result<Rows<Listed>> {
    let found = list::ids(access, ListOf::Orders, wanted)?;
    let ids = found.ids();
    if ids.is_empty() {
        return Ok(found.map(Vec::new(), |listed: &Listed| listed.id.0));
    }
    let sql = format!("{HEAD} AND o.order_id IN ({})", places(2, ids.len()));
    let values: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(*id)).collect();
    let orders = access.tx().0.query(&sql, &values, read_listed)?;
    show_listed(access, &orders);
    Ok(found.map(orders, |listed| listed.id.0))
}

const HEAD: &str = "SELECT o.order_id, o.number, o.company_id, o.person_id, o.organisation_id, o.ordered_on, o.state, \
     o.line_count, o.net_cents, o.gross_cents FROM orders o WHERE o.register_id = ?1";

fn show_listed(access: &mut impl Access, orders: &[Listed]) {
    for listed in orders {
        access.show_object(format!("order:{}", listed.id));
        for party in [listed.person.map(PartyId::from), listed.organisation.map(PartyId::from)].into_iter().flatten() {
            access.show(party, [Kind::Orders].into_iter().collect());
        }
    }
}

/// The newest orders of a filter, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn newest(access: &mut impl Access, filter: &Filter, limit: usize) -> Result<Vec<Listed>> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let (clause, texts, ids) = conditions(filter);
    let mut values: Vec<Param<'_>> = vec![Param::Int(i64::try_from(limit).unwrap_or(i64::MAX))];
    values.extend(scope.companies().iter().map(Param::from));
    let mut sql = format!("{HEAD} AND o.company_id IN ({})", places(3, scope.companies().len()));
    for condition in clause {
        let place = values.len() + 2;
        match condition {
            Condition::Text(column, sign, at) => {
                sql.push_str(&format!(" AND o.{column} {sign} ?{place}"));
                values.push(Param::Text(&texts[at]));
            }
            Condition::Id(column, at) => {
                sql.push_str(&format!(" AND o.{column} = ?{place}"));
                values.push(Param::Id(ids[at]));
            }
        }
    }
    sql.push_str(&guard::of_things(access.usage(), &["o.person_id", "o.organisation_id"]));
    sql.push_str(" ORDER BY o.ordered_on DESC, o.order_id DESC LIMIT ?2");
    let mut found = access.tx().0.query(&sql, &values, read_listed)?;
    let usage = access.usage();
    found.retain(|listed| guard::is_about(usage, &listed.person.iter().map(|id| id.0).collect::<Vec<_>>()));
    show_listed(access, &found);
    Ok(found)
}

enum Condition {
    Text(&'static str, &'static str, usize),
    Id(&'static str, usize),
}

fn conditions(filter: &Filter) -> (Vec<Condition>, Vec<String>, Vec<Uuid>) {
    let (mut clause, mut texts, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    let mut text = |column, sign, value: String| {
        clause.push(Condition::Text(column, sign, texts.len()));
        texts.push(value);
    };
    if let Some(state) = filter.state {
        text("state", "=", state.as_str().to_owned());
    } else if !filter.archived {
        text("state", "<>", OrderState::Archived.as_str().to_owned());
    }
    if let Some(company) = &filter.company {
        text("company_id", "=", company.to_string());
    }
    if let Some(from) = filter.from {
        text("ordered_on", ">=", from.to_string());
    }
    if let Some(until) = filter.until {
        text("ordered_on", "<=", until.to_string());
    }
    for (column, id) in
        [("person_id", filter.person.map(Uuid::from)), ("organisation_id", filter.organisation.map(Uuid::from))]
    {
        if let Some(id) = id {
            clause.push(Condition::Id(column, ids.len()));
            ids.push(id);
        }
    }
    (clause, texts, ids)
}

fn read_listed(row: &Row<'_>) -> Result<Listed> {
    Ok(Listed {
        id: OrderId(row.id(0)?),
        number: row.text(1)?,
        company: row.parsed(2)?,
        person: row.opt_id(3)?.map(PersonId),
        organisation: row.opt_id(4)?.map(OrganisationId),
        ordered_on: row.parsed(5)?,
        state: row.parsed(6)?,
        line_count: row.int(7)?,
        net: Cents(row.int(8)?),
        gross: Cents(row.int(9)?),
    })
}

/// Orders as found by search, in the order asked for.
///
/// # Errors
/// The database can not be read.
pub fn listed(access: &mut impl Access, ids: &[Uuid]) -> Result<Vec<Listed>> {
    let orders = some(access, ids)?;
    Ok(orders
        .into_iter()
        .map(|order| Listed {
            id: order.id,
            number: order.number,
            company: order.company,
            person: order.person,
            organisation: order.organisation,
            ordered_on: order.ordered_on,
            state: order.state,
            line_count: i64::try_from(order.lines.len()).unwrap_or(i64::MAX),
            net: order.totals.net,
            gross: order.totals.gross,
        })
        .collect())
}

/// How many orders a person or an organisation has, archived ones too, and their sum without tax.
///
/// # Errors
/// The database can not be read.
pub fn summary(
    access: &mut impl Access,
    person: Option<PersonId>,
    organisation: Option<OrganisationId>,
) -> Result<(i64, Cents)> {
    let scope = access.usage().scope().clone();
    let (column, id) = match (person, organisation) {
        (Some(person), _) => ("person_id", person.0),
        (None, Some(organisation)) => ("organisation_id", organisation.0),
        (None, None) => return Ok((0, Cents::ZERO)),
    };
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok((0, Cents::ZERO));
    }
    // PostgreSQL's sum of BIGINT is NUMERIC; the cast is plain SQL.
    let sql = format!(
        "SELECT count(*), CAST(coalesce(sum(o.net_cents), 0) AS BIGINT) FROM orders o WHERE o.register_id = ?1 \
         AND o.{column} = ?2 AND o.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let mut values = vec![Param::Id(id)];
    values.extend(scope.companies().iter().map(Param::from));
    let found = access.tx().0.query_opt(&sql, &values, |row| Ok((row.int(0)?, Cents(row.int(1)?))))?;
    Ok(found.unwrap_or((0, Cents::ZERO)))
}

/// Adds an order.
///
/// # Errors
/// Its number is taken in the company, or its company or customer is not in scope.
pub fn create(w: &mut Writing<'_, '_>, order: &Order) -> Result<()> {
    create_all(w, std::slice::from_ref(order))
}

/// Adds orders, with one log entry for all of them.
///
/// # Errors
/// One is refused; none is added then.
pub fn create_all(w: &mut Writing<'_, '_>, orders: &[Order]) -> Result<()> {
    let seq = w.next_seq();
    let mut act = Act { fields: vec![Kind::Orders.as_str().to_owned()], ..Act::default() };
    for order in orders {
        in_scope(w, order)?;
        if number_taken(&mut w.plain().tx(), &order.company, &order.number)?.is_some() {
            return Err(StoreError::Taken("order number"));
        }
        first_order(&mut w.plain().tx(), order, seq)?;
        insert(&mut w.plain().tx(), order)?;
        let change = Changed { before: None, after: Some(order.clone()) };
        note(w, &mut act, order, change, seq)?;
    }
    if orders.is_empty() { Ok(()) } else { w.log(act) }
}

/// With a first order somebody comes within the reach of partners that receive buyers.
fn first_order(tx: &mut Tx<'_>, order: &Order, seq: u64) -> Result<()> {
    for (column, party) in
        [("person_id", order.person.map(PartyId::from)), ("organisation_id", order.organisation.map(PartyId::from))]
    {
        let Some(party) = party else { continue };
        let sql = format!("SELECT 1 FROM orders WHERE register_id = ?1 AND {column} = ?2 LIMIT 1");
        if tx.query_opt(&sql, params![party], |_| Ok(()))?.is_none() {
            crate::party::moved(tx, party, seq)?;
        }
    }
    Ok(())
}

/// The customers of an order that is removed or changed may have left the reach of partners that receive buyers.
fn customers_moved(tx: &mut Tx<'_>, order: &Order, seq: u64) -> Result<()> {
    let customers = [order.person.map(PartyId::from), order.organisation.map(PartyId::from)];
    customers.into_iter().flatten().try_for_each(|party| crate::party::moved(tx, party, seq))
}

/// Replaces an order by its corrected form.
///
/// # Errors
/// Someone else changed it meanwhile, or it is not in scope.
pub fn update(w: &mut Writing<'_, '_>, expected: i64, order: &Order) -> Result<i64> {
    let before = get(w, order.id)?;
    if before.version != expected {
        return Err(StoreError::Conflict { found: before.version, expected });
    }
    in_scope(w, order)?;
    let taken = number_taken(&mut w.plain().tx(), &order.company, &order.number)?;
    if taken.is_some_and(|id| id != order.id) {
        return Err(StoreError::Taken("order number"));
    }
    let after = Order { version: expected + 1, changed_at: w.usage().at(), ..order.clone() };
    let seq = w.next_seq();
    let mut tx = w.plain().tx();
    if (before.person, before.organisation) != (after.person, after.organisation) {
        customers_moved(&mut tx, &before, seq)?;
        customers_moved(&mut tx, &after, seq)?;
    }
    delete_rows(&mut tx, order.id)?;
    insert(&mut tx, &after)?;
    let mut act = Act { fields: vec![Kind::Orders.as_str().to_owned()], ..Act::default() };
    let told = order_corrected(&before, &after).then(|| concerned(&before, &after));
    note(w, &mut act, &after.clone(), Changed { before: Some(before), after: Some(after) }, seq)?;
    w.log(act)?;
    // Those who received the order are told (Art. 19); those of a customer from whom it was taken, too.
    for party in told.unwrap_or_default() {
        crate::recall::because(w, party, Reason::Rectification, std::iter::once(Kind::Orders).collect())?;
    }
    Ok(expected + 1)
}

/// Takes an order out altogether: the undoing of an import.
///
/// # Errors
/// It is not in scope.
pub fn delete(w: &mut Writing<'_, '_>, id: OrderId) -> Result<()> {
    let order = get(w, id)?;
    let seq = w.next_seq();
    customers_moved(&mut w.plain().tx(), &order, seq)?;
    crate::mail::cancel_of_order(&mut w.plain().tx(), id)?;
    take_out(w, id, parties(&order).iter().map(|party| party.0).collect())
}

/// Takes an order's rows and its sealed history out, whatever company it belongs to.
pub(crate) fn take_out(w: &mut Writing<'_, '_>, id: OrderId, subjects: Vec<uuid::Uuid>) -> Result<()> {
    let mut tx = w.plain().tx();
    tx.execute("DELETE FROM sealed WHERE register_id = ?1 AND object_id = ?2 AND object_id <> owner_id", params![id])?;
    tx.execute("DELETE FROM external_ref WHERE register_id = ?1 AND object_id = ?2", params![id])?;
    tx.execute("DELETE FROM bulk_row WHERE register_id = ?1 AND object_id = ?2", params![id])?;
    delete_rows(&mut tx, id)?;
    w.log_as("order.erase", Act { subjects, objects: vec![format!("order:{id}")], ..Act::default() })?;
    w.touch(id.0);
    Ok(())
}

/// Takes a person who is erased out of the orders of organisations, whose contact they were: to whom it was delivered by name goes
/// with them.
pub(crate) fn forget_contact(tx: &mut Tx<'_>, person: PartyId) -> Result<()> {
    tx.execute(
        "UPDATE orders SET person_id = NULL, delivery_name = CASE WHEN delivery_name IS NULL THEN NULL ELSE '' END, \
         version = version + 1 WHERE register_id = ?1 AND person_id = ?2",
        params![person],
    )
    .map(drop)
}

/// Whom an order was about before a change or is about after it.
fn concerned(before: &Order, after: &Order) -> Vec<PartyId> {
    let mut all = parties(before);
    all.extend(parties(after));
    all.sort_unstable();
    all.dedup();
    all
}

fn parties(order: &Order) -> Vec<PartyId> {
    [order.person.map(PartyId::from), order.organisation.map(PartyId::from)].into_iter().flatten().collect()
}

/// The company must be the actor's, and so must the customer.
fn in_scope(w: &mut Writing<'_, '_>, order: &Order) -> Result<()> {
    if !w.usage().scope().has(&order.company) {
        return Err(StoreError::NotFound("company"));
    }
    let person = order.person.map(|id| (party::Noun::Person, PartyId::from(id)));
    let organisation = order.organisation.map(|id| (party::Noun::Organisation, PartyId::from(id)));
    for (noun, id) in [person, organisation].into_iter().flatten() {
        let row = party::row(w, noun, id)?;
        guard::may_change(w, &row)?;
    }
    Ok(())
}

/// Seals the change under the customer's key and adds it to the log entry.
fn note(w: &mut Writing<'_, '_>, act: &mut Act, order: &Order, change: Changed<Order>, seq: u64) -> Result<()> {
    let owners = parties(order);
    let owner = *owners.first().ok_or_else(|| StoreError::Corrupt("an order without a customer".into()))?;
    let key = party::key_of(w, owner)?;
    let payload = party::seal(&key, order.id.0, &Change::Order(Box::new(change)), w.env())?;
    party::insert_sealed(&mut w.plain().tx(), order.id.0, seq, owner, &payload)?;
    act.sealed.push(sealed_hash(&payload));
    act.objects.push(format!("order:{}", order.id));
    for party in owners {
        if !act.subjects.contains(&party.0) {
            act.subjects.push(party.0);
        }
    }
    w.touch(order.id.0);
    Ok(())
}

/// The order that has this number in the company.
///
/// # Errors
/// The database can not be read.
pub fn number_taken(tx: &mut Tx<'_>, company: &CompanyId, number: &str) -> Result<Option<OrderId>> {
    tx.query_opt(
        "SELECT order_id FROM orders WHERE register_id = ?1 AND company_id = ?2 AND number = ?3",
        params![company, number],
        |row| Ok(OrderId(row.id(0)?)),
    )
}

/// How many orders of the scope are drafts, and how many are confirmed and were to be delivered by `today` (ISO 8601).
///
/// # Errors
/// The database can not be read.
pub fn unfinished(access: &mut impl Access, today: &str) -> Result<(i64, i64)> {
    let scope = access.usage().scope().clone();
    let own = |first| format!("o.company_id IN ({})", places(first, scope.companies().len()));
    let drafts = format!("SELECT count(*) FROM orders o WHERE o.register_id = ?1 AND o.state = ?2 AND {}", own(3));
    let due = format!(
        "SELECT count(*) FROM orders o WHERE o.register_id = ?1 AND o.state = ?2 AND o.requested_on <= ?3 AND {}",
        own(4)
    );
    let mut count = |sql: &str, values: Vec<Param<'_>>| {
        let values = party::with_scope(values, scope.companies());
        Ok(access.tx().0.query_opt(sql, &values, |row| row.int(0))?.unwrap_or(0))
    };
    let (draft, confirmed) = (OrderState::Draft.as_str(), OrderState::Confirmed.as_str());
    Ok((count(&drafts, vec![draft.into()])?, count(&due, vec![confirmed.into(), today.into()])?))
}

/// The highest of the numbers that a company gave its newest orders, of those that are whole numbers.
///
/// # Errors
/// The database can not be read.
pub fn newest_number(tx: &mut Tx<'_>, company: &CompanyId) -> Result<u64> {
    let numbers = tx.query(
        "SELECT number FROM orders WHERE register_id = ?1 AND company_id = ?2 ORDER BY order_id DESC LIMIT 500",
        params![company],
        |row| row.text(0),
    )?;
    Ok(numbers.iter().filter_map(|number| number.parse().ok()).max().unwrap_or(0))
}

fn delete_rows(tx: &mut Tx<'_>, id: OrderId) -> Result<()> {
    tx.execute("DELETE FROM order_line WHERE register_id = ?1 AND order_id = ?2", params![id])?;
    tx.execute("DELETE FROM orders WHERE register_id = ?1 AND order_id = ?2", params![id]).map(drop)
}

fn insert(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let delivery = order.delivery.as_ref();
    let flat = delivery.map(|d| Value::PostalAddress(d.address.clone()).flat());
    let count = i64::try_from(order.lines.len()).map_err(|_| StoreError::Corrupt("too many lines".into()))?;
    tx.execute(
        "INSERT INTO orders (register_id, order_id, number, company_id, person_id, organisation_id, ordered_on, \
         requested_on, delivered_on, state, delivery_name, delivery_street, delivery_postal_code, delivery_town, \
         delivery_region, delivery_country, line_count, net_cents, vat_cents, gross_cents, source_id, entered_by, \
         entered_at, version, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
         ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)",
        params![
            order.id,
            &order.number,
            &order.company,
            order.person,
            order.organisation,
            &order.ordered_on.to_string(),
            &order.requested_on.map(|day| day.to_string()),
            &order.delivered_on.map(|day| day.to_string()),
            order.state.as_str(),
            delivery.map(|d| d.name.as_str()),
            flat.as_ref().map(|f| f.text.as_str()),
            flat.as_ref().and_then(|f| f.postal_code.as_deref()),
            flat.as_ref().and_then(|f| f.town.as_deref()),
            flat.as_ref().and_then(|f| f.region.as_deref()),
            flat.as_ref().and_then(|f| f.country.as_deref()),
            count,
            order.totals.net.0,
            order.totals.vat.0,
            order.totals.gross.0,
            &order.source,
            &order.entered_by,
            order.entered_at,
            order.version,
            order.changed_at,
        ],
    )?;
    for line in &order.lines {
        let net = line.net().map_err(|_| StoreError::Corrupt("a line's sum".into()))?;
        tx.execute(
            "INSERT INTO order_line (register_id, order_id, line, product, description, quantity, unit_price, discount, \
             vat_rate, net_cents) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                order.id,
                line.number,
                &line.product,
                &line.description,
                line.quantity.0,
                line.unit_price.0,
                line.discount.0,
                line.vat_rate.0,
                net.0,
            ],
        )?;
    }
    Ok(())
}

/// Orders in one of the states, of days before `day`: candidates for archiving. Ids only.
///
/// # Errors
/// The database can not be read.
pub fn older_than(tx: &mut Tx<'_>, state: OrderState, day: jiff::civil::Date, limit: i64) -> Result<Vec<OrderId>> {
    // Those of restricted customers wait: they would be the first of every page otherwise.
    let restricted = guard::RESTRICTED;
    tx.query(
        &format!(
            "SELECT order_id FROM orders WHERE register_id = ?1 AND state = ?2 AND ordered_on < ?3 \
             AND (person_id IS NULL OR person_id NOT IN {restricted}) \
             AND (organisation_id IS NULL OR organisation_id NOT IN {restricted}) ORDER BY ordered_on, order_id LIMIT ?4"
        ),
        params![state.as_str(), &day.to_string(), limit],
        |row| Ok(OrderId(row.id(0)?)),
    )
}
