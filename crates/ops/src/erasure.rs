//! Erasing people (Art. 17): the plan that is shown first, the act, the receipt, and what is done afterwards by itself.

pub(crate) mod files;
mod waiting;

use jiff::SignedDuration;
pub use seloste_domain::erasure::{Erasure, Kept, Line, Part, Plan, Statement, Waiting};
use seloste_domain::id::{ErasureId, PartyId, PersonId};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::erasure::{self as store, Asked, Todo, ledger};
pub use seloste_store::erasure::{Done, NotErased};
use seloste_store::{StoreError, Writing};
use uuid::Uuid;

pub use self::waiting::{Row as WaitingRow, stop_waiting, wait, waiting, waiting_of};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Erasures that a list shows at most.
const SHOWN: i64 = 500;
/// Things that are done outside the database at a time.
const AT_ONCE: i64 = 500;
/// A clock that goes back further than this between two runs has jumped.
const BACK: SignedDuration = SignedDuration::from_hours(1);
/// A clock that goes on further than this between two runs has jumped, or the program did not run: somebody has to say which.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 40);
/// Who replays, settles and resumes.
const PROGRAM: Actor = Actor::Program("erasure");

/// What has become of a plan that was shown.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ErasureRefused {
    /// It is another one now, which has to be shown.
    #[error("what would be erased has changed since the plan was shown")]
    Changed(Box<Plan>),
    /// Something keeps all of the person's data.
    #[error("something keeps all of the person's data; see the plan")]
    Held(Box<Plan>),
    /// The person belongs to a company outside of the actor's rights, too.
    #[error("the person is a customer of a company outside of your rights, too")]
    Outside,
    /// None of theirs waits.
    #[error("no erasure of this person waits")]
    NotWaiting,
    /// The clock has jumped: nothing is deleted until somebody says that it is right.
    #[error("the clock has jumped: nothing is erased unattended; run `seloste erasure resume --clock-is-right`")]
    Clock,
}

/// The plan for a person: what would go now, what stays until when, and because of what. Nothing changes.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn plan(register: &Register, actor: &Actor, person: PersonId) -> Result<Plan> {
    let usage = register.authorize(actor, Action::ErasurePlan)?;
    let planned = plan_for(register, &usage, person).map_err(OpsError::into_store);
    not_found_is_logged(register, actor, Action::ErasurePlan, &format!("person:{person}"), planned)
}

/// The same under a use of one's own, such as the person's.
///
/// # Errors
/// There is no such person in the scope of the use.
pub(crate) fn plan_for(register: &Register, usage: &Use, person: PersonId) -> Result<Plan> {
    let files = i64::try_from(files::naming(register, usage, person)?.len()).unwrap_or(i64::MAX);
    let today = register.today();
    register.db().read(usage, |r| store::plan(r, person, files, today)).map_err(OpsError::from_store)
}

/// Erases a person in one transaction, when the plan is still the one of this version ([`Plan::version`]). `at_request`: the person
/// asked for it, so that an old file does not bring them back. What is to be done outside the database is done before this
/// returns; if it could not, it is done later.
///
/// # Errors
/// The actor may not, there is no such person within their companies, [`ErasureRefused`], or the database can not be written.
pub fn erase(register: &Register, actor: &Actor, person: PersonId, version: &str, at_request: bool) -> Result<Done> {
    let usage = register.authorize(actor, Action::ErasureRun)?;
    let files = files::naming(register, &usage, person)?;
    let asked = Asked { person, version: Some(version.to_owned()), at_request, files };
    let today = register.today();
    let done = register.db().write(&usage, move |w| store::carry_out(w, &asked, today).map_err(refused));
    let done = not_found_is_logged(register, actor, Action::ErasureRun, &format!("person:{person}"), done)?;
    settle_after(register);
    Ok(done)
}

/// Does at once what an erasure left to be done outside the database. It is erased; what can not be done now is on the list.
pub(crate) fn settle_after(register: &Register) {
    if let Err(error) = settle(register).and_then(|()| Ok(register.db().truncate_wal()?)) {
        tracing::error!(%error, "what an erasure left to be done outside the database waits");
    }
}

