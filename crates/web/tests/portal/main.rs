//! The portal: who comes in and how, what they see and do with their rights, and what an attacker does not get (promises P12, P16,
//! P22-P25).

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod authenticator;
mod entry;
mod erasure;
mod invitation;
mod own;
mod passkey;
mod rights;
mod transmission;
mod world;
