//! Sending what a person gave to another controller that runs this program, where the person asks for it (Art. 20(2); promise P25).
//! The person makes an address for receiving in the portal of the controller that is to have it, and gives that to the portal of
//! the one that has it.

use jiff::{SignedDuration, Timestamp};

use crate::field::{FieldError, code};
use crate::id::{ReceptionId, TransmissionId};
use crate::word::words;

/// An address for receiving is good for so long.
pub const RECEPTION_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// What came and was not taken is forgotten after so long.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Transmissions of one person in a day.
pub const MOST_IN_A_DAY: i64 = 5;
/// Where the portal takes what is sent to it, under its address.
pub const PATH: &str = "/portability";
/// The page of a portal that makes addresses for receiving.
const PAGE: &str = "/receive";
/// Characters of an address at most.
const LONGEST: usize = 300;

/// Where to send, and what lets it in there.
#[derive(Clone, PartialEq, Eq)]
pub struct Destination {
    /// The address that takes it.
    pub address: String,
    /// The host, with its port where it has one: what is told of it.
    pub host: String,
    /// The secret, which nobody logs.
    pub secret: String,
}

impl std::fmt::Debug for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Destination").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Destination {
    /// Reads what a person pasted: `https://HOST/receive#SECRET`.
    ///
    /// # Errors
    /// [`code::REQUIRED`], [`code::RECEPTION_ADDRESS_INVALID`].
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldError::new("address", code::REQUIRED));
        }
        let invalid = || FieldError::new("address", code::RECEPTION_ADDRESS_INVALID);
        let (page, secret) = text.split_once('#').filter(|_| text.len() <= LONGEST).ok_or_else(invalid)?;
        let base = page.strip_suffix(PAGE).ok_or_else(invalid)?;
        let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://")).ok_or_else(invalid)?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        let is_secret = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if host.is_empty() || !host.chars().all(is_host) || secret.len() < 32 || !secret.chars().all(is_secret) {
            return Err(invalid());
        }
        Ok(Self { address: format!("{base}{PATH}"), host: host.to_owned(), secret: secret.to_owned() })
    }

    /// The address for receiving of a portal, as the person copies it.
    #[must_use]
    pub fn written(base: &str, secret: &str) -> String {
        format!("{base}{PAGE}#{secret}")
    }
}

words! {
    /// How far a transmission has come.
    TransmissionState {
        /// It has begun; when it does not end, it is not known whether it arrived.
        Sending = "sending",
        /// The other controller has it.
        Sent = "sent",
        /// It did not arrive.
        Failed = "failed",
    }
    /// How far a reception has come.
    ReceptionState {
        /// Nothing has come yet.
        Open = "open",
        /// Something has come, and the person has not decided.
        Received = "received",
        /// The person took it.
        Taken = "taken",
        /// The person did not take it.
        Declined = "declined",
    }
}

/// What was sent to another controller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transmission {
    /// Its id.
    pub id: TransmissionId,
    /// The other controller's host.
    pub host: String,
    /// How far it has come.
    pub state: TransmissionState,
    /// When it began.
    pub made_at: Timestamp,
}

/// What another controller was or is to be sent from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reception {
    /// Its id.
    pub id: ReceptionId,
    /// How far it has come.
    pub state: ReceptionState,
    /// When the address was made.
    pub made_at: Timestamp,
    /// Until when the address is good.
    pub expires_at: Timestamp,
    /// When something came.
    pub received_at: Option<Timestamp>,
    /// What came, as JSON, until it was decided about.
    pub content: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_receiving_is_read_as_it_was_written() {
        let secret = "a".repeat(43);
        for base in ["https://omat.example.com", "https://omat.example.com:8443", "http://localhost:8081"] {
            let read = Destination::parse(&format!("  {} ", Destination::written(base, &secret))).unwrap();
            assert_eq!((read.address, &read.secret), (format!("{base}/portability"), &secret));
            assert_eq!(Some(read.host.as_str()), base.split_once("://").map(|(_, host)| host));
            assert!(!format!("{:?}", Destination::parse(&Destination::written(base, &secret))).contains(&secret));
        }
    }

    #[test]
    fn nothing_else_is_an_address_for_receiving() {
        let secret = "a".repeat(43);
        for text in [
            String::new(),
            "omat.example.com".into(),
            "https://omat.example.com/receive".into(),
            format!("ftp://omat.example.com/receive#{secret}"),
            format!("https://omat.example.com/other#{secret}"),
            format!("https://user@omat.example.com/receive#{secret}"),
            format!("https://omat.example.com/a/../receive#{secret}"),
            format!("https://omat.example.com/receive?x=1#{secret}"),
            "https://omat.example.com/receive#short".into(),
            format!("https://omat.example.com/receive#{}", "a".repeat(400)),
            format!("https://omat.example.com/receive#{secret}\r\nX: y"),
        ] {
            assert!(Destination::parse(&text).is_err(), "{text}");
        }
    }
}
