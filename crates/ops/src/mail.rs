//! E-mail to customers: what would be sent, the queue, what was sent and what failed. Sending itself is in `delivery.rs`.

mod confirmation;
mod delivery;
mod invoice;

use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, MailId, OrderId, OrganisationId, PartyId, PersonId, PurposeId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::mail::MAX_ENCLOSED;
pub use seloste_domain::mail::{Enclosed, Enclosure, Letter, MailState, Template, Trouble};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_mail::confirmation::{footer, opt_out};
pub use seloste_mail::{Mailbox, Server, SettingsError, Transport};
use seloste_store::mail::NewMail;
pub use seloste_store::mail::{Filter, Mail};
use seloste_store::{Access, StoreError};
use sha2::{Digest as _, Sha256};

pub use self::confirmation::{Confirmation, preview_order_confirmation, queue_order_confirmation};
pub use self::delivery::{Post, Tally, run, send_due};
pub use self::invoice::{Invoicing, invoice_address, of_invoice, preview_invoice, queue_invoice};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::portal::without_secret;
use crate::prohibition::may_write_email;
use crate::register::Register;

/// Messages shown on an order's page.
const SHOWN: usize = 20;

/// Why a message can not be queued, or its state not be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailRefused {
    /// The notice declares no e-mail addresses.
    #[error("the notice does not declare e-mail addresses")]
    Undeclared,
    /// The recipient has no address that holds today.
    #[error("the recipient has no e-mail address that is valid today")]
    NoAddress,
    /// The files are too large together.
    #[error("the files that go with a message have more than {} MB together", MAX_ENCLOSED / 1024 / 1024)]
    TooLarge,
    /// It is direct marketing by e-mail to a natural person, who has not consented to it (Act 917/2014 section 200).
    #[error("direct marketing by e-mail to a natural person asks for their consent (Act 917/2014 section 200)")]
    NoConsent,
    /// What was shown before is not what would be sent now.
    #[error("the order or the address has changed since the message was shown")]
    Changed,
    /// The message is not in a state that allows it.
    #[error("a message that is {0} can not be changed so")]
    State(MailState),
}

/// A message as it would be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What it would say, and to whom.
    pub letter: Letter,
    /// Its language.
    pub language: Language,
    /// Names all of it: what is queued later is refused when it is not the same.
    pub seen: String,
}

