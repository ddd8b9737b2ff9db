//! The tables of the log, past the store.

use seloste_store::log::tree::{Frontier, leaf_hash};
use seloste_testkit::raw::{Raw, quoted};

/// The log's tables, as somebody with a database client sees them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Log {
    pub(crate) blocks: Vec<Block>,
    pub(crate) head: Head,
    pub(crate) sealed: Vec<Sealed>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) at: String,
    pub(crate) events: String,
    pub(crate) checkpoint: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) frontier: String,
    pub(crate) checkpoint: String,
    pub(crate) indexed: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sealed {
    pub(crate) object: String,
    pub(crate) seq: u64,
    pub(crate) owner: String,
    pub(crate) payload: String,
}

impl Log {
    pub(crate) fn read(raw: &mut Raw) -> Self {
        let blocks = raw.rows("SELECT first_seq, count, at, events, checkpoint FROM log_block ORDER BY first_seq");
        let head = raw.rows("SELECT size, frontier, checkpoint, indexed FROM log_head").remove(0);
        let sealed = raw.rows("SELECT object_id, seq, owner_id, payload FROM sealed ORDER BY seq, object_id");
        let [size, frontier, checkpoint, indexed] = head.try_into().unwrap();
        Self {
            blocks: blocks.into_iter().map(Block::read).collect(),
            head: Head { size: size.parse().unwrap(), frontier, checkpoint, indexed },
            sealed: sealed.into_iter().map(Sealed::read).collect(),
        }
    }

    /// Puts these rows in the place of those in the database.
    pub(crate) fn write(&self, raw: &mut Raw) {
        let register = raw.rows("SELECT register_id FROM register").remove(0).remove(0);
        let register = raw.id(&register);
        let mut sql = String::from("BEGIN; DELETE FROM log_block; DELETE FROM sealed;");
        for Block { first, count, at, events, checkpoint } in &self.blocks {
            let (events, checkpoint) = (quoted(events), quoted(checkpoint));
            sql +=
                &format!("INSERT INTO log_block VALUES ({register}, {first}, {count}, {at}, {events}, {checkpoint});");
        }
        for Sealed { object, seq, owner, payload } in &self.sealed {
            let (object, owner, payload) = (raw.id(object), raw.id(owner), raw.bytes(payload));
            sql += &format!("INSERT INTO sealed VALUES ({register}, {object}, {seq}, {owner}, {payload});");
        }
        let Head { size, frontier, checkpoint, indexed } = &self.head;
        let (frontier, checkpoint) = (raw.bytes(frontier), quoted(checkpoint));
        sql += &format!("UPDATE log_head SET size = {size}, frontier = {frontier}, checkpoint = {checkpoint}, ");
        sql += &format!("indexed = {indexed}; COMMIT;");
        raw.run(&sql);
    }

    /// The head as it would be for these blocks, as far as one can make it without the key.
    pub(crate) fn rewrite_head(&mut self) {
        let mut tree = Frontier::default();
        for line in self.blocks.iter().flat_map(|block| block.events.lines()) {
            tree.push(leaf_hash(line.as_bytes()));
        }
        self.head.size = tree.size();
        self.head.frontier = hex(&tree.to_bytes());
        if let Some(last) = self.blocks.last() {
            self.head.checkpoint.clone_from(&last.checkpoint);
        }
    }

    /// The rows as `seloste log export` writes them.
    pub(crate) fn export(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for Block { first, count, at, events, checkpoint } in &self.blocks {
            let (first_seq, at) = (*first, at.parse::<i64>().unwrap());
            let (count, events, checkpoint) = (*count, events.clone(), checkpoint.clone());
            let block = seloste_store::log::Block { first_seq, count, at, events, checkpoint };
            lines.push(serde_json::to_string(&block).unwrap());
        }
        for Sealed { object, seq, payload, .. } in &self.sealed {
            let sha256 = hex(&<sha2::Sha256 as sha2::Digest>::digest(hex::decode(payload).unwrap()));
            let object = uuid::Uuid::parse_str(object).unwrap();
            lines.push(serde_json::json!({"sealed_seq": seq, "object": object, "sha256": sha256}).to_string());
        }
        lines.push(serde_json::json!({"size": self.head.size, "checkpoint": self.head.checkpoint}).to_string());
        lines.join("\n") + "\n"
    }
}

impl Block {
    pub(crate) fn read(row: Vec<String>) -> Self {
        let [first, count, at, events, checkpoint] = row.try_into().unwrap();
        Self { first: first.parse().unwrap(), count: count.parse().unwrap(), at, events, checkpoint }
    }
}

impl Sealed {
    pub(crate) fn read(row: Vec<String>) -> Self {
        let [object, seq, owner, payload] = row.try_into().unwrap();
        Self { object, seq: seq.parse().unwrap(), owner, payload }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}
