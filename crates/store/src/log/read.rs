//! Reading the log: its head, its blocks, and one subject's events.

use std::path::Path;

use seloste_domain::log::Event;
use uuid::Uuid;

use super::checkpoint;
use super::tree::Frontier;
use crate::dialect;
use crate::error::{Result, StoreError};
use crate::sql::{Tx, params};

/// The head of the log.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) tree: Frontier,
    pub(crate) checkpoint: String,
}

/// One commit's events as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Block {
    /// Number of its first event.
    pub first_seq: u64,
    /// Number of its events.
    pub count: u64,
    /// When it was written, microseconds UTC.
    pub at: i64,
    /// The events, a line each.
    pub events: String,
    /// The signed head after it.
    pub checkpoint: String,
}

/// An event as a page shows it.
pub type Entry = Event;

/// The head, locked against other writers until the transaction ends.
pub(crate) fn head_row(tx: &mut Tx<'_>) -> Result<Head> {
    let sql = dialect::lock_log_head(tx.conn);
    read_head(tx, sql)
}

/// The head without the lock.
pub(crate) fn head_unlocked(tx: &mut Tx<'_>) -> Result<Head> {
    read_head(tx, "SELECT size, frontier, checkpoint FROM log_head WHERE register_id = ?1")
}

fn read_head(tx: &mut Tx<'_>, sql: &str) -> Result<Head> {
    let row = tx.query_opt(sql, params![], |row| Ok((row.int(0)?, row.bytes(1)?, row.text(2)?)))?;
    let (size, frontier, checkpoint) = row.ok_or(StoreError::NoRegister)?;
    let tree = Frontier::from_bytes(size.cast_unsigned(), &frontier)
        .ok_or_else(|| StoreError::Corrupt("the log's head does not fit its size; run `seloste log verify`".into()))?;
    Ok(Head { tree, checkpoint })
}

/// The number of events.
pub(crate) fn head_size(tx: &mut Tx<'_>) -> Result<u64> {
    let sql = "SELECT size FROM log_head WHERE register_id = ?1";
    tx.query_opt(sql, params![], |row| row.int(0))?.map(i64::cast_unsigned).ok_or(StoreError::NoRegister)
}

/// The signed head, and how many events it covers.
///
/// # Errors
/// The database can not be read.
pub fn head(tx: &mut Tx<'_>) -> Result<(u64, String)> {
    let sql = "SELECT size, checkpoint FROM log_head WHERE register_id = ?1";
    tx.query_opt(sql, params![], |row| Ok((row.int(0)?.cast_unsigned(), row.text(1)?)))?.ok_or(StoreError::NoRegister)
}

/// At most `limit` blocks that hold events from number `from` on.
///
/// # Errors
/// The database can not be read.
pub fn blocks(tx: &mut Tx<'_>, from: u64, limit: i64) -> Result<Vec<Block>> {
    tx.query(
        "SELECT first_seq, count, at, events, checkpoint FROM log_block \
         WHERE register_id = ?1 AND first_seq >= ?2 ORDER BY first_seq LIMIT ?3",
        params![from.cast_signed(), limit],
        read_block,
    )
}

fn read_block(row: &crate::sql::Row<'_>) -> Result<Block> {
    Ok(Block {
        first_seq: row.int(0)?.cast_unsigned(),
        count: row.int(1)?.cast_unsigned(),
        at: row.int(2)?,
        events: row.text(3)?,
        checkpoint: row.text(4)?,
    })
}

/// The newest events before number `before`, newest first.
///
/// # Errors
/// The database can not be read.
pub fn entries(tx: &mut Tx<'_>, before: Option<u64>, limit: usize) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    let mut bound = before.map_or(i64::MAX, u64::cast_signed);
    while found.len() < limit {
        let block = tx.query_opt(
            "SELECT first_seq, count, at, events, checkpoint FROM log_block \
             WHERE register_id = ?1 AND first_seq < ?2 ORDER BY first_seq DESC LIMIT 1",
            params![bound],
            read_block,
        )?;
        let Some(block) = block else { break };
        let mut events = parse(&block)?;
        events.retain(|e| e.seq < bound.cast_unsigned());
        found.extend(events.into_iter().rev());
        bound = block.first_seq.cast_signed();
    }
    found.truncate(limit);
    Ok(found)
}

/// Every event that concerns a subject, newest first: from the index, and from the log's end that is not indexed yet.
///
/// # Errors
/// The database can not be read.
pub fn entries_of(tx: &mut Tx<'_>, subject: Uuid, limit: usize) -> Result<Vec<Entry>> {
    let indexed = indexed(tx)?;
    let mut found = Vec::new();
    let mut from = indexed;
    loop {
        let tail = containing(tx, from, 256)?;
        let Some(last) = tail.last() else { break };
        from = last.first_seq + last.count;
        for block in &tail {
            found.extend(parse(block)?.into_iter().filter(|e| e.seq >= indexed && e.subjects.contains(&subject)));
        }
    }
    found.reverse();
    let numbers = tx.query(
        "SELECT seq FROM log_subject WHERE register_id = ?1 AND subject_id = ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4",
        params![subject, indexed.cast_signed(), i64::try_from(limit).unwrap_or(i64::MAX)],
        |row| row.int(0),
    )?;
    // Events of one block come one after the other: it is read once.
    let mut block: Vec<Event> = Vec::new();
    for number in numbers {
        let number = number.cast_unsigned();
        if !block.iter().any(|event| event.seq == number) {
            block = containing(tx, number, 1)?.iter().map(parse).next().transpose()?.unwrap_or_default();
        }
        let event = block.iter().find(|event| event.seq == number).cloned();
        found.push(event.ok_or_else(|| StoreError::Corrupt(format!("log event {number} is missing")))?);
    }
    found.truncate(limit);
    Ok(found)
}

