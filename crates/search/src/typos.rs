//! Typing errors: the terms that begin like a typed word but for one or two errors.
//!
//! An error is a letter too much, missing or wrong, or two neighbours exchanged (optimal string alignment). The terms
//! are walked in alphabetical order; the rows of the distance table are shared by terms that begin alike, and where
//! no continuation can come near enough all terms of that beginning are skipped.

use crate::vocabulary::{Match, Vocabulary};

/// One more than the longest typed word that is corrected.
const COLUMNS: usize = 41;

type Row = [u8; COLUMNS];

/// The table of distances between the typed word and the beginnings of a term.
struct Table<'t> {
    typed: &'t [char],
    errors: u8,
    /// The beginning that the rows stand for.
    path: Vec<char>,
    /// One row for each beginning, the empty one first.
    rows: Vec<Row>,
    /// For each row, the least distance of the typed word to this or a shorter beginning.
    nearest: Vec<u8>,
}

impl<'t> Table<'t> {
    fn new(typed: &'t [char], errors: u8) -> Self {
        let mut first = [u8::MAX; COLUMNS];
        first.iter_mut().zip(0..).take(typed.len() + 1).for_each(|(cell, distance)| *cell = distance);
        let nearest = vec![cell(&first, typed.len())];
        Self { typed, errors, path: Vec::new(), rows: vec![first], nearest }
    }

    /// Goes back to the beginning that is shared with the term.
    fn keep_common(&mut self, term: &str) -> usize {
        let common = self.path.iter().zip(term.chars()).take_while(|(one, other)| **one == *other).count();
        self.path.truncate(common);
        self.rows.truncate(common + 1);
        self.nearest.truncate(common + 1);
        common
    }

    /// Adds a letter to the beginning; tells whether a longer beginning can still come near.
    fn push(&mut self, letter: char) -> bool {
        let [.., last] = self.rows.as_slice() else { return false };
        let before = self.path.last().copied().zip(self.rows.iter().rev().nth(1));
        let mut row = [u8::MAX; COLUMNS];
        let mut left = cell(last, 0).saturating_add(1);
        let mut least = left;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        let mut previous = None;
        for ((typed, target), pair) in self.typed.iter().zip(row.iter_mut().skip(1)).zip(last.windows(2)) {
            let [diagonal, above] = *pair else { break };
            let mut distance = diagonal.saturating_add(u8::from(*typed != letter));
            distance = distance.min(above.saturating_add(1)).min(left.saturating_add(1));
            if let Some((previous, column)) = previous
                && let Some((letter_before, row_before)) = before
                && previous == letter
                && letter_before == *typed
            {
                distance = distance.min(cell(row_before, column).saturating_add(1));
            }
            *target = distance;
            left = distance;
            least = least.min(distance);
            previous = Some((*typed, previous.map_or(0, |(_, column)| column + 1)));
        }
        self.nearest.push(left.min(self.nearest.last().copied().unwrap_or(u8::MAX)));
        self.path.push(letter);
        self.rows.push(row);
        least <= self.errors
    }

    /// How the term fits whose letters have all been pushed (`is_whole`) or that need not be read to its end.
    fn verdict(&self, is_whole: bool) -> Option<Match> {
        let whole = self.rows.last().map(|row| cell(row, self.typed.len())).filter(|_| is_whole);
        let nearest = self.nearest.last().copied().unwrap_or(u8::MAX);
        match whole {
            Some(errors) if errors <= self.errors && errors <= nearest => Some(Match::WholeWithErrors(errors)),
            _ => (nearest <= self.errors).then_some(Match::BeginningWithErrors(nearest)),
        }
    }
}

fn cell(row: &Row, column: usize) -> u8 {
    row.get(column).copied().unwrap_or(u8::MAX)
}