/// Carries why it was refused through the closure of the store.
pub(crate) fn refused(error: StoreError) -> StoreError {
    let StoreError::Refused(inner) = error else { return error };
    let why = match inner.downcast::<NotErased>() {
        Ok(why) => why,
        Err(other) => return StoreError::Refused(other),
    };
    OpsError::from(match *why {
        NotErased::Changed(plan) => ErasureRefused::Changed(Box::new(plan)),
        NotErased::Held(plan) => ErasureRefused::Held(Box::new(plan)),
        NotErased::Outside => ErasureRefused::Outside,
    })
    .into_store()
}

/// The receipt of one step of an erasure, as a file's text. It is given when everything that the erasure left to be done outside
/// the database is done.
///
/// # Errors
/// The actor may not, there is no such step, or the ledger can not be written.
pub fn receipt(register: &Register, actor: &Actor, erasure: ErasureId, step: i64) -> Result<String> {
    register.authorize(actor, Action::ErasureList)?;
    settle(register)?;
    Ok(register.db().receipt(erasure, step)?)
}

/// What one step of an erasure did.
///
/// # Errors
/// The actor may not, or there is no such step.
pub fn statement(register: &Register, actor: &Actor, erasure: ErasureId, step: i64) -> Result<Statement> {
    register.authorize(actor, Action::ErasureList)?;
    Ok(register.db().look(|tx| seloste_store::receipt::statement(tx, erasure, step))?)
}

/// The erasures, the newest first; only those of which something stays, when `partial`.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, partial: bool) -> Result<Vec<Erasure>> {
    register.authorize(actor, Action::ErasureList)?;
    Ok(register.db().look(|tx| store::page(tx, partial, SHOWN))?)
}

/// An erasure, with what keeps of it what stays, as it is today.
///
/// # Errors
/// The actor may not, or there is none.
pub fn show(register: &Register, actor: &Actor, id: ErasureId) -> Result<Erasure> {
    let usage = register.authorize(actor, Action::ErasureList)?;
    let found = register.db().look(|tx| store::get(tx, id));
    let erasure = not_found_is_logged(register, actor, Action::ErasureList, &format!("erasure:{id}"), found)?;
    if erasure.is_whole {
        return Ok(erasure);
    }
    let (party, today) = (erasure.party, register.today());
    register.db().append_use(&usage, vec![party.0])?;
    let holds = register.db().look(|tx| store::holds_today(tx, party, today))?;
    Ok(Erasure { holds, ..erasure })
}

/// The erasure of somebody, by the id that they had: for those who handle their request.
///
/// # Errors
/// The actor may not.
pub fn of(register: &Register, actor: &Actor, person: PersonId) -> Result<Option<Erasure>> {
    register.authorize(actor, Action::ErasureList)?;
    Ok(register.db().look(|tx| store::of(tx, person.0))?)
}

/// Does what erasures left to be done outside the database: lines of the ledger, files. It can be broken off anywhere and done
/// again.
///
/// # Errors
/// The ledger or the database can not be written.
pub fn settle(register: &Register) -> Result<()> {
    let db = register.db();
    loop {
        let todos = db.look(|tx| store::todos(tx, AT_ONCE))?;
        if todos.is_empty() {
            return Ok(());
        }
        let mut entries = Vec::new();
        for (_, todo) in &todos {
            match todo {
                Todo::Ledger { party, at_request } => {
                    entries.push(ledger::Entry { party: *party, at_request: *at_request });
                }
                Todo::File(path) => files::remove(&db.settings().data, path)?,
            }
        }
        let bytes = ledger::append(db, &entries)?;
        let ids: Vec<Uuid> = todos.into_iter().map(|(id, _)| id).collect();
        db.write_plain(move |plain| store::done(&mut plain.tx(), &ids, bytes))?;
    }
}

