//! The log in the database: blocks of events, one block a commit, as leaves of an RFC 6962 Merkle tree whose signed
//! head stands in every block and, from time to time, in a file outside the database.

pub mod checkpoint;
mod export;
pub(crate) mod kept;
mod read;
pub mod tree;
pub mod verify;

pub use export::export;
pub use read::{Block, Entry, blocks, entries, entries_of, head, index_tail};
pub(crate) use read::{
    Head, changes_since, entry, head_row, head_size, head_unlocked, indexed, kept_checkpoint_holds, parse,
};

use seloste_domain::log::{Event, Outcome};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::keys::Keys;
use crate::sql::{Tx, params};
use tree::Frontier;

/// An event whose number is not known yet: its JSON after `"seq"`.
#[derive(Debug, Clone)]
pub(crate) struct Pending(String);

impl Pending {
    pub(crate) fn new(event: &Event) -> Result<Self> {
        let json = serde_json::to_string(event).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let rest =
            json.strip_prefix("{\"seq\":0").ok_or_else(|| StoreError::Corrupt("an event with a number".into()))?;
        Ok(Self(rest.to_owned()))
    }

    fn line(&self, seq: u64) -> String {
        format!("{{\"seq\":{seq}{}", self.0)
    }
}

/// What an event says, before it has a number.
#[derive(Debug, Clone, Default)]
pub struct Act {
    /// Whom it concerns.
    pub subjects: Vec<Uuid>,
    /// What else it concerns.
    pub objects: Vec<String>,
    /// Names of fields.
    pub fields: Vec<String>,
    /// Who outside the group received the data; none when it stayed inside.
    pub recipient: Option<String>,
    /// Hashes of sealed payloads.
    pub sealed: Vec<String>,
}

impl Act {
    /// An act on one thing that is not a party.
    #[must_use]
    pub fn on(object: impl std::fmt::Display) -> Self {
        Self { objects: vec![object.to_string()], ..Self::default() }
    }

    pub(crate) fn event(self, usage: &seloste_domain::usage::Use, outcome: Outcome) -> Event {
        Event {
            seq: 0,
            at: usage.at().as_microsecond(),
            actor: usage.actor().to_string(),
            action: usage.action().as_str().to_owned(),
            purpose: Some(usage.purpose().id().to_string()),
            outcome,
            companies: usage.scope().companies().iter().map(ToString::to_string).collect(),
            subjects: self.subjects,
            objects: self.objects,
            fields: self.fields,
            recipient: self.recipient,
            sealed: self.sealed,
        }
    }
}

/// Appends a commit's events as one block and moves the head. Returns the new head.
pub(crate) fn append(tx: &mut Tx<'_>, head: &Head, keys: &Keys, at: i64, events: &[Pending]) -> Result<Head> {
    let mut tree = head.tree.clone();
    let mut text = String::with_capacity(events.len() * 400);
    for event in events {
        let line = event.line(tree.size());
        tree.push(tree::leaf_hash(line.as_bytes()));
        text.push_str(&line);
        text.push('\n');
    }
    let checkpoint = checkpoint::sign(tx.register, tree.size(), &tree.root(), keys);
    let first = i64::try_from(head.tree.size()).map_err(|_| StoreError::Corrupt("the log is too long".into()))?;
    let count = i64::try_from(events.len()).map_err(|_| StoreError::Corrupt("a block is too long".into()))?;
    tx.execute(
        "INSERT INTO log_block (register_id, first_seq, count, at, events, checkpoint) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![first, count, at, &text, &checkpoint],
    )?;
    tx.execute(
        "UPDATE log_head SET size = ?2, frontier = ?3, checkpoint = ?4 WHERE register_id = ?1",
        params![first + count, &tree.to_bytes(), &checkpoint],
    )?;
    Ok(Head { tree, checkpoint })
}

/// The head of a log without events.
pub(crate) fn begin(tx: &mut Tx<'_>, keys: &Keys) -> Result<Head> {
    let tree = Frontier::default();
    let checkpoint = checkpoint::sign(tx.register, 0, &tree.root(), keys);
    tx.execute(
        "INSERT INTO log_head (register_id, size, frontier, checkpoint, indexed) VALUES (?1, 0, ?2, ?3, 0)",
        params![&tree.to_bytes(), &checkpoint],
    )?;
    Ok(Head { tree, checkpoint })
}
