//! Tokens: what a program shows instead of signing in. A token is shown once; the register keeps its hash. It ends by
//! itself, may be used only from the networks that were given to it, and belongs to one audience: what staff use is
//! nothing to the partners' interface, and the other way round.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::TokenId;

/// Most characters in a token's name.
const MAX_NAME: usize = 100;
/// Most networks of one token.
const MAX_NETWORKS: usize = 50;
/// A token is good for so many days at most.
pub const MAX_DAYS: i64 = 366;
/// A token that is replaced is good for so many days more at most.
pub const MAX_OVERLAP_DAYS: i64 = 30;
/// Tokens of one owner that are in use at the same time, at most.
pub const MAX_IN_USE: usize = 20;

/// Whom a token lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A member of staff, through the programs that they use.
    Staff,
    /// A partner.
    Partner,
}

impl Audience {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Staff, Self::Partner];

    /// What its tokens begin with, so that those who find one know what it is (and scanners find it).
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Staff => "seloste_staff_",
            Self::Partner => "seloste_partner_",
        }
    }

    /// Whether a text looks like a token of this audience.
    #[must_use]
    pub fn is_of(self, text: &str) -> bool {
        text.strip_prefix(self.prefix()).is_some_and(|rest| {
            rest.len() == 43 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
    }
}

/// The networks that a token may be used from; none: from anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether an address is in one of them. An IPv4 address that is written as IPv6 is the IPv4 address.
    #[must_use]
    pub fn allow(&self, from: IpAddr) -> bool {
        let from = from.to_canonical();
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&from))
    }

    /// Whether it may be used from anywhere.
    #[must_use]
    pub const fn is_anywhere(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, network) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            network.fmt(f)?;
        }
        Ok(())
    }
}

/// Not a list of networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of networks")]
pub struct NotNetworks;

impl FromStr for Networks {
    type Err = NotNetworks;

    /// Networks in CIDR (`192.0.2.0/24`) and single addresses, parted by white space or commas.
    fn from_str(text: &str) -> Result<Self, NotNetworks> {
        let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
        let mut networks = Vec::new();
        for word in words {
            let network = match word.parse::<IpNet>() {
                Ok(network) => network.trunc(),
                Err(_) => IpNet::from(word.parse::<IpAddr>().map_err(|_| NotNetworks)?.to_canonical()),
            };
            if !networks.contains(&network) {
                networks.push(network);
            }
        }
        Ok(Self(networks))
    }
}

/// A token to be made, as a form gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenDraft {
    /// What it is for.
    pub name: String,
    /// How many days it is to be good for.
    pub days: String,
    /// From which networks; empty: from anywhere.
    pub networks: String,
}

/// A token to be made, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidToken {
    /// What it is for.
    pub name: String,
    /// How long it is good for.
    pub lifetime: SignedDuration,
    /// From which networks.
    pub networks: Networks,
}

impl TokenDraft {
    /// Checks it.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn validate(&self) -> Result<ValidToken, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.keep(one_line("name", &self.name, MAX_NAME)).unwrap_or_default();
        if name.is_empty() && errors.is_empty() {
            errors.push(FieldError::new("name", code::REQUIRED));
        }
        let days = errors.keep(days("days", &self.days, 1, MAX_DAYS));
        let networks =
            self.networks.parse::<Networks>().map_err(|_| FieldError::new("networks", code::NETWORK_INVALID));
        let networks = errors.keep(networks).unwrap_or_default();
        if networks.0.len() > MAX_NETWORKS {
            errors.push(FieldError::new("networks", code::TOO_MANY).with("max", MAX_NETWORKS));
        }
        let lifetime = SignedDuration::from_hours(24 * days.unwrap_or(1));
        errors.into_result(ValidToken { name, lifetime, networks })
    }
}

/// For how many days a replaced token is still good: `0` ends it at once.
///
/// # Errors
/// It is no number of days, or too many.
pub fn overlap(text: &str) -> Result<SignedDuration, FieldErrors> {
    let days = days("overlap", text, 0, MAX_OVERLAP_DAYS).map_err(FieldErrors::from)?;
    Ok(SignedDuration::from_hours(24 * days))
}

