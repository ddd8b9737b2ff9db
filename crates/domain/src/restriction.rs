//! The restriction of processing (*käsittelyn rajoittaminen*, Art. 18; promise P24): the data is stored, and nothing else is
//! done with it save what Art. 18(2) allows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::field::{FieldError, FieldErrors, code};
use crate::id::{ExceptionId, MailId, PartyId, RestrictionId};
use crate::prohibition::note;
use crate::rights::Action;
use crate::usage::Activity;
use crate::word::words;

/// Most days that an exception is given for.
pub const MAX_DAYS: i64 = 30;

words! {
    /// Why the processing is restricted (Art. 18(1)).
    RestrictionGround {
        /// The person contests the accuracy of the data, for as long as it takes to verify it (a).
        AccuracyContested = "accuracy_contested",
        /// The processing was unlawful and the person asks for restriction instead of erasure (b).
        UnlawfulNotErased = "unlawful_not_erased",
        /// We do not need the data, but the person does, for a legal claim (c).
        NeededForClaims = "needed_for_claims",
        /// The person has objected, and it is not yet decided whose grounds weigh more (d).
        ObjectionPending = "objection_pending",
    }
}

words! {
    /// For what a restricted person's data may be used all the same (Art. 18(2)).
    ExceptionGround {
        /// The person's consent.
        Consent = "consent",
        /// The establishment, exercise or defence of legal claims.
        LegalClaims = "legal_claims",
        /// The protection of the rights of another person.
        RightsOfAnother = "rights_of_another",
        /// An important public interest of the Union or of a member state.
        PublicInterest = "public_interest",
    }
}

words! {
    /// How the person was told that a restriction will be lifted (Art. 18(3)).
    Told {
        /// By letter.
        Letter = "letter",
        /// By e-mail.
        Email = "email",
    }
}

/// Days after which a letter is taken to have arrived (Administrative Procedure Act 434/2003 section 59): only then is the
/// restriction lifted by itself of which it tells (Art. 18(3)).
pub const DAYS_OF_LETTER: i64 = 7;

/// What becomes of an action when the processing of the customer whom it concerns is restricted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WhenRestricted {
    /// It is refused, and in lists the customer is not there, unless an exception under Art. 18(2) is in force for the
    /// action's activity.
    Stops,
    /// It is refused even then: there is no use that Art. 18(2) could allow.
    StopsAlways,
    /// A list or a search: those who handle restrictions find the card by a row that says the name and no more; for others
    /// the customer is not there.
    Masks,
    /// Part of handling the restriction itself: only those go on who may lift it.
    Handlers,
    /// The customer is found, so that nobody is entered twice, and nothing of theirs changes: what would, waits.
    Waits,
    /// The customer's own rights and what the law orders: it goes on.
    Passes,
    /// It is about no customer's data.
    NoCustomer,
}

