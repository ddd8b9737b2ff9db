//! Signing in and out. A session is a random token; only its hash is stored. It ends after an hour without use and
//! after twelve hours in any case (NIST SP 800-63B-4, AAL2).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use seloste_domain::language::Language;
use seloste_domain::log::Outcome;
use seloste_domain::rights::AccountState;
use seloste_domain::usage::{Actor, ActorId};
use seloste_store::user::User;
use seloste_store::{session as rows, user as users};
use sha2::{Digest, Sha256};

use crate::error::{OpsError, Result};
use crate::register::Register;

/// A session without use ends after so long.
const IDLE: SignedDuration = SignedDuration::from_mins(60);
/// Any session ends after so long.
const TOTAL: SignedDuration = SignedDuration::from_hours(12);
/// Use is noted at most this often.
const NOTED: SignedDuration = SignedDuration::from_mins(1);

/// A secret that is given to a browser or written into a link, once.
pub struct Token(pub String);

pub(crate) fn new_token(register: &Register) -> (Token, [u8; 32]) {
    let token = random_token(register.db().env());
    let hash = token_hash(&token);
    (Token(token), hash)
}

/// 256 bits at random, as text.
pub(crate) fn random_token(env: &seloste_store::Env) -> String {
    URL_SAFE_NO_PAD.encode(env.bytes::<32>())
}

pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Their account.
    pub user: User,
    /// The same, as the actor of use cases.
    pub actor: Actor,
    /// The language of their pages.
    pub language: Language,
}

/// Signs in with login and password. Unknown logins, wrong passwords and accounts not in use are answered alike, after
/// the same time.
///
/// # Errors
/// [`OpsError::SignIn`], or [`OpsError::Throttled`] after many tries.
pub fn sign_in(register: &Register, login: &str, password: &str, from: &str) -> Result<(Token, SignedIn)> {
    let now = register.now();
    register.throttle().check(login, from, now)?;
    let found = register.db().look(|tx| {
        let Some(user) = users::by_login(tx, login)? else { return Ok(None) };
        let hash = users::password_hash(tx, user.id)?;
        Ok(Some((user, hash)))
    })?;
    let hash = found.as_ref().and_then(|(_, hash)| hash.as_deref());
    let right = register.passwords().matches(password, hash)?;
    let user = found.map(|(user, _)| user).filter(|user| right && user.state == AccountState::Active);
    let Some(user) = user else {
        register.throttle().failed(login, from, now);
        register.db().refuse(&ActorId::Nobody, "session.sign_in", Vec::new())?;
        return Err(OpsError::SignIn);
    };
    register.throttle().succeeded(login);
    begin(register, user)
}

/// Begins a session for an account whose person has just been recognised.
pub(crate) fn begin(register: &Register, user: User) -> Result<(Token, SignedIn)> {
    let (token, hash) = new_token(register);
    let (id, now) = (user.id, register.now());
    register.db().write_plain(move |plain| {
        rows::delete_before(&mut plain.tx(), now - TOTAL)?;
        rows::insert(&mut plain.tx(), &hash, id, now)?;
        plain.log(&ActorId::User(id), "session.sign_in", Outcome::Changed, vec![format!("user:{id}")])
    })?;
    Ok((token, signed_in(user)))
}

pub(crate) fn signed_in(user: User) -> SignedIn {
    let actor = Actor::User { id: user.id, state: user.state, assignments: user.assignments.clone() };
    SignedIn { language: user.language, actor, user }
}

/// Who holds this token, if its session is alive and the account in use.
///
/// # Errors
/// The database can not be read.
pub fn resume(register: &Register, token: &str) -> Result<Option<SignedIn>> {
    let hash = token_hash(token);
    let now = register.now();
    let found = register.db().look(|tx| {
        let Some(session) = rows::get(tx, &hash)? else { return Ok(None) };
        Ok(Some((session, users::get(tx, session.user)?)))
    })?;
    let Some((session, user)) = found else { return Ok(None) };
    let alive = now.duration_since(session.seen_at) < IDLE && now.duration_since(session.created_at) < TOTAL;
    if !alive || user.state != AccountState::Active {
        return Ok(None);
    }
    if now.duration_since(session.seen_at) >= NOTED {
        register.db().write_plain(move |plain| rows::touch(&mut plain.tx(), &hash, now))?;
    }
    Ok(Some(signed_in(user)))
}

