//! Why an invoice can not be written in a form that others read.

use std::fmt;

/// Something that the form asks for and the invoice does not have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Problem {
    /// The buyer has no electronic address, nor a business id that stands for one (PEPPOL-EN16931-R010).
    BuyerAddress,
    /// The seller's or the buyer's electronic address is of no scheme that Peppol knows (PEPPOL-EN16931-CL008).
    AddressScheme,
    /// Neither the buyer's reference nor an order number (PEPPOL-EN16931-R003).
    BuyerReference,
    /// A postal address lacks what the form asks for: street, postal code or town.
    PostalAddress,
    /// An amount, a quantity or a text is longer than the form allows.
    TooLong,
}

impl Problem {
    /// All of them, so that a test can find one that lacks a translation.
    pub const ALL: [Self; 5] =
        [Self::BuyerAddress, Self::AddressScheme, Self::BuyerReference, Self::PostalAddress, Self::TooLong];

    /// A key for its text.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::BuyerAddress => "einvoice-problem-buyer-address",
            Self::AddressScheme => "einvoice-problem-address-scheme",
            Self::BuyerReference => "einvoice-problem-buyer-reference",
            Self::PostalAddress => "einvoice-problem-postal-address",
            Self::TooLong => "einvoice-problem-too-long",
        }
    }
}

/// All that is missing, each once.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.0.iter().map(|problem| problem.key()).collect();
        f.write_str(&keys.join(", "))
    }
}

impl Problems {
    /// The document, unless something is missing.
    pub(crate) fn settle(mut found: Vec<Problem>, document: Vec<u8>) -> Result<Vec<u8>, Self> {
        found.sort_unstable();
        found.dedup();
        if found.is_empty() { Ok(document) } else { Err(Self(found)) }
    }
}
