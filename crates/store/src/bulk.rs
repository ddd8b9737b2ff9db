//! Acts on many rows of a list, and what became of each row: ids and outcomes, no values. The rows are what an act takes
//! its work from, so that one that was broken off goes on where it was.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use seloste_domain::bulk::{Bulk, BulkAct, BulkState, RowOutcome};
use seloste_domain::id::{BulkId, SourceId, UserId};
use seloste_domain::kind::Kind;
use seloste_domain::list::ListOf;
use seloste_domain::order::OrderState;
use uuid::Uuid;

use crate::db::Access;
use crate::error::{Result, StoreError};
use crate::party::{Noun, in_scope, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "SELECT bulk_id, list, act, user_id, source_id, state, total, planned_at, ended_at, undone_at \
     FROM bulk WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Bulk> {
    Ok(Bulk {
        id: BulkId(row.id(0)?),
        of: ListOf::named(&row.text(1)?).ok_or_else(|| StoreError::Corrupt("the list of an act".into()))?,
        act: row.parsed(2)?,
        user: UserId(row.id(3)?),
        source: row.opt_parsed(4)?,
        state: row.parsed(5)?,
        total: row.int(6)?,
        planned_at: row.time(7)?,
        ended_at: row.opt_time(8)?,
        undone_at: row.opt_time(9)?,
    })
}

/// A row of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkRow {
    /// Its place among the rows.
    pub place: i64,
    /// The person, organisation or order.
    pub object: Uuid,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The number of the log event and of the sealed change, when it was done.
    pub seq: u64,
    /// The version that the act left.
    pub version: i64,
}

/// Notes an act that is looked at.
///
/// # Errors
/// The database can not be written.
pub fn insert(tx: &mut Tx<'_>, bulk: &Bulk) -> Result<()> {
    tx.execute(
        "INSERT INTO bulk (register_id, bulk_id, list, act, user_id, source_id, state, total, planned_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            bulk.id,
            bulk.of.as_str(),
            &bulk.act.to_string(),
            bulk.user,
            bulk.source.as_ref(),
            bulk.state.as_str(),
            bulk.total,
            bulk.planned_at,
        ],
    )
    .map(drop)
}

/// Adds rows to an act, each with what is to become of it.
///
/// # Errors
/// The database can not be written.
pub fn add_rows(tx: &mut Tx<'_>, id: BulkId, first: i64, rows: &[(Uuid, RowOutcome)]) -> Result<()> {
    for (place, (object, outcome)) in (first..).zip(rows) {
        tx.execute(
            "INSERT INTO bulk_row (register_id, bulk_id, place, object_id, outcome) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, place, *object, outcome.as_str()],
        )?;
    }
    Ok(())
}

/// One act.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: BulkId) -> Result<Bulk> {
    tx.query_opt(&format!("{COLUMNS} AND bulk_id = ?2"), params![id], read)?.ok_or(StoreError::NotFound("bulk"))
}

/// What somebody did to many rows, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn of_user(tx: &mut Tx<'_>, user: UserId, limit: i64) -> Result<Vec<Bulk>> {
    tx.query(&format!("{COLUMNS} AND user_id = ?2 ORDER BY bulk_id DESC LIMIT ?3"), params![user, limit], read)
}

/// The acts that are in a state, the oldest first.
///
/// # Errors
/// The database can not be read.
pub fn in_state(tx: &mut Tx<'_>, state: BulkState) -> Result<Vec<Bulk>> {
    tx.query(&format!("{COLUMNS} AND state = ?2 ORDER BY bulk_id"), params![state.as_str()], read)
}

/// Moves an act on, when it is still in the state that it was seen in; whether it was.
///
/// # Errors
/// The database can not be written.
pub fn set_state(tx: &mut Tx<'_>, id: BulkId, from: BulkState, to: BulkState) -> Result<bool> {
    let rows = tx.execute(
        "UPDATE bulk SET state = ?4 WHERE register_id = ?1 AND bulk_id = ?2 AND state = ?3",
        params![id, from.as_str(), to.as_str()],
    )?;
    Ok(rows == 1)
}

/// Notes where what an act brings in comes from.
///
/// # Errors
/// The database can not be written.
pub fn set_source(tx: &mut Tx<'_>, id: BulkId, source: Option<&SourceId>) -> Result<()> {
    tx.execute("UPDATE bulk SET source_id = ?3 WHERE register_id = ?1 AND bulk_id = ?2", params![id, source]).map(drop)
}

