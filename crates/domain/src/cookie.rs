//! Cookie choices (*evästevalinta*): what a visitor of a company's web services allows beyond what is necessary (Act 917/2014
//! section 205, Art. 7), and the events that may be kept only while such a choice covers them (promise P12). A visitor is
//! nobody of the register: a random number that is made after they have allowed something.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

pub use crate::cookie_wording::{UseWording, Wording};
use crate::field::{FieldError, FieldErrors, code};
use crate::id::{CompanyId, CookieChoiceId};
use crate::notice::{CookieUse, Notice};

/// How long a choice holds when nothing else is set, and at most, in months. The visitor is asked again after that.
pub const MONTHS: i64 = 12;
/// Events of one choice at most: nobody who visits a shop makes more of them in a year.
pub const MOST_EVENTS: i64 = 1_000;
/// Origins of a company at most.
pub const MOST_ORIGINS: usize = 20;
/// Characters of an origin at most.
const LONGEST_ORIGIN: usize = 200;
/// Characters of a path at most.
pub const LONGEST_PATH: usize = 200;
/// Digits in a part of a path from which on it may be somebody's number: an order's, an invoice's, an identity code.
const DIGITS_OF_A_NUMBER: usize = 6;
/// Characters of a part of a path from which on it may be a secret of a link.
const LONGEST_PART: usize = 60;
/// How long the proof of a choice is kept after the choice has ended, in months (Art. 7(1), Art. 5(1)(e)).
pub const PROOF_MONTHS: i64 = 12;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $value:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$item])* $value,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$value),*];

            /// The name in the database, in the interface and as key of its translations.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(UnknownWord)
            }
        }
    )*};
}

/// Not one of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the word is not known")]
pub struct UnknownWord;

words! {
    /// How a choice came about.
    ChoiceWay {
        /// By a button of the banner that asked.
        Banner = "banner",
        /// In the settings, which the visitor opened by themself.
        Settings = "settings",
    }
    /// How a choice ended.
    ChoiceEnd {
        /// The visitor took it back.
        Withdrawn = "withdrawn",
        /// The visitor chose anew.
        Replaced = "replaced",
        /// Its time was over.
        Expired = "expired",
        /// Its web service is no longer one of the company's.
        OriginRemoved = "origin_removed",
    }
    /// What may be told of a visit: a closed list, none with words of the visitor's own.
    EventKind {
        /// A page was seen.
        PageSeen = "page_seen",
        /// An order was sent.
        OrderSent = "order_sent",
        /// A product was seen.
        ProductSeen = "product_seen",
        /// A product was put into the basket.
        BasketFilled = "basket_filled",
    }
}

impl EventKind {
    /// The use that has to be allowed for it.
    #[must_use]
    pub const fn needs(self) -> CookieUse {
        match self {
            Self::PageSeen | Self::OrderSent => CookieUse::Statistics,
            Self::ProductSeen | Self::BasketFilled => CookieUse::TargetedContent,
        }
    }
}

/// The uses that a visitor is asked about: those of the notice that are not necessary for the service.
#[must_use]
pub fn asked(notice: &Notice) -> Vec<CookieUse> {
    let declared = notice.cookies().filter(|cookies| cookies.consent).map(|cookies| cookies.uses.clone());
    let mut uses = declared.unwrap_or_default();
    uses.retain(|cookie| *cookie != CookieUse::Necessary);
    uses.sort_by_key(|cookie| cookie.as_str());
    uses.dedup();
    uses
}

/// A choice that allowed something. A refusal has none: it is remembered by the visitor's browser only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieChoice {
    /// Its id. It is not the visitor's number, of which only a hash is kept.
    pub id: CookieChoiceId,
    /// Whose web services it is about.
    pub company: CompanyId,
    /// The web service (scheme, host and port) in which it was made.
    pub origin: String,
    /// The hash of the text that was shown: see [`Wording::version`].
    pub text: String,
    /// How it came about.
    pub way: ChoiceWay,
    /// Whether the browser sent the signal of Global Privacy Control, and the visitor chose otherwise.
    pub despite_signal: bool,
    /// Each use that was asked about, and whether it was allowed.
    pub uses: Vec<(CookieUse, bool)>,
    /// When it was made.
    pub given_at: Timestamp,
    /// From when on it holds no longer.
    pub expires_at: Timestamp,
    /// How and when it ended, when it has.
    pub ended: Option<(ChoiceEnd, Timestamp)>,
}

