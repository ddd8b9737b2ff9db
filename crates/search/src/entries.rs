//! The entries: what a hit gives back, the terms that each holds, and the order in which they changed.
//!
//! Each change of an entry gives it the next *turn*. The lists of a term hold turns, so reading one from its end meets
//! the entries that changed last first. The row of an entry keeps its place, and a free place is used again; a turn
//! costs four bytes until the next start.

use hashbrown::HashTable;
use uuid::Uuid;

use crate::arena::Arena;
use crate::bits::Bits;
use crate::types::{Field, Noun, NounSet};

/// A turn whose entry has changed since or is gone.
const GONE: u32 = u32::MAX;

/// One entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub id: Uuid,
    pub companies: u64,
    pub changed_at: i64,
    turn: u32,
    words: u32,
    count: u16,
    pub noun: Noun,
}

/// A term and its field in four bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word(u32);

impl Word {
    /// Terms beyond this number cannot be told apart and are not indexed (2^28 distinct words).
    pub(crate) const TERMS: u32 = 1 << 28;

    pub(crate) const fn new(term: u32, field: Field) -> Self {
        Self(term << 4 | field as u32)
    }

    pub(crate) const fn term(self) -> u32 {
        self.0 >> 4
    }

    pub(crate) fn field(self) -> Field {
        Field::from_bits(self.0 & 15)
    }
}

/// All entries.
#[derive(Debug)]
pub(crate) struct Entries {
    rows: Vec<Row>,
    free: Vec<u32>,
    place_of_turn: Vec<u32>,
    by_id: HashTable<u32>,
    words: Arena<Word>,
    in_company: Vec<Bits>,
    of_noun: [Bits; 3],
}

/// Ids are made by the system and random enough in their second half.
pub(crate) fn hash(id: &Uuid) -> u64 {
    let (first, second) = id.as_u64_pair();
    (first.rotate_left(32) ^ second).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Entries {
    pub(crate) fn with_capacity(entries: usize, words: usize) -> Self {
        Self {
            rows: Vec::with_capacity(entries),
            free: Vec::new(),
            place_of_turn: Vec::with_capacity(entries),
            by_id: HashTable::with_capacity(entries),
            words: Arena::with_capacity(words),
            in_company: Vec::new(),
            of_noun: Default::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Adds an entry whose id is not there yet, and gives its turn.
    pub(crate) fn insert(&mut self, id: Uuid, noun: Noun, companies: u64, changed_at: i64, words: &[Word]) -> u32 {
        let turn = crate::number(self.place_of_turn.len());
        let count = u16::try_from(words.len()).unwrap_or(u16::MAX);
        let row = Row { id, companies, changed_at, turn, words: self.words.put(words), count, noun };
        let place = self.free.pop().unwrap_or(crate::number(self.rows.len()));
        match self.rows.get_mut(place as usize) {
            Some(free) => *free = row,
            None => self.rows.push(row),
        }
        self.place_of_turn.push(place);
        let rows = &self.rows;
        let hash_of = |place: &u32| rows.get(*place as usize).map_or(0, |row| hash(&row.id));
        self.by_id.insert_unique(hash(&id), place, hash_of);
        for company in (0..64).filter(|company| companies >> company & 1 == 1) {
            if self.in_company.len() <= company {
                self.in_company.resize(company + 1, Bits::default());
            }
            if let Some(bits) = self.in_company.get_mut(company) {
                bits.set(turn);
            }
        }
        if let Some(bits) = self.of_noun.get_mut(noun as usize) {
            bits.set(turn);
        }
        turn
    }

    /// Takes an entry out; gives its turn and its words.
    pub(crate) fn remove(&mut self, id: Uuid) -> Option<(u32, Vec<Word>)> {
        let rows = &self.rows;
        let is_it = |place: &u32| rows.get(*place as usize).is_some_and(|row| row.id == id);
        let (place, _) = self.by_id.find_entry(hash(&id), is_it).ok()?.remove();
        let row = self.rows.get_mut(place as usize)?;
        let Row { turn, words, count, .. } = *row;
        *row = Row { id: Uuid::nil(), companies: 0, changed_at: 0, count: 0, ..*row };
        self.free.push(place);
        if let Some(place) = self.place_of_turn.get_mut(turn as usize) {
            *place = GONE;
        }
        self.in_company.iter_mut().chain(&mut self.of_noun).for_each(|bits| bits.clear(turn));
        let list = self.words.get(words, count).to_vec();
        self.words.give_back(words, count);
        Some((turn, list))
    }

    /// The entry that has the turn.
    pub(crate) fn at(&self, turn: u32) -> Option<&Row> {
        self.rows.get(*self.place_of_turn.get(turn as usize)? as usize)
    }

    /// The words of an entry.
    pub(crate) fn words(&self, row: &Row) -> &[Word] {
        self.words.get(row.words, row.count)
    }

    /// One more than the last turn.
    pub(crate) fn turns(&self) -> usize {
        self.place_of_turn.len()
    }

    /// The turns of the entries that a scope allows.
    pub(crate) fn allowed(&self, companies: u64, nouns: NounSet) -> Bits {
        let mut allowed = Bits::default();
        for (company, bits) in self.in_company.iter().enumerate() {
            if companies >> company & 1 == 1 {
                allowed.add(bits);
            }
        }
        if nouns != NounSet::ALL {
            let mut chosen = Bits::default();
            for noun in [Noun::Person, Noun::Organisation, Noun::Order] {
                if nouns.contains(noun) {
                    self.of_noun.get(noun as usize).iter().for_each(|bits| chosen.add(bits));
                }
            }
            allowed.keep(&chosen);
        }
        allowed
    }

    /// How many entries of a noun in the scope have an id from each bound up to the next; the bounds grow.
    pub(crate) fn between(&self, companies: u64, noun: Noun, bounds: &[Uuid]) -> Vec<usize> {
        let mut counts = vec![0; bounds.len().saturating_sub(1)];
        for row in self.rows.iter().filter(|row| row.noun == noun && row.companies & companies != 0) {
            let place = bounds.partition_point(|bound| *bound <= row.id);
            if let Some(count) = place.checked_sub(1).and_then(|place| counts.get_mut(place)) {
                *count += 1;
            }
        }
        counts
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let bits: usize = self.in_company.iter().chain(&self.of_noun).map(Bits::memory_bytes).sum();
        self.rows.capacity() * size_of::<Row>()
            + (self.free.capacity() + self.place_of_turn.capacity()) * 4
            + self.by_id.allocation_size()
            + self.words.memory_bytes()
            + bits
    }
}
