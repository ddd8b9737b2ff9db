//! The Finnish business id (*Y-tunnus*).

use serde::{Deserialize, Serialize};

/// A Finnish business id with a right check digit, written `NNNNNNN-C`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessId(String);

impl BusinessId {
    /// `NNNNNNN-C`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<BusinessId> for String {
    fn from(id: BusinessId) -> Self {
        id.0
    }
}

/// Not a business id, or its check digit is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a business id")]
pub struct NotABusinessId;

impl TryFrom<String> for BusinessId {
    type Error = NotABusinessId;
    fn try_from(text: String) -> Result<Self, NotABusinessId> {
        parse(&text).ok_or(NotABusinessId)
    }
}

/// Reads `2617416-4`, `112038-9` (padded to seven), `FI26174164` (VAT number) and `003726174164` (OVT identifier, with
/// up to five characters of unit).
#[must_use]
pub fn parse(text: &str) -> Option<BusinessId> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (body, check) = if let Some((body, check)) = text.split_once('-') {
        (body, check)
    } else {
        let digits = match text.strip_prefix("0037") {
            Some(rest) if rest.len() >= 8 && rest.len() <= 13 && rest.is_ascii() => &rest[..8],
            _ => text.strip_prefix("FI").or_else(|| text.strip_prefix("fi"))?,
        };
        (digits.is_ascii() && digits.len() == 8).then(|| digits.split_at(7))?
    };
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !(1..=7).contains(&body.len()) || check.len() != 1 || !is_digits(body) || !is_digits(check) {
        return None;
    }
    let body = format!("{body:0>7}");
    (check_digit(&body)? == check.bytes().next()? - b'0').then(|| BusinessId(format!("{body}-{check}")))
}

/// Weights 7, 9, 10, 5, 8, 4, 2 modulo 11; a remainder of 1 is not given out (*Yritys- ja yhteisötietolaki 244/2001*).
fn check_digit(body: &str) -> Option<u8> {
    let sum: u32 =
        body.bytes().zip([7, 9, 10, 5, 8, 4, 2]).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match sum % 11 {
        0 => Some(0),
        1 => None,
        rest => u8::try_from(11 - rest).ok(),
    }
}