/// Erases again whom the ledger names and a database that was put back has: before the register opens.
pub(crate) fn replay(register: &Register) -> Result<()> {
    let db = register.db();
    let behind = ledger::behind(db)?;
    if let Some(known) = behind.missing {
        let names = ledger::rebuild(db)?;
        tracing::error!(
            known,
            bytes = behind.bytes,
            names,
            "the erasure ledger was shorter than it was: written anew from the log"
        );
    }
    if behind.unreadable > 0 {
        tracing::error!(lines = behind.unreadable, "lines of the erasure ledger were not written with this key");
    }
    if !behind.is_anything() {
        return settle(register);
    }
    let usage = register.authorize(&PROGRAM, Action::ErasureResume)?;
    let today = register.today();
    let mut again = 0_u64;
    for entry in behind.entries {
        let (party, at_request) = (entry.party, entry.at_request);
        let repeated = db.write(&usage, move |w| store::repeat(w, party, at_request, today));
        again += u64::from(repeated?);
    }
    if again > 0 {
        tracing::warn!(again, "the database was put back: erasures that were made since were carried out again");
        db.scrub()?;
    }
    settle(register)?;
    let bytes = ledger::behind(db)?.bytes;
    Ok(db.write_plain(move |plain| store::done(&mut plain.tx(), &[], bytes))?)
}

/// What a run of [`resume`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Resumed {
    /// Erasures of which something went.
    pub resumed: u64,
    /// Erasures of which nothing is left now.
    pub whole: u64,
    /// Erasures of which something still stays.
    pub waiting: u64,
    /// Erasures that had waited for what kept everything, and were carried out.
    pub begun: u64,
    /// Erasures that still wait for that.
    pub held: u64,
}

/// Takes what had to stay and has to no longer, and carries out erasures that waited. Nothing is deleted when the clock has jumped since
/// the last run, until somebody says that it is right.
///
/// # Errors
/// [`ErasureRefused::Clock`], or the database can not be written.
pub fn resume(register: &Register, clock_is_right: bool) -> Result<Resumed> {
    let usage = register.authorize(&PROGRAM, Action::ErasureResume)?;
    trust_clock(register, clock_is_right)?;
    let (today, mut after, mut all) = (register.today(), Uuid::nil(), Resumed::default());
    loop {
        let due = register.db().look(|tx| store::due(tx, after, AT_ONCE))?;
        let Some(last) = due.last() else { break };
        after = last.party.0;
        for one in due {
            let done = register.db().write(&usage, move |w: &mut Writing<'_, '_>| store::resume(w, one, today))?;
            let whole = done.as_ref().is_some_and(|done| !done.plan.is_partial());
            all.resumed += u64::from(done.is_some());
            all.whole += u64::from(whole);
            all.waiting += u64::from(!whole);
        }
    }
    (all.begun, all.held) = waiting::carry_out(register, &usage)?;
    settle(register)?;
    if all.resumed + all.begun > 0 {
        register.db().scrub()?;
    }
    Ok(all)
}

/// Refuses when the clock stands before the time at which a rule last ran, or far behind it.
pub(crate) fn trust_clock(register: &Register, clock_is_right: bool) -> Result<()> {
    let now = register.now();
    let seen = register.db().look(store::clock_seen)?;
    if let Some(seen) = seen.filter(|_| !clock_is_right) {
        let moved = now.duration_since(seen);
        if moved < -BACK || moved > AHEAD {
            let (seen, now) = (seen.to_string(), now.to_string());
            tracing::error!(seen, now, "the clock has jumped: nothing is erased until somebody says that it is right");
            return Err(ErasureRefused::Clock.into());
        }
    }
    Ok(register.db().write_plain(move |plain| store::set_clock_seen(&mut plain.tx(), now))?)
}

/// Settles and resumes, and lifts the restrictions of objections that were decided, again and again until `stopping` says so: for a
/// thread beside the server.
pub fn run(register: &Register, every: std::time::Duration, stopping: impl Fn() -> bool) {
    let mut waited = every;
    while !stopping() {
        if waited >= every {
            waited = std::time::Duration::ZERO;
            // A clock that has jumped stops both.
            if let Err(error) = resume(register, false).and_then(|_| crate::restriction::end_decided(register)) {
                tracing::warn!(%error, "what waits for its time could not be looked through");
            }
        }
        let pause = std::time::Duration::from_millis(250);
        std::thread::sleep(pause);
        waited += pause;
    }
}

/// Whether a party was erased and only remains are left of it: for callers that hold an id.
///
/// # Errors
/// The database can not be read.
pub fn is_erased(register: &Register, party: PartyId) -> Result<bool> {
    Ok(register.db().look(|tx| store::of(tx, party.0))?.is_some())
}
