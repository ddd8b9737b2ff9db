//! Fetching by HTTP from addresses that people wrote into settings, and telling something to them: over TLS, within
//! limits, and never to the inside of the network unless the operator said so. No database, no clock of the calendar.

mod address;
mod error;
mod guard;
mod post;

use std::io::{Read as _, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::crypto::ring;
use ureq::http::{HeaderMap, StatusCode, Uri, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, SendBody};
use zeroize::Zeroizing;

pub use address::Address;
pub use error::{FetchError, Trouble};
pub use guard::is_public;
pub use post::{Answered, Post};

/// Redirects that are followed, all within one host.
const REDIRECTS: usize = 3;
/// How long a server may take for the first byte of its answer.
const ANSWER: Duration = Duration::from_secs(30);
/// The longest wait that a server can ask for (`Retry-After`), in seconds.
const LONGEST_WAIT: u64 = 24 * 60 * 60;

/// What may be fetched, and how long it may take.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Hosts that the operator trusts, in lower case: they may be inside the network and may be without TLS.
    pub trusted_hosts: Vec<String>,
    /// Certificates (PEM) that are trusted beside those of the machine.
    pub trusted_certificates: Option<String>,
}

/// What is asked for.
#[derive(Debug)]
pub struct Request<'a> {
    /// Where.
    pub address: &'a Address,
    /// The value of `Authorization`.
    pub authorization: Option<Zeroizing<String>>,
    /// The tag of what is there already (`If-None-Match`).
    pub etag: Option<&'a str>,
    /// When what is there already was changed (`If-Modified-Since`), as the server wrote it.
    pub last_modified: Option<&'a str>,
    /// The media types that are understood (`Accept`).
    pub accept: &'a str,
    /// Bytes at most.
    pub limit: u64,
    /// How long all of it may take.
    pub timeout: Duration,
}

/// What is told.
#[derive(Debug)]
pub struct Message<'a> {
    /// Where to.
    pub address: &'a Address,
    /// Headers beside those of HTTP.
    pub headers: &'a [(&'static str, String)],
    /// JSON.
    pub body: &'a [u8],
    /// How long all of it may take.
    pub timeout: Duration,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Whether it has changed; if not, nothing was written.
    pub changed: bool,
    /// The tag of what came.
    pub etag: Option<String>,
    /// When what came was changed, as the server wrote it.
    pub last_modified: Option<String>,
}

/// Fetches within the rules.
#[derive(Clone, Debug, Default)]
pub struct Fetcher {
    rules: Arc<Rules>,
    /// Certificates are read when the first address is fetched.
    tls: Arc<OnceLock<TlsConfig>>,
}

impl Fetcher {
    /// A fetcher for the rules.
    ///
    /// # Errors
    /// The certificates can not be read.
    pub fn new(rules: Rules) -> Result<Self, FetchError> {
        certificates(&rules)?;
        Ok(Self { rules: Arc::new(rules), tls: Arc::default() })
    }

    fn tls(&self) -> Result<TlsConfig, FetchError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let machine = rustls_native_certs::load_native_certs().certs;
        let mut roots: Vec<Certificate<'static>> =
            machine.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        roots.extend(certificates(&self.rules)?);
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        Ok(self.tls.get_or_init(|| tls).clone())
    }

    /// Whether the rules let anything be fetched from an address: over TLS, or from a trusted host.
    #[must_use]
    pub fn may(&self, address: &Address) -> bool {
        address.is_secure() || self.trusts(address.host())
    }

    fn trusts(&self, host: &str) -> bool {
        self.rules.trusted_hosts.iter().any(|trusted| trusted == host)
    }

    /// Fetches into `sink`.
    ///
    /// # Errors
    /// The rules do not allow it, or it could not be fetched; something may have been written then.
    pub fn fetch(&self, request: &Request<'_>, sink: &mut dyn Write) -> Result<Answer, FetchError> {
        if !self.may(request.address) {
            return Err(Trouble::Plain.into());
        }
        let agent = self.agent(request.address, request.timeout)?;
        let began = std::time::Instant::now();
        let mut address = request.address.clone();
        for _ in 0..=REDIRECTS {
            // The clock of the whole runs over redirects, too.
            if began.elapsed() >= request.timeout {
                return Err(Trouble::Timeout.into());
            }
            let response = agent.run(ask(request, address.uri())?)?;
            let (parts, body) = response.into_parts();
            match parts.status {
                StatusCode::NOT_MODIFIED if request.etag.is_some() || request.last_modified.is_some() => {
                    return Ok(Answer::default());
                }
                StatusCode::OK => {
                    return take(request, &parts.headers, body, sink);
                }
                status if is_elsewhere(status) => {
                    let to = text(&parts.headers, header::LOCATION).ok_or(Trouble::Redirect)?;
                    address = address.redirected(&to).ok_or(Trouble::Redirect)?;
                }
                status => {
                    let wait = wait(&parts.headers);
                    return Err(FetchError { trouble: Trouble::Status, status: Some(status.as_u16()), wait });
                }
            }
        }
        Err(Trouble::Redirect.into())
    }
}

