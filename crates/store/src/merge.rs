//! Records of one customer that were merged. The one that is gone keeps its row, its key and its sealed history, and has
//! no company: nobody's scope has it, no list, search or import finds it.

use seloste_domain::history::{Change, Moved, PartyChange};
use seloste_domain::id::{CreditApplicationId, InvoiceId, OrderId, PartyId, PersonId, RepresentationId, SourceId};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::history::{self, Of};
use crate::party::{self, Noun, Update};
use crate::sql::{Param, Row, Tx, params, places};

/// A merging that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The record that is gone.
    pub gone: PartyId,
    /// Person or organisation.
    pub noun: Noun,
    /// The record that was kept.
    pub kept: PartyId,
    /// The log event of the change of the record that is gone.
    pub gone_seq: u64,
    /// The log event of the change of the record that was kept.
    pub kept_seq: u64,
    /// Who merged them.
    pub by: String,
    /// When.
    pub at: jiff::Timestamp,
}

const COLUMNS: &str =
    "SELECT gone_id, noun, kept_id, gone_seq, kept_seq, merged_by, merged_at FROM merged WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Merged> {
    Ok(Merged {
        gone: PartyId(row.id(0)?),
        noun: if row.text(1)? == Noun::Person.as_str() { Noun::Person } else { Noun::Organisation },
        kept: PartyId(row.id(2)?),
        gone_seq: row.int(3)?.cast_unsigned(),
        kept_seq: row.int(4)?.cast_unsigned(),
        by: row.text(5)?,
        at: row.time(6)?,
    })
}

/// The records that were merged into one, the last first. Ids only.
///
/// # Errors
/// The database can not be read.
pub fn into(tx: &mut Tx<'_>, kept: PartyId) -> Result<Vec<Merged>> {
    tx.query(&format!("{COLUMNS} AND kept_id = ?2 ORDER BY gone_seq DESC"), params![kept], read)
}

/// The merging by which a record is gone.
///
/// # Errors
/// The database can not be read.
pub fn of(tx: &mut Tx<'_>, gone: PartyId) -> Result<Option<Merged>> {
    tx.query_opt(&format!("{COLUMNS} AND gone_id = ?2"), params![gone], read)
}

/// All records that were merged into one, also by way of others: those that must be erased together with it, the first
/// to be erased first.
///
/// # Errors
/// The database can not be read.
pub fn predecessors(tx: &mut Tx<'_>, kept: PartyId) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    let mut waiting = vec![kept.0];
    while let Some(id) = waiting.pop() {
        let gone = tx.query(
            "SELECT gone_id FROM merged WHERE register_id = ?1 AND kept_id = ?2 ORDER BY gone_id",
            params![id],
            |row| row.id(0),
        )?;
        found.extend(&gone);
        waiting.extend(gone);
    }
    found.reverse();
    Ok(found)
}

/// Whether a party belongs to a company outside of the scope: it can not be merged then, because that would show it to
/// others or take it from them.
///
/// # Errors
/// The database can not be read.
pub fn reaches_outside(access: &mut impl Access, id: PartyId) -> Result<bool> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT company_id FROM party_company WHERE register_id = ?1 AND party_id = ?2 AND company_id NOT IN ({}) LIMIT 1",
        places(3, scope.companies().len())
    );
    let values = party::with_scope(vec![Param::from(id)], scope.companies());
    Ok(access.tx().0.query_opt(&sql, &values, |_| Ok(()))?.is_some())
}

