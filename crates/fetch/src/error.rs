//! Why something could not be fetched. No error holds an address, a header or what came: they may hold a secret.

use std::time::Duration;

macro_rules! troubles {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $why:literal;)*) => {
        /// Why something could not be fetched.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Trouble { $($(#[$doc])* $name,)* }

        impl Trouble {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the database and as key of its translations.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            const fn why(self) -> &'static str {
                match self { $(Self::$name => $why,)* }
            }
        }
    };
}

troubles! {
    /// Not an address that can be asked.
    Address = "address", "not an address that can be fetched from";
    /// Without TLS, from a host that the operator has not named.
    Plain = "plain", "without TLS only from hosts that the operator trusts";
    /// The host is inside the network, and the operator has not named it.
    Internal = "internal", "the host is inside the network, and the operator does not trust it";
    /// The host has no address.
    Unknown = "unknown_host", "the host is not known";
    /// No connection, or it broke.
    Connection = "connection", "there was no connection, or it broke";
    /// It took too long.
    Timeout = "timeout", "it took too long";
    /// The server's certificate is not one that is trusted, or it speaks no TLS.
    Tls = "tls", "the server's certificate is not trusted, or it speaks no TLS";
    /// A redirect to another host, to another scheme, without an address, or one too many.
    Redirect = "redirect", "it leads elsewhere";
    /// The server answered that it could not be had.
    Status = "status", "the server refused";
    /// Larger than allowed.
    TooLarge = "too_large", "it is too large";
    /// Compressed, though that was not asked for.
    Encoding = "encoding", "it is encoded in a way that was not asked for";
    /// The answer was no HTTP.
    Answer = "answer", "the answer makes no sense";
    /// The secret can not stand in a header.
    Secret = "secret", "the secret can not be sent";
    /// What came could not be written.
    Disk = "disk", "it could not be written to the disk";
    /// The certificates that are to be trusted can not be read.
    Certificates = "certificates", "the certificates can not be read";
}

/// Why something could not be fetched, and what the server said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .trouble.why(), .status.map(|status| format!(" ({status})")).unwrap_or_default())]
pub struct FetchError {
    /// Why.
    pub trouble: Trouble,
    /// The status of the answer.
    pub status: Option<u16>,
    /// How long the server asks to wait (`Retry-After`), a day at most.
    pub wait: Option<Duration>,
}

impl From<Trouble> for FetchError {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, status: None, wait: None }
    }
}

impl From<ureq::Error> for FetchError {
    fn from(error: ureq::Error) -> Self {
        let trouble = match error {
            ureq::Error::Timeout(_) => Trouble::Timeout,
            ureq::Error::HostNotFound => Trouble::Unknown,
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Trouble::Tls,
            ureq::Error::BadUri(_) => Trouble::Address,
            ureq::Error::Io(error) => of_io(&error),
            ureq::Error::ConnectionFailed => Trouble::Connection,
            _ => Trouble::Answer,
        };
        trouble.into()
    }
}

fn of_io(error: &std::io::Error) -> Trouble {
    let inner = error.get_ref();
    if inner.is_some_and(|inner| inner.is::<crate::guard::Inside>()) {
        return Trouble::Internal;
    }
    if let Some(inner) = inner.and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
        return match inner {
            ureq::Error::Timeout(_) => Trouble::Timeout,
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Trouble::Tls,
            _ => Trouble::Connection,
        };
    }
    if inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
        return Trouble::Tls;
    }
    match error.kind() {
        std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => Trouble::Timeout,
        std::io::ErrorKind::InvalidData => Trouble::Answer,
        _ => Trouble::Connection,
    }
}