impl CookieChoice {
    /// Whether it covers a use at a time. A clock that stands before the choice covers nothing.
    #[must_use]
    pub fn covers(&self, cookie: CookieUse, at: Timestamp) -> bool {
        let holds = self.ended.is_none() && self.given_at <= at && at < self.expires_at;
        holds && self.uses.contains(&(cookie, true))
    }
}

/// What a visitor chooses, before it is checked.
#[derive(Clone, Debug, Default)]
pub struct ChoiceDraft {
    /// The uses that are allowed; the others are refused.
    pub allowed: Vec<CookieUse>,
    /// The version of the text that was shown.
    pub text: String,
    /// How: a [`ChoiceWay`].
    pub way: String,
    /// Whether the browser sent the signal of Global Privacy Control.
    pub has_signal: bool,
}

/// Why a choice or an event is not taken. None of them says anything of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieRefused {
    /// The web service is none of the company's.
    #[error("the origin is not one of the company's web services")]
    Origin,
    /// The notice does not declare the use, or asks for nothing.
    #[error("the notice does not declare this use of cookies")]
    Undeclared,
    /// Nothing was allowed: such a choice is kept by the browser alone.
    #[error("nothing was allowed, so there is nothing to keep")]
    NothingAllowed,
    /// Another text was shown than the one in force.
    #[error("the text that was shown is not the one in force")]
    OtherText,
    /// The browser says by Global Privacy Control that nothing is allowed, and the visitor did not choose otherwise by themself.
    #[error("the browser refuses by Global Privacy Control")]
    Signal,
    /// No choice covers the event.
    #[error("no choice covers this")]
    NotCovered,
    /// The choice has as many events as it may have.
    #[error("there are as many events as there may be")]
    Full,
}

impl ChoiceDraft {
    /// The uses that are asked about with what was chosen, and the way.
    ///
    /// # Errors
    /// What is allowed is not declared, or nothing is; or the browser's signal stands against it.
    pub fn decide(&self, asked: &[CookieUse]) -> Result<(Vec<(CookieUse, bool)>, ChoiceWay), CookieRefused> {
        if self.allowed.iter().any(|cookie| !asked.contains(cookie)) {
            return Err(CookieRefused::Undeclared);
        }
        if self.allowed.is_empty() {
            return Err(CookieRefused::NothingAllowed);
        }
        let way = self.way.parse().map_err(|_| CookieRefused::OtherText)?;
        // The signal refuses for the visitor: only what they opened by themself can say otherwise.
        if self.has_signal && way == ChoiceWay::Banner {
            return Err(CookieRefused::Signal);
        }
        Ok((asked.iter().map(|cookie| (*cookie, self.allowed.contains(cookie))).collect(), way))
    }
}

/// The last moment of a choice that is made on a day: the same day so many months later, as the day begins.
#[must_use]
pub fn last_day(given: Date, months: i64) -> Date {
    crate::deadline::months_after(given, i32::try_from(months.clamp(1, MONTHS)).unwrap_or(1))
}

/// What a company has set for its web services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieSetting {
    /// Whose it is.
    pub company: CompanyId,
    /// The origins that may ask, choose and tell.
    pub origins: Vec<String>,
    /// How many months a choice holds.
    pub months: i64,
    /// Grows by one with every change; 0: nothing was set yet.
    pub version: i64,
}

impl CookieSetting {
    /// What holds for a company that has set nothing: no web service may ask.
    #[must_use]
    pub const fn none(company: CompanyId) -> Self {
        Self { company, origins: Vec::new(), months: MONTHS, version: 0 }
    }

    /// Whether a web service is one of the company's.
    #[must_use]
    pub fn has_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
    }
}

/// What is to be set, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct SettingDraft {
    /// Origins, one a line.
    pub origins: String,
    /// Months; empty: [`MONTHS`].
    pub months: String,
}

