//! Payment references: the Finnish reference number (*viitenumero*) and the creditor reference RF (ISO 11649).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Most digits of a reference number without its check digit (Finance Finland, structure of the reference number).
const MAX_BODY: usize = 19;
/// Fewest.
const MIN_BODY: usize = 3;

/// A Finnish reference number with a right check digit: 4-20 digits without leading zeros.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// Not a reference number, or its check digits are wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a reference number")]
pub struct NotAReference;

impl Reference {
    /// The reference number whose digits before the check digit are those of `body`.
    ///
    /// # Errors
    /// [`NotAReference`] unless `body` has 3-19 digits after leading zeros.
    pub fn of_body(body: &str) -> Result<Self, NotAReference> {
        let body = body.trim_start_matches('0');
        if !(MIN_BODY..=MAX_BODY).contains(&body.len()) || !body.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAReference);
        }
        Ok(Self(format!("{body}{}", check_digit(body))))
    }

    /// The digits with the check digit.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of five from the right: how it is printed.
    #[must_use]
    pub fn grouped(&self) -> String {
        grouped_from_right(&self.0)
    }

    /// The same as a creditor reference: `RF341234561`.
    #[must_use]
    pub fn creditor(&self) -> CreditorReference {
        CreditorReference(format!("RF{:02}{}", rf_check(&self.0), self.0))
    }
}

/// Reads a reference number as it is written or stands in a file: spaces and leading zeros do not matter.
impl FromStr for Reference {
    type Err = NotAReference;
    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let digits = digits.trim_start_matches('0');
        let Some((body, last)) =
            digits.is_ascii().then(|| digits.split_at_checked(digits.len().wrapping_sub(1))).flatten()
        else {
            return Err(NotAReference);
        };
        let found = Self::of_body(body)?;
        if found.0.ends_with(last) && !last.is_empty() { Ok(found) } else { Err(NotAReference) }
    }
}

/// A creditor reference of ISO 11649: `RF`, two check digits, 1-21 letters and digits; in upper case, without leading
/// zeros.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditorReference(String);

impl CreditorReference {
    /// As it stands in files.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of four from the left: how it is printed.
    #[must_use]
    pub fn grouped(&self) -> String {
        grouped_from_left(&self.0)
    }

    /// The two check digits.
    #[must_use]
    pub fn check_digits(&self) -> &str {
        self.0.get(2..4).unwrap_or_default()
    }

    /// What follows the check digits.
    #[must_use]
    pub fn body(&self) -> &str {
        self.0.get(4..).unwrap_or_default()
    }

    /// The Finnish reference number in it, if that is what it holds.
    #[must_use]
    pub fn national(&self) -> Option<Reference> {
        self.body().parse().ok()
    }
}

/// Reads a creditor reference with or without spaces; leading zeros after the check digits are left out, which does
/// not change them (`RF18000000000539007547034`).
impl FromStr for CreditorReference {
    type Err = NotAReference;
    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let rest = text.strip_prefix("RF").ok_or(NotAReference)?;
        let is_written = (3..=23).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        let (check, body) = rest.split_at_checked(2).filter(|_| is_written).ok_or(NotAReference)?;
        let body = body.trim_start_matches('0');
        let is_right = !body.is_empty() && format!("{:02}", rf_check(body)) == check;
        if is_right { Ok(Self(format!("RF{check}{body}"))) } else { Err(NotAReference) }
    }
}

/// Weights 7, 3, 1 from the right; what is missing to the next full ten.
fn check_digit(body: &str) -> u32 {
    let sum: u32 = body.bytes().rev().zip([7, 3, 1].into_iter().cycle()).map(|(b, w)| u32::from(b - b'0') * w).sum();
    (10 - sum % 10) % 10
}

/// 98 less the remainder by 97 of the body with `RF00` behind it (ISO 7064 MOD 97-10).
fn rf_check(body: &str) -> u32 {
    98 - mod_97(body.bytes().chain(*b"RF00"))
}

/// The remainder by 97 of letters and digits, A = 10 ... Z = 35 (ISO 7064).
pub(crate) fn mod_97(text: impl Iterator<Item = u8>) -> u32 {
    text.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.to_ascii_uppercase().saturating_sub(b'A')) + 10) % 97,
    })
}

