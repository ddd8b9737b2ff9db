//! Erasures that wait for what keeps all of a person's data: decided by staff, or by the person in the portal, and carried out by the
//! job that resumes erasures as soon as nothing keeps everything any more.

use seloste_domain::erasure::Waiting;
use seloste_domain::hold::Hold;
use seloste_domain::id::PersonId;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::erasure::{self as store, Wish};
use uuid::Uuid;

use super::{AT_ONCE, ErasureRefused, Plan, SHOWN, files, refused};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Lets the erasure of a person wait for what keeps all of their data, when the plan is still the one of this version. For one that
/// answers a request see [`crate::request::wait`], which tells the person.
///
/// # Errors
/// The actor may not, there is no such person within their companies, [`super::ErasureRefused`], or the database can not be written.
pub fn wait(register: &Register, actor: &Actor, person: PersonId, version: &str, at_request: bool) -> Result<Plan> {
    let usage = register.authorize(actor, Action::ErasureRun)?;
    let files = i64::try_from(files::naming(register, &usage, person)?.len()).unwrap_or(i64::MAX);
    let wish = Wish { person, request: None, version: Some(version.to_owned()), files, at_request, alone: false };
    let today = register.today();
    let plan = register.db().write(&usage, move |w| store::wait(w, &wish, today).map_err(refused));
    not_found_is_logged(register, actor, Action::ErasureRun, &format!("person:{person}"), plan)
}

/// Takes back that an erasure waits: nothing is erased. A request that it was to answer is open again, with its clock.
///
/// # Errors
/// The actor may not, there is no such person within their companies, or none of theirs waits.
pub fn stop_waiting(register: &Register, actor: &Actor, person: PersonId) -> Result<()> {
    let usage = register.authorize(actor, Action::ErasureRun)?;
    let stopped = register.db().write(&usage, move |w| {
        seloste_store::party::version(w, seloste_store::party::Noun::Person, person.into())?;
        match store::stop_waiting(w, person)? {
            true => Ok(()),
            false => Err(OpsError::from(ErasureRefused::NotWaiting).into_store()),
        }
    });
    not_found_is_logged(register, actor, Action::ErasureRun, &format!("person:{person}"), stopped)
}

/// The erasure of a person that waits.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn waiting_of(register: &Register, actor: &Actor, person: PersonId) -> Result<Option<Waiting>> {
    let usage = register.authorize(actor, Action::ErasurePlan)?;
    let found = register.db().read(&usage, |r| {
        seloste_store::party::version(r, seloste_store::party::Noun::Person, person.into())?;
        Ok(())
    });
    not_found_is_logged(register, actor, Action::ErasurePlan, &format!("person:{person}"), found)?;
    Ok(register.db().look(|tx| store::waiting_of(tx, person))?)
}

/// An erasure that waits, with what the person is called.
#[derive(Clone, Debug)]
pub struct Row {
    /// The erasure.
    pub waiting: Waiting,
    /// What they are called.
    pub name: String,
    /// What it waits for now.
    pub holds: Vec<Hold>,
}

/// The erasures of the actor's companies that wait.
///
/// # Errors
/// The actor may not.
pub fn waiting(register: &Register, actor: &Actor) -> Result<Vec<Row>> {
    let usage = register.authorize(actor, Action::ErasureList)?;
    let found = register.db().look(|tx| store::waiting(tx, Uuid::nil(), SHOWN))?;
    let ids: Vec<Uuid> = found.iter().map(|waiting| waiting.person.0).collect();
    let people = register.db().read(&usage, |r| seloste_store::person::some(r, &ids)).map_err(OpsError::from_store)?;
    let mut rows = Vec::with_capacity(found.len());
    for waiting in found {
        let Some(person) = people.iter().find(|person| person.id == waiting.person) else { continue };
        let holds = register.db().look(|tx| store::held_by(tx, waiting.person))?;
        rows.push(Row { name: person.display_name(), waiting, holds });
    }
    Ok(rows)
}

/// Carries out those that nothing holds any more, each in a transaction that looks once more: how many, and how many still wait.
pub(super) fn carry_out(register: &Register, usage: &Use) -> Result<(u64, u64)> {
    let (today, mut after, mut begun, mut held) = (register.today(), Uuid::nil(), 0, 0);
    loop {
        let found = register.db().look(|tx| store::waiting(tx, after, AT_ONCE))?;
        let Some(last) = found.last() else { return Ok((begun, held)) };
        after = last.person.0;
        for Waiting { person, .. } in found {
            // By ids alone, so that nobody is looked at every hour who only waits.
            if !register.db().look(|tx| store::held_by(tx, person))?.is_empty() {
                held += 1;
                continue;
            }
            let files = match files::naming(register, usage, person) {
                Err(error) if error.is_not_found() => continue,
                files => files?,
            };
            let done = register.db().write(usage, move |w| crate::request::as_waited(w, person, files.clone(), today));
            match done.map_err(OpsError::from_store)? {
                Some(_) => begun += 1,
                None => held += 1,
            }
        }
    }
}
