//! Why a message could not be sent. What a server answers may hold the address, so that only its numbers are kept.

use lettre::transport::smtp::Error;
use seloste_domain::mail::Trouble;

/// Why a message could not be sent, without personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .trouble.as_str(), .reply.as_ref().map(|reply| format!(" ({reply})")).unwrap_or_default())]
pub struct MailError {
    /// What kind of trouble it is.
    pub trouble: Trouble,
    /// The server's reply code, when it gave one: `550`.
    pub reply: Option<String>,
}

impl MailError {
    /// Trouble without a reply.
    #[must_use]
    pub const fn new(trouble: Trouble) -> Self {
        Self { trouble, reply: None }
    }

    /// The error of a step of the conversation; `refused` is what a 5xx answer means at that step.
    pub(crate) fn of(error: &Error, refused: Trouble) -> Self {
        let trouble = if error.is_permanent() {
            refused
        } else if error.is_transient() {
            Trouble::PutOff
        } else if error.is_response() {
            Trouble::Answer
        } else if error.is_tls() {
            Trouble::Tls
        } else {
            of_source(error)
        };
        Self { trouble, reply: error.status().map(|code| code.to_string()) }
    }
}

/// What the operating system or TLS said beneath.
fn of_source(error: &Error) -> Trouble {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            return match io.kind() {
                // A read that waited too long ends in `WouldBlock` on Unix.
                std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => Trouble::Timeout,
                // What rustls refuses comes as invalid data.
                std::io::ErrorKind::InvalidData => Trouble::Tls,
                _ => Trouble::Connection,
            };
        }
        source = cause.source();
    }
    Trouble::Connection
}
