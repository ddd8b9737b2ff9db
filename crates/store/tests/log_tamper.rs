//! Whatever somebody who holds the database but not the key does to the log, verifying finds it, and the second
//! verifier (`tools/verify_log.py`, which shares no code with the first) finds it too.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

use std::cell::RefCell;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use seloste_domain::draft::DraftText;
use seloste_domain::person::PersonDraft;
use seloste_ops::{OpsError, Register, person};
use seloste_store::log::tree::{Frontier, leaf_hash};
use seloste_store::log::verify::{Finding, Report, verify};
use seloste_store::{Env, StoreError};
use seloste_testkit::program::checkout;
use seloste_testkit::raw::{Raw, quoted};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

const CASES: u32 = 48;

/// The log's tables, as somebody with a database client sees them.
#[derive(Clone, Debug, PartialEq)]
struct Log {
    blocks: Vec<Block>,
    head: Head,
    sealed: Vec<Sealed>,
}

#[derive(Clone, Debug, PartialEq)]
struct Block {
    first: u64,
    count: u64,
    at: String,
    events: String,
    checkpoint: String,
}

#[derive(Clone, Debug, PartialEq)]
struct Head {
    size: u64,
    frontier: String,
    checkpoint: String,
    indexed: String,
}

#[derive(Clone, Debug, PartialEq)]
struct Sealed {
    object: String,
    seq: u64,
    owner: String,
    payload: String,
}

