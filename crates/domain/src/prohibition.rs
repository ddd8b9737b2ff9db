//! Prohibitions (*kielto*): what a customer has forbidden, by purpose and channel (Art. 21(2)-(3); Act 917/2014 sections
//! 200-203; promises P09 and P24). An objection to marketing is absolute: nothing is weighed against it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::consent::{Channel, Channels};
use crate::field::{FieldError, FieldErrors, code};
use crate::id::{PartyId, ProhibitionId};
use crate::kind::Kind;
use crate::usage::Activity;

/// Most characters of a note.
const MAX_NOTE: usize = 500;
/// Most characters of the name of an opt-out list.
const MAX_LIST: usize = 100;

/// What is forbidden.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProhibitionKind {
    /// Direct marketing altogether (*suoramarkkinointikielto*, Art. 21(3)).
    DirectMarketing,
    /// Direct marketing by post.
    MarketingPost,
    /// Direct marketing by e-mail.
    MarketingEmail,
    /// Direct marketing by telephone.
    MarketingTelephone,
    /// Direct marketing by text message.
    MarketingSms,
    /// Being in directories and on mailing labels (promise P09).
    Directory,
    /// Updating the customer register from other registers (*päivityskielto*).
    RegisterUpdate,
    /// Targeted content in the company's web services.
    TargetedContent,
}

impl ProhibitionKind {
    /// All of them; their places are their bits in the database.
    pub const ALL: [Self; 8] = [
        Self::DirectMarketing,
        Self::MarketingPost,
        Self::MarketingEmail,
        Self::MarketingTelephone,
        Self::MarketingSms,
        Self::Directory,
        Self::RegisterUpdate,
        Self::TargetedContent,
    ];

    /// The name in the database, on the command line and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DirectMarketing => "direct_marketing",
            Self::MarketingPost => "marketing_post",
            Self::MarketingEmail => "marketing_email",
            Self::MarketingTelephone => "marketing_telephone",
            Self::MarketingSms => "marketing_sms",
            Self::Directory => "directory",
            Self::RegisterUpdate => "register_update",
            Self::TargetedContent => "targeted_content",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// By which way it came to us.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Told to customer service, by telephone or at the counter.
    CustomerService,
    /// By e-mail.
    Email,
    /// Told to the contact person.
    ContactPerson,
    /// By letter.
    Letter,
    /// By a list of those who opted out, kept by somebody else.
    OptOutList,
    /// By the customer themself, in the portal.
    Portal,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::CustomerService, Self::Email, Self::ContactPerson, Self::Letter, Self::OptOutList, Self::Portal];
    /// Those that staff enter.
    pub const ENTERED: [Self; 5] =
        [Self::CustomerService, Self::Email, Self::ContactPerson, Self::Letter, Self::OptOutList];
    /// Those of the customer's own word that staff can have heard.
    pub const OWN: [Self; 4] = [Self::CustomerService, Self::Email, Self::ContactPerson, Self::Letter];

    /// The name in the database, on the command line and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerService => "customer_service",
            Self::Email => "email",
            Self::ContactPerson => "contact_person",
            Self::Letter => "letter",
            Self::OptOutList => "opt_out_list",
            Self::Portal => "portal",
        }
    }
}

/// Neither a kind of prohibition nor a way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of the choices")]
pub struct UnknownWord(pub String);

macro_rules! word {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.into_iter().find(|word| word.as_str() == text).ok_or_else(|| UnknownWord(text.to_owned()))
            }
        }
    };
}
word!(ProhibitionKind);
word!(Way);

/// A set of kinds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prohibitions(u32);

impl Prohibitions {
    /// None.
    pub const NONE: Self = Self(0);

    /// The set with one more.
    #[must_use]
    pub const fn with(self, kind: ProhibitionKind) -> Self {
        Self(self.0 | kind.bit())
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn has(self, kind: ProhibitionKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// What is forbidden when both hold: of two records of one customer the strictest wins.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that both have.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is forbidden.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = ProhibitionKind> {
        ProhibitionKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }

    /// As the database keeps it.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0 as i64
    }

