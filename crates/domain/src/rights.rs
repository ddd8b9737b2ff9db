//! Roles, actions and the one table that joins them (promise P18).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{AssignmentId, CompanyId};
use crate::usage::Activity;

/// What a member of staff is trusted with, in a company, for a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees customers and orders.
    Reader,
    /// Keeps customers and orders.
    Office,
    /// Handles money: sees customers, keeps orders.
    Finance,
    /// Own marketing: sees customers.
    Marketing,
    /// Responsible for data protection: everything about people, the notice and the log.
    DataProtection,
    /// Keeps the paper files: sees customers.
    PaperKeeper,
    /// Keeps accounts and settings; sees no customers by that role.
    Administrator,
    /// Reads the log; sees no customers.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Reader,
        Self::Office,
        Self::Finance,
        Self::Marketing,
        Self::DataProtection,
        Self::PaperKeeper,
        Self::Administrator,
        Self::Auditor,
    ];

    /// The name in the database, on the command line and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Office => "office",
            Self::Finance => "finance",
            Self::Marketing => "marketing",
            Self::DataProtection => "data_protection",
            Self::PaperKeeper => "paper_keeper",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|r| r.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $activity:ident, [$($role:ident),*];)*) => {
        /// Something that can be done. Its name stands in the log.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the log.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The processing activity it is part of, which decides its purpose.
            #[must_use]
            pub const fn activity(self) -> Activity {
                match self { $(Self::$name => Activity::$activity,)* }
            }

            const fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),*],)* }
            }
        }
    };
}

