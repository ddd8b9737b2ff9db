//! How to reach a mail server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use seloste_domain::email::Email;

use crate::message::Mailbox;

/// How a connection is made private.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// TLS from the first byte (RFC 8314 3.3): `smtps://`.
    Implicit,
    /// TLS by STARTTLS (RFC 3207), and nothing without it: `starttls://`.
    StartTls,
    /// None: `smtp://`, only to a server on this machine.
    None,
}

/// A mail server, and in whose name it is asked to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is made private.
    pub security: Security,
    /// Whom to sign in as, and by which password; none: not at all.
    pub sign_in: Option<(String, String)>,
    /// How long to wait for each answer.
    pub timeout: Duration,
    /// A file of certificates (PEM) that are trusted beside those of the machine.
    pub trusted: Option<PathBuf>,
}

impl std::fmt::Debug for Server {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// How long to wait for each answer, unless it is set.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Settings that can not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not a server's address.
    #[error("the mail server is written smtps://USER@HOST:PORT, starttls://USER@HOST:PORT or smtp://localhost:PORT")]
    Url,
    /// A password in an address can be read by others of the machine.
    #[error("the password does not belong into the address: put it into a file of its own")]
    Password,
    /// Customers' data would go over the network for everybody to read.
    #[error("smtp:// has no TLS and is only for a server on this machine; use smtps:// or starttls://")]
    Plain,
    /// A user without a password.
    #[error("the mail server's user has no password")]
    NoPassword,
    /// Not an address to send from.
    #[error("the sender is written name@example.com or Name <name@example.com>")]
    From,
}

impl Server {
    /// Reads `smtps://[USER@]HOST[:PORT]`, `starttls://...` or `smtp://...`. The user may have an `@` in it.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn parse(url: &str, password: Option<String>) -> Result<Self, SettingsError> {
        let (scheme, rest) = url.split_once("://").ok_or(SettingsError::Url)?;
        let (security, standard) = match scheme {
            "smtps" => (Security::Implicit, 465),
            "starttls" => (Security::StartTls, 587),
            "smtp" => (Security::None, 25),
            _ => return Err(SettingsError::Url),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let (host, port) = host_and_port(place, standard).ok_or(SettingsError::Url)?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
        if host.is_empty() || !host.chars().all(is_host) {
            return Err(SettingsError::Url);
        }
        if user.is_some_and(|user| user.contains(':')) {
            return Err(SettingsError::Password);
        }
        if security == Security::None && !is_this_machine(host) {
            return Err(SettingsError::Plain);
        }
        let sign_in = match (user, password) {
            (None, _) => None,
            (Some(user), Some(password)) if !user.is_empty() => Some((user.to_owned(), password)),
            (Some(_), _) => return Err(SettingsError::NoPassword),
        };
        Ok(Self { host: host.to_owned(), port, security, sign_in, timeout: TIMEOUT, trusted: None })
    }

    /// The same server with another time to wait and with certificates of one's own.
    #[must_use]
    pub fn with(self, timeout: Option<Duration>, trusted: Option<&Path>) -> Self {
        Self { timeout: timeout.unwrap_or(self.timeout), trusted: trusted.map(Path::to_owned), ..self }
    }
}

/// `HOST`, `HOST:PORT`, or an IPv6 address in brackets.
fn host_and_port(place: &str, standard: u16) -> Option<(&str, u16)> {
    if let Some(rest) = place.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, port.parse().ok()?)),
            None => rest.is_empty().then_some((host, standard)),
        };
    }
    match place.split_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((place, standard)),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Mailbox {
    /// Reads `name@example.com` or `Name <name@example.com>`.
    ///
    /// # Errors
    /// [`SettingsError::From`].
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"'), address),
            None => ("", text),
        };
        let email = Email::parse("from", None, address).map_err(|_| SettingsError::From)?;
        Ok(Self { name: name.to_owned(), address: email.address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_servers() {
        let secret = || Some("salasana".to_owned());
        for (url, host, port, security, user) in [
            ("smtps://mail.example.com", "mail.example.com", 465, Security::Implicit, None),
            ("starttls://mail.example.com/", "mail.example.com", 587, Security::StartTls, None),
            ("starttls://a@mail.example.com:2587", "mail.example.com", 2587, Security::StartTls, Some("a")),
            (
                "smtps://a@example.com@mail.example.com",
                "mail.example.com",
                465,
                Security::Implicit,
                Some("a@example.com"),
            ),
            ("smtp://localhost:2525", "localhost", 2525, Security::None, None),
            ("smtp://[::1]:2525", "::1", 2525, Security::None, None),
            ("smtp://127.0.0.1", "127.0.0.1", 25, Security::None, None),
        ] {
            let server = Server::parse(url, secret()).unwrap();
            assert_eq!((server.host.as_str(), server.port, server.security), (host, port, security), "{url}");
            assert_eq!(server.sign_in.as_ref().map(|(user, _)| user.as_str()), user, "{url}");
            assert!(!format!("{server:?}").contains("salasana"));
        }
    }

    #[test]
    fn what_can_not_be_used_says_why() {
        for (url, why) in [
            ("mail.example.com", SettingsError::Url),
            ("http://mail.example.com", SettingsError::Url),
            ("smtps://", SettingsError::Url),
            ("smtps://mail.example.com:x", SettingsError::Url),
            ("smtps://mail.example.com:465/path", SettingsError::Url),
            ("smtps://mail example.com", SettingsError::Url),
            ("smtps://mail.example.com\r\n", SettingsError::Url),
            ("smtps://a:b@mail.example.com", SettingsError::Password),
            ("smtp://mail.example.com", SettingsError::Plain),
            ("smtp://localhost.example.com", SettingsError::Plain),
            ("smtps://a@mail.example.com", SettingsError::NoPassword),
        ] {
            assert_eq!(Server::parse(url, None), Err(why), "{url}");
        }
    }

    #[test]
    fn senders() {
        let plain = Mailbox::parse("myynti@example.com").unwrap();
        assert_eq!((plain.name.as_str(), plain.address.as_str()), ("", "myynti@example.com"));
        let named = Mailbox::parse("\"Arjasmaa, myynti\" <myynti@Example.com>").unwrap();
        assert_eq!((named.name.as_str(), named.address.as_str()), ("Arjasmaa, myynti", "myynti@example.com"));
        for bad in ["", "myynti", "<>", "a@example.com\r\nBcc: b@example.com", "A <a@example.com> b"] {
            assert_eq!(Mailbox::parse(bad), Err(SettingsError::From), "{bad:?}");
        }
    }
}
