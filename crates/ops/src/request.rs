//! Requests of people about their own data (Art. 12, 15-22): received, recognised, extended, refused, carried out, answered.
//!
//! What the person's own pages do needs no member of staff: [`receive_from_portal`] and [`of_person_for`] take a [`Use`].

mod answer;
mod carry_out;
mod own;
mod wait;

use jiff::SignedDuration;
use jiff::civil::Date;
use seloste_domain::deadline::{self, months_after};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{PersonId, ProhibitionId, RequestId, RestrictionId};
use seloste_domain::person::Person;
use seloste_domain::prohibition::{ProhibitionKind, Prohibitions, Way};
pub use seloste_domain::request::{
    Channel, DecisionDraft, Done, EventKind as Happened, IdentityCheck, IdentityDraft, Next, RefusalGround, Request,
    RequestDraft, RequestKind, Said,
};
use seloste_domain::request::{EventKind, Noted, RequestState, ValidRequest};
use seloste_domain::restriction::RestrictionGround;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::package::{Package as Made, PackageKind};
use seloste_store::party::Noun;
use seloste_store::prohibition::NewProhibition;
pub use seloste_store::request::{Event, Filter};
use seloste_store::{Access, StoreError, Writing, request};

pub use self::answer::{Answer, Reply, ask_fee, close, extend, fee_settled, letter, refuse};
pub use self::carry_out::{correct, decline, erased, uphold};
pub use self::own::OwnRequest;
pub(crate) use self::own::{erased_themself, own, packaged, waiting_for, withdraw_own};
pub use self::wait::wait;
pub(crate) use self::wait::{as_waited, waits_themself};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Requests on a page of the list.
pub const SHOWN: i64 = 200;
/// Requests of a person that are shown.
const OF_PERSON: i64 = 50;
/// Requests of a person that can be open when another one comes from the portal.
pub const MOST_OPEN: usize = 10;
/// Requests of a person from the portal in a day.
pub const MOST_IN_A_DAY: usize = 10;
/// A day, as limits count it.
pub(crate) const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Why a request can not be handled so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefused {
    /// It is closed.
    #[error("this request is closed")]
    Closed,
    /// Nobody has found the person's card.
    #[error("the person's card has to be found first")]
    NoCard,
    /// It is joined to a card already.
    #[error("the request is joined to a card already")]
    HasCard,
    /// The person was not recognised.
    #[error("the person has to be recognised first (Art. 12(6))")]
    NotRecognised,
    /// The first month is over, or it was extended already.
    #[error("the time can be extended once, within the first month (Art. 12(3))")]
    NotExtendable,
    /// What is named does not show that it was done.
    #[error("what is named does not show that the request was done")]
    NotShown,
    /// Something of the person belongs to companies beyond the right.
    #[error(
        "this person is a customer of companies beyond this right; somebody with a right to all of them has to make it"
    )]
    OtherCompanies,
    /// The step is none of this kind of request.
    #[error("this is no step of such a request")]
    OtherKind,
    /// The person has asked or made as much as goes in a day.
    #[error("this is as much as can be asked for in a day")]
    Often,
}

/// A request with what its person is called.
#[derive(Clone, Debug)]
pub struct Row {
    /// The request.
    pub request: Request,
    /// What the person is called; empty when nobody found the card.
    pub name: String,
}

/// The requests of the actor's companies: the open ones, the soonest first, or the closed ones.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, filter: &Filter) -> Result<Vec<Row>> {
    let usage = register.authorize(actor, Action::RequestList)?;
    let rows = register.db().read(&usage, |r| {
        let found = request::page(r, filter, SHOWN)?;
        let ids: Vec<_> = found.iter().filter_map(|request| request.person.map(|id| id.0)).collect();
        let people = seloste_store::person::some(r, &ids)?;
        let name = |request: &Request| match request.person {
            Some(id) => people.iter().find(|person| person.id == id).map(Person::display_name).unwrap_or_default(),
            None => String::new(),
        };
        Ok(found.into_iter().map(|request| Row { name: name(&request), request }).collect())
    });
    rows.map_err(OpsError::from_store)
}

/// How many requests are open, and how many of these are late.
///
/// # Errors
/// The actor may not.
pub fn counts(register: &Register, actor: &Actor) -> Result<(i64, i64)> {
    let usage = register.authorize(actor, Action::RequestList)?;
    let today = register.today();
    Ok(register.db().read(&usage, |r| request::counts(r, today))?)
}

