//! Merging two records of one customer, and taking them apart again.

use seloste_domain::history::PartyChange;
use seloste_domain::id::{CompanyId, PartyId};
use seloste_domain::merge::{Choice, Side, Single, differing, merge};
use seloste_domain::person::Representation;
use seloste_domain::prohibition::Marks;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_domain::value::StoredValue;
pub use seloste_store::merge::Merged;
pub use seloste_store::party::Noun;
use seloste_store::party::{self, Update};
use seloste_store::{Access, StoreError, Writing};
use uuid::Uuid;

use crate::error::{NotMergeable, OpsError, Result};
use crate::history::put_back;
use crate::person::not_found_is_logged;
use crate::register::{Register, local_date};

/// One of two records, as the page shows it.
#[derive(Clone, Debug)]
pub struct Record {
    /// What is known. Addresses that the actor may not see are masked.
    pub side: Side,
    /// The version that a decision is made on.
    pub version: i64,
    /// What it is called.
    pub name: String,
    /// How many orders it has.
    pub orders: i64,
}

/// Two records beside each other.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Persons or organisations.
    pub noun: Noun,
    /// The record that would be kept.
    pub kept: Record,
    /// The one that would be gone.
    pub gone: Record,
    /// Of what there can be one only and both have another.
    pub differing: Vec<Single>,
    /// What the record that is kept would be, by the choice.
    pub preview: Preview,
}

/// What the record that is kept would be.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Its values.
    pub values: Vec<StoredValue>,
    /// The organisations that it represents.
    pub representations: Vec<Representation>,
    /// Its companies.
    pub companies: Vec<CompanyId>,
    /// Whether its address is protected.
    pub protected_address: bool,
    /// What it would have forbidden, and whether its processing would be restricted.
    pub marks: Marks,
    /// An organisation's name.
    pub name: Option<String>,
}

/// Shows two records beside each other, and what merging them by a choice would give.
///
/// # Errors
/// The actor may not, one of them is not within their companies, or they can not be merged.
pub fn compare(
    register: &Register,
    actor: &Actor,
    noun: Noun,
    kept: Uuid,
    gone: Uuid,
    choice: &Choice,
) -> Result<Comparison> {
    let usage = register.authorize(actor, Action::PartyMerge)?;
    refuse_self(kept, gone)?;
    let today = register.today();
    let compared = register.db().read(&usage, |r| {
        let (kept, gone) = (record(r, noun, kept)?, record(r, noun, gone)?);
        for side in [&kept, &gone] {
            if seloste_store::merge::reaches_outside(r, side.side.id)? {
                return Err(OpsError::Merge(NotMergeable::Outside).into_store());
            }
            not_waiting(r, side.side.id)?;
        }
        let env = register.db().env();
        let merging = merge(&kept.side, &gone.side, choice, today, || env.id());
        let preview = preview(&kept.side, &merging.kept, merging.marks);
        let differing = differing(&kept.side, &gone.side, today);
        Ok(Comparison { noun, kept, gone, differing, preview })
    });
    not_found_is_logged(register, actor, Action::PartyMerge, &format!("{}:{kept}", noun.as_str()), compared)
        .map_err(told)
}

/// A restriction stops merging with a reason of its own.
fn told(error: OpsError) -> OpsError {
    match error {
        OpsError::Store(StoreError::Restricted) => OpsError::Merge(NotMergeable::Restricted),
        other => other,
    }
}

/// A record whose erasure waits is not merged: the other one would be erased with it, which nobody has decided.
fn not_waiting(access: &mut impl Access, id: PartyId) -> Result<(), StoreError> {
    match seloste_store::erasure::waits(access, id)? {
        true => Err(OpsError::Merge(NotMergeable::Waiting).into_store()),
        false => Ok(()),
    }
}

fn refuse_self(kept: Uuid, gone: Uuid) -> Result<()> {
    if kept == gone { Err(OpsError::Merge(NotMergeable::Itself)) } else { Ok(()) }
}

