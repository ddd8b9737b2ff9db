//! Consents (*suostumus*): what a person has allowed a company, for a purpose and by a channel (Art. 4(11), 6(1)(a), 7 and 8;
//! Act 1050/2018 section 5; Act 917/2014 section 200; promise P12). A consent is shown by its wording, time, way and proof.
//!
//! Of several words on the same matter the newest counts: a consent given before a withdrawal is no consent any more, whichever
//! of two merged records it came from. A prohibition beats every consent.

mod channel;
mod wording;

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

pub use self::channel::{Channel, Channels};
pub use self::wording::{Wording, registered, wording};
use crate::field::{FieldError, FieldErrors, code};
use crate::id::{CompanyId, ConsentId, PartyId, PurposeId};
use crate::kind::Kinds;
use crate::notice::{LegalBasis, Notice, PurposeDeclaration};
use crate::prohibition::{ProhibitionKind, Prohibitions};
use crate::restriction::needed;
use crate::usage::Activity;
use crate::word::{UnknownWord, words};

/// For so many months a consent holds. No law sets a term; the guidelines on consent (EDPB 05/2020, section 110) ask to renew
/// it at appropriate intervals, and two years without a word is the longest that we count on.
pub const LIFE_MONTHS: i32 = 24;
/// Most matters that one form gives a consent to.
const MOST: usize = 100;

words! {
    /// By which way a consent was given, or withdrawn.
    ConsentWay {
        /// By the person themself, in the portal.
        Portal = "portal",
        /// On paper.
        Paper = "paper",
        /// By telephone.
        Telephone = "telephone",
        /// At the counter.
        Counter = "counter",
        /// By e-mail.
        Email = "email",
        /// On the public form of registration, confirmed by its link.
        Registration = "registration",
        /// Nobody said it: two merged records came apart, and it can not be shown whose consent it was (Art. 7(1)).
        Unmerged = "unmerged",
    }
}

words! {
    /// Who gave it.
    GivenBy {
        /// The person.
        Person = "person",
        /// Who holds parental responsibility: for a child under 13 (Art. 8(1), Act 1050/2018 section 5).
        Guardian = "guardian",
    }
}

impl ConsentWay {
    /// Those that staff enter.
    pub const ENTERED: [Self; 4] = [Self::Paper, Self::Telephone, Self::Counter, Self::Email];
}

/// What a consent is to: who, what for, by what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Matter {
    /// The company of the group that may.
    pub company: CompanyId,
    /// The purpose of the notice.
    pub purpose: PurposeId,
    /// The channel.
    pub channel: Channel,
}

impl fmt::Display for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.company, self.purpose, self.channel)
    }
}

impl FromStr for Matter {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let mut parts = text.split(':');
        let (Some(company), Some(purpose), Some(channel), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(UnknownWord);
        };
        Ok(Self {
            company: company.parse().map_err(|_| UnknownWord)?,
            purpose: purpose.parse().map_err(|_| UnknownWord)?,
            channel: channel.parse()?,
        })
    }
}

/// The channels in which a purpose asks for a consent. Direct marketing asks for one by e-mail and text message whatever its basis
/// (section 200), a purpose that rests on consent for all that it does.
#[must_use]
pub fn channels(purpose: &PurposeDeclaration, kinds: Kinds) -> Vec<Channel> {
    let consents = purpose.basis == LegalBasis::Consent;
    let markets = purpose.activities.contains(&Activity::Marketing);
    let targets = purpose.activities.contains(&Activity::TargetedContent);
    let asked = |channel: &Channel| match channel {
        Channel::Email | Channel::Sms => markets,
        Channel::Telephone | Channel::Post => markets && consents,
        Channel::Web => targets && consents,
        Channel::Processing => consents && !markets && !targets,
    };
    let reaches = |channel: &Channel| channel.kind().is_none_or(|kind| kinds.has(kind));
    Channel::ALL.iter().copied().filter(|channel| asked(channel) && reaches(channel)).collect()
}