impl SettingDraft {
    /// The origins and the months.
    ///
    /// # Errors
    /// A line is no origin, there are too many, or the months are none from 1 to [`MONTHS`].
    pub fn validate(&self) -> Result<(Vec<String>, i64), FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut origins = Vec::new();
        for line in self.origins.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match origin(line) {
                Some(origin) if !origins.contains(&origin) => origins.push(origin),
                Some(_) => {}
                None => {
                    errors.push(FieldError::new("origins", code::ORIGIN_INVALID));
                    break;
                }
            }
        }
        if origins.len() > MOST_ORIGINS {
            errors.push(FieldError::new("origins", code::TOO_MANY).with("max", MOST_ORIGINS));
        }
        let months = match self.months.trim() {
            "" => Some(MONTHS),
            text => text.parse().ok().filter(|months| (1..=MONTHS).contains(months)),
        };
        if months.is_none() {
            errors.push(FieldError::new("months", code::MONTHS_INVALID).with("max", MONTHS));
        }
        errors.into_result((origins, months.unwrap_or(MONTHS)))
    }
}

/// An origin as browsers write it (RFC 6454 6.1): `https`, or `http` on the machine itself, host in small letters, port when it is
/// not the usual one. None: it is no such thing.
#[must_use]
pub fn origin(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://")?;
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let usual = match scheme {
        "https" => "443",
        "http" if is_this_machine(host) => "80",
        _ => return None,
    };
    let port = match port {
        Some(port) if !port.starts_with('0') && port.parse::<u16>().is_ok() => Some(port).filter(|port| *port != usual),
        Some(_) => return None,
        None => None,
    };
    if text.len() > LONGEST_ORIGIN || !is_host(host) {
        return None;
    }
    Some(port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}")))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        ends(label.chars().next())
            && ends(label.chars().last())
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    host.split('.').all(label)
}

/// The path of an event: without what may be somebody's. What looks like a number of an order or a person, an e-mail address or a
/// secret of a link becomes `*` (no personal data in addresses). None: it is no path, or has a query or a fragment.
#[must_use]
pub fn path(text: &str) -> Option<String> {
    let fits = text.starts_with('/') && text.chars().count() <= LONGEST_PATH;
    if !fits || text.contains(['?', '#', '\\']) || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let parts: Vec<&str> = text.split('/').map(|part| if may_be_someones(part) { "*" } else { part }).collect();
    Some(parts.join("/"))
}

fn may_be_someones(part: &str) -> bool {
    let digits = part.chars().filter(|c| c.is_numeric()).count();
    let at = part.contains('@') || part.to_ascii_lowercase().contains("%40") || part.contains([';', '=', '&']);
    at || digits >= DIGITS_OF_A_NUMBER || part.chars().count() > LONGEST_PART
}

/// The number of a visitor as it is kept: a hash, so that who reads the database can not speak for a visitor.
#[must_use]
pub fn visitor_hash(visitor: &str) -> [u8; 32] {
    Sha256::digest(visitor.trim().as_bytes()).into()
}