impl Log {
    fn read(raw: &mut Raw) -> Self {
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
    fn write(&self, raw: &mut Raw) {
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
    fn rewrite_head(&mut self) {
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
    fn export(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for Block { first, count, at, events, checkpoint } in &self.blocks {
            let (first_seq, at) = (*first, at.parse::<i64>().unwrap());
            let (count, events, checkpoint) = (*count, events.clone(), checkpoint.clone());
            let block = seloste_store::log::Block { first_seq, count, at, events, checkpoint };
            lines.push(serde_json::to_string(&block).unwrap());
        }
        for Sealed { object, seq, payload, .. } in &self.sealed {
            let sha256 = hex(&<sha2::Sha256 as sha2::Digest>::digest(hex::decode(payload).unwrap()));
            lines.push(serde_json::json!({"sealed_seq": seq, "object": object, "sha256": sha256}).to_string());
        }
        lines.push(serde_json::json!({"size": self.head.size, "checkpoint": self.head.checkpoint}).to_string());
        lines.join("\n") + "\n"
    }
}

impl Block {
    fn read(row: Vec<String>) -> Self {
        let [first, count, at, events, checkpoint] = row.try_into().unwrap();
        Self { first: first.parse().unwrap(), count: count.parse().unwrap(), at, events, checkpoint }
    }
}

impl Sealed {
    fn read(row: Vec<String>) -> Self {
        let [object, seq, owner, payload] = row.try_into().unwrap();
        Self { object, seq: seq.parse().unwrap(), owner, payload }
    }
}

fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// A way to tamper. Numbers choose a block, an event or a character, modulo how many there are.
#[derive(Clone, Debug)]
enum Tamper {
    /// One character of a block's events becomes another.
    ChangeCharacter {
        block: usize,
        at: usize,
    },
    /// An event says something else, well-formed, and the head is made to fit.
    ChangeEvent {
        block: usize,
    },
    ChangeCount {
        block: usize,
    },
    RemoveBlock {
        block: usize,
    },
    /// A block is taken out, the later ones move up, and the head is made to fit.
    CloseGap {
        block: usize,
    },
    SwapBlocks {
        one: usize,
        other: usize,
    },
    /// A block stands again at the end, with a head that counts it.
    RepeatBlock {
        block: usize,
    },
    /// An event of a block of several moves into the next block; the events as such stay as they were. (Two whole
    /// blocks in one are not tampering: the same events in the same order, signed at their end.)
    MoveEvent {
        block: usize,
    },
    /// The log's end is taken away, with its sealed payloads, and the head is the true one of that moment.
    CutEnd {
        blocks: usize,
    },
    ForgeSignature {
        block: usize,
        at: usize,
    },
    OtherCheckpoint {
        block: usize,
        other: usize,
    },
    ChangeHeadSize {
        by: u64,
    },
    ChangeHeadFrontier {
        at: usize,
    },
    ChangeHeadCheckpoint {
        block: usize,
    },
    ChangeSealed {
        place: usize,
        at: usize,
    },
    RemoveSealed {
        place: usize,
    },
    SwapSealed {
        one: usize,
        other: usize,
    },
}

impl Tamper {
    fn any() -> impl Strategy<Value = Self> {
        let n = any::<u16>().prop_map(usize::from);
        prop_oneof![
            (n.clone(), n.clone()).prop_map(|(block, at)| Self::ChangeCharacter { block, at }),
            n.clone().prop_map(|block| Self::ChangeEvent { block }),
            n.clone().prop_map(|block| Self::ChangeCount { block }),
            n.clone().prop_map(|block| Self::RemoveBlock { block }),
            n.clone().prop_map(|block| Self::CloseGap { block }),
            (n.clone(), n.clone()).prop_map(|(one, other)| Self::SwapBlocks { one, other }),
            n.clone().prop_map(|block| Self::RepeatBlock { block }),
            n.clone().prop_map(|block| Self::MoveEvent { block }),
            (1..6_usize).prop_map(|blocks| Self::CutEnd { blocks }),
            (n.clone(), n.clone()).prop_map(|(block, at)| Self::ForgeSignature { block, at }),
            (n.clone(), n.clone()).prop_map(|(block, other)| Self::OtherCheckpoint { block, other }),
            (1..9_u64).prop_map(|by| Self::ChangeHeadSize { by }),
            n.clone().prop_map(|at| Self::ChangeHeadFrontier { at }),
            n.clone().prop_map(|block| Self::ChangeHeadCheckpoint { block }),
            (n.clone(), n.clone()).prop_map(|(place, at)| Self::ChangeSealed { place, at }),
            n.clone().prop_map(|place| Self::RemoveSealed { place }),
            (n.clone(), n).prop_map(|(one, other)| Self::SwapSealed { one, other }),
        ]
    }

    /// One of each.
    fn all() -> Vec<Self> {
        vec![
            Self::ChangeCharacter { block: 3, at: 40 },
            Self::ChangeEvent { block: 4 },
            Self::ChangeCount { block: 2 },
            Self::RemoveBlock { block: 5 },
            Self::RemoveBlock { block: 0 },
            Self::CloseGap { block: 5 },
            Self::SwapBlocks { one: 2, other: 6 },
            Self::RepeatBlock { block: 3 },
            Self::MoveEvent { block: 4 },
            Self::CutEnd { blocks: 1 },
            Self::CutEnd { blocks: 4 },
            Self::ForgeSignature { block: 3, at: 11 },
            Self::OtherCheckpoint { block: 3, other: 4 },
            Self::ChangeHeadSize { by: 1 },
            Self::ChangeHeadFrontier { at: 5 },
            Self::ChangeHeadCheckpoint { block: 2 },
            Self::ChangeSealed { place: 1, at: 30 },
            Self::RemoveSealed { place: 2 },
            Self::SwapSealed { one: 0, other: 3 },
        ]
    }

    fn apply(&self, log: &mut Log) {
        if log.blocks.len() < 2 || log.sealed.is_empty() {
            return;
        }
        let blocks = log.blocks.len();
        match *self {
            Self::ChangeCharacter { block, at } => change_character(&mut log.blocks[block % blocks].events, at),
            Self::ChangeEvent { block } => {
                let events = &mut log.blocks[block % blocks].events;
                *events = events.replacen("\"actor\":\"", "\"actor\":\"user:", 1);
                log.rewrite_head();
            }
            Self::ChangeCount { block } => log.blocks[block % blocks].count += 1,
            Self::RemoveBlock { block } => drop(log.blocks.remove(block % blocks)),
            Self::CloseGap { block } => {
                let gone = log.blocks.remove(block % blocks);
                log.blocks.iter_mut().filter(|b| b.first > gone.first).for_each(|b| b.first -= gone.count);
                log.rewrite_head();
            }
            Self::SwapBlocks { one, other } => {
                let (one, other) = (one % blocks, other % blocks);
                log.blocks.swap(one, other);
                let (first, second) = (log.blocks[one].first, log.blocks[other].first);
                (log.blocks[one].first, log.blocks[other].first) = (second, first);
            }
            Self::RepeatBlock { block } => {
                let first = log.blocks.last().map_or(0, |last| last.first + last.events.lines().count() as u64);
                let again = Block { first, ..log.blocks[block % blocks].clone() };
                log.blocks.push(again);
                log.rewrite_head();
            }
            Self::MoveEvent { block } => move_event(log, block),
            Self::CutEnd { blocks: cut } => cut_end(log, cut),
            Self::ForgeSignature { block, at } => {
                let checkpoint = &mut log.blocks[block % blocks].checkpoint;
                let (text, mut signature) = {
                    let (text, signature) = checkpoint.trim_end().rsplit_once(' ').unwrap();
                    (text.to_owned(), signature.to_owned())
                };
                change_character(&mut signature, at);
                *checkpoint = format!("{text} {signature}\n");
            }
            Self::OtherCheckpoint { block, other } => {
                log.blocks[block % blocks].checkpoint = log.blocks[other % blocks].checkpoint.clone();
            }
            _ => self.apply_outside_blocks(log),
        }
    }

    fn apply_outside_blocks(&self, log: &mut Log) {
        let sealed = log.sealed.len();
        match *self {
            Self::ChangeHeadSize { by } => log.head.size += by,
            Self::ChangeHeadFrontier { at } => change_character(&mut log.head.frontier, at),
            Self::ChangeHeadCheckpoint { block } => {
                log.head.checkpoint = log.blocks[block % log.blocks.len()].checkpoint.clone();
            }
            Self::ChangeSealed { place, at } => change_character(&mut log.sealed[place % sealed].payload, at),
            Self::RemoveSealed { place } => drop(log.sealed.remove(place % sealed)),
            Self::SwapSealed { one, other } => {
                let (one, other) = (one % sealed, other % sealed);
                let payload = log.sealed[one].payload.clone();
                log.sealed[one].payload = std::mem::replace(&mut log.sealed[other].payload, payload);
            }
            _ => unreachable!("{self:?} is about blocks"),
        }
    }
}

/// Changes a letter or digit at or after a place into another one that is a hexadecimal digit too.
fn change_character(text: &mut String, at: usize) {
    let mut bytes = std::mem::take(text).into_bytes();
    let length = bytes.len();
    let places = (0..length).map(|step| (at + step) % length.max(1));
    if let Some(place) = places.into_iter().find(|place| bytes[*place].is_ascii_alphanumeric()) {
        bytes[place] = if bytes[place] == b'1' { b'2' } else { b'1' };
    }
    *text = String::from_utf8(bytes).unwrap();
}

fn move_event(log: &mut Log, block: usize) {
    let longer: Vec<usize> = (0..log.blocks.len() - 1).filter(|place| log.blocks[*place].count > 1).collect();
    if longer.is_empty() {
        return;
    }
    let block = longer[block % longer.len()];
    let lines: Vec<String> = log.blocks[block].events.lines().map(|line| format!("{line}\n")).collect();
    let Some((last, rest @ [_, ..])) = lines.split_last() else { return };
    log.blocks[block].events = rest.concat();
    log.blocks[block].count -= 1;
    let next = &mut log.blocks[block + 1];
    next.events.insert_str(0, last);
    next.count += 1;
    next.first -= 1;
}

fn cut_end(log: &mut Log, cut: usize) {
    log.blocks.truncate(log.blocks.len().saturating_sub(cut).max(1));
    log.rewrite_head();
    let size = log.head.size;
    log.sealed.retain(|sealed| sealed.seq < size);
}

/// A register with a true log, and its tables.
struct Bed {
    register: TestRegister,
    raw: Raw,
    base: Log,
    kept: String,
}

impl Bed {
    fn new(place: TestPlace) -> Self {
        let register = TestRegister::create(place);
        for number in 0..5 {
            live(&register, number);
        }
        register.db().keep_checkpoint().unwrap();
        for number in 5..8 {
            live(&register, number);
        }
        register.db().index_log().unwrap();
        register.db().keep_checkpoint().unwrap();
        let kept = std::fs::read_to_string(register.db().settings().checkpoints()).unwrap();
        let mut raw = Raw::open(&register.db().settings().place);
        let base = Log::read(&mut raw);
        assert!(base.blocks.len() > 20 && base.sealed.len() > 10, "{base:?}");
        Self { register, raw, base, kept }
    }

    fn verify(&self) -> Report {
        let public = self.register.db().public_key();
        self.register.db().look(|tx| verify(tx, &public, Some(&self.kept))).unwrap()
    }

    /// What the second verifier says of the database file, or of an export: whether the log is sound, and its root.
    fn second_opinion(&self, export: Option<&Log>) -> (bool, String) {
        let data = self.register.place().data();
        let mut command = Command::new("python3");
        command.arg("-B").arg(checkout().join("tools/verify_log.py"));
        match export {
            None => command.arg("--sqlite").arg(data.join("seloste.db")),
            Some(log) => {
                let file = data.join("export.jsonl");
                std::fs::write(&file, log.export()).unwrap();
                command.arg("--export").arg(file)
            }
        };
        let kept = data.join("kept");
        std::fs::write(&kept, &self.kept).unwrap();
        let output = command.arg("--json").arg("--against").arg(kept).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        let sound = json["findings"].as_array().unwrap().is_empty();
        assert_eq!(output.status.code(), Some(i32::from(!sound)), "{json}");
        (sound, json["root"].as_str().unwrap().to_owned())
    }
}

/// A person is added with an organisation, shown and corrected: commits of one event and of several.
fn live(register: &TestRegister, number: usize) {
    let (operator, source) = (TestRegister::operator(), TestRegister::source());
    let draft = samples::representative(number, &format!("Esimerkkiyritys {number} Oy"));
    let id = person::create(register, &operator, &draft, &source).unwrap();
    let version = person::show(register, &operator, id).unwrap().person.version;
    let changed = PersonDraft { emails: vec![DraftText::new(format!("uusi{number}@example.com"))], ..draft };
    person::change(register, &operator, id, version, &changed, &source).unwrap();
}

#[test]
fn any_tampering_is_found_by_both_verifiers() {
    let bed = RefCell::new(Bed::new(TestPlace::sqlite()));
    let report = bed.borrow().verify();
    assert!(report.is_sound(), "{:?}", report.findings);
    assert_eq!(bed.borrow().second_opinion(None), (true, report.root));
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let tampers = prop::collection::vec(Tamper::any(), 1..=3);
    let outcome = TestRunner::new(config).run(&tampers, |tampers| {
        let bed = &mut *bed.borrow_mut();
        let mut log = bed.base.clone();
        tampers.iter().for_each(|tamper| tamper.apply(&mut log));
        prop_assume!(log != bed.base);
        log.write(&mut bed.raw);
        let report = bed.verify();
        prop_assert!(!report.is_sound(), "the program found nothing");
        let second = bed.second_opinion(None);
        prop_assert_eq!(second, (false, report.root), "{:?}", report.findings);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn each_way_of_tampering_is_found_on_both_databases() {
    each_database(|place| {
        let mut bed = Bed::new(place);
        for tamper in Tamper::all() {
            let mut log = bed.base.clone();
            tamper.apply(&mut log);
            assert_ne!(log, bed.base, "{tamper:?} changes nothing");
            log.write(&mut bed.raw);
            let report = bed.verify();
            assert!(!report.is_sound(), "{tamper:?} was not found");
            // An export does not hold the frontier; it can be counted from the events.
            if !matches!(tamper, Tamper::ChangeHeadFrontier { .. }) {
                assert_eq!(bed.second_opinion(Some(&log)), (false, report.root), "{tamper:?}: {:?}", report.findings);
            }
        }
        bed.base.write(&mut bed.raw);
        let report = bed.verify();
        assert!(report.is_sound(), "{:?}", report.findings);
        assert_eq!(bed.second_opinion(Some(&bed.base)), (true, report.root));
    });
}

/// An earlier state is sound in itself; only what was kept elsewhere tells that the log had gone on.
#[test]
fn an_earlier_state_put_back_is_found_only_by_what_was_kept_elsewhere() {
    each_database(|place| {
        let mut bed = Bed::new(place);
        let earlier = {
            let mut log = bed.base.clone();
            Tamper::CutEnd { blocks: 4 }.apply(&mut log);
            log
        };
        earlier.write(&mut bed.raw);
        let public = bed.register.db().public_key();
        let alone = bed.register.db().look(|tx| verify(tx, &public, None)).unwrap();
        assert!(alone.is_sound(), "{:?}", alone.findings);
        let size = bed.base.head.size;
        assert_eq!(bed.verify().findings, [Finding::NotContinued { size }]);
        bed.register.close();
        let opened = Register::open(bed.register.place().settings(), Env::system());
        assert!(matches!(opened.err(), Some(OpsError::Store(StoreError::RolledBack { size: s, .. })) if s == size));
        // As somebody does who restores a backup on purpose.
        seloste_store::log::accept_restore(&bed.register.db().settings().checkpoints(), "1").unwrap();
        assert!(Register::open(bed.register.place().settings(), Env::system()).is_ok());
    });
}

#[test]
fn an_old_database_file_put_back_is_refused() {
    let register = TestRegister::sqlite();
    live(&register, 1);
    register.db().truncate_wal().unwrap();
    let (data, settings) = (register.place().data(), register.place().settings());
    std::fs::copy(data.join("seloste.db"), data.join("old.db")).unwrap();
    live(&register, 2);
    register.close();
    for suffix in ["", "-wal", "-shm"] {
        // The last two are there only when a connection is still open.
        let _ = std::fs::remove_file(data.join(format!("seloste.db{suffix}")));
    }
    std::fs::copy(data.join("old.db"), data.join("seloste.db")).unwrap();
    let opened = Register::open(settings, Env::system());
    assert!(matches!(opened.err(), Some(OpsError::Store(StoreError::RolledBack { .. }))));
}