/// Merges two records: carries out both changes, and takes orders, what sources call the customer, and those who represent
/// it over to the one that is kept.
///
/// # Errors
/// Someone else changed either meanwhile, or one is not in scope.
pub fn make(w: &mut Writing<'_, '_>, kept: &Update, gone: &Update) -> Result<()> {
    let (noun, at, by) = (kept.noun, w.usage().at(), w.usage().actor().to_string());
    // Before anything moves: the restriction of the one is that of the other only afterwards.
    party::row(w, noun, kept.id)?;
    party::row(w, noun, gone.id)?;
    let moved = take_over(w, kept.id, gone.id)?;
    let kept_seq = w.next_seq();
    party::update(w, kept)?;
    let gone_seq = w.next_seq();
    let change = PartyChange { moved: Some(Box::new(moved)), ..gone.change.clone() };
    party::update(w, &Update { change, ..gone.clone() })?;
    let mut tx = w.plain().tx();
    for column in ["first_id", "second_id"] {
        tx.execute(&format!("DELETE FROM duplicate WHERE register_id = ?1 AND {column} = ?2"), params![gone.id])?;
    }
    tx.execute(
        "INSERT INTO merged (register_id, gone_id, noun, kept_id, gone_seq, kept_seq, merged_by, merged_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![gone.id, noun.as_str(), kept.id, gone_seq.cast_signed(), kept_seq.cast_signed(), &by, at],
    )?;
    crate::prohibition::refresh(&mut tx, kept.id)?;
    crate::prohibition::refresh(&mut tx, gone.id)
}

fn take_over(w: &mut Writing<'_, '_>, kept: PartyId, gone: PartyId) -> Result<Moved> {
    let mut tx = w.plain().tx();
    let (mut orders, mut invoices, mut credit_applications) = (Vec::new(), Vec::new(), Vec::new());
    for column in ["person_id", "organisation_id"] {
        let sql = format!("SELECT order_id FROM orders WHERE register_id = ?1 AND {column} = ?2 ORDER BY order_id");
        orders.extend(tx.query(&sql, params![gone], |row| Ok(OrderId(row.id(0)?)))?);
        let sql = format!("UPDATE orders SET {column} = ?3 WHERE register_id = ?1 AND {column} = ?2");
        tx.execute(&sql, params![gone, kept])?;
        let sql =
            format!("SELECT invoice_id FROM invoice WHERE register_id = ?1 AND {column} = ?2 ORDER BY invoice_id");
        invoices.extend(tx.query(&sql, params![gone], |row| Ok(InvoiceId(row.id(0)?)))?);
        let sql = format!("UPDATE invoice SET {column} = ?3 WHERE register_id = ?1 AND {column} = ?2");
        tx.execute(&sql, params![gone, kept])?;
        // What an application says stays sealed under the key of the record that made it.
        let sql = format!(
            "SELECT application_id FROM credit_application WHERE register_id = ?1 AND {column} = ?2 ORDER BY application_id"
        );
        credit_applications.extend(tx.query(&sql, params![gone], |row| Ok(CreditApplicationId(row.id(0)?)))?);
        let sql = format!("UPDATE credit_application SET {column} = ?3 WHERE register_id = ?1 AND {column} = ?2");
        tx.execute(&sql, params![gone, kept])?;
    }
    let references = tx.query(
        "SELECT source_id, external_id FROM external_ref WHERE register_id = ?1 AND object_id = ?2 \
         ORDER BY source_id, external_id",
        params![gone],
        |row| Ok((row.parsed::<SourceId>(0)?, row.text(1)?)),
    )?;
    tx.execute(
        "UPDATE external_ref SET object_id = ?3 WHERE register_id = ?1 AND object_id = ?2",
        params![gone, kept],
    )?;
    let represented = tx.query(
        "SELECT person_id, representation_id FROM representation WHERE register_id = ?1 AND organisation_id = ?2 \
         ORDER BY person_id, representation_id",
        params![gone],
        |row| Ok((PersonId(row.id(0)?), RepresentationId(row.id(1)?))),
    )?;
    tx.execute(
        "UPDATE representation SET organisation_id = ?3 WHERE register_id = ?1 AND organisation_id = ?2",
        params![gone, kept],
    )?;
    let prohibitions = crate::prohibition::take_over(&mut tx, kept, gone)?;
    let restrictions = crate::restriction::take_over(&mut tx, kept, gone)?;
    let consents = crate::consent::take_over(&mut tx, kept, gone)?;
    let sales = crate::existing_customer::take_over(&mut tx, kept, gone)?;
    represented.iter().for_each(|(person, _)| w.touch(person.0));
    Ok(Moved {
        into: kept,
        orders,
        invoices,
        credit_applications,
        references,
        represented,
        prohibitions,
        restrictions,
        consents,
        sales,
    })
}

