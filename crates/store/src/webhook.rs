//! Webhooks of partners: where they are told, with which secret, and the messages on their way. A message holds no value
//! of a person.

use jiff::Timestamp;
use seloste_domain::id::{PartnerId, RecallId, SourceId};
use seloste_domain::webhook::{Event, Message, State};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::sql::{Row, Tx, params};

/// Where a partner is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Whom.
    pub partner: PartnerId,
    /// The address.
    pub address: String,
    /// The secret that messages are signed with, sealed for the partner.
    pub secret: Vec<u8>,
    /// The one before it, which signs too until it ends.
    pub old_secret: Option<Vec<u8>>,
    /// When the one before it ends.
    pub old_until: Option<Timestamp>,
    /// Whether it is told.
    pub active: bool,
    /// Up to which change it was told.
    pub told_seq: i64,
    /// Up to which recall it was told.
    pub told_recall: Option<RecallId>,
}

fn read(row: &Row<'_>) -> Result<Webhook> {
    Ok(Webhook {
        partner: PartnerId(row.id(0)?),
        address: row.text(1)?,
        secret: row.bytes(2)?,
        old_secret: row.opt_bytes(3)?,
        old_until: row.opt_time(4)?,
        active: row.flag(5)?,
        told_seq: row.int(6)?,
        told_recall: row.opt_id(7)?.map(RecallId),
    })
}

const COLUMNS: &str = "SELECT partner_id, address, secret, old_secret, old_until, active, told_seq, told_recall_id FROM webhook \
     WHERE register_id = ?1";

