//! The terms: every distinct word of every field, in alphabetical order.
//!
//! A term is a word in one field; its text is the plain form and, where it differs, a zero byte and the marked form.
//! The terms known when the index was built are numbered in order, so that whether a term begins with what was typed
//! is a comparison of numbers; terms that come later get later numbers in any order and are compared by their text.

use std::cmp::Ordering;
use std::ops::Range;

use crate::arena::Arena;
use crate::field::FieldSet;
use crate::fold;
use crate::sorted::{Place, SortedList};
use crate::types::Field;

/// Between the plain and the marked form; no word holds it.
const BETWEEN: u8 = 0;
/// Greater than any byte of UTF-8: the end of all that begins alike.
const AFTER_ALL: u8 = 0xff;

/// Where a term's text is.
#[derive(Debug, Clone, Copy)]
struct Term {
    start: u32,
    len: u16,
    field: Field,
}

/// All terms.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    texts: Arena<u8>,
    terms: Vec<Term>,
    /// Terms below this number were there at the build: they are in order, and their numbers are not used again.
    built: u32,
    old: SortedList,
    new: SortedList,
    /// The terms, old and new, that are tried with typing errors.
    correctable: SortedList,
    free: Vec<u32>,
}

/// The text of a term for a marked word.
pub(crate) fn text_of(word: &str) -> Vec<u8> {
    let mut text = fold::plain(word).into_owned().into_bytes();
    if text.len() != word.len() {
        text.push(BETWEEN);
        text.extend_from_slice(word.as_bytes());
    }
    text
}

/// The plain form in a term's text.
fn plain_part(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == BETWEEN).next().unwrap_or(text)
}

impl Vocabulary {
    pub(crate) fn new() -> Self {
        Self::from_sorted(Arena::new(), Vec::new())
    }

    /// The vocabulary of terms (start, length, field) that are in order by text, then field.
    pub(crate) fn from_sorted(texts: Arena<u8>, terms: Vec<(u32, u16, Field)>) -> Self {
        let terms: Vec<Term> = terms.into_iter().map(|(start, len, field)| Term { start, len, field }).collect();
        let built = crate::number(terms.len());
        let all: Vec<u32> = (0..built).collect();
        let correctable: Vec<u32> =
            all.iter().zip(&terms).filter(|(_, term)| term.field.is_correctable()).map(|(id, _)| *id).collect();
        Self {
            texts,
            terms,
            built,
            old: SortedList::from_sorted(&all),
            new: SortedList::default(),
            correctable: SortedList::from_sorted(&correctable),
            free: Vec::new(),
        }
    }

    /// One more than the greatest number of a term.
    pub(crate) fn len(&self) -> u32 {
        crate::number(self.terms.len())
    }

    fn text(&self, term: u32) -> &[u8] {
        self.terms.get(term as usize).map_or(&[], |term| self.texts.get(term.start, term.len))
    }

    pub(crate) fn field(&self, term: u32) -> Field {
        self.terms.get(term as usize).map_or(Field::Name, |term| term.field)
    }

    /// The plain form of a term.
    pub(crate) fn plain(&self, term: u32) -> &str {
        std::str::from_utf8(plain_part(self.text(term))).unwrap_or_default()
    }

    /// The marked form of a term.
    pub(crate) fn marked(&self, term: u32) -> &str {
        let marked = self.text(term).rsplit(|byte| *byte == BETWEEN).next();
        marked.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }

    fn compare(&self, term: u32, text: &[u8], field: Field) -> Ordering {
        self.text(term).cmp(text).then_with(|| self.field(term).cmp(&field))
    }

    /// The number of the term, given to it now if it is new.
    pub(crate) fn intern(&mut self, word: &str, field: Field) -> u32 {
        let text = text_of(word);
        for list in [&self.old, &self.new] {
            let place = list.place(|term| self.compare(term, &text, field).is_lt());
            if let Some(term) = list.get(place).filter(|term| self.compare(*term, &text, field).is_eq()) {
                return term;
            }
        }
        let new = Term { start: self.texts.put(&text), len: u16::try_from(text.len()).unwrap_or(u16::MAX), field };
        let number = self.free.pop().unwrap_or(crate::number(self.terms.len()));
        match self.terms.get_mut(number as usize) {
            Some(free) => *free = new,
            None => self.terms.push(new),
        }
        let place = self.new.place(|term| self.compare(term, &text, field).is_lt());
        self.new.insert(place, number);
        if field.is_correctable() {
            let place = self.correctable.place(|term| self.compare(term, &text, field).is_lt());
            self.correctable.insert(place, number);
        }
        number
    }

