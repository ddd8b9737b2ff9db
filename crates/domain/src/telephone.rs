//! Telephone numbers (ITU-T E.164).

use phonenumber::{Mode, PhoneNumber, country};
use serde::{Deserialize, Serialize};

use crate::field::{FieldError, code, one_line};
use crate::value::Label;

/// Most characters in a number as given, with its punctuation and extension.
pub const MAX: usize = 40;

/// A telephone number.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Telephone {
    /// What it is for.
    pub label: Option<Label>,
    /// E.164 (`+358401234567`) when the number was understood, else as it was given.
    pub number: String,
    /// Whether `number` is E.164; a number that is not is kept as unverified rather than lost.
    pub e164: bool,
}

impl Telephone {
    /// Reads a number in any notation. `country` (ISO 3166-1 alpha-2) is where a number without `+` or `00` belongs. A
    /// number that is none of that country's is kept as given, unverified.
    ///
    /// # Errors
    /// At `field`: [`code::TELEPHONE_INVALID`] when there are not even three digits, or too long.
    pub fn parse(field: &str, label: Option<Label>, text: &str, country: &str) -> Result<Self, FieldError> {
        let given = one_line(field, text, MAX)?;
        if given.chars().filter(char::is_ascii_digit).count() < 3 {
            return Err(FieldError::new(field, code::TELEPHONE_INVALID));
        }
        Ok(match understood(&given, country) {
            Some(number) => Self { label, number: e164(&number), e164: true },
            None => Self { label, number: given, e164: false },
        })
    }

    /// E.164, when the number was understood: an unverified number does not tell who somebody is.
    #[must_use]
    pub fn match_key(&self) -> Option<String> {
        self.e164.then(|| self.number.clone())
    }

    /// `+358 40 1234567` for pages and letters; an unverified number as it was given.
    #[must_use]
    pub fn display(&self) -> String {
        self.formatted(Mode::International).unwrap_or_else(|| self.number.clone())
    }

    /// The digits as dialled inside the country (`0401234567`), for searching; an unverified number's digits.
    #[must_use]
    pub fn national_digits(&self) -> String {
        // Nearly every number is Finnish, and the search index is built of a million: no parsing for those.
        if let Some(rest) = self.number.strip_prefix("+358").filter(|_| self.e164) {
            return format!("0{rest}");
        }
        let text = self.formatted(Mode::National).unwrap_or_else(|| self.number.clone());
        text.chars().filter(char::is_ascii_digit).collect()
    }

    fn formatted(&self, mode: Mode) -> Option<String> {
        let number = if self.e164 { parse_number(None, &self.number)? } else { return None };
        Some(number.format().mode(mode).to_string())
    }
}

fn e164(number: &PhoneNumber) -> String {
    // Not the crate's own format, which adds an extension to E.164.
    let zeros = usize::from(number.national().zeros());
    format!("+{}{}{}", number.code().value(), "0".repeat(zeros), number.national().value())
}

fn understood(given: &str, country: &str) -> Option<PhoneNumber> {
    let plain: String = given.chars().map(plain_character).collect::<Option<_>>()?;
    let plain = plain.replace("(0)", "");
    let country = country.parse::<country::Id>().ok();
    // `00` before a country code is understood everywhere, not only where it is the local prefix.
    let abroad = plain.trim_start().strip_prefix("00").map(|rest| format!("+{rest}"));
    [Some(plain), abroad]
        .into_iter()
        .flatten()
        .filter_map(|text| parse_number(country, &text))
        // E.164 cannot hold an extension: with one, the number stays as given.
        .find(|number| number.extension().is_none() && number.is_valid())
}

/// Digits and usual punctuation; a letter means that there is more than a number (`09 123 456 (Pirkko)`).
fn plain_character(c: char) -> Option<char> {
    match c {
        '0'..='9' | '+' | '(' | ')' | '/' | '.' | '-' | ' ' => Some(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        _ => None,
    }
}

fn parse_number(country: Option<country::Id>, text: &str) -> Option<PhoneNumber> {
    phonenumber::parse(country, text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers() {
        for (text, country, number, e164) in [
            ("040 123 4567", "FI", "+358401234567", true),
            ("00358401234567", "FI", "+358401234567", true),
            ("00358 40 123 4567", "SE", "+358401234567", true),
            ("00358401234567", "US", "+358401234567", true),
            ("09 1234 5678", "FI", "+358912345678", true),
            ("+358 (0)40 123 4567", "FI", "+358401234567", true),
            ("+358\u{a0}40\u{2011}1234567", "FI", "+358401234567", true),
            ("0921-12 34 65", "SE", "+46921123465", true),
            ("(503) 555-7555", "US", "+15035557555", true),
            ("011-4988260", "IT", "+390114988260", true),
            ("030-0074321", "DE", "+49300074321", true),
            ("(5) 555-4729", "MX", "(5) 555-4729", false),
            ("88.60.15.31", "FR", "88.60.15.31", false),
            ("040 123 4567", "XX", "040 123 4567", false),
            ("  112 233 ", "XX", "112 233", false),
            ("040 123 4567 Pirkko", "FI", "040 123 4567 Pirkko", false),
        ] {
            let got = Telephone::parse("telephones.0.text", None, text, country);
            assert_eq!(got, Ok(Telephone { label: None, number: number.into(), e164 }), "{text}");
        }
        for bad in ["", "ei ole", "12", &"1".repeat(41)] {
            assert!(Telephone::parse("f", None, bad, "FI").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_number_is_shown_and_searched() {
        let number = Telephone::parse("f", None, "0401234567", "FI").unwrap();
        assert_eq!(number.display(), "+358 40 1234567");
        assert_eq!(number.national_digits(), "0401234567");
        assert_eq!(number.match_key().as_deref(), Some("+358401234567"));
        let swedish = Telephone::parse("f", None, "0921-12 34 65", "SE").unwrap();
        assert_eq!(swedish.national_digits(), "0921123465");
        for text in ["09 1234 5678", "0600 12 345", "010 123 4567", "050 123 4567"] {
            let number = Telephone::parse("f", None, text, "FI").unwrap();
            let parsed = number.formatted(Mode::National).expect(text);
            let dialled: String = parsed.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(number.national_digits(), dialled, "{text}");
        }
        let unverified = Telephone::parse("f", None, "(5) 555-4729", "MX").unwrap();
        assert_eq!(unverified.display(), "(5) 555-4729");
        assert_eq!(unverified.national_digits(), "55554729");
        assert_eq!(unverified.match_key(), None);
    }

    proptest! {
        #[test]
        fn any_text_is_kept_or_refused(text in "\\PC{0,45}|[0-9+() ./-]{0,25}", country in "FI|SE|DE|US|IT|GB|MX|ZZ|") {
            if let Ok(number) = Telephone::parse("f", None, &text, &country) {
                prop_assert_eq!(Telephone::parse("f", None, &number.number, &country), Ok(number.clone()));
                prop_assert!(!number.display().is_empty());
                prop_assert!(number.national_digits().len() >= 3);
            }
        }
    }
}
