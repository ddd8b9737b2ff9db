//! As-you-type search held in memory: no I/O, no clock, no randomness.
//!
//! [`Builder`] makes the [`Index`] of a whole register at start; [`Index::upsert`] and [`Index::remove`] keep it in
//! step; [`Index::search`] answers each keystroke. What matches what is described at [`Index::search`].

mod arena;
mod bits;
mod builder;
mod entries;
mod field;
mod fold;
mod gather;
mod postings;
mod query;
mod sorted;
mod sought;
mod types;
mod typos;
mod vocabulary;
mod words;

use uuid::Uuid;

pub use builder::Builder;
pub use types::{Entry, Field, Hit, Noun, NounSet, Query};

use entries::{Entries, Word};
use postings::Postings;
use vocabulary::Vocabulary;

/// The search index: built at start, then kept in step with the register.
#[derive(Debug)]
pub struct Index {
    vocabulary: Vocabulary,
    postings: Postings,
    entries: Entries,
}

impl Default for Index {
    fn default() -> Self {
        Self::new()
    }
}

impl Index {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty index with room for so many entries. To fill it at start, a [`Builder`] is faster.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        let entries = Entries::with_capacity(entries, entries.saturating_mul(12));
        Self::from_parts(Vocabulary::new(), Postings::default(), entries)
    }

    const fn from_parts(vocabulary: Vocabulary, postings: Postings, entries: Entries) -> Self {
        Self { vocabulary, postings, entries }
    }

    /// Adds the entry, or replaces the one that has its id.
    pub fn upsert(&mut self, entry: Entry<'_>) {
        let Entry { id, noun, companies, changed_at, words: texts } = entry;
        let old = self.entries.remove(id);
        let mut words: Vec<Word> = Vec::new();
        for (field, text) in texts {
            words::for_each(*field, text, |word| {
                if words.len() < builder::WORDS && self.vocabulary.len() < Word::TERMS {
                    let word = Word::new(self.vocabulary.intern(word, *field), *field);
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
            });
        }
        let turn = self.entries.insert(id, noun, companies, changed_at, &words);
        words.iter().for_each(|word| self.postings.add(word.term(), turn));
        // After the new words, so that a word that stays is not forgotten and learnt again.
        self.forget(old);
    }

    /// Takes the entry out, and overwrites the words that only it had; tells whether it was there.
    pub fn remove(&mut self, id: Uuid) -> bool {
        let old = self.entries.remove(id);
        let was_there = old.is_some();
        self.forget(old);
        was_there
    }

    fn forget(&mut self, old: Option<(u32, Vec<Word>)>) {
        let Some((turn, words)) = old else { return };
        for word in words {
            if self.postings.remove(word.term(), turn) {
                self.vocabulary.forget(word.term());
            }
        }
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many entries a scope allows: the companies are one bit for each.
    #[must_use]
    pub fn count(&self, companies: u64, nouns: NounSet) -> usize {
        self.entries.allowed(companies, nouns).len()
    }

    /// How many entries of a noun a scope allows, by the range of their ids: those from the first bound up to the second,
    /// from the second up to the third, and so on. Ids that begin with the time of their making (RFC 9562, version 7)
    /// thus count what was added when.
    #[must_use]
    pub fn counts_between(&self, companies: u64, noun: Noun, bounds: &[Uuid]) -> Vec<usize> {
        self.entries.between(companies, noun, bounds)
    }

    /// About how many bytes of memory the index holds.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.vocabulary.memory_bytes() + self.postings.memory_bytes() + self.entries.memory_bytes()
    }

    /// The best hits, best first, of those that the query's scope allows.
    ///
    /// Each word of the query must be a word of the entry or its beginning, in any order. A letter typed without its
    /// marks stands for the letter with any marks, not the other way about. Whole words rank before beginnings, the
    /// last word (it is being typed) being the first to be forgiven; then names and numbers before other fields; then
    /// what changed last. With fewer than three hits, typing errors are assumed: one in words of four letters, two
    /// from six on. Text without letters or digits finds nothing.
    #[must_use]
    pub fn search(&self, query: &Query<'_>) -> Vec<Hit> {
        if query.limit == 0 || query.companies == 0 {
            return Vec::new();
        }
        gather::Gathering::new(&self.vocabulary, &self.postings, &self.entries, *query).hits()
    }
}

/// A number of things as the index stores it; beyond four billion things there would be no memory for them.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
