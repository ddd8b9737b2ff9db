//! The confirmation of an order: what it says, to whom, and putting it in the queue.

use seloste_domain::id::{MailId, OrderId, PartyId};
use seloste_domain::mail::{Enclosure, Letter, Template};
use seloste_domain::notice::Notice;
use seloste_domain::order::{Order, OrderState};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_mail::confirmation;
use seloste_store::mail::NewMail;
use seloste_store::{Access, StoreError};

use super::{Addressee, MailRefused, Preview, Recipient, addressee, digest, enclosed};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// What to queue.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// The message's id, made by [`seloste_store::Env::id`] when its form was made: the same form queues it once.
    pub id: MailId,
    /// The order.
    pub order: OrderId,
    /// What was shown, by [`Preview::seen`]: nothing else is queued. None: whatever it is now.
    pub seen: Option<String>,
    /// The files that go with it.
    pub enclosures: Vec<Enclosure>,
}

/// Reads the order and writes its confirmation. The person who placed it gets it, else, where they have no address,
/// the organisation on whose behalf it was placed.
fn written(
    access: &mut impl Access,
    notice: &Notice,
    id: OrderId,
    today: jiff::civil::Date,
    files: &[Enclosure],
) -> Result<(Order, Preview), StoreError> {
    let order = seloste_store::order::get(access, id)?;
    if !matches!(order.state, OrderState::Confirmed | OrderState::Delivered | OrderState::Invoiced) {
        return Err(OpsError::OrderState(order.state.as_str()).into_store());
    }
    let to = recipient(access, &order, today)?;
    let language = to.language.unwrap_or_default();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let confirmation = confirmation::write(&order, &to.name, notice, language, &names);
    let parties = [order.person.map(PartyId::from), order.organisation.map(PartyId::from)];
    let letter = Letter {
        to: to.address.unwrap_or_default(),
        name: to.name,
        subject: confirmation.subject,
        body: confirmation.body,
        enclosed: Vec::new(),
        parties: parties.into_iter().flatten().collect(),
    };
    let seen = digest(&letter);
    Ok((order, Preview { letter, language, seen }))
}

fn recipient(access: &mut impl Access, order: &Order, today: jiff::civil::Date) -> Result<Addressee, StoreError> {
    let person = order.person.map(Recipient::Person);
    let organisation = order.organisation.map(Recipient::Organisation);
    let mut language = None;
    for recipient in [person, organisation].into_iter().flatten() {
        let found = addressee(access, recipient, today)?;
        // Who placed the order reads what their organisation gets.
        language = language.or(found.language);
        if found.address.is_some() {
            return Ok(Addressee { language, ..found });
        }
    }
    Err(OpsError::from(MailRefused::NoAddress).into_store())
}

/// What the confirmation of an order would say, and to whom.
///
/// # Errors
/// The actor may not, there is no such order within their companies, its state does not allow it, the notice declares no
/// e-mail addresses, or the customer has none.
pub fn preview_order_confirmation(register: &Register, actor: &Actor, id: OrderId) -> Result<Preview> {
    let usage = register.authorize(actor, Action::MailSend)?;
    let (notice, today) = (register.notice()?, register.today());
    let read = register.db().read(&usage, |r| written(r, &notice, id, today, &[]));
    not_found_is_logged(register, actor, Action::MailSend, &format!("order:{id}"), read).map(|(_, preview)| preview)
}

/// Puts the confirmation of an order in the queue and into the log of its customer, in one transaction. An id that is
/// there already is not queued again.
///
/// # Errors
/// As [`preview_order_confirmation`]; or it would say something else than what was shown, or the files are too large.
pub fn queue_order_confirmation(register: &Register, actor: &Actor, what: &Confirmation) -> Result<MailId> {
    let usage = register.authorize(actor, Action::MailSend)?;
    let (notice, today, what) = (register.notice()?, register.today(), what.clone());
    let enclosed = enclosed(&what.enclosures)?;
    let (id, order) = (what.id, what.order);
    let queued = register.db().write(&usage, move |w| {
        let (order, preview) = written(w, &notice, what.order, today, &[])?;
        let is_seen = what.seen.as_ref().is_none_or(|seen| *seen == preview.seen);
        if !is_seen {
            return Err(OpsError::from(MailRefused::Changed).into_store());
        }
        let Preview { mut letter, language, .. } = preview;
        if !what.enclosures.is_empty() {
            letter.body = written(w, &notice, what.order, today, &what.enclosures)?.1.letter.body;
            letter.enclosed.clone_from(&enclosed);
        }
        let owner = letter.parties.first().copied().ok_or(StoreError::NotFound("customer"))?;
        let new = NewMail {
            id: what.id,
            owner,
            company: order.company,
            order: Some(order.id),
            template: Template::OrderConfirmation,
            language,
            letter,
            enclosures: what.enclosures.clone(),
        };
        seloste_store::mail::queue(w, &new)
    });
    not_found_is_logged(register, actor, Action::MailSend, &format!("order:{order}"), queued).map(|_| id)
}