/// All that companies of the notice ask a consent to, in the order of the notice.
#[must_use]
pub fn matters(notice: &Notice, companies: &[CompanyId]) -> Vec<Matter> {
    let mut all = Vec::new();
    for company in notice.companies().iter().filter(|company| companies.contains(&company.id)) {
        for purpose in notice.purposes() {
            all.extend(channels(purpose, notice.kinds()).into_iter().map(|channel| Matter {
                company: company.id.clone(),
                purpose: purpose.id.clone(),
                channel,
            }));
        }
    }
    all
}

/// When a consent ends by itself that was given at a moment.
#[must_use]
pub fn end_of(given_at: Timestamp) -> Timestamp {
    let zoned = given_at.to_zoned(jiff::tz::TimeZone::UTC);
    zoned.checked_add(LIFE_MONTHS.months()).map_or(given_at, |end| end.timestamp())
}

/// What of a consent decides whether it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    /// From when.
    pub given_at: Timestamp,
    /// Until when, at most.
    pub expires_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

/// Until when a consent to one matter holds at `now`, by all that was ever said of that matter. None: there is none. Of two words
/// at the same moment the withdrawal wins.
#[must_use]
pub fn holds_until(all: &[Said], now: Timestamp) -> Option<Timestamp> {
    let withdrawn = all.iter().filter_map(|said| said.withdrawn_at).max();
    let open = all.iter().filter(|said| {
        said.withdrawn_at.is_none() && said.given_at <= now && withdrawn.is_none_or(|at| at < said.given_at)
    });
    open.map(|said| said.expires_at).filter(|until| now < *until).max()
}

/// A consent with its history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// Whose it is.
    pub party: PartyId,
    /// What it is to.
    #[serde(flatten)]
    pub matter: Matter,
    /// The wording that was shown or read, as it was.
    pub text: String,
    /// By which way it was given.
    pub way: ConsentWay,
    /// Who gave it.
    pub given_by: GivenBy,
    /// When.
    pub given_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// What shows it, when somebody else entered it.
    pub evidence: Option<String>,
    /// Who entered it, as the log names them.
    pub entered_by: String,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// Its withdrawal.
    pub withdrawn: Option<Withdrawn>,
}

/// The withdrawal of a consent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Withdrawn {
    /// Who entered it, as the log names them.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// By which way it came.
    pub way: ConsentWay,
}

impl Consent {
    /// When the person withdrew it. That two merged records came apart is no word of theirs.
    #[must_use]
    pub fn withdrawn_at(&self) -> Option<Timestamp> {
        self.withdrawn.as_ref().filter(|end| end.way != ConsentWay::Unmerged).map(|end| end.at)
    }

    /// What of it decides whether it holds. None: nobody can show whose it is.
    #[must_use]
    pub fn said(&self) -> Option<Said> {
        let withdrawn_at = self.withdrawn_at();
        (self.withdrawn.is_none() || withdrawn_at.is_some()).then_some(Said {
            given_at: self.given_at,
            expires_at: self.expires_at,
            withdrawn_at,
        })
    }
}

/// Until when a consent to a matter holds at `now`.
#[must_use]
pub fn in_force(all: &[Consent], matter: &Matter, now: Timestamp) -> Option<Timestamp> {
    let said: Vec<Said> = all.iter().filter(|one| one.matter == *matter).filter_map(Consent::said).collect();
    holds_until(&said, now)
}

/// The prohibition that stands against a matter: it beats a consent.
#[must_use]
pub fn barred(forbidden: Prohibitions, channel: Channel) -> Option<ProhibitionKind> {
    let all = [Some(ProhibitionKind::DirectMarketing), channel.prohibition()];
    let closes = |kind: &ProhibitionKind| channel != Channel::Processing && forbidden.has(*kind);
    all.into_iter().flatten().find(closes)
}

