//! Typed identifiers. An id is a UUID made outside this crate (version 7, so that rows append), or the short name
//! that the notice gives to a company, a source or a purpose.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )*};
}

uuid_id! {
    /// The register: one notice, one log, one group of companies. Every row carries it.
    RegisterId,
    /// A person or an organisation: what can have values, companies, a key and a history.
    PartyId,
    /// A person in the register (*rekisteröity*).
    PersonId,
    /// An organisation that people represent (*edustama yhteisö*).
    OrganisationId,
    /// One stored value of a party.
    ValueId,
    /// The fact that a person represents an organisation for a time.
    RepresentationId,
    /// A request of a person about their own data.
    RequestId,
    /// Something that happened to a request.
    RequestEventId,
    /// A package made for a person: access or portability.
    PackageId,
    /// An order.
    OrderId,
    /// Something that is sold.
    ProductId,
    /// One run of an import.
    ImportId,
    /// Something that a source proposes to change.
    ProposalId,
    /// A file that was sent to be imported.
    UploadId,
    /// A mapping of columns that was saved by name.
    MappingId,
    /// A saved view of a list.
    ViewId,
    /// Something that is done to many rows of a list at once.
    BulkId,
    /// A place that is read on a schedule.
    FeedId,
    /// One run of a feed.
    FeedRunId,
    /// An invoice or a credit note.
    InvoiceId,
    /// Money that came to an account.
    PaymentId,
    /// A bank's file of payments that was taken in.
    PaymentFileId,
    /// A part of a payment that was given a place.
    AllocationId,
    /// A letter or message that reminds of an invoice.
    ReminderId,
    /// What happened to a claim: a dispute, an acknowledgement, a judgment.
    DebtEventId,
    /// An invoice that was handed over for collection.
    CollectionId,
    /// A customer's application for credit.
    CreditApplicationId,
    /// An enquiry about a credit application.
    CreditEnquiryId,
    /// A service that is asked about credit applications.
    CreditServiceId,
    /// A review of credit enquiries that somebody signed.
    CreditReviewId,
    /// A request for data that rests on a law.
    LegalRequestId,
    /// An organisation outside the group that may receive data: a processor or a recipient.
    PartnerId,
    /// A document of the contract with a partner.
    PartnerDocumentId,
    /// One time that data left for a partner.
    DisclosureId,
    /// What a partner has to be told of data that it received (Art. 19).
    RecallId,
    /// A message to be sent by e-mail.
    MailId,
    /// A staff member's personal account.
    UserId,
    /// A role given to a user in a company for a time.
    AssignmentId,
    /// Something that a customer has forbidden.
    ProhibitionId,
    /// A consent of a person.
    ConsentId,
    /// What was sent to another controller at a person's word.
    TransmissionId,
    /// What another controller is to send, or sent.
    ReceptionId,
    /// A passkey of a person for the portal.
    PasskeyId,
    /// What was noted of a sale to an existing customer.
    ExistingCustomerId,
    /// A restriction of the processing of a customer's data.
    RestrictionId,
    /// A use that is allowed while processing is restricted.
    ExceptionId,
    /// An erasure that was carried out.
    ErasureId,
    /// A legal claim for which data stays.
    ClaimHoldId,
    /// A search for what is left of erased canaries.
    CanaryRunId,
    /// What a program shows instead of signing in.
    TokenId,
    /// Somebody's wish to sign in at the portal.
    EntryId,
    /// An invitation of a person to the portal.
    InvitationId,
    /// A registration that waits to be confirmed.
    RegistrationId,
    /// What a visitor of a web service allows of cookies.
    CookieChoiceId,
}

impl From<PersonId> for PartyId {
    fn from(id: PersonId) -> Self {
        Self(id.0)
    }
}

impl From<OrganisationId> for PartyId {
    fn from(id: OrganisationId) -> Self {
        Self(id.0)
    }
}

/// A short name is not usable as an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an identifier: use 1-40 of a-z, 0-9, `_` and `-`, beginning with a letter")]
pub struct NotAName(pub String);

fn check_name(text: &str) -> Result<(), NotAName> {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_lowercase());
    let rest = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if starts && rest && text.len() <= 40 { Ok(()) } else { Err(NotAName(text.to_owned())) }
}

macro_rules! name_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as it stands in the notice or the catalogue.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAName;
            fn try_from(text: String) -> Result<Self, NotAName> {
                check_name(&text)?;
                Ok(Self(text))
            }
        }

        impl FromStr for $name {
            type Err = NotAName;
            fn from_str(text: &str) -> Result<Self, NotAName> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

name_id! {
    /// A company of the group, as named in the notice.
    CompanyId,
    /// A source of data, as named in the notice (Art. 14(2)(f)).
    SourceId,
    /// A purpose of processing, as named in the notice (Art. 13(1)(c)).
    PurposeId,
    /// A tag, as named in the register's catalogue of tags.
    TagId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        assert!("arjasmaa".parse::<CompanyId>().is_ok());
        for bad in ["", "Äiti", "1a", "a b", "a'--", &"a".repeat(41)] {
            assert!(bad.parse::<CompanyId>().is_err(), "{bad}");
        }
    }
}
