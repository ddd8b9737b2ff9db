//! Which addresses may be connected to. The name is looked up here, and what is handed on is what was checked, so that a
//! name can not mean one thing when it is checked and another when it is connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The host has an address inside the network.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the host is inside the network")]
pub(crate) struct Inside;

/// Looks names up, and lets only public addresses through unless the host is trusted.
#[derive(Default)]
pub(crate) struct Guard {
    trusted: bool,
    resolver: DefaultResolver,
}

impl Guard {
    pub(crate) fn new(trusted: bool) -> Self {
        Self { trusted, resolver: DefaultResolver::default() }
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("trusted", &self.trusted).finish_non_exhaustive()
    }
}

impl Resolver for Guard {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = match self.resolver.resolve(uri, config, timeout) {
            Ok(found) => found,
            // A name that nobody knows comes as an error of the system.
            Err(ureq::Error::Io(_)) => return Err(ureq::Error::HostNotFound),
            Err(other) => return Err(other),
        };
        // One inner address among others is one too many: which of them answers is not ours to choose.
        if !self.trusted && found.iter().any(|address| !is_public(address.ip())) {
            return Err(ureq::Error::Io(std::io::Error::other(Inside)));
        }
        Ok(found)
    }
}

/// Whether an address is one of the public internet (IANA's registries of special-purpose addresses, RFC 6890).
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = match (a, b, c) {
        // This network; private; loopback; link-local; multicast, reserved and broadcast.
        (0 | 10 | 127 | 224..=255, _, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
        // Shared address space (RFC 6598); benchmarking (RFC 2544).
        (100, 64..=127, _) | (198, 18 | 19, _) => true,
        // IETF protocol assignments; 6to4 relays; documentation (RFC 5737).
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    match segments {
        // IPv4 in IPv6, mapped (::ffff:0:0/96) or through NAT64 (64:ff9b::/96): what it stands for counts.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4(high, low)),
        // 6to4 (2002::/16) carries an IPv4 address.
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Protocol assignments with Teredo (2001::/23); documentation (2001:db8::/32, 3fff::/20).
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Only global unicast (2000::/3) is public.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

const fn v4(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for public in ["8.8.8.8", "193.166.1.1", "172.32.0.1", "100.128.0.1", "2001:67c:224::1", "2a00:1450::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
    }
}
