//! The signed head of the log in the C2SP forms *checkpoint* and *signed note*, so that other people's tools can read
//! and verify it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use seloste_domain::id::RegisterId;
use sha2::{Digest, Sha256};

use super::tree::Hash;
use crate::keys::Keys;

/// The algorithm byte of Ed25519 in signed notes.
const ED25519: u8 = 1;

/// A checkpoint whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of events.
    pub size: u64,
    /// Root of the tree at that size.
    pub root: Hash,
}

/// The log's name: the first line of its checkpoints and the name of its key.
#[must_use]
pub fn origin(register: RegisterId) -> String {
    format!("seloste/{register}")
}

/// The public key in the C2SP `vkey` form: `name+hex(key id)+base64(algorithm || key)`.
#[must_use]
pub fn verifier_key(register: RegisterId, public: &[u8; 32]) -> String {
    let name = origin(register);
    let key = [&[ED25519], public.as_slice()].concat();
    format!("{name}+{}+{}", hex::encode(key_id(&name, &key)), STANDARD.encode(&key))
}

fn key_id(name: &str, key: &[u8]) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(key).finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Signs the head.
pub(crate) fn sign(register: RegisterId, size: u64, root: &Hash, keys: &Keys) -> String {
    let name = origin(register);
    let text = format!("{name}\n{size}\n{}\n", STANDARD.encode(root));
    let key = [&[ED25519], keys.public().as_slice()].concat();
    let signature = [key_id(&name, &key).as_slice(), &keys.sign(text.as_bytes())].concat();
    format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(signature))
}

/// Reads one signed note; none unless it is this log's and its signature is good.
#[must_use]
pub fn open(register: RegisterId, public: &[u8; 32], note: &str) -> Option<Checkpoint> {
    let name = origin(register);
    let key = [&[ED25519], public.as_slice()].concat();
    let (text, signatures) = note.split_once("\n\n")?;
    let text = format!("{text}\n");
    let signed = signatures.lines().any(|line| {
        let Some(encoded) = line.strip_prefix("\u{2014} ").and_then(|l| l.strip_prefix(&format!("{name} "))) else {
            return false;
        };
        let Ok(bytes) = STANDARD.decode(encoded) else { return false };
        let Some((id, signature)) = bytes.split_at_checked(4) else { return false };
        let (Ok(signature), Ok(public)) = (Signature::from_slice(signature), VerifyingKey::from_bytes(public)) else {
            return false;
        };
        id == key_id(&name, &key) && public.verify(text.as_bytes(), &signature).is_ok()
    });
    if !signed {
        return None;
    }
    let mut lines = text.lines();
    (lines.next()? == name).then_some(())?;
    let size = lines.next()?.parse().ok()?;
    let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
    Some(Checkpoint { size, root })
}

/// Splits a file of signed notes, oldest first. Each note ends at its last signature line.
#[must_use]
pub fn split_notes(file: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = String::new();
    let mut in_signatures = false;
    for line in file.lines() {
        let is_signature = line.starts_with("\u{2014} ");
        if in_signatures && !is_signature {
            notes.push(std::mem::take(&mut note));
        }
        in_signatures = is_signature;
        note.push_str(line);
        note.push('\n');
    }
    if in_signatures {
        notes.push(note);
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;

    #[test]
    fn a_note_opens_only_unchanged_and_with_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::system();
        let register = RegisterId(env.random_id());
        let keys = Keys::create(&dir.path().join("a"), register, &env).unwrap();
        let other = Keys::create(&dir.path().join("b"), register, &env).unwrap();
        let note = sign(register, 7, &[9; 32], &keys);
        assert_eq!(open(register, &keys.public(), &note), Some(Checkpoint { size: 7, root: [9; 32] }));
        assert_eq!(open(register, &other.public(), &note), None);
        assert_eq!(open(RegisterId(env.random_id()), &keys.public(), &note), None);
        assert_eq!(open(register, &keys.public(), &note.replacen("\n7\n", "\n8\n", 1)), None);
        let two = format!("{note}{}", sign(register, 8, &[8; 32], &keys));
        assert_eq!(split_notes(&two).len(), 2);
        assert_eq!(split_notes(&two)[0], note);
    }
}