    /// From the database.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        ProhibitionKind::ALL.into_iter().filter(|kind| bits & i64::from(kind.bit()) != 0).collect()
    }

    /// Those that keep a customer off everything that is made for an activity. Somebody who forbade marketing altogether is
    /// on no mailing label either.
    #[must_use]
    pub const fn of_activity(activity: Activity) -> Self {
        use ProhibitionKind::{DirectMarketing, Directory, TargetedContent};
        match activity {
            Activity::Marketing => Self::NONE.with(DirectMarketing),
            Activity::Directory => Self::NONE.with(DirectMarketing).with(Directory),
            Activity::TargetedContent => Self::NONE.with(DirectMarketing).with(TargetedContent),
            _ => Self::NONE,
        }
    }
}

impl FromIterator<ProhibitionKind> for Prohibitions {
    fn from_iter<I: IntoIterator<Item = ProhibitionKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

/// What stands against using a customer's data, as it is now.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// What the customer has forbidden.
    pub prohibitions: Prohibitions,
    /// Whether the processing is restricted (Art. 18).
    pub restricted: bool,
    /// By what a use that markets may reach a natural person: what asks for no consent, and what they consented to or what the
    /// exception of existing customers opens. None for other uses.
    #[serde(skip)]
    pub permits: Channels,
}

impl Marks {
    /// The marks of two records that become one: the strictest wins.
    #[must_use]
    pub const fn strictest(self, other: Self) -> Self {
        Self {
            prohibitions: self.prohibitions.union(other.prohibitions),
            restricted: self.restricted || other.restricted,
            permits: self.permits.both(other.permits),
        }
    }

    /// Whether a contact value of a kind may be used for direct marketing. `natural`: a person who is not approached for an
    /// organisation. E-mail to a natural person asks for a consent given before, or for the exception of existing customers
    /// (section 200).
    #[must_use]
    pub const fn may_market_by(self, kind: Kind, natural: bool) -> bool {
        use ProhibitionKind::{DirectMarketing, MarketingEmail, MarketingPost, MarketingSms, MarketingTelephone};
        let forbidden = self.prohibitions;
        if forbidden.has(DirectMarketing) {
            return false;
        }
        match kind {
            Kind::Email => (!natural || self.permits.has(Channel::Email)) && !forbidden.has(MarketingEmail),
            // Nobody can tell by a number in a list whether it will be called or written to.
            Kind::Telephone => {
                (!natural || self.permits.has(Channel::Telephone))
                    && !forbidden.has(MarketingTelephone)
                    && !forbidden.has(MarketingSms)
            }
            Kind::PostalAddress => (!natural || self.permits.has(Channel::Post)) && !forbidden.has(MarketingPost),
            _ => true,
        }
    }

    /// Whether somebody may be reached for direct marketing by a channel. `natural`: as in [`Marks::may_market_by`].
    #[must_use]
    pub fn may_market_through(self, channel: Channel, natural: bool) -> bool {
        !self.restricted
            && crate::consent::barred(self.prohibitions, channel).is_none()
            && (!natural || self.permits.has(channel))
    }
}

/// A prohibition with its history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Prohibition {
    /// Its id.
    pub id: ProhibitionId,
    /// Whose it is.
    pub party: PartyId,
    /// What is forbidden.
    pub kind: ProhibitionKind,
    /// By which way it came.
    pub way: Way,
    /// The opt-out list that it came by.
    pub list: Option<String>,
    /// It ends by itself at this moment: opt-out lists have a term.
    pub expires_at: Option<Timestamp>,
    /// Who entered it, as the log names them.
    pub set_by: String,
    /// From when.
    pub set_at: Timestamp,
    /// When, by whom and by which way it was lifted.
    pub lifted: Option<Lifted>,
}

/// The end of a prohibition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Lifted {
    /// Who entered that, as the log names them.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// By which way the customer told it. None: it was entered by mistake.
    pub way: Option<Way>,
}

impl Prohibition {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.lifted.is_none() && self.expires_at.is_none_or(|until| now < until)
    }

    /// Whether `actor` may still take it back as a slip: the one who entered it, within a quarter of an hour. Later only the
    /// customer's own word lifts it.
    #[must_use]
    pub fn is_fresh_for(&self, actor: &str, now: Timestamp) -> bool {
        let age = now.duration_since(self.set_at);
        self.lifted.is_none() && self.set_by == actor && !age.is_negative() && age < SLIP
    }
}

