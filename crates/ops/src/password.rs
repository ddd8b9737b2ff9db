//! Password hashes: Argon2id. Only a few are computed at a time, so that a flood of sign-ins can not take the memory.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use parking_lot::Mutex;
use seloste_store::{Env, StoreError};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::error::{OpsError, Result};

/// Hashes computed at the same time.
const AT_ONCE: usize = 2;
/// Callers that may wait for one; beyond it they are told to come back.
const WAITING: usize = 16;

/// Computes and compares password hashes.
pub(crate) struct Passwords {
    argon: Argon2<'static>,
    /// The hash that a sign-in of nobody is compared with, so that it takes as long as any other.
    nobody: String,
    places: [Mutex<()>; AT_ONCE],
    waiting: std::sync::atomic::AtomicUsize,
}

impl Passwords {
    pub(crate) fn new(env: &Env) -> Result<Self> {
        // OWASP's choice for Argon2id: 19 MiB, 2 passes, 1 lane, which are the crate's defaults.
        let argon = Argon2::default();
        let nobody = hash_with(&argon, &hex::encode(env.bytes::<16>()), env)?;
        Ok(Self { argon, nobody, places: [Mutex::new(()), Mutex::new(())], waiting: 0.into() })
    }

    /// The hash of a password (NFC).
    pub(crate) fn hash(&self, password: &str, env: &Env) -> Result<String> {
        self.in_turn(|argon| hash_with(argon, password, env))
    }

    /// Whether the password is the one that was hashed. Without a hash it takes as long, and is not.
    pub(crate) fn matches(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let against = hash.unwrap_or(&self.nobody);
        let right = self.in_turn(|argon| {
            let parsed = PasswordHash::new(against).map_err(|_| StoreError::Corrupt("a password hash".into()))?;
            Ok(argon.verify_password(normalized(password).as_bytes(), &parsed).is_ok())
        })?;
        Ok(right && hash.is_some())
    }

    fn in_turn<T>(&self, work: impl FnOnce(&Argon2<'static>) -> Result<T>) -> Result<T> {
        use std::sync::atomic::Ordering::Relaxed;
        let ahead = self.waiting.fetch_add(1, Relaxed);
        let outcome = if ahead >= WAITING {
            Err(StoreError::Busy.into())
        } else {
            let _place = self.places[ahead % AT_ONCE].lock();
            work(&self.argon)
        };
        self.waiting.fetch_sub(1, Relaxed);
        outcome
    }
}

fn hash_with(argon: &Argon2<'static>, password: &str, env: &Env) -> Result<String> {
    argon
        .hash_password_with_salt(normalized(password).as_bytes(), &env.bytes::<16>())
        .map(|hash| hash.to_string())
        .map_err(|_| OpsError::Store(StoreError::Corrupt("a password could not be hashed".into())))
}

/// One password can be typed in several forms of Unicode (NIST SP 800-63B-4 3.1.1.2).
fn normalized(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_in_every_form_of_unicode_and_no_other() {
        let env = Env::system();
        let passwords = Passwords::new(&env).unwrap();
        let hash = passwords.hash("lämmin syksyinen ilta", &env).unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.matches("la\u{308}mmin syksyinen ilta", Some(&hash)).unwrap());
        assert!(!passwords.matches("lammin syksyinen ilta", Some(&hash)).unwrap());
        assert!(!passwords.matches("lämmin syksyinen ilta", None).unwrap());
    }
}