/// The requests of a person, the newest first.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn of_person(register: &Register, actor: &Actor, person: PersonId) -> Result<Vec<Request>> {
    let usage = register.authorize(actor, Action::RequestList)?;
    of_person_for(register, &usage, person)
}

/// The same under a use of one's own, such as the person's.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn of_person_for(register: &Register, usage: &Use, person: PersonId) -> Result<Vec<Request>> {
    let found = register.db().read(usage, |r| {
        seloste_store::party::version(r, Noun::Person, person.into())?;
        request::of(r, person, OF_PERSON)
    });
    found.map_err(OpsError::from_store)
}

/// A request with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The request.
    pub request: Request,
    /// What the person is called; none: nobody found the card, or they are not in the register any more.
    pub person: Option<Person>,
    /// What was said; none when it is forgotten, or when the actor does not handle requests.
    pub said: Option<Said>,
    /// What happened, the oldest first; what was written only for those who handle requests.
    pub events: Vec<Event>,
    /// The packages that were made for it.
    pub packages: Vec<Made>,
    /// What would show that it was done.
    pub evidence: Vec<Done>,
    /// A restriction that was set while an objection was pending, and is still in force.
    pub pending: Option<RestrictionId>,
}

/// A request.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: RequestId) -> Result<Shown> {
    let usage = register.authorize(actor, Action::RequestList)?;
    let handles = Use::authorize(actor, Action::RequestHandle, &*register.notice()?, register.now()).is_ok();
    let shown = register.db().read(&usage, |r| {
        let request = request::get(r, id)?;
        let person = match request.person {
            Some(person) => seloste_store::person::some(r, &[person.0])?.into_iter().next(),
            None => None,
        };
        let said = if handles { request::said(r, id)? } else { None };
        let mut events = request::events(r, id)?;
        if !handles {
            events.iter_mut().for_each(|event| event.noted = Noted::default());
        }
        let packages = seloste_store::package::of_request(r, id)?;
        let (mut evidence, mut pending) = (Vec::new(), None);
        if person.is_some() || request.kind == RequestKind::Erasure {
            evidence = carry_out::evidence(r, &request, &packages)?;
        }
        if let Some(person) = &person {
            pending = carry_out::pending(r, person.id)?;
        }
        Ok(Shown { request, person, said, events, packages, evidence, pending })
    });
    not_found_is_logged(register, actor, Action::RequestList, &format!("request:{id}"), shown)
}

/// A new request as it is entered.
fn entered(id: RequestId, valid: &ValidRequest, person: Option<PersonId>, usage: &Use) -> Request {
    Request {
        id,
        person,
        company: valid.company.clone(),
        kind: valid.kind,
        channel: valid.channel,
        language: valid.language,
        received_on: valid.received_on,
        due_on: months_after(valid.received_on, deadline::MONTHS),
        extended_on: None,
        state: RequestState::Open,
        identity: None,
        fee: None,
        ground: None,
        done: None,
        closed_on: None,
        entered_by: usage.actor().to_string(),
        entered_at: usage.at(),
        version: 1,
        waits: false,
    }
}

/// Receives a request: from a person's card, or of somebody whose card nobody has found yet. An objection to marketing holds at
/// once; while another objection is pending, the processing is restricted.
///
/// # Errors
/// The actor may not, a field is wrong, or there is no such person within their companies.
pub fn receive(
    register: &Register,
    actor: &Actor,
    draft: &RequestDraft,
    person: Option<PersonId>,
) -> Result<RequestId> {
    let usage = register.authorize(actor, Action::RequestReceive)?;
    let valid = draft.validate(usage.kinds(), person.is_some(), register.today())?;
    if !Channel::OF_STAFF.contains(&valid.channel) {
        return Err(FieldErrors::from(FieldError::new("channel", code::CHOICE_UNKNOWN)).into());
    }
    if !usage.scope().has(&valid.company) {
        return Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into());
    }
    let id = RequestId(register.db().env().id());
    let object = person.map_or_else(|| "request:new".to_owned(), |person| format!("person:{person}"));
    let request = entered(id, &valid, person, &usage);
    let received = register.db().write(&usage, move |w| {
        request::insert(w, &request, &valid.said)?;
        at_once(w, &request)
    });
    not_found_is_logged(register, actor, Action::RequestReceive, &object, received)?;
    Ok(id)
}

