//! What was noted of sales to existing customers (Act 917/2014 section 200(3)).

use std::collections::HashMap;

use jiff::civil::Date;
use seloste_domain::consent::Channel;
use seloste_domain::existing_customer::{ExistingCustomer, Sale};
use seloste_domain::id::{CompanyId, ExistingCustomerId, OrderId, PartyId, PersonId, ValueId};
use seloste_domain::kind::Kinds;
use uuid::Uuid;

use crate::consent::Opener;
use crate::db::{Access, Writing};
use crate::error::Result;
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::{Param, Row, Tx, params, places};

/// An order counts as long as it is the customer's own and of the company that noted it; an address as long as they have it.
const SALES: &str = "SELECT e.party_id, e.company_id, e.channel, o.ordered_on, o.state, e.entered_at, \
     v.value_id, e.existing_customer_id, e.order_id, e.told_on, e.evidence, e.entered_by, e.owner_id \
     FROM existing_customer e LEFT JOIN orders o ON o.register_id = e.register_id AND o.order_id = e.order_id \
     AND o.person_id = e.party_id AND o.company_id = e.company_id \
     LEFT JOIN party_value v ON v.register_id = e.register_id AND v.party_id = e.party_id AND v.value_id = e.value_id \
     AND (v.valid_until IS NULL OR v.valid_until >= ?2) WHERE e.register_id = ?1";

fn sale(row: &Row<'_>) -> Result<Sale> {
    Ok(Sale {
        order: row.opt_parsed(3)?.zip(row.opt_parsed(4)?),
        entered_at: row.time(5)?,
        address_holds: row.opt_id(6)?.is_some(),
    })
}

/// The day of a use.
pub(crate) fn today(access: &impl Access) -> Date {
    crate::recall::day(access.usage().at())
}

/// The sales that were noted of people, each with its company and channel.
pub(crate) type Sales = HashMap<Uuid, Vec<(CompanyId, Channel, Sale)>>;

/// The sales that were noted of each of the people.
pub(crate) fn sales(access: &mut impl Access, ids: &[Uuid]) -> Result<Sales> {
    let today = today(access).to_string();
    let mut found = Sales::new();
    for chunk in ids.chunks(500) {
        let sql = format!("{SALES} AND e.party_id IN ({})", places(3, chunk.len()));
        let mut values = vec![Param::Text(&today)];
        values.extend(chunk.iter().map(|id| Param::Id(*id)));
        access.tx().0.each(&sql, &values, |row| {
            found.entry(row.id(0)?).or_default().push((row.parsed(1)?, row.parsed(2)?, sale(row)?));
            Ok(())
        })?;
    }
    Ok(found)
}

/// All that was noted of sales to a person, the newest first.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn of(access: &mut impl Access, id: PersonId) -> Result<Vec<ExistingCustomer>> {
    party::row(access, Noun::Person, id.into())?;
    access.show(id.into(), Kinds::NONE);
    let today = today(access).to_string();
    let sql = format!("{SALES} AND e.party_id = ?3 ORDER BY e.existing_customer_id DESC");
    let rows = access.tx().0.query(&sql, params![&today, id], |row| {
        let found = ExistingCustomer {
            id: ExistingCustomerId(row.id(7)?),
            party: PartyId(row.id(0)?),
            company: row.parsed(1)?,
            channel: row.parsed(2)?,
            order: OrderId(row.id(8)?),
            told_on: row.parsed(9)?,
            evidence: String::new(),
            entered_by: row.text(11)?,
            entered_at: row.time(5)?,
            sale: sale(row)?,
        };
        Ok((found, row.bytes(10)?, row.id(12)?))
    })?;
    let mut opener = Opener::new();
    let mut found = Vec::with_capacity(rows.len());
    for (mut one, sealed, owner) in rows {
        one.evidence = opener.open(access, owner, one.id.0, &sealed)?;
        found.push(one);
    }
    Ok(found)
}

/// The company and the day of one of a person's own orders. None: it is not theirs, or was placed for an organisation.
///
/// # Errors
/// The database can not be read.
pub fn sold(access: &mut impl Access, person: PersonId, order: OrderId) -> Result<Option<(CompanyId, Date)>> {
    let scope = access.usage().scope().clone();
    let found = access.tx().0.query_opt(
        "SELECT company_id, ordered_on FROM orders WHERE register_id = ?1 AND order_id = ?2 AND person_id = ?3 \
         AND organisation_id IS NULL",
        params![order, person],
        |row| Ok((row.parsed(0)?, row.parsed(1)?)),
    )?;
    Ok(found.filter(|(company, _)| scope.has(company)))
}

