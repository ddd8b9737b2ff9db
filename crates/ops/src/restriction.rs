//! Restricting the processing of a customer's data (Art. 18): set, allowed exceptions, telling the person, lifting.

use jiff::SignedDuration;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{ExceptionId, MailId, PersonId, RestrictionId};
use seloste_domain::letter::LetterDraft;
use seloste_domain::mail::{self as message, Template};
use seloste_domain::request::RequestKind;
use seloste_domain::restriction::{DAYS_OF_LETTER, needed};
pub use seloste_domain::restriction::{
    EXCEPTED, Exception, ExceptionDraft, ExceptionGround, Informed, MAX_DAYS, Restriction, RestrictionDraft,
    RestrictionGround, Told, WhenRestricted, when_restricted,
};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_mail::confirmation::footer;
use seloste_store::mail::NewMail;
use seloste_store::party::Noun;
use seloste_store::{StoreError, Writing, restriction};

use crate::error::{OpsError, Result};
use crate::letter::{Written, envelope};
use crate::mail::{MailRefused, MailState, Recipient, addressee};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Requests of a person that are looked through for an objection that is pending.
const OBJECTIONS: i64 = 1_000;
/// Restrictions on the page of all of them at most.
const SHOWN: i64 = 500;

/// Why a restriction can not be changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestrictionRefused {
    /// The person has to be told before it is lifted (Art. 18(3)).
    #[error("the person has not been told yet that the restriction will be lifted (Art. 18(3))")]
    NotInformed,
    /// The message by which they were told did not leave.
    #[error("the message by which the person was to be told was not sent")]
    NotSent,
    /// It is restricted by this ground already.
    #[error("the processing is restricted on this ground already")]
    Already,
}

/// What a customer's page of restriction shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The restrictions, the newest first.
    pub restrictions: Vec<Restriction>,
    /// The uses that were allowed, the newest first.
    pub exceptions: Vec<Exception>,
}

/// The restrictions of a customer, with their history.
///
/// # Errors
/// The actor may not, or there is no such customer within their companies.
pub fn of(register: &Register, actor: &Actor, customer: Recipient) -> Result<Shown> {
    let usage = register.authorize(actor, Action::RestrictionList)?;
    let found = register.db().read(&usage, |r| {
        let restrictions = restriction::of(r, customer.noun(), customer.party())?;
        Ok(Shown { restrictions, exceptions: restriction::exceptions(r, customer.party())? })
    });
    not_found_is_logged(register, actor, Action::RestrictionList, &customer.object(), found)
}

/// A restriction in force, with whose it is.
#[derive(Clone, Debug)]
pub struct Row {
    /// The restriction.
    pub restriction: Restriction,
    /// Whose it is.
    pub customer: Recipient,
    /// What they are called.
    pub name: String,
}

/// All restrictions in force within the actor's companies, the oldest first.
///
/// # Errors
/// The actor may not.
pub fn in_force(register: &Register, actor: &Actor) -> Result<Vec<Row>> {
    let usage = register.authorize(actor, Action::RestrictionList)?;
    let rows = register.db().read(&usage, |r| {
        let found = restriction::in_force(r, SHOWN)?;
        let ids = |noun: Noun| -> Vec<uuid::Uuid> {
            found.iter().filter(|(_, of)| *of == noun).map(|(restriction, _)| restriction.party.0).collect()
        };
        let people = seloste_store::person::some(r, &ids(Noun::Person))?;
        let organisations = seloste_store::organisation::some(r, &ids(Noun::Organisation))?;
        let rows = found.into_iter().filter_map(|(restriction, _)| {
            let id = restriction.party.0;
            let person = people.iter().find(|person| person.id.0 == id);
            let organisation = organisations.iter().find(|organisation| organisation.id.0 == id);
            let (customer, name) = match (person, organisation) {
                (Some(person), _) => (Recipient::Person(person.id), person.display_name()),
                (None, Some(found)) => (Recipient::Organisation(found.id), found.name.clone()),
                (None, None) => return None,
            };
            Some(Row { restriction, customer, name })
        });
        Ok(rows.collect())
    });
    Ok(rows?)
}

