//! What a person does with their own requests in the portal, without a member of staff.

use jiff::civil::Date;
use seloste_domain::id::{ErasureId, PackageId, PersonId, RequestId};
use seloste_domain::request::{
    Done, EventKind, IdentityCheck, Next, Noted, Request, RequestKind, RequestState, Said, ValidRequest,
};
use seloste_domain::usage::Use;
use seloste_store::package::Package as Made;
use seloste_store::{Access, Reading, StoreError, Writing, request};

use super::{Event, OF_PERSON, RequestRefused, entered, recognised, refuse_with};
use crate::register::local_date;

/// A request as its person sees it.
#[derive(Clone, Debug)]
pub struct OwnRequest {
    /// The request.
    pub request: Request,
    /// What they asked, in their words.
    pub said: Said,
    /// What happened, the oldest first.
    pub events: Vec<Event>,
    /// The packages that were made for it.
    pub packages: Vec<Made>,
}

/// What staff noted for themselves is not told: how the person was recognised, and why a request was taken back.
const fn is_told(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Recognised | EventKind::AskedIdentity | EventKind::Linked | EventKind::Withdrawn)
}

/// A request of the only person of the use.
pub(crate) fn own(r: &mut Reading<'_>, id: RequestId) -> Result<OwnRequest, StoreError> {
    let request = request::get(r, id)?;
    let said = request::said(r, id)?.unwrap_or_default();
    let mut events = request::events(r, id)?;
    events.iter_mut().filter(|event| !is_told(event.kind)).for_each(|event| event.noted = Noted::default());
    let packages = seloste_store::package::of_request(r, id)?;
    Ok(OwnRequest { request, said: Said { checked: String::new(), ..said }, events, packages })
}

/// Takes a request back. What an objection set meanwhile stays until it is lifted.
pub(crate) fn withdraw_own(w: &mut Writing<'_, '_>, id: RequestId, today: Date) -> Result<(), StoreError> {
    let mut request = request::get(w, id)?;
    if !request.state.is_open() {
        return refuse_with(RequestRefused::Closed);
    }
    (request.state, request.closed_on) = (RequestState::Withdrawn, Some(today));
    request::update(w, &request)?;
    request::happened(w, &request, EventKind::Withdrawn, &Noted::default())
}

/// The newest open request of a person that waits for a step of this kind.
pub(crate) fn waiting_for(
    access: &mut impl Access,
    person: PersonId,
    (kind, step): (RequestKind, Next),
) -> Result<Option<RequestId>, StoreError> {
    let known = request::of(access, person, OF_PERSON)?;
    Ok(known.into_iter().find(|request| request.kind == kind && request.next() == step).map(|request| request.id))
}

/// Closes a request by the package that its person made themself.
pub(crate) fn packaged(w: &mut Writing<'_, '_>, id: RequestId, package: PackageId) -> Result<(), StoreError> {
    let request = request::get(w, id)?;
    let today = local_date(w.usage().at());
    request::close_done(w, &Request { done: Some(Done::Package(package)), ..request }, today, &Noted::default())
}

/// What a person asks who has themself erased: their open requests for it, or one that is received now. Each is closed by the
/// erasure, which `erase` carries out, in the same transaction.
pub(crate) fn erased_themself<T>(
    w: &mut Writing<'_, '_>,
    person: PersonId,
    (new, valid): (RequestId, &ValidRequest),
    erase: impl FnOnce(&mut Writing<'_, '_>) -> Result<(ErasureId, T), StoreError>,
) -> Result<T, StoreError> {
    let usage: Use = w.usage().clone();
    let today = local_date(usage.at());
    let mut open = request::of(w, person, OF_PERSON)?;
    open.retain(|request| request.kind == RequestKind::Erasure && request.state.is_open());
    if open.is_empty() {
        let received = entered(new, valid, Some(person), &usage);
        let received = Request { identity: Some(IdentityCheck::PortalSession), ..received };
        recognised(w, &received, &valid.said)?;
        open.push(received);
    }
    let (erasure, done) = erase(w)?;
    for request in open {
        let identity = request.identity.or(Some(IdentityCheck::PortalSession));
        let closed = Request { identity, done: Some(Done::Erasure(erasure.0)), ..request };
        request::close_done(w, &closed, today, &Noted::default())?;
    }
    Ok(done)
}
