//! Bank accounts: IBAN (ISO 13616) and BIC (ISO 9362).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::reference::{grouped_from_left, mod_97};

/// An account number with right check digits, without spaces, in upper case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iban(String);

/// Not an account number in the form of IBAN, or its check digits are wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an IBAN")]
pub struct NotAnIban;

impl Iban {
    /// As it stands in files.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of four: how it is printed.
    #[must_use]
    pub fn grouped(&self) -> String {
        grouped_from_left(&self.0)
    }

    /// The 16 digits after `FI`; none where the account is not Finnish.
    #[must_use]
    pub fn finnish_digits(&self) -> Option<&str> {
        self.0.strip_prefix("FI")
    }

    /// The 14 digits of a Finnish account without country and check digits, as in reference payment files.
    #[must_use]
    pub fn finnish_account(&self) -> Option<&str> {
        self.finnish_digits()?.get(2..)
    }
}

impl FromStr for Iban {
    type Err = NotAnIban;
    fn from_str(text: &str) -> Result<Self, NotAnIban> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let bytes = text.as_bytes();
        let is_written = (15..=34).contains(&bytes.len())
            && bytes.iter().all(u8::is_ascii_alphanumeric)
            && bytes[..2].iter().all(u8::is_ascii_uppercase)
            && bytes[2..4].iter().all(u8::is_ascii_digit);
        // A Finnish account has 18 characters, all digits after the country.
        let is_finnish = text.starts_with("FI");
        let fits = !is_finnish || (bytes.len() == 18 && bytes[2..].iter().all(u8::is_ascii_digit));
        if !is_written || !fits || mod_97(bytes[4..].iter().chain(&bytes[..4]).copied()) != 1 {
            return Err(NotAnIban);
        }
        Ok(Self(text))
    }
}

/// The code of a bank: 8 or 11 letters and digits, in upper case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bic(String);

/// Not the code of a bank.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a BIC")]
pub struct NotABic;

impl Bic {
    /// As it stands in files.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Bic {
    type Err = NotABic;
    fn from_str(text: &str) -> Result<Self, NotABic> {
        let text = text.trim().to_ascii_uppercase();
        let bytes = text.as_bytes();
        let is_bic = matches!(bytes.len(), 8 | 11)
            && bytes[..6].iter().all(u8::is_ascii_uppercase)
            && bytes[6..].iter().all(u8::is_ascii_alphanumeric);
        if is_bic { Ok(Self(text)) } else { Err(NotABic) }
    }
}

macro_rules! text_type {
    ($($name:ident, $error:ident);*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }
    )*};
}
text_type!(Iban, NotAnIban; Bic, NotABic);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vectors() {
        for text in ["FI2112345600000785", "FI7944052020036082", "FI4250001510000023", "fi58 1017 1000 0001 22"] {
            assert!(text.parse::<Iban>().is_ok(), "{text}");
        }
        // Example accounts of the IBAN registry.
        for text in ["DE89 3704 0044 0532 0130 00", "SE45 5000 0000 0583 9825 7466", "GB29NWBK60161331926819"] {
            assert!(text.parse::<Iban>().is_ok(), "{text}");
        }
        for text in [
            "FI1431313001234567",
            "FI2112345600000786",
            "FI21123456000007850",
            "",
            "FI",
            "ÄÄ2112345600000785",
            "FI21-1234560000785",
        ] {
            assert_eq!(text.parse::<Iban>(), Err(NotAnIban), "{text}");
        }
        let iban: Iban = "FI7944052020036082".parse().unwrap();
        assert_eq!(iban.grouped(), "FI79 4405 2020 0360 82");
        assert_eq!((iban.finnish_digits(), iban.finnish_account()), (Some("7944052020036082"), Some("44052020036082")));
        for (text, ok) in
            [("NDEAFIHH", true), ("okoyfihhxxx", true), ("NDEAFIH", false), ("1DEAFIHH", false), ("", false)]
        {
            assert_eq!(text.parse::<Bic>().is_ok(), ok, "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_found(at in 2..18_usize, by in 1..10_u8) {
            let mut text = b"FI7944052020036082".to_vec();
            text[at] = (text[at] - b'0' + by) % 10 + b'0';
            prop_assert_eq!(String::from_utf8(text).unwrap().parse::<Iban>(), Err(NotAnIban));
        }

        #[test]
        fn any_text_is_an_account_or_not(text in "\\PC{0,40}|[A-Z]{2}[0-9A-Z ]{0,36}") {
            let _ = text.parse::<Iban>();
            let _ = text.parse::<Bic>();
        }
    }
}
