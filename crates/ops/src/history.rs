//! The change history of people, organisations and orders: readable, and able to be put back.

use jiff::Timestamp;
use seloste_domain::history::{Change, PartyChange};
use seloste_domain::id::{InvoiceId, OrderId, OrganisationId, PersonId};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_domain::value::StoredValue;
use seloste_store::history::Of;
use seloste_store::party::{self, Noun, Update};
use seloste_store::{Reading, StoreError, Writing, log};
use uuid::Uuid;

use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Changes shown at a time.
const SHOWN: i64 = 200;

/// One change, with what the log says of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The number of its log event; names the change when it is put back.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who, as the log names them.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What changed. Kinds that the notice no longer declares and addresses that the actor may not see are left out.
    pub change: Change,
}

/// A person's changes, newest first.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn of_person(register: &Register, actor: &Actor, id: PersonId) -> Result<Vec<Entry>> {
    let usage = register.authorize(actor, Action::PersonHistory)?;
    let entries = register.db().read(&usage, |r| {
        let person = seloste_store::person::get(r, id)?;
        let hides = person.protected_address && !usage.sees_protected();
        read(r, Of::Party(id.into()), hides)
    });
    not_found_is_logged(register, actor, Action::PersonHistory, &format!("person:{id}"), entries)
}

/// An organisation's changes, newest first.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn of_organisation(register: &Register, actor: &Actor, id: OrganisationId) -> Result<Vec<Entry>> {
    let usage = register.authorize(actor, Action::PersonHistory)?;
    let entries = register.db().read(&usage, |r| {
        seloste_store::organisation::get(r, id)?;
        read(r, Of::Party(id.into()), false)
    });
    not_found_is_logged(register, actor, Action::PersonHistory, &format!("organisation:{id}"), entries)
}

/// An order's changes, newest first.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn of_order(register: &Register, actor: &Actor, id: OrderId) -> Result<Vec<Entry>> {
    let usage = register.authorize(actor, Action::OrderShow)?;
    let entries = register.db().read(&usage, |r| {
        seloste_store::order::get(r, id)?;
        read(r, Of::Order(id), false)
    });
    not_found_is_logged(register, actor, Action::OrderShow, &format!("order:{id}"), entries)
}

/// What an accounting system said of an invoice, the newest first.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn of_invoice(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Vec<Entry>> {
    let usage = register.authorize(actor, Action::InvoiceShow)?;
    let entries = register.db().read(&usage, |r| {
        seloste_store::invoice::get(r, id)?;
        read(r, Of::Invoice(id), false)
    });
    not_found_is_logged(register, actor, Action::InvoiceShow, &format!("invoice:{id}"), entries)
}

fn read(r: &mut Reading<'_>, of: Of, hides_addresses: bool) -> Result<Vec<Entry>, StoreError> {
    let opened = seloste_store::history::changes(r, of, SHOWN)?;
    let numbers: Vec<u64> = opened.iter().map(|opened| opened.seq).collect();
    let events = seloste_store::history::events(r, &numbers)?;
    let kinds = seloste_store::Access::usage(r).kinds();
    let mut entries = Vec::with_capacity(opened.len());
    for (opened, event) in opened.into_iter().zip(events) {
        let change = match opened.change {
            Change::Party(change) => Change::Party(Box::new(visible(*change, kinds, hides_addresses))),
            other @ (Change::Order(_) | Change::Mirrored(_) | Change::Letter(_)) => other,
        };
        let at = Timestamp::from_microsecond(event.at).map_err(|_| StoreError::Corrupt("a log event's time".into()))?;
        entries.push(Entry { seq: opened.seq, at, actor: event.actor, action: event.action, change });
    }
    Ok(entries)
}

fn visible(mut change: PartyChange, kinds: seloste_domain::kind::Kinds, hides_addresses: bool) -> PartyChange {
    use seloste_domain::kind::Kind;
    let seen = |stored: &StoredValue| {
        let kind = stored.value.kind();
        kinds.has(kind) && !(hides_addresses && kind == Kind::PostalAddress)
    };
    change.added.retain(seen);
    change.removed.retain(seen);
    if !kinds.has(Kind::Organisation) {
        change.representations_added.clear();
        change.representations_removed.clear();
    }
    change
}

/// Puts back what a change of a person replaced, as far as what it brought is still there.
///
/// # Errors
/// The actor may not, someone else changed the person, or nothing of it can be put back.
pub fn revert(register: &Register, actor: &Actor, id: PersonId, expected: i64, seq: u64) -> Result<i64> {
    let usage = register.authorize(actor, Action::PersonRevert)?;
    let reverted = register.db().write(&usage, move |w| {
        let person = seloste_store::person::get(w, id)?;
        let hides = person.protected_address && !seloste_store::Access::usage(w).sees_protected();
        let kinds = seloste_store::Access::usage(w).kinds();
        let Change::Party(change) = seloste_store::history::change(w, Of::Party(id.into()), seq)? else {
            return Err(OpsError::NothingToRevert.into_store());
        };
        if change.is_merging() {
            return Err(OpsError::NothingToRevert.into_store());
        }
        let change = put_back(w, Noun::Person, id.0, visible(*change, kinds, hides))?;
        party::update(w, &Update { id: id.into(), noun: Noun::Person, expected, change })
    });
    not_found_is_logged(register, actor, Action::PersonRevert, &format!("person:{id}"), reverted)
}

/// The inverse of a change, of which only that is left which still makes a difference.
pub(crate) fn put_back(
    w: &mut Writing<'_, '_>,
    noun: Noun,
    id: Uuid,
    change: PartyChange,
) -> Result<PartyChange, StoreError> {
    let now = party::state(w, noun, id)?;
    let mut back = change.inverse();
    back.removed.retain(|stored| now.values.iter().any(|value| value.id == stored.id));
    let stays = |value: &&StoredValue| !back.removed.iter().any(|goes| goes.id == value.id);
    let stay: Vec<&StoredValue> = now.values.iter().filter(stays).collect();
    back.added.retain(|stored| !stay.iter().any(|value| value.id == stored.id || value.value == stored.value));
    back.representations_removed.retain(|r| now.representations.iter().any(|has| has.id == r.id));
    back.representations_added.retain(|r| !now.representations.iter().any(|has| has.id == r.id));
    back.companies_removed.retain(|company| now.companies.contains(company));
    back.companies_added.retain(|company| !now.companies.contains(company));
    if back.protected_address == Some(now.protected_address) {
        back.protected_address = None;
    }
    let renamed_since = back.name.as_ref().is_some_and(|name| name.before.as_ref() != now.name.as_ref());
    if renamed_since || back.name.as_ref().is_some_and(|name| name.after.is_none()) {
        back.name = None;
    }
    if back.is_empty() { Err(OpsError::NothingToRevert.into_store()) } else { Ok(back) }
}

/// The log of one subject, newest first: when and for what their data was used.
///
/// # Errors
/// The actor may not.
pub fn log_of(register: &Register, actor: &Actor, subject: Uuid, limit: usize) -> Result<Vec<log::Entry>> {
    let usage = register.authorize(actor, Action::LogReadSubject)?;
    let entries = register.db().look(|tx| log::entries_of(tx, subject, limit))?;
    register.db().append_use(&usage, vec![subject])?;
    Ok(entries)
}
