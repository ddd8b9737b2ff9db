//! Webhooks: a partner is told that there is something to read. Where it is told, its secret, and the messages that were
//! given up.

mod delivery;
mod signature;

use jiff::SignedDuration;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{PartnerId, SourceId};
use seloste_domain::log::Outcome;
use seloste_domain::rights::Action;
use seloste_domain::token::{Token, TokenDraft};
use seloste_domain::usage::Actor;
use seloste_domain::webhook::{Event, Message, may_port};
use seloste_fetch::{Address, Fetcher};
pub use seloste_store::webhook::{Sent, Webhook};
use seloste_store::{Plain, StoreError, webhook as rows};
use uuid::Uuid;

pub use self::delivery::{Tally, run, send_due};
pub use self::signature::{Secret, signature};
use crate::error::{OpsError, Result};
use crate::register::Register;
use crate::token::{self, Owner};

/// A secret that was replaced signs beside the new one for so long.
const OVERLAP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Messages that are shown.
const SHOWN: i64 = 50;

/// What a partner has for its interface.
#[derive(Clone, Debug)]
pub struct Access {
    /// Its tokens, the newest first.
    pub tokens: Vec<Token>,
    /// Where it is told.
    pub webhook: Option<Webhook>,
    /// The newest messages to it.
    pub messages: Vec<Sent>,
    /// The source of the notice under which it may send something.
    pub source: Option<SourceId>,
}

/// What a partner has for its interface.
///
/// # Errors
/// The actor may not, or there is no such partner.
pub fn access(register: &Register, actor: &Actor, partner: PartnerId) -> Result<Access> {
    register.authorize(actor, Action::PartnerChange)?;
    Ok(register.db().look(|tx| {
        seloste_store::partner::get(tx, partner)?;
        Ok(Access {
            tokens: seloste_store::token::of(tx, Owner::Partner(partner), 100)?,
            webhook: rows::get(tx, partner)?,
            messages: rows::messages(tx, partner, SHOWN)?,
            source: rows::source(tx, partner)?,
        })
    })?)
}

fn may(register: &Register, actor: &Actor, partner: PartnerId) -> Result<()> {
    register.authorize(actor, Action::PartnerChange)?;
    register.db().look(|tx| seloste_store::partner::get(tx, partner))?;
    Ok(())
}

/// Makes a token for a partner.
///
/// # Errors
/// The actor may not, a field is wrong, or there are too many.
pub fn create_token(
    register: &Register,
    actor: &Actor,
    partner: PartnerId,
    draft: &TokenDraft,
) -> Result<(seloste_domain::id::TokenId, token::Secret)> {
    may(register, actor, partner)?;
    token::make(register, &actor.id(), Owner::Partner(partner), draft.validate()?)
}

/// Replaces a partner's token; the old one is good for the overlap more.
///
/// # Errors
/// The actor may not, or there is none that is still good.
pub fn rotate_token(
    register: &Register,
    actor: &Actor,
    partner: PartnerId,
    id: seloste_domain::id::TokenId,
    overlap: SignedDuration,
) -> Result<(seloste_domain::id::TokenId, token::Secret)> {
    may(register, actor, partner)?;
    token::rotate(register, &actor.id(), Owner::Partner(partner), id, overlap)
}

/// Ends a partner's token now.
///
/// # Errors
/// The actor may not, or there is none.
pub fn revoke_token(
    register: &Register,
    actor: &Actor,
    partner: PartnerId,
    id: seloste_domain::id::TokenId,
) -> Result<()> {
    may(register, actor, partner)?;
    token::revoke(register, &actor.id(), Owner::Partner(partner), id)
}

/// Has a source of the notice stand for a partner: what it sends waits under it in the review queue.
///
/// # Errors
/// The actor may not, or the notice has no such source.
pub fn set_source(register: &Register, actor: &Actor, partner: PartnerId, source: Option<&SourceId>) -> Result<()> {
    may(register, actor, partner)?;
    if let Some(source) = source {
        crate::person::declared_source(&*register.notice()?, source)?;
    }
    let (by, source) = (actor.id(), source.cloned());
    register.db().write_plain(move |plain| {
        rows::set_source(&mut plain.tx(), partner, source.as_ref())?;
        plain.log(&by, "partner.source", Outcome::Changed, vec![format!("partner:{partner}")])
    })?;
    Ok(())
}

/// An address that a partner can be told at: over TLS or trusted by the operator, and at a port of no other service.
fn checked_address(fetcher: &Fetcher, text: &str) -> Result<Address> {
    let wrong = |code| OpsError::from(FieldErrors::from(FieldError::new("address", code)));
    let address: Address = text.parse().map_err(|_| wrong(code::URL_INVALID))?;
    if !fetcher.may(&address) {
        return Err(wrong(code::URL_PLAIN));
    }
    if may_port(address.origin().2) { Ok(address) } else { Err(wrong(code::URL_INVALID)) }
}

