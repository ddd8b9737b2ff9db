//! The ways to tamper that the tests know.

use proptest::prelude::*;

use crate::tables::{Block, Log};

/// A way to tamper. Numbers choose a block, an event or a character, modulo how many there are.
#[derive(Clone, Debug)]
pub(crate) enum Tamper {
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
    /// Two payloads of one event, of two people.
    SwapWithinEvent,
}

impl Tamper {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
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
            Just(Self::SwapWithinEvent),
        ]
    }

    /// One of each.
    pub(crate) fn all() -> Vec<Self> {
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
            Self::SwapWithinEvent,
        ]
    }

    pub(crate) fn apply(&self, log: &mut Log) {
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

    pub(crate) fn apply_outside_blocks(&self, log: &mut Log) {
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
            Self::SwapWithinEvent => {
                let twin = (1..sealed).find(|place| log.sealed[place - 1].seq == log.sealed[*place].seq);
                if let Some(twin) = twin {
                    let payload = log.sealed[twin].payload.clone();
                    log.sealed[twin].payload = std::mem::replace(&mut log.sealed[twin - 1].payload, payload);
                }
            }
            _ => unreachable!("{self:?} is about blocks"),
        }
    }
}

/// Changes a letter or digit at or after a place into another one that is a hexadecimal digit too.
pub(crate) fn change_character(text: &mut String, at: usize) {
    let mut bytes = std::mem::take(text).into_bytes();
    let length = bytes.len();
    let places = (0..length).map(|step| (at + step) % length.max(1));
    if let Some(place) = places.into_iter().find(|place| bytes[*place].is_ascii_alphanumeric()) {
        bytes[place] = if bytes[place] == b'1' { b'2' } else { b'1' };
    }
    *text = String::from_utf8(bytes).unwrap();
}

pub(crate) fn move_event(log: &mut Log, block: usize) {
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

pub(crate) fn cut_end(log: &mut Log, cut: usize) {
    log.blocks.truncate(log.blocks.len().saturating_sub(cut).max(1));
    log.rewrite_head();
    let size = log.head.size;
    log.head.indexed = size.to_string();
    log.sealed.retain(|sealed| sealed.seq < size);
}