/// A person's own orders within the scope, the newest first: id, number and day.
///
/// # Errors
/// The database can not be read.
pub fn orders(access: &mut impl Access, person: PersonId) -> Result<Vec<(OrderId, String, Date)>> {
    let scope = access.usage().scope().clone();
    let found = access.tx().0.query(
        "SELECT order_id, number, ordered_on, company_id FROM orders WHERE register_id = ?1 AND person_id = ?2 \
         AND organisation_id IS NULL AND state NOT IN ('draft', 'cancelled') ORDER BY ordered_on DESC, order_id DESC LIMIT 50",
        params![person],
        |row| Ok(((OrderId(row.id(0)?), row.text(1)?, row.parsed(2)?), row.parsed::<CompanyId>(3)?)),
    )?;
    Ok(found.into_iter().filter(|(_, company)| scope.has(company)).map(|(order, _)| order).collect())
}

/// The address by which a channel reaches a person today: the first that holds.
///
/// # Errors
/// The database can not be read.
pub fn address(access: &mut impl Access, person: PersonId, channel: Channel) -> Result<Option<ValueId>> {
    let (Some(kind), today) = (channel.kind(), today(access)) else { return Ok(None) };
    let kinds = [kind].into_iter().filter(|kind| access.usage().kinds().has(*kind)).collect();
    let values = party::values(&mut access.tx().0, &[person.0], kinds)?.remove(&person.0).unwrap_or_default();
    Ok(values.into_iter().find(|stored| stored.holds_on(today)).map(|stored| stored.id))
}

/// What is about to be noted of a sale.
#[derive(Clone, Debug)]
pub struct NewSale {
    /// The company that sold.
    pub company: CompanyId,
    /// By which channel.
    pub channel: Channel,
    /// The order.
    pub order: OrderId,
    /// The address that was obtained with it.
    pub value: ValueId,
    /// The day on which the customer was told that they may forbid it.
    pub told_on: Date,
    /// What shows it.
    pub evidence: String,
}

/// Notes it. Noted again, nothing changes.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn note(w: &mut Writing<'_, '_>, id: PersonId, new: &NewSale) -> Result<()> {
    party::row(w, Noun::Person, id.into())?;
    let entry = ExistingCustomerId(w.env().id());
    let evidence = party::key_of(w, id.into())?.seal(entry.0, new.evidence.as_bytes(), w.env())?;
    let (seq, now, by) = (w.next_seq(), w.usage().at(), w.usage().actor().to_string());
    let noted = w.plain().tx().execute(
        "INSERT INTO existing_customer (register_id, existing_customer_id, party_id, owner_id, company_id, channel, order_id, \
         value_id, told_on, evidence, seq, entered_by, entered_at) \
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
         ON CONFLICT (register_id, order_id, channel, party_id) DO NOTHING",
        params![
            entry,
            id,
            &new.company,
            new.channel.as_str(),
            new.order,
            new.value,
            &new.told_on.to_string(),
            &evidence,
            seq.cast_signed(),
            &by,
            now,
        ],
    )?;
    if noted == 0 {
        return Ok(());
    }
    let objects = vec![format!("existing_customer:{entry}"), format!("order:{}", new.order)];
    w.log(Act { subjects: vec![id.0], objects, ..Act::default() })
}

/// Takes over from a record to the one that it is merged into; which.
pub(crate) fn take_over(tx: &mut Tx<'_>, kept: PartyId, gone: PartyId) -> Result<Vec<ExistingCustomerId>> {
    let moved = tx.query(
        "SELECT existing_customer_id FROM existing_customer WHERE register_id = ?1 AND party_id = ?2 \
         ORDER BY existing_customer_id",
        params![gone],
        |row| Ok(ExistingCustomerId(row.id(0)?)),
    )?;
    tx.execute(
        "UPDATE existing_customer SET party_id = ?3 WHERE register_id = ?1 AND party_id = ?2",
        params![gone, kept],
    )?;
    Ok(moved)
}

/// Gives back what a record had when it was merged. Orders say whose sale it was, so that nothing else has to.
pub(crate) fn give_back(tx: &mut Tx<'_>, kept: PartyId, gone: PartyId, moved: &[ExistingCustomerId]) -> Result<()> {
    for id in moved {
        tx.execute(
            "UPDATE existing_customer SET party_id = ?4 WHERE register_id = ?1 AND existing_customer_id = ?2 AND party_id = ?3",
            params![*id, kept, gone],
        )?;
    }
    Ok(())
}
