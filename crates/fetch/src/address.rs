//! Addresses as the client understands them: one reader decides what the host is, for the rules and for the connection.

use std::fmt;
use std::str::FromStr;

use ureq::http::Uri;
use ureq::http::uri::PathAndQuery;

/// Characters of an address at most.
const LONGEST: usize = 2_000;

/// An address that begins with `https://` or `http://`, without user, password and fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    uri: Uri,
    host: String,
}

/// Not such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address that begins with https:// or http://, without a user or a password")]
pub struct NotAnAddress;

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let is_plain = text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'\\');
        if !is_plain {
            return Err(NotAnAddress);
        }
        let uri: Uri = text.parse().map_err(|_| NotAnAddress)?;
        Self::of(uri).ok_or(NotAnAddress)
    }
}

impl Address {
    fn of(uri: Uri) -> Option<Self> {
        let authority = uri.authority()?;
        let host = authority.host().to_ascii_lowercase();
        let known = matches!(uri.scheme_str(), Some("https" | "http"));
        // A port that is written must be one.
        let rest = authority.as_str().get(authority.host().len()..)?;
        let good_port = rest.is_empty() || authority.port_u16().is_some_and(|port| port != 0);
        let is_good = known && !host.is_empty() && !authority.as_str().contains('@') && good_port;
        is_good.then_some(Self { uri, host })
    }

    /// The host in lower case, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Scheme, host and port: to whom a secret is told.
    #[must_use]
    pub fn origin(&self) -> (bool, String, u16) {
        (self.is_secure(), self.host.clone(), self.port())
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// The last part of the path: what a file from there is called.
    #[must_use]
    pub fn file_name(&self) -> &str {
        let name = self.uri.path().rsplit('/').next().unwrap_or_default();
        if name.is_empty() { &self.host } else { name }
    }

    /// The address without its query, in which a key may stand: what is shown and told.
    #[must_use]
    pub fn shown(&self) -> String {
        let (scheme, authority) = (self.uri.scheme_str().unwrap_or_default(), self.uri.authority());
        let authority = authority.map(|authority| authority.as_str()).unwrap_or_default();
        let query = if self.uri.query().is_some() { "?…" } else { "" };
        format!("{scheme}://{authority}{}{query}", self.uri.path())
    }

    /// An address below this one: `path` is added to its path, and the pairs become its query.
    #[must_use]
    pub fn below(&self, path: &str, query: &[(&str, &str)]) -> Option<Self> {
        let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/.".contains(&b));
        if !is_word(path) || !query.iter().all(|(name, value)| is_word(name) && is_word(value)) {
            return None;
        }
        let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.with_path(&format!("{}/{path}?{}", self.uri.path().trim_end_matches('/'), pairs.join("&")))
    }

    pub(crate) const fn uri(&self) -> &Uri {
        &self.uri
    }

    fn with_path(&self, path: &str) -> Option<Self> {
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(path.parse::<PathAndQuery>().ok()?);
        Self::of(Uri::from_parts(parts).ok()?)
    }

    /// Where a redirect leads, if it is the same scheme, host and port.
    pub(crate) fn redirected(&self, to: &str) -> Option<Self> {
        let to = to.split('#').next().unwrap_or_default();
        if to.starts_with('/') && !to.starts_with("//") {
            return self.with_path(to);
        }
        if !to.contains("://") && !to.starts_with("//") {
            let folder = self.uri.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            return self.with_path(&format!("{folder}/{to}"));
        }
        let there: Self = to.parse().ok()?;
        (there.origin() == self.origin()).then_some(there)
    }

    fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(if self.is_secure() { 443 } else { 80 })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain() {
        for good in ["https://example.com", "http://127.0.0.1:8080/a?b=c", "https://[2001:db8::1]/x", " https://a.fi "]
        {
            assert!(good.parse::<Address>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "/etc/passwd",
            "file:///etc/passwd",
            "ftp://a.example",
            "https://",
            "https://u:p@a.example",
            "https://u@a.example",
            "https://a.example/#x",
            "https://a.example\\@b",
            "https://a b",
            "https://a.example:0",
            "https://a.example:99999",
            "gopher://a",
            "https://a.example/\u{e4}",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
        let long = format!("https://a.example/{}", "x".repeat(LONGEST));
        assert!(long.parse::<Address>().is_err());
    }

    #[test]
    fn a_redirect_stays_at_its_host() {
        let from: Address = "https://a.example/feeds/one.csv?key=1".parse().unwrap();
        for (to, want) in [
            ("/two", Some("https://a.example/two")),
            ("two.csv", Some("https://a.example/feeds/two.csv")),
            ("https://A.example:443/three#x", Some("https://A.example:443/three")),
            ("//b.example/", None),
            ("http://a.example/", None),
            ("https://b.example/", None),
            ("https://a.example:444/", None),
            ("https://a.example@b.example/", None),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)://", None),
        ] {
            assert_eq!(from.redirected(to).map(|a| a.to_string()).as_deref(), want, "{to}");
        }
        assert_eq!(from.shown(), "https://a.example/feeds/one.csv?…");
        assert_eq!(from.file_name(), "one.csv");
    }

    #[test]
    fn what_is_added_is_words_only() {
        let base: Address = "https://a.example/api/v3/".parse().unwrap();
        let full = base.below("companies", &[("businessId", "2617416-4")]).unwrap();
        assert_eq!(full.to_string(), "https://a.example/api/v3/companies?businessId=2617416-4");
        assert_eq!(base.below("companies", &[("businessId", "1&x=2")]), None);
    }
}