/// Notes that an act, or its undoing, has come to its end. One that is there already stays as it is.
///
/// # Errors
/// The database can not be written.
pub fn end(tx: &mut Tx<'_>, id: BulkId, from: BulkState, now: Timestamp) -> Result<()> {
    let (column, to) = match from {
        BulkState::Undoing => ("undone_at", BulkState::Undone),
        _ => ("ended_at", BulkState::Ended),
    };
    tx.execute(
        &format!("UPDATE bulk SET state = ?4, {column} = ?5 WHERE register_id = ?1 AND bulk_id = ?2 AND state = ?3"),
        params![id, from.as_str(), to.as_str(), now],
    )
    .map(drop)
}

/// How many rows of an act have come to what.
///
/// # Errors
/// The database can not be read.
pub fn counts(tx: &mut Tx<'_>, id: BulkId) -> Result<HashMap<RowOutcome, i64>> {
    let sql = "SELECT outcome, count(*) FROM bulk_row WHERE register_id = ?1 AND bulk_id = ?2 GROUP BY outcome";
    Ok(tx.query(sql, params![id], |row| Ok((row.parsed(0)?, row.int(1)?)))?.into_iter().collect())
}

/// Rows of an act that have come to one thing, in their order, or from the last.
///
/// # Errors
/// The database can not be read.
pub fn rows(tx: &mut Tx<'_>, id: BulkId, outcome: RowOutcome, last_first: bool, limit: i64) -> Result<Vec<BulkRow>> {
    let way = if last_first { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT place, object_id, outcome, seq, version FROM bulk_row WHERE register_id = ?1 AND bulk_id = ?2 \
         AND outcome = ?3 ORDER BY place {way} LIMIT ?4"
    );
    tx.query(&sql, params![id, outcome.as_str(), limit], |row| {
        Ok(BulkRow {
            place: row.int(0)?,
            object: row.id(1)?,
            outcome: row.parsed(2)?,
            seq: row.opt_int(3)?.unwrap_or(0).cast_unsigned(),
            version: row.opt_int(4)?.unwrap_or(0),
        })
    })
}

/// Notes what became of a row, in the transaction that does it.
///
/// # Errors
/// The database can not be written.
pub fn set_row(tx: &mut Tx<'_>, id: BulkId, row: &BulkRow) -> Result<()> {
    tx.execute(
        "UPDATE bulk_row SET outcome = ?4, seq = ?5, version = ?6 WHERE register_id = ?1 AND bulk_id = ?2 AND place = ?3",
        params![id, row.place, row.outcome.as_str(), row.seq.cast_signed(), row.version],
    )
    .map(drop)
}

/// Notes of all rows that wait that they came to something else.
///
/// # Errors
/// The database can not be written.
pub fn close_waiting(tx: &mut Tx<'_>, id: BulkId, outcome: RowOutcome) -> Result<()> {
    tx.execute(
        "UPDATE bulk_row SET outcome = ?4 WHERE register_id = ?1 AND bulk_id = ?2 AND outcome = ?3",
        params![id, RowOutcome::Waiting.as_str(), outcome.as_str()],
    )
    .map(drop)
}

/// Forgets acts: those that were looked at before one moment and not begun, and those that ended before another.
///
/// # Errors
/// The database can not be written.
pub fn forget(tx: &mut Tx<'_>, planned: Timestamp, ended: Timestamp) -> Result<()> {
    let old = "((state = 'planned' AND planned_at < ?2) OR (state IN ('ended', 'undone') AND ended_at < ?3))";
    let bounds = params![planned, ended];
    tx.execute(
        &format!(
            "DELETE FROM bulk_row WHERE register_id = ?1 AND bulk_id IN \
             (SELECT bulk_id FROM bulk WHERE register_id = ?1 AND {old})"
        ),
        bounds,
    )?;
    tx.execute(&format!("DELETE FROM bulk WHERE register_id = ?1 AND {old}"), bounds).map(drop)
}

/// Takes an act that was not begun away.
///
/// # Errors
/// The database can not be written.
pub fn remove(tx: &mut Tx<'_>, id: BulkId) -> Result<()> {
    tx.execute("DELETE FROM bulk_row WHERE register_id = ?1 AND bulk_id = ?2", params![id])?;
    tx.execute("DELETE FROM bulk WHERE register_id = ?1 AND bulk_id = ?2", params![id]).map(drop)
}