fn record(r: &mut seloste_store::Reading<'_>, noun: Noun, id: Uuid) -> Result<Record, StoreError> {
    match noun {
        Noun::Person => {
            let person = seloste_store::person::get(r, seloste_domain::id::PersonId(id))?;
            let orders = seloste_store::order::summary(r, Some(person.id), None)?.0;
            Ok(Record {
                name: person.display_name(),
                version: person.version,
                orders,
                side: Side {
                    id: PartyId(id),
                    values: person.values,
                    representations: person.representations,
                    companies: person.companies,
                    protected_address: person.protected_address,
                    marks: person.marks,
                    name: None,
                },
            })
        }
        Noun::Organisation => {
            let organisation = seloste_store::organisation::get(r, seloste_domain::id::OrganisationId(id))?;
            let orders = seloste_store::order::summary(r, None, Some(organisation.id))?.0;
            let name = crate::organisation::stored_name(&organisation);
            Ok(Record {
                name: organisation.name.clone(),
                version: organisation.version,
                orders,
                side: Side {
                    id: PartyId(id),
                    values: organisation.values,
                    representations: Vec::new(),
                    companies: organisation.companies,
                    protected_address: false,
                    marks: organisation.marks,
                    name: Some(name),
                },
            })
        }
    }
}

fn preview(kept: &Side, change: &PartyChange, marks: Marks) -> Preview {
    let gone: Vec<_> = change.removed.iter().map(|stored| stored.id).collect();
    let ended: Vec<_> = change.representations_removed.iter().map(|r| r.id).collect();
    let name = change.name.as_ref().and_then(|name| name.after.as_ref()).or(kept.name.as_ref());
    Preview {
        values: kept.values.iter().filter(|s| !gone.contains(&s.id)).chain(&change.added).cloned().collect(),
        representations: kept
            .representations
            .iter()
            .filter(|r| !ended.contains(&r.id))
            .chain(&change.representations_added)
            .cloned()
            .collect(),
        companies: kept.companies.iter().chain(&change.companies_added).cloned().collect(),
        protected_address: change.protected_address.unwrap_or(kept.protected_address),
        marks,
        name: name.map(|name| name.name.clone()),
    }
}

/// A decision to merge: which two, as they were when it was made.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Persons or organisations.
    pub noun: Noun,
    /// The record that is kept, and its version.
    pub kept: (Uuid, i64),
    /// The one that is gone afterwards, and its version.
    pub gone: (Uuid, i64),
    /// What was chosen where they differ.
    pub choice: Choice,
}

/// Merges two records.
///
/// # Errors
/// The actor may not, one of them is not within their companies, belongs to others too, or was changed meanwhile.
pub fn make(register: &Register, actor: &Actor, decision: &Decision) -> Result<()> {
    let usage = register.authorize(actor, Action::PartyMerge)?;
    refuse_self(decision.kept.0, decision.gone.0)?;
    let decision = decision.clone();
    let object = format!("{}:{}", decision.noun.as_str(), decision.kept.0);
    let made = register.db().write(&usage, move |w| {
        let Decision { noun, kept, gone, choice } = &decision;
        let (kept_side, gone_side) = (side(w, *noun, kept.0)?, side(w, *noun, gone.0)?);
        for side in [&kept_side, &gone_side] {
            if seloste_store::merge::reaches_outside(w, side.id)? {
                return Err(OpsError::Merge(NotMergeable::Outside).into_store());
            }
            not_waiting(w, side.id)?;
        }
        let choice = allowed(w.usage(), &kept_side, &gone_side, choice);
        let today = local_date(w.usage().at());
        let env = w.env();
        let merging = merge(&kept_side, &gone_side, &choice, today, || env.id());
        let update = |side: &Side, expected, change| Update { id: side.id, noun: *noun, expected, change };
        seloste_store::merge::make(
            w,
            &update(&kept_side, kept.1, merging.kept),
            &update(&gone_side, gone.1, merging.gone),
        )
    });
    not_found_is_logged(register, actor, Action::PartyMerge, &object, made).map_err(told)
}