fn days(field: &str, text: &str, min: i64, max: i64) -> Result<i64, FieldError> {
    let wrong = || FieldError::new(field, code::DAYS_BETWEEN).with("min", min).with("max", max);
    let days: i64 = text.trim().parse().map_err(|_| wrong())?;
    if (min..=max).contains(&days) { Ok(days) } else { Err(wrong()) }
}

/// A token as the register knows it: everything but what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// From which networks.
    pub networks: Networks,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was ended before its time.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used (to within a minute).
    pub used_at: Option<Timestamp>,
    /// From which address it was last used.
    pub used_from: Option<String>,
}

impl Token {
    /// Whether it is good at a moment.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// When a replaced token ends: after the overlap, and not later than it would have ended anyway.
#[must_use]
pub fn replaced_until(expires_at: Timestamp, now: Timestamp, overlap: SignedDuration) -> Timestamp {
    now.checked_add(overlap).unwrap_or(expires_at).min(expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(text: &str) -> Networks {
        text.parse().unwrap()
    }

    #[test]
    fn a_token_is_used_from_its_networks_only() {
        let some = networks("192.0.2.0/24, 198.51.100.7\n2001:db8::/32");
        assert_eq!(some.to_string(), "192.0.2.0/24 198.51.100.7/32 2001:db8::/32");
        assert_eq!(networks(&some.to_string()), some);
        for inside in ["192.0.2.9", "198.51.100.7", "::ffff:192.0.2.9", "2001:db8:1::1"] {
            assert!(some.allow(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["192.0.3.9", "198.51.100.8", "::1", "2001:db9::1"] {
            assert!(!some.allow(outside.parse().unwrap()), "{outside}");
        }
        assert!(networks(" ").allow("203.0.113.1".parse().unwrap()));
        assert_eq!(networks("192.0.2.77/24").to_string(), "192.0.2.0/24");
        for bad in ["192.0.2.0/33", "example.com", "192.0.2", "10.0.0.0/8;"] {
            assert!(bad.parse::<Networks>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_draft_needs_a_name_and_an_end() {
        let draft = |name: &str, days: &str, networks: &str| TokenDraft {
            name: name.into(),
            days: days.into(),
            networks: networks.into(),
        };
        let valid = draft(" Verkkokauppa ", "90", "").validate().unwrap();
        assert_eq!((valid.name.as_str(), valid.lifetime), ("Verkkokauppa", SignedDuration::from_hours(90 * 24)));
        let wrong = draft("", "367", "here").validate().unwrap_err();
        let codes: Vec<_> = wrong.0.iter().map(|error| (error.field.as_str(), error.code)).collect();
        let wanted = [("name", code::REQUIRED), ("days", code::DAYS_BETWEEN), ("networks", code::NETWORK_INVALID)];
        assert_eq!(codes, wanted);
        assert!(draft("a", "0", "").validate().is_err());
        assert_eq!(overlap("0"), Ok(SignedDuration::ZERO));
        assert!(overlap("31").is_err() && overlap("-1").is_err());
    }

    #[test]
    fn a_replaced_token_is_never_good_for_longer_than_it_was() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (now, week) = (at("2026-11-23T09:00:00Z"), SignedDuration::from_hours(7 * 24));
        assert_eq!(replaced_until(at("2027-01-01T00:00:00Z"), now, week), at("2026-11-30T09:00:00Z"));
        assert_eq!(replaced_until(at("2026-11-24T00:00:00Z"), now, week), at("2026-11-24T00:00:00Z"));
    }

    #[test]
    fn audiences_are_told_apart_by_what_their_tokens_begin_with() {
        let secret = "a".repeat(43);
        for audience in Audience::ALL {
            let token = format!("{}{secret}", audience.prefix());
            assert_eq!(Audience::ALL.map(|other| other.is_of(&token)), Audience::ALL.map(|other| other == audience));
            assert!(!audience.is_of(&token[..token.len() - 1]) && !audience.is_of(&format!("{token}a")));
        }
    }
}
