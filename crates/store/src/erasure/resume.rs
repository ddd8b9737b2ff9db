//! What had to stay goes when nothing keeps it any longer.

use jiff::civil::Date;
use seloste_domain::erasure::{FORMAT, Line, Part, Plan, Statement};
use seloste_domain::hold::Hold;
use seloste_domain::id::{ErasureId, InvoiceId, PartyId};
use uuid::Uuid;

use super::{Done, act, facts, todo, written};
use crate::db::{Access as _, Writing};
use crate::error::Result;
use crate::sql::{Param, Tx, params};
use crate::{invoice, party};

/// An erasure of which something stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The erasure.
    pub erasure: ErasureId,
    /// Whose.
    pub party: PartyId,
}

/// Erasures of which something stays, some at a time, in the order of their parties after `after`.
///
/// # Errors
/// The database can not be read.
pub fn due(tx: &mut Tx<'_>, after: Uuid, limit: i64) -> Result<Vec<Due>> {
    tx.query(
        "SELECT erasure_id, party_id FROM remains WHERE register_id = ?1 AND party_id > ?2 ORDER BY party_id LIMIT ?3",
        params![after, limit],
        |row| Ok(Due { erasure: ErasureId(row.id(0)?), party: PartyId(row.id(1)?) }),
    )
}

/// What keeps what is left of a party, on `today`.
///
/// # Errors
/// The database can not be read.
pub fn holds_today(tx: &mut Tx<'_>, party: PartyId, today: Date) -> Result<Vec<Hold>> {
    Ok(act::holds_of(&facts(tx, party)?.1, today))
}

/// Takes out of what is left what nothing keeps any longer. None: everything still has to stay.
///
/// # Errors
/// The database can not be written.
pub fn resume(w: &mut Writing<'_, '_>, due: Due, today: Date) -> Result<Option<Done>> {
    let mut tx = w.plain().tx();
    let (_, facts) = facts(&mut tx, due.party)?;
    let is_kept = |id: &InvoiceId| facts.invoices.iter().any(|one| one.id == *id && !one.holds(today).is_empty());
    let gone: Vec<InvoiceId> = facts.invoices.iter().map(|one| one.id).filter(|id| !is_kept(id)).collect();
    let holds = act::holds_of(&facts, today);
    let whole = gone.len() == facts.invoices.len();
    tx.execute(
        "UPDATE erasure SET holds = ?3, state = ?4 WHERE register_id = ?1 AND erasure_id = ?2",
        params![due.erasure, &written(&holds)?, if whole { "whole" } else { "partial" }],
    )?;
    if gone.is_empty() && !whole {
        return Ok(None);
    }
    for id in &gone {
        invoice::take_out(&mut tx, *id)?;
    }
    if whole {
        tx.execute("DELETE FROM remains WHERE register_id = ?1 AND party_id = ?2", params![due.party])?;
        party::take_out(&mut tx, due.party.0, false)?;
        todo::note_in_ledger(w, due.party, false)?;
    }
    let count = i64::try_from(gone.len()).unwrap_or(i64::MAX);
    let stays = i64::try_from(facts.invoices.len() - gone.len()).unwrap_or(i64::MAX);
    let plan = Plan { lines: vec![Line { part: Part::Invoices, gone: count, stays }], holds, recipients: 0 };
    let step = next_step(&mut w.plain().tx(), due.erasure)?;
    let statement = Statement {
        format: FORMAT.into(),
        register: w.plain().tx().register,
        erasure: due.erasure,
        step,
        at: w.usage().at(),
        subjects: vec![due.party.0],
        at_request: false,
        gone: plan.lines.clone(),
        stays: Statement::kept(&plan.holds),
        recipients: 0,
        nonce: hex::encode(w.env().bytes::<16>()),
    };
    act::state_it(w, "erasure.resume", vec![due.party.0], &statement)?;
    w.touch(due.party.0);
    Ok(Some(Done { erasure: due.erasure, step, plan }))
}

fn next_step(tx: &mut Tx<'_>, erasure: ErasureId) -> Result<i64> {
    let sql = "SELECT max(step) FROM erasure_receipt WHERE register_id = ?1 AND erasure_id = ?2";
    Ok(tx.query_opt(sql, &[Param::from(erasure)], |row| row.opt_int(0))?.flatten().unwrap_or(0) + 1)
}
