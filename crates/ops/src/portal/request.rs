//! A person's requests about their own data: asked, followed and taken back.

use seloste_domain::id::RequestId;
use seloste_domain::request::{Request, RequestDraft};
use seloste_domain::rights::Action;

use super::{Visitor, company_of, own, usage};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;
use crate::request::{self as requests_of, OwnRequest};

/// Their requests, the newest first.
///
/// # Errors
/// They are not there any more.
pub fn requests(register: &Register, who: &Visitor) -> Result<Vec<Request>> {
    let usage = usage(register, who, Action::PortalShow)?;
    requests_of::of_person_for(register, &usage, who.person)
}

/// One of their requests.
///
/// # Errors
/// They have none of this id.
pub fn request(register: &Register, who: &Visitor, id: RequestId) -> Result<OwnRequest> {
    let usage = usage(register, who, Action::PortalShow)?;
    let found = register.db().read(&usage, |r| requests_of::own(r, id));
    not_found_is_logged(register, &who.actor, Action::PortalShow, &format!("request:{id}"), found)
}

/// What a request of theirs is entered with: the company that answers, and the language.
pub(super) fn addressed(register: &Register, who: &Visitor, draft: &RequestDraft) -> Result<RequestDraft> {
    let person = own::show(register, who)?.person;
    let company = company_of(&*register.notice()?, &person).map(|company| company.to_string()).unwrap_or_default();
    let language = person.language(register.today()).map_or_else(|| draft.language.clone(), |own| own.tag().to_owned());
    Ok(RequestDraft { company, language, ..draft.clone() })
}

/// Asks something. They are recognised by their session.
///
/// # Errors
/// A field is wrong, or they asked too often.
pub fn ask_right(register: &Register, who: &Visitor, draft: &RequestDraft) -> Result<RequestId> {
    let usage = usage(register, who, Action::PortalRequest)?;
    let draft = addressed(register, who, draft)?;
    requests_of::receive_from_portal(register, &usage, who.person, &draft)
}

/// Takes a request of theirs back.
///
/// # Errors
/// They have none of this id, or it is closed.
pub fn withdraw_request(register: &Register, who: &Visitor, id: RequestId) -> Result<()> {
    let usage = usage(register, who, Action::PortalRequest)?;
    let today = register.today();
    let done = register.db().write(&usage, move |w| requests_of::withdraw_own(w, id, today));
    let done = not_found_is_logged(register, &who.actor, Action::PortalRequest, &format!("request:{id}"), done);
    done.map_err(|error| OpsError::from_store(error.into_store()))
}
