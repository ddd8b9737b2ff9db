//! Verifying the whole log: every event against its number, every block against its signed head, every sealed payload
//! against its hash, and the log against checkpoints that were kept elsewhere.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::rc::Rc;

use uuid::Uuid;

use super::checkpoint::{self, Checkpoint};
use super::read::{Block, blocks, head_unlocked, indexed};
use super::tree::{Frontier, Hash, leaf_hash};
use crate::dialect;
use crate::error::Result;
use crate::keys::sealed_hash;
use crate::sql::{Tx, params};

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// Events are missing.
    Missing {
        /// First missing number.
        from: u64,
        /// Last missing number.
        to: u64,
    },
    /// A block begins where another one already stands, or out of order.
    OutOfOrder {
        /// The block's first number.
        block: u64,
    },
    /// An event carries another number than its place, or can not be read.
    EventWrong {
        /// The number that its place gives.
        seq: u64,
    },
    /// A block's number of events is not what it says.
    CountWrong {
        /// The block's first number.
        block: u64,
    },
    /// The block's events are not those that were signed.
    BlockChanged {
        /// The block's first number.
        block: u64,
        /// Its last number.
        to: u64,
    },
    /// The block's signature is not this register's.
    SignatureWrong {
        /// The block's first number.
        block: u64,
    },
    /// The head row does not fit the blocks.
    HeadWrong {
        /// Events in the blocks.
        events: u64,
    },
    /// A checkpoint kept elsewhere is not a point that this log went through.
    NotContinued {
        /// The checkpoint's size.
        size: u64,
    },
    /// A checkpoint kept elsewhere can not be read or was not signed by this register.
    CheckpointUnreadable {
        /// Its place in the file, from 1.
        number: usize,
    },
    /// A sealed payload was changed.
    SealedChanged {
        /// The event it belongs to.
        seq: u64,
    },
    /// The index of the events by subject does not fit the events: somebody's view of them is not complete.
    IndexWrong {
        /// Events that should be indexed.
        events: u64,
    },
    /// A sealed payload is missing, and nobody was erased.
    SealedMissing {
        /// The event it belongs to.
        seq: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { from, to } => write!(f, "events {from}-{to} are missing"),
            Self::OutOfOrder { block } => write!(f, "block {block} is out of order or stands twice"),
            Self::EventWrong { seq } => write!(f, "event {seq} was changed: it can not be read or has another number"),
            Self::CountWrong { block } => write!(f, "block {block} does not hold as many events as it says"),
            Self::BlockChanged { block, to } => write!(f, "events {block}-{to} are not those that were signed"),
            Self::SignatureWrong { block } => write!(f, "the signature of block {block} is not this register's"),
            Self::HeadWrong { events } => write!(f, "the log's head does not fit its {events} events"),
            Self::IndexWrong { events } => write!(f, "the index by subject does not fit the first {events} events"),
            Self::NotContinued { size } => write!(f, "the checkpoint of {size} events is not part of this log"),
            Self::CheckpointUnreadable { number } => write!(f, "checkpoint {number} is not one of this register's"),
            Self::SealedChanged { seq } => write!(f, "a sealed payload of event {seq} was changed"),
            Self::SealedMissing { seq } => write!(f, "a sealed payload of event {seq} is missing"),
        }
    }
}

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Events read.
    pub events: u64,
    /// Blocks read.
    pub blocks: u64,
    /// Root of the tree over the events read, hexadecimal.
    pub root: String,
    /// What is wrong; empty when the log is sound.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether the log is sound.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Blocks read at a time.
const PAGE: i64 = 512;

/// Verifies the log with the register's public key, and against checkpoints kept elsewhere (a file of signed notes).
///
/// # Errors
/// The database can not be read. What is wrong with the log is in the report.
pub fn verify(tx: &mut Tx<'_>, public: &[u8; 32], against: Option<&str>) -> Result<Report> {
    // Else a commit between two statements would look like tampering.
    dialect::begin_moment(tx.conn)?;
    let report = walk(tx, public, against);
    dialect::end_moment(tx.conn)?;
    report
}

fn walk(tx: &mut Tx<'_>, public: &[u8; 32], against: Option<&str>) -> Result<Report> {
    let mut walk = Walk::new(tx, public, against);
    walk.index.events = indexed(tx).unwrap_or(0);
    // By position rather than by number, so that a block put before all others is seen too.
    let mut from = None;
    loop {
        let page = match from {
            None => blocks_from_start(tx)?,
            Some(at) => blocks(tx, at, PAGE)?,
        };
        let Some(last) = page.last() else { break };
        from = Some(last.first_seq + 1);
        for block in &page {
            walk.block(block);
        }
    }
    walk.sealed(tx)?;
    walk.index(tx)?;
    walk.finish(tx)
}