actions! {
    /// See a list of people.
    PersonList = "person.list", CustomerRelationship, [Reader, Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Find people, organisations and orders by words.
    PersonSearch = "person.search", CustomerRelationship, [Reader, Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Open a person's card.
    PersonShow = "person.show", CustomerRelationship, [Reader, Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// See an address protected for personal safety (*turvakielto*).
    PersonShowProtected = "person.show_protected", CustomerRelationship, [DataProtection];
    /// Set or lift the protection of an address.
    PersonProtect = "person.protect", RegisterMaintenance, [DataProtection];
    /// Add a person.
    PersonCreate = "person.create", RegisterMaintenance, [Office, DataProtection];
    /// Correct a person.
    PersonChange = "person.change", RegisterMaintenance, [Office, DataProtection];
    /// Read a person's change history.
    PersonHistory = "person.history", RegisterMaintenance, [Office, DataProtection];
    /// Put an earlier value back.
    PersonRevert = "person.revert", RegisterMaintenance, [Office, DataProtection];
    /// Take a list of people out of the register as a file, for a purpose that is chosen.
    PersonExport = "person.export", CustomerRelationship, [Office, DataProtection];
    /// See a list of organisations.
    OrganisationList = "organisation.list", CustomerRelationship, [Reader, Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Open an organisation's card.
    OrganisationShow = "organisation.show", CustomerRelationship, [Reader, Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Add an organisation.
    OrganisationCreate = "organisation.create", RegisterMaintenance, [Office, DataProtection];
    /// Correct an organisation.
    OrganisationChange = "organisation.change", RegisterMaintenance, [Office, DataProtection];
    /// Take a list of organisations out of the register as a file, for a purpose that is chosen.
    OrganisationExport = "organisation.export", CustomerRelationship, [Office, DataProtection];
    /// See a list of orders.
    OrderList = "order.list", Orders, [Reader, Office, Finance, DataProtection];
    /// Open an order.
    OrderShow = "order.show", Orders, [Reader, Office, Finance, DataProtection];
    /// Add an order.
    OrderCreate = "order.create", Orders, [Office, Finance];
    /// Correct an order or move it on.
    OrderChange = "order.change", Orders, [Office, Finance];
    /// Take a list of orders out of the register as a file, for a purpose that is chosen.
    OrderExport = "order.export", Orders, [Office, Finance];
    /// Archive orders, by rule or by choice.
    OrderArchive = "order.archive", Archiving, [Office, Finance];
    /// See a list of invoices.
    InvoiceList = "invoice.list", Invoicing, [Reader, Office, Finance, DataProtection];
    /// Open an invoice.
    InvoiceShow = "invoice.show", Invoicing, [Reader, Office, Finance, DataProtection];
    /// Write, correct and throw away drafts of invoices and credit notes.
    InvoiceChange = "invoice.change", Invoicing, [Office, Finance];
    /// Send an invoice or a credit note under a number.
    InvoiceSend = "invoice.send", Invoicing, [Office, Finance];
    /// Take an invoice out of the register as a file for an operator.
    InvoiceExport = "invoice.export", Invoicing, [Office, Finance];
    /// Bring in invoices of an accounting system, and what is open of them.
    InvoiceMirror = "invoice.mirror", Invoicing, [Office, Finance];
    /// Set what a company's invoices say of the company.
    BillingChange = "billing.change", Invoicing, [Finance, Administrator];
    /// See the payments, and what has no place.
    PaymentList = "payment.list", Invoicing, [Office, Finance, DataProtection];
    /// Take in a bank's file of payments.
    PaymentImport = "payment.import", Invoicing, [Office, Finance];
    /// Enter a payment by hand.
    PaymentEnter = "payment.enter", Invoicing, [Office, Finance];
    /// Say which invoices a payment is for, or that it was given back; and undo that.
    PaymentPlace = "payment.place", Invoicing, [Office, Finance];
    /// Undo a whole file of payments.
    PaymentUndo = "payment.undo", Invoicing, [Office, Finance];
    /// Forget payers' names whose time has come: also the program's own work.
    PaymentForget = "payment.forget", Invoicing, [Finance, DataProtection];
    /// See the overdue invoices, what was sent, and how claims stand.
    ReminderList = "reminder.list", Invoicing, [Office, Finance, DataProtection];
    /// Send reminders and payment demands.
    ReminderSend = "reminder.send", Invoicing, [Office, Finance];
    /// Note and end disputes, acknowledgements and the like.
    CollectionNote = "collection.note", Invoicing, [Office, Finance];
    /// Hand an invoice over to a collection partner.
    CollectionHandOver = "collection.hand_over", Invoicing, [Office, Finance];
    /// Note that a collection partner gave an invoice back, or that it is settled.
    CollectionEnd = "collection.end", Invoicing, [Office, Finance];
    /// Add the reference rate of a half-year.
    InterestChange = "interest.change", Invoicing, [Finance];
    /// See a list of credit applications.
    CreditList = "credit.list", Credit, [Office, Finance, DataProtection];
    /// Open a credit application, with what was answered about it.
    CreditShow = "credit.show", Credit, [Office, Finance, DataProtection];
    /// Write down a credit application, and that it was taken back.
    CreditApply = "credit.apply", Credit, [Office, Finance];
    /// Ask a credit service about a pending application, and enter what it answers.
    CreditEnquire = "credit.enquire", Credit, [Office, Finance];
    /// Decide a credit application.
    CreditDecide = "credit.decide", Credit, [Office, Finance];
    /// Let applications lapse and remove answers that may not be used any more: the program's own work.
    CreditExpire = "credit.expire", Accountability, [];
    /// See who asked about whom, and sign a review of it.
    CreditReview = "credit.review", Accountability, [DataProtection];
    /// See the credit services.
    CreditServiceList = "credit_service.list", Accountability, [DataProtection, Administrator];
    /// Add, change and remove credit services, with their secrets.
    CreditServiceManage = "credit_service.manage", Accountability, [DataProtection, Administrator];
    /// Write a letter to a customer.
    LetterWrite = "letter.write", CustomerRelationship, [Office, Finance, DataProtection];
    /// See what is sold.
    ProductList = "product.list", Orders, [Reader, Office, Finance, DataProtection];
    /// Add, change and take products from sale.
    ProductChange = "product.change", Orders, [Office, Finance];
    /// See which records may be one customer, and look for them.
    DuplicateList = "duplicate.list", RegisterMaintenance, [Office, DataProtection];
    /// Decide that two records are two customers.
    DuplicateDecide = "duplicate.decide", RegisterMaintenance, [Office, DataProtection];
    /// See what weaker or older sources propose to change.
    ProposalList = "proposal.list", RegisterMaintenance, [Office, DataProtection];
    /// Accept what a source proposes, or keep what the register has.
    ProposalDecide = "proposal.decide", RegisterMaintenance, [Office, DataProtection];
    /// Merge two records of one customer, or undo it.
    PartyMerge = "party.merge", RegisterMaintenance, [Office, DataProtection];
    /// Write to a customer by e-mail: see what would be sent, and put it in the queue.
    MailSend = "mail.send", Orders, [Office, Finance, DataProtection];
    /// Write an e-mail message of one's own words to a customer.
    MessageWrite = "message.write", CustomerRelationship, [Office, Finance, DataProtection];
    /// See the queue of e-mail, what was sent, and what failed.
    MailList = "mail.list", CustomerRelationship, [Office, Finance, DataProtection];
    /// Try a message again that failed or waits.
    MailRetry = "mail.retry", CustomerRelationship, [Office, Finance, DataProtection];
    /// Take a message out of the queue.
    MailCancel = "mail.cancel", CustomerRelationship, [Office, Finance, DataProtection];
    /// Send what is due: the program's own work, under the purpose that each message was queued for.
    MailDeliver = "mail.deliver", CustomerRelationship, [];
    /// Ask the company register about an organisation by its business id.
    OrganisationFetch = "organisation.fetch", RegisterMaintenance, [Office, DataProtection];
    /// See the saved mappings of import columns.
    MappingList = "mapping.list", RegisterMaintenance, [Office, DataProtection];
    /// Save, change and remove mappings.
    MappingChange = "mapping.change", RegisterMaintenance, [Office, DataProtection];
    /// Choose the columns of a list, save a view of it for oneself, and remove it.
    ViewChange = "view.change", RegisterMaintenance, [Reader, Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Show a saved view of a list to everybody, and remove such a view of somebody else.
    ViewShare = "view.share", RegisterMaintenance, [Office, Finance, DataProtection];
    /// Do one thing to many rows of a list, and undo it; each thing needs the right to do it to one row as well.
    BulkRun = "bulk.run", RegisterMaintenance, [Office, Finance, DataProtection];
    /// See the catalogue of tags.
    TagList = "tag.list", RegisterMaintenance, [Reader, Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Add tags to the catalogue, rename and retire them.
    TagChange = "tag.change", RegisterMaintenance, [DataProtection];
    /// See the feeds and what their runs did.
    FeedList = "feed.list", RegisterMaintenance, [Office, DataProtection, Administrator];
    /// Add, change, pause and remove feeds, and have them read now.
    FeedManage = "feed.manage", RegisterMaintenance, [DataProtection, Administrator];
    /// Read a feed: the program's own work.
    FeedRun = "feed.run", RegisterMaintenance, [];
    /// See the imports.
    ImportList = "import.list", RegisterMaintenance, [Office, DataProtection];
    /// Import people, organisations or orders.
    ImportRun = "import.run", RegisterMaintenance, [Office, DataProtection];
    /// Undo an import.
    ImportUndo = "import.undo", RegisterMaintenance, [Office, DataProtection];
    /// Read over the partners' interface what a partner may receive.
    PartnerRead = "exchange.read", CustomerRelationship, [];
    /// Propose a correction over the partners' interface.
    PartnerPropose = "exchange.propose", RegisterMaintenance, [];
    /// Read and acknowledge recalls over the partners' interface.
    PartnerRecall = "exchange.recall", Accountability, [];
    /// Answer somebody who wants to sign in at the portal: the program's own work.
    PortalSignIn = "portal.sign_in", Accountability, [];
    /// See one's own data in the portal.
    PortalShow = "portal.show", Accountability, [];
    /// Correct one's own data in the portal.
    PortalCorrect = "portal.correct", Accountability, [];
    /// Forbid something in the portal, and lift what one has forbidden.
    PortalProhibit = "portal.prohibit", Accountability, [];
    /// Ask something about one's own data in the portal, and take the request back.
    PortalRequest = "portal.request", Accountability, [];
    /// Make and take the package of one's own data in the portal.
    PortalCopy = "portal.copy", Accountability, [];
    /// See the plan of one's own erasure in the portal, and have it carried out.
    PortalErase = "portal.erase", Accountability, [];
    /// Consent to something in the portal, and withdraw it.
    PortalConsent = "portal.consent", Accountability, [];
    /// Receive in the portal what one gave to another controller, and take it into one's own data.
    PortalReceive = "portal.receive", Accountability, [];
    /// See, add and remove one's own passkeys in the portal.
    PortalPasskey = "portal.passkey", Accountability, [];
    /// See the invitations of a customer to the portal.
    InvitationList = "invitation.list", CustomerRelationship, [Office, DataProtection];
    /// Invite a customer to the portal, and take an invitation back.
    InvitationMake = "invitation.make", CustomerRelationship, [Office, DataProtection];
    /// Send the invitations that wait: the program's own work.
    InvitationSend = "invitation.send", CustomerRelationship, [];
    /// Take in a registration that its person has confirmed: the program's own work.
    RegistrationTake = "registration.take", RegisterMaintenance, [];
    /// Publish a new version of the notice.
    NoticePublish = "notice.publish", Accountability, [DataProtection];
    /// See the versions of the notice as staff, and check a new one.
    NoticeReview = "notice.review", Accountability, [DataProtection, Administrator, Auditor];
    /// See what is still stored of kinds that the notice no longer declares, and remove it.
    KindRemove = "kind.remove", Accountability, [DataProtection];
    /// See the partners, their contracts and what they may receive.
    PartnerList = "partner.list", Accountability, [Office, Finance, DataProtection, Administrator, Auditor];
    /// Add, change and end partners, and keep their documents.
    PartnerChange = "partner.change", Accountability, [DataProtection];
    /// See what was disclosed to whom, by count; nobody is named.
    DisclosureList = "disclosure.list", Accountability, [Finance, DataProtection, Auditor];
    /// See what of one person or organisation was disclosed to whom.
    PersonDisclosures = "person.disclosures", Accountability, [Office, DataProtection];
    /// Disclose data because a law obliges to, by a recorded request.
    LegalDisclose = "person.disclose_by_law", Accountability, [DataProtection];
    /// See what partners have to be told of data that changed (Art. 19).
    RecallList = "person.recalls", Accountability, [Office, DataProtection];
    /// Send, chase and close what partners have to be told.
    RecallHandle = "person.recall", Accountability, [Office, DataProtection];
    /// See the accounts.
    UserList = "user.list", Accountability, [Administrator, DataProtection, Auditor];
    /// Add, change and disable accounts.
    UserManage = "user.manage", Accountability, [Administrator];
    /// See what a customer has forbidden, and its history.
    ProhibitionList = "prohibition.list", Accountability, [Reader, Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Enter what a customer forbids.
    ProhibitionSet = "prohibition.set", Accountability, [Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Lift a prohibition at the customer's own word.
    ProhibitionLift = "prohibition.lift", Accountability, [Office, DataProtection];
    /// See what a person has consented to, and its history.
    ConsentList = "consent.list", Accountability, [Reader, Office, Finance, Marketing, DataProtection];
    /// Enter a consent that a person gave, with what shows it, and what was told to an existing customer.
    ConsentGive = "consent.give", Accountability, [Office, Marketing, DataProtection];
    /// Enter that a person withdraws a consent.
    ConsentWithdraw = "consent.withdraw", Accountability, [Office, Finance, Marketing, DataProtection, PaperKeeper];
    /// Look at a sample of the consents that staff entered, with what shows them.
    ConsentReview = "consent.review", Accountability, [DataProtection];
    /// Count who may be reached for direct marketing by a channel.
    ConsentReach = "consent.reach", Marketing, [Marketing, DataProtection];
    /// Enter the prohibitions of an opt-out list that somebody else keeps.
    ProhibitionImport = "prohibition.import", Accountability, [Marketing, DataProtection];
    /// See whose processing is restricted, and why.
    RestrictionList = "restriction.list", Accountability, [DataProtection];
    /// Restrict the processing of a customer's data.
    RestrictionSet = "restriction.set", Accountability, [DataProtection];
    /// Tell the person that the restriction will be lifted.
    RestrictionInform = "restriction.inform", Accountability, [DataProtection];
    /// Lift a restriction of which the person was told.
    RestrictionLift = "restriction.lift", Accountability, [DataProtection];
    /// Lift the restriction of a decided objection, when the person was told and the letter has had time to arrive.
    RestrictionEnd = "restriction.end", Accountability, [];
    /// Allow a use while processing is restricted, and end that.
    RestrictionExcept = "restriction.except", Accountability, [DataProtection];
    /// See the requests of people about their own data, and their clocks.
    RequestList = "request.list", Accountability, [Office, DataProtection];
    /// Receive such a request.
    RequestReceive = "request.receive", Accountability, [Office, DataProtection];
    /// Handle such a request: recognise the person, extend, ask a fee, refuse, close.
    RequestHandle = "request.handle", Accountability, [DataProtection];
    /// Carry out a correction that a request asks for.
    RequestCorrect = "request.correct", Accountability, [DataProtection];
    /// Make the package of a person's data, and take it.
    AccessMake = "access.make", Accountability, [DataProtection];
    /// Bring in a person from a package of another register of this program.
    PortabilityImport = "portability.import", RegisterMaintenance, [Office, DataProtection];
    /// See what would go and what would stay when a person were erased.
    ErasurePlan = "erasure.plan", Accountability, [DataProtection];
    /// Erase a person (Art. 17).
    ErasureRun = "erasure.run", Accountability, [DataProtection];
    /// See the erasures, what stays of each and until when, and the receipts.
    ErasureList = "erasure.list", Accountability, [DataProtection];
    /// Erase what had to stay and has to no longer: the program's own work.
    ErasureResume = "erasure.resume", Accountability, [];
    /// Decide that a person's data stays for a legal claim, and that it has to no longer.
    HoldSet = "hold.set", Accountability, [DataProtection];
    /// Plant and erase fictional people, and look for what is left of them: also the program's own work.
    CanaryRun = "canary.run", Accountability, [DataProtection];
    /// See what web services declare and what visitors chose, by count.
    CookieList = "cookie.list", Accountability, [Marketing, DataProtection, Administrator];
    /// Set which web services may ask for a company.
    CookieManage = "cookie.manage", Accountability, [DataProtection, Administrator];
    /// See the proof of one visitor's choice and the events under it.
    CookieProof = "cookie.proof", Accountability, [DataProtection];
    /// Keep what a visitor allows of cookies: the program's own work.
    CookieChoose = "cookie.choose", Accountability, [];
    /// Take back what a visitor allowed, with all that was kept under it: the program's own work.
    CookieWithdraw = "cookie.withdraw", Accountability, [];
    /// Keep an event for statistics, under a choice that covers it: the program's own work.
    CookieCount = "cookie.count", Statistics, [];
    /// Keep an event for targeted content, under a choice that covers it: the program's own work.
    CookieTarget = "cookie.target", TargetedContent, [];
    /// End choices whose time is over: the program's own work.
    CookieExpire = "cookie.expire", Accountability, [];
    /// Read the log.
    LogRead = "log.read", Accountability, [DataProtection, Auditor];
    /// Read the log of one person.
    LogReadSubject = "log.read_subject", Accountability, [DataProtection, Auditor];
    /// Verify the log and take a checkpoint.
    LogVerify = "log.verify", Accountability, [DataProtection, Auditor, Administrator];
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether `role` may do `action`.
#[must_use]
pub fn allows(role: Role, action: Action) -> bool {
    action.roles().contains(&role)
}

/// Whether a rule that runs by time may do `action` without a person.
#[must_use]
pub const fn program_may(action: Action) -> bool {
    matches!(
        action,
        Action::OrderArchive
            | Action::PaymentForget
            | Action::MailDeliver
            | Action::FeedRun
            | Action::ImportRun
            | Action::ImportUndo
            | Action::CreditExpire
            | Action::ErasureResume
            | Action::RestrictionEnd
            | Action::CanaryRun
            | Action::InvoiceMirror
            | Action::PortalSignIn
            | Action::PortalReceive
            | Action::InvitationSend
            | Action::RegistrationTake
            | Action::CookieChoose
            | Action::CookieWithdraw
            | Action::CookieCount
            | Action::CookieTarget
            | Action::CookieExpire
    )
}

/// Whether a partner may do `action` over its interface.
#[must_use]
pub const fn partner_may(action: Action) -> bool {
    matches!(action, Action::PartnerRead | Action::PartnerPropose | Action::PartnerRecall)
}

/// Whether a person of the register may do `action` in the portal, about themself.
#[must_use]
pub const fn person_may(action: Action) -> bool {
    matches!(
        action,
        Action::PortalShow
            | Action::PortalCorrect
            | Action::PortalProhibit
            | Action::PortalConsent
            | Action::PortalPasskey
            | Action::PortalReceive
            | Action::PortalRequest
            | Action::PortalCopy
            | Action::PortalErase
    )
}

/// The state of a personal account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Made, but its person has not yet set a password: no rights.
    Invited,
    /// In use.
    Active,
    /// Taken away: no rights, no sessions.
    Disabled,
}

impl AccountState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Invited, Self::Active, Self::Disabled];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// A role given to a member of staff, in one company or in all, for a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// The role.
    pub role: Role,
    /// The company; none means every company of the group, also later ones.
    pub company: Option<CompanyId>,
    /// From this moment on.
    pub valid_from: Timestamp,
    /// Until this moment; none means until taken away.
    pub valid_until: Option<Timestamp>,
}

impl Assignment {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reviewed matrix: a change of rights shows as a change of this snapshot.
    #[test]
    fn role_action_matrix() {
        let mut table = String::new();
        for action in Action::ALL {
            let roles: Vec<_> = Role::ALL.iter().filter(|r| allows(**r, *action)).map(|r| r.as_str()).collect();
            table.push_str(&format!(
                "{:<24} {:<22} {}\n",
                action.as_str(),
                action.activity().as_str(),
                roles.join(" ")
            ));
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn the_auditor_sees_no_customers() {
        for action in Action::ALL {
            let customer_data = [
                "person.",
                "organisation.",
                "order.",
                "invoice.",
                "import.",
                "duplicate.",
                "proposal.",
                "party.",
                "mail.",
                "message.",
                "letter.",
                "prohibition.",
                "consent.",
                "restriction.",
                "request.",
                "access.",
                "portability.",
                "invoice.",
                "payment.",
                "reminder.",
                "collection.",
                "credit.",
                "invitation.",
                "portal.",
                "registration.",
            ]
            .iter()
            .any(|p| action.as_str().starts_with(p));
            assert!(!(customer_data && allows(Role::Auditor, *action)), "{action}");
            assert!(!(customer_data && allows(Role::Administrator, *action)), "{action}");
        }
    }

    #[test]
    fn an_assignment_ends_at_its_moment() {
        let at = |s: &str| s.parse::<Timestamp>().unwrap();
        let a = Assignment {
            id: AssignmentId(uuid::Uuid::nil()),
            role: Role::Office,
            company: None,
            valid_from: at("2026-01-01T00:00:00Z"),
            valid_until: Some(at("2026-02-01T00:00:00Z")),
        };
        assert!(!a.holds_at(at("2025-12-31T23:59:59Z")));
        assert!(a.holds_at(at("2026-01-01T00:00:00Z")));
        assert!(!a.holds_at(at("2026-02-01T00:00:00Z")));
    }
}