/// Has a partner told at an address from now on. A new webhook gets a secret, which is shown once.
///
/// # Errors
/// The actor may not, or the address is none that may be told.
pub fn set(
    register: &Register,
    actor: &Actor,
    fetcher: &Fetcher,
    partner: PartnerId,
    address: &str,
) -> Result<Option<Secret>> {
    may(register, actor, partner)?;
    let address = checked_address(fetcher, address)?.to_string();
    let before = register.db().look(|tx| rows::get(tx, partner))?;
    let (secret, webhook) = match before {
        Some(before) => (None, Webhook { address, active: true, ..before }),
        None => {
            let secret = Secret::new(register.db().env());
            let sealed = register.db().seal_secret(partner.0, secret.bytes())?;
            let told_seq = register.db().look(seloste_store::exchange::newest)?;
            let (old_secret, old_until, told_recall) = (None, None, None);
            let webhook = Webhook {
                partner,
                address,
                secret: sealed,
                old_secret,
                old_until,
                active: true,
                told_seq,
                told_recall,
            };
            (Some(secret), webhook)
        }
    };
    keep(register, actor, webhook, "webhook.change")?;
    Ok(secret)
}

fn keep(register: &Register, actor: &Actor, webhook: Webhook, action: &'static str) -> Result<()> {
    let by = actor.id();
    register.db().write_plain(move |plain| {
        rows::put(&mut plain.tx(), &webhook)?;
        plain.log(&by, action, Outcome::Changed, vec![format!("partner:{}", webhook.partner)])
    })?;
    Ok(())
}

fn existing(register: &Register, partner: PartnerId) -> Result<Webhook> {
    let found = register.db().look(|tx| rows::get(tx, partner))?;
    Ok(found.ok_or(StoreError::NotFound("webhook"))?)
}

/// A new secret, shown once. The old one signs beside it for a week, so that the receiver can change over.
///
/// # Errors
/// The actor may not, or there is no webhook.
pub fn rotate_secret(register: &Register, actor: &Actor, partner: PartnerId) -> Result<Secret> {
    may(register, actor, partner)?;
    let before = existing(register, partner)?;
    let secret = Secret::new(register.db().env());
    let sealed = register.db().seal_secret(partner.0, secret.bytes())?;
    let until = register.now().checked_add(OVERLAP).ok();
    let webhook = Webhook { old_secret: Some(before.secret.clone()), old_until: until, secret: sealed, ..before };
    keep(register, actor, webhook, "webhook.rotate")?;
    Ok(secret)
}

/// Has a partner told no more.
///
/// # Errors
/// The actor may not.
pub fn remove(register: &Register, actor: &Actor, partner: PartnerId) -> Result<()> {
    may(register, actor, partner)?;
    let by = actor.id();
    register.db().write_plain(move |plain| {
        rows::remove(&mut plain.tx(), partner)?;
        plain.log(&by, "webhook.remove", Outcome::Changed, vec![format!("partner:{partner}")])
    })?;
    Ok(())
}

/// Sends a message that says nothing, to see whether the partner listens.
///
/// # Errors
/// The actor may not, or there is no webhook.
pub fn ping(register: &Register, actor: &Actor, partner: PartnerId) -> Result<()> {
    may(register, actor, partner)?;
    existing(register, partner)?;
    let by = actor.id();
    register.db().write_plain(move |plain| {
        queue(plain, partner, Event::Ping, String::new())?;
        plain.log(&by, "webhook.ping", Outcome::Changed, vec![format!("partner:{partner}")])
    })?;
    Ok(())
}

fn queue(plain: &mut Plain<'_, '_>, partner: PartnerId, event: Event, subject: String) -> Result<(), StoreError> {
    let message = Message { id: plain.env().id(), event, at: plain.env().now(), subject };
    rows::queue(&mut plain.tx(), partner, &message)
}

/// Sends a message again that was given up.
///
/// # Errors
/// The actor may not, or the partner has none of this id that was given up.
pub fn retry(register: &Register, actor: &Actor, partner: PartnerId, id: Uuid) -> Result<()> {
    may(register, actor, partner)?;
    let (by, now) = (actor.id(), register.now());
    register.db().write_plain(move |plain| {
        rows::retry(&mut plain.tx(), partner, id, now)?;
        plain.log(&by, "webhook.retry", Outcome::Changed, vec![format!("partner:{partner}")])
    })?;
    Ok(())
}
