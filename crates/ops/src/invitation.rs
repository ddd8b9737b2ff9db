//! Invitations to the portal (promise P12): staff make them from a card, or for a list of customers; the runner of the portal
//! writes those that go by e-mail, and what is printed is made at once.

use jiff::SignedDuration;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, InvitationId, MailId, PersonId};
use seloste_domain::invitation::{DAYS, compared, days, secret};
pub use seloste_domain::invitation::{Invitation, InvitationState, InvitationWay};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::mail::{Letter, Template};
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_mail::portal as messages;
use seloste_store::mail::NewMail;
use seloste_store::{Access as _, StoreError, Writing, invitation as rows};

use crate::error::{OpsError, Result};
use crate::mail::Recipient;
use crate::person::not_found_is_logged;
use crate::portal::company_of;
use crate::register::{Register, local_date};
use crate::session::token_hash;

/// Invitations shown on a card.
const SHOWN: i64 = 20;
/// Invitations written in one round of the runner.
const AT_ONCE: i64 = 50;

/// The invitations of a person, the newest first.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn of(register: &Register, actor: &Actor, person: PersonId) -> Result<Vec<Invitation>> {
    let usage = register.authorize(actor, Action::InvitationList)?;
    let found = register.db().read(&usage, |r| rows::of(r, person, SHOWN));
    not_found_is_logged(register, actor, Action::InvitationList, &format!("person:{person}"), found)
}

/// A new invitation that waits to be written.
pub(crate) fn new(usage: &Use, id: InvitationId, person: PersonId, company: CompanyId, days: i64) -> Invitation {
    let now = usage.at();
    Invitation {
        id,
        person,
        company,
        way: InvitationWay::Email,
        state: InvitationState::Waiting,
        made_by: usage.actor().to_string(),
        made_at: now,
        expires_at: now.checked_add(SignedDuration::from_hours(days * 24)).unwrap_or(now),
        used_at: None,
    }
}

/// The company of the use that invites a person; none: theirs are others.
pub(crate) fn inviting(usage: &Use, person: &Person) -> Result<CompanyId, StoreError> {
    let own = person.companies.iter().find(|company| usage.scope().has(company));
    own.cloned().ok_or(StoreError::NotFound("company"))
}

/// Invites a person by e-mail: the message is written as soon as the portal's runner comes to it. Those that were open end.
///
/// # Errors
/// The actor may not, there is no such person within their companies, or they have no e-mail address.
pub fn by_email(register: &Register, actor: &Actor, person: PersonId, until: &str) -> Result<InvitationId> {
    let usage = register.authorize(actor, Action::InvitationMake)?;
    register.portal().ok_or_else(no_portal)?;
    let (days, today, id) = (days(until)?, register.today(), InvitationId(register.db().env().id()));
    let made = register.db().write(&usage, move |w| {
        let found = seloste_store::person::get(w, person)?;
        if found.email(today).is_none() {
            return Err(OpsError::from(crate::mail::MailRefused::NoAddress).into_store());
        }
        let usage = w.usage().clone();
        let company = inviting(&usage, &found)?;
        rows::insert(w, &new(&usage, id, person, company, days), None)?;
        Ok(id)
    });
    not_found_is_logged(register, actor, Action::InvitationMake, &format!("person:{person}"), made)
}

/// Invites one of many, for as long as is usual.
pub(crate) fn of_bulk(w: &mut Writing<'_, '_>, person: PersonId) -> Result<(), StoreError> {
    let found = seloste_store::person::get(w, person)?;
    if found.email(local_date(w.usage().at())).is_none() {
        return Err(StoreError::NotFound("address"));
    }
    let (usage, id) = (w.usage().clone(), InvitationId(w.env().id()));
    let company = inviting(&usage, &found)?;
    rows::insert(w, &new(&usage, id, person, company, DAYS), None)
}

/// An invitation as a letter says it.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The invitation.
    pub invitation: Invitation,
    /// Rows of the envelope.
    pub envelope: Vec<String>,
    /// The language of the letter.
    pub language: Language,
    /// Where it is typed.
    pub address: String,
    /// What lets its reader in: on the letter, and nowhere else.
    pub secret: String,
    /// Its last day.
    pub until: jiff::civil::Date,
}

