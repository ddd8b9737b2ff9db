//! Undoing a whole import: what it added is taken out, what it changed is put back. What was changed since is kept and
//! named.

use seloste_domain::history::Change;
use seloste_domain::id::{ImportId, InvoiceId, OrderId, OrganisationId, PartyId, PersonId};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::history::Of;
use seloste_store::import::{Done, forget, is_referred};
use seloste_store::party::{self, Noun, Update};
use seloste_store::{StoreError, Writing, erasure};
use serde::Serialize;
use uuid::Uuid;

use super::batch::REFERENCE;
use crate::error::{OpsError, Result};
use crate::history::put_back;
use crate::register::Register;

/// Things undone in one transaction.
const CHUNK: usize = 200;

/// Something that was not undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// `person`, `organisation`, `order` or `invoice`.
    pub noun: String,
    /// Its id.
    pub id: Uuid,
    /// `changed`: somebody changed it since; `referred`: orders or people refer to it; `restricted`: the processing of the
    /// customer's data is restricted; `erasing`: their erasure waits and takes them out by itself; `gone`: it is not there, or
    /// outside of what the actor may change.
    pub why: &'static str,
}

/// What undoing did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UndoReport {
    /// Things that the import had added and that were taken out.
    pub erased: u64,
    /// Things that it had changed and that were put back.
    pub restored: u64,
    /// Things that are as the import left them, or as somebody made them since.
    pub kept: Vec<Kept>,
}

/// Undoes an import. It can be called again for what was kept, and after it was broken off.
///
/// # Errors
/// The actor may not, there is no such import, or the database can not be written.
pub fn undo(register: &Register, actor: &Actor, id: ImportId) -> Result<UndoReport> {
    let mut usage = register.authorize(actor, Action::ImportUndo)?;
    let import = register.db().look(|tx| seloste_store::import::get(tx, id))?;
    if import.noun == super::Noun::Invoices.as_str() {
        usage = register.authorize(actor, Action::InvoiceMirror)?;
    }
    let mut done = register.db().look(|tx| seloste_store::import::done(tx, id))?;
    // Orders refer to people, and people to organisations. Within a noun the last comes first.
    done.sort_by_key(|done| match done.noun.as_str() {
        "order" | "invoice" => 0,
        "person" => 1,
        "organisation" => 2,
        _ => 3,
    });
    let mut report = UndoReport::default();
    for chunk in done.chunks(CHUNK) {
        let (chunk, source) = (chunk.to_vec(), import.source.clone());
        let part = register.db().write(&usage, move |w| {
            let mut part = UndoReport::default();
            for done in &chunk {
                if done.noun == REFERENCE {
                    seloste_store::import::forget_external_ids(&mut w.plain().tx(), &source, done.object)?;
                    forget(&mut w.plain().tx(), id, done)?;
                    continue;
                }
                match one(w, done)? {
                    Outcome::Erased => part.erased += 1,
                    Outcome::Restored => part.restored += 1,
                    Outcome::Kept(why) => {
                        part.kept.push(Kept { noun: done.noun.clone(), id: done.object, why });
                        continue;
                    }
                }
                forget(&mut w.plain().tx(), id, done)?;
            }
            Ok(part)
        });
        let part = part.map_err(OpsError::from_store)?;
        report.erased += part.erased;
        report.restored += part.restored;
        report.kept.extend(part.kept);
    }
    let now = register.now();
    register.db().write(&usage, move |w| {
        seloste_store::proposal::delete_of_import(&mut w.plain().tx(), id)?;
        seloste_store::import::set_undone(&mut w.plain().tx(), id, now)?;
        w.log(seloste_store::log::Act::on(format!("import:{id}")))
    })?;
    crate::erasure::settle(register)?;
    Ok(report)
}

enum Outcome {
    Erased,
    Restored,
    Kept(&'static str),
}

fn one(w: &mut Writing<'_, '_>, done: &Done) -> Result<Outcome, StoreError> {
    match done.noun.as_str() {
        "order" => order(w, done),
        "invoice" => invoice(w, done),
        "person" => {
            let found = seloste_store::person::get(w, PersonId(done.object)).map(|person| person.version);
            party(w, done, Noun::Person, PersonId(done.object).into(), found)
        }
        _ => {
            let found = seloste_store::organisation::get(w, OrganisationId(done.object)).map(|found| found.version);
            party(w, done, Noun::Organisation, OrganisationId(done.object).into(), found)
        }
    }
}

fn order(w: &mut Writing<'_, '_>, done: &Done) -> Result<Outcome, StoreError> {
    let Some(now) = seloste_store::order::some(w, &[done.object])?.into_iter().next() else {
        return Ok(Outcome::Kept("gone"));
    };
    if now.version != done.version {
        return Ok(Outcome::Kept("changed"));
    }
    let Change::Order(change) = seloste_store::history::change(w, Of::Order(OrderId(done.object)), done.seq)? else {
        return Err(StoreError::Corrupt("an order's change".into()));
    };
    match change.before {
        None => seloste_store::order::delete(w, OrderId(done.object)).map(|()| Outcome::Erased),
        Some(before) => seloste_store::order::update(w, now.version, &before).map(|_| Outcome::Restored),
    }
}

fn invoice(w: &mut Writing<'_, '_>, done: &Done) -> Result<Outcome, StoreError> {
    let now = match seloste_store::invoice::known(w, InvoiceId(done.object)) {
        Ok(now) => now,
        Err(StoreError::NotFound(_)) => return Ok(Outcome::Kept("gone")),
        Err(error) => return Err(error),
    };
    if now.version != done.version {
        return Ok(Outcome::Kept("changed"));
    }
    let Change::Mirrored(change) = seloste_store::history::change(w, Of::Invoice(now.id), done.seq)? else {
        return Err(StoreError::Corrupt("an invoice's change".into()));
    };
    match change.before {
        None => seloste_store::invoice::remove(w, &now).map(|()| Outcome::Erased),
        Some(before) => seloste_store::invoice::restore(w, &now, &before).map(|()| Outcome::Restored),
    }
}

fn party(
    w: &mut Writing<'_, '_>,
    done: &Done,
    noun: Noun,
    id: PartyId,
    version: Result<i64, StoreError>,
) -> Result<Outcome, StoreError> {
    let version = match version {
        Ok(version) => version,
        // To be stored is what is left to it (Art. 18(2)).
        Err(StoreError::Restricted) => return Ok(Outcome::Kept("restricted")),
        Err(StoreError::NotFound(_)) => return Ok(Outcome::Kept("gone")),
        Err(error) => return Err(error),
    };
    if version != done.version {
        return Ok(Outcome::Kept("changed"));
    }
    let Change::Party(change) = seloste_store::history::change(w, Of::Party(id), done.seq)? else {
        return Err(StoreError::Corrupt("a party's change".into()));
    };
    if change.created {
        // Their erasure is carried out by itself, with its receipt and what keeps an old file from bringing them back.
        if erasure::waits(w, id)? {
            return Ok(Outcome::Kept("erasing"));
        }
        if is_referred(&mut w.plain().tx(), done.object)? {
            return Ok(Outcome::Kept("referred"));
        }
        return party::erase(w, noun, id).map(|()| Outcome::Erased);
    }
    match put_back(w, noun, done.object, *change) {
        Ok(change) => party::update(w, &Update { id, noun, expected: version, change }).map(|_| Outcome::Restored),
        // Nothing of it is left to be put back.
        Err(StoreError::Refused(_)) => Ok(Outcome::Restored),
        Err(error) => Err(error),
    }
}
