//! Gathering the entries that match, the best first, without ever going through all of them.
//!
//! A reading of the query is answered in passes, from the best kind of match to the weakest, until there are enough
//! hits. Each pass is driven by its rarest word. What is capped, and so may miss an entry, is written at [`ENOUGH`] and
//! [`EXAMINED`]; the scope is applied before anything is counted, so that it can change no one else's answer.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::bits::Bits;
use crate::entries::Entries;
use crate::field::RANKS;
use crate::postings::Postings;
use crate::query::{self, Reading};
use crate::sought::{Judgement, Need, Sought};
use crate::types::{Hit, Query};
use crate::typos;
use crate::vocabulary::Vocabulary;

/// Entries of the rarest word up to which every one is judged; nothing is missed then.
const FEW_ENTRIES: usize = 4096;
/// Entries of the rarest word up to which their turns are sorted; more are marked in a set, which sorts by itself.
const SORTED: usize = 512;
/// Terms of a single word up to which the last entries of each are merged.
const MERGED: usize = 16;
/// Entries of the rarest word from which the scope is applied as a set.
const SCOPED: usize = 16_384;
/// How many times more entries than the rarest another word may have to be combined with it as a set; for a more
/// common one the words of the entries are compared.
const COMBINED: usize = 64;
/// Matching entries (the last changed first) that are ranked when the rarest word of a pass has more than
/// [`FEW_ENTRIES`], or a single word is sought; within a pass they differ by little but the time of their change.
const ENOUGH: usize = 256;
/// The same for a pass that has only wide words.
const ENOUGH_WIDE: usize = 64;
/// Entries (the last changed first) that are judged in a pass that has only wide words. An entry is missed when
/// every word is as short as one or two letters, the entry is older, and next to none of the newer ones matches.
const EXAMINED: usize = 12_000;
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
            // Digits that make a telephone number in use are read in no other way.
            if number > 0 && number == readings.telephone && !self.found.is_empty() {
                break;
            }
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
        let passes = self.passes(&sought);
        for (step, needs) in passes {
            if self.found.len() >= self.query.limit {
                return;
            }
            self.pass(&sought, &needs, step, number);
        }
    }

    /// The passes over a reading, the best kind of match first, with what each needs of every word.
    fn passes(&self, sought: &[Sought]) -> Vec<(u8, Vec<Need>)> {
        let is_few =
            |word: &Sought| word.terms(Need::Begun(None)).is_some_and(|terms| self.count(&terms) <= FEW_ENTRIES);
        let few = sought.iter().any(is_few);
        match sought {
            [only] => {
                let whole = (0..RANKS).map(|rank| (rank, vec![Need::Whole(Some(rank))]));
                if only.is_wide() {
                    whole.chain([(2 * RANKS - 1, vec![Need::Begun(None)])]).collect()
                } else {
                    whole.chain((0..RANKS).map(|rank| (RANKS + rank, vec![Need::Begun(Some(rank))]))).collect()
                }
            }
            // All can be judged at once.
            several if few => vec![(2, vec![Need::Begun(None); several.len()])],
            several => {
                let mut last_begun = vec![Need::Whole(None); several.len()];
                last_begun.splice(several.len().saturating_sub(1).., [Need::Begun(None)]);
                let all_begun = vec![Need::Begun(None); several.len()];
                vec![(0, vec![Need::Whole(None); several.len()]), (1, last_begun), (2, all_begun)]
            }
        }
    }

    /// Finds what matches when typing errors are assumed: first one in a word, then two; in the words that few allowed
    /// entries have if there are such, or if nothing was found at all in every word.
    fn correct(&mut self, reading: &Reading, number: usize) {
        let mut sought = self.look_up(reading);
        let mut chosen: Vec<bool> =
            reading.iter().zip(&sought).map(|(word, sought)| word.errors > 0 && !self.is_common(sought)).collect();
        if !chosen.contains(&true) && self.found.is_empty() {
            chosen = reading.iter().map(|word| word.errors > 0).collect();
        }
        if !chosen.contains(&true) {
            return;
        }
        for errors in 1..=2 {
            for ((word, sought), is_chosen) in reading.iter().zip(&mut sought).zip(&chosen) {
                if let Some(form) = word.forms.first()
                    && *is_chosen
                    && word.errors >= errors
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

    /// Whether more than a few allowed entries have the word as it was typed.
    fn is_common(&self, sought: &Sought) -> bool {
        let Some(terms) = sought.terms(Need::Begun(None)) else { return true };
        let mut seen = BTreeSet::new();
        terms.iter().any(|term| {
            let mut turns = self.postings.turns(*term).filter(|turn| self.is_allowed(*turn));
            turns.any(|turn| seen.insert(turn) && seen.len() > FEW_HITS)
        })
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
        let found = match listed.split_first() {
            None => {
                let turns = self.allowed().iter_back().take(EXAMINED);
                self.judge(turns, sought, step, self.enough(ENOUGH_WIDE))
            }
            Some(((count, terms), [])) if *count > SORTED && sought.len() == 1 && terms.len() <= MERGED => {
                self.judge(self.last_of_each(terms).into_iter(), sought, step, self.enough(ENOUGH))
            }
            Some(((count, terms), others)) => {
                let is_all_judged = *count <= FEW_ENTRIES && sought.len() > 1;
                let enough = if is_all_judged { usize::MAX } else { self.enough(ENOUGH) };
                let others: Vec<&[u32]> =
                    others.iter().filter(|(other, _)| *other <= count * COMBINED).map(|(_, t)| t.as_slice()).collect();
                if *count <= SORTED {
                    let turns = self.sorted(terms).into_iter().filter(|turn| self.is_allowed(*turn));
                    self.judge(turns, sought, step, enough)
                } else {
                    let mut turns = self.marked(terms);
                    others.iter().for_each(|terms| turns.keep(&self.marked(terms)));
                    if *count > SCOPED {
                        turns.keep(self.allowed());
                    }
                    self.judge(turns.iter_back().filter(|turn| self.is_allowed(*turn)), sought, step, enough)
                }
            }
        };
        for (turn, judgement) in found {
            let cost = self.found.entry(turn).or_insert(u32::MAX);
            *cost = judgement.cost(reading).min(*cost);
        }
    }

    fn enough(&self, least: usize) -> usize {
        self.query.limit.saturating_mul(2).max(least)
    }

    fn allowed(&self) -> &Bits {
        self.allowed.get_or_init(|| self.entries.allowed(self.query.companies, self.query.nouns))
    }

    /// The last allowed turns of each term's entries, the last first.
    fn last_of_each(&self, terms: &[u32]) -> Vec<u32> {
        let enough = self.enough(ENOUGH);
        let last = |term: &u32| self.postings.turns(*term).rev().filter(|turn| self.is_allowed(*turn)).take(enough);
        let mut turns: Vec<u32> = terms.iter().flat_map(last).collect();
        turns.sort_unstable_by_key(|turn| Reverse(*turn));
        turns.dedup();
        turns
    }

    /// The turns of the terms' entries, the last first.
    fn sorted(&self, terms: &[u32]) -> Vec<u32> {
        let mut turns = Vec::with_capacity(SORTED);
        terms.iter().for_each(|term| turns.extend(self.postings.turns(*term)));
        turns.sort_unstable_by_key(|turn| Reverse(*turn));
        turns.dedup();
        turns
    }

    fn marked(&self, terms: &[u32]) -> Bits {
        let mut bits = Bits::with_len(self.entries.turns());
        terms.iter().for_each(|term| self.postings.turns(*term).for_each(|turn| bits.set(turn)));
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