/// Invites a person by a letter that is printed now. Those that were open end.
///
/// # Errors
/// The actor may not, there is no such person within their companies, or they have no postal address that may be seen.
pub fn by_letter(register: &Register, actor: &Actor, person: PersonId, until: &str) -> Result<Printed> {
    let usage = register.authorize(actor, Action::InvitationMake)?;
    let address = register.portal().ok_or_else(no_portal)?;
    let (days, today) = (days(until)?, register.today());
    let (id, secret) = (InvitationId(register.db().env().id()), secret(register.db().env().bytes()));
    let hash = token_hash(&compared(&secret));
    let made = register.db().write(&usage, move |w| {
        let found = seloste_store::person::get(w, person)?;
        let envelope = crate::letter::envelope(w, Recipient::Person(person), today)?;
        let usage = w.usage().clone();
        let company = inviting(&usage, &found)?;
        let invitation = Invitation {
            way: InvitationWay::Letter,
            state: InvitationState::Sent,
            ..new(&usage, id, person, company, days)
        };
        rows::insert(w, &invitation, Some(&hash))?;
        Ok((invitation, envelope, found.language(today).unwrap_or_default()))
    });
    let object = format!("person:{person}");
    let (invitation, envelope, language) = not_found_is_logged(register, actor, Action::InvitationMake, &object, made)?;
    let until = last_day(&invitation);
    let address = format!("{address}/invitation");
    Ok(Printed { invitation, envelope, language, address, secret, until })
}

/// The last day on which an invitation is good until its end.
fn last_day(invitation: &Invitation) -> jiff::civil::Date {
    let end = local_date(invitation.expires_at);
    end.yesterday().unwrap_or(end)
}

/// Takes back an invitation that is open.
///
/// # Errors
/// The actor may not, or there is none of this id for the person.
pub fn cancel(register: &Register, actor: &Actor, person: PersonId, id: InvitationId) -> Result<()> {
    let usage = register.authorize(actor, Action::InvitationMake)?;
    let done = register.db().write(&usage, move |w| rows::cancel(w, person, id));
    not_found_is_logged(register, actor, Action::InvitationMake, &format!("invitation:{id}"), done)
}

/// Writes the invitations that wait; how many. One that can not be sent any more is marked as failed.
///
/// # Errors
/// The notice declares no purpose for it, or the database can not be read or written.
pub fn send_waiting(register: &Register, base: &str) -> Result<usize> {
    let waiting = register.db().look(|tx| rows::waiting(tx, AT_ONCE))?;
    for invitation in &waiting {
        let usage = register.authorize(&Actor::Program("portal"), Action::InvitationSend)?;
        let (notice, base, invitation) = (register.notice()?, base.to_owned(), invitation.clone());
        let id = invitation.id;
        let sent = register.db().write(&usage, move |w| send(w, &notice, &base, &invitation));
        match sent {
            Ok(()) => {}
            // The person is gone, has no address any more, or their processing is restricted meanwhile.
            Err(StoreError::NotFound(_) | StoreError::Restricted | StoreError::Prohibited(_)) => {
                register.db().write_plain(move |plain| {
                    rows::settle(&mut plain.tx(), id, InvitationState::Failed, None).map(drop)
                })?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(waiting.len())
}

fn send(
    w: &mut Writing<'_, '_>,
    notice: &seloste_domain::notice::Notice,
    base: &str,
    invitation: &Invitation,
) -> Result<(), StoreError> {
    let now = w.usage().at();
    let secret = secret(w.env().bytes());
    let hash = token_hash(&compared(&secret));
    if !rows::settle(&mut w.plain().tx(), invitation.id, InvitationState::Sent, Some(&hash))? {
        return Ok(());
    }
    let day = local_date(now);
    let person = seloste_store::person::get(w, invitation.person)?;
    let declared = w.usage().kinds().has(Kind::Email) && invitation.expires_at > now;
    let address = person.email(day).filter(|_| declared).map(|email| email.address.clone());
    let to = address.ok_or(StoreError::NotFound("address"))?;
    let language = person.language(day).unwrap_or_default();
    let name = person.name().map(|name| name.display()).unwrap_or_default();
    let company = notice.company(&invitation.company).map(|company| company.name.clone()).unwrap_or_default();
    let written = messages::invitation(notice, language, &name, &company, (base, &secret, last_day(invitation)));
    let (subject, body) = (written.subject, written.body);
    let letter = Letter { to, name, subject, body, enclosed: Vec::new(), parties: vec![person.id.into()] };
    let new = NewMail {
        id: MailId(w.env().id()),
        owner: person.id.into(),
        company: company_of(notice, &person).unwrap_or_else(|| invitation.company.clone()),
        order: None,
        template: Template::Invitation,
        language,
        letter,
        enclosures: Vec::new(),
    };
    seloste_store::mail::queue(w, &new).map(drop)
}

/// What is refused so when no portal is served.
pub(crate) fn no_portal() -> OpsError {
    FieldErrors::from(FieldError::new("days", code::PORTAL_OFF)).into()
}