fn grouped_from_right(digits: &str) -> String {
    let mut grouped = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(5) {
            grouped.push(' ');
        }
        grouped.push(c);
    }
    grouped
}

pub(crate) fn grouped_from_left(text: &str) -> String {
    let mut grouped = String::new();
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at.is_multiple_of(4) {
            grouped.push(' ');
        }
        grouped.push(c);
    }
    grouped
}

macro_rules! text_type {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(reference: $name) -> Self {
                reference.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAReference;
            fn try_from(text: String) -> Result<Self, NotAReference> {
                text.parse()
            }
        }
    )*};
}
text_type!(Reference, CreditorReference);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vectors() {
        for (body, want) in [
            ("1234567", "12345672"),
            ("123456", "1234561"),
            ("151189065", "1511890656"),
            ("100000", "1000009"),
            ("00123456", "1234561"),
        ] {
            assert_eq!(Reference::of_body(body).unwrap().as_str(), want);
            assert_eq!(want.parse::<Reference>().unwrap().as_str(), want);
        }
        for wrong in ["", "0", "12", "00012", "12345678901234567890", "12a4", "-123"] {
            assert_eq!(Reference::of_body(wrong), Err(NotAReference), "{wrong}");
        }
        for wrong in ["", "1234562", "1231", "0000", "1234561x", "ä", "12345678901234567890123"] {
            assert_eq!(wrong.parse::<Reference>(), Err(NotAReference), "{wrong}");
        }
        assert_eq!("00000000000001234561".parse::<Reference>().unwrap().as_str(), "1234561");
        assert_eq!("123 45672".parse::<Reference>().unwrap().as_str(), "12345672");
        assert_eq!(Reference::of_body("55958224329467").unwrap().grouped(), "55958 22432 94671");
        assert_eq!("12345672".parse::<Reference>().unwrap().grouped(), "123 45672");
    }

    #[test]
    fn creditor_references() {
        for (national, want) in [
            ("1234561", "RF341234561"),
            ("12345672", "RF8512345672"),
            ("559582243294671", "RF06559582243294671"),
            ("868516259619897", "RF09868516259619897"),
        ] {
            let reference: Reference = national.parse().unwrap();
            assert_eq!(reference.creditor().as_str(), want);
            assert_eq!(want.parse::<CreditorReference>().unwrap().national(), Some(reference));
        }
        for text in ["RF18539007547034", "RF18000000000539007547034", "rf18 5390 0754 7034"] {
            assert_eq!(text.parse::<CreditorReference>().unwrap().as_str(), "RF18539007547034");
        }
        assert_eq!("RF18539007547034".parse::<CreditorReference>().unwrap().grouped(), "RF18 5390 0754 7034");
        for wrong in ["RF19539007547034", "RF18", "RF", "XX18539007547034", "RF18-39007547034", "", "RFé", "RF000"] {
            assert_eq!(wrong.parse::<CreditorReference>(), Err(NotAReference), "{wrong}");
        }
        assert!(serde_json::from_str::<Reference>("\"1234562\"").is_err());
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_found(body in "[1-9][0-9]{2,18}", at in 0..19_usize, by in 1..10_u8) {
            let reference = Reference::of_body(&body).unwrap();
            prop_assert_eq!(reference.as_str().parse::<Reference>(), Ok(reference.clone()));
            prop_assert_eq!(reference.creditor().as_str().parse::<CreditorReference>(), Ok(reference.creditor()));
            let mut wrong = reference.as_str().as_bytes().to_vec();
            // The first digit may become a zero, which is left out; the others keep the length.
            let at = 1 + at % (wrong.len() - 1);
            wrong[at] = (wrong[at] - b'0' + by) % 10 + b'0';
            prop_assert_eq!(String::from_utf8(wrong).unwrap().parse::<Reference>(), Err(NotAReference));
        }

        #[test]
        fn any_text_is_a_reference_or_not(text in "\\PC{0,30}|RF[0-9A-Za-z ]{0,26}|[0-9 ]{0,24}") {
            let _ = text.parse::<Reference>();
            let _ = text.parse::<CreditorReference>();
        }
    }
}
