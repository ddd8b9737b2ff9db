//! Requests of people about their own data (Art. 12 and 15-22; promises P22-P25): what they ask, how they were recognised,
//! until when they are answered, and what shows that it was done.

mod draft;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::draft::{DecisionDraft, IdentityDraft, RequestDraft, ValidIdentity, ValidRequest, is_identity_number};
use crate::deadline;
use crate::id::{CompanyId, PackageId, PersonId, ProhibitionId, RequestId, RestrictionId};
use crate::language::Language;
use crate::letter::Letter;
use crate::money::Cents;
use crate::rectification::Correction;
use crate::word::words;

words! {
    /// What a person asks.
    RequestKind {
        /// To see the data (Art. 15).
        Access = "access",
        /// To get the data that they gave in a form that programs read (Art. 20).
        Portability = "portability",
        /// To have data corrected (Art. 16).
        Rectification = "rectification",
        /// To have data erased (Art. 17).
        Erasure = "erasure",
        /// To have the processing restricted (Art. 18).
        Restriction = "restriction",
        /// That the data is not used for direct marketing (Art. 21(2)). Nothing is weighed against it.
        MarketingObjection = "marketing_objection",
        /// That the data is not used for something else that rests on an interest (Art. 21(1)).
        Objection = "objection",
    }
}

impl RequestKind {
    /// The article of the General Data Protection Regulation.
    #[must_use]
    pub const fn article(self) -> &'static str {
        match self {
            Self::Access => "15",
            Self::Portability => "20",
            Self::Rectification => "16",
            Self::Erasure => "17",
            Self::Restriction => "18",
            Self::MarketingObjection => "21(2)",
            Self::Objection => "21(1)",
        }
    }

    /// Whether it can be carried out for somebody who was not recognised: who says no to marketing gets nothing by it and
    /// harms nobody (Art. 12(6) asks for more only on reasonable doubt).
    #[must_use]
    pub const fn needs_identity(self) -> bool {
        !matches!(self, Self::MarketingObjection)
    }
}

words! {
    /// How it came.
    Channel {
        /// By the person's own pages.
        Portal = "portal",
        /// By e-mail.
        Email = "email",
        /// By letter.
        Letter = "letter",
        /// By telephone.
        Telephone = "telephone",
        /// At the counter.
        Counter = "counter",
    }
}

impl Channel {
    /// Those by which staff receives.
    pub const OF_STAFF: [Self; 4] = [Self::Email, Self::Letter, Self::Telephone, Self::Counter];
}

words! {
    /// How the person was recognised, in proportion to what is asked (Art. 12(6)). A copy of an identity document is never kept.
    IdentityCheck {
        /// They were signed in to their own pages.
        PortalSession = "portal_session",
        /// It came from an e-mail address that the register knew before.
        KnownEmail = "known_email",
        /// They were called back at a number that the register knew before.
        CallBack = "call_back",
        /// They knew what only they can know, such as an order.
        Questions = "questions",
        /// They showed a paper with their picture; it was looked at and given back.
        PaperShown = "paper_shown",
        /// The answer goes to a postal address that the register knew before.
        KnownAddress = "known_address",
        /// Staff knows them in person.
        Known = "known",
    }
}

impl IdentityCheck {
    /// Those that staff can enter.
    pub const OF_STAFF: [Self; 6] =
        [Self::KnownEmail, Self::CallBack, Self::Questions, Self::PaperShown, Self::KnownAddress, Self::Known];
}

words! {
    /// How far a request has come.
    RequestState {
        /// It is being handled.
        Open = "open",
        /// A fee was asked for, and it waits for that (Art. 12(5)(a)).
        Fee = "fee",
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
        /// The person took it back.
        Withdrawn = "withdrawn",
    }
}

impl RequestState {
    /// Whether something is still to be done.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Fee)
    }
}

words! {
    /// Why a request is refused.
    RefusalGround {
        /// It is manifestly unfounded.
        Unfounded = "unfounded",
        /// It is excessive, by its repetition above all.
        Excessive = "excessive",
        /// Nobody could find out who asks.
        NotIdentified = "not_identified",
        /// The rights of others stand against it.
        RightsOfOthers = "rights_of_others",
        /// The Data Protection Act stands against it.
        NationalLaw = "national_law",
        /// The law asks that the data is kept.
        LegalObligation = "legal_obligation",
        /// The data is needed for a legal claim.
        LegalClaims = "legal_claims",
        /// The data is right, or that it is wrong could not be shown.
        Accurate = "accurate",
        /// What the article asks for is not there.
        ConditionsNotMet = "conditions_not_met",
        /// The person did not give the data, or it rests on neither consent nor contract.
        NotProvided = "not_provided",
        /// Compelling grounds outweigh the person's.
        OverridingGrounds = "overriding_grounds",
    }
}

