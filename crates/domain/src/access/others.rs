//! Names, e-mail addresses and telephone numbers of others in free text, and how they are taken out of it.
//!
//! A word is compared whole and folded ([`crate::fold::fold`]): case and accents make no difference. Of a name of three letters or more
//! these are its stems: the name; for one in `-nen` that with `-s-` (Virtasen); for one in `-s` those with `-ks-` (Niklaksen) and with
//! its vowel twice (Tuomaan); for one in a vowel those with the weak grade of the consonant before it (Mäen, Lahden), and with `-e-`
//! for `-i`. A stem with at most five letters after it is the name inflected; three for a stem of three letters. What is a word of
//! the person's own name, inflected or not, is never taken out. So an ordinary word that is somebody's name may be taken out as
//! well (*laine*), and a name that is written otherwise, such as a nickname, may stay.

use std::collections::HashSet;

use unicode_normalization::char::is_combining_mark;

use super::MASK;
use crate::fold::fold;

/// Words of names that name nobody.
const PARTICLES: [&str; 14] =
    ["von", "van", "der", "den", "del", "della", "das", "dos", "the", "oy", "oyj", "ab", "ltd", "tmi"];
/// What shows that a name is not a person's.
const CORPORATE: [&str; 10] = ["oy", "oyj", "ab", "abp", "ky", "ry", "rf", "tmi", "ltd", "gmbh"];
/// The least that a stem has.
const STEM: usize = 3;
/// The least significant digits of a telephone number.
const DIGITS: usize = 6;

/// Words, addresses and numbers of some people.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    words: HashSet<String>,
    stems: HashSet<String>,
    emails: HashSet<String>,
    telephones: HashSet<String>,
}

impl Known {
    pub(super) fn name(&mut self, name: &str) {
        for word in fold(name).split(' ').filter(|word| word.chars().count() >= 2 && !PARTICLES.contains(word)) {
            self.words.insert(word.to_owned());
            self.stems.extend(stems(word).into_iter().filter(|stem| stem.chars().count() >= STEM));
        }
    }

    pub(super) fn email(&mut self, address: &str) {
        self.emails.insert(address.to_lowercase());
    }

    pub(super) fn telephone(&mut self, number: &str) {
        let number = significant(number);
        if number.len() >= DIGITS {
            self.telephones.insert(number);
        }
    }

    fn has_word(&self, folded: &str) -> bool {
        if self.words.contains(folded) {
            return true;
        }
        let chars: Vec<char> = folded.chars().collect();
        (0..=5_usize).any(|cut| {
            let Some(left) = chars.len().checked_sub(cut).filter(|left| *left >= STEM) else { return false };
            (left > STEM || cut <= 3) && self.stems.contains(&chars[..left].iter().collect::<String>())
        })
    }
}

/// Whether a name is an organisation's by its form.
pub(super) fn is_corporate(name: &str) -> bool {
    fold(name).split(' ').any(|word| CORPORATE.contains(&word))
}

/// The digits of a number without the prefix of the country or of calls within it.
fn significant(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let rest = ["00358", "358", "0"].iter().find_map(|prefix| digits.strip_prefix(prefix));
    rest.map_or_else(|| digits.clone(), str::to_owned)
}

fn is_vowel(c: char) -> bool {
    "aeiouyåäö".contains(c)
}

/// What stands before the endings of a folded name.
fn stems(word: &str) -> Vec<String> {
    let mut stems = vec![word.to_owned()];
    if let Some(base) = word.strip_suffix("nen") {
        stems.push(format!("{base}s"));
    }
    if let Some(base) = word.strip_suffix('s') {
        stems.push(format!("{base}ks"));
        stems.extend(base.chars().last().filter(|c| is_vowel(*c)).map(|vowel| format!("{base}{vowel}")));
    }
    if let Some(last) = word.chars().last().filter(|c| is_vowel(*c)) {
        let body = &word[..word.len() - last.len_utf8()];
        let vowels = if last == 'i' { vec!['i', 'e'] } else { vec![last] };
        for body in std::iter::once(body.to_owned()).chain(weak(body)) {
            stems.extend(vowels.iter().map(|vowel| format!("{body}{vowel}")));
        }
    }
    stems
}

/// The weak grade of the consonants at the end of a syllable.
fn weak(body: &str) -> Option<String> {
    const GRADES: [(&str, &str); 11] = [
        ("kk", "k"),
        ("pp", "p"),
        ("tt", "t"),
        ("nk", "ng"),
        ("mp", "mm"),
        ("nt", "nn"),
        ("lt", "ll"),
        ("rt", "rr"),
        ("k", ""),
        ("p", "v"),
        ("t", "d"),
    ];
    GRADES.iter().find_map(|(strong, weak)| Some(format!("{}{weak}", body.strip_suffix(strong)?)))
}

/// A piece of a text: what was decided on stays as it is.
enum Piece {
    Done(String),
    Open(String),
}

/// A text without what names others.
pub(super) fn masked(text: &str, own: &Known, others: &Known) -> String {
    let pieces = each(vec![Piece::Open(text.to_owned())], is_of_email, |run| {
        let address = run.trim_matches('.').to_lowercase();
        if own.emails.contains(&address) {
            return Some(run.to_owned());
        }
        others.emails.contains(&address).then(|| MASK.to_owned())
    });
    let pieces = each(pieces, is_of_number, |run| {
        let digits: String = run.chars().filter(char::is_ascii_digit).collect();
        let has = |known: &Known| known.telephones.iter().any(|number| digits.contains(number.as_str()));
        if digits.len() < DIGITS || has(own) || !has(others) {
            return has(own).then(|| run.to_owned());
        }
        let (rest, end) = (run.trim_start(), run.len() - run.trim_end().len());
        Some(format!("{}{MASK}{}", &run[..run.len() - rest.len()], &run[run.len() - end..]))
    });
    let pieces = each(pieces, is_of_word, |run| {
        let word = fold(run);
        (!own.has_word(&word) && others.has_word(&word)).then(|| MASK.to_owned())
    });
    pieces.into_iter().map(|(Piece::Done(text) | Piece::Open(text))| text).collect()
}

fn is_of_email(c: char) -> bool {
    c.is_alphanumeric() || "._%+-@".contains(c)
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || " \u{a0}+-()./".contains(c)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '\'' | '\u{2019}')
}

/// Decides on each run of characters of the pieces that are open; none: it stays open.
fn each(pieces: Vec<Piece>, is_of: fn(char) -> bool, decide: impl Fn(&str) -> Option<String>) -> Vec<Piece> {
    let mut found = Vec::new();
    for piece in pieces {
        let Piece::Open(text) = piece else {
            found.push(piece);
            continue;
        };
        let (mut open, mut run) = (String::new(), String::new());
        for c in text.chars().map(Some).chain([None]) {
            if let Some(c) = c.filter(|c| is_of(*c)) {
                run.push(c);
                continue;
            }
            match decide(&run).filter(|_| !run.is_empty()) {
                Some(decided) => found.extend([Piece::Open(std::mem::take(&mut open)), Piece::Done(decided)]),
                None => open.push_str(&run),
            }
            run.clear();
            open.extend(c);
        }
        found.push(Piece::Open(open));
    }
    found
}
