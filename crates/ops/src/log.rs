//! The log: reading it, verifying it, keeping its checkpoints.

use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::StoreError;
use seloste_store::log::verify;
pub use seloste_store::log::verify::{Finding, Report};
pub use seloste_store::log::{Entry, head};

use crate::error::Result;
use crate::register::Register;

/// The newest events before number `before`, newest first.
///
/// # Errors
/// The actor may not.
pub fn newest(register: &Register, actor: &Actor, before: Option<u64>, limit: usize) -> Result<Vec<Entry>> {
    let usage = register.authorize(actor, Action::LogRead)?;
    let entries = register.db().look(|tx| seloste_store::log::entries(tx, before, limit))?;
    register.db().append_use(&usage, Vec::new())?;
    Ok(entries)
}

/// Verifies the whole log, and against checkpoints kept elsewhere.
///
/// # Errors
/// The actor may not, or the database can not be read. What is wrong with the log is in the report.
pub fn verify(register: &Register, actor: &Actor, against: Option<&str>) -> Result<Report> {
    register.authorize(actor, Action::LogVerify)?;
    let public = register.db().public_key();
    Ok(register.db().look(|tx| verify::verify(tx, &public, against))?)
}

/// The signed head of the log, which is also appended to the file of checkpoints.
///
/// # Errors
/// The actor may not, or the file can not be written.
pub fn checkpoint(register: &Register, actor: &Actor) -> Result<String> {
    register.authorize(actor, Action::LogVerify)?;
    Ok(register.db().keep_checkpoint()?)
}

/// Gives every line of the log's export to `write`; how many there were. No line holds a personal value.
///
/// # Errors
/// The actor may not, the database can not be read, or `write` fails.
pub fn export(
    register: &Register,
    actor: &Actor,
    write: &mut dyn FnMut(&str) -> Result<(), StoreError>,
) -> Result<u64> {
    let usage = register.authorize(actor, Action::LogRead)?;
    register.db().append_use(&usage, Vec::new())?;
    Ok(register.db().look(|tx| seloste_store::log::export(tx, write))?)
}

/// Accepts, with a note in the log, that the database was put back to an earlier state on purpose.
///
/// # Errors
/// The register can not be opened for another reason, or the file of checkpoints can not be moved aside.
pub fn accept_restore(
    settings: seloste_store::Settings,
    actor: &Actor,
    env: seloste_store::Env,
) -> Result<(), StoreError> {
    let suffix = env.now().as_second().to_string();
    let db = seloste_store::Db::open_restored(settings, env, &suffix)?;
    db.note(&actor.id(), "log.accept_restore", vec![format!("checkpoints:{suffix}")])?;
    db.keep_checkpoint()?;
    db.close();
    Ok(())
}
