//! Partners (*yhteistyökumppanit*): the organisations outside the group that may receive data. Each stands under one
//! recipient or provider that the notice in force declares; one that does not receives nothing (promises P08, P13-P15).
//!
//! [`Partner::may_receive`] is asked by everything that lets data out or in: disclosures, tokens, webhooks. What exactly a
//! partner may receive is decided by [`crate::disclosure::decide`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::business_id::BusinessId;
use crate::id::{CompanyId, PartnerId, PurposeId};
use crate::kind::Kinds;
use crate::notice::{Ground, Location, Notice, Service};
pub use crate::partner_draft::{Made, PartnerDraft, QuotaDraft, SubProcessorDraft, ValidPartner};
use crate::transfer::{self, Protection};
use crate::word::words;

/// Days before the end of a contract from which it is told of.
pub const ENDS_SOON_DAYS: i32 = 60;
/// Days in which a partner is asked to return or delete what it has when the contract has ended (Art. 28(3)(g)).
pub const RETURN_DAYS: i32 = 30;
/// People and organisations that a partner may read over its interface for one purpose in a day, when nothing else is agreed:
/// who reads more than their work asks for is noticed before they have everybody.
pub const DAILY_QUOTA: u32 = 10_000;
/// The largest quota that can be agreed.
pub const LARGEST_QUOTA: u32 = 10_000_000;
/// The share of a quota from which its use is told as unusual, in per cent.
pub const NEARLY_USED: u32 = 80;

words! {
    /// Whose purposes the partner handles the data for.
    Role {
        /// The controller's, by its instructions (*käsittelijä*, Art. 28).
        Processor = "processor",
        /// Its own, as a controller (*vastaanottaja*, Art. 4(9)).
        Recipient = "recipient",
    }
    /// How data reaches the partner.
    Interface {
        /// A file that is fetched or carried.
        File = "file",
        /// E-mail.
        Email = "email",
        /// It reads over the partner API.
        Api = "api",
        /// It is told by a webhook and reads over the partner API.
        Webhook = "webhook",
        /// A file that is written where it reads on a schedule.
        Feed = "feed",
        /// By post.
        Post = "post",
    }
    /// Which people of its companies the partner may receive.
    People {
        /// All.
        Everyone = "everyone",
        /// Those who have ordered something.
        Buyers = "buyers",
        /// Those who represent an organisation.
        Representatives = "representatives",
        /// Those who represent none.
        Private = "private",
    }
    /// What a contract with a processor says (Art. 28(3)).
    ContractItem {
        /// The subject matter.
        Subject = "subject",
        /// The duration.
        Duration = "duration",
        /// The nature of the processing.
        Nature = "nature",
        /// Its purpose.
        Purpose = "purpose",
        /// The types of personal data.
        Data = "data",
        /// The categories of people.
        People = "people",
        /// Only on documented instructions (a).
        Instructions = "instructions",
        /// Confidentiality (b).
        Confidentiality = "confidentiality",
        /// Security (c, Art. 32).
        Security = "security",
        /// Sub-processors only with approval (d).
        SubProcessors = "sub_processors",
        /// Help with the rights of people (e).
        Rights = "rights",
        /// Help with Art. 32-36 (f).
        Assistance = "assistance",
        /// Return or deletion at the end (g).
        Return = "return",
        /// Information and audits (h).
        Audit = "audit",
    }
    /// What a partner did with what it had when the contract ended.
    Returned {
        /// It gave it back and has no copy.
        Returned = "returned",
        /// It deleted it.
        Deleted = "deleted",
        /// A law makes it keep it.
        KeptByLaw = "kept_by_law",
    }
}

/// Under which declaration of the notice the partner stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Under {
    /// A recipient.
    Recipient(String),
    /// A provider of a service.
    Provider(String),
}

impl Under {
    /// Reads `recipient:ID` or `provider:ID`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        match kind {
            "recipient" if !id.is_empty() => Some(Self::Recipient(id.to_owned())),
            "provider" if !id.is_empty() => Some(Self::Provider(id.to_owned())),
            _ => None,
        }
    }

    /// What the notice declares of it; none: nothing (any more).
    #[must_use]
    pub fn declared<'n>(&self, notice: &'n Notice) -> Option<Declared<'n>> {
        match self {
            Self::Recipient(id) => notice.recipients().iter().find(|known| known.id == *id).map(|known| Declared {
                name: &known.name,
                receives: Receives::On(known.ground),
                location: &known.location,
            }),
            Self::Provider(id) => notice.providers().iter().find(|known| known.id == *id).map(|known| Declared {
                name: &known.name,
                receives: Receives::For(known.service),
                location: &known.location,
            }),
        }
    }
}

impl std::fmt::Display for Under {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Recipient(id) => write!(f, "recipient:{id}"),
            Self::Provider(id) => write!(f, "provider:{id}"),
        }
    }
}

/// On what grounds, or for which service, a declaration lets data out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Receives {
    /// A recipient's ground.
    On(Ground),
    /// A provider's service.
    For(Service),
}

/// What the notice declares of a recipient or a provider.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'n> {
    /// Its name for people.
    pub name: &'n crate::notice::Text,
    /// Ground or service.
    pub receives: Receives,
    /// Where it is said to be.
    pub location: &'n Location,
}

/// A processor's processor (*alikäsittelijä*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubProcessor {
    /// Its name.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// The contract with a partner.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Contract {
    /// Where it is kept, or its number.
    pub reference: String,
    /// Its first day.
    pub from: Option<Date>,
    /// Its last day; none: until further notice.
    pub until: Option<Date>,
    /// What of Art. 28(3) it was checked to say.
    pub items: BTreeSet<ContractItem>,
}