fn blocks_from_start(tx: &mut Tx<'_>) -> Result<Vec<Block>> {
    tx.query(
        "SELECT first_seq, count, at, events, checkpoint FROM log_block WHERE register_id = ?1 ORDER BY first_seq LIMIT ?2",
        params![PAGE],
        |row| {
            Ok(Block {
                first_seq: row.int(0)?.cast_unsigned(),
                count: row.int(1)?.cast_unsigned(),
                at: row.int(2)?,
                events: row.text(3)?,
                checkpoint: row.text(4)?,
            })
        },
    )
}

/// A sealed payload as its event tells of it.
struct Payload {
    /// The event.
    seq: u64,
    /// Those of whom it can be; shared, because an import names many at once.
    of: Rc<[Uuid]>,
    /// The order or the message that it is of, when that is known.
    order: Option<Uuid>,
}

impl Payload {
    fn is_of(&self, is_sought: impl Fn(&Uuid) -> bool) -> bool {
        self.of.iter().chain(&self.order).any(is_sought)
    }
}

/// The pairs of subject and event that the index must hold and does, as sums of their hashes. Nobody knows the hashes
/// before, so nobody can choose wrong pairs of the same sum.
#[derive(Default)]
struct Index {
    /// Events that are indexed.
    events: u64,
    hashes: RandomState,
    expected: u64,
    found: u64,
}

impl Index {
    fn expect(&mut self, seq: u64, subjects: &[Uuid]) {
        if seq < self.events {
            // A subject that an event names twice stands once in the index.
            let once: BTreeSet<_> = subjects.iter().collect();
            for subject in once {
                self.expected = self.expected.wrapping_add(self.hashes.hash_one((subject, seq)));
            }
        }
    }

    fn find(&mut self, seq: u64, subject: Uuid) {
        self.found = self.found.wrapping_add(self.hashes.hash_one((&subject, seq)));
    }
}

struct Walk {
    register: seloste_domain::id::RegisterId,
    public: [u8; 32],
    tree: Frontier,
    blocks: u64,
    /// Checkpoints kept elsewhere, by size.
    kept: HashMap<u64, Vec<Hash>>,
    /// Payloads that the events tell of, by their hash.
    sealed: HashMap<String, Payload>,
    erased: HashSet<Uuid>,
    index: Index,
    findings: Vec<Finding>,
    /// A tree that went wrong stays wrong; only the first block whose root differs is named.
    root_lost: bool,
}

impl Walk {
    fn new(tx: &Tx<'_>, public: &[u8; 32], against: Option<&str>) -> Self {
        let mut walk = Self {
            register: tx.register,
            public: *public,
            tree: Frontier::default(),
            blocks: 0,
            kept: HashMap::new(),
            sealed: HashMap::new(),
            erased: HashSet::new(),
            index: Index::default(),
            findings: Vec::new(),
            root_lost: false,
        };
        for (number, note) in checkpoint::split_notes(against.unwrap_or_default()).iter().enumerate() {
            match checkpoint::open(walk.register, public, note) {
                Some(Checkpoint { size, root }) => walk.kept.entry(size).or_default().push(root),
                None => walk.findings.push(Finding::CheckpointUnreadable { number: number + 1 }),
            }
        }
        if against.is_some_and(|text| checkpoint::split_notes(text).is_empty()) {
            walk.findings.push(Finding::CheckpointUnreadable { number: 1 });
        }
        walk.pass_checkpoint();
        walk
    }

    fn block(&mut self, block: &Block) {
        self.blocks += 1;
        let expected = self.tree.size();
        if block.first_seq > expected {
            self.findings.push(Finding::Missing { from: expected, to: block.first_seq - 1 });
        } else if block.first_seq < expected {
            self.findings.push(Finding::OutOfOrder { block: block.first_seq });
        }
        let lines: Vec<&str> = block.events.split_terminator('\n').collect();
        if lines.len() as u64 != block.count || !block.events.ends_with('\n') || lines.is_empty() {
            self.findings.push(Finding::CountWrong { block: block.first_seq });
        }
        for (place, line) in lines.iter().enumerate() {
            self.event(block.first_seq.wrapping_add(place as u64), line);
        }
        self.check_head_of(block);
    }