/// The two changes of a merging, opened: of the record that was kept, and of the one that is gone.
///
/// # Errors
/// They can not be opened.
pub fn changes(w: &mut Writing<'_, '_>, merged: &Merged) -> Result<(PartyChange, PartyChange)> {
    let mut open = |id: PartyId, seq: u64| match history::change(w, Of::Party(id), seq)? {
        Change::Party(change) => Ok(*change),
        _ => Err(StoreError::Corrupt("a merging".into())),
    };
    Ok((open(merged.kept, merged.kept_seq)?, open(merged.gone, merged.gone_seq)?))
}

/// Brings a merged record back: gives it its companies, so that it is in scope again, then what was its own. What it has
/// got since as part of the other stays there.
///
/// # Errors
/// The record is not merged, or a row is refused.
pub fn bring_back(w: &mut Writing<'_, '_>, merged: &Merged, gone: PartyChange) -> Result<()> {
    let Merged { noun, kept, gone: id, .. } = *merged;
    let mut tx = w.plain().tx();
    for company in &gone.companies_removed {
        tx.execute(
            "INSERT INTO party_company (register_id, party_id, company_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![id, company],
        )?;
    }
    let moved = gone.moved.clone();
    let expected = party::version(w, noun, id)?;
    party::update(w, &Update { id, noun, expected, change: gone.inverse() })?;
    if let Some(moved) = moved {
        give_back(w, kept, id, &moved)?;
        crate::prohibition::give_back(w, (kept, id), &moved.prohibitions, merged.kept_seq)?;
        crate::restriction::give_back(w, (kept, id), &moved.restrictions, merged.kept_seq)?;
        crate::consent::give_back(w, (kept, id), &moved.consents, merged.kept_seq)?;
        crate::existing_customer::give_back(&mut w.plain().tx(), kept, id, &moved.sales)?;
    }
    w.plain().tx().execute("DELETE FROM merged WHERE register_id = ?1 AND gone_id = ?2", params![id])?;
    Ok(())
}

fn give_back(w: &mut Writing<'_, '_>, kept: PartyId, gone: PartyId, moved: &Moved) -> Result<()> {
    let mut tx = w.plain().tx();
    for order in &moved.orders {
        for column in ["person_id", "organisation_id"] {
            let sql =
                format!("UPDATE orders SET {column} = ?4 WHERE register_id = ?1 AND order_id = ?2 AND {column} = ?3");
            tx.execute(&sql, params![*order, kept, gone])?;
        }
    }
    for invoice in &moved.invoices {
        for column in ["person_id", "organisation_id"] {
            let sql = format!(
                "UPDATE invoice SET {column} = ?4 WHERE register_id = ?1 AND invoice_id = ?2 AND {column} = ?3"
            );
            tx.execute(&sql, params![*invoice, kept, gone])?;
        }
    }
    for application in &moved.credit_applications {
        for column in ["person_id", "organisation_id"] {
            let sql = format!(
                "UPDATE credit_application SET {column} = ?4 \
                 WHERE register_id = ?1 AND application_id = ?2 AND {column} = ?3"
            );
            tx.execute(&sql, params![*application, kept, gone])?;
        }
    }
    for (source, external) in &moved.references {
        tx.execute(
            "UPDATE external_ref SET object_id = ?5 WHERE register_id = ?1 AND source_id = ?2 AND external_id = ?3 \
             AND object_id = ?4",
            params![source, external, kept, gone],
        )?;
    }
    for (person, representation) in &moved.represented {
        tx.execute(
            "UPDATE representation SET organisation_id = ?5 WHERE register_id = ?1 AND person_id = ?2 \
             AND representation_id = ?3 AND organisation_id = ?4",
            params![*person, *representation, kept, gone],
        )?;
    }
    moved.represented.iter().for_each(|(person, _)| w.touch(person.0));
    Ok(())
}
