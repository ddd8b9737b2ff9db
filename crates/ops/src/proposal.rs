//! What weaker or older sources propose to change, and what a person decides of it.

use std::collections::HashMap;

use seloste_domain::history::{Changed, OrganisationName, PartyChange};
use seloste_domain::id::{PartyId, ProposalId};
use seloste_domain::organisation::Organisation;
use seloste_domain::person::{Person, Representation};
use seloste_domain::prohibition::{Marks, ProhibitionKind};
pub use seloste_domain::proposal::{Proposal, Proposed, State};
use seloste_domain::proposal::{Standing, standing};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_domain::value::{NewValue, StoredValue};
use seloste_store::party::{self, Noun, Update};
pub use seloste_store::proposal::Filter;
use seloste_store::{Access, StoreError, Writing};
use uuid::Uuid;

use crate::duplicate::Record;
use crate::error::{OpsError, Result};
use crate::organisation::stored_name;
use crate::person::{declared_source, represents};
use crate::register::Register;
use crate::values::Origin;

/// Parties decided about in one transaction.
const CHUNK: usize = 100;
/// Up to how many proposals are counted.
pub const COUNTED: i64 = 10_000;
/// How many proposals one decision is about at most.
pub const MOST: usize = 5_000;

/// A proposal beside what the register has.
#[derive(Clone, Debug)]
pub struct Item {
    /// The proposal.
    pub proposal: Proposal,
    /// What it would replace.
    pub against: Against,
}

/// What stands where a proposal would go.
#[derive(Clone, Debug)]
pub enum Against {
    /// The register says the same meanwhile.
    Same,
    /// Nothing.
    Nothing,
    /// This value.
    Value(Box<StoredValue>),
    /// This name of an organisation.
    Name(Box<OrganisationName>),
    /// This organisation.
    Represents(Box<Representation>),
}

/// The proposals about one party.
#[derive(Clone, Debug)]
pub struct Group {
    /// The party.
    pub record: Record,
    /// What is proposed.
    pub items: Vec<Item>,
}

/// A page of the queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The proposals by party, the oldest first.
    pub groups: Vec<Group>,
    /// How many there are, counted up to [`COUNTED`].
    pub count: i64,
    /// Where the next page begins.
    pub next: Option<ProposalId>,
}

/// A decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// What is proposed comes into the register.
    Accept,
    /// What the register has stays.
    Keep,
    /// It waits for a decision again.
    Reopen,
}

/// What became of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Decided {
    /// Proposals decided as was wanted.
    pub done: usize,
    /// Accepted, but the register said so already.
    pub same: usize,
    /// Left as they are: the party was changed since the page was made, or what they name is gone.
    pub changed: usize,
    /// Proposals that were not there any more.
    pub gone: usize,
    /// Left as they are: the customer has forbidden updating from registers.
    pub held: usize,
}

