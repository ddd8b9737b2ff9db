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

impl BusinessId {
    /// `FI26174164`: the VAT number.
    #[must_use]
    pub fn vat_number(&self) -> String {
        format!("FI{}", self.digits())
    }

    /// `003726174164`: the OVT identifier, without a unit.
    #[must_use]
    pub fn ovt(&self) -> String {
        format!("0037{}", self.digits())
    }

    fn digits(&self) -> String {
        self.0.replace('-', "")
    }
}

impl std::fmt::Display for BusinessId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vectors() {
        for (text, want) in [
            ("2617416-4", Some("2617416-4")),
            ("0112038-9", Some("0112038-9")),
            ("112038-9", Some("0112038-9")),
            ("1572860-0", Some("1572860-0")),
            ("2077474-0", Some("2077474-0")),
            ("1234567-1", Some("1234567-1")),
            (" 2617416 - 4 ", Some("2617416-4")),
            ("FI26174164", Some("2617416-4")),
            ("fi 26174164", Some("2617416-4")),
            ("003726174164", Some("2617416-4")),
            ("00372617416412345", Some("2617416-4")),
            ("003726174164123456", None),
            ("1234567-8", None),
            ("2077474-1", None),
            ("26174164", None),
            ("FI2617416", None),
            ("12345678-1", None),
            ("-4", None),
            ("2617416-", None),
            ("2617416-\u{664}", None),
            ("0037\u{e4}\u{e4}\u{e4}\u{e4}", None),
            ("", None),
        ] {
            assert_eq!(parse(text).as_ref().map(BusinessId::as_str), want, "{text}");
        }
        let id = parse("2617416-4").unwrap();
        assert_eq!((id.vat_number(), id.ovt()), ("FI26174164".to_owned(), "003726174164".to_owned()));
        assert!(serde_json::from_str::<BusinessId>("\"2617416-5\"").is_err());
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_found(body in 0..9_999_999_u32, place in 0..7_usize, by in 1..10_u8) {
            let body = format!("{body:07}");
            let Some(check) = check_digit(&body) else { return Ok(()) };
            let id = parse(&format!("{body}-{check}")).unwrap();
            prop_assert_eq!(parse(&id.vat_number()), Some(id.clone()));
            prop_assert_eq!(parse(&id.ovt()), Some(id));
            let mut wrong = body.into_bytes();
            wrong[place] = (wrong[place] - b'0' + by) % 10 + b'0';
            prop_assert_eq!(parse(&format!("{}-{check}", String::from_utf8(wrong).unwrap())), None);
        }

        #[test]
        fn any_text_is_an_id_or_not(text in "\\PC{0,20}|[0-9FI -]{0,20}") {
            let _ = parse(&text);
        }
    }
}
