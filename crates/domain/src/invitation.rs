//! Invitations to the portal (promise P12, *sähköinen kutsu*): a link that is good once and until a day, by e-mail or on a
//! letter. Of what lets its reader in only the hash is kept.

use std::str::FromStr;

use jiff::Timestamp;

use crate::field::{FieldError, FieldErrors, code};
use crate::id::{CompanyId, InvitationId, PersonId};

/// Days that an invitation is good for when nothing is said, and at most.
pub const DAYS: i64 = 14;
/// Most days that an invitation is good for.
pub const MAX_DAYS: i64 = 60;

/// How it goes to the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvitationWay {
    /// By e-mail.
    Email,
    /// On a letter that is printed.
    Letter,
}

impl InvitationWay {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Email, Self::Letter];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Letter => "letter",
        }
    }
}

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvitationState {
    /// It waits to be written.
    Waiting,
    /// It was handed over to the mail, or printed.
    Sent,
    /// Its person came in by it.
    Used,
    /// Staff took it back.
    Cancelled,
    /// It could not be sent: there is no address, or the notice does not allow it.
    Failed,
}

impl InvitationState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Sent, Self::Used, Self::Cancelled, Self::Failed];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Used => "used",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// Not a word of invitations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a word of invitations")]
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
from_words!(InvitationWay, InvitationState);

/// An invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it lets in.
    pub person: PersonId,
    /// The company of the group that invites.
    pub company: CompanyId,
    /// How it goes to them.
    pub way: InvitationWay,
    /// How far it has come.
    pub state: InvitationState,
    /// Who made it, as the log names them.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When its person came in by it.
    pub used_at: Option<Timestamp>,
}

impl Invitation {
    /// Whether it still lets somebody in at `now`.
    #[must_use]
    pub fn is_open_at(&self, now: Timestamp) -> bool {
        matches!(self.state, InvitationState::Waiting | InvitationState::Sent) && now < self.expires_at
    }
}

/// Reads for how many days an invitation is to be good; nothing said: [`DAYS`].
///
/// # Errors
/// Not a number of days between 1 and [`MAX_DAYS`].
pub fn days(text: &str) -> Result<i64, FieldErrors> {
    match text.trim() {
        "" => Ok(DAYS),
        text => text.parse().ok().filter(|days| (1..=MAX_DAYS).contains(days)).ok_or_else(|| {
            FieldErrors::from(FieldError::new("days", code::DAYS_BETWEEN).with("min", 1).with("max", MAX_DAYS))
        }),
    }
}

/// Letters that are not mistaken for each other when they are read from paper.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// What lets somebody in, from random bytes: 16 letters, 80 bits, in groups of four.
#[must_use]
pub fn secret(random: [u8; 16]) -> String {
    let letters = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let letters: Vec<char> = letters.collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The same as it is compared: what was typed from paper, without what stands between its letters.
#[must_use]
pub fn compared(text: &str) -> String {
    let last = text.rsplit('#').next().unwrap_or_default();
    last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_however_it_is_typed() {
        let secret = secret([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(secret, "ABCD-EFGH-JKLM-NPQ9");
        for text in
            ["abcd efgh jklm npq9", "https://a.example.com/invitation#ABCD-EFGH-JKLM-NPQ9", " ABCDEFGHJKLMNPQ9 "]
        {
            assert_eq!(compared(text), "ABCDEFGHJKLMNPQ9", "{text}");
        }
    }

    #[test]
    fn days_have_a_usual_number_and_a_limit() {
        assert_eq!((days("").ok(), days(" 60 ").ok()), (Some(DAYS), Some(60)));
        for wrong in ["0", "61", "-1", "kaksi"] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_go_both_ways() {
        for way in InvitationWay::ALL {
            assert_eq!(way.as_str().parse(), Ok(way));
        }
        for state in InvitationState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
