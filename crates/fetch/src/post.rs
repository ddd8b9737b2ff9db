//! Sending something to an address and reading the answer. Nothing is sent on: a redirect is an error, because what is sent
//! may be personal data, and whoever it leads to is nobody that it was meant for.

use std::time::Duration;

use ureq::Agent;
use ureq::http::{HeaderName, HeaderValue, header};
use ureq::unversioned::transport::DefaultConnector;
use zeroize::Zeroizing;

use crate::error::{FetchError, Trouble};
use crate::{ANSWER, Address, Fetcher, LONGEST_WAIT, guard, is_elsewhere, read_body, text};

/// What is sent.
pub struct Post<'a> {
    /// Where to.
    pub address: &'a Address,
    /// The value of `Authorization`.
    pub authorization: Option<Zeroizing<String>>,
    /// Other headers.
    pub headers: &'a [(&'static str, &'a str)],
    /// The media type of what is sent (`Content-Type`).
    pub content_type: &'a str,
    /// The media types that are understood (`Accept`).
    pub accept: &'a str,
    /// What is sent.
    pub body: &'a [u8],
    /// Bytes of the answer at most.
    pub limit: u64,
    /// How long all of it may take.
    pub timeout: Duration,
}

impl std::fmt::Debug for Post<'_> {
    /// Without what is sent, which may be personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post").field("address", self.address).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// What was answered with a status of success.
#[derive(Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status: 200 to 299.
    pub status: u16,
    /// The media type, without its parameters, in lower case.
    pub media_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answered {
    /// Without the body, which may be personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answered")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Fetcher {
    /// Sends by `POST` and reads the answer.
    ///
    /// # Errors
    /// The rules do not allow it, there was no answer, or it was not one of success. It may have been received all the same.
    pub fn post(&self, post: &Post<'_>) -> Result<Answered, FetchError> {
        if !self.may(post.address) {
            return Err(Trouble::Plain.into());
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent("seloste")
            .accept_encoding("identity")
            .max_response_header_size(64 * 1024)
            .max_idle_connections(0)
            .tls_config(self.tls()?)
            .timeout_global(Some(post.timeout))
            .timeout_connect(Some(ANSWER.min(post.timeout)))
            .timeout_per_read(Some(ANSWER.min(post.timeout)))
            .timeout_recv_response(Some(ANSWER.min(post.timeout)))
            .build();
        let guard = guard::Guard::new(self.trusts(post.address.host()));
        let agent = Agent::with_parts(config, DefaultConnector::new(), guard);
        let (parts, body) = agent.run(request(post)?)?.into_parts();
        if is_elsewhere(parts.status) {
            return Err(Trouble::Redirect.into());
        }
        if !parts.status.is_success() {
            let wait = text(&parts.headers, header::RETRY_AFTER).and_then(|wait| wait.trim().parse().ok());
            return Err(FetchError {
                trouble: Trouble::Status,
                status: Some(parts.status.as_u16()),
                wait: wait.map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_WAIT))),
            });
        }
        let mut read = Vec::new();
        read_body(&parts.headers, body, post.limit, &mut read)?;
        let media_type = text(&parts.headers, header::CONTENT_TYPE).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Ok(Answered { status: parts.status.as_u16(), media_type, body: read })
    }
}

fn request<'a>(post: &Post<'a>) -> Result<ureq::http::Request<&'a [u8]>, FetchError> {
    let mut asked = ureq::http::Request::post(post.address.uri().clone())
        .header(header::ACCEPT, post.accept)
        .header(header::CONTENT_TYPE, post.content_type);
    for (name, value) in post.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Trouble::Address)?;
        asked = asked.header(name, HeaderValue::from_str(value).map_err(|_| Trouble::Address)?);
    }
    if let Some(authorization) = &post.authorization {
        let mut value = HeaderValue::from_str(authorization).map_err(|_| Trouble::Secret)?;
        value.set_sensitive(true);
        asked = asked.header(header::AUTHORIZATION, value);
    }
    asked.body(post.body).map_err(|_| Trouble::Address.into())
}
