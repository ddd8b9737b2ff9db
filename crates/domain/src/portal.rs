//! The portal of the people in the register: for how long what lets them in is good, what they may correct themselves, and
//! under which source of the notice it stands. E-mail links are for the portal only (a documented deviation from NIST SP
//! 800-63B-4, see `docs/portal.md`); they bind the browser that asked, end after ten minutes, and are good once.

use jiff::{SignedDuration, Timestamp};

use crate::id::{PersonId, SourceId};
use crate::kind::Kind;
use crate::notice::{Notice, SourceKind};

/// A link and its code are good for so long.
pub const ENTRY_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Tries of one browser with what it was sent; then it has to ask again.
pub const TRIES: i64 = 5;
/// A session without use ends after so long.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// Any session ends after so long.
pub const TOTAL: SignedDuration = SignedDuration::from_hours(8);
/// Who proved within this time who they are may do what needs it: change an e-mail address, take an export, ask for erasure.
pub const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// A registration that was not confirmed is forgotten after so long.
pub const REGISTRATION_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Digits of the code that can be typed instead of following the link.
const CODE_DIGITS: usize = 8;

/// How somebody came in; whoever comes by a passkey came as when they added it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Began {
    /// By a link or a code in an e-mail message.
    Link,
    /// By an invitation of staff.
    Invitation,
}

impl Began {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Link, Self::Invitation];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Invitation => "invitation",
        }
    }
}

impl std::str::FromStr for Began {
    type Err = UnknownBeginning;
    fn from_str(text: &str) -> Result<Self, UnknownBeginning> {
        Self::ALL.into_iter().find(|began| began.as_str() == text).ok_or(UnknownBeginning)
    }
}

/// Not a way into the portal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a way into the portal")]
pub struct UnknownBeginning;

/// A session of a person in the portal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Session {
    /// Whose.
    pub person: PersonId,
    /// How it began.
    pub began: Began,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used (to within a minute).
    pub seen_at: Timestamp,
    /// When its person last proved who they are.
    pub proved_at: Timestamp,
}

impl Session {
    /// Whether it lives at `now`.
    #[must_use]
    pub fn lives_at(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen_at) < IDLE && now.duration_since(self.created_at) < TOTAL
    }

    /// Whether its person proved who they are so lately that they may do what needs it.
    #[must_use]
    pub fn is_fresh_at(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.proved_at);
        !age.is_negative() && age < FRESH
    }
}

/// What becomes of a correction that a person makes of their own data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Correction {
    /// It holds at once.
    AtOnce,
    /// It holds at once, when its maker has lately proved who they are: it is what lets them in.
    Proved,
    /// Staff decide about it: it says who somebody is.
    Proposed,
    /// It is nothing that a person gives: they ask staff.
    ByStaff,
}

/// The reviewed rule by kind; there is no catch-all.
#[must_use]
pub const fn correction_of(kind: Kind) -> Correction {
    match kind {
        Kind::Telephone | Kind::PostalAddress | Kind::Language => Correction::AtOnce,
        Kind::Email => Correction::Proved,
        Kind::Name => Correction::Proposed,
        Kind::Organisation | Kind::CustomerNumber | Kind::Orders | Kind::Credit | Kind::Tags => Correction::ByStaff,
    }
}

/// The source of the notice for what a person says in the portal: their own word, the strongest that the notice has; after
/// an invitation the digital source that declares it (promise P12), when there is one.
#[must_use]
pub fn source(notice: &Notice, began: Began) -> Option<SourceId> {
    let strongest = |kind| {
        let of_kind = notice.sources().iter().filter(move |source| source.kind == kind);
        of_kind.max_by_key(|source| source.rank).map(|source| source.id.clone())
    };
    let invited = (began == Began::Invitation).then(|| strongest(SourceKind::Digital)).flatten();
    invited.or_else(|| strongest(SourceKind::DataSubject))
}

/// The source of the notice for the public form: the weakest of those that are the person's own word.
#[must_use]
pub fn registration_source(notice: &Notice) -> Option<SourceId> {
    let own = notice.sources().iter().filter(|source| source.kind == SourceKind::DataSubject);
    own.min_by_key(|source| source.rank).map(|source| source.id.clone())
}

/// The digits of a code from random bytes, without a preference for any.
#[must_use]
pub fn code(random: u64) -> String {
    // 10^8 divides 2^64 but for a rest that can not be noticed: one in 10^11.
    format!("{:0width$}", random % 10_u64.pow(8), width = CODE_DIGITS)
}

/// A code as it is read out: `1234 5678`.
#[must_use]
pub fn spaced(code: &str) -> String {
    let (first, second) = code.split_at_checked(CODE_DIGITS / 2).unwrap_or((code, ""));
    format!("{first} {second}")
}

/// What somebody typed or pasted: the part of an address behind `#`, without spaces and hyphens between groups of a code.
#[must_use]
pub fn typed(text: &str) -> String {
    let last = text.trim().rsplit('#').next().unwrap_or_default();
    let is_code = last.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '\u{a0}');
    if is_code { last.chars().filter(char::is_ascii_digit).collect() } else { last.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

    #[test]
    fn a_session_ends_and_proof_grows_old() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let began = at("2026-11-23T08:00:00Z");
        let person = PersonId(uuid::Uuid::nil());
        let session = Session { person, began: Began::Link, created_at: began, seen_at: began, proved_at: began };
        assert!(session.lives_at(at("2026-11-23T08:29:59Z")) && !session.lives_at(at("2026-11-23T08:30:00Z")));
        let used = Session { seen_at: at("2026-11-23T15:55:00Z"), ..session };
        assert!(used.lives_at(at("2026-11-23T15:59:59Z")) && !used.lives_at(at("2026-11-23T16:00:00Z")));
        assert!(session.is_fresh_at(at("2026-11-23T08:09:59Z")) && !session.is_fresh_at(at("2026-11-23T08:10:00Z")));
        // A clock that was set back proves nothing.
        assert!(!session.is_fresh_at(at("2026-11-23T07:59:00Z")));
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        assert_eq!((code(0), code(u64::MAX)), ("00000000".into(), "09551615".into()));
        assert_eq!(spaced("12345678"), "1234 5678");
        for text in ["12345678", " 1234 5678 ", "1234\u{a0}5678"] {
            assert_eq!(typed(text), "12345678", "{text}");
        }
        assert_eq!(typed("https://portal.example.com/enter#aB-9_x"), "aB-9_x");
    }

    #[test]
    fn what_a_person_says_stands_under_a_source_that_the_notice_declares() {
        let notice = Notice::parse(NOTICE).unwrap();
        let name = |source: Option<SourceId>| source.unwrap().to_string();
        assert_eq!(name(source(&notice, Began::Link)), "customer");
        assert_eq!(name(source(&notice, Began::Invitation)), "digital");
        assert_eq!(name(registration_source(&notice)), "registration");
    }

    /// The reviewed list: a change shows as a change of this snapshot.
    #[test]
    fn what_becomes_of_a_correction() {
        let rows = Kind::ALL.map(|kind| format!("{:<16} {:?}", kind.as_str(), correction_of(kind)));
        insta::assert_snapshot!(rows.join("\n"));
    }
}
