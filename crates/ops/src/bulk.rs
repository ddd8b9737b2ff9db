//! One thing done to many rows of a list: chosen and looked at first, then done in chunks of one transaction each by a
//! thread of its own, and undone for a day as far as the rows are still as it left them.
//!
//! The rows and what became of each stand in the database, written in the transaction that changes them: an act that was
//! broken off goes on at the next start, and does nothing twice. What was chosen when it was looked at is what is done;
//! a row that only later fits the filter is not touched.

use std::collections::{HashMap, HashSet};

pub use seloste_domain::bulk::{Bulk, BulkAct, BulkState, MOST_ROWS, RowOutcome};
use seloste_domain::bulk::{PLAN_KEPT, RESULT_KEPT};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::history::{Change, PartyChange};
use seloste_domain::id::{BulkId, OrderId, OrganisationId, PartyId, PersonId, SourceId, UserId};
use seloste_domain::kind::Kind;
use seloste_domain::list::ListOf;
use seloste_domain::order::{Order, OrderState};
use seloste_domain::rights::{AccountState, Action};
use seloste_domain::usage::{Actor, ActorId, Use};
use seloste_domain::value::{NewValue, Value};
use seloste_store::bulk::{self as rows, BulkRow};
use seloste_store::history::Of;
use seloste_store::log::Act;
use seloste_store::party::{self, Noun, Update};
use seloste_store::{Reading, StoreError, Writing};
use uuid::Uuid;

use crate::error::{OpsError, Result};
use crate::history::put_back;
use crate::list::{self, List};
use crate::person::{declared_source, own_companies};
use crate::register::Register;
use crate::values::Origin;

/// Rows done in one transaction: the writer's others wait no longer than for a chunk of an import.
const CHUNK: i64 = 200;
/// Rows that are judged by one statement.
const JUDGED: usize = 500;
/// Rows noted in one transaction while an act is looked at.
const NOTED: usize = 2_000;
/// Rows of a list that are read at a time to be chosen.
const AT_ONCE: usize = 5_000;
/// Names that are shown as a sample, and of those that are left out.
const SAMPLE: i64 = 10;
/// Acts on the page of acts.
const SHOWN: i64 = 50;

/// Checks that the notice declares a kind of data.
pub(crate) fn declared(register: &Register, kind: Kind) -> Result<()> {
    if register.notice()?.kinds().has(kind) {
        return Ok(());
    }
    Err(FieldErrors::from(FieldError::new("act", code::UNDECLARED)).into())
}

fn user(usage: &Use) -> Result<UserId> {
    match usage.actor() {
        ActorId::User(id) => Ok(*id),
        _ => Err(StoreError::NotFound("user").into()),
    }
}

/// Chooses the rows of an act and notes what is to become of each. Nothing is done yet.
///
/// # Errors
/// The actor may not, the act does not fit the list or what it gives is not there, nothing was chosen, or too much.
pub fn plan(register: &Register, actor: &Actor, list: &List, act: &BulkAct) -> Result<BulkId> {
    let usage = register.authorize(actor, Action::BulkRun)?;
    let of = list.query.of;
    let changing = allowed(register, actor, of, act)?;
    let owner = user(&usage)?;
    let now = register.now();
    let before = move |kept| now.checked_sub(kept).unwrap_or(now);
    register.db().write_plain(move |plain| rows::forget(&mut plain.tx(), before(PLAN_KEPT), before(RESULT_KEPT)))?;
    let chosen = chosen(register, actor, list)?;
    let mut judged = Vec::with_capacity(chosen.len());
    for ids in chosen.chunks(JUDGED) {
        judged.extend(register.db().read(&changing, |r| rows::judge(r, of, act, ids))?);
    }
    let bulk = Bulk {
        id: BulkId(register.db().env().id()),
        of,
        act: act.clone(),
        user: owner,
        source: None,
        state: BulkState::Planned,
        total: i64::try_from(judged.len()).unwrap_or(i64::MAX),
        planned_at: now,
        ended_at: None,
        undone_at: None,
    };
    let id = bulk.id;
    register.db().write(&usage, move |w| {
        rows::insert(&mut w.plain().tx(), &bulk)?;
        w.log(Act::on(format!("bulk:{id}")))
    })?;
    let mut first = 0;
    for part in judged.chunks(NOTED) {
        let part = part.to_vec();
        let count = i64::try_from(part.len()).unwrap_or(i64::MAX);
        register.db().write_plain(move |plain| rows::add_rows(&mut plain.tx(), id, first, &part))?;
        first += count;
    }
    Ok(id)
}

