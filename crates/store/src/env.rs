//! The clock and the randomness that a register runs on. Tests pass fixed ones and can replay a run by its seed.

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The clock and the randomness together.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    random: Arc<Mutex<Random>>,
}

struct Random {
    rng: StdRng,
    last_millis: u64,
    count: u16,
}

impl Env {
    /// The machine's clock and the operating system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), StdRng::from_rng(&mut rand::rng()))
    }

    /// A clock and a seed of one's own.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, rng: StdRng) -> Self {
        Self { clock, random: Arc::new(Mutex::new(Random { rng, last_millis: 0, count: 0 })) }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random bytes, fit for keys.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.lock().rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A new id: UUID version 7 (RFC 9562 5.7), ascending within this process, so that rows append.
    #[must_use]
    pub fn id(&self) -> Uuid {
        let now = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        let mut random = self.random.lock();
        if now > random.last_millis {
            random.last_millis = now;
            random.count = 0;
        } else if random.count == 0x0fff {
            random.last_millis += 1;
            random.count = 0;
        } else {
            random.count += 1;
        }
        let mut rest = [0; 10];
        random.rng.fill_bytes(&mut rest);
        rest[..2].copy_from_slice(&random.count.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(random.last_millis, &rest).into_uuid()
    }

    /// A new id that tells no time: UUID version 4.
    #[must_use]
    pub fn random_id(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend() {
        let env = Env::system();
        let ids: Vec<_> = (0..10_000).map(|_| env.id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert_eq!(ids[0].get_version_num(), 7);
    }
}
