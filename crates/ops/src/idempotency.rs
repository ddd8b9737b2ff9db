//! Requests with a key of their own: the same key and the same content do it once, whatever is sent again and whenever a
//! program or a connection breaks off (draft-ietf-httpapi-idempotency-key-header).

use jiff::SignedDuration;
use seloste_domain::usage::ActorId;
use seloste_store::idempotency::{self as rows, Request};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::Result;
use crate::register::Register;

/// A key is remembered for so long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// A request that is not done after so long was broken off: it may be carried out again, under the same id. Longer than
/// any request may take.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// Most characters of a key.
pub const MAX_KEY: usize = 255;

/// What is to be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is to be carried out, and what it makes has this id.
    Now(Uuid),
    /// It was carried out, and made this.
    Before(Uuid),
    /// It is being carried out.
    Running,
    /// The key belongs to another request.
    Other,
}

/// Whether a key can be kept: printable ASCII, and not too long.
#[must_use]
pub fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= MAX_KEY && key.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

fn fingerprint(salt: Uuid, content: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    for part in content {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// Begins a request of somebody. `content` is all that makes it what it is: method, path, body.
///
/// # Errors
/// The database can not be written.
pub fn begin(register: &Register, owner: &ActorId, key: &str, content: &[&[u8]]) -> Result<Begun> {
    let now = register.now();
    let fresh = register.db().env().id();
    let parts: Vec<Vec<u8>> = content.iter().map(|part| part.to_vec()).collect();
    let (owner, key) = (owner.to_string(), key.to_owned());
    Ok(register.db().write_plain(move |plain| {
        let mut tx = plain.tx();
        rows::delete_before(&mut tx, now.checked_sub(REMEMBERED).unwrap_or(now))?;
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let found = rows::get(&mut tx, &owner, &key)?;
        let begun = match &found {
            None => Begun::Now(fresh),
            Some(request) if request.fingerprint != fingerprint(request.object, &parts) => Begun::Other,
            Some(request) if request.done_at.is_some() => Begun::Before(request.object),
            Some(request) if now.duration_since(request.began_at) < LEASE => Begun::Running,
            Some(request) => Begun::Now(request.object),
        };
        if let Begun::Now(object) = begun {
            let fingerprint = fingerprint(object, &parts);
            rows::begin(&mut tx, &owner, &key, &Request { fingerprint, object, began_at: now, done_at: None })?;
        }
        Ok(begun)
    })?)
}

/// Notes how a request ended: what was done is remembered, what was refused may be sent again.
///
/// # Errors
/// The database can not be written.
pub fn end(register: &Register, owner: &ActorId, key: &str, done: bool) -> Result<()> {
    let (owner, key, now) = (owner.to_string(), key.to_owned(), register.now());
    register.db().write_plain(move |plain| {
        let mut tx = plain.tx();
        if done { rows::done(&mut tx, &owner, &key, now) } else { rows::forget(&mut tx, &owner, &key) }
    })?;
    Ok(())
}
