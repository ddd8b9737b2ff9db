//! E-mail addresses, by their syntax only (RFC 5321, RFC 6531): whether one works shows when it is written to.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::field::{FieldError, code};
use crate::value::Label;

/// Most octets in an address (RFC 5321 4.5.3.1.3, less the angle brackets).
pub const MAX: usize = 254;
/// Most octets before the `@` (RFC 5321 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// An e-mail address.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Email {
    /// What it is for.
    pub label: Option<Label>,
    /// The address: the local part as given, the domain in lower case, both NFC.
    pub address: String,
}

impl Email {
    /// Reads an address. Other scripts are accepted as they are: letters that look alike are not changed.
    ///
    /// # Errors
    /// [`code::EMAIL_INVALID`] at `field`; also for line breaks, which would let a header in.
    pub fn parse(field: &str, label: Option<Label>, text: &str) -> Result<Self, FieldError> {
        // The length first: what is longer than an address may be is not worth normalising.
        let trimmed = text.trim();
        let address = if trimmed.len() <= 4 * MAX { normalised(trimmed) } else { None };
        match address {
            Some(address) => Ok(Self { label, address }),
            None => Err(FieldError::new(field, code::EMAIL_INVALID)),
        }
    }

    /// The address in lower case: most servers do not tell cases apart, and people do not either.
    #[must_use]
    pub fn match_key(&self) -> String {
        self.address.to_lowercase()
    }
}

fn normalised(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let local: String = local.nfc().collect();
    // Lower-casing can take a text out of NFC, so NFC comes last.
    let domain: String = domain.to_lowercase().nfc().collect();
    let whole = local.len() + 1 + domain.len() <= MAX;
    (whole && is_local(&local) && is_domain(&domain)).then(|| format!("{local}@{domain}"))
}

/// A dot-atom (RFC 5322 3.2.3) of ASCII and any letters beyond; quoted local parts are not in use.
fn is_local(local: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_beyond_ascii(c);
    local.len() <= MAX_LOCAL && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

/// Two labels or more of letters, digits and inner hyphens.
fn is_domain(domain: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| {
                c.is_ascii_alphanumeric() || c == '-' || (is_beyond_ascii(c) && c.is_alphanumeric()) || is_mark(c)
            })
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && domain.split('.').all(label) && !last.bytes().all(|b| b.is_ascii_digit())
}

fn is_beyond_ascii(c: char) -> bool {
    !c.is_ascii()
        && !c.is_control()
        && !c.is_whitespace()
        && !matches!(u32::from(c), 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFEFF)
}

/// Vowel signs and the like, which some scripts cannot be written without.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        for (text, kept) in [
            ("pirkko.koskitalo@example.com", Some("pirkko.koskitalo@example.com")),
            (" Pirkko.Koskitalo@EXAMPLE.Com ", Some("Pirkko.Koskitalo@example.com")),
            ("a+b_c'd@sub.example.invalid", Some("a+b_c'd@sub.example.invalid")),
            ("äijä@ÄIJÄ.example", Some("äijä@äijä.example")),
            ("a\u{308}@example.com", Some("ä@example.com")),
            ("p\u{430}lvelu@ex\u{430}mple.com", Some("p\u{430}lvelu@ex\u{430}mple.com")),
            ("", None),
            ("pirkko", None),
            ("pirkko@localhost", None),
            ("pirkko@127.0.0.1", None),
            ("@example.com", None),
            ("a@b@example.com", None),
            ("a..b@example.com", None),
            (".a@example.com", None),
            ("a b@example.com", None),
            ("a@-example.com", None),
            ("a@example..com", None),
            ("a@example.com\r\nBcc: b@example.com", None),
            ("a\n@example.com", None),
            ("a\u{202E}@example.com", None),
            ("a@exa\u{200B}mple.com", None),
            ("<a@example.com>", None),
            ("a@example.com, b@example.com", None),
            ("a@example.com\0", None),
        ] {
            let got = Email::parse("emails.0.text", None, text).ok().map(|email| email.address);
            assert_eq!(got.as_deref(), kept, "{text:?}");
        }
        assert!(Email::parse("f", None, &format!("{}@example.com", "a".repeat(65))).is_err());
        assert!(Email::parse("f", None, &format!("a@{}.com", "b".repeat(64))).is_err());
        assert!(Email::parse("f", None, &format!("a@{}com", "bcdefg.".repeat(36))).is_err());
    }

    proptest! {
        #[test]
        fn parsing_settles_and_never_lets_a_line_break_in(text in "\\PC{0,12}[@.a-zäÅİ\\r\\n ]{0,12}@[a-zÄİ.-]{0,20}") {
            if let Ok(email) = Email::parse("f", None, &text) {
                prop_assert!(!email.address.contains(['\r', '\n', '\0']));
                prop_assert_eq!(Email::parse("f", None, &email.address), Ok(email.clone()));
            }
        }
    }
}