/// What has to be forbidden anew, and what lifted, so that a person who consents to one channel in spite of what they forbade
/// opens that channel and nothing else: who forbade direct marketing altogether goes on forbidding the rest of it.
#[must_use]
pub fn opens(forbidden: Prohibitions, channel: Channel) -> (Prohibitions, Prohibitions) {
    use ProhibitionKind as P;
    let mut lifted = Prohibitions::NONE;
    let mut set = Prohibitions::NONE;
    if let Some(own) = channel.prohibition().filter(|own| forbidden.has(*own)) {
        lifted = lifted.with(own);
    }
    if forbidden.has(P::DirectMarketing) && channel != Channel::Processing {
        lifted = lifted.with(P::DirectMarketing);
        let rest = [
            P::MarketingPost,
            P::MarketingEmail,
            P::MarketingTelephone,
            P::MarketingSms,
            P::Directory,
            P::TargetedContent,
        ];
        let rest = rest.into_iter().filter(|kind| Some(*kind) != channel.prohibition() && !forbidden.has(*kind));
        set = rest.collect();
    }
    (set, lifted)
}

/// A consent as staff enter it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ConsentDraft {
    /// What it is to: `COMPANY:PURPOSE:CHANNEL` each.
    pub matters: Vec<String>,
    /// The name of the way.
    pub way: String,
    /// Who gave it; empty: the person.
    pub given_by: String,
    /// The day on which it was given (`YYYY-MM-DD`); empty: now.
    pub given_on: String,
    /// What shows it: which paper and where it is, which call, who was there.
    pub evidence: String,
}

/// A consent checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidConsent {
    /// What it is to, each once.
    pub matters: Vec<Matter>,
    /// By which way it was given.
    pub way: ConsentWay,
    /// Who gave it.
    pub given_by: GivenBy,
    /// The day, when it is not today.
    pub given_on: Option<Date>,
    /// What shows it.
    pub evidence: String,
}

impl ConsentDraft {
    /// Checks it against what `asked` says that a consent is asked to. Staff show what a consent rests on, always (Art. 7(1)).
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, asked: &[Matter], today: Date) -> Result<ValidConsent, FieldErrors> {
        let mut errors = FieldErrors::default();
        let unknown = |field: &str| FieldError::new(field, code::CHOICE_UNKNOWN);
        let mut matters = Vec::new();
        for text in self.matters.iter().take(MOST) {
            match text.parse::<Matter>() {
                Ok(matter) if !asked.contains(&matter) => errors.push(unknown("matters")),
                Ok(matter) if matters.contains(&matter) => {}
                Ok(matter) => matters.push(matter),
                Err(_) => errors.push(unknown("matters")),
            }
        }
        if matters.is_empty() && errors.is_empty() {
            errors.push(FieldError::new("matters", code::REQUIRED));
        }
        let way = ConsentWay::ENTERED.into_iter().find(|way| way.as_str() == self.way);
        let way = errors.keep(way.ok_or_else(|| unknown("way")));
        let given_by = match self.given_by.as_str() {
            "" => Some(GivenBy::Person),
            text => errors.keep(text.parse::<GivenBy>().map_err(|_| unknown("given_by"))),
        };
        let given_on = errors.keep(given_on(&self.given_on, today)).flatten();
        let evidence = errors.keep(needed("evidence", &self.evidence));
        match (way, given_by, evidence) {
            (Some(way), Some(given_by), Some(evidence)) if errors.is_empty() => {
                Ok(ValidConsent { matters, way, given_by, given_on, evidence })
            }
            _ => Err(errors),
        }
    }
}