/// The webhook of a partner, if it has one.
///
/// # Errors
/// The database can not be read.
pub fn get(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Option<Webhook>> {
    tx.query_opt(&format!("{COLUMNS} AND partner_id = ?2"), params![partner], read)
}

/// Those that are told.
///
/// # Errors
/// The database can not be read.
pub fn active(tx: &mut Tx<'_>) -> Result<Vec<Webhook>> {
    tx.query(&format!("{COLUMNS} AND active = 1 ORDER BY partner_id"), params![], read)
}

/// Keeps a webhook.
///
/// # Errors
/// There is no such partner, or the database can not be written.
pub fn put(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<()> {
    tx.execute(
        "INSERT INTO webhook (register_id, partner_id, address, secret, old_secret, old_until, active, told_seq) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (register_id, partner_id) DO UPDATE SET \
         address = excluded.address, secret = excluded.secret, old_secret = excluded.old_secret, \
         old_until = excluded.old_until, active = excluded.active",
        params![
            webhook.partner,
            &webhook.address,
            &webhook.secret,
            webhook.old_secret.as_deref().map_or(crate::sql::Param::Null, crate::sql::Param::Bytes),
            webhook.old_until,
            webhook.active,
            webhook.told_seq,
        ],
    )
    .map(drop)
}

/// Notes up to which change a partner was told; false when another runner did so first.
///
/// # Errors
/// The database can not be written.
pub fn told(tx: &mut Tx<'_>, partner: PartnerId, before: i64, now: i64) -> Result<bool> {
    let rows = tx.execute(
        "UPDATE webhook SET told_seq = ?4 WHERE register_id = ?1 AND partner_id = ?2 AND told_seq = ?3",
        params![partner, before, now],
    )?;
    Ok(rows == 1)
}

/// The newest recall that a partner has to be told and was not.
///
/// # Errors
/// The database can not be read.
pub fn newest_recall(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<Option<RecallId>> {
    let told = webhook.told_recall.map_or(Uuid::nil(), |id| id.0);
    tx.query_opt(
        "SELECT recall_id FROM recall WHERE register_id = ?1 AND partner_id = ?2 AND state = 'waiting' AND recall_id > ?3 \
         ORDER BY recall_id DESC LIMIT 1",
        params![webhook.partner, told],
        |row| Ok(RecallId(row.id(0)?)),
    )
}

/// Notes up to which recall a partner was told.
///
/// # Errors
/// The database can not be written.
pub fn told_recall(tx: &mut Tx<'_>, partner: PartnerId, id: RecallId) -> Result<bool> {
    let rows = tx.execute(
        "UPDATE webhook SET told_recall_id = ?3 WHERE register_id = ?1 AND partner_id = ?2 \
         AND (told_recall_id IS NULL OR told_recall_id < ?3)",
        params![partner, id],
    )?;
    Ok(rows == 1)
}

/// Takes a webhook away, and what waits.
///
/// # Errors
/// The database can not be written.
pub fn remove(tx: &mut Tx<'_>, partner: PartnerId) -> Result<()> {
    tx.execute(
        "DELETE FROM webhook_message WHERE register_id = ?1 AND partner_id = ?2 AND next_at IS NOT NULL",
        params![partner],
    )?;
    tx.execute("DELETE FROM webhook WHERE register_id = ?1 AND partner_id = ?2", params![partner]).map(drop)
}

/// A message with how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message.
    pub message: Message,
    /// To whom.
    pub partner: PartnerId,
    /// How far it has come.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, or taken from a runner that did not come back.
    pub next_at: Option<Timestamp>,
    /// Why the last try did not succeed.
    pub trouble: Option<String>,
    /// The status of the last answer.
    pub status: Option<i64>,
    /// When the partner took it.
    pub sent_at: Option<Timestamp>,
}

const MESSAGE: &str = "SELECT message_id, event, subject, created_at, partner_id, state, attempts, next_at, trouble, status, \
     sent_at FROM webhook_message WHERE register_id = ?1";

fn read_message(row: &Row<'_>) -> Result<Sent> {
    Ok(Sent {
        message: Message { id: row.id(0)?, event: row.parsed(1)?, subject: row.text(2)?, at: row.time(3)? },
        partner: PartnerId(row.id(4)?),
        state: row.parsed(5)?,
        attempts: row.int(6)?,
        next_at: row.opt_time(7)?,
        trouble: row.opt_text(8)?,
        status: row.opt_int(9)?,
        sent_at: row.opt_time(10)?,
    })
}

/// Puts a message in the queue, due at once. One of the same event that waits untried says the same: it takes the new
/// subject.
///
/// # Errors
/// The database can not be written.
pub fn queue(tx: &mut Tx<'_>, partner: PartnerId, message: &Message) -> Result<()> {
    if message.event == Event::Changes {
        let taken_up = tx.execute(
            "UPDATE webhook_message SET subject = ?4 WHERE register_id = ?1 AND partner_id = ?2 AND event = ?3 \
             AND state = 'queued' AND attempts = 0",
            params![partner, message.event.as_str(), &message.subject],
        )?;
        if taken_up > 0 {
            return Ok(());
        }
    }
    tx.execute(
        "INSERT INTO webhook_message (register_id, message_id, partner_id, event, subject, state, attempts, next_at, \
         created_at) VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, ?6, ?6)",
        params![message.id, partner, message.event.as_str(), &message.subject, message.at],
    )
    .map(drop)
}

/// The message that has waited longest past its time.
///
/// # Errors
/// The database can not be read.
pub fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Sent>> {
    tx.query_opt(
        &format!("{MESSAGE} AND next_at IS NOT NULL AND next_at <= ?2 ORDER BY next_at, message_id LIMIT 1"),
        params![now],
        read_message,
    )
}

/// Takes a message until `lease`, unless another runner has done so; then its attempts have grown.
///
/// # Errors
/// The database can not be written.
pub fn take(tx: &mut Tx<'_>, id: Uuid, attempts: i64, now: Timestamp, lease: Timestamp) -> Result<bool> {
    let rows = tx.execute(
        "UPDATE webhook_message SET state = 'sending', attempts = attempts + 1, next_at = ?5 \
         WHERE register_id = ?1 AND message_id = ?2 AND attempts = ?3 AND next_at IS NOT NULL AND next_at <= ?4",
        params![id, attempts, now, lease],
    )?;
    Ok(rows == 1)
}

/// Notes how a try ended, when it is still that runner's: taken, to be tried again at `next`, or given up.
///
/// # Errors
/// The database can not be written.
pub fn mark(
    tx: &mut Tx<'_>,
    (id, attempts): (Uuid, i64),
    now: Timestamp,
    trouble: Option<(&str, Option<i64>)>,
    next: Option<Timestamp>,
) -> Result<bool> {
    let state = match (trouble, next) {
        (None, _) => State::Sent,
        (Some(_), Some(_)) => State::Queued,
        (Some(_), None) => State::Failed,
    };
    let sent = (state == State::Sent).then_some(now);
    let (why, status) = trouble.map_or((None, None), |(why, status)| (Some(why), status));
    let rows = tx.execute(
        "UPDATE webhook_message SET state = ?4, next_at = ?5, trouble = ?6, status = ?7, sent_at = ?8 \
         WHERE register_id = ?1 AND message_id = ?2 AND attempts = ?3 AND state = 'sending'",
        params![id, attempts, state.as_str(), next, why, status, sent],
    )?;
    Ok(rows == 1)
}

/// Puts a message that was given up in the queue again.
///
/// # Errors
/// The partner has none of this id that was given up.
pub fn retry(tx: &mut Tx<'_>, partner: PartnerId, id: Uuid, now: Timestamp) -> Result<()> {
    let rows = tx.execute(
        "UPDATE webhook_message SET state = 'queued', attempts = 0, next_at = ?4, created_at = ?4 \
         WHERE register_id = ?1 AND partner_id = ?2 AND message_id = ?3 AND state = 'failed'",
        params![partner, id, now],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("message")) }
}

/// The newest messages to a partner.
///
/// # Errors
/// The database can not be read.
pub fn messages(tx: &mut Tx<'_>, partner: PartnerId, limit: i64) -> Result<Vec<Sent>> {
    let sql = format!("{MESSAGE} AND partner_id = ?2 ORDER BY message_id DESC LIMIT ?3");
    tx.query(&sql, params![partner, limit], read_message)
}

/// How many messages were given up.
///
/// # Errors
/// The database can not be read.
pub fn failed(tx: &mut Tx<'_>) -> Result<i64> {
    let sql = "SELECT count(*) FROM webhook_message WHERE register_id = ?1 AND state = 'failed'";
    Ok(tx.query_opt(sql, params![], |row| row.int(0))?.unwrap_or(0))
}

/// Forgets messages that were taken before a moment.
///
/// # Errors
/// The database can not be written.
pub fn delete_sent(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64> {
    tx.execute(
        "DELETE FROM webhook_message WHERE register_id = ?1 AND state = 'sent' AND sent_at < ?2",
        params![before],
    )
}

/// The source of the notice that stands for a partner.
///
/// # Errors
/// The database can not be read.
pub fn source(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Option<SourceId>> {
    tx.query_opt(
        "SELECT source_id FROM partner_source WHERE register_id = ?1 AND partner_id = ?2",
        params![partner],
        |row| row.parsed(0),
    )
}

/// Has a source of the notice stand for a partner, or none.
///
/// # Errors
/// The database can not be written.
pub fn set_source(tx: &mut Tx<'_>, partner: PartnerId, source: Option<&SourceId>) -> Result<()> {
    tx.execute("DELETE FROM partner_source WHERE register_id = ?1 AND partner_id = ?2", params![partner])?;
    if let Some(source) = source {
        tx.execute(
            "INSERT INTO partner_source (register_id, partner_id, source_id) VALUES (?1, ?2, ?3)",
            params![partner, source],
        )?;
    }
    Ok(())
}
