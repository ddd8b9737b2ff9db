//! Credit applications: what a customer applies for, what is asked about them elsewhere, and what a person decides. The
//! rules are in [`Standing`]; the store has the same ones as keys and checks, so that neither can be passed by.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::id::{
    CompanyId, CreditApplicationId, CreditEnquiryId, CreditReviewId, CreditServiceId, OrganisationId, PartnerId,
    PartyId, PersonId,
};
use crate::letter::Letter;
use crate::money::Cents;
use crate::usage::ActorId;

pub use crate::credit_draft::{
    AnswerDraft, ApplicationDraft, DecisionDraft, MAX_CLASS, MAX_ENTRIES, MAX_REFERENCE, ReviewDraft, ServiceDraft,
    ValidApplication, ValidDecision, ValidReview, ValidService,
};
pub use crate::credit_letter::{LetterFacts, letter};
use crate::word::words;

/// Days after which an application that nobody decided lapses: a rule of this program, no law. Who applied so long ago
/// applies again, since what was asked about them then no longer tells how they are.
pub const LIFE_DAYS: i64 = 60;
/// Days that an answer may be used at most, whatever the one who gave it says: a rule of this program. An answer is given
/// for one decision (Credit Data Act 527/2007 section 5).
pub const LONGEST_ANSWER_DAYS: i64 = 30;
/// Days from one review of the enquiries to the next (section 20: who fetches credit data audits its own queries).
pub const REVIEW_EVERY_DAYS: i64 = 90;

words! {
    /// How far an application has come.
    ApplicationState {
        /// Applied, and nothing is known from elsewhere: the only state in which an enquiry may be made.
        Pending = "pending",
        /// An answer is there that may be used still.
        Answered = "answered",
        /// A person has decided.
        Decided = "decided",
        /// The customer took it back.
        Withdrawn = "withdrawn",
        /// Nobody decided it in time.
        Expired = "expired",
    }
    /// The way in which a customer applied.
    Channel {
        /// Face to face.
        InPerson = "in_person",
        /// By telephone.
        Telephone = "telephone",
        /// By e-mail.
        Email = "email",
        /// By a letter or a form on paper.
        Paper = "paper",
        /// In a web service.
        Web = "web",
    }
    /// How far an enquiry has come.
    EnquiryState {
        /// Recorded; the answer is not there. It may have been sent.
        Open = "open",
        /// Answered.
        Answered = "answered",
        /// Given up: the application was decided, withdrawn or lapsed meanwhile, or a person gave it up.
        Closed = "closed",
    }
    /// How a service is asked.
    Method {
        /// By its HTTP interface.
        Rest = "rest",
        /// By a file or in any other way; the answer is typed in.
        Manual = "manual",
    }
    /// What an answer says of the one asked about.
    Finding {
        /// Known, and no payment default is entered.
        Clear = "clear",
        /// Payment defaults (*maksuhäiriömerkintä*) or other entries are there.
        Entries = "entries",
        /// The register does not know them.
        NotFound = "not_found",
    }
    /// What the service's own rules propose. It is shown, and decides nothing (GDPR Art. 22).
    Proposal {
        /// To grant.
        Grant = "grant",
        /// To refuse.
        Refuse = "refuse",
        /// That a person looks at it.
        Review = "review",
    }
    /// What was decided.
    Outcome {
        /// Granted as applied for.
        Granted = "granted",
        /// Less was granted than was applied for.
        Reduced = "reduced",
        /// Refused.
        Refused = "refused",
    }
    /// Why no answer came.
    Trouble {
        /// The service has taken the enquiry and has no answer yet (202).
        Later = "later",
        /// The answer is not of the form that is agreed on.
        Form = "form",
        /// The answer is to another enquiry.
        Other = "other",
        /// The answer came when the application could no longer use it; it was thrown away.
        Late = "late",
        /// The program was stopped before the answer was kept.
        Interrupted = "interrupted",
        /// Not an address that can be asked.
        Address = "address",
        /// Without TLS, to a host that the operator has not named.
        Plain = "plain",
        /// The host is inside the network, and the operator has not named it.
        Internal = "internal",
        /// The host has no address.
        UnknownHost = "unknown_host",
        /// No connection, or it broke.
        Connection = "connection",
        /// It took too long.
        Timeout = "timeout",
        /// The server's certificate is not one that is trusted, or it speaks no TLS.
        Tls = "tls",
        /// It leads elsewhere: an enquiry is not sent on.
        Redirect = "redirect",
        /// The server refused; the status is told beside.
        Status = "status",
        /// Larger than allowed.
        TooLarge = "too_large",
        /// Compressed, though that was not asked for.
        Encoding = "encoding",
        /// The answer was no HTTP.
        Answer = "answer",
        /// The secret can not stand in a header, or not be opened.
        Secret = "secret",
        /// What came could not be written.
        Disk = "disk",
        /// The certificates that are to be trusted can not be read.
        Certificates = "certificates",
    }
}

