//! Letters to people: written, recorded, printed.

use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::PersonId;
use seloste_domain::letter::{Letter, LetterDraft};
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;

use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// A letter with whom it is to.
#[derive(Clone, Debug)]
pub struct Written {
    /// The person.
    pub person: Person,
    /// Rows of the envelope.
    pub recipient: Vec<String>,
    /// The letter.
    pub letter: Letter,
}

/// Makes a letter. With `record`, what it says is sealed with the person's history and the log tells that it was written;
/// without, it is only looked at.
///
/// # Errors
/// The actor may not, there is no such person within their companies, a field is wrong, or there is no address that the
/// actor may see.
pub fn write(register: &Register, actor: &Actor, id: PersonId, draft: &LetterDraft, record: bool) -> Result<Written> {
    let usage = register.authorize(actor, Action::LetterWrite)?;
    let letter = draft.validate()?;
    if !usage.scope().has(&letter.company) {
        return Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into());
    }
    let today = register.today();
    let written = if record {
        let letter = letter.clone();
        register.db().write(&usage, move |w| {
            let person = seloste_store::person::get(w, id)?;
            addressed(&person, today).map_err(OpsError::into_store)?;
            seloste_store::letter::record(w, id, &letter)?;
            Ok(person)
        })
    } else {
        register.db().read(&usage, |r| seloste_store::person::get(r, id))
    };
    let person = not_found_is_logged(register, actor, Action::LetterWrite, &format!("person:{id}"), written)?;
    let recipient = addressed(&person, today)?;
    Ok(Written { person, recipient, letter })
}

/// The rows of the envelope: the billing or any other address of today.
fn addressed(person: &Person, today: jiff::civil::Date) -> Result<Vec<String>> {
    let organisation = person.representations_on(today).next().map(|r| r.organisation_name.clone());
    let rows = person.address(today).map(|address| {
        // A home address is the person's own; at any other one the organisation's name helps the letter there.
        let work = address.label.is_some_and(|label| label == seloste_domain::value::Label::Work);
        let organisation = organisation.filter(|_| work).unwrap_or_default();
        address.envelope(&[person.display_name().as_str(), organisation.as_str()])
    });
    rows.filter(|rows| !rows.is_empty())
        .ok_or_else(|| FieldErrors::from(FieldError::new("recipient", code::ADDRESS_MISSING)).into())
}
