//! The notice: its versions, checking a new one, and putting it into force.

use seloste_domain::kind::Kind;
use seloste_domain::notice::{Change, Notice, Problem, diff};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
pub use seloste_store::notice::Published;
use seloste_store::{StoreError, notice as rows, party};

use crate::error::{OpsError, Result};
use crate::register::Register;

/// Every published version, newest first. Public.
///
/// # Errors
/// The database can not be read.
pub fn versions(register: &Register) -> Result<Vec<Published>> {
    Ok(register.db().look(rows::versions)?)
}

/// One published version, or the one in force. Public.
///
/// # Errors
/// There is no such version.
pub fn published(register: &Register, version: Option<i64>) -> Result<(Published, Notice)> {
    let published = register.db().look(|tx| match version {
        Some(version) => rows::version(tx, version),
        None => rows::current(tx)?.ok_or(StoreError::NotFound("notice")),
    })?;
    let notice = Notice::parse(&published.definition).map_err(OpsError::Notice)?;
    Ok((published, notice))
}

/// A new definition, compared with the one in force.
#[derive(Debug)]
pub struct Review {
    /// What is missing or contradictory; errors keep it from being published.
    pub problems: Vec<Problem>,
    /// What would change for whom.
    pub changes: Vec<Change>,
    /// The version in force that it was compared with.
    pub in_force: i64,
    /// Whether it can be published.
    pub publishable: bool,
}

/// Checks a new definition without publishing it.
///
/// # Errors
/// The actor may not.
pub fn review(register: &Register, actor: &Actor, definition: &str) -> Result<Review> {
    register.authorize(actor, Action::NoticeReview)?;
    let in_force = register.db().look(rows::current_version)?;
    let problems = seloste_domain::notice::check(definition);
    Ok(match Notice::parse(definition) {
        Ok(new) => Review {
            changes: diff(&*register.notice()?, &new),
            publishable: i64::from(new.version()) > in_force,
            problems,
            in_force,
        },
        Err(_) => Review { problems, changes: Vec::new(), in_force, publishable: false },
    })
}

/// Puts a new version into force.
///
/// # Errors
/// The actor may not, the definition has errors, its number is not greater than that in force, or someone else has
/// published since `expected`.
pub fn publish(register: &Register, actor: &Actor, definition: &str, expected: i64) -> Result<i64> {
    let usage = register.authorize(actor, Action::NoticePublish)?;
    let new = Notice::parse(definition).map_err(OpsError::Notice)?;
    let version = i64::from(new.version());
    if version <= expected {
        return Err(StoreError::Conflict { found: version, expected: expected + 1 }.into());
    }
    let companies: Vec<_> = new.companies().iter().map(|company| company.id.clone()).collect();
    let text = definition.to_owned();
    register.db().write(&usage, move |w| {
        let by = seloste_store::Access::usage(w).actor().clone();
        rows::publish(w.plain(), &by, &text, &companies, version, expected)
    })?;
    register.reload_notice()?;
    Ok(version)
}

/// What is still stored of kinds that the notice in force does not declare.
///
/// # Errors
/// The actor may not.
pub fn left_over(register: &Register, actor: &Actor) -> Result<Vec<(Kind, i64)>> {
    let usage = register.authorize(actor, Action::KindRemove)?;
    let stored = register.db().look(seloste_store::party::stored_kinds)?;
    Ok(stored.into_iter().filter(|(kind, _)| !usage.kinds().has(*kind)).collect())
}

/// Parties from which a kind is taken in one transaction.
const AT_ONCE: i64 = 200;

/// Takes a kind that the notice in force does not declare from everybody within the actor's companies (promise P10);
/// how many values. The sealed history keeps what was taken until the person is erased. Orders are not taken: how long
/// they are kept, other laws say.
///
/// # Errors
/// The actor may not, the notice declares the kind, or it is orders.
pub fn remove_left_over(register: &Register, actor: &Actor, kind: Kind) -> Result<u64> {
    let usage = register.authorize(actor, Action::KindRemove)?;
    if usage.kinds().has(kind) || kind == Kind::Orders {
        return Err(StoreError::NotFound("kind").into());
    }
    if kind == Kind::Credit {
        return remove_credit(register, &usage);
    }
    let (mut removed, mut after) = (0, uuid::Uuid::nil());
    loop {
        let found = register.db().look(|tx| party::with_kind(tx, kind, after, AT_ONCE))?;
        let Some((last, _)) = found.last() else { return Ok(removed) };
        after = last.0;
        removed += register.db().write(&usage, move |w| {
            found.iter().map(|(id, noun)| party::remove_kind(w, *noun, *id, kind)).sum::<Result<u64, StoreError>>()
        })?;
    }
}

/// Credit applications are taken whole, with what was asked about them.
fn remove_credit(register: &Register, usage: &seloste_domain::usage::Use) -> Result<u64> {
    let mut removed = 0;
    loop {
        let gone = register.db().write(usage, |w| seloste_store::credit::remove_some(w, AT_ONCE))?;
        if gone == 0 {
            return Ok(removed);
        }
        removed += gone;
    }
}
