//! Sending what is due. A message is taken by lease, sent, and marked: a runner that does not come back leaves it to
//! the next one, which sends the same message under the same `Message-ID`, so that it arrives at least once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use seloste_domain::kind::Kind;
use seloste_domain::mail::{Trouble, next_try};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_mail::{Mailbox, Transport};
use seloste_store::StoreError;
use seloste_store::mail::{self, Due, Taken};

use crate::error::{OpsError, Result};
use crate::register::Register;

/// A runner has a message for so long: more than the longest conversation with a server that answers just in time.
const LEASE: SignedDuration = SignedDuration::from_mins(15);
/// Files that went with a message are kept for so long after it was sent; the message itself is kept with its history.
const FILES_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A message that is held because of a restriction is looked at again after so long.
const HELD: SignedDuration = SignedDuration::from_mins(30);
/// How often a runner looks for what is due.
const ROUND: Duration = Duration::from_secs(1);
/// Rounds between two removals of old files.
const ROUNDS_BETWEEN_TIDYING: u32 = 3600;

/// Where messages go, and in whose name.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where to.
    pub transport: Transport,
    /// The sender. Without a name, the company that writes is named.
    pub from: Mailbox,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<Mailbox>,
}

/// What became of the messages that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Sent.
    pub sent: u64,
    /// To be tried again later.
    pub waiting: u64,
    /// Given up.
    pub failed: u64,
}

/// Sends every message that is due now; what became of them.
///
/// # Errors
/// The actor may not, or the database can not be read or written. What a server refuses is no error here.
pub fn send_due(register: &Register, actor: &Actor, post: &Post) -> Result<Tally> {
    let never = AtomicBool::new(false);
    send_until(register, actor, post, &never)
}

/// Sends what is due until told to stop, and looks again every second. For a thread of its own.
pub fn run(register: &Register, post: &Post, stop: &AtomicBool) {
    let actor = Actor::Program("mail");
    let mut round = 0_u32;
    while !stop.load(Ordering::Relaxed) {
        if let Err(error) = send_until(register, &actor, post, stop) {
            // No value of a person is in an error of the register.
            tracing::warn!(%error, "e-mail could not be sent");
        }
        if let Err(error) = crate::registration::send_due(register, post) {
            tracing::warn!(%error, "messages of registrations could not be sent");
        }
        if round.is_multiple_of(ROUNDS_BETWEEN_TIDYING)
            && let Err(error) = remove_old_files(register)
        {
            tracing::warn!(%error, "files of sent messages could not be removed");
        }
        round = round.wrapping_add(1);
        std::thread::park_timeout(ROUND);
    }
}

fn send_until(register: &Register, actor: &Actor, post: &Post, stop: &AtomicBool) -> Result<Tally> {
    let mut tally = Tally::default();
    while !stop.load(Ordering::Relaxed) {
        let now = register.now();
        let Some(due) = register.db().look(|tx| mail::due(tx, now))? else { break };
        match send_one(register, actor, post, &due)? {
            Outcome::Sent => tally.sent += 1,
            Outcome::Waiting => tally.waiting += 1,
            Outcome::Failed => tally.failed += 1,
            Outcome::TakenByAnother => {}
        }
    }
    Ok(tally)
}

enum Outcome {
    Sent,
    Waiting,
    Failed,
    TakenByAnother,
}

fn send_one(register: &Register, actor: &Actor, post: &Post, due: &Due) -> Result<Outcome> {
    // The notice may have changed since the message was queued: it is asked again.
    let usage = match register.authorize_for(actor, Action::MailDeliver, &due.purpose) {
        Ok(usage) if usage.kinds().has(Kind::Email) => usage,
        Ok(_) | Err(OpsError::Refused(seloste_domain::usage::Refused::NoPurpose(_))) => {
            return give_up(register, actor, due, Trouble::Undeclared);
        }
        Err(error) => return Err(error),
    };
    if due.is_left && next_try(due.attempts, register.now()).is_none() {
        return give_up(register, actor, due, Trouble::Interrupted);
    }
    let (now, wanted) = (register.now(), due.clone());
    let lease = now.checked_add(LEASE).unwrap_or(now);
    let taken = match register.db().write(&usage, move |w| mail::take(w, &wanted, now, lease)) {
        Ok(Some(taken)) => taken,
        Ok(None) => return Ok(Outcome::TakenByAnother),
        // It would be the first to be due for ever, and no other would be sent.
        Err(StoreError::Prohibited(_)) => return give_up(register, actor, due, Trouble::Prohibited),
        // It is about somebody whose processing is restricted: it waits, and is looked at again later.
        Err(StoreError::Restricted) => {
            let (due, until) = (due.clone(), now.checked_add(HELD).unwrap_or(now));
            register.db().write_plain(move |plain| mail::hold(&mut plain.tx(), &due, until))?;
            return Ok(Outcome::TakenByAnother);
        }
        Err(StoreError::Seal | StoreError::Corrupt(_)) => return give_up(register, actor, due, Trouble::Unreadable),
        Err(error) => return Err(error.into()),
    };
    let sent = hand_over(register, post, &taken);
    mark(register, &usage, taken, sent)
}

fn hand_over(register: &Register, post: &Post, taken: &Taken) -> Result<(), seloste_mail::MailError> {
    let notice = register.notice().ok();
    let company = notice.as_ref().and_then(|notice| notice.company(&taken.mail.company)).map(|c| c.name.clone());
    let from = match company {
        Some(name) if post.from.name.is_empty() => Mailbox { name, ..post.from.clone() },
        _ => post.from.clone(),
    };
    let letter = &taken.letter;
    let to = Mailbox { name: letter.name.clone(), address: letter.to.clone() };
    post.transport.send(&seloste_mail::Mail {
        id: taken.mail.id.0,
        at: taken.mail.created_at,
        from: &from,
        reply_to: post.reply_to.as_ref(),
        to: &to,
        subject: &letter.subject,
        body: &letter.body,
        enclosures: &taken.enclosures,
    })
}

fn mark(register: &Register, usage: &Use, taken: Taken, sent: Result<(), seloste_mail::MailError>) -> Result<Outcome> {
    let now = register.now();
    let Taken { mail: message, letter, .. } = taken;
    let (next, outcome) = match &sent {
        Ok(()) => (None, Outcome::Sent),
        Err(error) => match next_try(message.attempts, now).filter(|_| !error.trouble.is_permanent()) {
            Some(next) => (Some(next), Outcome::Waiting),
            None => (None, Outcome::Failed),
        },
    };
    register.db().write(usage, move |w| match &sent {
        Ok(()) => mail::sent(w, &message, &letter.parties, now),
        Err(error) => mail::not_sent(w, &message, &letter.parties, (error.trouble, error.reply.as_deref()), next),
    })?;
    Ok(outcome)
}

fn give_up(register: &Register, actor: &Actor, due: &Due, trouble: Trouble) -> Result<Outcome> {
    let (id, due) = (actor.id(), due.clone());
    register.db().write_plain(move |plain| mail::give_up(plain, &id, &due, trouble))?;
    Ok(Outcome::Failed)
}

fn remove_old_files(register: &Register) -> Result<u64> {
    let before = register.now().checked_sub(FILES_KEPT).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Ok(register.db().write_plain(move |plain| mail::remove_files(&mut plain.tx(), before))?)
}