impl RefusalGround {
    /// The law that it rests on.
    #[must_use]
    pub const fn law(self) -> &'static str {
        match self {
            Self::Unfounded | Self::Excessive => "Art. 12(5)(b)",
            Self::NotIdentified => "Art. 11(2), 12(2), 12(6)",
            Self::RightsOfOthers => "Art. 15(4), 20(4)",
            Self::NationalLaw => "1050/2018 § 34",
            Self::LegalObligation => "Art. 17(3)(b)",
            Self::LegalClaims => "Art. 17(3)(e), 21(1)",
            Self::Accurate => "Art. 16",
            Self::ConditionsNotMet => "Art. 17(1), 18(1)",
            Self::NotProvided => "Art. 20(1)",
            Self::OverridingGrounds => "Art. 21(1)",
        }
    }

    /// Whether a request of a kind can be refused on it. An objection to marketing can not be refused on its merits.
    #[must_use]
    pub const fn fits(self, kind: RequestKind) -> bool {
        use RequestKind as K;
        match self {
            Self::Unfounded | Self::Excessive => !matches!(kind, K::MarketingObjection),
            Self::NotIdentified => kind.needs_identity(),
            Self::RightsOfOthers => matches!(kind, K::Access | K::Portability),
            Self::NationalLaw => matches!(kind, K::Access),
            Self::LegalObligation => matches!(kind, K::Erasure),
            Self::LegalClaims => matches!(kind, K::Erasure | K::Objection),
            Self::Accurate => matches!(kind, K::Rectification),
            Self::ConditionsNotMet => matches!(kind, K::Erasure | K::Restriction),
            Self::NotProvided => matches!(kind, K::Portability),
            Self::OverridingGrounds => matches!(kind, K::Objection),
        }
    }
}

/// What shows that a request was done. The store looks it up in the transaction that closes the request: nothing is closed as
/// done that was not done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// The package that was made for it.
    Package(PackageId),
    /// The entry of the log by which data was corrected.
    Correction(u64),
    /// The restriction that was set.
    Restriction(RestrictionId),
    /// The prohibition that was entered.
    Prohibition(ProhibitionId),
    /// The erasure that ended.
    Erasure(Uuid),
}

impl Done {
    /// Whether it can show that a request of a kind was done.
    #[must_use]
    pub const fn fits(self, kind: RequestKind) -> bool {
        use RequestKind as K;
        match self {
            Self::Package(_) => matches!(kind, K::Access | K::Portability),
            Self::Correction(_) => matches!(kind, K::Rectification),
            Self::Restriction(_) => matches!(kind, K::Restriction),
            Self::Prohibition(_) => matches!(kind, K::MarketingObjection | K::Objection),
            Self::Erasure(_) => matches!(kind, K::Erasure | K::Objection),
        }
    }
}

/// As the log and the database name it: `package:ID`, `correction:NUMBER`, `erasure:ID`, ...
impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package(id) => write!(f, "package:{id}"),
            Self::Correction(seq) => write!(f, "correction:{seq}"),
            Self::Restriction(id) => write!(f, "restriction:{id}"),
            Self::Prohibition(id) => write!(f, "prohibition:{id}"),
            Self::Erasure(id) => write!(f, "erasure:{id}"),
        }
    }
}

/// Not a name of what shows that a request was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this does not name what shows that a request was done")]
pub struct UnknownDone;

impl FromStr for Done {
    type Err = UnknownDone;
    fn from_str(text: &str) -> Result<Self, UnknownDone> {
        let (what, which) = text.split_once(':').ok_or(UnknownDone)?;
        let id = || which.parse::<Uuid>().map_err(|_| UnknownDone);
        Ok(match what {
            "package" => Self::Package(PackageId(id()?)),
            "correction" => Self::Correction(which.parse().map_err(|_| UnknownDone)?),
            "restriction" => Self::Restriction(RestrictionId(id()?)),
            "prohibition" => Self::Prohibition(ProhibitionId(id()?)),
            "erasure" => Self::Erasure(id()?),
            _ => return Err(UnknownDone),
        })
    }
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Whose it is; none: nobody has found the card yet, or there is none.
    pub person: Option<PersonId>,
    /// The company that received it.
    pub company: CompanyId,
    /// What is asked.
    pub kind: RequestKind,
    /// How it came.
    pub channel: Channel,
    /// The language in which it is answered.
    pub language: Language,
    /// The day from which the time runs.
    pub received_on: Date,
    /// The last day to answer it.
    pub due_on: Date,
    /// When the time was extended, with notice (Art. 12(3)).
    pub extended_on: Option<Date>,
    /// How far it has come.
    pub state: RequestState,
    /// How the person was recognised.
    pub identity: Option<IdentityCheck>,
    /// The fee that was asked for (Art. 12(5)(a)).
    pub fee: Option<Cents>,
    /// The ground of a refusal.
    pub ground: Option<RefusalGround>,
    /// What shows that it was done.
    #[serde(skip)]
    pub done: Option<Done>,
    /// When it was closed.
    pub closed_on: Option<Date>,
    /// Who entered it, as the log names them.
    pub entered_by: String,
    /// When.
    pub entered_at: Timestamp,
    /// Grows by one with every change.
    pub version: i64,
    /// Whether the erasure that it asks for was decided and waits for what holds the data: the person was told so.
    pub waits: bool,
}