impl Fetcher {
    /// One that asks a host within the rules, once: no redirect, no proxy, no connection kept.
    fn agent(&self, address: &Address, timeout: Duration) -> Result<Agent, FetchError> {
        let guard = guard::Guard::new(self.trusts(address.host()));
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
            .timeout_global(Some(timeout))
            .timeout_connect(Some(ANSWER.min(timeout)))
            .timeout_per_read(Some(ANSWER.min(timeout)))
            .timeout_recv_response(Some(ANSWER.min(timeout)))
            .build();
        Ok(Agent::with_parts(config, DefaultConnector::new(), guard))
    }

    /// Tells something by POST. Only the status of the answer is read, and a redirect is not followed.
    ///
    /// # Errors
    /// The rules do not allow it, or the receiver did not take it.
    pub fn tell(&self, message: &Message<'_>) -> Result<(), FetchError> {
        if !self.may(message.address) {
            return Err(Trouble::Plain.into());
        }
        let mut told = ureq::http::Request::post(message.address.uri().clone());
        told = told.header(header::CONTENT_TYPE, "application/json");
        for (name, value) in message.headers {
            told = told.header(*name, value);
        }
        let told = told.body(message.body).map_err(|_| Trouble::Secret)?;
        let response = self.agent(message.address, message.timeout)?.run(told)?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status if is_elsewhere(status) => {
                Err(FetchError { trouble: Trouble::Redirect, status: Some(status.as_u16()), wait: None })
            }
            status => Err(FetchError {
                trouble: Trouble::Status,
                status: Some(status.as_u16()),
                wait: wait(response.headers()),
            }),
        }
    }
}

/// How long the server asks to wait.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let wait = text(headers, header::RETRY_AFTER).and_then(|wait| wait.trim().parse().ok());
    wait.map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

/// Whether a status says that the answer is at another address.
fn is_elsewhere(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The certificates that the operator trusts beside those of the machine.
fn certificates(rules: &Rules) -> Result<Vec<Certificate<'static>>, FetchError> {
    let mut found = Vec::new();
    for item in ureq::tls::parse_pem(rules.trusted_certificates.as_deref().unwrap_or_default().as_bytes()) {
        if let ureq::tls::PemItem::Certificate(certificate) = item.map_err(|_| Trouble::Certificates)? {
            found.push(certificate);
        }
    }
    if found.is_empty() && rules.trusted_certificates.is_some() {
        return Err(Trouble::Certificates.into());
    }
    Ok(found)
}

fn ask(request: &Request<'_>, uri: &Uri) -> Result<ureq::http::Request<SendBody<'static>>, FetchError> {
    let mut asked = ureq::http::Request::get(uri.clone()).header(header::ACCEPT, request.accept);
    if let Some(etag) = request.etag {
        asked = asked.header(header::IF_NONE_MATCH, etag);
    }
    if let Some(date) = request.last_modified {
        asked = asked.header(header::IF_MODIFIED_SINCE, date);
    }
    if let Some(authorization) = &request.authorization {
        let mut value = ureq::http::HeaderValue::from_str(authorization).map_err(|_| Trouble::Secret)?;
        value.set_sensitive(true);
        asked = asked.header(header::AUTHORIZATION, value);
    }
    asked.body(SendBody::none()).map_err(|_| Trouble::Address.into())
}

fn take(
    request: &Request<'_>,
    headers: &HeaderMap,
    body: ureq::Body,
    sink: &mut dyn Write,
) -> Result<Answer, FetchError> {
    read_body(headers, body, request.limit, sink)?;
    Ok(Answer { changed: true, etag: text(headers, header::ETAG), last_modified: text(headers, header::LAST_MODIFIED) })
}

/// Reads a body of at most `limit` bytes.
fn read_body(headers: &HeaderMap, body: ureq::Body, limit: u64, sink: &mut dyn Write) -> Result<(), FetchError> {
    if text(headers, header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(Trouble::Encoding.into());
    }
    if body.content_length().is_some_and(|length| length > limit) {
        return Err(Trouble::TooLarge.into());
    }
    let mut reader = body.into_reader();
    let (mut buffer, mut read) = (vec![0_u8; 64 * 1024], 0_u64);
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(ureq::Error::from(error).into()),
        };
        read += count as u64;
        if read > limit {
            return Err(Trouble::TooLarge.into());
        }
        sink.write_all(buffer.get(..count).unwrap_or_default()).map_err(|_| Trouble::Disk)?;
    }
    Ok(())
}

/// A header that is text of a sensible length.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= 2_000).then(|| value.to_owned())
}