/// SHA-256 of what a message says and to whom, hexadecimal.
fn digest(letter: &Letter) -> String {
    let mut hash = Sha256::new();
    for part in [&letter.to, &letter.name, &letter.subject, &letter.body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

pub(crate) fn enclosed(enclosures: &[Enclosure]) -> Result<Vec<Enclosed>> {
    if enclosures.iter().map(|enclosure| enclosure.bytes.len()).sum::<usize>() > MAX_ENCLOSED {
        return Err(MailRefused::TooLarge.into());
    }
    let of = |enclosure: &Enclosure| Enclosed {
        name: enclosure.name.clone(),
        media_type: enclosure.media_type.clone(),
        size: enclosure.bytes.len() as u64,
        sha256: hex::encode(Sha256::digest(&enclosure.bytes)),
    };
    Ok(enclosures.iter().map(of).collect())
}

/// To whom a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A person.
    Person(PersonId),
    /// An organisation, at its own address.
    Organisation(OrganisationId),
}

impl Recipient {
    /// The party.
    #[must_use]
    pub fn party(self) -> PartyId {
        match self {
            Self::Person(id) => id.into(),
            Self::Organisation(id) => id.into(),
        }
    }

    /// What the log calls it when it is not found.
    pub(crate) fn object(self) -> String {
        match self {
            Self::Person(id) => format!("person:{id}"),
            Self::Organisation(id) => format!("organisation:{id}"),
        }
    }
}

/// Whom to write to, where, and in which language.
pub(crate) struct Addressee {
    pub(crate) party: PartyId,
    pub(crate) name: String,
    pub(crate) address: Option<String>,
    pub(crate) language: Option<Language>,
}

/// The recipient with the first address that holds on `day`.
pub(crate) fn addressee(
    access: &mut impl Access,
    recipient: Recipient,
    day: jiff::civil::Date,
) -> Result<Addressee, StoreError> {
    if !access.usage().kinds().has(Kind::Email) {
        return Err(OpsError::from(MailRefused::Undeclared).into_store());
    }
    match recipient {
        Recipient::Person(id) => {
            let person = seloste_store::person::get(access, id)?;
            let natural = person.representations_on(day).next().is_none();
            may_write_email(access.usage(), person.marks, natural)?;
            Ok(Addressee {
                party: id.into(),
                name: person.name().map(|name| name.display()).unwrap_or_default(),
                address: person.email(day).map(|email| email.address.clone()),
                language: person.language(day),
            })
        }
        Recipient::Organisation(id) => {
            let organisation = seloste_store::organisation::get(access, id)?;
            may_write_email(access.usage(), organisation.marks, false)?;
            let address = organisation.values_on(day).find_map(|stored| match &stored.value {
                seloste_domain::value::Value::Email(email) => Some(email.address.clone()),
                _ => None,
            });
            Ok(Addressee { party: id.into(), name: organisation.name, address, language: None })
        }
    }
}

/// To whom a message would go, in a view or a change; none where the notice declares no e-mail addresses.
pub(crate) fn reachable(
    access: &mut impl Access,
    recipient: Recipient,
    day: jiff::civil::Date,
) -> Result<Option<To>, StoreError> {
    if !access.usage().kinds().has(Kind::Email) {
        return Ok(None);
    }
    let found = addressee(access, recipient, day)?;
    Ok(Some(To { name: found.name, address: found.address, language: found.language }))
}

/// A message that somebody wrote.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Its id, made by [`seloste_store::Env::id`] when its form was made: the same form queues it once.
    pub id: MailId,
    /// To whom.
    pub recipient: Recipient,
    /// The company of the group that writes.
    pub company: CompanyId,
    /// The purpose of the notice that it is written for.
    pub purpose: PurposeId,
    /// The subject.
    pub subject: String,
    /// The text; the controller and the contact person are added below it (promise P01).
    pub body: String,
    /// The files that go with it.
    pub enclosures: Vec<Enclosure>,
}

/// To whom a message would go: the name and the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct To {
    /// The recipient's name.
    pub name: String,
    /// The first address that holds today.
    pub address: Option<String>,
    /// The recipient's language, when it is known.
    pub language: Option<Language>,
}

/// To whom a message would go, before it is written.
///
/// # Errors
/// The actor may not, the notice declares no e-mail, or the recipient is not within their companies.
pub fn to(register: &Register, actor: &Actor, recipient: Recipient) -> Result<To> {
    let usage = register.authorize(actor, Action::MessageWrite)?;
    let today = register.today();
    let found = register.db().read(&usage, |r| addressee(r, recipient, today));
    let found = not_found_is_logged(register, actor, Action::MessageWrite, &recipient.object(), found)?;
    Ok(To { name: found.name, address: found.address, language: found.language })
}