impl Request {
    /// Whether its time is over and it is not answered.
    #[must_use]
    pub fn is_late(&self, today: Date) -> bool {
        self.state.is_open() && !self.waits && self.due_on < today
    }

    /// The last day on which its time can be extended: the notice goes within the first month (Art. 12(3)).
    #[must_use]
    pub fn extendable_until(&self) -> Date {
        deadline::months_after(self.received_on, deadline::MONTHS)
    }

    /// Whether its time can be extended on a day.
    #[must_use]
    pub fn may_extend(&self, today: Date) -> bool {
        self.state.is_open() && self.extended_on.is_none() && today <= self.extendable_until()
    }

    /// What is to be done next.
    #[must_use]
    pub const fn next(&self) -> Next {
        match self.state {
            RequestState::Done | RequestState::Refused | RequestState::Withdrawn => return Next::Nothing,
            RequestState::Fee => return Next::AwaitFee,
            RequestState::Open => {}
        }
        if self.person.is_none() {
            return Next::FindCard;
        }
        if self.identity.is_none() && self.kind.needs_identity() {
            return Next::Recognise;
        }
        match self.kind {
            RequestKind::Erasure if self.waits => Next::AwaitHolds,
            RequestKind::Access | RequestKind::Portability => Next::MakePackage,
            RequestKind::Rectification => Next::Correct,
            RequestKind::Erasure => Next::Erase,
            RequestKind::Restriction => Next::Restrict,
            RequestKind::MarketingObjection => Next::Answer,
            RequestKind::Objection => Next::Decide,
        }
    }
}

words! {
    /// The next step of a request.
    Next {
        /// Find out whose it is.
        FindCard = "find_card",
        /// Recognise the person.
        Recognise = "recognise",
        /// Wait for the fee.
        AwaitFee = "await_fee",
        /// Make the package.
        MakePackage = "make_package",
        /// Carry out the corrections.
        Correct = "correct",
        /// Erase.
        Erase = "erase",
        /// Nothing: it is erased by itself when what holds the data falls.
        AwaitHolds = "await_holds",
        /// Restrict the processing.
        Restrict = "restrict",
        /// Weigh the grounds and decide.
        Decide = "decide",
        /// It is done: answer and close.
        Answer = "answer",
        /// Nothing: it is closed.
        Nothing = "nothing",
    }
}

/// What was said in a request, sealed under the person's key; before a card is found, under the register's.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// Who asks, as they said it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where to answer, as they said it: rows of an address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reach: String,
    /// What they ask, in their words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What was looked at to recognise them; never a number of a document.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub checked: String,
    /// What is wrong and what is right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
}

words! {
    /// What happened to a request.
    EventKind {
        /// It was received.
        Received = "received",
        /// The person's card was found.
        Linked = "linked",
        /// The person was recognised.
        Recognised = "recognised",
        /// More was asked to recognise them.
        AskedIdentity = "asked_identity",
        /// The time was extended.
        Extended = "extended",
        /// A fee was asked for.
        FeeAsked = "fee_asked",
        /// The fee was paid, or left.
        FeeSettled = "fee_settled",
        /// A package was made.
        PackageMade = "package_made",
        /// Something was corrected.
        Corrected = "corrected",
        /// A correction was declined.
        Declined = "declined",
        /// The erasure was decided, and waits for what holds the data.
        Waits = "waits",
        /// It waits no longer, and nothing was erased.
        WaitEnded = "wait_ended",
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

/// What was written and noted in an event, sealed as [`Said`] is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Noted {
    /// Why.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reasons: String,
    /// The letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<Letter>,
    /// Rows of its envelope.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recipient: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_named_both_ways() {
        let id = Uuid::from_u128(7);
        for done in [
            Done::Package(PackageId(id)),
            Done::Correction(12),
            Done::Restriction(RestrictionId(id)),
            Done::Prohibition(ProhibitionId(id)),
            Done::Erasure(id),
        ] {
            assert_eq!(done.to_string().parse(), Ok(done));
        }
        assert!("word:of honour".parse::<Done>().is_err());
    }

    #[test]
    fn marketing_can_not_be_defended_and_every_other_kind_can_be_refused() {
        for kind in RequestKind::ALL {
            let grounds: Vec<_> = RefusalGround::ALL.iter().filter(|ground| ground.fits(*kind)).collect();
            assert_eq!(grounds.is_empty(), *kind == RequestKind::MarketingObjection, "{kind}");
        }
    }
}
