//! Reading what was typed: the words, and the ways in which they may be meant.

use crate::field::FieldSet;
use crate::fold;
use crate::types::Field;
use crate::vocabulary::Typed;
use crate::words::NATIONAL_CODES;

/// Characters of a query that are read.
const TEXT: usize = 200;
/// Words of a query that are read.
const WORDS: usize = 8;
/// Digits that a telephone number must have to be looked for.
const TELEPHONE: usize = 3;
/// Letters from which on one typing error, and two, are assumed.
const ONE_ERROR: usize = 4;
const TWO_ERRORS: usize = 6;
/// Particles of names, which one writes and another leaves out.
const PARTICLES: [&str; 15] =
    ["von", "af", "av", "de", "van", "der", "den", "del", "la", "le", "di", "da", "du", "zu", "ter"];

/// One word of a query: an entry matches if one of its words begins with one of the forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// The forms that the word may be written in.
    pub forms: Vec<Typed>,
    /// The most typing errors to assume in the first form.
    pub errors: u8,
}

/// One way to read a query: an entry must match all words.
pub(crate) type Reading = Vec<Word>;

/// The ways to read a query, the most telling first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Readings {
    /// All readings; those that say the same are left out.
    pub all: Vec<Reading>,
    /// Which of them takes every word for itself; typing errors are assumed in this one.
    pub plain: usize,
    /// How many of the first readings take groups of digits for a telephone number: one or none.
    pub telephone: usize,
}

/// A part of a query between spaces and punctuation.
struct Part<'q> {
    text: &'q str,
    /// The run without spaces that it stands in.
    chunk: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Written,
    Digits { plus: bool },
    MailName,
    MailDomain,
}

/// The ways to read the text.
pub(crate) fn readings(text: &str) -> Readings {
    let typed: String = text.chars().take(TEXT).collect();
    let marked = fold::marked(&typed);
    let chunks: Vec<&str> = marked.split(|c| !fold::is_word(c) && !is_joint(c)).filter(|c| !c.is_empty()).collect();
    let mut parts: Vec<Part<'_>> = chunks.iter().enumerate().flat_map(|(at, chunk)| cut(chunk, at)).collect();
    parts.truncate(WORDS);
    let plain: Reading = parts.iter().map(word_of).collect();
    if plain.is_empty() {
        return Readings::default();
    }
    let mut all: Vec<Reading> = Vec::new();
    let mut telephone = 0;
    let number = with_telephone(&parts);
    if number != plain {
        all.push(number);
        telephone = 1;
    }
    let whole = with_whole_chunks(&parts, &chunks);
    if whole != plain && !all.contains(&whole) {
        all.push(whole);
    }
    let at = all.len();
    let bare = without_particles(&parts);
    all.push(plain);
    if !bare.is_empty() && !all.contains(&bare) {
        all.push(bare);
    }
    Readings { all, plain: at, telephone }
}

/// What joins the parts of a name, a number or an address without a space.
fn is_joint(c: char) -> bool {
    matches!(c, '-' | '.' | '_' | '@' | '+' | '&')
}

fn cut(chunk: &str, at: usize) -> Vec<Part<'_>> {
    let split = |text, is_mail: bool| {
        let pieces = str::split(text, is_joint).filter(|piece| piece.chars().any(|c| !fold::is_mark(c)));
        pieces.map(move |text| Part { text, chunk: at, kind: if is_mail { Kind::MailName } else { Kind::Written } })
    };
    let Some((local, domain)) = chunk.rsplit_once('@') else {
        let plus = chunk.starts_with('+');
        let mut parts: Vec<_> = split(chunk, false).collect();
        for (index, part) in parts.iter_mut().enumerate() {
            if part.text.bytes().all(|byte| byte.is_ascii_digit()) {
                part.kind = Kind::Digits { plus: plus && index == 0 };
            }
        }
        return parts;
    };
    let domain = domain.trim_matches(is_joint);
    let mut parts: Vec<_> = split(local, true).collect();
    if domain.chars().any(|c| fold::is_word(c) && !fold::is_mark(c)) {
        parts.push(Part { text: domain, chunk: at, kind: Kind::MailDomain });
    }
    parts
}

fn typed(word: &str, fields: FieldSet) -> Typed {
    let marked = fold::cut(word);
    let plain = fold::plain(&marked).into_owned();
    let has_marks = plain.len() != marked.len();
    Typed { plain, marked: has_marks.then(|| marked.into_owned()), fields }
}

fn word_of(part: &Part<'_>) -> Word {
    if matches!(part.kind, Kind::MailName | Kind::MailDomain) {
        return Word { forms: vec![typed(part.text, FieldSet::only(Field::Email))], errors: 0 };
    }
    let mut forms = vec![typed(part.text, FieldSet::WRITTEN)];
    if let Kind::Digits { plus } = part.kind {
        forms.extend(telephone(part.text, plus));
    }
    if let Some(digits) = part.text.strip_prefix("fi").filter(|rest| is_vat_number(rest)) {
        forms.push(typed(digits, FieldSet::only(Field::BusinessId)));
    }
    let letters = part.text.chars().filter(|c| !fold::is_mark(*c)).count();
    let errors = if part.text.chars().any(char::is_numeric) {
        0
    } else {
        u8::from(letters >= ONE_ERROR) + u8::from(letters >= TWO_ERRORS)
    };
    Word { forms, errors }
}

fn is_vat_number(rest: &str) -> bool {
    rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_digit())
}