/// One event, by its number.
pub(crate) fn entry(tx: &mut Tx<'_>, seq: u64) -> Result<Entry> {
    let block = containing(tx, seq, 1)?;
    let event = block.iter().map(parse).next().transpose()?.into_iter().flatten().find(|e| e.seq == seq);
    event.ok_or_else(|| StoreError::Corrupt(format!("log event {seq} is missing")))
}

/// The events of a block.
pub(crate) fn parse(block: &Block) -> Result<Vec<Event>> {
    block
        .events
        .lines()
        .map(|line| {
            serde_json::from_str(line)
                .map_err(|_| StoreError::Corrupt(format!("an event of log block {} can not be read", block.first_seq)))
        })
        .collect()
}

/// Blocks from the one that holds `seq` on.
fn containing(tx: &mut Tx<'_>, seq: u64, limit: i64) -> Result<Vec<Block>> {
    let first = tx.query_opt(
        "SELECT first_seq FROM log_block WHERE register_id = ?1 AND first_seq <= ?2 ORDER BY first_seq DESC LIMIT 1",
        params![seq.cast_signed()],
        |row| row.int(0),
    )?;
    let mut found = blocks(tx, first.unwrap_or(0).cast_unsigned(), limit)?;
    found.retain(|block| block.first_seq + block.count > seq);
    Ok(found)
}

/// Events that changed something in blocks from `from` on: (end of what was read, subjects and objects touched).
pub(crate) fn changes_since(tx: &mut Tx<'_>, from: u64) -> Result<(u64, Vec<Event>)> {
    let mut at = from;
    let mut events = Vec::new();
    loop {
        let found = containing(tx, at, 256)?;
        let Some(last) = found.last() else { return Ok((at, events)) };
        at = last.first_seq + last.count;
        for block in &found {
            let changed = |e: &Event| e.seq >= from && e.outcome == seloste_domain::log::Outcome::Changed;
            events.extend(parse(block)?.into_iter().filter(changed));
        }
    }
}

/// The number of events that are indexed by subject.
pub(crate) fn indexed(tx: &mut Tx<'_>) -> Result<u64> {
    let sql = "SELECT indexed FROM log_head WHERE register_id = ?1";
    tx.query_opt(sql, params![], |row| row.int(0))?.map(i64::cast_unsigned).ok_or(StoreError::NoRegister)
}

/// Indexes by subject at most `blocks_at_once` blocks of the log's end. Returns whether something is left.
///
/// # Errors
/// The database can not be written.
pub fn index_tail(tx: &mut Tx<'_>, blocks_at_once: i64) -> Result<bool> {
    let from = indexed(tx)?;
    let found = containing(tx, from, blocks_at_once)?;
    let Some(last) = found.last() else { return Ok(false) };
    for block in &found {
        for event in parse(block)?.into_iter().filter(|e| e.seq >= from) {
            for subject in event.subjects {
                tx.execute(
                    "INSERT INTO log_subject (register_id, subject_id, seq) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    params![subject, event.seq.cast_signed()],
                )?;
            }
        }
    }
    let end = last.first_seq + last.count;
    tx.execute("UPDATE log_head SET indexed = ?2 WHERE register_id = ?1", params![end.cast_signed()])?;
    Ok(end < head_size(tx)?)
}

/// Checks that the newest checkpoint of a file kept outside the database is a point that this log went through.
pub(crate) fn kept_checkpoint_holds(tx: &mut Tx<'_>, public: &[u8; 32], file: &Path) -> Result<()> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(StoreError::file(file, &e)),
    };
    let register = tx.register;
    let opened = checkpoint::split_notes(&text)
        .into_iter()
        .rev()
        .find_map(|note| checkpoint::open(register, public, &note).map(|c| (c, note)));
    let Some((kept, note)) = opened else { return Ok(()) };
    if kept.size == 0 {
        return Ok(());
    }
    // A checkpoint is taken after a commit, so it is the checkpoint of the block that ends there.
    let stored = tx.query_opt(
        "SELECT checkpoint FROM log_block WHERE register_id = ?1 AND first_seq < ?2 ORDER BY first_seq DESC LIMIT 1",
        params![kept.size.cast_signed()],
        |row| row.text(0),
    )?;
    if stored.as_deref() == Some(note.as_str()) && kept.size <= head_size(tx)? {
        return Ok(());
    }
    Err(StoreError::RolledBack { size: kept.size, path: file.to_owned() })
}