/// What is to become of each of some rows by an act, in the order of the ids. No value is read for it.
///
/// # Errors
/// The database can not be read.
pub fn judge(access: &mut impl Access, of: ListOf, act: &BulkAct, ids: &[Uuid]) -> Result<Vec<(Uuid, RowOutcome)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = match of {
        ListOf::Orders => orders(access, ids)?,
        ListOf::People => parties(access, Noun::Person, act, ids)?,
        ListOf::Organisations => parties(access, Noun::Organisation, act, ids)?,
    };
    Ok(ids.iter().map(|id| (*id, found.get(id).copied().unwrap_or(RowOutcome::Gone))).collect())
}

fn orders(access: &mut impl Access, ids: &[Uuid]) -> Result<HashMap<Uuid, RowOutcome>> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT o.order_id, o.state FROM orders o WHERE o.register_id = ?1 AND o.order_id IN ({}) AND o.company_id IN ({})",
        places(2, ids.len()),
        places(2 + ids.len(), scope.companies().len())
    );
    let values = with_scope(ids.iter().map(|id| Param::Id(*id)).collect(), scope.companies());
    let found = access.tx().0.query(&sql, &values, |row| {
        let state: OrderState = row.parsed(1)?;
        Ok((row.id(0)?, BulkAct::of_order(state)))
    })?;
    Ok(found.into_iter().collect())
}

fn parties(access: &mut impl Access, noun: Noun, act: &BulkAct, ids: &[Uuid]) -> Result<HashMap<Uuid, RowOutcome>> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT p.party_id FROM party p WHERE p.register_id = ?1 AND p.noun = ?2 AND p.party_id IN ({}) AND {}",
        places(3, ids.len()),
        in_scope(3 + ids.len(), scope.companies().len())
    );
    let mut values = vec![Param::from(noun.as_str())];
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    let within = access.tx().0.query(&sql, &with_scope(values, scope.companies()), |row| row.id(0))?;
    let has = having(&mut access.tx().0, act, ids)?;
    // What is to be taken away is not there already when they do not have it.
    let wanted = matches!(act, BulkAct::Untag(_));
    // Only that there is an address is asked, not which.
    let reachable = match act {
        BulkAct::Invite => Some(with_email(&mut access.tx().0, ids)?),
        _ => None,
    };
    let outcome = |id: &Uuid| match &reachable {
        Some(reachable) if !reachable.contains(id) => RowOutcome::NoAddress,
        _ if has.contains(id) == wanted => RowOutcome::Waiting,
        _ => RowOutcome::Already,
    };
    Ok(within.into_iter().map(|id| (id, outcome(&id))).collect())
}

/// Which of the parties have what the act gives or takes.
fn having(tx: &mut Tx<'_>, act: &BulkAct, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let (sql, mut values) = match act {
        BulkAct::Assign(company) => (
            "SELECT party_id FROM party_company WHERE register_id = ?1 AND company_id = ?2",
            vec![Param::from(company)],
        ),
        BulkAct::Tag(tag) | BulkAct::Untag(tag) => (
            "SELECT party_id FROM party_value WHERE register_id = ?1 AND match_key = ?2 AND kind = ?3",
            vec![Param::from(tag), Param::from(Kind::Tags.as_str())],
        ),
        // Somebody with an invitation that is open is not invited again.
        BulkAct::Invite => (
            "SELECT party_id FROM invitation WHERE register_id = ?1 AND state IN (?2, ?3)",
            vec![Param::Text("waiting"), Param::Text("sent")],
        ),
        BulkAct::Archive => return Ok(HashSet::new()),
    };
    let sql = format!("{sql} AND party_id IN ({})", places(values.len() + 2, ids.len()));
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    Ok(tx.query(&sql, &values, |row| row.id(0))?.into_iter().collect())
}

/// Which of the parties have an e-mail address.
fn with_email(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let sql = format!(
        "SELECT DISTINCT party_id FROM party_value WHERE register_id = ?1 AND kind = ?2 AND party_id IN ({})",
        places(3, ids.len())
    );
    let mut values = vec![Param::from(Kind::Email.as_str())];
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    Ok(tx.query(&sql, &values, |row| row.id(0))?.into_iter().collect())
}