/// Receives a request of a person who is signed in to their own pages: they are recognised by that.
///
/// # Errors
/// A field is wrong, the person is not in the scope of the use, or has asked too often: [`RequestRefused::Often`].
pub fn receive_from_portal(
    register: &Register,
    usage: &Use,
    person: PersonId,
    draft: &RequestDraft,
) -> Result<RequestId> {
    let today = register.today();
    let draft = RequestDraft { channel: Channel::Portal.to_string(), received_on: today.to_string(), ..draft.clone() };
    let valid = draft.validate(usage.kinds(), true, today)?;
    let id = RequestId(register.db().env().id());
    let request = Request { identity: Some(IdentityCheck::PortalSession), ..entered(id, &valid, Some(person), usage) };
    let received = register.db().write(usage, move |w| {
        few_enough(w, person)?;
        recognised(w, &request, &valid.said)?;
        at_once(w, &request)
    });
    received.map_err(OpsError::from_store)?;
    Ok(id)
}

/// Enters a request whose person was recognised by their session.
fn recognised(w: &mut Writing<'_, '_>, request: &Request, said: &Said) -> Result<(), StoreError> {
    request::insert(w, request, said)?;
    request::happened(w, request, EventKind::Recognised, &Noted::default())
}

/// Whether a person has asked little enough to ask once more.
fn few_enough(w: &mut Writing<'_, '_>, person: PersonId) -> Result<(), StoreError> {
    let since = w.usage().at() - A_DAY;
    let known = request::of(w, person, OF_PERSON)?;
    let open = known.iter().filter(|request| request.state.is_open()).count();
    let lately = known.iter().filter(|known| known.channel == Channel::Portal && known.entered_at > since).count();
    match open < MOST_OPEN && lately < MOST_IN_A_DAY {
        true => Ok(()),
        false => refuse_with(RequestRefused::Often),
    }
}

/// What an objection does before anybody has looked at it (Art. 21(3), 18(1)(d)).
fn at_once(w: &mut Writing<'_, '_>, request: &Request) -> Result<(), StoreError> {
    let Some(person) = request.person else { return Ok(()) };
    match request.kind {
        RequestKind::MarketingObjection => {
            forbid(w, request, person, Prohibitions::NONE.with(ProhibitionKind::DirectMarketing)).map(drop)
        }
        RequestKind::Objection => {
            let set = seloste_store::restriction::set(
                w,
                Noun::Person,
                person.into(),
                RestrictionGround::ObjectionPending,
                &format!("request:{}", request.id),
            );
            match set {
                // An earlier objection is pending as well.
                Ok(_) | Err(StoreError::Taken(_)) => Ok(()),
                Err(error) => Err(error),
            }
        }
        _ => Ok(()),
    }
}

/// Enters what a request forbids; what of it was not forbidden already.
fn forbid(
    w: &mut Writing<'_, '_>,
    request: &Request,
    person: PersonId,
    kinds: Prohibitions,
) -> Result<Prohibitions, StoreError> {
    let way = match request.channel {
        Channel::Email => Way::Email,
        Channel::Letter => Way::Letter,
        Channel::Portal | Channel::Telephone | Channel::Counter => Way::CustomerService,
    };
    let new = NewProhibition { kinds, way, note: format!("request:{}", request.id), list: None, expires_at: None };
    seloste_store::prohibition::set(w, Noun::Person, person.into(), &new)
}

/// Joins a request to the card that was found.
///
/// # Errors
/// The actor may not, there is no such person within their companies, the request is closed or has a card.
pub fn link(register: &Register, actor: &Actor, id: RequestId, person: PersonId) -> Result<()> {
    handle(register, actor, id, move |w, mut request| {
        if request.person.is_some() {
            return refuse_with(RequestRefused::HasCard);
        }
        request::link(w, &mut request, person)?;
        request::update(w, &request)?;
        request::happened(w, &request, EventKind::Linked, &Noted::default())?;
        at_once(w, &request)
    })
}

/// Notes how the person was recognised, and what was looked at.
///
/// # Errors
/// The actor may not, a field is wrong, or the request is closed.
pub fn recognise(register: &Register, actor: &Actor, id: RequestId, draft: &IdentityDraft) -> Result<()> {
    let valid = draft.validate();
    let valid = register.authorize(actor, Action::RequestHandle).and_then(|_| Ok(valid?))?;
    handle(register, actor, id, move |w, mut request| {
        let mut said = request::said(w, id)?.unwrap_or_default();
        said.checked.clone_from(&valid.checked);
        request::say(w, &request, &said)?;
        request.identity = Some(valid.check);
        request::update(w, &request)?;
        request::happened(w, &request, EventKind::Recognised, &Noted::default())
    })
}

