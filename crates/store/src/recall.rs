//! Recalls in the database. They are made in the transaction that changes the data: [`because`] is called by the statements
//! that correct and erase, and by what restricts or forbids.

use jiff::Timestamp;
use seloste_domain::id::{PartnerId, PartyId, RecallId};
use seloste_domain::kind::Kinds;
use seloste_domain::partner::Interface;
use seloste_domain::recall::{self, Reason, Recall, RecallState};

use crate::db::{Access, Writing};
use crate::disclosure::kinds;
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::with_scope;
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "SELECT recall_id, partner_id, party_id, reason, fields, state, made_at, due_on, sent_at, sent_by, \
     chased, chased_at, closed_at, closed_by, note FROM recall WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Recall> {
    Ok(Recall {
        id: RecallId(row.id(0)?),
        partner: PartnerId(row.id(1)?),
        party: PartyId(row.id(2)?),
        reason: row.parsed(3)?,
        fields: kinds(&row.text(4)?)?,
        state: row.parsed(5)?,
        made_at: row.time(6)?,
        due: row.parsed(7)?,
        sent_at: row.opt_time(8)?,
        sent_by: row.opt_parsed(9)?,
        chased: row.int(10)?,
        chased_at: row.opt_time(11)?,
        closed_at: row.opt_time(12)?,
        closed_by: row.opt_text(13)?,
        note: row.opt_text(14)?,
    })
}

/// Which kinds of a party's data each partner has received, those of records that were merged into it too.
///
/// # Errors
/// The database can not be read.
pub fn holders(tx: &mut Tx<'_>, party: PartyId) -> Result<Vec<(PartnerId, Kinds)>> {
    let mut ids = crate::merge::predecessors(tx, party)?;
    ids.push(party.0);
    let sql = format!(
        "SELECT d.partner_id, s.fields FROM disclosure_subject s JOIN disclosure d ON d.register_id = s.register_id \
         AND d.disclosure_id = s.disclosure_id WHERE s.register_id = ?1 AND s.party_id IN ({}) ORDER BY d.partner_id",
        places(2, ids.len())
    );
    let values: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(*id)).collect();
    let rows = tx.query(&sql, &values, |row| Ok((PartnerId(row.id(0)?), kinds(&row.text(1)?)?)))?;
    let mut found: Vec<(PartnerId, Kinds)> = Vec::new();
    for (partner, fields) in rows {
        match found.last_mut() {
            Some((last, all)) if *last == partner => *all = all.or(fields),
            _ => found.push((partner, fields)),
        }
    }
    Ok(found)
}

/// Makes what partners have to be told when these kinds of a party's data were corrected, erased, restricted or
/// forbidden: one recall for each partner that has received any of them, save those that confirmed that nothing is left
/// with them. One that waits unsent for the same reason takes the new kinds up.
///
/// # Errors
/// The database can not be read or written.
pub fn because(w: &mut Writing<'_, '_>, party: PartyId, reason: Reason, fields: Kinds) -> Result<Vec<RecallId>> {
    let mut made = Vec::new();
    if fields.is_empty() {
        return Ok(made);
    }
    let holders = holders(&mut w.plain().tx(), party)?;
    for (partner, held) in holders {
        let concerned = held.and(fields);
        if concerned.is_empty() || crate::partner::get(&mut w.plain().tx(), partner)?.has_nothing_left() {
            continue;
        }
        made.push(make(w, partner, party, reason, concerned)?);
    }
    Ok(made)
}

fn make(
    w: &mut Writing<'_, '_>,
    partner: PartnerId,
    party: PartyId,
    reason: Reason,
    fields: Kinds,
) -> Result<RecallId> {
    let at = w.usage().at();
    let (id, due) = (RecallId(w.env().id()), recall::due(day(at)).to_string());
    let mut tx = w.plain().tx();
    let waiting = tx.query_opt(
        "SELECT recall_id, fields FROM recall WHERE register_id = ?1 AND party_id = ?2 AND partner_id = ?3 AND reason = ?4 \
         AND state = 'waiting' ORDER BY recall_id LIMIT 1",
        params![party, partner, reason.as_str()],
        |row| Ok((RecallId(row.id(0)?), kinds(&row.text(1)?)?)),
    )?;
    let id = match waiting {
        Some((id, before)) => {
            tx.execute(
                "UPDATE recall SET fields = ?3 WHERE register_id = ?1 AND recall_id = ?2",
                params![id, &before.or(fields).names()],
            )?;
            id
        }
        None => {
            tx.execute(
                "INSERT INTO recall (register_id, recall_id, partner_id, party_id, reason, fields, state, made_at, due_on, \
                 chased) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?8, 0)",
                params![id, partner, party, reason.as_str(), &fields.names(), at, &due],
            )?;
            id
        }
    };
    log(w, "recall.make", id, party, partner, fields)?;
    Ok(id)
}

fn log(
    w: &mut Writing<'_, '_>,
    action: &str,
    id: RecallId,
    party: PartyId,
    partner: PartnerId,
    fields: Kinds,
) -> Result<()> {
    w.log_as(
        action,
        Act {
            subjects: vec![party.0],
            objects: vec![format!("recall:{id}"), format!("partner:{partner}")],
            fields: fields.iter().map(|kind| kind.as_str().to_owned()).collect(),
            ..Act::default()
        },
    )
}

/// The day in Finland, where the law's days are counted.
pub(crate) fn day(at: Timestamp) -> jiff::civil::Date {
    let zone = jiff::tz::TimeZone::get("Europe/Helsinki").unwrap_or(jiff::tz::TimeZone::UTC);
    zone.to_datetime(at).date()
}

