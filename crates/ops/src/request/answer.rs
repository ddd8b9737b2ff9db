//! Letters about requests: extension, fee, refusal and answer, each in the transaction of what it tells.

use seloste_domain::deadline::{self, months_after};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::RequestId;
use seloste_domain::letter::{Letter, LetterDraft};
use seloste_domain::money::Cents;
use seloste_domain::request::{DecisionDraft, Done, EventKind, Noted, Request, RequestState};
use seloste_domain::restriction::{RestrictionGround, Told};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::{StoreError, Writing, request};

use super::{Next, RequestRefused, handle, refuse_with};
use crate::error::{OpsError, Result};
use crate::letter::{Written, envelope};
use crate::mail::Recipient;
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Most that a fee can be, in cents: it covers the costs of one answer (Art. 12(5)(a)).
const MAX_FEE: i64 = 50_000;

/// What is told to the person.
#[derive(Clone, Debug)]
pub enum Reply {
    /// By a letter.
    Letter(LetterDraft),
    /// Without one: by telephone, at the counter or on their own pages. What was said is noted.
    Told(String),
}

/// A reply about to be recorded.
#[derive(Clone, Debug)]
pub(super) enum Checked {
    Letter(Letter),
    Told(String),
}

/// What was done, and the letter to print.
pub type Answer = Option<Written>;

pub(super) fn checked(register: &Register, actor: &Actor, reply: &Reply) -> Result<Checked> {
    let usage = register.authorize(actor, Action::RequestHandle)?;
    match reply {
        Reply::Letter(draft) => {
            let letter = draft.validate()?;
            if !usage.scope().has(&letter.company) {
                return Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into());
            }
            Ok(Checked::Letter(letter))
        }
        Reply::Told(text) => {
            let told = DecisionDraft { reasons: text.clone(), ..DecisionDraft::default() };
            let told =
                told.reasons().map_err(|error| FieldErrors::from(FieldError { field: "told".into(), ..error }))?;
            Ok(Checked::Told(told))
        }
    }
}