/// The day on which something was said: not in the future, and not so long ago that it would have ended.
pub(crate) fn given_on(text: &str, today: Date) -> Result<Option<Date>, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day: Date = text.parse().map_err(|_| FieldError::new("given_on", code::DATE_INVALID))?;
    let first = today.checked_sub(LIFE_MONTHS.months()).unwrap_or(today);
    if day > today || day <= first {
        return Err(FieldError::new("given_on", code::DATE_FAR));
    }
    Ok(Some(day).filter(|day| *day != today))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 28);

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000 + hours)
    }

    fn said(given: i64, withdrawn: Option<i64>) -> Said {
        Said { given_at: at(given), expires_at: end_of(at(given)), withdrawn_at: withdrawn.map(at) }
    }

    #[test]
    fn the_newest_word_counts_and_a_withdrawal_wins_a_tie() {
        let holds = |all: &[Said]| holds_until(all, at(100)).is_some();
        assert!(!holds(&[]));
        assert!(holds(&[said(0, None)]));
        assert!(!holds(&[said(0, Some(1))]));
        assert!(holds(&[said(0, Some(1)), said(2, None)]), "given again");
        assert!(
            !holds(&[said(0, None), said(2, Some(3))]),
            "of two merged records the newer withdrawal counts for both"
        );
        assert!(!holds(&[said(0, Some(3)), said(3, None)]), "a tie");
        assert!(!holds(&[said(101, None)]), "not yet given");
    }

    #[test]
    fn a_consent_ends_by_itself_after_24_months_to_the_moment() {
        let given: Timestamp = "2026-11-28T10:00:00Z".parse().unwrap();
        let one = Said { given_at: given, expires_at: end_of(given), withdrawn_at: None };
        let end: Timestamp = "2028-11-28T10:00:00Z".parse().unwrap();
        assert_eq!(holds_until(&[one], given), Some(end));
        let before = end.checked_sub(jiff::SignedDuration::from_micros(1)).unwrap();
        assert!(holds_until(&[one], before).is_some());
        assert!(holds_until(&[one], end).is_none());
    }

    #[test]
    fn opening_one_channel_leaves_the_others_forbidden() {
        use ProhibitionKind::{DirectMarketing, MarketingEmail, MarketingSms};
        let all = Prohibitions::NONE.with(DirectMarketing).with(MarketingEmail);
        let (set, lifted) = opens(all, Channel::Email);
        assert_eq!(lifted.iter().collect::<Vec<_>>(), [DirectMarketing, MarketingEmail]);
        assert!(!set.has(MarketingEmail) && set.has(MarketingSms) && set.iter().count() == 5);
        let (set, lifted) = opens(Prohibitions::NONE.with(MarketingSms), Channel::Sms);
        assert!(set.is_empty() && lifted.has(MarketingSms));
        assert_eq!(opens(Prohibitions::NONE, Channel::Sms), (Prohibitions::NONE, Prohibitions::NONE));
        assert_eq!(barred(all, Channel::Sms), Some(DirectMarketing));
        assert_eq!(barred(all, Channel::Processing), None);
    }

    #[test]
    fn staff_show_what_a_consent_rests_on() {
        let matter: Matter = "arjasmaa:marketing:email".parse().unwrap();
        assert_eq!(matter.to_string(), "arjasmaa:marketing:email");
        let draft = ConsentDraft {
            matters: vec![matter.to_string(), matter.to_string()],
            way: "paper".into(),
            evidence: "Lomake 12".into(),
            ..ConsentDraft::default()
        };
        let asked = [matter.clone()];
        assert_eq!(draft.validate(&asked, TODAY).unwrap().matters, asked);
        let fields = |draft: &ConsentDraft| -> Vec<String> {
            draft.validate(&asked, TODAY).unwrap_err().0.into_iter().map(|error| error.field).collect()
        };
        assert_eq!(fields(&ConsentDraft { evidence: " ".into(), ..draft.clone() }), ["evidence"]);
        assert_eq!(fields(&ConsentDraft::default()), ["matters", "way", "evidence"]);
        assert_eq!(fields(&ConsentDraft { way: "portal".into(), ..draft.clone() }), ["way"], "only the person uses it");
        assert_eq!(
            fields(&ConsentDraft { matters: vec!["arjasmaa:orders:email".into()], ..draft.clone() }),
            ["matters"]
        );
        for day in ["2026-11-29", "2024-11-28", "28.11."] {
            assert_eq!(fields(&ConsentDraft { given_on: day.into(), ..draft.clone() }), ["given_on"], "{day}");
        }
    }
}
