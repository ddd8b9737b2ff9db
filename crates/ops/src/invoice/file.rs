//! A sent invoice as a file for an invoicing operator: a disclosure to a declared partner, by the one door.

use seloste_domain::disclosure::{Case, Permit, Subject};
use seloste_domain::id::{InvoiceId, PartnerId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::partner::Partner;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_einvoice::{Problems, Transmission};
use seloste_store::StoreError;

use super::{Form, Invoice, InvoiceRefused, not_sent};
use crate::disclosure;
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// What an invoice says of whoever pays.
fn fields(invoice: &Invoice) -> Vec<Subject> {
    let common = [Kind::Orders, Kind::PostalAddress];
    let of = |kind: Kind| common.into_iter().chain([kind]).collect::<Kinds>();
    let person = invoice.person.map(|id| Subject { party: id.into(), fields: of(Kind::Name) });
    let organisation = invoice.organisation.map(|id| Subject { party: id.into(), fields: of(Kind::Organisation) });
    person.into_iter().chain(organisation).collect()
}

fn all(subjects: &[Subject]) -> Kinds {
    subjects.iter().flat_map(|subject| subject.fields.iter()).collect()
}

/// The declared partners that may have this invoice today, by name: what a form offers.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn operators(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Vec<Partner>> {
    let usage = register.authorize(actor, Action::InvoiceExport)?;
    let read = register.db().read(&usage, |r| seloste_store::invoice::get(r, id));
    let invoice = not_found_is_logged(register, actor, Action::InvoiceExport, &format!("invoice:{id}"), read)?;
    let mut found = disclosure::receivers(register, &Case::Invoice(id), all(&fields(&invoice)))?;
    found.retain(|partner| partner.companies.is_empty() || partner.companies.contains(&invoice.company));
    Ok(found)
}

/// A sent invoice as a file for `partner`. That it left is recorded as a disclosure and logged for whoever pays, in the
/// transaction that makes the file: what is not recorded is not made.
///
/// # Errors
/// The actor may not, it is not sent here, its address is protected from them, the partner may not have it, or the form
/// asks for what the invoice does not have.
pub fn file(register: &Register, actor: &Actor, id: InvoiceId, form: Form, partner: PartnerId) -> Result<Vec<u8>> {
    let usage = register.authorize(actor, Action::InvoiceExport)?;
    let (notice, today) = (register.notice()?, register.today());
    let transmission = Transmission { id: register.db().env().id().to_string(), at: usage.at() };
    let handed = register.db().write(&usage, move |w| {
        let invoice = seloste_store::invoice::get(w, id)?;
        let subjects = fields(&invoice);
        let permit = disclosure::permit(w, &notice, today, partner, Case::Invoice(id), all(&subjects))?;
        let file = written(&permit, &invoice, form, &transmission)?;
        disclosure::record(w, &permit, &subjects)?;
        seloste_store::invoice::log(w, &invoice)?;
        Ok(file)
    });
    disclosure::refused_is_logged(register, actor, Action::InvoiceExport, &format!("invoice:{id}"), handed)
}

/// The file. It names whoever pays and where they live, so that nothing is written without leave for both.
fn written(permit: &Permit, invoice: &Invoice, form: Form, transmission: &Transmission) -> Result<Vec<u8>, StoreError> {
    let refused = |why: InvoiceRefused| OpsError::from(why).into_store();
    let issued = invoice.issued().ok_or_else(|| refused(not_sent(invoice)))?;
    if issued.buyer.address.is_masked() || !permit.has(Kind::PostalAddress) {
        return Err(refused(InvoiceRefused::Protected));
    }
    let file = match form {
        Form::Finvoice => seloste_einvoice::finvoice(issued, transmission),
        Form::Ubl => seloste_einvoice::ubl(issued),
    };
    file.map_err(|problems: Problems| refused(problems.into()))
}
