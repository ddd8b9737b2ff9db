//! The words of `notice.toml`: each enumerated value that a definition may use.

use crate::kind::Kind;
use crate::usage::Activity;

/// An enumerated value of the notice, read and suggested by its word.
pub(super) trait Vocabulary: Copy + PartialEq + 'static {
    /// All values.
    fn all() -> &'static [Self];
    /// The word in `notice.toml`.
    fn word(self) -> &'static str;
}

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$about])* $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it in `notice.toml`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl Vocabulary for $name {
            fn all() -> &'static [Self] {
                Self::ALL
            }
            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAWord;
            fn from_str(text: &str) -> Result<Self, NotAWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(NotAWord)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

/// Not a word of this list of the notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a word of the notice")]
pub struct NotAWord;

vocabulary! {
    /// A legal basis of Art. 6(1).
    LegalBasis {
        /// Art. 6(1)(a).
        Consent = "consent",
        /// Art. 6(1)(b).
        Contract = "contract",
        /// Art. 6(1)(c).
        LegalObligation = "legal_obligation",
        /// Art. 6(1)(d).
        VitalInterests = "vital_interests",
        /// Art. 6(1)(e).
        PublicTask = "public_task",
        /// Art. 6(1)(f); the interest must be told (Art. 13(1)(d)).
        LegitimateInterest = "legitimate_interest",
    }
    /// Whether a person has to give a kind of data (Art. 13(2)(e)).
    Requirement {
        /// It is given freely.
        Voluntary = "voluntary",
        /// An order or a contract can not be made without it.
        Contract = "contract",
        /// A law asks for it.
        Law = "law",
    }
    /// The unit of a retention period.
    PeriodUnit {
        /// Days.
        Days = "days",
        /// Months.
        Months = "months",
        /// Years.
        Years = "years",
    }
    /// The event from which a retention period runs.
    RetentionEvent {
        /// The value was collected.
        Collected = "collected",
        /// The person's last order.
        LastOrder = "last_order",
        /// The last contact with the person, of any sort.
        LastContact = "last_contact",
        /// The end of the customer relationship.
        RelationshipEnd = "relationship_end",
        /// The end of the person's task in the organisation.
        RepresentationEnd = "representation_end",
        /// The end of the calendar year in which the financial year ended (Accounting Act 1336/1997 2:10).
        FinancialYearEnd = "financial_year_end",
    }
    /// What sort of place a source is (Art. 14(2)(f)).
    SourceKind {
        /// The person themself.
        DataSubject = "data_subject",
        /// The organisation that the person represents.
        Organisation = "organisation",
        /// An authority that gives updates.
        Authority = "authority",
        /// A company that sells updates.
        UpdateService = "update_service",
        /// A subcontractor of the service.
        Subcontractor = "subcontractor",
        /// The person's own acts in a digital service: invitation link, cookie, sign-in.
        Digital = "digital",
        /// An earlier information system of the controller.
        OwnSystem = "own_system",
    }
    /// A ground on which data may be disclosed outside the group (promise P14). There are no others.
    Ground {
        /// A credit application of the person.
        CreditApplication = "credit_application",
        /// Collection of a debt.
        Collection = "collection",
        /// Invoicing.
        Invoicing = "invoicing",
        /// A law demands it.
        LegalObligation = "legal_obligation",
    }
    /// What an outside service provider is used for (promise P13).
    Service {
        /// A value-added service.
        ValueAdded = "value_added",
        /// Support of a credit decision.
        CreditDecision = "credit_decision",
    }
    /// When data may go outside the EU and the EEA (promise P15).
    TransferRule {
        /// Never.
        Never = "never",
        /// When the technical implementation needs it, under a safeguard.
        TechnicalNecessity = "technical_necessity",
    }
    /// What protects data outside the EU and the EEA (Art. 44-49).
    Safeguard {
        /// An adequacy decision of the Commission (Art. 45).
        AdequacyDecision = "adequacy_decision",
        /// Standard contractual clauses (Art. 46(2)(c), decision (EU) 2021/914).
        StandardClauses = "standard_clauses",
        /// Binding corporate rules (Art. 47).
        BindingRules = "binding_rules",
        /// A derogation for a specific situation (Art. 49).
        Derogation = "derogation",
    }
    /// The event of an order from which archiving is counted.
    ArchiveEvent {
        /// The order was delivered.
        Delivered = "delivered",
        /// The order was invoiced.
        Invoiced = "invoiced",
    }
    /// A form of a published directory.
    DirectoryForm {
        /// A file or a web page.
        Electronic = "electronic",
        /// Paper, such as mailing labels.
        Printed = "printed",
    }
    /// A way to forbid publication (promise P09).
    OptOut {
        /// Telling the customer service.
        CustomerService = "customer_service",
        /// By e-mail.
        Email = "email",
        /// Telling the register's contact person.
        Contact = "contact",
    }
    /// What prevents erasure on request (Art. 17(3), promise P16).
    ErasureObstacle {
        /// A law.
        Law = "law",
        /// Open invoices.
        OpenInvoices = "open_invoices",
        /// Collection.
        Collection = "collection",
    }
    /// A use of cookies (Act 917/2014, section 205).
    CookieUse {
        /// Needed for a service that the person asked for: no consent needed.
        Necessary = "necessary",
        /// Statistics of use.
        Statistics = "statistics",
        /// Targeted content.
        TargetedContent = "targeted_content",
    }
    /// A right of the person, as the notice lists them.
    Right {
        /// Art. 12-14.
        Information = "information",
        /// Art. 15: to inspect.
        Access = "access",
        /// Art. 16.
        Rectification = "rectification",
        /// Art. 17.
        Erasure = "erasure",
        /// Art. 18 and 21.
        RestrictionAndObjection = "restriction_and_objection",
        /// Art. 20.
        Portability = "portability",
        /// Art. 15(3): a copy.
        Copy = "copy",
        /// Art. 34.
        BreachInformation = "breach_information",
    }
    /// Who is told of a personal data breach.
    BreachNotice {
        /// The supervisory authority (Art. 33).
        Authority = "authority",
        /// The person (Art. 34).
        DataSubject = "data_subject",
    }
}

impl Vocabulary for Kind {
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Vocabulary for Activity {
    fn all() -> &'static [Self] {
        &Self::ALL
    }
    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl LegalBasis {
    /// The letter of Art. 6(1).
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Consent => 'a',
            Self::Contract => 'b',
            Self::LegalObligation => 'c',
            Self::VitalInterests => 'd',
            Self::PublicTask => 'e',
            Self::LegitimateInterest => 'f',
        }
    }
}

/// The word among `known` nearest to `word`, if it is near enough to be meant.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let length = word.chars().count();
    // The distance to a very long word costs its length in memory, and no word of ours is long.
    if length > 60 {
        return None;
    }
    let limit = (length / 3).max(2);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance <= limit)
        .map(|(_, candidate)| candidate)
}
