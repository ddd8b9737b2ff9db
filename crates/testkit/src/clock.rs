//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use seloste_store::Clock;

use crate::or_fail;

/// A clock that stands still until it is moved. It begins on Monday 23 November 2026 at 9:00 UTC.
#[derive(Debug)]
pub struct TestClock {
    /// Microseconds since 1970, UTC.
    now: AtomicI64,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { now: AtomicI64::new(1_795_424_400_000_000) }
    }
}

impl TestClock {
    /// Moves it to a moment, which may be an earlier one.
    pub fn set(&self, to: Timestamp) {
        self.now.store(to.as_microsecond(), Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance(&self, by: SignedDuration) {
        let micros = or_fail(i64::try_from(by.as_micros()));
        self.now.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        or_fail(Timestamp::from_microsecond(self.now.load(Ordering::SeqCst)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_only_when_it_is_moved() {
        let clock = TestClock::default();
        assert_eq!(clock.now().to_string(), "2026-11-23T09:00:00Z");
        clock.advance(SignedDuration::from_hours(25));
        assert_eq!(clock.now().to_string(), "2026-11-24T10:00:00Z");
        clock.set("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:00Z");
    }
}