/// A visitor's number, of randomness.
#[must_use]
pub fn visitor(random: [u8; 16]) -> String {
    hex::encode(random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn an_origin_is_as_browsers_write_it_and_safe() {
        for (typed, is) in [
            ("https://www.example.com", Some("https://www.example.com")),
            ("HTTPS://Kauppa.Example.com:443/", Some("https://kauppa.example.com")),
            ("https://example.com:8443", Some("https://example.com:8443")),
            ("http://127.0.0.1:8090", Some("http://127.0.0.1:8090")),
            ("http://localhost", Some("http://localhost")),
            ("http://[::1]:80", Some("http://[::1]")),
            ("http://example.com", None),
            ("https://example.com/kauppa", None),
            ("https://*.example.com", None),
            ("https://a@example.com", None),
            ("https://example.com:99999", None),
            ("https://-a.example", None),
            ("null", None),
            ("*", None),
            ("https://", None),
            ("https://ex ample.com", None),
        ] {
            assert_eq!(origin(typed).as_deref(), is, "{typed}");
        }
    }

    #[test]
    fn a_path_holds_nothing_of_somebody() {
        for (told, kept) in [
            ("/", Some("/")),
            ("/tuotteet/kumisaapas-42", Some("/tuotteet/kumisaapas-42")),
            ("/tilaus/10004711/kiitos", Some("/tilaus/*/kiitos")),
            ("/vahvista/maija%40example.com", Some("/vahvista/*")),
            ("/vahvista/maija@example.com", Some("/vahvista/*")),
            ("/oma/131052-308T", Some("/oma/*")),
            ("/sivu;istunto=ab", Some("/*")),
            ("/haku?q=maija", None),
            ("/sivu#kohta", None),
            ("sivu", None),
            ("/a b", None),
            ("/a\u{0}", None),
        ] {
            assert_eq!(path(told).as_deref(), kept, "{told}");
        }
        assert_eq!(path(&format!("/{}", "a".repeat(61))).as_deref(), Some("/*"));
        assert_eq!(path(&format!("/{}", "a/".repeat(100))), None);
    }

    #[test]
    fn a_choice_covers_what_it_allows_while_it_lasts() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let choice = CookieChoice {
            id: CookieChoiceId(uuid::Uuid::nil()),
            company: "arjasmaa".parse().unwrap(),
            origin: "https://example.com".into(),
            text: String::new(),
            way: ChoiceWay::Banner,
            despite_signal: false,
            uses: vec![(CookieUse::Statistics, true), (CookieUse::TargetedContent, false)],
            given_at: at("2026-11-23T08:00:00Z"),
            expires_at: at("2027-11-23T00:00:00Z"),
            ended: None,
        };
        let now = at("2026-11-23T08:00:00Z");
        assert!(choice.covers(CookieUse::Statistics, now));
        assert!(!choice.covers(CookieUse::TargetedContent, now));
        assert!(!choice.covers(CookieUse::Necessary, now));
        assert!(!choice.covers(CookieUse::Statistics, at("2026-11-23T07:59:59Z")), "the clock was set back");
        assert!(!choice.covers(CookieUse::Statistics, at("2027-11-23T00:00:00Z")));
        let ended = CookieChoice { ended: Some((ChoiceEnd::Withdrawn, now)), ..choice };
        assert!(!ended.covers(CookieUse::Statistics, now));
    }

    #[test]
    fn what_is_not_declared_can_not_be_chosen_and_the_signal_is_heeded() {
        let asked = [CookieUse::Statistics, CookieUse::TargetedContent];
        let draft = |allowed: &[CookieUse], way: &str, has_signal| {
            ChoiceDraft { allowed: allowed.to_vec(), text: String::new(), way: way.into(), has_signal }.decide(&asked)
        };
        let (uses, way) = draft(&[CookieUse::Statistics], "banner", false).unwrap();
        assert_eq!(uses, [(CookieUse::Statistics, true), (CookieUse::TargetedContent, false)]);
        assert_eq!(way, ChoiceWay::Banner);
        assert_eq!(draft(&[CookieUse::Necessary], "banner", false), Err(CookieRefused::Undeclared));
        assert_eq!(draft(&[], "banner", false), Err(CookieRefused::NothingAllowed));
        assert_eq!(draft(&[CookieUse::Statistics], "banner", true), Err(CookieRefused::Signal));
        assert!(draft(&[CookieUse::Statistics], "settings", true).is_ok());
    }

    #[test]
    fn settings_tell_what_is_wrong() {
        let draft = |origins: &str, months: &str| SettingDraft { origins: origins.into(), months: months.into() };
        let both = draft("https://b.example\r\n\r\n https://a.example/ \nhttps://b.example", "").validate().unwrap();
        assert_eq!(both, (vec!["https://b.example".to_owned(), "https://a.example".to_owned()], 12));
        let wrong = |draft: SettingDraft| draft.validate().unwrap_err().0[0].code;
        assert_eq!(wrong(draft("https://a.example\nkauppa", "6")), code::ORIGIN_INVALID);
        assert_eq!(wrong(draft("", "13")), code::MONTHS_INVALID);
        assert_eq!(wrong(draft("", "0")), code::MONTHS_INVALID);
        let many: Vec<String> = (0..=MOST_ORIGINS).map(|number| format!("https://a{number}.example")).collect();
        assert_eq!(wrong(draft(&many.join("\n"), "6")), code::TOO_MANY);
    }

    #[test]
    fn a_text_has_a_version_of_its_own_in_each_language() {
        let uses = [CookieUse::Statistics];
        let of = |company: &str, language| Wording::new(company, &uses, language).version();
        assert_eq!(of("Arjasmaa Oy", Language::Fi), of("Arjasmaa Oy", Language::Fi));
        assert_ne!(of("Arjasmaa Oy", Language::Fi), of("Arjasmaa Oy", Language::En));
        assert_ne!(of("Arjasmaa Oy", Language::Fi), of("Toinen Oy", Language::Fi));
        assert_eq!(of("Arjasmaa Oy", Language::Sv).len(), 64);
    }
}
