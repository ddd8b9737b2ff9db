//! Passkeys of people for the portal (Web Authentication Level 3): how many, for how long a ceremony lasts, what they are called,
//! and at which addresses browsers offer them.

use jiff::{SignedDuration, Timestamp};

use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::PasskeyId;

/// What was asked of a passkey is good for so long.
pub const CEREMONY_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Passkeys of one person.
pub const MOST: usize = 10;
/// Characters of a name.
const NAME_LENGTH: usize = 60;

/// A passkey, as its person sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// What its person calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When somebody last signed in by it.
    pub used_at: Option<Timestamp>,
}

/// The name that a person gives to a passkey: whoever has several tells them apart by it.
///
/// # Errors
/// It is empty, too long, or has control characters.
pub fn name(text: &str) -> Result<String, FieldErrors> {
    let name = one_line("name", text, NAME_LENGTH)?;
    if name.is_empty() { Err(FieldError::new("name", code::REQUIRED).into()) } else { Ok(name) }
}

/// The host of a portal at `base`, when browsers offer passkeys there: a name reached by https, or this machine's own. A numeric
/// address has no relying party id (Web Authentication Level 3, 5.1.2).
#[must_use]
pub fn relying_party(base: &str) -> Option<&str> {
    let (scheme, rest) = base.split_once("://")?;
    let host = rest.split('/').next()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let is_name = host.split('.').next_back().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()));
    let is_safe = scheme == "https" || host == "localhost";
    (is_name && is_safe && !host.contains(['[', ']'])).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_offered_where_browsers_take_them() {
        for (base, host) in [
            ("https://omat.example.com", Some("omat.example.com")),
            ("https://omat.example.com:8443/", Some("omat.example.com")),
            ("http://localhost:8081", Some("localhost")),
            ("https://localhost", Some("localhost")),
            ("http://omat.example.com", None),
            ("http://127.0.0.1:8081", None),
            ("https://192.0.2.1", None),
            ("https://[2001:db8::1]:443", None),
            ("omat.example.com", None),
        ] {
            assert_eq!(relying_party(base), host, "{base}");
        }
    }

    #[test]
    fn a_name_is_short_and_printable() {
        assert_eq!(name("  Oma   puhelin ").unwrap(), "Oma puhelin");
        for wrong in ["", "  ", "a\u{7}b", &"x".repeat(61)] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
    }
}
