//! Erasures that wait for what keeps all of a person's data, and are carried out by themselves when nothing does any more.

use jiff::civil::Date;
use seloste_domain::erasure::{Part, Plan, Waiting};
use seloste_domain::hold::Hold;
use seloste_domain::id::{PartyId, PersonId, RequestId};
use seloste_domain::request::{EventKind, Noted};
use uuid::Uuid;

use super::{NotErased, facts, written};
use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::{Row, Tx, params};

/// What is to wait.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Who is to be erased.
    pub person: PersonId,
    /// The request that it answers.
    pub request: Option<RequestId>,
    /// [`Plan::version`] of the plan that was shown; none: whatever the plan is.
    pub version: Option<String>,
    /// Files that name them, as the plan counts them.
    pub files: i64,
    /// Whether the person asked for it.
    pub at_request: bool,
    /// Whether the person decides it without staff: then it waits only for what ends by itself.
    pub alone: bool,
}

/// Lets an erasure wait for what keeps all of a person's data. What waits already goes on waiting.
///
/// # Errors
/// There is no such person within the scope of the use; [`NotErased`]: the plan is another one, or nothing keeps all of it, or
/// something does that staff has to look at; or the database can not be written.
pub fn wait(w: &mut Writing<'_, '_>, wish: &Wish, today: Date) -> Result<Plan> {
    let id = PartyId::from(wish.person);
    party::row(w, Noun::Person, id)?;
    if crate::merge::reaches_outside(w, id)? {
        return Err(NotErased::Outside.into_store());
    }
    let (_, mut facts) = facts(&mut w.plain().tx(), id)?;
    facts.counts.push((Part::Files, wish.files));
    let plan = Plan::of(&facts, today);
    if wish.version.as_ref().is_some_and(|version| *version != plan.version()) || !plan.is_held() {
        return Err(NotErased::Changed(plan).into_store());
    }
    if wish.alone && !plan.ends_by_itself() {
        return Err(NotErased::Held(plan).into_store());
    }
    let (by, now) = (w.usage().actor().to_string(), w.usage().at());
    let (version, holds) = (plan.version(), written(&plan.holds)?);
    w.plain().tx().execute(
        "INSERT INTO erasure_waiting (register_id, party_id, request_id, at_request, plan, holds, decided_by, decided_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (register_id, party_id) DO UPDATE SET \
         request_id = coalesce(excluded.request_id, erasure_waiting.request_id), plan = excluded.plan, \
         holds = excluded.holds, decided_by = excluded.decided_by, decided_at = excluded.decided_at, \
         at_request = CASE WHEN excluded.at_request = 1 THEN 1 ELSE erasure_waiting.at_request END",
        params![wish.person, wish.request, wish.at_request, &version, &holds, &by, now],
    )?;
    let objects = vec![format!("plan:{version}")];
    w.log_as("erasure.wait", Act { subjects: vec![id.0], objects, ..Act::default() })?;
    Ok(plan)
}

const COLUMNS: &str = "SELECT w.party_id, w.request_id, w.at_request, w.holds, w.decided_by, w.decided_at \
     FROM erasure_waiting w WHERE w.register_id = ?1";

fn read(row: &Row<'_>) -> Result<Waiting> {
    let holds =
        serde_json::from_str(&row.text(3)?).map_err(|_| StoreError::Corrupt("what an erasure waits for".into()))?;
    Ok(Waiting {
        person: PersonId(row.id(0)?),
        request: row.opt_id(1)?.map(RequestId),
        at_request: row.flag(2)?,
        holds,
        decided_by: row.text(4)?,
        decided_at: row.time(5)?,
    })
}

/// The erasure of a person that waits.
///
/// # Errors
/// The database can not be read.
pub fn waiting_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Option<Waiting>> {
    tx.query_opt(&format!("{COLUMNS} AND w.party_id = ?2"), params![person], read)
}

/// Whether the erasure of a party waits.
///
/// # Errors
/// The database can not be read.
pub fn waits(access: &mut impl Access, party: PartyId) -> Result<bool> {
    Ok(waiting_of(&mut access.tx().0, PersonId(party.0))?.is_some())
}

/// Erasures that wait, some at a time, in the order of their people after `after`.
///
/// # Errors
/// The database can not be read.
pub fn waiting(tx: &mut Tx<'_>, after: Uuid, limit: i64) -> Result<Vec<Waiting>> {
    tx.query(&format!("{COLUMNS} AND w.party_id > ?2 ORDER BY w.party_id LIMIT ?3"), params![after, limit], read)
}

/// What keeps all of a person's data now, in every record of theirs. Ids and numbers only.
///
/// # Errors
/// The database can not be read.
pub fn held_by(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Hold>> {
    let mut subjects = crate::merge::predecessors(tx, person.into())?;
    subjects.push(person.0);
    let mut holds = Vec::new();
    for subject in subjects {
        holds.extend(facts::holds(tx, subject)?);
    }
    Ok(holds)
}

/// Takes back that an erasure waits. The request that it was to answer has it among its events, and is open as it was. False: none
/// waited.
///
/// # Errors
/// The database can not be written.
pub fn stop_waiting(w: &mut Writing<'_, '_>, person: PersonId) -> Result<bool> {
    let Some(waited) = waiting_of(&mut w.plain().tx(), person)? else { return Ok(false) };
    forget(w, person)?;
    if let Some(request) = waited.request {
        match crate::request::get(w, request) {
            Ok(request) => crate::request::happened(w, &request, EventKind::WaitEnded, &Noted::default())?,
            // It came to a company outside of the use.
            Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// The same for a request that is closed otherwise: taken back, or refused.
pub(crate) fn closed(w: &mut Writing<'_, '_>, request: RequestId) -> Result<()> {
    let sql = format!("{COLUMNS} AND w.request_id = ?2");
    match w.plain().tx().query_opt(&sql, params![request], read)? {
        Some(waited) => forget(w, waited.person),
        None => Ok(()),
    }
}

fn forget(w: &mut Writing<'_, '_>, person: PersonId) -> Result<()> {
    w.plain().tx().execute("DELETE FROM erasure_waiting WHERE register_id = ?1 AND party_id = ?2", params![person])?;
    w.log_as("erasure.stop_waiting", Act { subjects: vec![person.0], ..Act::default() })
}