/// Puts a message in the queue and into the log of its recipient. An id that is there already is not queued again.
///
/// # Errors
/// The actor may not, the notice has no such purpose, the recipient is not within their companies or has no address.
pub fn queue_message(register: &Register, actor: &Actor, message: &NewMessage) -> Result<MailId> {
    let usage = register.authorize_for(actor, Action::MessageWrite, &message.purpose)?.in_the_name_of(&message.company);
    if !usage.scope().has(&message.company) {
        return Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into());
    }
    let (notice, today, message) = (register.notice()?, register.today(), message.clone());
    let enclosed = enclosed(&message.enclosures)?;
    let (id, recipient) = (message.id, message.recipient);
    let queued = register.db().write(&usage, move |w| {
        let to = addressee(w, recipient, today)?;
        let language = to.language.unwrap_or_default();
        let told = if seloste_store::Access::usage(w).markets() {
            format!("{}\n", opt_out(&notice, language))
        } else {
            String::new()
        };
        let letter = Letter {
            to: to.address.ok_or_else(|| OpsError::from(MailRefused::NoAddress).into_store())?,
            name: to.name,
            subject: message.subject.clone(),
            body: format!("{}\n\n{told}{}", message.body.trim_end(), footer(&notice, language)),
            enclosed: enclosed.clone(),
            parties: vec![to.party],
        };
        let new = NewMail {
            id,
            owner: to.party,
            company: message.company.clone(),
            order: None,
            template: Template::Message,
            language,
            letter,
            enclosures: message.enclosures.clone(),
        };
        seloste_store::mail::queue(w, &new)
    });
    not_found_is_logged(register, actor, Action::MessageWrite, &recipient.object(), queued).map(|_| id)
}

/// A page of the list of messages, and whether there are older ones.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its rows, the newest first, each with what it says.
    pub rows: Vec<(Mail, Letter)>,
    /// Whether there is a page after it.
    pub has_next: bool,
}

/// A page of the list of messages.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, filter: &Filter, limit: usize) -> Result<Page> {
    let usage = register.authorize(actor, Action::MailList)?;
    let mut rows = register.db().read(&usage, |r| seloste_store::mail::page(r, filter, limit + 1))?;
    let has_next = rows.len() > limit;
    rows.truncate(limit);
    let rows = rows.into_iter().map(|(mail, letter)| without_secret(mail, letter)).collect();
    Ok(Page { rows, has_next })
}

/// The messages about an order, the newest first, without what they say and to whom.
///
/// # Errors
/// The actor may not.
pub fn of_order(register: &Register, actor: &Actor, order: OrderId) -> Result<Vec<Mail>> {
    let usage = register.authorize(actor, Action::MailList)?;
    Ok(register.db().read(&usage, |r| seloste_store::mail::of_order(r, order, SHOWN))?)
}

/// One message with what it says.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: MailId) -> Result<(Mail, Letter)> {
    let usage = register.authorize(actor, Action::MailList)?;
    let shown = register.db().read(&usage, |r| seloste_store::mail::get(r, id));
    let shown = not_found_is_logged(register, actor, Action::MailList, &format!("mail:{id}"), shown);
    shown.map(|(mail, letter)| without_secret(mail, letter))
}

/// Queues a message again that failed or waits: it is due at once, and its tries are counted from the beginning.
///
/// # Errors
/// The actor may not, there is none within their companies, or it was sent, is being sent or was cancelled.
pub fn retry(register: &Register, actor: &Actor, id: MailId) -> Result<()> {
    let usage = register.authorize(actor, Action::MailRetry)?;
    move_to(register, actor, &usage, id, MailState::Queued)
}

/// Takes a message out that waits or failed.
///
/// # Errors
/// The actor may not, there is none within their companies, or it was sent, is being sent or was cancelled.
pub fn cancel(register: &Register, actor: &Actor, id: MailId) -> Result<()> {
    let usage = register.authorize(actor, Action::MailCancel)?;
    move_to(register, actor, &usage, id, MailState::Cancelled)
}

fn move_to(register: &Register, actor: &Actor, usage: &Use, id: MailId, state: MailState) -> Result<()> {
    let moved = register.db().write(usage, move |w| {
        let mail = seloste_store::mail::head(w, id)?;
        let may = if state == MailState::Queued { mail.state.may_retry() } else { mail.state.may_cancel() };
        if !may {
            return Err(OpsError::from(MailRefused::State(mail.state)).into_store());
        }
        seloste_store::mail::set_state(w, &mail, state)
    });
    not_found_is_logged(register, actor, usage.action(), &format!("mail:{id}"), moved)
}