/// The use under which the act changes rows, once it is one that the actor may do.
fn allowed(register: &Register, actor: &Actor, of: ListOf, act: &BulkAct) -> Result<Use> {
    if !act.fits(of) {
        return Err(FieldErrors::from(FieldError::new("act", code::CHOICE_UNKNOWN)).into());
    }
    let usage = register.authorize(actor, act.right(of))?;
    if let Some(kind) = act.kind() {
        declared(register, kind)?;
    }
    match act {
        BulkAct::Assign(company) => own_companies(&usage, std::slice::from_ref(company)).map(drop)?,
        BulkAct::Tag(tag) => crate::tag::usable(register, tag)?,
        BulkAct::Untag(_) | BulkAct::Archive | BulkAct::Invite => {}
    }
    Ok(usage)
}

/// The ids of all rows that the list has, each once. No value is read for it.
fn chosen(register: &Register, actor: &Actor, list: &List) -> Result<Vec<Uuid>> {
    let of = list.query.of;
    let usage = register.authorize(actor, list::right(of))?;
    let mut list = List { from: None, limit: AT_ONCE, ..list.clone() };
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    loop {
        let read =
            |r: &mut Reading<'_>, wanted: &seloste_store::list::Wanted<'_>| seloste_store::list::ids(r, of, wanted);
        let page = list::page(register, &usage, &list, read, |id: &Uuid| *id)?;
        // The list may change between two pages of it.
        found.extend(page.rows.into_iter().filter(|id| seen.insert(*id)));
        if found.len() > MOST_ROWS {
            return Err(FieldErrors::from(FieldError::new("act", code::BULK_TOO_MANY).with("max", MOST_ROWS)).into());
        }
        list.from = page.next;
        if list.from.is_none() {
            break;
        }
    }
    if found.is_empty() {
        return Err(FieldErrors::from(FieldError::new("act", code::BULK_NOTHING)).into());
    }
    Ok(found)
}

/// A row that a page names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// What it is called; none when it is not there any more.
    pub name: Option<String>,
}

/// An act as its page shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The act.
    pub bulk: Bulk,
    /// How many rows have come to what.
    pub counts: HashMap<RowOutcome, i64>,
    /// Some of the rows that have come to what; none while it is being done.
    pub samples: Vec<(RowOutcome, Vec<Named>)>,
}

impl Shown {
    /// How many rows have come to something.
    #[must_use]
    pub fn count(&self, outcome: RowOutcome) -> i64 {
        self.counts.get(&outcome).copied().unwrap_or(0)
    }
}

/// One of the actor's own acts.
///
/// # Errors
/// The actor may not, or has none of this id.
pub fn show(register: &Register, actor: &Actor, id: BulkId) -> Result<Shown> {
    let bulk = own(register, actor, id)?;
    let counts = register.db().look(|tx| rows::counts(tx, id))?;
    let mut samples = Vec::new();
    if !matches!(bulk.state, BulkState::Running | BulkState::Undoing) {
        for outcome in RowOutcome::ALL.iter().copied().filter(|outcome| counts.contains_key(outcome)) {
            let some = register.db().look(|tx| rows::rows(tx, id, outcome, false, SAMPLE))?;
            let ids: Vec<Uuid> = some.iter().map(|row| row.object).collect();
            samples.push((outcome, named(register, actor, bulk.of, &ids)?));
        }
    }
    Ok(Shown { bulk, counts, samples })
}

/// What rows are called. Whose name is shown is logged, as in a list.
fn named(register: &Register, actor: &Actor, of: ListOf, ids: &[Uuid]) -> Result<Vec<Named>> {
    let usage = register.authorize(actor, list::right(of))?;
    let names: HashMap<Uuid, String> = register.db().read(&usage, |r| {
        Ok(match of {
            ListOf::People => {
                let people = seloste_store::person::some(r, ids)?;
                people.into_iter().map(|person| (person.id.0, person.display_name())).collect()
            }
            ListOf::Organisations => {
                let organisations = seloste_store::organisation::some(r, ids)?;
                organisations.into_iter().map(|organisation| (organisation.id.0, organisation.name)).collect()
            }
            ListOf::Orders => {
                let orders = seloste_store::order::some(r, ids)?;
                orders.into_iter().map(|order| (order.id.0, order.number)).collect()
            }
        })
    })?;
    Ok(ids.iter().map(|id| Named { id: *id, name: names.get(id).cloned() }).collect())
}