/// Restricts the processing of a customer's data. From the moment at which this returns nothing is done with it but what
/// [`when_restricted`] says.
///
/// # Errors
/// The actor may not, there is no such customer within their companies, a field is wrong, or it is restricted so already.
pub fn set(register: &Register, actor: &Actor, customer: Recipient, draft: &RestrictionDraft) -> Result<RestrictionId> {
    let usage = register.authorize(actor, Action::RestrictionSet)?;
    let (ground, note) = draft.validate()?;
    let set = register.db().write(&usage, move |w| {
        match restriction::set(w, customer.noun(), customer.party(), ground, &note) {
            Err(StoreError::Taken(_)) => Err(OpsError::from(RestrictionRefused::Already).into_store()),
            other => other,
        }
    });
    not_found_is_logged(register, actor, Action::RestrictionSet, &customer.object(), set)
}

/// Allows a use that Art. 18(2) allows, with its ground and reason, for one activity and some days. Whoever has the right to
/// what belongs to the activity can do it then, and the log says by which exception.
///
/// # Errors
/// The actor may not, a field is wrong, or the processing is not restricted.
pub fn except(register: &Register, actor: &Actor, customer: Recipient, draft: &ExceptionDraft) -> Result<ExceptionId> {
    let usage = register.authorize(actor, Action::RestrictionExcept)?;
    let valid = draft.validate()?;
    let until = register.now().checked_add(SignedDuration::from_hours(24 * valid.days));
    let until =
        until.map_err(|_| FieldErrors::from(FieldError::new("days", code::DAYS_INVALID).with("max", MAX_DAYS)))?;
    let made =
        register.db().write(&usage, move |w| restriction::except(w, customer.noun(), customer.party(), &valid, until));
    not_found_is_logged(register, actor, Action::RestrictionExcept, &customer.object(), made)
}

/// Ends a use that was allowed, before its time.
///
/// # Errors
/// The actor may not, or there is none in force.
pub fn end_exception(register: &Register, actor: &Actor, customer: Recipient, id: ExceptionId) -> Result<()> {
    let usage = register.authorize(actor, Action::RestrictionExcept)?;
    let ended =
        register.db().write(&usage, move |w| restriction::end_exception(w, customer.noun(), customer.party(), id));
    not_found_is_logged(register, actor, Action::RestrictionExcept, &customer.object(), ended)
}

/// Tells the person that the restriction will be lifted (Art. 18(3)): by a letter, which is recorded and returned to be
/// printed, or by a message, which is queued and goes although the restriction is on.
///
/// # Errors
/// The actor may not, nothing is restricted, a field is wrong, or there is no address.
pub fn inform(
    register: &Register,
    actor: &Actor,
    customer: Recipient,
    draft: &LetterDraft,
    how: Told,
) -> Result<Option<Written>> {
    let usage = register.authorize(actor, Action::RestrictionInform)?;
    let letter = draft.validate()?;
    if !usage.scope().has(&letter.company) {
        return Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into());
    }
    let (notice, today, party) = (register.notice()?, register.today(), customer.party());
    let told = register.db().write(&usage, move |w| {
        if how == Told::Letter {
            let recipient = envelope(w, customer, today)?;
            seloste_store::letter::record(w, party, &letter)?;
            restriction::informed(w, party, how, None)?;
            return Ok(Some(Written { recipient, letter: letter.clone() }));
        }
        let to = addressee(w, customer, today)?;
        let closing = [letter.closing.as_str(), letter.signatory.as_str()].join("\n");
        let id = MailId(w.env().id());
        let mail = NewMail {
            id,
            owner: party,
            company: letter.company.clone(),
            order: None,
            template: Template::RestrictionNotice,
            language: letter.language,
            letter: message::Letter {
                to: to.address.ok_or_else(|| OpsError::from(MailRefused::NoAddress).into_store())?,
                name: to.name,
                subject: letter.heading.clone(),
                body: format!("{}\n\n{}\n\n{}", letter.body, closing.trim(), footer(&notice, letter.language)),
                enclosed: Vec::new(),
                parties: vec![party],
            },
            enclosures: Vec::new(),
        };
        seloste_store::mail::queue(w, &mail)?;
        restriction::informed(w, party, how, Some(id))?;
        Ok(None)
    });
    not_found_is_logged(register, actor, Action::RestrictionInform, &customer.object(), told)
}

