//! Keys. The register's master key lives in a file outside the database; each party has a key of its own, wrapped by
//! the master key, under which its history is sealed. Destroying the party's key makes the history unreadable while
//! the log, which holds only hashes of what was sealed, still verifies.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use lz4_flex::block::{compress_prepend_size, decompress, uncompressed_size};
use seloste_domain::id::{PartyId, RegisterId};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

use crate::env::Env;
use crate::error::{Result, StoreError};

const NONCE: usize = 12;
/// The longest payload that is opened.
const LONGEST: usize = 64 * 1024 * 1024;

/// The register's keys, read from its key file.
pub struct Keys {
    register: RegisterId,
    wrap: Aes256Gcm,
    secrets: Aes256Gcm,
    suppression: Zeroizing<[u8; 32]>,
    ledger: Zeroizing<[u8; 32]>,
    check: [u8; 16],
    signing: SigningKey,
}

/// A party's key as the database keeps it.
pub(crate) type Wrapped = Vec<u8>;

/// A party's own key, in the clear for the moment of use.
pub(crate) struct PartyKey(Aes256Gcm);

impl Keys {
    /// Makes the key file of a new register. An existing file is left as it is.
    ///
    /// # Errors
    /// The file exists or can not be written.
    pub fn create(path: &Path, register: RegisterId, env: &Env) -> Result<Self> {
        let mut text = Zeroizing::new(String::new());
        let wrap = Zeroizing::new(env.bytes::<32>());
        let sign = Zeroizing::new(env.bytes::<32>());
        let _ = write!(
            text,
            "# Seloste: the master key of a register. Whoever has this file and the database can read everything.\n\
             # Keep a copy in a safe place, never beside a backup: without it the register can not be opened.\n\
             register = {register}\nwrap = {}\nsign = {}\n",
            hex::encode(*wrap),
            hex::encode(*sign)
        );
        // Written aside and then given its name, which fails where a key has it: a power cut leaves no half a key, and
        // nothing ever replaces one.
        let aside = path.with_extension("new");
        let _ = std::fs::remove_file(&aside);
        let written = new_private_file(&aside)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::hard_link(&aside, path));
        let _ = std::fs::remove_file(&aside);
        written.map_err(|e| StoreError::file(path, &e))?;
        Ok(Self::new(register, &wrap, &sign))
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// Missing or unreadable.
    pub fn load(path: &Path) -> Result<Self> {
        let unusable = |why: &str| StoreError::KeyUnusable { path: path.to_owned(), why: why.to_owned() };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(StoreError::KeyMissing(path.to_owned())),
            Err(e) => return Err(unusable(&e.to_string())),
        };
        let field = |name: &str| {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim())
                .ok_or_else(|| unusable(&format!("it has no line `{name} = ...`")))
        };
        let secret = |name: &str| -> Result<Zeroizing<[u8; 32]>> {
            let mut bytes = Zeroizing::new([0_u8; 32]);
            hex::decode_to_slice(field(name)?, &mut *bytes)
                .map_err(|_| unusable(&format!("its `{name}` is not 64 hexadecimal digits")))?;
            Ok(bytes)
        };
        let register = field("register")?.parse().map_err(|_| unusable("its `register` is not an id"))?;
        Ok(Self::new(register, &*secret("wrap")?, &*secret("sign")?))
    }

    fn new(register: RegisterId, wrap: &[u8; 32], sign: &[u8; 32]) -> Self {
        let derive = |purpose: &[u8]| {
            let mut out = Zeroizing::new([0_u8; 32]);
            // 32 bytes are always within what HKDF-SHA256 gives.
            let _ = Hkdf::<Sha256>::new(Some(register.0.as_bytes()), wrap).expand(purpose, &mut *out);
            out
        };
        let wrap_key = derive(b"seloste/1/wrap party keys");
        let mut check = [0; 16];
        check.copy_from_slice(&derive(b"seloste/1/key check")[..16]);
        let cipher = |key: &[u8; 32]| Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
        let secrets = cipher(&derive(b"seloste/1/secrets"));
        let (suppression, ledger) = (derive(b"seloste/1/suppression"), derive(b"seloste/1/erasure ledger"));
        let signing = SigningKey::from_bytes(sign);
        Self { register, wrap: cipher(&wrap_key), secrets, suppression, ledger, check, signing }
    }

    /// The register that they open.
    #[must_use]
    pub const fn register(&self) -> RegisterId {
        self.register
    }

    /// What the database keeps to recognise its key.
    pub(crate) const fn check(&self) -> &[u8; 16] {
        &self.check
    }

    /// A new key for a party, in the clear and wrapped.
    pub(crate) fn new_party_key(&self, party: PartyId, env: &Env) -> Result<(PartyKey, Wrapped)> {
        let clear = Zeroizing::new(env.bytes::<32>());
        let nonce = env.bytes::<NONCE>();
        let aad = self.party_aad(party);
        let sealed = self
            .wrap
            .encrypt(&Nonce::from(nonce), Payload { msg: &*clear, aad: &aad })
            .map_err(|_| StoreError::Seal)?;
        let mut wrapped = nonce.to_vec();
        wrapped.extend(sealed);
        Ok((PartyKey::new(&clear), wrapped))
    }

    /// Opens a party's key.
    pub(crate) fn unwrap_party_key(&self, party: PartyId, wrapped: &[u8]) -> Result<PartyKey> {
        let (nonce, sealed) = split_nonce(wrapped)?;
        let aad = self.party_aad(party);
        let mut clear =
            self.wrap.decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: &aad }).map_err(|_| StoreError::Seal)?;
        let key = <&[u8; 32]>::try_from(clear.as_slice()).map(PartyKey::new).map_err(|_| StoreError::Seal);
        clear.zeroize();
        key
    }

    fn party_aad(&self, party: PartyId) -> Vec<u8> {
        [self.register.0.as_bytes().as_slice(), party.0.as_bytes()].concat()
    }

    /// Seals what belongs to `object` under a key of the register's own: a secret of a setting, or what a form brings
    /// back. It is no personal data, which is sealed under the key of its party.
    pub(crate) fn seal_secret(&self, object: Uuid, secret: &[u8], env: &Env) -> Result<Vec<u8>> {
        let nonce = env.bytes::<NONCE>();
        let aad = [self.register.0.as_bytes().as_slice(), object.as_bytes()].concat();
        let payload = Payload { msg: secret, aad: &aad };
        let sealed = self.secrets.encrypt(&Nonce::from(nonce), payload).map_err(|_| StoreError::Seal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for `object`.
    pub(crate) fn open_secret(&self, object: Uuid, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = split_nonce(sealed)?;
        let aad = [self.register.0.as_bytes().as_slice(), object.as_bytes()].concat();
        let payload = Payload { msg: sealed, aad: &aad };
        self.secrets.decrypt(&Nonce::from(nonce), payload).map(Zeroizing::new).map_err(|_| StoreError::Seal)
    }

    /// The keyed hash of a word by which an erased person is known again: HMAC-SHA-256, of no use without the key file.
    pub(crate) fn suppression_hash(&self, word: &str) -> [u8; 32] {
        mac(&self.suppression, word.as_bytes())
    }

    /// What shows that a line of the erasure ledger was written with this key: the first 16 bytes of its HMAC-SHA-256.
    pub(crate) fn ledger_mark(&self, line: &str) -> String {
        hex::encode(&mac(&self.ledger, line.as_bytes())[..16])
    }

    /// Signs the text of a log checkpoint: Ed25519 (RFC 8032).
    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.signing.sign(text).to_bytes()
    }

    /// The public key that verifies checkpoints.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }
}