/// The actor's own acts, the newest first, each with how many rows were done.
///
/// # Errors
/// The actor may not.
pub fn of_actor(register: &Register, actor: &Actor) -> Result<Vec<(Bulk, i64)>> {
    let usage = register.authorize(actor, Action::BulkRun)?;
    let user = user(&usage)?;
    register
        .db()
        .look(|tx| {
            let all = rows::of_user(tx, user, SHOWN)?;
            all.into_iter()
                .map(|bulk| {
                    let done = rows::counts(tx, bulk.id)?.get(&RowOutcome::Done).copied().unwrap_or(0);
                    Ok((bulk, done))
                })
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .map_err(OpsError::from)
}

fn own(register: &Register, actor: &Actor, id: BulkId) -> Result<Bulk> {
    let usage = register.authorize(actor, Action::BulkRun)?;
    let user = user(&usage)?;
    let bulk = register.db().look(|tx| rows::get(tx, id))?;
    if bulk.user == user { Ok(bulk) } else { Err(StoreError::NotFound("bulk").into()) }
}

/// Begins an act that was looked at, on a thread of its own. One that has begun already goes on as it is.
///
/// # Errors
/// The actor may not, has none of this id, or the source of what it gives is not declared.
pub fn start(register: &Register, actor: &Actor, id: BulkId, source: Option<&SourceId>) -> Result<()> {
    let bulk = own(register, actor, id)?;
    if bulk.state != BulkState::Planned {
        return Ok(());
    }
    allowed(register, actor, bulk.of, &bulk.act)?;
    let source = source.filter(|_| bulk.act.needs_source()).cloned();
    if bulk.act.needs_source() {
        let source = source.as_ref().ok_or_else(|| FieldErrors::from(FieldError::new("source", code::REQUIRED)))?;
        declared_source(&*register.notice()?, source)?;
    }
    let usage = register.authorize(actor, Action::BulkRun)?;
    let moved = register.db().write(&usage, move |w| {
        let mut tx = w.plain().tx();
        rows::set_source(&mut tx, id, source.as_ref())?;
        let moved = rows::set_state(&mut tx, id, BulkState::Planned, BulkState::Running)?;
        w.log(Act::on(format!("bulk:{id}")))?;
        Ok(moved)
    })?;
    if moved { beside(register, id) } else { Ok(()) }
}

/// Leaves an act that was looked at, or stops one that is being done: what is done stays, and can be undone.
///
/// # Errors
/// The actor may not, or has none of this id.
pub fn stop(register: &Register, actor: &Actor, id: BulkId) -> Result<()> {
    let bulk = own(register, actor, id)?;
    let usage = register.authorize(actor, Action::BulkRun)?;
    let now = register.now();
    register.db().write(&usage, move |w| {
        let mut tx = w.plain().tx();
        match bulk.state {
            BulkState::Planned => rows::remove(&mut tx, id)?,
            BulkState::Running => {
                rows::close_waiting(&mut tx, id, RowOutcome::Stopped)?;
                rows::end(&mut tx, id, BulkState::Running, now)?;
            }
            _ => return Ok(()),
        }
        w.log(Act::on(format!("bulk:{id}")))
    })?;
    Ok(())
}

/// Begins to undo an act, on a thread of its own: what is still as the act left it is put back, the rest is told.
///
/// # Errors
/// The actor may not, has none of this id, or its time to be undone is over.
pub fn undo(register: &Register, actor: &Actor, id: BulkId) -> Result<()> {
    let bulk = own(register, actor, id)?;
    if matches!(bulk.state, BulkState::Undoing | BulkState::Undone) {
        return Ok(());
    }
    if !bulk.may_undo(register.now()) {
        return Err(FieldErrors::from(FieldError::new("undo", code::BULK_UNDO_LATE)).into());
    }
    register.authorize(actor, bulk.act.right(bulk.of))?;
    let usage = register.authorize(actor, Action::BulkRun)?;
    let moved = register.db().write(&usage, move |w| {
        let moved = rows::set_state(&mut w.plain().tx(), id, BulkState::Ended, BulkState::Undoing)?;
        w.log(Act::on(format!("bulk:{id}")))?;
        Ok(moved)
    })?;
    if moved { beside(register, id) } else { Ok(()) }
}

/// Goes on with acts that a restart broke off.
///
/// # Errors
/// They can not be read, or no thread can be started.
pub fn resume(register: &Register) -> Result<()> {
    for state in [BulkState::Running, BulkState::Undoing] {
        for bulk in register.db().look(|tx| rows::in_state(tx, state))? {
            beside(register, bulk.id)?;
        }
    }
    Ok(())
}

fn beside(register: &Register, id: BulkId) -> Result<()> {
    let register = register.clone();
    let work = move || {
        if let Err(error) = run(&register, id) {
            // The program is stopping, or the database is away: it goes on at the next start.
            tracing::warn!(%error, bulk = %id, "an act on many rows was broken off");
        }
    };
    let started = std::thread::Builder::new().name("bulk".into()).spawn(work);
    started.map(drop).map_err(|error| StoreError::Unavailable(error.to_string()).into())
}

/// Does, or undoes, what is left of an act. Two that run it at once, on two servers, do nothing twice.
///
/// # Errors
/// The database can not be written.
pub fn run(register: &Register, id: BulkId) -> Result<()> {
    loop {
        let bulk = register.db().look(|tx| rows::get(tx, id))?;
        let undoing = match bulk.state {
            BulkState::Running => false,
            BulkState::Undoing => true,
            _ => return Ok(()),
        };
        let Some(usage) = still_allowed(register, &bulk)? else {
            let (state, now) = (bulk.state, register.now());
            register.db().write_plain(move |plain| {
                rows::close_waiting(&mut plain.tx(), id, RowOutcome::Refused)?;
                rows::end(&mut plain.tx(), id, state, now)
            })?;
            return Ok(());
        };
        let now = register.now();
        let written = register.db().write(&usage, move |w| {
            let left = if undoing { undo_chunk(w, &bulk)? } else { chunk(w, &bulk)? };
            if !left {
                rows::end(&mut w.plain().tx(), id, bulk.state, now)?;
            }
            Ok(())
        });
        written.map_err(OpsError::from_store)?;
    }
}

/// The use of who began it, as far as their rights go now.
fn still_allowed(register: &Register, bulk: &Bulk) -> Result<Option<Use>> {
    let user = register.db().look(|tx| seloste_store::user::get(tx, bulk.user))?;
    if user.state != AccountState::Active {
        return Ok(None);
    }
    let actor = Actor::User { id: user.id, state: user.state, assignments: user.assignments };
    let usage = match bulk.state {
        // A tag that was retired, or a kind that is gone from the notice, can still be taken away.
        BulkState::Undoing => register.authorize(&actor, bulk.act.right(bulk.of)),
        _ => allowed(register, &actor, bulk.of, &bulk.act),
    };
    match usage {
        Ok(usage) => Ok(Some(usage)),
        Err(OpsError::Refused(_) | OpsError::Fields(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Does some rows that wait; whether there were any.
fn chunk(w: &mut Writing<'_, '_>, bulk: &Bulk) -> Result<bool, StoreError> {
    let waiting = rows::rows(&mut w.plain().tx(), bulk.id, RowOutcome::Waiting, false, CHUNK)?;
    let ids: Vec<Uuid> = waiting.iter().map(|row| row.object).collect();
    let judged = rows::judge(w, bulk.of, &bulk.act, &ids)?;
    let origin = bulk.source.as_ref().map(|source| Origin::of(seloste_store::Access::usage(w), source));
    for (row, (object, outcome)) in waiting.iter().zip(judged) {
        let mut row = BulkRow { outcome, ..*row };
        if outcome == RowOutcome::Waiting {
            row = BulkRow { outcome: RowOutcome::Done, seq: w.next_seq(), ..row };
            match change_one(w, bulk.of, &bulk.act, origin.as_ref(), object) {
                Ok(version) => row.version = version,
                // An order whose customer is not within the actor's companies, or whose processing is restricted.
                Err(StoreError::NotFound(_) | StoreError::Restricted) => row.outcome = RowOutcome::Gone,
                Err(error) => return Err(error),
            }
        }
        rows::set_row(&mut w.plain().tx(), bulk.id, &row)?;
    }
    Ok(!waiting.is_empty())
}

const fn noun(of: ListOf) -> Noun {
    match of {
        ListOf::Organisations => Noun::Organisation,
        ListOf::People | ListOf::Orders => Noun::Person,
    }
}

/// Does an act to one row that it was judged to make a difference to. Returns the version that it leaves.
pub(crate) fn change_one(
    w: &mut Writing<'_, '_>,
    of: ListOf,
    act: &BulkAct,
    origin: Option<&Origin>,
    object: Uuid,
) -> Result<i64, StoreError> {
    let id = PartyId(object);
    let mut change = PartyChange::default();
    match act {
        BulkAct::Archive => {
            let order = seloste_store::order::get(w, OrderId(object))?;
            let version = order.version;
            return seloste_store::order::update(w, version, &Order { state: OrderState::Archived, ..order });
        }
        BulkAct::Invite => {
            crate::invitation::of_bulk(w, PersonId(object))?;
            return Ok(0);
        }
        BulkAct::Assign(company) => change.companies_added = vec![company.clone()],
        BulkAct::Tag(tag) => {
            let origin = origin.ok_or_else(|| StoreError::Corrupt("a tag without a source".into()))?;
            let new = NewValue { value: Value::Tags(tag.clone()), valid_from: None, valid_until: None };
            change.added = vec![origin.store(new, w.env())];
        }
        BulkAct::Untag(tag) => {
            let wanted = Value::Tags(tag.clone());
            let has = party::state(w, noun(of), object)?.values;
            change.removed = has.into_iter().filter(|stored| stored.value == wanted).collect();
        }
    }
    let expected = party::version(w, noun(of), id)?;
    party::update(w, &Update { id, noun: noun(of), expected, change })
}

/// Puts some rows back, the last first; whether there were any.
fn undo_chunk(w: &mut Writing<'_, '_>, bulk: &Bulk) -> Result<bool, StoreError> {
    let done = rows::rows(&mut w.plain().tx(), bulk.id, RowOutcome::Done, true, CHUNK)?;
    for row in &done {
        let back = match bulk.of {
            _ if bulk.act == BulkAct::Invite => take_back(w, PersonId(row.object))?,
            ListOf::Orders => put_back_order(w, row)?,
            of => put_back_party(w, noun(of), row)?,
        };
        let outcome = if back { RowOutcome::Undone } else { RowOutcome::Changed };
        rows::set_row(&mut w.plain().tx(), bulk.id, &BulkRow { outcome, ..*row })?;
    }
    Ok(!done.is_empty())
}

/// Takes an invitation back that nobody has used.
fn take_back(w: &mut Writing<'_, '_>, person: PersonId) -> Result<bool, StoreError> {
    match seloste_store::invitation::cancel_open(w, person) {
        Err(StoreError::NotFound(_) | StoreError::Restricted) => Ok(false),
        other => other,
    }
}

fn put_back_order(w: &mut Writing<'_, '_>, row: &BulkRow) -> Result<bool, StoreError> {
    let id = OrderId(row.object);
    let Some(now) = seloste_store::order::some(w, &[row.object])?.into_iter().next() else { return Ok(false) };
    if now.version != row.version {
        return Ok(false);
    }
    let Change::Order(change) = seloste_store::history::change(w, Of::Order(id), row.seq)? else {
        return Err(StoreError::Corrupt("an order's change".into()));
    };
    let Some(before) = change.before else { return Ok(false) };
    match seloste_store::order::update(w, row.version, &before) {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound(_) | StoreError::Taken(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn put_back_party(w: &mut Writing<'_, '_>, noun: Noun, row: &BulkRow) -> Result<bool, StoreError> {
    let id = match noun {
        Noun::Person => PartyId::from(PersonId(row.object)),
        Noun::Organisation => PartyId::from(OrganisationId(row.object)),
    };
    match party::version(w, noun, id) {
        Ok(version) if version == row.version => {}
        Ok(_) | Err(StoreError::NotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    }
    let Change::Party(change) = seloste_store::history::change(w, Of::Party(id), row.seq)? else {
        return Err(StoreError::Corrupt("a party's change".into()));
    };
    match put_back(w, noun, row.object, *change) {
        Ok(change) => {
            party::update(w, &Update { id, noun, expected: row.version, change })?;
            Ok(true)
        }
        Err(StoreError::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
