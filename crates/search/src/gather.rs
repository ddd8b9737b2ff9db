//! Gathering the entries that match, the best first, without ever going through all of them.
//!
//! A reading of the query is answered in passes, from the best kind of match to the weakest, until there are enough
//! hits. Each pass is driven by its rarest word. What is capped, and so may miss an entry, is written at [`ENOUGH`] and
//! [`EXAMINED`]; the scope is applied before anything is counted, so that it can change no one else's answer.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::bits::Bits;
use crate::entries::Entries;
use crate::field::RANKS;
use crate::postings::Postings;
use crate::query::{self, Reading};
use crate::sought::{Judgement, Need, Sought};
use crate::types::{Hit, Query};
use crate::typos;
use crate::vocabulary::Vocabulary;

/// Entries of the rarest word up to which every one is judged.
const FEW_ENTRIES: usize = 4096;
/// Entries of another word up to which its entries are marked, to be combined; beyond, the entry's words are compared.
const MARKED: usize = 400_000;
/// Matching entries (the last changed first) that are ranked when the rarest word of a pass has more than
/// [`FEW_ENTRIES`]; within a pass they differ by little but the time of their change.
const ENOUGH: usize = 256;
/// Entries (the last changed first) that are judged in a pass that has only wide words. An entry is missed when
/// every word is as short as one or two letters, the entry is older, and next to none of the newer ones matches.
const EXAMINED: usize = 20_000;
/// With fewer hits than this, typing errors are assumed.
const FEW_HITS: usize = 3;
/// What a perfect match scores.
const PERFECT: u32 = 1 << 22;

/// One search.
pub(crate) struct Gathering<'i> {
    vocabulary: &'i Vocabulary,
    postings: &'i Postings,
    entries: &'i Entries,
    query: Query<'i>,
    allowed: OnceCell<Bits>,
    /// The cost of each entry found, by its turn.
    found: BTreeMap<u32, u32>,
}

impl<'i> Gathering<'i> {
    pub(crate) fn new(
        vocabulary: &'i Vocabulary,
        postings: &'i Postings,
        entries: &'i Entries,
        query: Query<'i>,
    ) -> Self {
        Self { vocabulary, postings, entries, query, allowed: OnceCell::new(), found: BTreeMap::new() }
    }

    /// The hits, best first.
    pub(crate) fn hits(mut self) -> Vec<Hit> {
        let readings = query::readings(self.query.text);
        for (number, reading) in readings.all.iter().enumerate() {
            if self.found.len() < self.query.limit {
                self.read(reading, number);
            }
        }
        if let Some(reading) = readings.all.get(readings.plain)
            && self.found.len() < FEW_HITS.min(self.query.limit)
        {
            self.correct(reading, readings.plain);
        }
        self.ranked()
    }

    fn look_up(&self, reading: &Reading) -> Vec<Sought> {
        reading.iter().map(|word| Sought::new(word, self.vocabulary)).collect()
    }

    /// Finds what matches the words as they were typed.
    fn read(&mut self, reading: &Reading, number: usize) {
        let sought = self.look_up(reading);
        let passes: Vec<(u8, Vec<Need>)> = match sought.as_slice() {
            [only] => {
                let whole = (0..RANKS).map(|rank| (rank, vec![Need::Whole(Some(rank))]));
                if only.is_wide() {
                    whole.chain([(2 * RANKS - 1, vec![Need::Begun(None)])]).collect()
                } else {
                    whole.chain((0..RANKS).map(|rank| (RANKS + rank, vec![Need::Begun(Some(rank))]))).collect()
                }
            }
            several => {
                let mut last_begun = vec![Need::Whole(None); several.len()];
                last_begun.splice(several.len().saturating_sub(1).., [Need::Begun(None)]);
                let all_begun = vec![Need::Begun(None); several.len()];
                vec![(0, vec![Need::Whole(None); several.len()]), (1, last_begun), (2, all_begun)]
            }
        };
        for (step, needs) in passes {
            if self.found.len() >= self.query.limit {
                return;
            }
            self.pass(&sought, &needs, step, number);
        }
    }