impl Contract {
    /// What of Art. 28(3) it was not found to say.
    pub fn missing(&self) -> impl Iterator<Item = ContractItem> {
        ContractItem::ALL.iter().copied().filter(|item| !self.items.contains(item))
    }
}

/// The end of a contract, and what became of the data then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ending {
    /// The day on which it ended.
    pub on: Date,
    /// Until when return or deletion is to be confirmed.
    pub due: Date,
    /// How often it was asked for again.
    pub chased: u32,
    /// When last.
    pub chased_on: Option<Date>,
    /// What the partner confirmed.
    pub confirmed: Option<Confirmed>,
}

/// What a partner confirmed at the end of a contract.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Confirmed {
    /// What it did.
    pub how: Returned,
    /// The day of its confirmation.
    pub on: Date,
    /// Which document says so.
    pub note: String,
}

/// An organisation that may receive data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// Its name in the trade register; once a register.
    pub name: String,
    /// Its Finnish business id.
    pub business_id: Option<BusinessId>,
    /// The declaration of the notice.
    pub under: Under,
    /// Processor or recipient.
    pub role: Role,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// What protects data outside the EEA.
    pub protection: Protection,
    /// The contract.
    pub contract: Contract,
    /// The kinds of data that it may receive.
    pub kinds: Kinds,
    /// The companies of the group whose people it may receive.
    pub companies: Vec<CompanyId>,
    /// Which of their people.
    pub people: People,
    /// The groups of people of the notice that these are (Art. 28(3), 30(1)(c)).
    pub groups: Vec<String>,
    /// The purposes of the notice that it may serve.
    pub purposes: Vec<PurposeId>,
    /// How many people it may read over its interface in a day for a purpose, where that was agreed; see [`DAILY_QUOTA`].
    #[serde(default)]
    pub quotas: BTreeMap<PurposeId, u32>,
    /// How data reaches it.
    pub interface: Interface,
    /// Where e-mail to it goes, or empty.
    pub email: String,
    /// Its postal address by row.
    pub address: Vec<String>,
    /// Whom to reach of a personal data breach (Art. 33(2)).
    pub breach_contact: String,
    /// Its sub-processors.
    pub sub_processors: Vec<SubProcessor>,
    /// The end of the contract, when somebody ended it.
    pub ending: Option<Ending>,
    /// Grows by one with every change.
    pub version: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// How the contract of a partner stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It has not begun.
    NotBegun,
    /// It is in force.
    InForce,
    /// It is in force and ends within [`ENDS_SOON_DAYS`].
    EndsSoon,
    /// Its last day has passed, or somebody ended it.
    Ended,
}

impl Standing {
    /// The name as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotBegun => "not_begun",
            Self::InForce => "in_force",
            Self::EndsSoon => "ends_soon",
            Self::Ended => "ended",
        }
    }
}

impl Partner {
    /// How its contract stands on `today`.
    #[must_use]
    pub fn standing(&self, today: Date) -> Standing {
        let passed = self.contract.until.is_some_and(|until| until < today);
        if self.ending.is_some() || passed {
            Standing::Ended
        } else if self.contract.from.is_some_and(|from| today < from) {
            Standing::NotBegun
        } else if self.contract.until.is_some_and(|until| until <= today.saturating_add(ENDS_SOON_DAYS.days())) {
            Standing::EndsSoon
        } else {
            Standing::InForce
        }
    }

    /// Whether its contract lets it receive anything on `today`. A processor needs one that says all of Art. 28(3). What a
    /// disclosure asks besides is in [`crate::disclosure::decide`]; whether it is declared, in [`Partner::is_declared`].
    #[must_use]
    pub fn may_receive(&self, today: Date) -> bool {
        matches!(self.standing(today), Standing::InForce | Standing::EndsSoon) && self.has_contract()
    }

    /// Whether it has the contract that its role asks for.
    #[must_use]
    pub fn has_contract(&self) -> bool {
        match self.role {
            Role::Recipient => true,
            Role::Processor => {
                let contract = &self.contract;
                contract.from.is_some() && !contract.reference.is_empty() && contract.missing().next().is_none()
            }
        }
    }

    /// Whether the notice declares what it stands under.
    #[must_use]
    pub fn is_declared(&self, notice: &Notice) -> bool {
        self.under.declared(notice).is_some()
    }

    /// The countries in which it and its sub-processors handle data.
    pub fn countries(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.country.as_str()).chain(self.sub_processors.iter().map(|sub| sub.country.as_str()))
    }

    /// Whether anything of what it receives goes outside the EEA.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        transfer::outside(self.countries()).next().is_some()
    }

    /// Whether it still has to confirm that it returned or deleted what it had; a contract that ran out asks for it too.
    #[must_use]
    pub fn owes_return(&self, today: Date) -> bool {
        self.role == Role::Processor
            && self.standing(today) == Standing::Ended
            && self.ending.as_ref().is_none_or(|ending| ending.confirmed.is_none())
    }

    /// Whether it was confirmed that nothing is left with it.
    #[must_use]
    pub fn has_nothing_left(&self) -> bool {
        let confirmed = self.ending.as_ref().and_then(|ending| ending.confirmed.as_ref());
        confirmed.is_some_and(|confirmed| confirmed.how != Returned::KeptByLaw)
    }

    /// How many people it may read over its interface in a day for a purpose.
    #[must_use]
    pub fn quota(&self, purpose: &PurposeId) -> u32 {
        self.quotas.get(purpose).copied().unwrap_or(DAILY_QUOTA)
    }

    /// Its name in the log.
    #[must_use]
    pub fn log_name(&self) -> String {
        format!("partner:{}", self.id)
    }
}

#[cfg(test)]
#[path = "partner_tests.rs"]
pub(crate) mod tests;