fn mac(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    // A key of 32 bytes is never refused.
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mac| mac.chain_update(bytes).finalize().into_bytes().into())
}

impl PartyKey {
    fn new(clear: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*clear)))
    }

    /// Seals a payload that belongs to `object`: 12 bytes of nonce, then AES-256-GCM of the payload compressed
    /// by LZ4. The history is the greater part of a register, and its JSON says the same names over and over.
    pub(crate) fn seal(&self, object: Uuid, payload: &[u8], env: &Env) -> Result<Vec<u8>> {
        let nonce = env.bytes::<NONCE>();
        let compressed = compress_prepend_size(payload);
        let sealed = self
            .0
            .encrypt(&Nonce::from(nonce), Payload { msg: &compressed, aad: object.as_bytes() })
            .map_err(|_| StoreError::Seal)?;
        let mut out = nonce.to_vec();
        out.extend(sealed);
        Ok(out)
    }

    /// Opens what was sealed.
    pub(crate) fn open(&self, object: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, sealed) = split_nonce(sealed)?;
        let compressed = self
            .0
            .decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: object.as_bytes() })
            .map_err(|_| StoreError::Seal)?;
        let (size, block) = uncompressed_size(&compressed).map_err(|_| StoreError::Seal)?;
        if size > LONGEST {
            return Err(StoreError::Seal);
        }
        decompress(block, size).map_err(|_| StoreError::Seal)
    }
}