    /// Forgets a term that no entry holds any more; its text is overwritten.
    pub(crate) fn forget(&mut self, term: u32) {
        let Some(Term { start, len, field }) = self.terms.get(term as usize).copied() else { return };
        let text = self.text(term).to_vec();
        let is_old = term < self.built;
        let list = if is_old { &self.old } else { &self.new };
        let place = list.place(|other| self.compare(other, &text, field).is_lt());
        if list.get(place) != Some(term) {
            return;
        }
        let correctable = self.correctable.place(|other| self.compare(other, &text, field).is_lt());
        if self.correctable.get(correctable) == Some(term) {
            self.correctable.remove(correctable);
        }
        if is_old {
            self.old.remove(place)
        } else {
            self.new.remove(place)
        }
        self.texts.give_back(start, len);
        if let Some(term) = self.terms.get_mut(term as usize) {
            term.len = 0;
        }
        if !is_old {
            self.free.push(term);
        }
    }

    /// What begins with a typed word.
    pub(crate) fn beginning(&self, typed: Typed) -> Beginning {
        let key = typed.plain.as_bytes();
        let behind = |last: &[u8]| [key, last].concat();
        let number_at = |text: &[u8]| {
            let place = self.old.place(|term| self.text(term) < text);
            self.old.get(place).unwrap_or(self.built)
        };
        let from = number_at(key);
        let exact = from..number_at(&behind(&[BETWEEN, AFTER_ALL])).max(from);
        let all = from..number_at(&behind(&[AFTER_ALL])).max(from);
        Beginning { typed, exact, all }
    }

    /// The terms that are the typed word, marks aside.
    pub(crate) fn whole<'v>(&'v self, beginning: &Beginning) -> impl Iterator<Item = u32> + use<'v> {
        let key = beginning.typed.plain.as_bytes();
        let Range { start, end } = beginning.exact.clone();
        let old = self.old.iter_from(self.old.place(|term| term < start)).take_while(move |term| *term < end);
        let place = self.new.place(|term| self.text(term) < key);
        let key = key.to_vec();
        old.chain(self.new.iter_from(place).take_while(move |term| plain_part(self.text(*term)) == key))
    }

    /// The terms that begin with the typed word, marks aside.
    pub(crate) fn begun<'v>(&'v self, beginning: &Beginning) -> impl Iterator<Item = u32> + use<'v> {
        let key = beginning.typed.plain.as_bytes();
        let Range { start, end } = beginning.all.clone();
        let old = self.old.iter_from(self.old.place(|term| term < start)).take_while(move |term| *term < end);
        let place = self.new.place(|term| self.text(term) < key);
        let key = key.to_vec();
        old.chain(self.new.iter_from(place).take_while(move |term| self.text(*term).starts_with(&key)))
    }

    /// Whether the term begins with what was typed, and if so whether it ends there too.
    pub(crate) fn compare_with(&self, beginning: &Beginning, term: u32, field: Field) -> Option<Match> {
        let typed = &beginning.typed;
        if !typed.fields.contains(field) {
            return None;
        }
        let is_whole = if term < self.built {
            beginning.all.contains(&term).then(|| beginning.exact.contains(&term))?
        } else {
            let plain = plain_part(self.text(term));
            plain.starts_with(typed.plain.as_bytes()).then_some(plain.len() == typed.plain.len())?
        };
        if typed.marked.as_ref().is_some_and(|marked| !fold::begins(marked, self.marked(term))) {
            return None;
        }
        Some(if is_whole { Match::Whole } else { Match::Beginning })
    }

    /// The correctable terms, for a walk in alphabetical order.
    pub(crate) fn correctable(&self) -> &SortedList {
        &self.correctable
    }

    /// The first correctable term that comes after all that begin with the prefix.
    pub(crate) fn correctable_after(&self, prefix: &str) -> Place {
        let prefix = prefix.as_bytes();
        self.correctable.place(|term| {
            let text = self.text(term);
            text < prefix || text.starts_with(prefix)
        })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.texts.memory_bytes()
            + self.terms.capacity() * size_of::<Term>()
            + [&self.old, &self.new, &self.correctable].map(SortedList::memory_bytes).iter().sum::<usize>()
            + self.free.capacity() * 4
    }
}

/// A typed word, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    /// Its plain form.
    pub plain: String,
    /// Its marked form, if marks were typed.
    pub marked: Option<String>,
    /// The fields in which it is looked for.
    pub fields: FieldSet,
}

/// A typed word and where in the vocabulary the terms are that begin with it.
#[derive(Debug)]
pub(crate) struct Beginning {
    typed: Typed,
    exact: Range<u32>,
    all: Range<u32>,
}

/// How a term fits what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Match {
    /// The whole word.
    Whole,
    /// The beginning of the word.
    Beginning,
    /// The whole word but for so many typing errors.
    WholeWithErrors(u8),
    /// The beginning of the word but for so many typing errors.
    BeginningWithErrors(u8),
}

impl Match {
    /// The typing errors assumed.
    pub(crate) const fn errors(self) -> u8 {
        match self {
            Self::Whole | Self::Beginning => 0,
            Self::WholeWithErrors(errors) | Self::BeginningWithErrors(errors) => errors,
        }
    }

    /// Better matches sort first: fewer errors, then whole words.
    pub(crate) const fn order(self) -> u8 {
        2 * self.errors() + matches!(self, Self::Beginning | Self::BeginningWithErrors(_)) as u8
    }
}