/// For so long the one who entered a prohibition can take it back.
const SLIP: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

/// What a change of prohibitions was, sealed with the customer's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProhibitionChange {
    /// What was forbidden by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<ProhibitionKind>,
    /// What was lifted by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted: Vec<ProhibitionKind>,
    /// By which way the customer told it; none: a slip was taken back.
    pub way: Option<Way>,
    /// What was noted of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A prohibition as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProhibitionDraft {
    /// Names of what is forbidden.
    pub kinds: Vec<String>,
    /// The name of the way.
    pub way: String,
    /// A note.
    pub note: String,
    /// The opt-out list, when that is the way.
    pub list: String,
    /// Its last day (`YYYY-MM-DD`), when it has one.
    pub expires_on: String,
}

/// A prohibition checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidProhibition {
    /// What is forbidden.
    pub kinds: Prohibitions,
    /// By which way it came.
    pub way: Way,
    /// A note; may be empty.
    pub note: String,
    /// The opt-out list that it came by.
    pub list: Option<String>,
    /// Its last day.
    pub expires_on: Option<Date>,
}

impl ProhibitionDraft {
    /// Checks it. A list has a name; only a list's entries expire: what a customer says holds until they say otherwise.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, today: Date) -> Result<ValidProhibition, FieldErrors> {
        let mut errors = FieldErrors::default();
        let choice = |field: &str| FieldError::new(field, code::CHOICE_UNKNOWN);
        let kinds: Result<Prohibitions, FieldError> =
            self.kinds.iter().map(|kind| kind.parse::<ProhibitionKind>().map_err(|_| choice("kinds"))).collect();
        let kinds = errors.keep(kinds).unwrap_or_default();
        if kinds.is_empty() && errors.is_empty() {
            errors.push(FieldError::new("kinds", code::REQUIRED));
        }
        let way = Way::ENTERED.into_iter().find(|way| way.as_str() == self.way);
        let way = errors.keep(way.ok_or_else(|| choice("way")));
        let note = errors.keep(note("note", &self.note)).unwrap_or_default();
        let is_list = way == Some(Way::OptOutList);
        let list = self.list.trim();
        if is_list && list.is_empty() {
            errors.push(FieldError::new("list", code::REQUIRED));
        } else if list.chars().count() > MAX_LIST {
            errors.push(FieldError::new("list", code::TOO_LONG).with("max", MAX_LIST));
        }
        let expires_on = match self.expires_on.trim() {
            "" => None,
            text => errors.keep(text.parse::<Date>().map_err(|_| FieldError::new("expires_on", code::DATE_INVALID))),
        };
        if expires_on.is_some_and(|day| day < today) {
            errors.push(FieldError::new("expires_on", code::DATE_ORDER));
        }
        match way {
            Some(way) if errors.is_empty() => Ok(ValidProhibition {
                kinds,
                way,
                note,
                list: is_list.then(|| list.to_owned()),
                expires_on: expires_on.filter(|_| is_list),
            }),
            _ => Err(errors),
        }
    }
}

