//! For the benchmarks only (feature `bench`): the read that the log is measured against. Only `benches/` asks for the
//! feature, and the program's own build (`cargo build -p seloste`) is without it.

use seloste_domain::id::PersonId;
use seloste_domain::person::Person;
use seloste_domain::usage::Use;

use crate::db::Db;
use crate::error::Result;

/// A person's card without a log entry.
///
/// # Errors
/// There is none.
pub fn unlogged_person(db: &Db, usage: &Use, id: PersonId) -> Result<Person> {
    db.read_unlogged(usage, |r| crate::person::get(r, id))
}