/// Ends the session of a token.
///
/// # Errors
/// The database can not be written.
pub fn sign_out(register: &Register, token: &str) -> Result<()> {
    let hash = token_hash(token);
    register.db().write_plain(move |plain| {
        let Some(session) = rows::get(&mut plain.tx(), &hash)? else { return Ok(()) };
        rows::delete(&mut plain.tx(), &hash)?;
        plain.log(
            &ActorId::User(session.user),
            "session.sign_out",
            Outcome::Changed,
            vec![format!("user:{}", session.user)],
        )
    })?;
    Ok(())
}

/// Ends every session of the person who is signed in, this one too.
///
/// # Errors
/// The database can not be written.
pub fn sign_out_everywhere(register: &Register, who: &SignedIn) -> Result<()> {
    let id = who.user.id;
    register.db().write_plain(move |plain| {
        rows::delete_all(&mut plain.tx(), id)?;
        plain.log(&ActorId::User(id), "session.sign_out_everywhere", Outcome::Changed, vec![format!("user:{id}")])
    })?;
    Ok(())
}

/// Slows down guessing: by login and by address, each after five failures, twice as long each time, a quarter of an
/// hour at most.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, Failures>>);

struct Failures {
    count: u32,
    last: Timestamp,
}

impl Throttle {
    const FREE: u32 = 5;
    const LONGEST: i64 = 900;
    /// Names remembered; a flood of invented ones forgets the oldest.
    const REMEMBERED: usize = 10_000;

    fn keys(login: &str, from: &str) -> [String; 2] {
        [format!("login {}", login.trim().to_lowercase()), format!("from {from}")]
    }

    fn check(&self, login: &str, from: &str, now: Timestamp) -> Result<()> {
        let failures = self.0.lock();
        for key in Self::keys(login, from) {
            let Some(failed) = failures.get(&key) else { continue };
            let free = if key.starts_with("from") { Self::FREE * 4 } else { Self::FREE };
            let over = failed.count.saturating_sub(free);
            let wait = if over == 0 { 0 } else { (1_i64 << over.min(10)).min(Self::LONGEST) };
            let left = wait - now.duration_since(failed.last).as_secs();
            if left > 0 {
                return Err(OpsError::Throttled { seconds: left });
            }
        }
        Ok(())
    }

    fn failed(&self, login: &str, from: &str, now: Timestamp) {
        let mut failures = self.0.lock();
        if failures.len() >= Self::REMEMBERED {
            failures.retain(|_, failed| now.duration_since(failed.last).as_secs() < Self::LONGEST);
        }
        if failures.len() >= Self::REMEMBERED {
            failures.clear();
        }
        for key in Self::keys(login, from) {
            let failed = failures.entry(key).or_insert(Failures { count: 0, last: now });
            failed.count = failed.count.saturating_add(1);
            failed.last = now;
        }
    }

    fn succeeded(&self, login: &str) {
        self.0.lock().remove(&format!("login {}", login.trim().to_lowercase()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_becomes_slow() {
        let throttle = Throttle::default();
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        for _ in 0..6 {
            assert!(throttle.check("aino", "10.0.0.1", now).is_ok());
            throttle.failed("Aino ", "10.0.0.1", now);
        }
        assert!(matches!(throttle.check("aino", "10.0.0.2", now), Err(OpsError::Throttled { seconds: 2 })));
        assert!(throttle.check("eero", "10.0.0.1", now).is_ok());
        assert!(throttle.check("aino", "10.0.0.1", now + SignedDuration::from_secs(2)).is_ok());
        throttle.succeeded("aino");
        assert!(throttle.check("aino", "10.0.0.1", now).is_ok());
    }
}
