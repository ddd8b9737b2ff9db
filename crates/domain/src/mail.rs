//! E-mail: what is kept of a message, how far it has come, and when it is tried again.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, PartyId, PurposeId};

/// Most bytes of all files enclosed in a message: what common servers accept, less the third that base64 adds.
pub const MAX_ENCLOSED: usize = 10 * 1024 * 1024;

/// How far a message has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MailState {
    /// Waits for its time.
    Queued,
    /// A runner has taken it.
    Sending,
    /// The server, or the outbox folder, has it.
    Sent,
    /// Given up: refused for good, or tried as often as it is.
    Failed,
    /// Taken out of the queue by a person.
    Cancelled,
}

impl MailState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sending, Self::Sent, Self::Failed, Self::Cancelled];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether a person can ask for another try: it has failed, or waits for its time.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Queued | Self::Failed)
    }

    /// Whether a person can take it out. What a runner has taken may have left already.
    #[must_use]
    pub const fn may_cancel(self) -> bool {
        matches!(self, Self::Queued | Self::Failed)
    }
}

impl fmt::Display for MailState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a message is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Template {
    /// The confirmation of an order.
    OrderConfirmation,
    /// A text that somebody wrote.
    Message,
    /// That a restriction of processing will be lifted (Art. 18(3)): the one message that goes while it is on.
    RestrictionNotice,
    /// A reminder of an invoice, or a payment demand.
    Reminder,
    /// An invoice or a credit note.
    Invoice,
    /// The link by which somebody signs in at the portal.
    PortalLink,
    /// That an address was changed in the portal, told to the one before it.
    AddressChanged,
    /// That a passkey was added or removed, told to the person's address.
    PasskeyChanged,
    /// An invitation to the portal.
    Invitation,
    /// What a partner is told of data that it received (Art. 19): it goes while processing is restricted, too, since a
    /// restriction is one of the things that are told.
    RecallNotice,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::OrderConfirmation,
        Self::Message,
        Self::Reminder,
        Self::Invoice,
        Self::RestrictionNotice,
        Self::PortalLink,
        Self::AddressChanged,
        Self::PasskeyChanged,
        Self::Invitation,
        Self::RecallNotice,
    ];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderConfirmation => "order_confirmation",
            Self::Message => "message",
            Self::RestrictionNotice => "restriction_notice",
            Self::Reminder => "reminder",
            Self::Invoice => "invoice",
            Self::PortalLink => "portal_link",
            Self::AddressChanged => "address_changed",
            Self::PasskeyChanged => "passkey_changed",
            Self::Invitation => "invitation",
            Self::RecallNotice => "recall_notice",
        }
    }

    /// Whether it goes although the processing of the data of those whom it is about is restricted: it belongs to their rights.
    #[must_use]
    pub const fn passes_restriction(self) -> bool {
        matches!(
            self,
            Self::RestrictionNotice
                | Self::RecallNotice
                | Self::PortalLink
                | Self::AddressChanged
                | Self::PasskeyChanged
        )
    }

    /// Whether it holds what lets its reader in: nobody else is shown what it says.
    #[must_use]
    pub const fn holds_secret(self) -> bool {
        matches!(self, Self::PortalLink | Self::Invitation)
    }
}

/// Why a message could not be sent. None of them carries a personal value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Trouble {
    /// The server refused the recipient or the message for good (5xx).
    Refused,
    /// The server put it off (4xx).
    PutOff,
    /// The server refused the sender (5xx to MAIL FROM): a matter of the settings, so that it is tried again.
    Sender,
    /// User or password is wrong, or the server offers no way to sign in.
    SignIn,
    /// The server could not be reached, or the connection broke.
    Connection,
    /// The server did not answer in time.
    Timeout,
    /// The server offers no TLS, or its certificate is not one that is trusted.
    Tls,
    /// The server's answer made no sense.
    Answer,
    /// The address is not one that can be written to.
    Address,
    /// The address has letters beyond ASCII, and the server does not know them (SMTPUTF8, RFC 6531).
    Letters,
    /// The outbox folder could not be written.
    Folder,
    /// The program was stopped while it was sending, too many times.
    Interrupted,
    /// The message or one of its files can not be opened any more.
    Unreadable,
    /// The notice in force no longer declares the purpose, or e-mail addresses.
    Undeclared,
    /// The customer has forbidden it since it was queued.
    Prohibited,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Refused,
        Self::PutOff,
        Self::Sender,
        Self::SignIn,
        Self::Connection,
        Self::Timeout,
        Self::Tls,
        Self::Answer,
        Self::Address,
        Self::Letters,
        Self::Folder,
        Self::Interrupted,
        Self::Unreadable,
        Self::Undeclared,
        Self::Prohibited,
    ];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::PutOff => "put_off",
            Self::Sender => "sender",
            Self::SignIn => "sign_in",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Answer => "answer",
            Self::Address => "address",
            Self::Letters => "letters",
            Self::Folder => "folder",
            Self::Interrupted => "interrupted",
            Self::Unreadable => "unreadable",
            Self::Undeclared => "undeclared",
            Self::Prohibited => "prohibited",
        }
    }

    /// Whether another try would end in the same way.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        matches!(
            self,
            Self::Refused
                | Self::Address
                | Self::Letters
                | Self::Interrupted
                | Self::Unreadable
                | Self::Undeclared
                | Self::Prohibited
        )
    }
}

