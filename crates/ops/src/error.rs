//! What can go wrong in a use case.

use seloste_domain::field::FieldErrors;
use seloste_domain::notice::Problem;
use seloste_domain::usage::Refused;
use seloste_store::StoreError;

/// An error of a use case.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The actor may not, or the notice declares no purpose for it. Pages answer as if the thing did not exist.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Something is wrong with the fields of a form or a row.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// The notice has errors.
    #[error("the notice has {} problems", .0.len())]
    Notice(Vec<Problem>),
    /// Login or password is wrong, or the account is not in use; which of them is not told.
    #[error("the login or the password is wrong")]
    SignIn,
    /// Too many tries.
    #[error("too many tries; wait {seconds} seconds")]
    Throttled {
        /// How long to wait.
        seconds: i64,
    },
    /// The link was used, has expired, or never was.
    #[error("the link has been used or has expired; ask for a new one")]
    Link,
    /// The person in the portal has to prove anew who they are.
    #[error("who asks has to prove anew who they are")]
    NotFresh,
    /// The change can not be put back: what it brought is not there any more.
    #[error("this change can not be put back: later changes have replaced what it brought")]
    NothingToRevert,
    /// Two records can not be merged, or not taken apart.
    #[error("these records can not be merged or taken apart: {0}")]
    Merge(NotMergeable),
    /// The state of the order does not allow it.
    #[error("an order that is {0} can not be changed so")]
    OrderState(&'static str),
    /// An account can not take away its own last right to manage accounts.
    #[error("the last administrator can not be disabled")]
    LastAdministrator,
    /// A file can not be read as a table.
    #[error(transparent)]
    Table(#[from] seloste_documents::table::TableError),
    /// An import can not begin as it was asked for.
    #[error("the import can not begin: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Import(Vec<seloste_domain::import::Problem>),
    /// A message can not be queued or changed.
    #[error(transparent)]
    Mail(#[from] crate::mail::MailRefused),
    /// The company register could not be asked, or what it said not be used.
    #[error(transparent)]
    CompanyRegister(#[from] crate::company_register::NotFetched),
    /// An invoice can not be changed, sent or written.
    #[error(transparent)]
    Invoice(#[from] crate::invoice::InvoiceRefused),
    /// A prohibition can not be changed so.
    #[error(transparent)]
    Prohibition(#[from] crate::prohibition::ProhibitionRefused),
    /// A consent can not be given so.
    #[error(transparent)]
    Consent(#[from] crate::consent::ConsentRefused),
    /// A restriction of processing can not be changed so.
    #[error(transparent)]
    Restriction(#[from] crate::restriction::RestrictionRefused),
    /// A request of a person can not be handled so.
    #[error(transparent)]
    Request(#[from] crate::request::RequestRefused),
    /// A payment or a file of payments is refused.
    #[error(transparent)]
    Payment(#[from] crate::payment::PaymentRefused),
    /// A claim can not be reminded of or handed over.
    #[error(transparent)]
    Collection(#[from] crate::reminder::CollectionRefused),
    /// Something about a credit application can not be done.
    #[error(transparent)]
    Credit(#[from] crate::credit::CreditRefused),
    /// A person is not erased so.
    #[error(transparent)]
    Erasure(#[from] crate::erasure::ErasureRefused),
    /// A cookie choice or an event is not taken.
    #[error("{0}")]
    Cookie(seloste_domain::cookie::CookieRefused),
    /// Data may not leave so.
    #[error(transparent)]
    Disclosure(#[from] seloste_domain::disclosure::DisclosureRefused),
    /// A partner asks for something beyond its scope.
    #[error(transparent)]
    BeyondScope(#[from] crate::exchange::BeyondScope),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why two records can not be merged, or not taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMergeable {
    /// They are one.
    #[error("a record can not be merged with itself")]
    Itself,
    /// One belongs to a company that the actor has no right to.
    #[error("one of them belongs to a company outside of your rights")]
    Outside,
    /// The processing of one of them is restricted, and only those who answer for data protection may join it with another.
    #[error("the processing of one of them is restricted (Art. 18)")]
    Restricted,
    /// One of them is erased as soon as nothing holds it: the other would be with it.
    #[error("one of them waits for its erasure (Art. 17)")]
    Waiting,
    /// The record that was kept was itself merged into another one since.
    #[error("a later merging has to be undone first")]
    Later,
}

/// Results of use cases.
pub type Result<T, E = OpsError> = std::result::Result<T, E>;

impl OpsError {
    /// Whether pages should answer that there is no such thing.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(Refused::NoRight(_)) | Self::Store(StoreError::NotFound(_)))
    }

    /// Carries an error of a use case through a closure of the store; [`OpsError::from_store`] takes it out again.
    pub(crate) fn into_store(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            other => StoreError::Refused(Box::new(other)),
        }
    }

    /// The error of the use case that a closure of the store was ended with.
    pub(crate) fn from_store(error: StoreError) -> Self {
        match error {
            StoreError::Refused(inner) => match inner.downcast::<Self>() {
                Ok(own) => *own,
                Err(other) => Self::Store(StoreError::Refused(other)),
            },
            other => Self::Store(other),
        }
    }
}
