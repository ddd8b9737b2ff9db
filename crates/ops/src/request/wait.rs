//! Requests for erasure whose erasure was decided and waits for what holds the data: the person is told at once, and the request is
//! closed by the erasure when it is carried out.

use jiff::civil::Date;
use seloste_domain::id::{PersonId, RequestId};
use seloste_domain::request::{
    Done, EventKind, IdentityCheck, Noted, Request, RequestKind, RequestState, ValidRequest,
};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::erasure::{self as store, Asked, NotErased, Wish};
use seloste_store::{Access as _, StoreError, Writing, request};

use super::answer::{Answer, Reply, checked, recorded};
use super::{Next, OF_PERSON, RequestRefused, entered, few_enough, handle, ready, recognised, refuse_with};
use crate::erasure;
use crate::error::Result;
use crate::register::{Register, local_date};

/// Decides that a request's erasure waits for what holds all of the data, and tells the person: what holds it, and that it is
/// carried out by itself.
///
/// # Errors
/// The actor may not, the person was not recognised, the letter is wrong, or nothing holds all of the data:
/// [`erasure::ErasureRefused::Changed`].
pub fn wait(register: &Register, actor: &Actor, id: RequestId, reply: &Reply) -> Result<Answer> {
    register.authorize(actor, Action::ErasureRun)?;
    let reply = checked(register, actor, reply)?;
    let today = register.today();
    handle(register, actor, id, move |w, request| {
        ready(&request, Next::Erase)?;
        let Some(person) = request.person else { return refuse_with(RequestRefused::NoCard) };
        let wish = Wish { person, request: Some(id), version: None, files: 0, at_request: true, alone: false };
        store::wait(w, &wish, today).map_err(erasure::refused)?;
        let (noted, written) = recorded(w, &request, &reply, "", today)?;
        request::happened(w, &request, EventKind::Waits, &noted)?;
        Ok(written)
    })
}

/// What a person asks whose own erasure waits: their newest open request for it, or one that is received now.
pub(crate) fn waits_themself(
    w: &mut Writing<'_, '_>,
    (new, valid): (RequestId, &ValidRequest),
    wish: &Wish,
    today: Date,
) -> Result<RequestId, StoreError> {
    let (person, usage): (PersonId, Use) = (wish.person, w.usage().clone());
    let known = request::of(w, person, OF_PERSON)?;
    let open = known.into_iter().find(|known| known.kind == RequestKind::Erasure && known.state == RequestState::Open);
    let asked = match open {
        Some(request) if request.identity.is_none() => {
            let request = Request { identity: Some(IdentityCheck::PortalSession), ..request };
            request::update(w, &request)?;
            request
        }
        Some(request) => request,
        None => {
            few_enough(w, person)?;
            let received = entered(new, valid, Some(person), &usage);
            let received = Request { identity: Some(IdentityCheck::PortalSession), ..received };
            recognised(w, &received, &valid.said)?;
            received
        }
    };
    store::wait(w, &Wish { request: Some(asked.id), ..wish.clone() }, today).map_err(erasure::refused)?;
    request::happened(w, &asked, EventKind::Waits, &Noted::default())?;
    Ok(asked.id)
}

/// Carries out an erasure that waited, by the plan of this moment, and closes the requests for it of people who were recognised. None:
/// something holds everything again, or it was taken back.
pub(crate) fn as_waited(
    w: &mut Writing<'_, '_>,
    person: PersonId,
    files: Vec<String>,
    today: Date,
) -> Result<Option<store::Done>, StoreError> {
    let Some(waiting) = store::waiting_of(&mut w.plain().tx(), person)? else { return Ok(None) };
    let mut open = request::of(w, person, OF_PERSON)?;
    open.retain(|request| {
        request.kind == RequestKind::Erasure && request.state == RequestState::Open && request.identity.is_some()
    });
    let asked = Asked { person, version: None, at_request: waiting.at_request, files };
    let done = match store::carry_out(w, &asked, today) {
        Ok(done) => done,
        // It is looked at before anything is changed.
        Err(StoreError::Refused(why)) if why.is::<NotErased>() => return Ok(None),
        Err(error) => return Err(error),
    };
    let day = local_date(w.usage().at());
    for request in open {
        let closed = Request { done: Some(Done::Erasure(done.erasure.0)), ..request };
        request::close_done(w, &closed, day, &Noted::default())?;
    }
    Ok(Some(done))
}
