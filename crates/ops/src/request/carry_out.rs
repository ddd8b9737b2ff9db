//! What requests ask, carried out: corrections, decisions on objections, and what shows that something was done.

use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{PersonId, RequestId, RestrictionId, SourceId};
use seloste_domain::prohibition::{ProhibitionKind, Prohibitions};
use seloste_domain::rectification::{Outcome, apply};
use seloste_domain::request::{DecisionDraft, Done, EventKind, Noted, Request, RequestKind};
use seloste_domain::restriction::RestrictionGround;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::package::Package as Made;
use seloste_store::party::{self, Noun, Update};
use seloste_store::{Access, Reading, StoreError, request};
use uuid::Uuid;

use super::answer::{Answer, Reply, checked, close, tell_of_restriction};
use super::{Next, RequestRefused, forbid, handle, handle_as, prohibition_of, ready, refuse_with};
use crate::error::{OpsError, Result};
use crate::person::{declared_source, difference};
use crate::register::Register;
use crate::values::Origin;

/// Carries out a correction of a request: the person's data changes, with its history, and who received it before is told.
///
/// # Errors
/// The actor may not, the person was not recognised, what is wrong is not found or can not be so, or it was dealt with already.
pub fn correct(register: &Register, actor: &Actor, id: RequestId, place: usize, source: &SourceId) -> Result<u64> {
    register.authorize(actor, Action::RequestCorrect)?;
    declared_source(&*register.notice()?, source)?;
    let (today, db, source) = (register.today(), register.db().clone(), source.clone());
    handle_as(register, actor, Action::RequestCorrect, id, move |w, request| {
        ready(&request, Next::Correct)?;
        let Some(person) = request.person else { return refuse_with(RequestRefused::NoCard) };
        let mut said = request::said(w, id)?.unwrap_or_default();
        let correction = open_correction(&mut said.corrections, place)?;
        let now = seloste_store::person::get(w, person)?;
        let mut draft = now.draft(today);
        let refuse = |errors: FieldErrors| OpsError::from(errors).into_store();
        apply(&mut draft, correction).map_err(|error| refuse(error.into()))?;
        // What a form would not take is told at the correction: the person's form is not on the page.
        let valid = draft.validate(w.usage().kinds(), today).map_err(|errors| {
            let first = errors.0.first().map_or(code::REQUIRED, |error| error.code);
            refuse(FieldError::new("correction", first).into())
        })?;
        let origin = Origin::of(w.usage(), &source);
        let change = difference(w, &db, &now, &valid, &now.companies, &origin)?;
        if change.is_empty() {
            return Err(refuse(FieldError::new("correction", code::CORRECTION_NOT_FOUND).into()));
        }
        let seq = w.next_seq();
        party::update(w, &Update { id: person.into(), noun: Noun::Person, expected: now.version, change })?;
        correction.outcome = Some(Outcome::Made(seq));
        request::say(w, &request, &said)?;
        request::update(w, &request)?;
        request::happened(w, &request, EventKind::Corrected, &Noted::default())?;
        Ok(seq)
    })
}

/// Notes that a correction is not made, with the reasons; the answer tells them.
///
/// # Errors
/// The actor may not, the reasons are missing, or it was dealt with already.
pub fn decline(register: &Register, actor: &Actor, id: RequestId, place: usize, draft: &DecisionDraft) -> Result<()> {
    register.authorize(actor, Action::RequestCorrect)?;
    let reasons = draft.reasons().map_err(FieldErrors::from)?;
    handle_as(register, actor, Action::RequestCorrect, id, move |w, request| {
        ready(&request, Next::Correct)?;
        let mut said = request::said(w, id)?.unwrap_or_default();
        open_correction(&mut said.corrections, place)?.outcome = Some(Outcome::Declined);
        request::say(w, &request, &said)?;
        request::update(w, &request)?;
        request::happened(w, &request, EventKind::Declined, &Noted { reasons: reasons.clone(), ..Noted::default() })
    })
}