/// Whether what told the person is on its way: a letter is, a message unless it failed or was cancelled.
fn has_left(w: &mut Writing<'_, '_>, informed: &Informed) -> bool {
    match informed.mail.map(|mail| seloste_store::mail::head(w, mail)) {
        Some(Ok(mail)) => !matches!(mail.state, MailState::Failed | MailState::Cancelled),
        _ => true,
    }
}

/// Lifts by itself what restricted the processing while an objection was pending: when no objection of the person is, they were
/// told by the decision that it ends (Art. 18(3)), and the letter has had [`DAYS_OF_LETTER`] days to arrive. How many were lifted.
/// What the decision forbade stays forbidden.
///
/// # Errors
/// The database can not be written.
pub fn end_decided(register: &Register) -> Result<u64> {
    let usage = register.authorize(&Actor::Program("restriction"), Action::RestrictionEnd)?;
    let before = register.now() - SignedDuration::from_hours(24 * DAYS_OF_LETTER);
    let mut ended = 0;
    for (id, party) in register.db().look(|tx| restriction::told_of_objection(tx, before))? {
        let lifted = register.db().write(&usage, move |w| end_one(w, id, PersonId(party.0), before));
        match lifted.map_err(OpsError::from_store) {
            Ok(lifted) => ended += u64::from(lifted),
            // They were erased meanwhile, or it was lifted.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

/// Looks once more in the transaction.
fn end_one(
    w: &mut Writing<'_, '_>,
    id: RestrictionId,
    person: PersonId,
    before: jiff::Timestamp,
) -> Result<bool, StoreError> {
    let found = restriction::of(w, Noun::Person, person.into())?;
    let Some(found) = found.into_iter().find(|found| found.id == id && found.lifted.is_none()) else {
        return Ok(false);
    };
    let told = found.informed.is_some_and(|informed| informed.at <= before && has_left(w, &informed));
    let asked = seloste_store::request::of(w, person, OBJECTIONS)?;
    let pending = asked.iter().any(|asked| asked.kind == RequestKind::Objection && asked.state.is_open());
    if !told || pending {
        return Ok(false);
    }
    let decided = asked.iter().find(|asked| asked.kind == RequestKind::Objection);
    let note = decided.map_or_else(|| "request".to_owned(), |request| format!("request:{}", request.id));
    restriction::lift(w, Noun::Person, person.into(), id, &note).map(|()| true)
}

/// Lifts a restriction of which the person was told.
///
/// # Errors
/// The actor may not, the person was not told or the message did not leave, nothing is noted of why, or there is no such
/// restriction in force.
pub fn lift(register: &Register, actor: &Actor, customer: Recipient, id: RestrictionId, note: &str) -> Result<()> {
    let usage = register.authorize(actor, Action::RestrictionLift)?;
    let note = needed("note", note).map_err(FieldErrors::from)?;
    let lifted = register.db().write(&usage, move |w| {
        let found = restriction::of(w, customer.noun(), customer.party())?;
        let found = found.into_iter().find(|restriction| restriction.id == id && restriction.lifted.is_none());
        let restriction = found.ok_or(StoreError::NotFound("restriction"))?;
        let refuse = |why: RestrictionRefused| Err(OpsError::from(why).into_store());
        match &restriction.informed {
            None => return refuse(RestrictionRefused::NotInformed),
            Some(informed) if !has_left(w, informed) => return refuse(RestrictionRefused::NotSent),
            Some(_) => {}
        }
        restriction::lift(w, customer.noun(), customer.party(), id, &note)
    });
    not_found_is_logged(register, actor, Action::RestrictionLift, &customer.object(), lifted)
}
