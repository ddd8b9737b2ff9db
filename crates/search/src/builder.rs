//! Building the index of a whole register at once.

use hashbrown::HashTable;
use uuid::Uuid;

use crate::Index;
use crate::arena::Arena;
use crate::entries::{Entries, Word};
use crate::postings::Postings;
use crate::types::{Entry, Field, Noun};
use crate::vocabulary::{self, Vocabulary};
use crate::words;

/// Words of one entry that are indexed.
pub(crate) const WORDS: usize = 96;

/// Builds an index of many entries at once, much faster than one `upsert` after another.
#[derive(Debug)]
pub struct Builder {
    texts: Vec<u8>,
    terms: Vec<Term>,
    by_text: HashTable<u32>,
    words: Vec<Word>,
    added: Vec<Added>,
}

#[derive(Debug, Clone, Copy)]
struct Term {
    start: u32,
    len: u16,
    field: Field,
}

#[derive(Debug, Clone, Copy)]
struct Added {
    id: Uuid,
    companies: u64,
    changed_at: i64,
    words: usize,
    noun: Noun,
}

impl Default for Builder {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Builder {
    /// A builder with room for so many entries.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self {
            texts: Vec::with_capacity(entries.saturating_mul(32)),
            terms: Vec::with_capacity(entries.saturating_mul(2)),
            // The words that many share are few; a table that stays small stays in the processor's cache.
            by_text: HashTable::new(),
            words: Vec::with_capacity(entries.saturating_mul(12)),
            added: Vec::with_capacity(entries),
        }
    }

    /// Adds an entry; of several with one id the last counts.
    pub fn add(&mut self, entry: Entry<'_>) {
        let Entry { id, noun, companies, changed_at, words: texts } = entry;
        let start = self.words.len();
        self.added.push(Added { id, companies, changed_at, words: start, noun });
        for (field, text) in texts {
            words::for_each(*field, text, |word| {
                if self.words.len() - start < WORDS && crate::number(self.terms.len()) < Word::TERMS {
                    self.add_word(word, *field, start);
                }
            });
        }
    }

    fn add_word(&mut self, word: &str, field: Field, start: usize) {
        let owned;
        let text = if word.is_ascii() {
            word.as_bytes()
        } else {
            owned = vocabulary::text_of(word);
            &owned
        };
        if is_own(text, field) {
            let mut words = self.words.iter().skip(start).filter(|word| word.field() == field);
            if words.any(|word| self.key(word.term()) == Some((text, field))) {
                return;
            }
            let word = Word::new(self.new_term(text, field), field);
            self.words.push(word);
            return;
        }
        let hash = hash(text, field);
        let word = Word::new(self.term(text, field, hash), field);
        if !self.words.get(start..).is_some_and(|words| words.contains(&word)) {
            self.words.push(word);
        }
    }

    /// The number of the term, given to it now if it is new.
    fn term(&mut self, text: &[u8], field: Field, hash: u64) -> u32 {
        let (terms, texts) = (&self.terms, &self.texts);
        let known = self
            .by_text
            .find(hash, |term| terms.get(*term as usize).is_some_and(|t| t.field == field && t.text(texts) == text));
        if let Some(known) = known {
            return *known;
        }
        let number = self.new_term(text, field);
        let (terms, texts) = (&self.terms, &self.texts);
        let hash_of = |term: &u32| terms.get(*term as usize).map_or(0, |t| self::hash(t.text(texts), t.field));
        self.by_text.insert_unique(hash, number, hash_of);
        number
    }

    fn new_term(&mut self, text: &[u8], field: Field) -> u32 {
        let len = u16::try_from(text.len()).unwrap_or(u16::MAX);
        self.terms.push(Term { start: crate::number(self.texts.len()), len, field });
        self.texts.extend_from_slice(text);
        crate::number(self.terms.len() - 1)
    }

    /// The index of what was added.
    #[must_use]
    pub fn build(mut self) -> Index {
        self.by_text = HashTable::new();
        let mut order = self.alphabetical();
        let mut new_number = vec![0_u32; order.len()];
        let mut terms = 0;
        order.dedup_by(|next, last| {
            let is_same = self.key(*next) == self.key(*last);
            terms += u32::from(!is_same);
            if let Some(number) = new_number.get_mut(*next as usize) {
                *number = terms;
            }
            is_same
        });
        let vocabulary = self.sorted_vocabulary(&order);
        let entries = self.sorted_entries(&new_number);
        let postings = gathered(&entries, order.len());
        Index::from_parts(vocabulary, postings, entries)
    }

    /// The terms in the order of their text, then their field.
    fn alphabetical(&self) -> Vec<u32> {
        let first = self.terms.iter().map(|term| first_bytes(term.text(&self.texts)));
        let mut keyed: Vec<(u128, u32)> = first.zip(0..).collect();
        keyed.sort_unstable_by(|(key, term), (other_key, other)| {
            key.cmp(other_key).then_with(|| self.key(*term).cmp(&self.key(*other)))
        });
        keyed.into_iter().map(|(_, term)| term).collect()
    }

    fn key(&self, term: u32) -> Option<(&[u8], Field)> {
        self.terms.get(term as usize).map(|term| (term.text(&self.texts), term.field))
    }

    fn sorted_vocabulary(&mut self, order: &[u32]) -> Vocabulary {
        let (terms, texts) = (std::mem::take(&mut self.terms), std::mem::take(&mut self.texts));
        let in_order = order.iter().filter_map(|number| terms.get(*number as usize));
        let mut arena = Arena::with_capacity(in_order.clone().map(|term| usize::from(term.len)).sum());
        let sorted = in_order.map(|term| (arena.put(term.text(&texts)), term.len, term.field)).collect();
        Vocabulary::from_sorted(arena, sorted)
    }

    /// The entries, the last changed last, with the terms' new numbers.
    fn sorted_entries(&mut self, new_number: &[u32]) -> Entries {
        let mut entries = Entries::with_capacity(self.added.len(), self.words.len());
        let mut order: Vec<(i64, u32)> = self.added.iter().map(|added| added.changed_at).zip(0..).collect();
        order.sort_unstable();
        // An id that was added twice: only its last mention stays.
        let mut last: HashTable<u32> = HashTable::with_capacity(self.added.len());
        let id_of = |number: &u32| self.added.get(*number as usize).map_or(Uuid::nil(), |added| added.id);
        for number in (0..crate::number(self.added.len())).rev() {
            let id = id_of(&number);
            let hash = crate::entries::hash(&id);
            if last.find(hash, |other| id_of(other) == id).is_none() {
                last.insert_unique(hash, number, |other| crate::entries::hash(&id_of(other)));
            }
        }
        let mut words = Vec::new();
        for (_, number) in order {
            let Some(added) = self.added.get(number as usize) else { continue };
            let hash = crate::entries::hash(&added.id);
            if last.find(hash, |other| *other == number).is_none() {
                continue;
            }
            let end = self.added.get(number as usize + 1).map_or(self.words.len(), |next| next.words);
            let old = self.words.get(added.words..end).unwrap_or(&[]);
            words.clear();
            words.extend(
                old.iter().filter_map(|word| Some(Word::new(*new_number.get(word.term() as usize)?, word.field()))),
            );
            entries.insert(added.id, added.noun, added.companies, added.changed_at, &words);
        }
        entries
    }
}