/// Who applies: one of the two, or a person on behalf of an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Applicant {
    /// A person.
    Person(PersonId),
    /// An organisation.
    Organisation(OrganisationId),
}

impl Applicant {
    /// The party.
    #[must_use]
    pub fn party(self) -> PartyId {
        match self {
            Self::Person(id) => id.into(),
            Self::Organisation(id) => id.into(),
        }
    }
}

/// An application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Application {
    /// Its id.
    pub id: CreditApplicationId,
    /// The company of the group that is asked for credit.
    pub company: CompanyId,
    /// Who applies.
    pub applicant: Applicant,
    /// How far it has come.
    pub state: ApplicationState,
    /// The day on which it was made.
    pub applied_on: Date,
    /// The way in which it was made.
    pub channel: Channel,
    /// What for, in the words of who wrote it down.
    pub what_for: String,
    /// How much.
    pub amount: Cents,
    /// When the applicant was told that credit data is asked for, and from which register (section 19).
    pub told_on: Option<Date>,
    /// The last day on which it can be decided.
    pub lapses_on: Date,
    /// Whether any enquiry about it was answered, also when the answer is gone.
    pub used_credit_data: bool,
    /// What was decided.
    pub decision: Option<Decision>,
    /// What the applicant was told, when the law asks for telling.
    pub letter: Option<Letter>,
    /// Who wrote it down.
    pub entered_by: String,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// A decision that a person has made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What.
    pub outcome: Outcome,
    /// How much was granted.
    pub granted: Cents,
    /// Why, in the person's own words.
    pub reasons: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// An enquiry about an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Enquiry {
    /// Its id, which is also the key by which the service recognises it when it is sent again.
    pub id: CreditEnquiryId,
    /// The application that it belongs to.
    pub application: CreditApplicationId,
    /// The service that is asked.
    pub service: CreditServiceId,
    /// What the service was called then.
    pub service_name: String,
    /// The register that it answers from, as the service was set up then.
    pub source_register: String,
    /// How it was asked.
    pub method: Method,
    /// How far it has come.
    pub state: EnquiryState,
    /// Who asked.
    pub asked_by: String,
    /// When it was recorded.
    pub asked_at: Timestamp,
    /// How often it was sent.
    pub attempts: i64,
    /// Until when somebody is sending it.
    pub busy_until: Option<Timestamp>,
    /// Why no answer came.
    pub trouble: Option<Trouble>,
    /// The status that the service answered then.
    pub status: Option<String>,
    /// When the answer came.
    pub answered_at: Option<Timestamp>,
    /// The last day on which the answer may be used or shown.
    pub answer_until: Option<Date>,
    /// What was answered; none: not answered, or no longer to be shown.
    pub answer: Option<Answer>,
}

/// What a service says: only what a decision needs. Whatever else it sends is not kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// What it says.
    pub finding: Finding,
    /// How many entries there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u32>,
    /// The class that the service gives, in its own letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What its rules propose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// What the service calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The register that it comes from.
    pub register: String,
}

/// A service that can be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its id.
    pub id: CreditServiceId,
    /// What people call it; once a register.
    pub name: String,
    /// The partner that answers: what of whom it may receive is decided by [`crate::disclosure::decide`].
    pub partner: PartnerId,
    /// The register that it answers from, as people are told (section 19).
    pub source_register: String,
    /// How it is asked.
    pub method: Method,
    /// The address; empty for a manual one.
    pub address: String,
    /// Whether a secret is kept for it.
    pub has_secret: bool,
    /// When the secret was last changed.
    pub secret_at: Option<Timestamp>,
    /// Whether it may be asked.
    pub active: bool,
    /// Grows by one with every change.
    pub version: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// A review of a company's enquiries that a person signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Review {
    /// Its id.
    pub id: CreditReviewId,
    /// The company.
    pub company: CompanyId,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Enquiries of those days.
    pub enquiries: i64,
    /// How many of them the reviewer had made.
    pub own: i64,
    /// What was found.
    pub remarks: String,
    /// Who signed.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Why a step can not be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotNow {
    /// It is not pending: nothing may be asked about the applicant (promise P13).
    #[error("a credit enquiry needs a pending credit application")]
    NotPending,
    /// It was decided, withdrawn, or has lapsed.
    #[error("the credit application is closed")]
    Closed,
    /// It was not decided in time.
    #[error("the credit application has lapsed")]
    Lapsed,
    /// The applicant was not told beforehand (section 19).
    #[error("the applicant has not been told that credit data is asked for")]
    NotTold,
    /// An enquiry waits for its answer.
    #[error("an enquiry about this application waits for its answer")]
    EnquiryOpen,
    /// No enquiry waits for an answer.
    #[error("no enquiry about this application waits for an answer")]
    NoEnquiry,
    /// Somebody is sending it at this moment.
    #[error("the enquiry is being sent")]
    Busy,
    /// Only a person decides (Art. 22).
    #[error("only a person can decide a credit application")]
    NotAPerson,
    /// A manual service is not sent anything, and a REST service's answer is not typed in.
    #[error("the service is not asked so")]
    Method,
}

