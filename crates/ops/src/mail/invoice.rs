//! The message that an invoice goes with: to whom, and putting it in the queue with the file.

use jiff::civil::Date;
use seloste_domain::id::{InvoiceId, MailId, PartyId};
use seloste_domain::kind::Kind;
use seloste_domain::mail::{Enclosure, Letter, Template};
use seloste_domain::notice::Notice;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_domain::value::{Label, StoredValue, Value};
use seloste_mail::invoice;
use seloste_store::invoice::Invoice;
use seloste_store::mail::NewMail;
use seloste_store::{Access, StoreError};

use super::{Mail, MailRefused, Preview, SHOWN, digest, enclosed};
use crate::error::{OpsError, Result};
use crate::invoice::{InvoiceRefused, not_sent};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// What to queue.
#[derive(Clone, Debug)]
pub struct Invoicing {
    /// The message's id, made by [`seloste_store::Env::id`] when its form was made: the same form queues it once.
    pub id: MailId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// What was shown, by [`Preview::seen`]: nothing else is queued. None: whatever it is now.
    pub seen: Option<String>,
    /// The files that go with it.
    pub enclosures: Vec<Enclosure>,
}

/// Where invoices reach the customer of an invoice by e-mail: the payer's address for invoices, else their first one.
///
/// # Errors
/// The actor may not, there is no such invoice within their companies, or the notice declares no e-mail addresses.
pub fn invoice_address(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Option<String>> {
    let usage = register.authorize(actor, Action::InvoiceSend)?;
    let today = register.today();
    let found = register.db().read(&usage, |r| {
        let invoice = seloste_store::invoice::get(r, id)?;
        address(r, &invoice, today)
    });
    not_found_is_logged(register, actor, Action::InvoiceSend, &format!("invoice:{id}"), found)
}

fn address(access: &mut impl Access, invoice: &Invoice, today: Date) -> Result<Option<String>, StoreError> {
    if !access.usage().kinds().has(Kind::Email) {
        return Err(OpsError::from(MailRefused::Undeclared).into_store());
    }
    let mut found = None;
    if let Some(id) = invoice.organisation {
        let organisation = seloste_store::organisation::get(access, id)?;
        found = of_values(organisation.values_on(today));
    }
    if let Some(id) = invoice.person.filter(|_| found.is_none()) {
        let person = seloste_store::person::get(access, id)?;
        found = of_values(person.values_on(today));
    }
    Ok(found)
}

fn of_values<'v>(values: impl Iterator<Item = &'v StoredValue>) -> Option<String> {
    let emails = values.filter_map(|stored| if let Value::Email(email) = &stored.value { Some(email) } else { None });
    let emails: Vec<_> = emails.collect();
    let billing = emails.iter().find(|email| email.label == Some(Label::Billing));
    billing.or(emails.first()).map(|email| email.address.clone())
}

/// Reads the invoice and writes its message.
fn written(
    access: &mut impl Access,
    notice: &Notice,
    id: InvoiceId,
    today: Date,
    files: &[Enclosure],
) -> Result<(Invoice, Preview), StoreError> {
    let stored = seloste_store::invoice::get(access, id)?;
    let refused = |why: InvoiceRefused| OpsError::from(why).into_store();
    let issued = stored.issued().ok_or_else(|| refused(not_sent(&stored)))?;
    if issued.buyer.address.is_masked() {
        return Err(refused(InvoiceRefused::Protected));
    }
    let to = address(access, &stored, today)?.ok_or_else(|| OpsError::from(MailRefused::NoAddress).into_store())?;
    let buyer = &issued.buyer;
    let name = if buyer.contact.is_empty() { &buyer.name } else { &buyer.contact };
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let text = invoice::write(issued, name, notice, &names);
    // Whoever pays owns the message.
    let parties = [stored.organisation.map(PartyId::from), stored.person.map(PartyId::from)];
    let letter = Letter {
        to,
        name: buyer.name.clone(),
        subject: text.subject,
        body: text.body,
        enclosed: Vec::new(),
        parties: parties.into_iter().flatten().collect(),
    };
    let (language, seen) = (issued.language, digest(&letter));
    Ok((stored, Preview { letter, language, seen }))
}

/// What the message of an invoice would say, and to whom.
///
/// # Errors
/// The actor may not, there is no such invoice within their companies, it is not sent, its address is protected, the
/// notice declares no e-mail addresses, or the customer has none.
pub fn preview_invoice(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Preview> {
    let usage = register.authorize(actor, Action::InvoiceSend)?;
    let (notice, today) = (register.notice()?, register.today());
    let read = register.db().read(&usage, |r| written(r, &notice, id, today, &[]));
    not_found_is_logged(register, actor, Action::InvoiceSend, &format!("invoice:{id}"), read)
        .map(|(_, preview)| preview)
}

/// Puts the message of an invoice in the queue and into the log of its customer, in one transaction. An id that is there
/// already is not queued again.
///
/// # Errors
/// As [`preview_invoice`]; or it would say something else than what was shown, or the files are too large.
pub fn queue_invoice(register: &Register, actor: &Actor, what: &Invoicing) -> Result<MailId> {
    let usage = register.authorize(actor, Action::InvoiceSend)?;
    let (notice, today, what) = (register.notice()?, register.today(), what.clone());
    let enclosed = enclosed(&what.enclosures)?;
    let (id, invoice) = (what.id, what.invoice);
    let queued = register.db().write(&usage, move |w| {
        let (stored, preview) = written(w, &notice, what.invoice, today, &[])?;
        if what.seen.as_ref().is_some_and(|seen| *seen != preview.seen) {
            return Err(OpsError::from(MailRefused::Changed).into_store());
        }
        let Preview { mut letter, language, .. } = preview;
        if !what.enclosures.is_empty() {
            letter.body = written(w, &notice, what.invoice, today, &what.enclosures)?.1.letter.body;
            letter.enclosed.clone_from(&enclosed);
        }
        let owner = letter.parties.first().copied().ok_or(StoreError::NotFound("customer"))?;
        let new = NewMail {
            id: what.id,
            owner,
            company: stored.company,
            order: stored.order,
            template: Template::Invoice,
            language,
            letter,
            enclosures: what.enclosures.clone(),
        };
        seloste_store::mail::queue(w, &new)?;
        seloste_store::invoice::note_mail(w, what.invoice, what.id)
    });
    not_found_is_logged(register, actor, Action::InvoiceSend, &format!("invoice:{invoice}"), queued).map(|()| id)
}

/// The messages about an invoice, the newest first, without what they say and to whom; none for those who may not see them.
///
/// # Errors
/// The database can not be read.
pub fn of_invoice(register: &Register, actor: &Actor, invoice: InvoiceId) -> Result<Vec<Mail>> {
    let Ok(usage) = Use::authorize(actor, Action::MailList, &*register.notice()?, register.now()) else {
        return Ok(Vec::new());
    };
    Ok(register.db().read(&usage, |r| seloste_store::mail::of_invoice(r, invoice, SHOWN))?)
}
