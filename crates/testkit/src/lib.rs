//! What the tests of several crates need: databases, a running register with a clock of its own, and fictional people.

mod clock;
pub mod http;
mod place;
pub mod postgres;
pub mod program;
pub mod raw;
mod register;
pub mod samples;
pub mod schema;
pub mod smtp;

pub use clock::TestClock;
pub use place::{TestPlace, each_database};
pub use register::{NOTICE, TestRegister};

/// Fails the test when something that it stands on could not be made.
#[expect(clippy::panic, reason = "a test whose ground is missing has failed")]
#[track_caller]
pub(crate) fn or_fail<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("the test's own set-up failed: {error:?}"))
}