/// The reviewed list. There is no catch-all: an action without a line does not compile.
#[must_use]
pub const fn when_restricted(action: Action) -> WhenRestricted {
    use Action as A;
    use WhenRestricted::{Handlers, Masks, NoCustomer, Passes, Stops, StopsAlways, Waits};
    match action {
        A::PersonList | A::PersonSearch | A::OrganisationList | A::RestrictionList => Masks,
        // Whether data is right can not be examined without seeing it, nor its use without its log.
        A::PersonShow | A::PersonShowProtected | A::OrganisationShow | A::PersonHistory => Handlers,
        // Merging joins the records of one person; the restriction of either holds afterwards.
        A::PartyMerge => Handlers,
        // A correction is what the person asked for (Art. 16), under an exception with its reason.
        A::PersonChange | A::PersonRevert | A::OrganisationChange | A::PersonProtect => Stops,
        A::PersonCreate | A::OrganisationCreate | A::OrganisationFetch => Stops,
        A::OrderList | A::OrderShow | A::OrderCreate | A::OrderChange | A::OrderArchive => Stops,
        A::InvoiceList | A::InvoiceShow | A::InvoiceChange | A::InvoiceSend | A::InvoiceExport => Stops,
        A::LetterWrite | A::MailSend | A::MessageWrite => Stops,
        A::MailList | A::MailRetry | A::MailCancel | A::MailDeliver => Stops,
        // A list that leaves the register, a guess at who is who, a value that goes: no exception is needed for them.
        A::PersonExport
        | A::OrganisationExport
        | A::OrderExport
        | A::DuplicateList
        | A::DuplicateDecide
        | A::KindRemove => StopsAlways,
        A::ProposalList | A::ProposalDecide | A::ImportUndo => StopsAlways,
        A::BulkRun | A::InvoiceMirror | A::PartnerRead | A::PartnerPropose => Stops,
        A::ReminderList | A::ReminderSend | A::CollectionNote | A::CollectionHandOver | A::CollectionEnd => Stops,
        A::CreditList | A::CreditShow | A::CreditApply | A::CreditEnquire | A::CreditDecide => Stops,
        // Money that comes in is booked: the Accounting Act asks for it, and which debt it pays is a legal claim.
        A::PaymentList | A::PaymentImport | A::PaymentEnter | A::PaymentPlace | A::PaymentUndo => Passes,
        // What may not be kept goes, and who asked about whom is reviewed, whatever else stands still.
        A::PaymentForget | A::CreditExpire | A::CreditReview => Passes,
        // What was disclosed; what a law obliges to disclose; and telling recipients, of a restriction too (Art. 19).
        A::PersonDisclosures | A::LegalDisclose | A::RecallList | A::RecallHandle | A::PartnerRecall => Passes,
        A::ImportRun | A::FeedRun => Waits,
        // Who has consented is on no list as long as the processing is restricted.
        A::ConsentList | A::ConsentGive | A::ConsentWithdraw | A::ConsentReview => Passes,
        A::ConsentReach => StopsAlways,
        A::ProhibitionList | A::ProhibitionSet | A::ProhibitionLift | A::ProhibitionImport => Passes,
        A::RestrictionSet | A::RestrictionInform | A::RestrictionLift | A::RestrictionEnd | A::RestrictionExcept => {
            Passes
        }
        // The person's own rights go on; what they ask to have corrected is corrected with their consent (Art. 18(2)).
        A::RequestList | A::RequestReceive | A::RequestHandle | A::RequestCorrect | A::AccessMake => Passes,
        A::PortabilityImport => Stops,
        // To be erased is the person's own right, and the plan tells what the restriction keeps.
        A::ErasurePlan | A::ErasureRun | A::ErasureList | A::ErasureResume | A::HoldSet | A::CanaryRun => Passes,
        A::LogRead | A::LogReadSubject | A::LogVerify => Passes,
        // A person uses their own rights whatever stands still (Art. 12(2)).
        A::PortalSignIn
        | A::PortalShow
        | A::PortalCorrect
        | A::PortalProhibit
        | A::PortalConsent
        | A::PortalPasskey
        | A::PortalReceive => Passes,
        A::PortalRequest | A::PortalCopy | A::PortalErase => Passes,
        A::InvitationList | A::InvitationMake | A::InvitationSend => Stops,
        A::RegistrationTake => Waits,
        A::ProductList | A::ProductChange | A::BillingChange | A::MappingList | A::MappingChange => NoCustomer,
        A::FeedList | A::FeedManage | A::ImportList | A::NoticePublish | A::NoticeReview => NoCustomer,
        A::UserList | A::UserManage | A::InterestChange | A::CreditServiceList | A::CreditServiceManage => NoCustomer,
        A::ViewChange | A::ViewShare | A::TagList | A::TagChange | A::PartnerList | A::PartnerChange => NoCustomer,
        A::DisclosureList => NoCustomer,
        // Visitors of web services are nobody of the register.
        A::CookieList | A::CookieManage | A::CookieProof | A::CookieChoose | A::CookieWithdraw => NoCustomer,
        A::CookieCount | A::CookieTarget | A::CookieExpire => NoCustomer,
    }
}

/// The activities for which an exception can be given. Marketing, directories, targeting and statistics are not among them:
/// no ground of Art. 18(2) but a consent could carry them, and a consent is better waited for.
pub const EXCEPTED: [Activity; 4] =
    [Activity::CustomerRelationship, Activity::RegisterMaintenance, Activity::Orders, Activity::Invoicing];

/// A restriction with its history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Restriction {
    /// Its id.
    pub id: RestrictionId,
    /// Whose data it is.
    pub party: PartyId,
    /// Why.
    pub ground: RestrictionGround,
    /// Who set it, as the log names them.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
    /// That the person was told that it will be lifted.
    pub informed: Option<Informed>,
    /// Who lifted it, and when.
    pub lifted: Option<(String, Timestamp)>,
}

/// The person was told that the restriction will be lifted (Art. 18(3)).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Informed {
    /// How.
    pub how: Told,
    /// The message, when it was one.
    pub mail: Option<MailId>,
    /// Who wrote it, as the log names them.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A use that Art. 18(2) allows, chosen with its reason, for one activity and a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Exception {
    /// Its id.
    pub id: ExceptionId,
    /// Whose data may be used.
    pub party: PartyId,
    /// For which activity.
    pub activity: Activity,
    /// Why.
    pub ground: ExceptionGround,
    /// Who gave it, as the log names them.
    pub granted_by: String,
    /// From when.
    pub granted_at: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Who ended it before its time, and when.
    pub ended: Option<(String, Timestamp)>,
}

impl Exception {
    /// Whether it is in force at `now`.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.until
    }
}