/// What a record is, unmasked and with kinds that are no longer declared: all of it goes over.
fn side(w: &mut Writing<'_, '_>, noun: Noun, id: Uuid) -> Result<Side, StoreError> {
    let state = party::state(w, noun, id)?;
    Ok(Side {
        id: PartyId(id),
        values: state.values,
        representations: state.representations,
        companies: state.companies,
        protected_address: state.protected_address,
        marks: state.marks,
        name: state.name,
    })
}

/// The choice without what the actor can not have decided: an address that they may not see stays.
fn allowed(usage: &Use, kept: &Side, gone: &Side, choice: &Choice) -> Choice {
    let mut choice = choice.clone();
    if !usage.sees_protected() {
        for side in [kept, gone].into_iter().filter(|side| side.protected_address) {
            let hidden = side.values.iter().filter(|s| s.value.kind() == seloste_domain::kind::Kind::PostalAddress);
            hidden.for_each(|stored| {
                choice.left_out.remove(&stored.id);
            });
        }
    }
    choice
}

/// Whether the record that another was merged into is not within the scope: that it was must not be told then.
fn hidden(w: &mut Writing<'_, '_>, merged: &Merged) -> bool {
    party::version(w, merged.noun, merged.kept).is_err()
}

/// The records that were merged into one, the last first.
///
/// # Errors
/// The actor may not.
pub fn into(register: &Register, actor: &Actor, kept: Uuid) -> Result<Vec<Merged>> {
    register.authorize(actor, Action::PartyMerge)?;
    Ok(register.db().look(|tx| seloste_store::merge::into(tx, PartyId(kept)))?)
}

/// The record that a merged one is part of now, however often that was merged: old links lead there. None when it was
/// not merged.
///
/// # Errors
/// The database can not be read.
pub fn successor(register: &Register, gone: Uuid) -> Result<Option<Uuid>> {
    let mut found = None;
    // A record can be merged once only, so that this ends; the bound is against a database that was tampered with.
    let mut id = gone;
    for _ in 0..1_000 {
        let Some(merged) = register.db().look(|tx| seloste_store::merge::of(tx, PartyId(id)))? else { break };
        id = merged.kept.0;
        found = Some(id);
    }
    Ok(found)
}

/// Takes two merged records apart: each gets back what it had, as far as it is still there. What came to the record that was
/// kept since then stays with it.
///
/// # Errors
/// The actor may not, `gone` was not merged into `kept`, or `kept` is not within their companies or was itself merged since.
pub fn undo(register: &Register, actor: &Actor, kept: Uuid, gone: Uuid) -> Result<()> {
    let usage = register.authorize(actor, Action::PartyMerge)?;
    let undone = register.db().write(&usage, move |w| {
        let merged = seloste_store::merge::of(&mut w.plain().tx(), PartyId(gone))?;
        let merged = merged.filter(|merged| merged.kept.0 == kept).ok_or(StoreError::NotFound("merging"))?;
        let (noun, kept) = (merged.noun, merged.kept);
        if seloste_store::merge::of(&mut w.plain().tx(), kept)?.is_some_and(|later| !hidden(w, &later)) {
            return Err(OpsError::Merge(NotMergeable::Later).into_store());
        }
        let version = party::version(w, noun, kept)?;
        let (change, gone) = seloste_store::merge::changes(w, &merged)?;
        if gone.companies_removed.iter().any(|company| !w.usage().scope().has(company)) {
            return Err(OpsError::Merge(NotMergeable::Outside).into_store());
        }
        match put_back(w, noun, kept.0, change) {
            Ok(change) => party::update(w, &Update { id: kept, noun, expected: version, change }).map(drop)?,
            // Nothing that came with the merging is left.
            Err(StoreError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        seloste_store::merge::bring_back(w, &merged, gone)
    });
    not_found_is_logged(register, actor, Action::PartyMerge, &format!("merged:{gone}"), undone).map_err(told)
}
