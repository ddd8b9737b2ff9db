//! Erasing people (Art. 17). Rows, keys and what was sealed go in one transaction, together with the log entry, the statement
//! that becomes the receipt, and a list of what is to be done outside the database afterwards. What a law keeps stays, cut to
//! what the law asks for, and is locked ([`crate::guard`]).

mod act;
mod facts;
pub mod ledger;
mod resume;
mod todo;
mod waiting;

use jiff::civil::Date;
use seloste_domain::erasure::{Erasure, Plan};
use seloste_domain::hold::Hold;
use seloste_domain::id::{ErasureId, PartyId, PersonId};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::party::{self, Noun};
use crate::sql::{Row, Tx, params};

pub(crate) use facts::facts;
pub use facts::{InvoicesOf, invoices};
pub use resume::{Due, due, holds_today, resume};
pub(crate) use todo::note_in_ledger;
pub use todo::{Todo, add_file, clock_seen, done, set_clock_seen, todos};
pub(crate) use waiting::closed;
pub use waiting::{Wish, held_by, stop_waiting, wait, waiting, waiting_of, waits};

/// Why a person was not erased. Nothing was changed then.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotErased {
    /// The plan is another one than the one that was shown: this one.
    #[error("what would be erased has changed since the plan was shown")]
    Changed(Plan),
    /// Something keeps all of the person's data.
    #[error("something keeps all of the person's data")]
    Held(Plan),
    /// The person belongs to a company outside of the use's.
    #[error("the person is a customer of a company outside of your rights, too")]
    Outside,
}

impl NotErased {
    fn into_store(self) -> StoreError {
        StoreError::Refused(Box::new(self))
    }
}

/// What is to be erased.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who.
    pub person: PersonId,
    /// [`Plan::version`] of the plan that was shown; none: whatever the plan is.
    pub version: Option<String>,
    /// Whether the person asked for it: then nobody enters them again from an old file.
    pub at_request: bool,
    /// Files in the data directory that name them, by their path in it: they are removed afterwards.
    pub files: Vec<String>,
}

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// The erasure.
    pub erasure: ErasureId,
    /// Which step of it.
    pub step: i64,
    /// What was carried out.
    pub plan: Plan,
}

/// The plan for a person, as it is now.
///
/// # Errors
/// There is none within the scope of the use.
pub fn plan(access: &mut impl Access, id: PersonId, files: i64, today: Date) -> Result<Plan> {
    party::row(access, Noun::Person, id.into())?;
    access.show(id.into(), seloste_domain::kind::Kinds::NONE);
    let (_, mut facts) = facts(&mut access.tx().0, id.into())?;
    facts.counts.push((seloste_domain::erasure::Part::Files, files));
    Ok(Plan::of(&facts, today))
}

/// Erases a person, when the plan is still the one that was shown.
///
/// # Errors
/// There is none within the scope of the use, [`NotErased`], or the database can not be written.
pub fn carry_out(w: &mut Writing<'_, '_>, asked: &Asked, today: Date) -> Result<Done> {
    let id = PartyId::from(asked.person);
    party::row(w, Noun::Person, id)?;
    if crate::merge::reaches_outside(w, id)? {
        return Err(NotErased::Outside.into_store());
    }
    let (subjects, mut facts) = facts(&mut w.plain().tx(), id)?;
    let files = i64::try_from(asked.files.len()).unwrap_or(i64::MAX);
    facts.counts.push((seloste_domain::erasure::Part::Files, files));
    let plan = Plan::of(&facts, today);
    if asked.version.as_ref().is_some_and(|version| *version != plan.version()) {
        return Err(NotErased::Changed(plan).into_store());
    }
    if plan.is_held() {
        return Err(NotErased::Held(plan).into_store());
    }
    act::take(w, asked, &subjects, &facts, plan, today)
}

/// Erases again somebody whom the ledger names and a restored database has: whatever the database says now keeps none of it
/// but what a law keeps. False: they are not there, or what is there is what stays.
///
/// # Errors
/// The database can not be written.
pub fn repeat(w: &mut Writing<'_, '_>, id: PartyId, at_request: bool, today: Date) -> Result<bool> {
    let mut tx = w.plain().tx();
    let found = tx.query_opt(
        "SELECT p.noun FROM party p WHERE p.register_id = ?1 AND p.party_id = ?2 AND p.party_id NOT IN \
         (SELECT m.party_id FROM remains m WHERE m.register_id = ?1)",
        params![id],
        |row| row.text(0),
    )?;
    let Some(noun) = found else { return Ok(false) };
    if noun != Noun::Person.as_str() {
        return party::erase_again(w, id).map(|()| true);
    }
    let (subjects, mut facts) = facts(&mut tx, id)?;
    facts.holds.clear();
    let plan = Plan::of(&facts, today);
    let asked = Asked { person: PersonId(id.0), version: None, at_request, files: Vec::new() };
    act::take(w, &asked, &subjects, &facts, plan, today).map(|_| true)
}

const COLUMNS: &str = "SELECT e.erasure_id, e.party_id, e.state, e.at_request, e.made_by, e.made_at, e.holds, \
     (SELECT count(*) FROM erasure_receipt r WHERE r.register_id = ?1 AND r.erasure_id = e.erasure_id) \
     FROM erasure e WHERE e.register_id = ?1";

fn read(row: &Row<'_>) -> Result<Erasure> {
    let holds = serde_json::from_str(&row.text(6)?).map_err(|_| StoreError::Corrupt("what keeps an erasure".into()))?;
    Ok(Erasure {
        id: ErasureId(row.id(0)?),
        party: PartyId(row.id(1)?),
        is_whole: row.text(2)? == "whole",
        at_request: row.flag(3)?,
        made_by: row.text(4)?,
        made_at: row.time(5)?,
        holds,
        steps: row.int(7)?,
    })
}

/// One erasure.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, id: ErasureId) -> Result<Erasure> {
    tx.query_opt(&format!("{COLUMNS} AND e.erasure_id = ?2"), params![id], read)?.ok_or(StoreError::NotFound("erasure"))
}

/// Erasures, the newest first; only those of which something stays, when `partial`.
///
/// # Errors
/// The database can not be read.
pub fn page(tx: &mut Tx<'_>, partial: bool, limit: i64) -> Result<Vec<Erasure>> {
    let only = if partial { "AND e.state = 'partial' " } else { "" };
    tx.query(&format!("{COLUMNS} {only}ORDER BY e.erasure_id DESC LIMIT ?2"), params![limit], read)
}

/// The erasure of a party, the newest when a restored database made it be erased again.
///
/// # Errors
/// The database can not be read.
pub fn of(tx: &mut Tx<'_>, party: Uuid) -> Result<Option<Erasure>> {
    tx.query_opt(&format!("{COLUMNS} AND e.party_id = ?2 ORDER BY e.erasure_id DESC LIMIT 1"), params![party], read)
}

fn written(holds: &[Hold]) -> Result<String> {
    serde_json::to_string(holds).map_err(|_| StoreError::Corrupt("what keeps an erasure".into()))
}
