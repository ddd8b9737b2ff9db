//! Telling partners. A message is taken by lease, sent, and marked: a runner that does not come back leaves it to the next
//! one, which sends the same message under the same id, so that it arrives at least once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use seloste_domain::log::Outcome;
use seloste_domain::partner::{Interface, Partner};
use seloste_domain::usage::ActorId;
use seloste_domain::webhook::{Event, next_try};
use seloste_fetch::{Fetcher, Trouble};
use seloste_store::webhook::{self as rows, Sent, Webhook};

use super::{queue, signature};
use crate::error::{OpsError, Result};
use crate::exchange;
use crate::register::Register;

/// A runner has a message for so long: more than a receiver may take.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// A message is tried for so long.
const TRIED: SignedDuration = SignedDuration::from_hours(48);
/// Messages that were taken are kept for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How often a runner looks for what is due.
const ROUND: Duration = Duration::from_secs(1);
/// Rounds between two removals of old messages.
const ROUNDS_BETWEEN_TIDYING: u32 = 3600;

/// What became of the messages that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Taken by the partner.
    pub sent: u64,
    /// To be tried again later.
    pub waiting: u64,
    /// Given up.
    pub failed: u64,
}

/// Looks for what partners are to be told, and tells them until told to stop. For a thread of its own.
pub fn run(register: &Register, fetcher: &Fetcher, stop: &AtomicBool) {
    let mut round = 0_u32;
    while !stop.load(Ordering::Relaxed) {
        if let Err(error) = send_until(register, fetcher, stop) {
            tracing::warn!(%error, "partners could not be told");
        }
        if round.is_multiple_of(ROUNDS_BETWEEN_TIDYING) {
            let before = register.now().checked_sub(KEPT).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            let removed = register.db().write_plain(move |plain| rows::delete_sent(&mut plain.tx(), before));
            if let Err(error) = removed {
                tracing::warn!(%error, "old messages to partners could not be removed");
            }
        }
        round = round.wrapping_add(1);
        std::thread::park_timeout(ROUND);
    }
}

/// Looks for what partners are to be told, and tells them what is due now.
///
/// # Errors
/// The database can not be read or written. What a receiver refuses is no error here.
pub fn send_due(register: &Register, fetcher: &Fetcher) -> Result<Tally> {
    send_until(register, fetcher, &AtomicBool::new(false))
}

fn send_until(register: &Register, fetcher: &Fetcher, stop: &AtomicBool) -> Result<Tally> {
    notice_changes(register)?;
    let mut tally = Tally::default();
    while !stop.load(Ordering::Relaxed) {
        let now = register.now();
        let Some(due) = register.db().look(|tx| rows::due(tx, now))? else { break };
        match send_one(register, fetcher, &due)? {
            Some(rows_state) => count(&mut tally, rows_state),
            None => continue,
        }
    }
    Ok(tally)
}

const fn count(tally: &mut Tally, state: Ended) {
    match state {
        Ended::Sent => tally.sent += 1,
        Ended::Waiting => tally.waiting += 1,
        Ended::Failed => tally.failed += 1,
    }
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Sent,
    Waiting,
    Failed,
}