/// The international forms of digits that may begin a telephone number.
fn telephone(digits: &str, plus: bool) -> Vec<Typed> {
    let form = |number: String| typed(&format!("+{number}"), FieldSet::only(Field::Telephone));
    if digits.len() < TELEPHONE {
        return Vec::new();
    }
    if let Some(rest) = digits.strip_prefix("00").or(plus.then_some(digits)) {
        // +358 (0)40: the national 0 is not dialled after a calling code.
        let national = NATIONAL_CODES.iter().find_map(|code| Some((code, rest.strip_prefix(code)?.strip_prefix('0')?)));
        return match national {
            _ if rest.is_empty() => Vec::new(),
            Some((code, number)) => vec![form(format!("{code}{number}"))],
            None => vec![form(rest.to_owned())],
        };
    }
    if let Some(rest) = digits.strip_prefix('0') {
        return NATIONAL_CODES.iter().map(|code| form(format!("{code}{rest}"))).collect();
    }
    let begins_with_code = NATIONAL_CODES.iter().any(|code| digits.starts_with(code));
    if begins_with_code { vec![form(digits.to_owned())] } else { Vec::new() }
}

/// Groups of digits that follow each other and make a telephone number are one word: 040 123 4567.
fn with_telephone(parts: &[Part<'_>]) -> Reading {
    let mut reading = Vec::new();
    let mut rest = parts;
    while let [first, others @ ..] = rest {
        let Kind::Digits { plus } = first.kind else {
            reading.push(word_of(first));
            rest = others;
            continue;
        };
        let more = others.iter().take_while(|part| part.kind == (Kind::Digits { plus: false })).count();
        let number: String = rest.iter().take(more + 1).map(|part| part.text).collect();
        let forms = telephone(&number, plus);
        if more > 0 && !forms.is_empty() {
            reading.push(Word { forms, errors: 0 });
            rest = rest.get(more + 1..).unwrap_or(&[]);
        } else {
            reading.push(word_of(first));
            rest = others;
        }
    }
    reading
}

/// What is written without a space may be one word: `mäki-kokko` is mäkikokko, `example.fi` a domain.
fn with_whole_chunks(parts: &[Part<'_>], chunks: &[&str]) -> Reading {
    let mut reading = Vec::new();
    for group in parts.chunk_by(|one, next| one.chunk == next.chunk) {
        let is_mail = group.iter().any(|part| matches!(part.kind, Kind::MailName | Kind::MailDomain));
        if group.len() < 2 || is_mail {
            reading.extend(group.iter().map(word_of));
            continue;
        }
        let joined: String = group.iter().map(|part| part.text).collect();
        let mut forms = vec![typed(&joined, FieldSet::WRITTEN)];
        if let Some(chunk) = group.first().and_then(|part| chunks.get(part.chunk)).filter(|chunk| chunk.contains('.')) {
            forms.push(typed(chunk.trim_matches(is_joint), FieldSet::only(Field::Email)));
        }
        if let Some(digits) = joined.strip_prefix("fi").filter(|rest| is_vat_number(rest)) {
            forms.push(typed(digits, FieldSet::only(Field::BusinessId)));
        }
        reading.push(Word { forms, errors: 0 });
    }
    reading
}

fn without_particles(parts: &[Part<'_>]) -> Reading {
    parts.iter().filter(|part| !PARTICLES.contains(&part.text)).map(word_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The readings with the forms of a word joined by `|`.
    fn read(text: &str) -> Vec<String> {
        let form = |typed: &Typed| typed.marked.clone().unwrap_or_else(|| typed.plain.clone());
        let word = |word: &Word| word.forms.iter().map(form).collect::<Vec<_>>().join("|");
        let reading = |reading: &Reading| reading.iter().map(word).collect::<Vec<_>>().join(" ");
        readings(text).all.iter().map(reading).collect()
    }

    #[test]
    fn a_query_is_read_in_all_ways_that_may_be_meant() {
        for (text, expected) in [
            ("", &[][..]),
            (" %* \"' - @ ", &[]),
            ("koskitalo oulu", &["koskitalo oulu"]),
            ("040 123 4567", &["+358401234567|+46401234567", "040|+35840|+4640 123 4567"]),
            ("+358 (0)40 123", &["+35840123", "358|+358 0 40 123"]),
            ("00358401234567", &["00358401234567|+358401234567"]),
            ("00100 Helsinki", &["00100|+100 helsinki"]),
            ("Torikatu 12", &["torikatu 12"]),
            ("maki-kokko", &["makikokko", "maki kokko"]),
            ("2024-00123", &["202400123", "2024 00123|+123"]),
            ("example.fi", &["examplefi|example.fi", "example fi"]),
            ("pirkko.koskitalo@mail.example.fi", &["pirkko koskitalo mail.example.fi"]),
            ("@example.fi", &["example.fi"]),
            ("pirkko@", &["pirkko"]),
            ("fi12345678", &["fi12345678|12345678"]),
            ("FI-12345678", &["fi12345678|12345678", "fi 12345678"]),
            ("georg von wright", &["georg von wright", "georg wright"]),
            ("von", &["von"]),
            ("a b c d e f g h i j", &["a b c d e f g h"]),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn typing_errors_are_assumed_in_long_words_without_digits() {
        for (text, expected) in [("äijä", 1), ("ulo", 0), ("oulun", 1), ("kuopio", 2), ("a12345", 0), ("x@kuopio", 0)]
        {
            let readings = readings(text);
            assert_eq!(readings.all[readings.plain].last().unwrap().errors, expected, "{text:?}");
        }
    }
}
