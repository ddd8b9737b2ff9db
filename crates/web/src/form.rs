//! Forms as they come in: pairs in order, repeated names allowed, with limits.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use seloste_domain::draft::{DraftAddress, DraftText};

use crate::App;
use crate::error::PageError;

/// Fields of one form at most: an order of a thousand lines fits.
const FIELDS: usize = 10_000;

/// The fields of a form, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl FromRequest<App> for Form {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let body = Bytes::from_request(request, app).await.map_err(|_| PageError::TooLarge)?;
        Self::parse(&body)
    }
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, PageError> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(body)
            .take(FIELDS + 1)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        if pairs.len() > FIELDS { Err(PageError::TooLarge) } else { Ok(Self(pairs)) }
    }

    /// The first value of a name; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// All fields, in order.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// All values of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a name is there: a check box that is ticked, a button that was pressed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or(0)
    }

    /// A value that must parse.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).trim().parse().ok()
    }

    fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(key, _)| key == name).count()
    }

    fn nth(&self, name: &str, place: usize) -> String {
        self.0.iter().filter(|(key, _)| key == name).nth(place).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Rows of e-mail addresses or telephone numbers.
    pub(crate) fn texts(&self, name: &str) -> Vec<DraftText> {
        (0..self.count(&format!("{name}.text")))
            .map(|row| DraftText {
                label: self.nth(&format!("{name}.label"), row),
                text: self.nth(&format!("{name}.text"), row),
                valid_from: self.nth(&format!("{name}.valid_from"), row),
                valid_until: self.nth(&format!("{name}.valid_until"), row),
            })
            .collect()
    }

    /// Rows of postal addresses.
    pub(crate) fn addresses(&self, name: &str) -> Vec<DraftAddress> {
        (0..self.count(&format!("{name}.street")))
            .map(|row| {
                let field = |part: &str| self.nth(&format!("{name}.{part}"), row);
                DraftAddress {
                    label: field("label"),
                    street: field("street").replace("\r\n", "\n"),
                    postal_code: field("postal_code"),
                    town: field("town"),
                    region: field("region"),
                    country: field("country"),
                    valid_from: field("valid_from"),
                    valid_until: field("valid_until"),
                }
            })
            .collect()
    }

    /// Rows of names that repeat together, such as the lines of an order.
    pub(crate) fn rows(&self, names: &[&str]) -> Vec<Vec<String>> {
        let mut columns: Vec<std::vec::IntoIter<String>> =
            names.iter().map(|name| self.all(name).into_iter()).collect();
        let rows = names.first().map_or(0, |first| self.count(first));
        (0..rows).map(|_| columns.iter_mut().map(|column| column.next().unwrap_or_default()).collect()).collect()
    }
}

/// Whether a path may be led back to after signing in: a page of this program, nothing that a browser could read as
/// another host.
pub(crate) fn safe_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 500
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && !path.to_ascii_lowercase().starts_with("/%")
        && !path.starts_with("/sign-")
}

/// Encodes a value for the query of an address.
pub(crate) fn encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_led_back_to() {
        for good in ["/people", "/people?q=a", "/orders/1"] {
            assert!(safe_path(good), "{good}");
        }
        for bad in
            ["", "people", "//evil.example", "/\\evil", "/%09/evil", "https://evil", "/a\tb", "/sign-out", "/a b"]
        {
            assert!(!safe_path(bad), "{bad}");
        }
    }

    #[test]
    fn rows_keep_their_order() {
        let form = Form::parse(b"emails.label=work&emails.text=a%40example.com&emails.label=&emails.text=b").unwrap();
        let rows = form.texts("emails");
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].label.as_str(), rows[0].text.as_str()), ("work", "a@example.com"));
        assert_eq!((rows[1].label.as_str(), rows[1].text.as_str()), ("", "b"));
    }
}