/// Not a name of this list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a word of e-mail")]
pub struct UnknownWord;

macro_rules! from_words {
    ($($name:ident),*) => {$(
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.into_iter().find(|word| word.as_str() == text).ok_or(UnknownWord)
            }
        }
    )*};
}
from_words!(MailState, Template, Trouble);

/// The pauses after each try that did not succeed.
const PAUSES: [SignedDuration; 6] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(24),
];

/// When to try again after the try of this number (from 1) did not succeed; none: it has been tried as often as it is.
#[must_use]
pub fn next_try(tried: i64, now: Timestamp) -> Option<Timestamp> {
    let pause = usize::try_from(tried.checked_sub(1)?).ok().and_then(|place| PAUSES.get(place))?;
    now.checked_add(*pause).ok()
}

/// A message as it was said: sealed under the key of the party whom it is about, and kept as part of their history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// The recipient's name.
    pub name: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The files that went with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enclosed: Vec<Enclosed>,
    /// Whom it is about: the log names them when it is queued and when it is sent.
    pub parties: Vec<PartyId>,
}

/// Most characters in a subject.
const MAX_SUBJECT: usize = 200;
/// Most characters in a text that somebody writes.
const MAX_BODY: usize = 20_000;

/// A message that somebody writes, as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MessageDraft {
    /// Short name of the company that writes.
    pub company: String,
    /// The purpose of the notice.
    pub purpose: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// A message checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidMessage {
    /// The company that writes; whether it is the writer's is for the caller to check.
    pub company: CompanyId,
    /// The purpose; whether the notice has it is for the caller to check.
    pub purpose: PurposeId,
    /// The subject, in one line.
    pub subject: String,
    /// The text; its lines end with `\n`.
    pub body: String,
}

impl MessageDraft {
    /// Checks the message.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self) -> Result<ValidMessage, FieldErrors> {
        let mut errors = FieldErrors::default();
        let company = self.company.trim().parse().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN));
        let company = errors.keep(company);
        let purpose = self.purpose.trim().parse().map_err(|_| FieldError::new("purpose", code::REQUIRED));
        let purpose = errors.keep(purpose);
        let subject = errors.keep(one_line("subject", &self.subject, MAX_SUBJECT)).unwrap_or_default();
        let body = self.body.replace("\r\n", "\n").trim().to_owned();
        for (field, text) in [("subject", &subject), ("body", &body)] {
            if text.is_empty() && errors.of(field).next().is_none() {
                errors.push(FieldError::new(field, code::REQUIRED));
            }
        }
        if body.chars().count() > MAX_BODY {
            errors.push(FieldError::new("body", code::TOO_LONG).with("max", MAX_BODY));
        }
        match (company, purpose) {
            (Some(company), Some(purpose)) if errors.is_empty() => Ok(ValidMessage { company, purpose, subject, body }),
            _ => Err(errors),
        }
    }
}

/// What is kept of a file that went with a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Enclosed {
    /// The file's name.
    pub name: String,
    /// Its media type (RFC 6838), such as `application/pdf`.
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// A file to go with a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// The file's name.
    pub name: String,
    /// Its media type (RFC 6838), such as `application/pdf`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Enclosure {
    /// Without the file, which is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enclosure").field("media_type", &self.media_type).field("bytes", &self.bytes.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_both_ways() {
        for state in MailState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for template in Template::ALL {
            assert_eq!(template.as_str().parse(), Ok(template));
        }
        for trouble in Trouble::ALL {
            assert_eq!(trouble.as_str().parse(), Ok(trouble));
        }
        assert_eq!("lost".parse::<Trouble>(), Err(UnknownWord));
    }

    #[test]
    fn a_message_is_refused_field_by_field() {
        let draft = MessageDraft {
            company: "arjasmaa".into(),
            purpose: "customers".into(),
            subject: " Hei \u{200b}taas ".into(),
            body: "Yksi\r\nkaksi\r\n".into(),
        };
        let valid = draft.validate().unwrap();
        assert_eq!((valid.subject.as_str(), valid.body.as_str()), ("Hei taas", "Yksi\nkaksi"));
        let wrong =
            MessageDraft { subject: "a\u{7}".into(), body: "x".repeat(MAX_BODY + 1), ..MessageDraft::default() };
        let errors = wrong.validate().unwrap_err();
        for field in ["company", "purpose", "subject", "body"] {
            assert_eq!(errors.of(field).count(), 1, "{field}");
        }
    }

    #[test]
    fn the_pauses_grow_and_end() {
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let minutes = |tried| next_try(tried, now).map(|at| at.duration_since(now).as_mins());
        let pauses: Vec<_> = (0..=8).map(minutes).collect();
        assert_eq!(
            pauses,
            [None, Some(1), Some(5), Some(30), Some(120), Some(480), Some(1440), None, None],
            "after 1, 2, 3, 4, 5 and 6 tries"
        );
    }
}