    fn event(&mut self, seq: u64, line: &str) {
        self.tree.push(leaf_hash(line.as_bytes()));
        self.pass_checkpoint();
        let Ok(event) = serde_json::from_str::<seloste_domain::log::Event>(line) else {
            self.findings.push(Finding::EventWrong { seq });
            return;
        };
        if event.seq != seq {
            self.findings.push(Finding::EventWrong { seq });
        }
        self.index.expect(seq, &event.subjects);
        // Orders, and invoices of accounting systems: what is sealed under their customer's key.
        let named = |object: &String| {
            object.strip_prefix("order:").or_else(|| object.strip_prefix("invoice:"))?.parse::<Uuid>().ok()
        };
        let orders: Vec<Uuid> = event.objects.iter().filter_map(named).collect();
        match event.action.as_str() {
            "person.erase" => self.erased.extend(&event.subjects),
            "order.erase" | "invoice.erase" => self.erased.extend(&orders),
            _ => {}
        }
        // What a message says belongs to the message, whatever order it is about.
        let mails = event.objects.iter().filter_map(|object| object.strip_prefix("mail:")?.parse::<Uuid>().ok());
        let mails: Vec<Uuid> = mails.collect();
        let orders = if mails.is_empty() { orders } else { mails };
        // Payloads belong one by one to as many orders or messages, else to as many parties.
        let (by_order, count) = (orders.len() == event.sealed.len(), event.sealed.len());
        let all: Rc<[Uuid]> =
            if by_order { event.subjects.into() } else { event.subjects.into_iter().chain(orders.clone()).collect() };
        for (place, hash) in event.sealed.into_iter().enumerate() {
            let of = if by_order || all.len() != count { Rc::clone(&all) } else { Rc::from([all[place]]) };
            let order = if by_order { Some(orders[place]) } else { None };
            self.sealed.insert(hash, Payload { seq, of, order });
        }
    }

    fn check_head_of(&mut self, block: &Block) {
        let to = block.first_seq.wrapping_add(block.count).wrapping_sub(1);
        match checkpoint::open(self.register, &self.public, &block.checkpoint) {
            None => self.findings.push(Finding::SignatureWrong { block: block.first_seq }),
            Some(signed) if signed.size == self.tree.size() && signed.root == self.tree.root() => {}
            Some(_) if self.root_lost => {}
            Some(_) => {
                self.root_lost = true;
                self.findings.push(Finding::BlockChanged { block: block.first_seq, to });
            }
        }
    }

    /// Crosses out the kept checkpoints of the size that the tree has reached, when their root is the tree's.
    fn pass_checkpoint(&mut self) {
        let root = self.tree.root_if(|size| self.kept.contains_key(&size));
        if let (Some(root), Some(kept)) = (root, self.kept.get_mut(&self.tree.size())) {
            kept.retain(|hash| *hash != root);
        }
    }

    fn sealed(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut present = HashSet::new();
        let findings = &mut self.findings;
        let known = &self.sealed;
        tx.each("SELECT seq, payload, object_id FROM sealed WHERE register_id = ?1", params![], |row| {
            let (seq, hash, object) = (row.int(0)?.cast_unsigned(), sealed_hash(&row.bytes(1)?), row.id(2)?);
            if known.get(&hash).is_some_and(|payload| payload.seq == seq && payload.is_of(|of| *of == object)) {
                present.insert(hash);
            } else {
                findings.push(Finding::SealedChanged { seq });
            }
            Ok(())
        })?;
        let mut missing: Vec<u64> = known
            .iter()
            .filter(|(hash, payload)| !present.contains(*hash) && !payload.is_of(|of| self.erased.contains(of)))
            .map(|(_, payload)| payload.seq)
            .collect();
        missing.sort_unstable();
        missing.dedup();
        findings.extend(missing.into_iter().map(|seq| Finding::SealedMissing { seq }));
        Ok(())
    }

    fn index(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let index = &mut self.index;
        tx.each("SELECT subject_id, seq FROM log_subject WHERE register_id = ?1", params![], |row| {
            index.find(row.int(1)?.cast_unsigned(), row.id(0)?);
            Ok(())
        })?;
        if index.found != index.expected || index.events > self.tree.size() {
            self.findings.push(Finding::IndexWrong { events: index.events });
        }
        Ok(())
    }

    fn finish(mut self, tx: &mut Tx<'_>) -> Result<Report> {
        let events = self.tree.size();
        let fits = head_unlocked(tx).is_ok_and(|head| {
            head.tree == self.tree
                && checkpoint::open(self.register, &self.public, &head.checkpoint)
                    == Some(Checkpoint { size: events, root: self.tree.root() })
        });
        if !fits {
            self.findings.push(Finding::HeadWrong { events });
        }
        let mut lost: Vec<u64> =
            self.kept.iter().filter(|(_, roots)| !roots.is_empty()).map(|(size, _)| *size).collect();
        lost.sort_unstable();
        self.findings.extend(lost.into_iter().map(|size| Finding::NotContinued { size }));
        Ok(Report { events, blocks: self.blocks, root: hex::encode(self.tree.root()), findings: self.findings })
    }
}