fn open_correction(
    corrections: &mut [seloste_domain::rectification::Correction],
    place: usize,
) -> Result<&mut seloste_domain::rectification::Correction, StoreError> {
    let found = corrections.get_mut(place).filter(|correction| correction.outcome.is_none());
    found.ok_or(StoreError::NotFound("correction"))
}

/// Decides an objection for the person: what it is against is forbidden from now on, and the request is closed by that. The
/// letter tells it, and that the restriction that held meanwhile ends.
///
/// # Errors
/// The actor may not, nothing is chosen to be forbidden, the person was not recognised, or the letter is wrong.
pub fn uphold(
    register: &Register,
    actor: &Actor,
    id: RequestId,
    kinds: &[ProhibitionKind],
    reply: &Reply,
) -> Result<Answer> {
    register.authorize(actor, Action::RequestHandle)?;
    let Some(first) = kinds.first().copied() else {
        return Err(FieldErrors::from(FieldError::new("kinds", code::REQUIRED)).into());
    };
    checked(register, actor, reply)?;
    let kinds: Prohibitions = kinds.iter().copied().collect();
    let prohibition = handle(register, actor, id, move |w, request| {
        ready(&request, Next::Decide)?;
        let Some(person) = request.person else { return refuse_with(RequestRefused::NoCard) };
        forbid(w, &request, person, kinds)?;
        tell_of_restriction(w, &request)?;
        prohibition_of(w, person, |kind| kind == first)?.ok_or(StoreError::NotFound("prohibition"))
    })?;
    close(register, actor, id, Done::Prohibition(prohibition), reply)
}

/// Closes a request by an erasure that ended. The log has an entry of the person with the object `erasure:ID` (as
/// [`Done::Erasure`] is written), later than the request; an erasure calls this when its receipt is made.
///
/// # Errors
/// The actor may not, the log has no such entry, or the request is closed or of another kind.
pub fn erased(register: &Register, actor: &Actor, id: RequestId, erasure: Uuid, reply: &Reply) -> Result<Answer> {
    close(register, actor, id, Done::Erasure(erasure), reply)
}

/// What would show that a request was done, the newest first.
pub(super) fn evidence(r: &mut Reading<'_>, request: &Request, packages: &[Made]) -> Result<Vec<Done>, StoreError> {
    let Some(person) = request.person.filter(|_| request.state.is_open()) else { return Ok(Vec::new()) };
    let since = request.entered_at;
    Ok(match request.kind {
        RequestKind::Access | RequestKind::Portability => {
            packages.iter().map(|package| Done::Package(package.id)).collect()
        }
        RequestKind::Rectification => {
            request::corrections_since(r, person, since)?.into_iter().map(Done::Correction).collect()
        }
        RequestKind::Restriction => {
            let found = seloste_store::restriction::of(r, Noun::Person, person.into())?;
            let fits =
                found.into_iter().filter(|restriction| restriction.set_at >= since || restriction.lifted.is_none());
            fits.map(|restriction| Done::Restriction(restriction.id)).collect()
        }
        RequestKind::MarketingObjection => {
            let found = prohibition_of(r, person, |kind| kind == ProhibitionKind::DirectMarketing)?;
            found.map(Done::Prohibition).into_iter().collect()
        }
        RequestKind::Objection | RequestKind::Erasure => Vec::new(),
    })
}

/// The restriction that holds while an objection of a person is pending.
pub(super) fn pending(r: &mut Reading<'_>, person: PersonId) -> Result<Option<RestrictionId>, StoreError> {
    let found = seloste_store::restriction::of(r, Noun::Person, person.into())?;
    let pending = found
        .into_iter()
        .find(|restriction| restriction.ground == RestrictionGround::ObjectionPending && restriction.lifted.is_none());
    Ok(pending.map(|restriction| restriction.id))
}