    /// Finds what matches when typing errors are assumed: first one in a word, then two; in the words that are found
    /// hardly anywhere if there are such, else in all.
    fn correct(&mut self, reading: &Reading, number: usize) {
        let mut sought = self.look_up(reading);
        let rare: Vec<bool> = sought.iter().map(|word| !word.is_common(self.postings, FEW_HITS)).collect();
        let in_all = !reading.iter().zip(&rare).any(|(word, rare)| *rare && word.errors > 0);
        for errors in 1..=2 {
            for ((word, sought), rare) in reading.iter().zip(&mut sought).zip(&rare) {
                if let Some(form) = word.forms.first()
                    && word.errors >= errors
                    && (*rare || in_all)
                {
                    sought.correct(typos::corrections(self.vocabulary, &form.plain, errors));
                }
            }
            let orders: &[u8] = if sought.len() == 1 { &[2 * errors, 2 * errors + 1] } else { &[2 * errors + 1] };
            for order in orders {
                let step = if sought.len() == 1 { (order + 1) * RANKS - 1 } else { u8::MAX };
                self.pass(&sought, &vec![Need::UpTo(*order); sought.len()], step, number);
                if self.found.len() >= FEW_HITS.min(self.query.limit) {
                    return;
                }
            }
        }
    }

    fn count(&self, terms: &[u32]) -> usize {
        terms.iter().map(|term| self.postings.count(*term)).sum()
    }

    /// Judges the entries that meet the needs, the last changed first.
    fn pass(&mut self, sought: &[Sought], needs: &[Need], step: u8, reading: usize) {
        let mut listed = Vec::new();
        for (sought, need) in sought.iter().zip(needs) {
            if let Some(terms) = sought.terms(*need) {
                let count = self.count(&terms);
                if count == 0 {
                    return;
                }
                listed.push((count, terms));
            }
        }
        listed.sort_unstable_by_key(|(count, _)| *count);
        let allowed = || self.entries.allowed(self.query.companies, self.query.nouns);
        let found = match listed.split_first() {
            None => {
                let turns = self.allowed.get_or_init(allowed).iter_back().take(EXAMINED);
                self.judge(turns, sought, step, self.enough())
            }
            Some(((count, terms), _)) if *count <= FEW_ENTRIES => {
                let mut turns = Vec::with_capacity(*count);
                terms.iter().for_each(|term| self.postings.for_each(*term, |turn| turns.push(turn)));
                turns.sort_unstable_by_key(|turn| Reverse(*turn));
                turns.dedup();
                self.judge(turns.into_iter().filter(|turn| self.is_allowed(*turn)), sought, step, usize::MAX)
            }
            Some(((_, rarest), others)) => {
                let mut turns = self.marked(rarest);
                turns.keep(self.allowed.get_or_init(allowed));
                others.iter().filter(|(count, _)| *count <= MARKED).for_each(|(_, t)| turns.keep(&self.marked(t)));
                self.judge(turns.iter_back(), sought, step, self.enough())
            }
        };
        for (turn, judgement) in found {
            let cost = self.found.entry(turn).or_insert(u32::MAX);
            *cost = judgement.cost(reading).min(*cost);
        }
    }

    fn enough(&self) -> usize {
        self.query.limit.saturating_mul(4).max(ENOUGH)
    }

    fn marked(&self, terms: &[u32]) -> Bits {
        let mut bits = Bits::with_len(self.entries.turns());
        terms.iter().for_each(|term| self.postings.for_each(*term, |turn| bits.set(turn)));
        bits
    }

    fn is_allowed(&self, turn: u32) -> bool {
        let row = self.entries.at(turn);
        row.is_some_and(|row| row.companies & self.query.companies != 0 && self.query.nouns.contains(row.noun))
    }

    fn judge(
        &self,
        turns: impl Iterator<Item = u32>,
        sought: &[Sought],
        step: u8,
        enough: usize,
    ) -> Vec<(u32, Judgement)> {
        let judged = turns.filter_map(|turn| {
            let words = self.entries.words(self.entries.at(turn)?);
            let judgement = Judgement::of(words, sought, self.vocabulary)?;
            (judgement.step() <= step).then_some((turn, judgement))
        });
        judged.take(enough).collect()
    }

    fn ranked(&self) -> Vec<Hit> {
        let mut hits: Vec<_> = self
            .found
            .iter()
            .filter_map(|(turn, cost)| {
                let row = self.entries.at(*turn)?;
                let score = PERFECT.saturating_sub(*cost);
                let hit = Hit { id: row.id, noun: row.noun, score, corrected: Judgement::has_errors(*cost) };
                Some((Reverse(score), Reverse(row.changed_at), hit))
            })
            .collect();
        hits.sort_unstable_by_key(|(score, changed_at, hit)| (*score, *changed_at, hit.id));
        hits.truncate(self.query.limit);
        hits.into_iter().map(|(_, _, hit)| hit).collect()
    }
}