/// The terms that begin like the typed word (plain form) with at least one and at most so many errors.
pub(crate) fn corrections(vocabulary: &Vocabulary, typed: &str, errors: u8) -> Vec<(u32, Match)> {
    let typed: Vec<char> = typed.chars().take(COLUMNS - 1).collect();
    let mut table = Table::new(&typed, errors);
    let terms = vocabulary.correctable();
    let mut found = Vec::new();
    let mut place = terms.place(|_| false);
    while let Some(term) = terms.get(place) {
        let text = vocabulary.plain(term);
        let common = table.keep_common(text);
        let stopped = text.chars().skip(common).find(|letter| !table.push(*letter)).is_some();
        let verdict = table.verdict(!stopped || table.path.len() == text.chars().count());
        match verdict {
            Some(verdict) if verdict.errors() > 0 => found.push((term, verdict)),
            Some(_) => {}
            None if stopped => {
                let beginning: String = table.path.iter().collect();
                place = vocabulary.correctable_after(&beginning);
                continue;
            }
            None => {}
        }
        place = terms.next(place);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Field;

    fn find(typed: &str, errors: u8, words: &[&str]) -> Vec<(String, Match)> {
        let mut vocabulary = Vocabulary::new();
        words.iter().for_each(|word| {
            vocabulary.intern(word, Field::Name);
        });
        let found = corrections(&vocabulary, typed, errors);
        found.into_iter().map(|(term, verdict)| (vocabulary.plain(term).to_owned(), verdict)).collect()
    }

    #[test]
    fn errors_of_every_kind_count_one() {
        use Match::{BeginningWithErrors, WholeWithErrors};
        for (typed, errors, word, expected) in [
            ("koskitalo", 1, "koskitalo", None),
            ("koskitlao", 1, "koskitalo", Some(WholeWithErrors(1))),
            ("koskitao", 1, "koskitalo", Some(WholeWithErrors(1))),
            ("kosskitalo", 1, "koskitalo", Some(WholeWithErrors(1))),
            ("koskitala", 1, "koskitalo", Some(WholeWithErrors(1))),
            ("oskitalo", 1, "koskitalo", Some(WholeWithErrors(1))),
            ("oksiktalo", 1, "koskitalo", None),
            ("oksiktalo", 2, "koskitalo", Some(WholeWithErrors(2))),
            ("kskit", 1, "koskitalo", Some(BeginningWithErrors(1))),
            ("korksi", 2, "koskitalo", Some(BeginningWithErrors(2))),
            ("virtanen", 2, "koskitalo", None),
        ] {
            let found = find(typed, errors, &["koskinen", word, "kosonen", "virta"]);
            let verdict = found.iter().find(|(found, _)| found == word).map(|(_, verdict)| *verdict);
            assert_eq!(verdict, expected, "{typed:?}");
        }
    }

    /// The distance by its definition, over all beginnings of the word.
    fn model(typed: &str, word: &str, errors: u8) -> Option<u8> {
        let word: Vec<char> = word.chars().collect();
        let typed: Vec<char> = typed.chars().collect();
        (0..=word.len()).map(|end| distance(&typed, &word[..end])).min().filter(|d| *d > 0 && *d <= errors)
    }

    fn distance(a: &[char], b: &[char]) -> u8 {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len() as u8,
            ([a_rest @ .., x], [b_rest @ .., y]) => {
                let mut least = distance(a_rest, b_rest) + u8::from(x != y);
                least = least.min(distance(a_rest, b) + 1).min(distance(a, b_rest) + 1);
                if let ([a_two @ .., p, q], [b_two @ .., r, s]) = (a, b)
                    && (p, q) == (s, r)
                {
                    least = least.min(distance(a_two, b_two) + 1);
                }
                least
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_walk_finds_what_the_definition_finds(
            typed in "[abc]{4,6}", words in proptest::collection::btree_set("[abcd]{1,6}", 1..12), errors in 1_u8..=2,
        ) {
            let list: Vec<&str> = words.iter().map(String::as_str).collect();
            let found: Vec<_> = find(&typed, errors, &list).into_iter().map(|(w, v)| (w, v.errors())).collect();
            let expected: Vec<_> =
                words.iter().filter_map(|word| Some((word.clone(), model(&typed, word, errors)?))).collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
