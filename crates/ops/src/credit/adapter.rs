//! How a credit service is asked. An adapter gets the bytes of an enquiry that is recorded already, and tells what came of it.

use std::time::Duration;

use jiff::civil::Date;
use seloste_domain::credit::{Answer, Service, Trouble};
use seloste_domain::id::CreditEnquiryId;
use seloste_fetch::{Address, FetchError, Fetcher, Post};
use zeroize::Zeroizing;

use super::wire;

/// Bytes of an answer at most.
const LARGEST: u64 = 64 * 1024;
/// Accepted, with the answer still to come.
const ACCEPTED: u16 = 202;

/// How credit services are asked.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Sends within the operator's rules.
    pub fetcher: Fetcher,
    /// How long a service may take; a person waits for it.
    pub timeout: Duration,
}

impl Default for Asking {
    fn default() -> Self {
        Self { fetcher: Fetcher::default(), timeout: Duration::from_secs(20) }
    }
}

/// An enquiry on its way.
#[derive(Debug)]
pub struct Sent<'a> {
    /// Its id, by which the service knows it again.
    pub id: CreditEnquiryId,
    /// What is asked, as it was recorded.
    pub body: &'a str,
    /// The register that the service is set up to answer from.
    pub source_register: &'a str,
    /// Today.
    pub today: Date,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer, with the last day on which it may be used.
    Answer(Box<Answer>, Date),
    /// A person asks, and types the answer in.
    ByHand,
    /// No answer, why, and the status.
    None(Trouble, Option<u16>),
}

/// A way of asking.
pub trait Adapter {
    /// Asks. It may be asked again with the same id and the same bytes.
    fn ask(&self, sent: &Sent<'_>) -> Reply;
}

/// A service with an HTTP interface of the shape in docs/credit.md.
#[derive(Debug)]
pub struct Rest {
    address: Address,
    secret: Option<Zeroizing<String>>,
    asking: Asking,
}

impl Rest {
    /// The adapter of a service.
    ///
    /// # Errors
    /// Its address is none.
    pub fn new(service: &Service, secret: Option<Zeroizing<String>>, asking: &Asking) -> Result<Self, Trouble> {
        let address = service.address.parse().map_err(|_| Trouble::Address)?;
        Ok(Self { address, secret, asking: asking.clone() })
    }
}

impl Adapter for Rest {
    fn ask(&self, sent: &Sent<'_>) -> Reply {
        let key = sent.id.to_string();
        let answered = self.asking.fetcher.post(&Post {
            address: &self.address,
            authorization: self.secret.clone(),
            headers: &[("idempotency-key", &key)],
            content_type: "application/json",
            accept: "application/json",
            body: sent.body.as_bytes(),
            limit: LARGEST,
            timeout: self.asking.timeout,
        });
        match answered {
            Ok(answered) if answered.status == ACCEPTED => Reply::None(Trouble::Later, Some(ACCEPTED)),
            Ok(answered) if answered.media_type != "application/json" => {
                Reply::None(Trouble::Form, Some(answered.status))
            }
            Ok(answered) => match wire::read(&answered.body, sent.id, sent.source_register, sent.today) {
                Ok((answer, until)) => Reply::Answer(Box::new(answer), until),
                Err(trouble) => Reply::None(trouble, None),
            },
            Err(error) => Reply::None(trouble(error), error.status),
        }
    }
}

/// A service that a person asks: by the file that is made, on its own pages, by telephone.
#[derive(Clone, Copy, Debug)]
pub struct Manual;

impl Adapter for Manual {
    fn ask(&self, _: &Sent<'_>) -> Reply {
        Reply::ByHand
    }
}

/// The same trouble in the words of credit; a test sees to it that each has one.
fn trouble(error: FetchError) -> Trouble {
    error.trouble.as_str().parse().unwrap_or(Trouble::Answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_of_sending_is_one_of_credit() {
        for why in seloste_fetch::Trouble::ALL {
            assert_eq!(trouble((*why).into()).as_str(), why.as_str());
        }
    }
}