/// SHA-256 of what was sealed, in hexadecimal, as the log keeps it. The random nonce in it is the salt.
pub(crate) fn sealed_hash(sealed: &[u8]) -> String {
    hex::encode(Sha256::digest(sealed))
}

fn split_nonce(bytes: &[u8]) -> Result<([u8; NONCE], &[u8])> {
    let (nonce, rest) = bytes.split_at_checked(NONCE).ok_or(StoreError::Seal)?;
    Ok((nonce.try_into().map_err(|_| StoreError::Seal)?, rest))
}

/// A new file that only its owner can read.
pub(crate) fn new_private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Where the key of a data directory is: the file that is named, else systemd's credential `seloste.key`, else
/// `master.key` in the directory.
#[must_use]
pub fn key_path(data: &Path, named: Option<&Path>) -> PathBuf {
    if let Some(path) = named {
        return path.to_owned();
    }
    let credential = std::env::var_os("CREDENTIALS_DIRECTORY").map(|dir| PathBuf::from(dir).join("seloste.key"));
    credential.filter(|path| path.exists()).unwrap_or_else(|| data.join("master.key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, Keys, Env) {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::system();
        let keys = Keys::create(&dir.path().join("master.key"), RegisterId(env.random_id()), &env).unwrap();
        (dir, keys, env)
    }

    #[test]
    fn what_is_sealed_opens_only_with_its_party_and_object() {
        let (dir, keys, env) = keys();
        let (party, object) = (PartyId(env.id()), env.id());
        let (key, wrapped) = keys.new_party_key(party, &env).unwrap();
        let sealed = key.seal(object, b"Mannerheimintie 1", &env).unwrap();
        let again = Keys::load(&dir.path().join("master.key")).unwrap();
        let key = again.unwrap_party_key(party, &wrapped).unwrap();
        assert_eq!(key.open(object, &sealed).unwrap(), b"Mannerheimintie 1");
        assert!(key.open(env.id(), &sealed).is_err());
        assert!(keys.unwrap_party_key(PartyId(env.id()), &wrapped).is_err());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(key.open(object, &changed).is_err());
    }

    #[test]
    fn a_secret_opens_only_for_its_object_and_register() {
        let (_dir, keys, env) = keys();
        let object = env.id();
        let sealed = keys.seal_secret(object, b"Bearer abc", &env).unwrap();
        assert_eq!(keys.open_secret(object, &sealed).unwrap().as_slice(), b"Bearer abc");
        assert!(!sealed.windows(3).any(|part| part == b"abc"));
        assert!(keys.open_secret(env.id(), &sealed).is_err());
        let (_other, other, _) = self::keys();
        assert!(other.open_secret(object, &sealed).is_err());
    }

    #[test]
    fn a_missing_or_broken_key_file_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        assert!(matches!(Keys::load(&path), Err(StoreError::KeyMissing(_))));
        for broken in ["", "register = 1\n", "register = 018f0000-0000-7000-8000-000000000000\nwrap = abc\nsign = 12\n"]
        {
            std::fs::write(&path, broken).unwrap();
            assert!(matches!(Keys::load(&path), Err(StoreError::KeyUnusable { .. })), "{broken}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_private_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt;
        let (dir, keys, env) = keys();
        let path = dir.path().join("master.key");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Keys::create(&path, keys.register(), &env).is_err());
    }
}
