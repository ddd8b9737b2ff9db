//! A word of a query against the vocabulary, and how well an entry fits all words.

use crate::entries::Word;
use crate::field::RANKS;
use crate::query;
use crate::vocabulary::{Beginning, Match, Vocabulary};

/// Terms that are listed for one word. A word that begins more terms (`k`, `+35840`) is *wide*: entries are gone
/// through from the last changed one on, and enough of them match soon.
const LISTED: usize = 4096;

/// A term that fits a word.
#[derive(Debug, Clone, Copy)]
struct Fitting {
    term: u32,
    fit: Match,
    rank: u8,
}

/// A word of a query with the terms that fit it.
#[derive(Debug)]
pub(crate) struct Sought {
    beginnings: Vec<Beginning>,
    whole: Vec<Fitting>,
    /// The terms that fit, whole or by their beginning; `None` for a wide word.
    begun: Option<Vec<Fitting>>,
    /// The terms that fit with typing errors, by number.
    corrected: Vec<(u32, Match)>,
}

/// What a pass over the entries asks of a word.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    /// The whole word, if a rank is given in a field of that rank.
    Whole(Option<u8>),
    /// At least the beginning, if a rank is given in a field of that rank.
    Begun(Option<u8>),
    /// At least this order of match, typing errors among them.
    UpTo(u8),
}

impl Sought {
    /// Looks the word up.
    pub(crate) fn new(word: &query::Word, vocabulary: &Vocabulary) -> Self {
        let beginnings: Vec<_> = word.forms.iter().map(|form| vocabulary.beginning(form.clone())).collect();
        let mut whole = Vec::new();
        let mut begun = Vec::new();
        let mut read = 0;
        for beginning in &beginnings {
            let fitting = |term: u32| {
                let field = vocabulary.field(term);
                let fit = vocabulary.compare_with(beginning, term, field)?;
                Some(Fitting { term, fit, rank: field.rank() })
            };
            whole.extend(vocabulary.whole(beginning).filter_map(fitting));
            let rest = (LISTED + 1).saturating_sub(read);
            begun.extend(vocabulary.begun(beginning).take(rest).inspect(|_| read += 1).filter_map(fitting));
        }
        Self { beginnings, whole, begun: (read <= LISTED).then_some(begun), corrected: Vec::new() }
    }

    /// Lets terms fit that were found by assuming typing errors.
    pub(crate) fn correct(&mut self, mut corrected: Vec<(u32, Match)>) {
        corrected.sort_unstable_by_key(|(term, _)| *term);
        self.corrected = corrected;
    }

    /// Whether the word is wide.
    pub(crate) const fn is_wide(&self) -> bool {
        self.begun.is_none()
    }

    /// The terms that meet the need, or nothing if they are too many to be listed.
    pub(crate) fn terms(&self, need: Need) -> Option<Vec<u32>> {
        let of_rank = |fittings: &[Fitting], rank: Option<u8>, fit: Option<Match>| {
            let chosen = fittings.iter().filter(|f| rank.is_none_or(|rank| f.rank == rank));
            chosen.filter(|f| fit.is_none_or(|fit| f.fit == fit)).map(|f| f.term).collect::<Vec<_>>()
        };
        match need {
            Need::Whole(rank) => Some(of_rank(&self.whole, rank, Some(Match::Whole))),
            Need::Begun(None) => Some(of_rank(self.begun.as_ref()?, None, None)),
            Need::Begun(rank) => Some(of_rank(self.begun.as_ref()?, rank, Some(Match::Beginning))),
            Need::UpTo(order) => {
                let mut terms = of_rank(self.begun.as_ref()?, None, None);
                terms.extend(self.corrected.iter().filter(|(_, fit)| fit.order() <= order).map(|(term, _)| *term));
                Some(terms)
            }
        }
    }

    /// How the word of an entry fits.
    fn fit(&self, vocabulary: &Vocabulary, word: Word) -> Option<Match> {
        let (term, field) = (word.term(), word.field());
        let typed = self.beginnings.iter().filter_map(|b| vocabulary.compare_with(b, term, field));
        typed.min_by_key(|fit| fit.order()).or_else(|| {
            let at = self.corrected.binary_search_by_key(&term, |(term, _)| *term).ok()?;
            self.corrected.get(at).map(|(_, fit)| *fit)
        })
    }
}

/// How well an entry fits all words of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// The typing errors assumed in all words together.
    errors: u32,
    /// 0 when all words are whole, 1 when the last only begins one (it is being typed), else 2.
    tier: u32,
    begun: u32,
    ranks: u32,
    step: u8,
}

impl Judgement {
    /// The judgement on an entry with these words, or nothing if a sought word does not fit.
    pub(crate) fn of(words: &[Word], sought: &[Sought], vocabulary: &Vocabulary) -> Option<Self> {
        let mut judgement = Self { errors: 0, tier: 0, begun: 0, ranks: 0, step: 0 };
        for (index, sought_word) in sought.iter().enumerate() {
            let fits = words.iter().filter_map(|word| Some((sought_word.fit(vocabulary, *word)?, word.field().rank())));
            let (fit, rank) = fits.min_by_key(|(fit, rank)| (fit.order(), *rank))?;
            judgement.errors += u32::from(fit.errors());
            judgement.ranks += u32::from(rank);
            if fit.order() % 2 == 1 {
                judgement.begun += 1;
                judgement.tier = if index + 1 == sought.len() { judgement.tier.max(1) } else { 2 };
            }
            judgement.step = fit.order() * RANKS + rank;
        }
        if sought.len() > 1 {
            judgement.step = u8::try_from(judgement.tier).unwrap_or(u8::MAX);
        }
        Some(judgement)
    }

    /// The first pass that has to find the entry: for one word by match and rank, for several by tier.
    pub(crate) const fn step(&self) -> u8 {
        self.step
    }

    /// What the entry falls behind a perfect match: errors count most, then the reading, then how much is whole,
    /// then where the words stand.
    pub(crate) fn cost(&self, reading: usize) -> u32 {
        self.errors << 16 | (crate::number(reading) & 15) << 12 | self.tier << 10 | self.begun << 6 | self.ranks
    }

    /// Whether typing errors are part of a cost.
    pub(crate) const fn has_errors(cost: u32) -> bool {
        cost >> 16 != 0
    }
}
