//! Names of people.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::field::{FieldError, code, one_line};

/// Most characters in given names, and as many again in the family name. A longer name is refused with a clear
/// message and not cut: a cut name is wrong data (Art. 5(1)(d)).
pub const MAX: usize = 200;

/// Words that belong to the family name that follows them.
const PARTICLES: [&str; 30] = [
    "af", "al", "av", "bin", "da", "das", "de", "dei", "del", "della", "den", "der", "di", "do", "dos", "du", "el",
    "la", "le", "lo", "of", "san", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur",
];

/// A person's name (*etu- ja sukunimi*). One of the parts may be empty: some people have a single name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// Given names, in the order in which they are used.
    pub given: String,
    /// Family name with its particles (`von`, `af`, `de`).
    pub family: String,
}

impl PersonName {
    /// The name from the two fields of a form: any letters, apostrophes, digits and emoji are somebody's name. None
    /// when both are empty.
    ///
    /// # Errors
    /// At `given` or `family`: too long, or a control character.
    pub fn parse(given: &str, family: &str) -> Result<Option<Self>, FieldError> {
        let name = Self { given: one_line("given", given, MAX)?, family: one_line("family", family, MAX)? };
        if name.given.is_empty() && name.family.is_empty() {
            return Ok(None);
        }
        if !name.given.chars().chain(name.family.chars()).any(is_readable) {
            return Err(FieldError::new(if name.given.is_empty() { "family" } else { "given" }, code::NAME_INVALID));
        }
        Ok(Some(name))
    }

    /// `Pirkko Koskitalo`: as one writes to the person.
    #[must_use]
    pub fn display(&self) -> String {
        self.joined(&self.given, &self.family)
    }

    /// `Koskitalo Pirkko`: as lists are sorted.
    #[must_use]
    pub fn sort_name(&self) -> String {
        self.joined(&self.family, &self.given)
    }

    fn joined(&self, first: &str, second: &str) -> String {
        if self.given.is_empty() || self.family.is_empty() {
            format!("{first}{second}")
        } else {
            format!("{first} {second}")
        }
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display())
    }
}

/// A letter or digit of some script, or an emoji: not mere punctuation.
fn is_readable(c: char) -> bool {
    c.is_alphanumeric() || u32::from(c) >= 0x2190
}

/// Takes a full name apart into raw given and family names. With a comma the family name stands first; without, it is
/// the last word with the particles before it (`Isabel de Castro`, `Carl Gustaf af Bär`). A single name is a family
/// name, so that it sorts by itself.
#[must_use]
pub fn split(full: &str) -> PersonName {
    if let Some((family, given)) = full.split_once(',') {
        return PersonName { given: squeeze(given), family: squeeze(family) };
    }
    let words: Vec<&str> = full.split_whitespace().collect();
    let Some(mut start) = words.len().checked_sub(1) else { return PersonName::default() };
    // The first word is always a given name: `Van Anh` and `Le` are given names too.
    while start > 1 && words.get(start - 1).is_some_and(|word| is_particle(word, full)) {
        start -= 1;
    }
    let (given, family) = words.split_at(start);
    PersonName { given: given.join(" "), family: family.join(" ") }
}

/// Particles are written small, except where everything is written in capitals.
fn is_particle(word: &str, full: &str) -> bool {
    PARTICLES.contains(&word)
        || (!full.chars().any(char::is_lowercase) && PARTICLES.contains(&word.to_lowercase().as_str()))
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn full_names_are_split() {
        for (full, given, family) in [
            ("Pirkko Koskitalo", "Pirkko", "Koskitalo"),
            ("Koskitalo, Pirkko", "Pirkko", "Koskitalo"),
            ("  Pirkko  Anna\tKoskitalo ", "Pirkko Anna", "Koskitalo"),
            ("Isabel de Castro", "Isabel", "de Castro"),
            ("Carl Gustaf af Bär", "Carl Gustaf", "af Bär"),
            ("Anna von der Aue", "Anna", "von der Aue"),
            ("ANNA VON BÄR", "ANNA", "VON BÄR"),
            ("von Bär, Anna", "Anna", "von Bär"),
            ("José Pedro Freyre", "José Pedro", "Freyre"),
            ("Maija-Liisa O'Hara", "Maija-Liisa", "O'Hara"),
            ("de Castro", "de", "Castro"),
            ("Val2", "", "Val2"),
            ("", "", ""),
            (",", "", ""),
        ] {
            assert_eq!(split(full), PersonName { given: given.into(), family: family.into() }, "{full}");
        }
    }

    #[test]
    fn a_name_is_what_someone_says_it_is() {
        let long = "ä".repeat(300);
        for (given, family, want) in [
            ("D'Arcy", "O\u{2019}Hara", Ok(Some("D'Arcy O\u{2019}Hara"))),
            ("A\u{30A}sa", "\u{202E}Bär", Ok(Some("Åsa Bär"))),
            ("\u{1F33E}", "", Ok(Some("\u{1F33E}"))),
            ("محمد", "", Ok(Some("محمد"))),
            ("", "Val2", Ok(Some("Val2"))),
            (" ", "\t", Ok(None)),
            ("-", "", Err(("given", code::NAME_INVALID))),
            ("", "a\0", Err(("family", code::CONTROL_CHARACTER))),
            ("", long.as_str(), Err(("family", code::TOO_LONG))),
        ] {
            let got = PersonName::parse(given, family);
            match (got, want) {
                (Ok(name), Ok(want)) => assert_eq!(name.map(|n| n.display()).as_deref(), want),
                (Err(error), Err(want)) => assert_eq!((error.field.as_str(), error.code), want),
                (got, want) => panic!("{given:?} {family:?}: {got:?}, not {want:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn splitting_loses_no_word(full in "[\\PC,]{0,40}") {
            let name = split(&full);
            let mut kept: Vec<String> = name.display().split_whitespace().map(str::to_owned).collect();
            let mut words: Vec<String> = full.replacen(',', " ", 1).split_whitespace().map(str::to_owned).collect();
            kept.sort();
            words.sort();
            prop_assert_eq!(kept, words);
        }

        #[test]
        fn parsing_settles(given in ".{0,60}", family in ".{0,60}") {
            if let Ok(Some(name)) = PersonName::parse(&given, &family) {
                prop_assert_eq!(PersonName::parse(&name.given, &name.family), Ok(Some(name.clone())));
            }
        }
    }
}
