//! Legal claims for which somebody decides that a person's data stays (Art. 17(3)(e)), with a reason and a day of review.

pub use seloste_domain::hold::{ClaimDraft, ClaimHold, Hold, HoldGround};
use seloste_domain::id::{ClaimHoldId, PersonId};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::hold as store;

use crate::error::Result;
use crate::person::not_found_is_logged;
use crate::register::Register;

/// The claim holds of a person, the newest first.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn of(register: &Register, actor: &Actor, person: PersonId) -> Result<Vec<ClaimHold>> {
    let usage = register.authorize(actor, Action::HoldSet)?;
    let found = register.db().read(&usage, |r| store::of(r, person));
    not_found_is_logged(register, actor, Action::HoldSet, &format!("person:{person}"), found)
}

/// Decides that a person's data stays for a claim, until somebody decides that it has to no longer.
///
/// # Errors
/// The actor may not, a field is wrong, or there is no such person within their companies.
pub fn set(register: &Register, actor: &Actor, person: PersonId, draft: &ClaimDraft) -> Result<ClaimHoldId> {
    let usage = register.authorize(actor, Action::HoldSet)?;
    let (reason, review_on) = draft.validate(register.today())?;
    let set = register.db().write(&usage, move |w| store::set(w, person, &reason, review_on));
    not_found_is_logged(register, actor, Action::HoldSet, &format!("person:{person}"), set)
}

/// Decides that it has to no longer.
///
/// # Errors
/// The actor may not, or there is no such hold in force.
pub fn lift(register: &Register, actor: &Actor, person: PersonId, hold: ClaimHoldId) -> Result<()> {
    let usage = register.authorize(actor, Action::HoldSet)?;
    let lifted = register.db().write(&usage, move |w| store::lift(w, person, hold));
    not_found_is_logged(register, actor, Action::HoldSet, &format!("hold:{hold}"), lifted)
}