/// Whether a word is likely one of a single entry (a number, the `koskitalo87` of an e-mail address): such words are not
/// looked up one by one, but equal ones are made one when all have been sorted.
fn is_own(text: &[u8], field: Field) -> bool {
    match field {
        Field::Telephone | Field::CustomerNumber | Field::OrderNumber | Field::BusinessId => true,
        Field::Email => text.last().is_some_and(u8::is_ascii_digit),
        _ => false,
    }
}

/// Bytes of a text that fit in a number.
const SHORT: usize = 16;

/// The first bytes of a text as a number that compares as they do; texts of that many bytes are told apart by it,
/// since none ends in a zero byte.
fn first_bytes(text: &[u8]) -> u128 {
    let mut bytes = [0; SHORT];
    let len = text.len().min(SHORT);
    if let (Some(to), Some(from)) = (bytes.get_mut(..len), text.get(..len)) {
        to.copy_from_slice(from);
    }
    u128::from_be_bytes(bytes)
}

/// Multiplies eight bytes at a time and folds the halves of the product; it need not withstand anyone, since a
/// collision costs one comparison.
fn hash(text: &[u8], field: Field) -> u64 {
    let step = |hash: u64, bytes: u64| {
        let product = u128::from(hash ^ bytes).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        (product >> 64) as u64 ^ product as u64
    };
    let eight = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    text.chunks(8).map(eight).fold(step(field as u64 + 1, text.len() as u64 + 1), step)
}

impl Term {
    fn text<'t>(&self, texts: &'t [u8]) -> &'t [u8] {
        texts.get(self.start as usize..self.start as usize + usize::from(self.len)).unwrap_or(&[])
    }
}

/// The lists of all terms: counted, then filled in the order of the turns.
fn gathered(entries: &Entries, terms: usize) -> Postings {
    let mut ends = vec![0_u32; terms];
    let each = |visit: &mut dyn FnMut(usize, u32)| {
        for turn in 0..crate::number(entries.turns()) {
            let words = entries.at(turn).map_or(&[][..], |row| entries.words(row));
            words.iter().for_each(|word| visit(word.term() as usize, turn));
        }
    };
    each(&mut |term, _| ends.get_mut(term).into_iter().for_each(|count| *count += 1));
    let mut total = 0;
    for end in &mut ends {
        (*end, total) = (total, total + *end);
    }
    let mut turns = vec![0_u32; total as usize];
    each(&mut |term, turn| {
        if let Some(end) = ends.get_mut(term) {
            turns.get_mut(*end as usize).into_iter().for_each(|place| *place = turn);
            *end += 1;
        }
    });
    Postings::from_gathered(&turns, &ends)
}