/// The part of a WHERE clause that keeps recalls within the scope: about a party of one of its companies, or about one that
/// has no company any more, because it was erased or merged. The companies' placeholders begin at `first`.
fn within(first: usize, companies: usize) -> String {
    format!(
        " AND (NOT EXISTS (SELECT 1 FROM party_company c WHERE c.register_id = ?1 AND c.party_id = recall.party_id) \
         OR EXISTS (SELECT 1 FROM party_company c WHERE c.register_id = ?1 AND c.party_id = recall.party_id \
         AND c.company_id IN ({})))",
        places(first, companies)
    )
}

/// One recall.
///
/// # Errors
/// There is none in the scope of the use.
pub fn get(access: &mut impl Access, id: RecallId) -> Result<Recall> {
    let scope = access.usage().scope().clone();
    let sql = format!("{COLUMNS} AND recall_id = ?2{}", within(3, scope.companies().len()));
    let values = with_scope(vec![Param::from(id)], scope.companies());
    let found = access.tx().0.query_opt(&sql, &values, read)?;
    let found = found.ok_or(StoreError::NotFound("recall"))?;
    access.show(found.party, found.fields);
    Ok(found)
}

/// Which recalls a page shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only to this partner.
    pub partner: Option<PartnerId>,
    /// Only about this party.
    pub party: Option<PartyId>,
    /// Only those that stand so.
    pub state: Option<RecallState>,
    /// Only those that are neither acknowledged nor waived.
    pub open: bool,
    /// The page begins after this one, by id: what an interface reads as a stream.
    pub after: Option<RecallId>,
}

/// Recalls, the oldest first.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, filter: &Filter, limit: i64) -> Result<Vec<Recall>> {
    let scope = access.usage().scope().clone();
    let mut values = with_scope(vec![Param::Int(limit)], scope.companies());
    let mut sql = format!("{COLUMNS}{}", within(3, scope.companies().len()));
    let conditions = [
        filter.partner.map(|id| ("partner_id =", Param::from(id))),
        filter.party.map(|id| ("party_id =", Param::from(id))),
        filter.state.map(|state| ("state =", Param::Text(state.as_str()))),
        filter.after.map(|id| ("recall_id >", Param::from(id))),
    ];
    for (condition, value) in conditions.into_iter().flatten() {
        sql.push_str(&format!(" AND {condition} ?{}", values.len() + 2));
        values.push(value);
    }
    if filter.open {
        sql.push_str(" AND state IN ('waiting', 'sent')");
    }
    sql.push_str(" ORDER BY recall_id LIMIT ?2");
    let found = access.tx().0.query(&sql, &values, read)?;
    for recall in &found {
        access.show(recall.party, recall.fields);
    }
    Ok(found)
}

/// How many recalls are to be sent, and how many are late on `today`.
///
/// # Errors
/// The database can not be read.
pub fn counts(tx: &mut Tx<'_>, today: &str) -> Result<(i64, i64)> {
    let count = |tx: &mut Tx<'_>, sql: &str, values: &[Param<'_>]| {
        Ok::<i64, StoreError>(tx.query_opt(sql, values, |row| row.int(0))?.unwrap_or(0))
    };
    let waiting = count(tx, "SELECT count(*) FROM recall WHERE register_id = ?1 AND state = 'waiting'", &[])?;
    let late = "SELECT count(*) FROM recall WHERE register_id = ?1 AND state IN ('waiting', 'sent') AND due_on < ?2";
    Ok((waiting, count(tx, late, params![today])?))
}

/// Notes that a recall was sent, or sent again.
///
/// # Errors
/// It is closed already.
pub fn sent(w: &mut Writing<'_, '_>, recall: &Recall, by: Interface) -> Result<()> {
    let at = w.usage().at();
    let again = recall.state == RecallState::Sent;
    let sql = if again {
        "UPDATE recall SET chased = chased + 1, chased_at = ?3, sent_by = ?4 WHERE register_id = ?1 AND recall_id = ?2 \
         AND state = 'sent'"
    } else {
        "UPDATE recall SET state = 'sent', sent_at = ?3, sent_by = ?4 WHERE register_id = ?1 AND recall_id = ?2 \
         AND state = 'waiting'"
    };
    let rows = w.plain().tx().execute(sql, params![recall.id, at, by.as_str()])?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: 1, expected: 0 });
    }
    log(w, if again { "recall.chase" } else { "recall.send" }, recall.id, recall.party, recall.partner, recall.fields)
}

/// Closes a recall: the partner acknowledged it, or it is not sent for a reason that is told. False: it was closed
/// already, so that acknowledging twice changes nothing.
///
/// # Errors
/// The database can not be written.
pub fn close(w: &mut Writing<'_, '_>, recall: &Recall, state: RecallState, note: &str) -> Result<bool> {
    let (at, by) = (w.usage().at(), w.usage().actor().to_string());
    let rows = w.plain().tx().execute(
        "UPDATE recall SET state = ?3, closed_at = ?4, closed_by = ?5, note = ?6 WHERE register_id = ?1 AND recall_id = ?2 \
         AND state IN ('waiting', 'sent')",
        params![recall.id, state.as_str(), at, &by, note],
    )?;
    if rows != 1 {
        return Ok(false);
    }
    let action = if state == RecallState::Waived { "recall.waive" } else { "recall.acknowledge" };
    log(w, action, recall.id, recall.party, recall.partner, recall.fields)?;
    Ok(true)
}