/// Notes that the person took the request back. What an objection set meanwhile stays until it is lifted.
///
/// # Errors
/// The actor may not, nothing is noted of why, or the request is closed.
pub fn withdraw(register: &Register, actor: &Actor, id: RequestId, draft: &DecisionDraft) -> Result<()> {
    register.authorize(actor, Action::RequestHandle)?;
    let reasons = draft.reasons().map_err(FieldErrors::from)?;
    let today = register.today();
    handle(register, actor, id, move |w, mut request| {
        (request.state, request.closed_on) = (RequestState::Withdrawn, Some(today));
        request::update(w, &request)?;
        let noted = Noted { reasons: reasons.clone(), ..Noted::default() };
        request::happened(w, &request, EventKind::Withdrawn, &noted)
    })
}

/// A package that is made for a request: the request waits for it, and the person was recognised.
pub(crate) fn made(
    w: &mut Writing<'_, '_>,
    id: RequestId,
    person: PersonId,
    kind: PackageKind,
) -> Result<(), StoreError> {
    let request = request::get(w, id)?;
    let wants = match kind {
        PackageKind::Access => RequestKind::Access,
        PackageKind::Portability => RequestKind::Portability,
    };
    if request.kind != wants || request.person != Some(person) {
        return refuse_with(RequestRefused::OtherKind);
    }
    ready(&request, Next::MakePackage)?;
    request::happened(w, &request, EventKind::PackageMade, &Noted::default())
}

pub(crate) fn refuse_with<T>(why: RequestRefused) -> Result<T, StoreError> {
    Err(OpsError::from(why).into_store())
}

/// The request has come as far as a step, or why not.
fn ready(request: &Request, step: Next) -> Result<(), StoreError> {
    match request.next() {
        next if next == step => Ok(()),
        Next::Nothing => refuse_with(RequestRefused::Closed),
        Next::FindCard => refuse_with(RequestRefused::NoCard),
        Next::Recognise => refuse_with(RequestRefused::NotRecognised),
        _ => refuse_with(RequestRefused::OtherKind),
    }
}

/// Does something with an open request, as one who handles requests.
fn handle<T: Send + 'static>(
    register: &Register,
    actor: &Actor,
    id: RequestId,
    change: impl FnMut(&mut Writing<'_, '_>, Request) -> Result<T, StoreError> + Send + 'static,
) -> Result<T> {
    handle_as(register, actor, Action::RequestHandle, id, change)
}

fn handle_as<T: Send + 'static>(
    register: &Register,
    actor: &Actor,
    action: Action,
    id: RequestId,
    mut change: impl FnMut(&mut Writing<'_, '_>, Request) -> Result<T, StoreError> + Send + 'static,
) -> Result<T> {
    let usage = register.authorize(actor, action)?;
    let done = register.db().write(&usage, move |w| {
        let request = request::get(w, id)?;
        if !request.state.is_open() {
            return refuse_with(RequestRefused::Closed);
        }
        change(w, request)
    });
    not_found_is_logged(register, actor, action, &format!("request:{id}"), shown_or(done))
}

/// What the store says of missing evidence is told as a refusal of the use case.
fn shown_or<T>(done: Result<T, StoreError>) -> Result<T, StoreError> {
    match done {
        Err(StoreError::Refused(inner)) if inner.is::<request::NotShown>() => refuse_with(RequestRefused::NotShown),
        other => other,
    }
}

/// The day on which the time of a request ends that was received on a day, and the day with an extension.
#[must_use]
pub fn clocks(received_on: Date) -> (Date, Date) {
    (months_after(received_on, deadline::MONTHS), months_after(received_on, deadline::MONTHS_EXTENDED))
}

/// Finds the prohibition by which a person forbade something.
fn prohibition_of(
    access: &mut impl Access,
    person: PersonId,
    wanted: impl Fn(ProhibitionKind) -> bool,
) -> Result<Option<ProhibitionId>, StoreError> {
    let now = access.usage().at();
    let found = seloste_store::prohibition::of(access, Noun::Person, person.into())?;
    Ok(found
        .into_iter()
        .find(|prohibition| prohibition.holds_at(now) && wanted(prohibition.kind))
        .map(|found| found.id))
}
