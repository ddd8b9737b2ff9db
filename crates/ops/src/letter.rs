//! Letters to customers: written, recorded, printed.

use seloste_domain::address::PostalAddress;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::letter::{Letter, LetterDraft};
use seloste_domain::organisation::Organisation;
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_domain::value::{Label, Value};
use seloste_store::{Access, StoreError};

use crate::error::{OpsError, Result};
use crate::mail::Recipient;
use crate::person::not_found_is_logged;
use crate::register::Register;

/// A letter with whom it is to.
#[derive(Clone, Debug)]
pub struct Written {
    /// Rows of the envelope.
    pub recipient: Vec<String>,
    /// The letter.
    pub letter: Letter,
}

/// Makes a letter. With `record`, what it says is sealed with the recipient's history and the log tells that it was written;
/// without, it is only looked at.
///
/// # Errors
/// The actor may not, there is no such customer within their companies, a field is wrong, or there is no address that the
/// actor may see.
pub fn write(register: &Register, actor: &Actor, to: Recipient, draft: &LetterDraft, record: bool) -> Result<Written> {
    let usage = register.authorize(actor, Action::LetterWrite)?;
    let letter = draft.validate()?;
    if !usage.scope().has(&letter.company) {
        return Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into());
    }
    let today = register.today();
    let written = if record {
        let letter = letter.clone();
        register.db().write(&usage, move |w| {
            let rows = envelope(w, to, today)?;
            seloste_store::letter::record(w, to.party(), &letter)?;
            Ok(rows)
        })
    } else {
        register.db().read(&usage, |r| envelope(r, to, today))
    };
    let recipient = not_found_is_logged(register, actor, Action::LetterWrite, &to.object(), written)?;
    Ok(Written { recipient, letter })
}

pub(crate) fn envelope(
    access: &mut impl Access,
    to: Recipient,
    today: jiff::civil::Date,
) -> Result<Vec<String>, StoreError> {
    let rows = match to {
        Recipient::Person(id) => addressed(&seloste_store::person::get(access, id)?, today),
        Recipient::Organisation(id) => organisation(&seloste_store::organisation::get(access, id)?, today),
    };
    rows.map_err(OpsError::into_store)
}

/// The rows of the envelope: where invoices go, or any other address of today.
fn organisation(organisation: &Organisation, today: jiff::civil::Date) -> Result<Vec<String>> {
    let mut addresses: Vec<&PostalAddress> = organisation
        .values_on(today)
        .filter_map(|stored| if let Value::PostalAddress(address) = &stored.value { Some(address) } else { None })
        .collect();
    // Nobody opens letters where one only visits.
    addresses.sort_by_key(|address| match address.label {
        Some(Label::Billing) => 0,
        Some(Label::Visiting | Label::Delivery) => 2,
        _ => 1,
    });
    let rows = addresses.first().map(|address| address.envelope(&[organisation.name.as_str()]));
    rows.filter(|rows| !rows.is_empty()).ok_or_else(no_address)
}

pub(crate) fn no_address() -> OpsError {
    FieldErrors::from(FieldError::new("recipient", code::ADDRESS_MISSING)).into()
}

/// The rows of the envelope: the billing or any other address of today.
fn addressed(person: &Person, today: jiff::civil::Date) -> Result<Vec<String>> {
    let organisation = person.representations_on(today).next().map(|r| r.organisation_name.clone());
    let rows = person.address(today).map(|address| {
        // A home address is the person's own; at any other one the organisation's name helps the letter there.
        let work = address.label.is_some_and(|label| label == Label::Work);
        let organisation = organisation.filter(|_| work).unwrap_or_default();
        address.envelope(&[person.display_name().as_str(), organisation.as_str()])
    });
    rows.filter(|rows| !rows.is_empty()).ok_or_else(no_address)
}
