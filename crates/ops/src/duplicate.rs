//! The queue of records that may be one customer.

use std::collections::HashMap;

use seloste_domain::duplicate::Reason;
use seloste_domain::id::{OrganisationId, PartyId, PersonId};
use seloste_domain::organisation::Organisation;
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
pub use seloste_store::duplicate::Found;
use seloste_store::party::Noun;
use uuid::Uuid;

use crate::error::Result;
use crate::person::not_found_is_logged;
use crate::register::Register;

/// One of a pair.
#[derive(Clone, Debug)]
pub enum Record {
    /// A person.
    Person(Box<Person>),
    /// An organisation.
    Organisation(Box<Organisation>),
}

/// A pair that waits for a decision.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The older record.
    pub first: Record,
    /// The newer one.
    pub second: Record,
    /// From 1 to 100.
    pub score: i64,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// The queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its first pairs, the surest first.
    pub pairs: Vec<Pair>,
    /// How many wait.
    pub waiting: i64,
}

/// The pairs that wait for a decision.
///
/// # Errors
/// The actor may not.
pub fn queue(register: &Register, actor: &Actor, limit: usize) -> Result<Queue> {
    let usage = register.authorize(actor, Action::DuplicateList)?;
    let queue = register.db().read(&usage, |r| {
        let waiting = seloste_store::duplicate::count(r)?;
        let found = seloste_store::duplicate::waiting(r, i64::try_from(limit).unwrap_or(i64::MAX))?;
        let ids = |noun: Noun| -> Vec<Uuid> {
            let of_noun = found.iter().filter(|pair| pair.noun == noun);
            let mut ids: Vec<Uuid> = of_noun.flat_map(|pair| [pair.first.0, pair.second.0]).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let mut records: HashMap<Uuid, Record> = HashMap::new();
        for person in seloste_store::person::some(r, &ids(Noun::Person))? {
            records.insert(person.id.0, Record::Person(Box::new(person)));
        }
        for organisation in seloste_store::organisation::some(r, &ids(Noun::Organisation))? {
            records.insert(organisation.id.0, Record::Organisation(Box::new(organisation)));
        }
        let pairs = found.into_iter().filter_map(|pair| {
            let first = records.get(&pair.first.0)?.clone();
            let second = records.get(&pair.second.0)?.clone();
            Some(Pair { first, second, score: pair.score, reasons: pair.reasons })
        });
        Ok(Queue { pairs: pairs.collect(), waiting })
    });
    Ok(queue?)
}

/// How many pairs wait.
///
/// # Errors
/// The actor may not.
pub fn count(register: &Register, actor: &Actor) -> Result<i64> {
    let usage = register.authorize(actor, Action::DuplicateList)?;
    Ok(register.db().read(&usage, |r| seloste_store::duplicate::count(r))?)
}

/// Looks through the whole register for records that may be one customer.
///
/// # Errors
/// The actor may not, or the database can not be read.
pub fn find(register: &Register, actor: &Actor) -> Result<Found> {
    let usage = register.authorize(actor, Action::DuplicateList)?;
    let found = seloste_store::duplicate::find(register.db(), usage.kinds(), register.now())?;
    register.db().note(&actor.id(), "duplicate.find", vec![format!("waiting:{}", found.waiting)])?;
    Ok(found)
}

/// Decides that the records of a pair are two customers: it does not come back.
///
/// # Errors
/// The actor may not, or there is no such pair within their companies.
pub fn dismiss(register: &Register, actor: &Actor, noun: Noun, first: Uuid, second: Uuid) -> Result<()> {
    let usage = register.authorize(actor, Action::DuplicateDecide)?;
    let dismissed = register.db().write(&usage, move |w| {
        match noun {
            Noun::Person => {
                seloste_store::person::get(w, PersonId(first))?;
                seloste_store::person::get(w, PersonId(second))?;
            }
            Noun::Organisation => {
                seloste_store::organisation::get(w, OrganisationId(first))?;
                seloste_store::organisation::get(w, OrganisationId(second))?;
            }
        }
        seloste_store::duplicate::decide(&mut w.plain().tx(), PartyId(first), PartyId(second), true)?;
        w.log(seloste_store::log::Act { subjects: vec![first, second], ..Default::default() })
    });
    not_found_is_logged(register, actor, Action::DuplicateDecide, &format!("{}:{first}", noun.as_str()), dismissed)
}