/// What was done about a restriction, sealed with the person's history: its reasons may be personal data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionChange {
    /// It was set.
    Set {
        /// Why.
        ground: RestrictionGround,
        /// What was noted.
        note: String,
    },
    /// It was lifted.
    Lifted {
        /// Why.
        note: String,
    },
    /// A use was allowed.
    Excepted {
        /// Which activity.
        activity: Activity,
        /// By which ground.
        ground: ExceptionGround,
        /// For which reason.
        reason: String,
        /// Until when.
        until: Timestamp,
    },
    /// That use ended before its time.
    ExceptionEnded {
        /// Which activity.
        activity: Activity,
    },
}

/// A restriction as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RestrictionDraft {
    /// The name of the ground.
    pub ground: String,
    /// What the person contests or asks for.
    pub note: String,
}

impl RestrictionDraft {
    /// Checks it.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self) -> Result<(RestrictionGround, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let ground = errors.keep(self.ground.parse().map_err(|_| FieldError::new("ground", code::REQUIRED)));
        let note = errors.keep(note("note", &self.note));
        match (ground, note) {
            (Some(ground), Some(note)) if errors.is_empty() => Ok((ground, note)),
            _ => Err(errors),
        }
    }
}

/// An exception as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExceptionDraft {
    /// The name of the activity.
    pub activity: String,
    /// The name of the ground.
    pub ground: String,
    /// Why this use is needed.
    pub reason: String,
    /// For how many days.
    pub days: String,
}

/// An exception checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidException {
    /// For which activity.
    pub activity: Activity,
    /// By which ground.
    pub ground: ExceptionGround,
    /// Why this use is needed.
    pub reason: String,
    /// For how many days.
    pub days: i64,
}

impl ExceptionDraft {
    /// Checks it: the reason is needed, and the time is at most [`MAX_DAYS`] days.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self) -> Result<ValidException, FieldErrors> {
        let mut errors = FieldErrors::default();
        let activity = EXCEPTED.into_iter().find(|activity| activity.as_str() == self.activity);
        let activity = errors.keep(activity.ok_or_else(|| FieldError::new("activity", code::REQUIRED)));
        let ground = errors.keep(self.ground.parse().map_err(|_| FieldError::new("exception_ground", code::REQUIRED)));
        let reason = errors.keep(needed("reason", &self.reason));
        let days = self.days.trim().parse::<i64>().ok().filter(|days| (1..=MAX_DAYS).contains(days));
        let days = errors.keep(days.ok_or_else(|| FieldError::new("days", code::DAYS_INVALID).with("max", MAX_DAYS)));
        match (activity, ground, reason, days) {
            (Some(activity), Some(ground), Some(reason), Some(days)) => {
                Ok(ValidException { activity, ground, reason, days })
            }
            _ => Err(errors),
        }
    }
}

/// A note that must not be empty.
///
/// # Errors
/// It is, or it is too long.
pub fn needed(field: &str, text: &str) -> Result<String, FieldError> {
    match note(field, text)? {
        text if text.is_empty() => Err(FieldError::new(field, code::REQUIRED)),
        text => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rights::{Role, allows};

    /// The reviewed list: a change shows as a change of this snapshot.
    #[test]
    fn what_goes_on_when_processing_is_restricted() {
        let mut table = String::new();
        for action in Action::ALL {
            table.push_str(&format!("{:<24} {:?}\n", action.as_str(), when_restricted(*action)));
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn what_passes_is_only_for_those_who_answer_for_data_protection_and_prohibitions() {
        for action in Action::ALL {
            let passes = when_restricted(*action) == WhenRestricted::Passes;
            let own = ["restriction."].iter().any(|p| action.as_str().starts_with(p));
            if passes && own {
                // What the program does by itself is nobody's of the staff.
                let by = allows(Role::DataProtection, *action) || crate::rights::program_may(*action);
                assert!(!allows(Role::Office, *action) && by, "{action}");
            }
        }
    }

    #[test]
    fn an_exception_needs_a_ground_a_reason_and_an_end() {
        let draft = ExceptionDraft {
            activity: "invoicing".into(),
            ground: "legal_claims".into(),
            reason: "Saatava vanhenee".into(),
            days: "14".into(),
        };
        assert_eq!(draft.validate().unwrap().days, 14);
        let wrong = ExceptionDraft { activity: "marketing".into(), days: "31".into(), ..ExceptionDraft::default() };
        let fields: Vec<_> = wrong.validate().unwrap_err().0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["activity", "exception_ground", "reason", "days"]);
    }

    #[test]
    fn words_go_both_ways() {
        for ground in RestrictionGround::ALL {
            assert_eq!(ground.as_str().parse(), Ok(*ground));
        }
        for ground in ExceptionGround::ALL {
            assert_eq!(ground.as_str().parse(), Ok(*ground));
        }
    }
}
