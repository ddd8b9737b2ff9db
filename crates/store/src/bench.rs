//! For the benchmarks only (feature `bench`): the read that the log is measured against. Only `benches/` asks for the
//! feature, and the program's own build (`cargo build -p seloste`) is without it.

use std::sync::atomic::{AtomicBool, Ordering};

use seloste_domain::id::PersonId;
use seloste_domain::person::Person;
use seloste_domain::usage::Use;

use crate::db::Db;
use crate::error::Result;

static QUIET: AtomicBool = AtomicBool::new(false);

/// Switches the log of reads off: the pages with it are measured against the pages without.
pub fn quiet(on: bool) {
    QUIET.store(on, Ordering::Relaxed);
}

pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// A person's card without a log entry.
///
/// # Errors
/// There is none.
pub fn unlogged_person(db: &Db, usage: &Use, id: PersonId) -> Result<Person> {
    db.read_unlogged(usage, |r| crate::person::get(r, id))
}
