//! How many requests a program may send: by token and by address, each with a bucket of its own.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use seloste_domain::id::TokenId;

use super::problem::ApiError;

/// Buckets remembered; those that are full again are forgotten first.
const REMEMBERED: usize = 10_000;

/// Requests a minute; as many may come at once.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Of one token.
    pub token: NonZeroU32,
    /// From one address.
    pub address: NonZeroU32,
    /// From one address with tokens that let nobody in.
    pub refused: NonZeroU32,
}

impl Rates {
    /// So many of one token, and twice as many from one address.
    #[must_use]
    pub fn of(token: NonZeroU32) -> Self {
        let refused = NonZeroU32::new(30).unwrap_or(NonZeroU32::MIN);
        Self { token, address: token.saturating_add(token.get()), refused }
    }
}

impl Rates {
    /// Of visitors of web services, from one network for one thing: a fifth of a token's.
    fn visitors(self) -> NonZeroU32 {
        NonZeroU32::new(self.token.get() / 5).unwrap_or(NonZeroU32::MIN)
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self::of(NonZeroU32::new(600).unwrap_or(NonZeroU32::MIN))
    }
}

/// The buckets.
pub(crate) struct Limits {
    tokens: DefaultKeyedRateLimiter<TokenId>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    refused: DefaultKeyedRateLimiter<IpAddr>,
    visitors: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(Rates::default())
    }
}

impl Limits {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            tokens: RateLimiter::keyed(Quota::per_minute(rates.token)),
            addresses: RateLimiter::keyed(Quota::per_minute(rates.address)),
            refused: RateLimiter::keyed(Quota::per_minute(rates.refused)),
            visitors: RateLimiter::keyed(Quota::per_minute(rates.visitors())),
            clock: DefaultClock::default(),
        }
    }

    pub(crate) fn token(&self, id: TokenId) -> Result<(), ApiError> {
        self.take(&self.tokens, id)
    }

    pub(crate) fn address(&self, from: Option<IpAddr>) -> Result<(), ApiError> {
        from.map_or(Ok(()), |from| self.take(&self.addresses, network(from)))
    }

    pub(crate) fn refused(&self, from: Option<IpAddr>) -> Result<(), ApiError> {
        from.map_or(Ok(()), |from| self.take(&self.refused, network(from)))
    }

    pub(crate) fn visitor(&self, what_and_network: &str) -> Result<(), ApiError> {
        self.take(&self.visitors, what_and_network.to_owned())
    }

    fn take<K: std::hash::Hash + Eq + Clone>(
        &self,
        buckets: &DefaultKeyedRateLimiter<K>,
        key: K,
    ) -> Result<(), ApiError> {
        if buckets.len() > REMEMBERED {
            buckets.retain_recent();
        }
        buckets.check_key(&key).map_err(|until| {
            // Rounded up: a program that waits for so long is let in.
            ApiError::TooMany(until.wait_time_from(self.clock.now()).as_secs().saturating_add(1))
        })
    }
}

/// Somebody who has one IPv6 address has 2^64 of them.
pub(crate) fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_that_is_empty_refuses_and_says_for_how_long() {
        let two = NonZeroU32::new(2).unwrap();
        let limits = Limits::new(Rates { token: two, address: two, refused: two });
        let (one, other) = ("2001:db8::1".parse().ok(), "2001:db8::2".parse().ok());
        assert_eq!((limits.address(one), limits.address(other)), (Ok(()), Ok(())));
        let Err(ApiError::TooMany(wait)) = limits.address(one) else { panic!("it was let in") };
        assert!((1..=31).contains(&wait), "{wait}");
        assert_eq!(limits.address("2001:db8:0:1::1".parse().ok()), Ok(()));
        assert_eq!(limits.refused(one), Ok(()));
    }
}