/// A page of the queue.
///
/// # Errors
/// The actor may not.
pub fn queue(
    register: &Register,
    actor: &Actor,
    filter: &Filter,
    after: Option<ProposalId>,
    limit: usize,
) -> Result<Queue> {
    let usage = register.authorize(actor, Action::ProposalList)?;
    let today = register.today();
    let queue = register.db().read(&usage, |r| {
        let count = seloste_store::proposal::count(r, filter, COUNTED)?;
        let mut found = seloste_store::proposal::list(r, filter, after, limit + 1)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.id);
        let mut records = records(r, &found)?;
        let mut groups: Vec<Group> = Vec::new();
        for proposal in found {
            let party = proposal.party;
            if groups.last().is_none_or(|group| group.record.party() != party) {
                let Some(record) = records.remove(&party) else { continue };
                groups.push(Group { record, items: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                let against = against(&group.record, &proposal.proposed, today);
                group.items.push(Item { proposal, against });
            }
        }
        Ok(Queue { groups, count, next })
    });
    Ok(queue?)
}

/// How many proposals there are, counted up to [`COUNTED`].
///
/// # Errors
/// The actor may not.
pub fn count(register: &Register, actor: &Actor, filter: &Filter) -> Result<i64> {
    let usage = register.authorize(actor, Action::ProposalList)?;
    Ok(register.db().read(&usage, |r| seloste_store::proposal::count(r, filter, COUNTED))?)
}

fn records(access: &mut impl Access, proposals: &[Proposal]) -> Result<HashMap<PartyId, Record>, StoreError> {
    let mut ids: Vec<Uuid> = proposals.iter().map(|proposal| proposal.party.0).collect();
    ids.dedup();
    let people = seloste_store::person::some(access, &ids)?;
    let organisations = seloste_store::organisation::some(access, &ids)?;
    let people = people.into_iter().map(|person| (person.id.into(), Record::Person(Box::new(person))));
    let organisations = organisations.into_iter().map(|o| (o.id.into(), Record::Organisation(Box::new(o))));
    Ok(people.chain(organisations).collect())
}

fn against(record: &Record, proposed: &Proposed, today: jiff::civil::Date) -> Against {
    match (record, proposed) {
        (_, Proposed::Value(new)) => match standing(record.values(), new, today) {
            Standing::Same => Against::Same,
            Standing::Adds => Against::Nothing,
            Standing::Replaces(id) => record
                .values()
                .iter()
                .find(|stored| stored.id == id)
                .map_or(Against::Nothing, |stored| Against::Value(Box::new(stored.clone()))),
        },
        (Record::Organisation(organisation), Proposed::Name { name, business_id }) => {
            if organisation.name == *name && organisation.business_id == *business_id {
                Against::Same
            } else {
                Against::Name(Box::new(stored_name(organisation)))
            }
        }
        (Record::Person(person), Proposed::Represents { organisation, title, .. }) => {
            let current: Vec<&Representation> = person.representations_on(today).collect();
            let same = current.iter().find(|has| has.organisation == *organisation);
            if same.is_some_and(|has| title.is_none() || has.title == *title) {
                return Against::Same;
            }
            let rival = same.or(current.last());
            rival.map_or(Against::Nothing, |has| Against::Represents(Box::new((*has).clone())))
        }
        // A party does not change its noun.
        (Record::Person(_), Proposed::Name { .. }) | (Record::Organisation(_), Proposed::Represents { .. }) => {
            Against::Nothing
        }
    }
}

/// Decides about proposals. Of a party that was changed since its version was `seen`, nothing is accepted; without a
/// version, what is there now is what was seen.
///
/// # Errors
/// The actor may not, there are more than [`MOST`], or the notice no longer declares a source.
pub fn decide(
    register: &Register,
    actor: &Actor,
    ids: &[ProposalId],
    seen: &HashMap<PartyId, i64>,
    decision: Decision,
) -> Result<Decided> {
    let usage = register.authorize(actor, Action::ProposalDecide)?;
    let notice = register.notice()?;
    let today = register.today();
    let mut decided = Decided::default();
    for chunk in ids.get(..ids.len().min(MOST)).unwrap_or(ids).chunks(CHUNK) {
        let (chunk, seen, usage_inside, notice) = (chunk.to_vec(), seen.clone(), usage.clone(), notice.clone());
        let part = register.db().write(&usage, move |w| {
            let mut part = Decided::default();
            let found = seloste_store::proposal::some(w, &chunk)?;
            part.gone = chunk.len() - found.len();
            if decision != Decision::Accept {
                let state = if decision == Decision::Keep { State::Kept } else { State::Waiting };
                return set_all(w, &found, state, part);
            }
            let mut records = records(w, &found)?;
            for proposals in found.chunk_by(|one, other| one.party == other.party) {
                let Some(party) = proposals.first().map(|first| first.party) else { continue };
                let Some(record) = records.remove(&party) else { continue };
                if seen.get(&party).is_some_and(|version| *version != record.version()) {
                    part.changed += proposals.len();
                    continue;
                }
                if record.marks().prohibitions.has(ProhibitionKind::RegisterUpdate) {
                    part.held += proposals.len();
                    continue;
                }
                for proposal in proposals {
                    declared_source(&notice, &proposal.source).map_err(OpsError::into_store)?;
                }
                accept(w, &record, proposals, &usage_inside, today, &mut part)?;
            }
            Ok(part)
        });
        let part = part.map_err(OpsError::from_store)?;
        decided.done += part.done;
        decided.same += part.same;
        decided.changed += part.changed;
        decided.gone += part.gone;
        decided.held += part.held;
    }
    Ok(decided)
}

fn set_all(
    w: &mut Writing<'_, '_>,
    found: &[Proposal],
    state: State,
    mut part: Decided,
) -> Result<Decided, StoreError> {
    for proposal in found {
        seloste_store::proposal::set_state(&mut w.plain().tx(), proposal.id, state)?;
        part.done += 1;
    }
    if part.done > 0 {
        w.log(act(found, state.as_str()))?;
    }
    Ok(part)
}

fn act(found: &[Proposal], state: &str) -> seloste_store::log::Act {
    let mut subjects: Vec<Uuid> = found.iter().map(|proposal| proposal.party.0).collect();
    subjects.dedup();
    let mut fields: Vec<String> = found.iter().map(|proposal| proposal.proposed.field().to_owned()).collect();
    fields.sort_unstable();
    fields.dedup();
    seloste_store::log::Act { subjects, fields, objects: vec![format!("state:{state}")], ..Default::default() }
}

/// Brings what is proposed about one party into the register, as one change.
fn accept(
    w: &mut Writing<'_, '_>,
    record: &Record,
    proposals: &[Proposal],
    usage: &seloste_domain::usage::Use,
    today: jiff::civil::Date,
    part: &mut Decided,
) -> Result<(), StoreError> {
    let mut change = PartyChange::default();
    let mut stay: Vec<StoredValue> = record.values().to_vec();
    let mut settled = Vec::new();
    for proposal in proposals {
        let origin = Origin::of(usage, &proposal.source);
        let outcome = match (record, &proposal.proposed) {
            (_, Proposed::Value(new)) => value(&mut change, &mut stay, new, today, &origin, w),
            (Record::Organisation(organisation), Proposed::Name { name: new, business_id }) => {
                name(&mut change, organisation, new, business_id.as_ref(), &origin)
            }
            (Record::Person(person), Proposed::Represents { organisation, title, .. }) => {
                let found = seloste_store::organisation::some(w, &[organisation.0])?;
                match found.into_iter().next() {
                    Some(found) => represent(&mut change, person, &found, title.as_ref(), today, &origin, w),
                    None => Outcome::Unfit,
                }
            }
            (Record::Person(_), Proposed::Name { .. }) | (Record::Organisation(_), Proposed::Represents { .. }) => {
                Outcome::Unfit
            }
        };
        match outcome {
            Outcome::Done => part.done += 1,
            Outcome::Same => part.same += 1,
            Outcome::Unfit => {
                part.changed += 1;
                continue;
            }
        }
        settled.push(proposal.clone());
    }
    for proposal in &settled {
        seloste_store::proposal::delete(&mut w.plain().tx(), proposal.id)?;
    }
    let update = Update { id: record.party(), noun: record.noun(), expected: record.version(), change };
    if !update.change.is_empty() {
        party::update(w, &update).map(drop)
    } else if settled.is_empty() {
        Ok(())
    } else {
        w.log(act(&settled, "same"))
    }
}

enum Outcome {
    Done,
    Same,
    Unfit,
}

fn value(
    change: &mut PartyChange,
    stay: &mut Vec<StoredValue>,
    new: &NewValue,
    today: jiff::civil::Date,
    origin: &Origin,
    w: &Writing<'_, '_>,
) -> Outcome {
    match standing(stay, new, today) {
        Standing::Same => return Outcome::Same,
        Standing::Adds => {}
        Standing::Replaces(id) => change.removed.extend(stay.extract_if(.., |stored| stored.id == id)),
    }
    change.added.push(origin.store(new.clone(), w.env()));
    Outcome::Done
}

fn name(
    change: &mut PartyChange,
    organisation: &Organisation,
    new: &str,
    business_id: Option<&seloste_domain::business_id::BusinessId>,
    origin: &Origin,
) -> Outcome {
    if organisation.name == new && organisation.business_id.as_ref() == business_id {
        return Outcome::Same;
    }
    let after = OrganisationName {
        name: new.to_owned(),
        business_id: business_id.cloned(),
        source: origin.source.clone(),
        entered_by: origin.entered_by.clone(),
        entered_at: origin.entered_at,
    };
    change.name = Some(Changed { before: Some(stored_name(organisation)), after: Some(after) });
    Outcome::Done
}

fn represent(
    change: &mut PartyChange,
    person: &Person,
    organisation: &Organisation,
    title: Option<&String>,
    today: jiff::civil::Date,
    origin: &Origin,
    w: &Writing<'_, '_>,
) -> Outcome {
    let same = person.representations_on(today).find(|has| has.organisation == organisation.id);
    if same.is_some_and(|has| title.is_none() || has.title.as_ref() == title) {
        return Outcome::Same;
    }
    let named = (organisation.id, organisation.name.clone());
    represents(change, person, &named, title, origin, today, w.env());
    Outcome::Done
}

/// The ids of all proposals of a filter, up to [`MOST`] of them, the oldest first.
///
/// # Errors
/// The actor may not.
pub fn all(register: &Register, actor: &Actor, filter: &Filter) -> Result<Vec<ProposalId>> {
    let usage = register.authorize(actor, Action::ProposalList)?;
    let found = register.db().read(&usage, |r| seloste_store::proposal::list(r, filter, None, MOST))?;
    Ok(found.into_iter().map(|proposal| proposal.id).collect())
}

impl Record {
    /// Its id.
    #[must_use]
    pub fn party(&self) -> PartyId {
        match self {
            Self::Person(person) => person.id.into(),
            Self::Organisation(organisation) => organisation.id.into(),
        }
    }

    /// What stands against using its data.
    #[must_use]
    pub const fn marks(&self) -> Marks {
        match self {
            Self::Person(person) => person.marks,
            Self::Organisation(organisation) => organisation.marks,
        }
    }

    /// Its version.
    #[must_use]
    pub const fn version(&self) -> i64 {
        match self {
            Self::Person(person) => person.version,
            Self::Organisation(organisation) => organisation.version,
        }
    }

    /// Person or organisation.
    #[must_use]
    pub const fn noun(&self) -> Noun {
        match self {
            Self::Person(_) => Noun::Person,
            Self::Organisation(_) => Noun::Organisation,
        }
    }

    /// Its values.
    #[must_use]
    pub fn values(&self) -> &[StoredValue] {
        match self {
            Self::Person(person) => &person.values,
            Self::Organisation(organisation) => &organisation.values,
        }
    }
}