/// Queues a message for each partner within whose reach something has changed since it was told last.
fn notice_changes(register: &Register) -> Result<()> {
    let newest = register.db().look(seloste_store::exchange::newest)?;
    for webhook in register.db().look(rows::active)? {
        notice_recall(register, &webhook)?;
        if webhook.told_seq >= newest {
            continue;
        }
        let partner = register.db().look(|tx| seloste_store::partner::get(tx, webhook.partner))?;
        let is_told = is_told(register, &partner)? && has_changed(register, &partner, webhook.told_seq)?;
        let (id, before) = (webhook.partner, webhook.told_seq);
        register.db().write_plain(move |plain| {
            if rows::told(&mut plain.tx(), id, before, newest)? && is_told {
                queue(plain, id, Event::Changes, newest.to_string())?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Queues a message when the partner has to be told of data that it received (Art. 19).
fn notice_recall(register: &Register, webhook: &Webhook) -> Result<()> {
    let Some(recall) = register.db().look(|tx| rows::newest_recall(tx, webhook))? else { return Ok(()) };
    let partner = webhook.partner;
    register.db().write_plain(move |plain| {
        if rows::told_recall(&mut plain.tx(), partner, recall)? {
            queue(plain, partner, Event::Recall, recall.to_string())?;
        }
        Ok(())
    })?;
    Ok(())
}

fn is_told(register: &Register, partner: &Partner) -> Result<bool> {
    Ok(partner.interface == Interface::Webhook && exchange::may_ask(register, partner)?)
}

/// Whether there is something for the partner to read. Nothing leaves by asking.
fn has_changed(register: &Register, partner: &Partner, since: i64) -> Result<bool> {
    match exchange::is_anything_after(register, partner, since) {
        Err(OpsError::Disclosure(_) | OpsError::Refused(_) | OpsError::BeyondScope(_)) => Ok(false),
        other => other,
    }
}

fn send_one(register: &Register, fetcher: &Fetcher, due: &Sent) -> Result<Option<Ended>> {
    let (id, attempts, now) = (due.message.id, due.attempts, register.now());
    let lease = now.checked_add(LEASE).unwrap_or(now);
    if !register.db().write_plain(move |plain| rows::take(&mut plain.tx(), id, attempts, now, lease))? {
        return Ok(None);
    }
    let partner = register.db().look(|tx| seloste_store::partner::get(tx, due.partner))?;
    let webhook = register.db().look(|tx| rows::get(tx, due.partner))?.filter(|webhook| webhook.active);
    // The contract may have ended since: then nobody is told anything any more.
    let outcome = match webhook {
        Some(webhook) if is_told(register, &partner)? => tell(register, fetcher, &webhook, due)?,
        _ => Err(("ended".to_owned(), None, None)),
    };
    let now = register.now();
    let tried = due.attempts + 1;
    let until = due.message.at.checked_add(TRIED).unwrap_or(now);
    let (trouble, next) = match &outcome {
        Ok(()) => (None, None),
        Err((why, status, wait)) => {
            let next = next_try(tried, now, *wait).filter(|next| *next <= until && why != "ended");
            (Some((why.clone(), *status)), next)
        }
    };
    let (ended, partner) = match (&trouble, next) {
        (None, _) => (Ended::Sent, due.partner),
        (Some(_), Some(_)) => (Ended::Waiting, due.partner),
        (Some(_), None) => (Ended::Failed, due.partner),
    };
    register.db().write_plain(move |plain| {
        let trouble = trouble.as_ref().map(|(why, status)| (why.as_str(), *status));
        if rows::mark(&mut plain.tx(), (id, tried), now, trouble, next)? && ended != Ended::Waiting {
            let (action, outcome) = match ended {
                Ended::Sent => ("webhook.send", Outcome::Changed),
                _ => ("webhook.fail", Outcome::Refused),
            };
            plain.log(&ActorId::Program("webhooks"), action, outcome, vec![format!("partner:{partner}")])?;
        }
        Ok(())
    })?;
    Ok(Some(ended))
}

type Told = Result<(), (String, Option<i64>, Option<SignedDuration>)>;

fn tell(register: &Register, fetcher: &Fetcher, webhook: &Webhook, due: &Sent) -> Result<Told> {
    let now = register.now();
    let Ok(address) = webhook.address.parse() else {
        return Ok(Err((Trouble::Address.as_str().to_owned(), None, None)));
    };
    let signed = due.message.signed(now);
    let mut signatures = Vec::new();
    let old = webhook.old_secret.as_ref().filter(|_| webhook.old_until.is_some_and(|until| now < until));
    for secret in std::iter::once(&webhook.secret).chain(old) {
        let secret = register.db().open_secret(webhook.partner.0, secret)?;
        signatures.push(signature(&secret, &signed));
    }
    let headers = [
        ("webhook-id", due.message.header_id()),
        ("webhook-timestamp", now.as_second().to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    let body = due.message.body();
    let message =
        seloste_fetch::Message { address: &address, headers: &headers, body: body.as_bytes(), timeout: PATIENCE };
    Ok(fetcher.tell(&message).map_err(|error| {
        let wait = error.wait.and_then(|wait| SignedDuration::try_from(wait).ok());
        (error.trouble.as_str().to_owned(), error.status.map(i64::from), wait)
    }))
}