/// What a decision has to bring with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closing {
    /// Whether the applicant must be told at once that credit data was used, and from which register (section 19).
    pub needs_letter: bool,
}

/// Where an application stands: all that the rules look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// How far it has come.
    pub state: ApplicationState,
    /// Whether an enquiry waits for its answer.
    pub open: bool,
    /// Whether any enquiry was answered.
    pub used_credit_data: bool,
    /// Whether the applicant was told beforehand.
    pub told: bool,
    /// The last day on which it can be decided.
    pub lapses_on: Date,
}

impl Application {
    /// Where it stands.
    #[must_use]
    pub fn standing(&self, open: bool) -> Standing {
        Standing {
            state: self.state,
            open,
            used_credit_data: self.used_credit_data,
            told: self.told_on.is_some(),
            lapses_on: self.lapses_on,
        }
    }
}

impl ApplicationState {
    /// Whether nothing happens to it any more.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Decided | Self::Withdrawn | Self::Expired)
    }
}

impl Standing {
    /// Whether it can still be decided.
    ///
    /// # Errors
    /// It is closed, or has lapsed.
    pub fn living(&self, today: Date) -> Result<(), NotNow> {
        match self.state {
            state if state.is_closed() => Err(NotNow::Closed),
            _ if self.lapses_on < today => Err(NotNow::Lapsed),
            _ => Ok(()),
        }
    }

    /// Whether something may be asked about the applicant.
    ///
    /// # Errors
    /// Only while the application is pending, the applicant was told, and nothing is asked already.
    pub fn enquire(&self, today: Date) -> Result<(), NotNow> {
        self.living(today)?;
        if self.state != ApplicationState::Pending {
            return Err(NotNow::NotPending);
        }
        if !self.told {
            return Err(NotNow::NotTold);
        }
        if self.open { Err(NotNow::EnquiryOpen) } else { Ok(()) }
    }

    /// Whether an answer may be kept.
    ///
    /// # Errors
    /// Nothing was asked, or it can not be used any more.
    pub fn answer(&self, today: Date) -> Result<(), NotNow> {
        self.living(today)?;
        if self.state == ApplicationState::Pending && self.open { Ok(()) } else { Err(NotNow::NoEnquiry) }
    }

    /// Whether `by` may decide, and what has to come with it. A refusal, also a partial one, of an application about which
    /// credit data was obtained is taken to rest on it: nobody can tell what was not thought of.
    ///
    /// # Errors
    /// It is closed or has lapsed, or `by` is not a person: a refusal made by a program alone is none (Art. 22).
    pub fn decide(&self, outcome: Outcome, by: &ActorId, today: Date) -> Result<Closing, NotNow> {
        match by {
            ActorId::User(_) | ActorId::Operator(_) => {}
            // The applicant does not decide about their own application.
            ActorId::Program(_) | ActorId::Partner(_) | ActorId::Person(_) | ActorId::Nobody => {
                return Err(NotNow::NotAPerson);
            }
        }
        self.living(today)?;
        if self.open {
            // What is on its way is waited for, or given up by a person.
            return Err(NotNow::EnquiryOpen);
        }
        Ok(Closing { needs_letter: outcome != Outcome::Granted && self.used_credit_data })
    }

    /// Whether the customer's taking it back changes anything.
    ///
    /// # Errors
    /// It is closed.
    pub const fn withdraw(&self) -> Result<(), NotNow> {
        if self.state.is_closed() { Err(NotNow::Closed) } else { Ok(()) }
    }
}

/// The last day on which an application of a day can be decided.
#[must_use]
pub fn lapses_on(applied_on: Date) -> Date {
    applied_on.saturating_add(LIFE_DAYS.days())
}

/// The last day on which an answer may be used: the service's own, but no later than [`LONGEST_ANSWER_DAYS`] from today.
#[must_use]
pub fn usable_until(given: Option<Date>, today: Date) -> Date {
    let longest = today.saturating_add(LONGEST_ANSWER_DAYS.days());
    given.map_or(longest, |given| given.min(longest))
}

/// The first day that a review has not covered, and whether a new one is due: there are enquiries since, and so many days
/// have passed.
#[must_use]
pub fn review_due(reviewed_until: Option<Date>, first_enquiry: Option<Date>, today: Date) -> bool {
    // Enquiries that a review has covered do not make another one due.
    let since = match (reviewed_until, first_enquiry) {
        (_, None) => return false,
        (Some(until), Some(_)) => until,
        (None, Some(first)) => first,
    };
    since.saturating_add(REVIEW_EVERY_DAYS.days()) <= today
}

#[cfg(test)]
#[path = "credit_tests.rs"]
mod tests;
