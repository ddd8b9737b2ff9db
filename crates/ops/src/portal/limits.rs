//! How much may come from one network and go to one address, counted in memory by windows of a quarter of an hour. What a
//! restart forgets is little: a wish lives ten minutes, and has a few tries only.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

use crate::error::{OpsError, Result};

/// The length of a window.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Wishes, registrations and invitations from one network in a window.
const ASKS: u32 = 20;
/// Tries to enter from one network in a window.
const ENTRIES: u32 = 60;
/// Messages to one address in a window.
const MESSAGES: u32 = 3;
/// Keys remembered; a flood of invented ones forgets those whose window is over, and then all.
const REMEMBERED: usize = 20_000;

/// The counters.
#[derive(Default)]
pub(crate) struct Limits(Mutex<HashMap<String, (Timestamp, u32)>>);

impl Limits {
    /// A wish or a registration comes from a network.
    pub(crate) fn ask(&self, from: &str, now: Timestamp) -> Result<()> {
        self.within(&format!("ask {from}"), ASKS, now)
    }

    /// A try to enter comes from a network.
    pub(crate) fn try_to_enter(&self, from: &str, now: Timestamp) -> Result<()> {
        self.within(&format!("enter {from}"), ENTRIES, now)
    }

    /// Whether a message may go to an address.
    pub(crate) fn write_to(&self, address: &str, now: Timestamp) -> bool {
        self.within(&format!("to {address}"), MESSAGES, now).is_ok()
    }

    fn within(&self, key: &str, most: u32, now: Timestamp) -> Result<()> {
        let mut counted = self.0.lock();
        if counted.len() >= REMEMBERED {
            counted.retain(|_, (began, _)| now.duration_since(*began) < WINDOW);
        }
        if counted.len() >= REMEMBERED {
            counted.clear();
        }
        let (began, count) = counted.entry(key.to_owned()).or_insert((now, 0));
        let age = now.duration_since(*began);
        if age.is_negative() || age >= WINDOW {
            (*began, *count) = (now, 0);
        }
        if *count >= most {
            let left = (WINDOW - now.duration_since(*began)).as_secs().max(1);
            return Err(OpsError::Throttled { seconds: left });
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_fills_and_begins_anew() {
        let (limits, now) = (Limits::default(), "2026-11-23T08:00:00Z".parse::<Timestamp>().unwrap());
        for _ in 0..ASKS {
            limits.ask("192.0.2.1", now).unwrap();
        }
        assert!(matches!(limits.ask("192.0.2.1", now), Err(OpsError::Throttled { seconds: 900 })));
        limits.ask("192.0.2.2", now).unwrap();
        limits.ask("192.0.2.1", now + WINDOW).unwrap();
        // A clock that was set back does not lock anybody out for longer than a window.
        limits.ask("192.0.2.2", now - SignedDuration::from_hours(5)).unwrap();
        assert_eq!((0..5).filter(|_| limits.write_to("a@example.com", now)).count(), 3);
    }
}