/// Checks a note: it may be empty, and have several lines.
pub(crate) fn note(field: &str, text: &str) -> Result<String, FieldError> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(FieldError::new(field, code::CONTROL_CHARACTER));
    }
    if text.chars().count() > MAX_NOTE {
        return Err(FieldError::new(field, code::TOO_LONG).with("max", MAX_NOTE));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 28);

    fn draft(kinds: &[&str], way: &str) -> ProhibitionDraft {
        ProhibitionDraft {
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            way: way.into(),
            ..ProhibitionDraft::default()
        }
    }

    #[test]
    fn words_and_bits_go_both_ways() {
        for kind in ProhibitionKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(
                Prohibitions::from_bits(Prohibitions::NONE.with(kind).bits()).iter().collect::<Vec<_>>(),
                [kind]
            );
        }
        for way in Way::ALL {
            assert_eq!(way.as_str().parse(), Ok(way));
        }
        assert!("fax".parse::<Way>().is_err());
    }

    #[test]
    fn what_keeps_off_what() {
        use ProhibitionKind::{DirectMarketing, Directory, MarketingPost, RegisterUpdate, TargetedContent};
        let kept_off = |kind, activity| Prohibitions::of_activity(activity).has(kind);
        for (kind, activities) in [
            (DirectMarketing, vec![Activity::Marketing, Activity::Directory, Activity::TargetedContent]),
            (Directory, vec![Activity::Directory]),
            (TargetedContent, vec![Activity::TargetedContent]),
            (RegisterUpdate, vec![]),
            // Of these the contact values are left out, not the customer.
            (MarketingPost, vec![]),
        ] {
            let found: Vec<_> = Activity::ALL.into_iter().filter(|activity| kept_off(kind, *activity)).collect();
            assert_eq!(found.len(), activities.len(), "{kind}: {found:?}");
            assert!(found.iter().all(|activity| activities.contains(activity)), "{kind}: {found:?}");
        }
    }

    #[test]
    fn a_channel_is_closed_by_its_own_prohibition_and_e_mail_to_natural_persons_by_the_law() {
        let marks = |kind: Option<ProhibitionKind>| Marks {
            prohibitions: kind.into_iter().collect(),
            permits: Channels::UNASKED,
            ..Marks::default()
        };
        let open = |kind: Option<ProhibitionKind>, natural| {
            [Kind::Email, Kind::Telephone, Kind::PostalAddress].map(|value| marks(kind).may_market_by(value, natural))
        };
        assert_eq!(open(None, false), [true, true, true]);
        assert_eq!(open(None, true), [false, true, true], "section 200");
        assert_eq!(open(Some(ProhibitionKind::MarketingEmail), false), [false, true, true]);
        assert_eq!(open(Some(ProhibitionKind::MarketingTelephone), false), [true, false, true]);
        assert_eq!(open(Some(ProhibitionKind::MarketingSms), false), [true, false, true]);
        assert_eq!(open(Some(ProhibitionKind::MarketingPost), false), [true, true, false]);
        assert_eq!(open(Some(ProhibitionKind::DirectMarketing), false), [false, false, false]);
    }

    #[test]
    fn a_form_is_checked_field_by_field() {
        let valid = draft(&["direct_marketing", "directory"], "letter").validate(TODAY).unwrap();
        assert_eq!(valid.kinds.iter().count(), 2);
        let fields = |draft: &ProhibitionDraft| -> Vec<String> {
            draft.validate(TODAY).unwrap_err().0.into_iter().map(|error| error.field).collect()
        };
        assert_eq!(fields(&draft(&[], "fax")), ["kinds", "way"]);
        assert_eq!(fields(&draft(&["sauna"], "email")), ["kinds"]);
        assert_eq!(fields(&draft(&["directory"], "opt_out_list")), ["list"]);
        let mut list =
            ProhibitionDraft { list: "Puhelinmarkkinoinnin kielto".into(), ..draft(&["directory"], "opt_out_list") };
        list.expires_on = "2026-11-27".into();
        assert_eq!(fields(&list), ["expires_on"]);
        list.expires_on = "2029-11-28".into();
        assert_eq!(list.validate(TODAY).unwrap().expires_on, Some(jiff::civil::date(2029, 11, 28)));
        let own = ProhibitionDraft { way: "email".into(), ..list };
        assert_eq!(own.validate(TODAY).unwrap().expires_on, None, "a customer's own word does not expire");
    }

    #[test]
    fn a_slip_is_taken_back_soon_and_by_who_made_it() {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let prohibition = Prohibition {
            id: ProhibitionId(uuid::Uuid::nil()),
            party: PartyId(uuid::Uuid::nil()),
            kind: ProhibitionKind::Directory,
            way: Way::CustomerService,
            list: None,
            expires_at: Some(at(60)),
            set_by: "user:1".into(),
            set_at: at(10),
            lifted: None,
        };
        assert!(prohibition.is_fresh_for("user:1", at(24)));
        assert!(!prohibition.is_fresh_for("user:2", at(24)));
        assert!(!prohibition.is_fresh_for("user:1", at(25)));
        assert!(prohibition.holds_at(at(59)) && !prohibition.holds_at(at(60)));
    }
}