/// The letter with its envelope: of the card, else as the person said where to answer.
pub(super) fn recorded(
    w: &mut Writing<'_, '_>,
    request: &Request,
    reply: &Checked,
    reasons: &str,
    today: jiff::civil::Date,
) -> Result<(Noted, Answer), StoreError> {
    let letter = match reply {
        Checked::Told(told) => {
            let text =
                [reasons, told.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
            return Ok((Noted { reasons: text, ..Noted::default() }, None));
        }
        Checked::Letter(letter) => letter.clone(),
    };
    let recipient = match request.person {
        Some(person) => {
            let who = seloste_store::person::get(w, person)?;
            // Who has no address takes the letter with them, or gets it as they asked.
            if who.address(today).is_some() {
                envelope(w, Recipient::Person(person), today)?
            } else {
                vec![who.display_name()]
            }
        }
        None => {
            let said = request::said(w, request.id)?.unwrap_or_default();
            std::iter::once(said.name)
                .chain(said.reach.lines().map(str::to_owned))
                .filter(|row| !row.is_empty())
                .collect()
        }
    };
    let noted = Noted { reasons: reasons.to_owned(), letter: Some(letter.clone()), recipient: recipient.clone() };
    Ok((noted, Some(Written { recipient, letter })))
}

/// Extends the time by two months, with notice and reasons within the first month (Art. 12(3)).
///
/// # Errors
/// The actor may not, the reasons are missing, the letter is wrong, or it is too late.
pub fn extend(
    register: &Register,
    actor: &Actor,
    id: RequestId,
    draft: &DecisionDraft,
    reply: &Reply,
) -> Result<Answer> {
    let reply = checked(register, actor, reply)?;
    let reasons = draft.reasons().map_err(FieldErrors::from)?;
    let today = register.today();
    handle(register, actor, id, move |w, mut request| {
        if !request.may_extend(today) {
            return refuse_with(RequestRefused::NotExtendable);
        }
        let (noted, written) = recorded(w, &request, &reply, &reasons, today)?;
        request.extended_on = Some(today);
        request.due_on = months_after(request.received_on, deadline::MONTHS_EXTENDED);
        request::update(w, &request)?;
        request::happened(w, &request, EventKind::Extended, &noted)?;
        Ok(written)
    })
}

/// Asks a fee of a request that is manifestly unfounded or excessive (Art. 12(5)(a)), with the reasons.
///
/// # Errors
/// The actor may not, the fee or the letter is wrong, the reasons are missing, or the request is closed.
pub fn ask_fee(
    register: &Register,
    actor: &Actor,
    id: RequestId,
    fee: Cents,
    draft: &DecisionDraft,
    reply: &Reply,
) -> Result<Answer> {
    let reply = checked(register, actor, reply)?;
    let reasons = draft.reasons().map_err(FieldErrors::from)?;
    if !(1..=MAX_FEE).contains(&fee.0) {
        return Err(FieldErrors::from(FieldError::new("fee", code::AMOUNT_INVALID)).into());
    }
    let today = register.today();
    handle(register, actor, id, move |w, mut request| {
        // An objection to marketing is never paid for (Art. 21(2)-(3)).
        if request.kind == super::RequestKind::MarketingObjection {
            return refuse_with(RequestRefused::OtherKind);
        }
        let (noted, written) = recorded(w, &request, &reply, &reasons, today)?;
        (request.fee, request.state) = (Some(fee), RequestState::Fee);
        request::update(w, &request)?;
        request::happened(w, &request, EventKind::FeeAsked, &noted)?;
        Ok(written)
    })
}

/// Notes that the fee was paid, or that it is left: the request goes on.
///
/// # Errors
/// The actor may not, or no fee is waited for.
pub fn fee_settled(register: &Register, actor: &Actor, id: RequestId) -> Result<()> {
    handle(register, actor, id, move |w, mut request| {
        if request.state != RequestState::Fee {
            return refuse_with(RequestRefused::OtherKind);
        }
        request.state = RequestState::Open;
        request::update(w, &request)?;
        request::happened(w, &request, EventKind::FeeSettled, &Noted::default())
    })
}

/// Refuses a request with its ground, the reasons and the letter that tells how to complain (Art. 12(4)). It is always written:
/// a refusal that was only said can not be shown. Who objected is told by it that the restriction ends.
///
/// # Errors
/// The actor may not, the ground does not fit, the reasons are missing, the letter is wrong, or the request is closed.
pub fn refuse(
    register: &Register,
    actor: &Actor,
    id: RequestId,
    draft: &DecisionDraft,
    letter: &LetterDraft,
) -> Result<Answer> {
    let usage = register.authorize(actor, Action::RequestHandle)?;
    let kind = register.db().read(&usage, |r| Ok(request::get(r, id)?.kind));
    let kind = not_found_is_logged(register, actor, Action::RequestHandle, &format!("request:{id}"), kind)?;
    let (ground, reasons) = draft.refusal(kind)?;
    let reply = checked(register, actor, &Reply::Letter(letter.clone()))?;
    let today = register.today();
    handle(register, actor, id, move |w, mut request| {
        let (noted, written) = recorded(w, &request, &reply, &reasons, today)?;
        (request.state, request.ground, request.closed_on) = (RequestState::Refused, Some(ground), Some(today));
        request::update(w, &request)?;
        request::happened(w, &request, EventKind::Refused, &noted)?;
        tell_of_restriction(w, &request)?;
        Ok(written)
    })
}

/// The decision on an objection tells that the restriction that held meanwhile will be lifted (Art. 18(3)).
pub(super) fn tell_of_restriction(w: &mut Writing<'_, '_>, request: &Request) -> Result<(), StoreError> {
    match request.person {
        Some(person) if request.kind == super::RequestKind::Objection => {
            seloste_store::restriction::informed_of(w, person.into(), RestrictionGround::ObjectionPending, Told::Letter)
        }
        _ => Ok(()),
    }
}

/// Closes a request as done: what shows it is looked up in the same transaction, and what was told is recorded with it.
///
/// # Errors
/// The actor may not, nothing shows that it was done, the letter is wrong, or the request is closed.
pub fn close(register: &Register, actor: &Actor, id: RequestId, done: Done, reply: &Reply) -> Result<Answer> {
    let reply = checked(register, actor, reply)?;
    let today = register.today();
    handle(register, actor, id, move |w, mut request| {
        match request.next() {
            Next::FindCard => return refuse_with(RequestRefused::NoCard),
            Next::Recognise => return refuse_with(RequestRefused::NotRecognised),
            Next::AwaitFee | Next::AwaitHolds | Next::Nothing => return refuse_with(RequestRefused::OtherKind),
            _ => {}
        }
        let (noted, written) = match (&reply, done) {
            // Who was erased has no card and no key any more: what is told goes where they said.
            (Checked::Letter(letter), Done::Erasure(_)) if is_gone(w, &request)? => {
                (Noted::default(), Some(Written { recipient: Vec::new(), letter: letter.clone() }))
            }
            _ => recorded(w, &request, &reply, "", today)?,
        };
        request.done = Some(done);
        let noted = if is_gone(w, &request)? { Noted::default() } else { noted };
        request::close_done(w, &request, today, &noted)?;
        Ok(written)
    })
}

pub(super) fn is_gone(w: &mut Writing<'_, '_>, request: &Request) -> Result<bool, StoreError> {
    match request.person {
        Some(person) => Ok(seloste_store::person::some(w, &[person.0])?.is_empty()),
        None => Ok(true),
    }
}

/// The letter of an event of a request, to be printed again.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn letter(
    register: &Register,
    actor: &Actor,
    id: RequestId,
    event: seloste_domain::id::RequestEventId,
) -> Result<(Written, jiff::Timestamp)> {
    let usage = register.authorize(actor, Action::RequestHandle)?;
    let found = register.db().read(&usage, |r| {
        request::get(r, id)?;
        let event = request::events(r, id)?.into_iter().find(|found| found.id == event);
        let event = event.ok_or(StoreError::NotFound("letter"))?;
        let letter = event.noted.letter.ok_or(StoreError::NotFound("letter"))?;
        Ok((Written { recipient: event.noted.recipient, letter }, event.made_at))
    });
    let object = format!("request:{id}");
    not_found_is_logged(
        register,
        actor,
        Action::RequestHandle,
        &object,
        found.map_err(|e| OpsError::from(e).into_store()),
    )
}
