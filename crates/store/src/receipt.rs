//! Receipts of erasures: the statement of what was done, signed, with the log's event that has its hash, and the proof (RFC 6962
//! 2.1.1) that this event is in the log of a signed checkpoint. Anyone can verify one without the register: `docs/erasure.md`
//! has the format, `tools/verify_receipt.py` another verifier.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use seloste_domain::erasure::{FORMAT, Statement};
use seloste_domain::id::{ErasureId, RegisterId};
use seloste_domain::log::Event;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::log::tree::{Frontier, Hash, leaf_hash, node_hash};
use crate::log::{self, checkpoint};
use crate::sql::{Tx, params};

/// What is signed begins with this line, so that no other signed text can be taken for a statement.
const SIGNED: &str = "seloste erasure receipt\n";
/// The longest receipt that is read, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// A receipt as a file: JSON. Hashes and signatures are Base64.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The statement's own bytes: JSON of [`Statement`].
    pub statement: String,
    /// Ed25519 over the line `seloste erasure receipt` and the statement.
    pub signature: String,
    /// The log's event, as it is hashed.
    pub event: String,
    /// The event's number.
    pub index: u64,
    /// The audit path from the event to the root of the checkpoint's tree.
    pub proof: Vec<String>,
    /// The log's signed head.
    pub checkpoint: String,
    /// The public key that verifies both signatures.
    pub key: String,
}

/// Why something is not a receipt of a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotReceipt {
    /// It can not be read.
    #[error("this is no receipt: it can not be read")]
    Unreadable,
    /// It is a receipt of another register, or the key is none.
    #[error("the receipt was made by another register")]
    OtherRegister,
    /// The statement was changed after it was signed.
    #[error("the signature is not that of the register: the statement was changed")]
    Signature,
    /// The event is another one than the statement's.
    #[error("the log's event does not belong to this statement")]
    Event,
    /// The checkpoint was not signed by the register.
    #[error("the checkpoint was not signed by the register")]
    Checkpoint,
    /// The event is not in the log of the checkpoint.
    #[error("the event is not in the log that the checkpoint describes")]
    Proof,
    /// Checkpoints that were kept elsewhere say otherwise.
    #[error("a checkpoint that was kept elsewhere describes another log")]
    Contradicted,
    /// Checkpoints that were kept elsewhere do not reach so far, or skip it.
    #[error("none of the checkpoints that were kept elsewhere is the receipt's")]
    NotKept,
}

/// The parts of a receipt that the register keeps until it is made.
struct Kept {
    seq: u64,
    first_seq: u64,
    frontier: Vec<u8>,
    statement: String,
    file: Option<String>,
}

fn kept(tx: &mut Tx<'_>, erasure: ErasureId, step: i64) -> Result<Kept> {
    let found = tx.query_opt(
        "SELECT seq, first_seq, frontier, statement, file FROM erasure_receipt \
         WHERE register_id = ?1 AND erasure_id = ?2 AND step = ?3",
        params![erasure, step],
        |row| {
            Ok(Kept {
                seq: row.int(0)?.cast_unsigned(),
                first_seq: row.int(1)?.cast_unsigned(),
                frontier: row.bytes(2)?,
                statement: row.text(3)?,
                file: row.opt_text(4)?,
            })
        },
    )?;
    found.ok_or(StoreError::NotFound("receipt"))
}

/// What one step of an erasure did.
///
/// # Errors
/// There is no such step.
pub fn statement(tx: &mut Tx<'_>, erasure: ErasureId, step: i64) -> Result<Statement> {
    let kept = kept(tx, erasure, step)?;
    serde_json::from_str(&kept.statement).map_err(|_| StoreError::Corrupt("a statement".into()))
}

impl Db {
    /// The receipt of one step of an erasure, as text. It is made once, against the newest checkpoint, which is kept in the file
    /// of checkpoints before the receipt is given to anybody; afterwards it stays the same.
    ///
    /// # Errors
    /// There is no such step, or the log can not be read.
    pub fn receipt(&self, erasure: ErasureId, step: i64) -> Result<String> {
        let kept = self.look(|tx| kept(tx, erasure, step))?;
        if let Some(file) = kept.file {
            return Ok(file);
        }
        let note = self.keep_checkpoint()?;
        let text = self.made(kept, note)?;
        let file = text.clone();
        self.write_plain(move |plain| {
            plain.tx().execute(
                "UPDATE erasure_receipt SET file = ?4 WHERE register_id = ?1 AND erasure_id = ?2 AND step = ?3 AND file IS NULL",
                params![erasure, step, &file],
            )?;
            Ok(())
        })?;
        Ok(text)
    }

    fn made(&self, kept: Kept, note: String) -> Result<String> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("{what} of a receipt"));
        let signed = checkpoint::open(self.register(), &self.public_key(), &note).ok_or_else(|| corrupt("the head"))?;
        let before = Frontier::from_bytes(kept.first_seq, &kept.frontier).ok_or_else(|| corrupt("the frontier"))?;
        let (mut leaves, mut event) = (Vec::new(), None);
        self.look(|tx| {
            let mut at = kept.first_seq;
            while at < signed.size {
                let blocks = log::blocks(tx, at, 256)?;
                let Some(last) = blocks.last() else { return Err(corrupt("the log")) };
                at = last.first_seq + last.count;
                for (seq, line) in blocks.iter().flat_map(|block| (block.first_seq..).zip(block.events.lines())) {
                    if seq == kept.seq {
                        event = Some(line.to_owned());
                    }
                    if seq < signed.size {
                        leaves.push(leaf_hash(line.as_bytes()));
                    }
                }
            }
            Ok(())
        })?;
        let proof = path(&before, &leaves, kept.seq).ok_or_else(|| corrupt("the proof"))?;
        let receipt = Receipt {
            signature: STANDARD.encode(self.keys().sign(to_be_signed(&kept.statement).as_bytes())),
            statement: kept.statement,
            event: event.ok_or_else(|| corrupt("the event"))?,
            index: kept.seq,
            proof: proof.iter().map(|hash| STANDARD.encode(hash)).collect(),
            checkpoint: note,
            key: self.verifier_key(),
        };
        serde_json::to_string_pretty(&receipt).map(|text| format!("{text}\n")).map_err(|_| corrupt("the text"))
    }
}

fn to_be_signed(statement: &str) -> String {
    format!("{SIGNED}{statement}")
}

/// The audit path (RFC 6962 2.1.1) of leaf `index` in a tree of which the roots of the first part are known, and the hashes of all
/// leaves after it; `index` is one of these.
fn path(before: &Frontier, leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    let size = before.size() + leaves.len() as u64;
    if index < before.size() || index >= size {
        return None;
    }
    let tree = Known { before, leaves };
    let (mut from, mut to, mut path) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(tree.root(middle, to)?);
            to = middle;
        } else {
            path.push(tree.root(from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// The largest power of two smaller than `size` (RFC 6962 2.1).
const fn split(size: u64) -> u64 {
    let half = size.next_power_of_two() / 2;
    if half == 0 { 1 } else { half }
}

struct Known<'t> {
    before: &'t Frontier,
    leaves: &'t [Hash],
}

impl Known<'_> {
    /// The root of the leaves `from..to`.
    fn root(&self, from: u64, to: u64) -> Option<Hash> {
        if to <= self.before.size() {
            return self.before.peak(from, to);
        }
        if to - from == 1 {
            return self.leaves.get(usize::try_from(from - self.before.size()).ok()?).copied();
        }
        let middle = from + split(to - from);
        Some(node_hash(&self.root(from, middle)?, &self.root(middle, to)?))
    }
}

/// The root that an audit path leads to (RFC 9162 2.1.3.2).
fn root_of(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for part in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(part, &hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, part);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    (last == 0).then_some(hash)
}

/// Reads the register and the public key of a verifier key in C2SP form.
fn read_key(vkey: &str) -> Option<(RegisterId, [u8; 32])> {
    let (name, rest) = vkey.trim().split_once('+')?;
    let register: RegisterId = name.strip_prefix("seloste/")?.parse().ok()?;
    let bytes = STANDARD.decode(rest.split_once('+')?.1).ok()?;
    let public: [u8; 32] = bytes.strip_prefix(&[1])?.try_into().ok()?;
    (checkpoint::verifier_key(register, &public) == vkey.trim()).then_some((register, public))
}

/// Verifies a receipt with a register's verifier key (`log.vkey`), and against signed checkpoints that were kept elsewhere: one of
/// them must be of the same size, since no other can be compared without the log.
///
/// # Errors
/// It is not a receipt of that register, or was changed.
pub fn verify(text: &str, vkey: &str, against: Option<&str>) -> Result<Statement, NotReceipt> {
    if text.len() > LONGEST {
        return Err(NotReceipt::Unreadable);
    }
    let receipt: Receipt = serde_json::from_str(text).map_err(|_| NotReceipt::Unreadable)?;
    let statement: Statement = serde_json::from_str(&receipt.statement).map_err(|_| NotReceipt::Unreadable)?;
    let (register, public) = read_key(vkey).ok_or(NotReceipt::OtherRegister)?;
    if statement.format != FORMAT || statement.register != register {
        return Err(NotReceipt::OtherRegister);
    }
    let signature = STANDARD.decode(&receipt.signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
    let key = VerifyingKey::from_bytes(&public).map_err(|_| NotReceipt::OtherRegister)?;
    let signed = to_be_signed(&receipt.statement);
    let signature = signature.ok_or(NotReceipt::Signature)?;
    key.verify(signed.as_bytes(), &signature).map_err(|_| NotReceipt::Signature)?;
    is_its_event(&receipt, &statement)?;
    let head = checkpoint::open(register, &public, &receipt.checkpoint).ok_or(NotReceipt::Checkpoint)?;
    let path: Option<Vec<Hash>> =
        receipt.proof.iter().map(|part| STANDARD.decode(part).ok()?.try_into().ok()).collect();
    let root = root_of(leaf_hash(receipt.event.as_bytes()), receipt.index, head.size, &path.ok_or(NotReceipt::Proof)?);
    if root != Some(head.root) {
        return Err(NotReceipt::Proof);
    }
    let Some(against) = against else { return Ok(statement) };
    let kept = checkpoint::split_notes(against);
    let kept = kept.iter().filter_map(|note| checkpoint::open(register, &public, note));
    let mut same = kept.filter(|kept| kept.size == head.size).peekable();
    if same.peek().is_none() {
        return Err(NotReceipt::NotKept);
    }
    if same.all(|kept| kept.root == head.root) { Ok(statement) } else { Err(NotReceipt::Contradicted) }
}

fn is_its_event(receipt: &Receipt, statement: &Statement) -> Result<(), NotReceipt> {
    let event: Event = serde_json::from_str(&receipt.event).map_err(|_| NotReceipt::Event)?;
    let digest = format!("receipt:{}", hex::encode(Sha256::digest(receipt.statement.as_bytes())));
    let named = event.objects.contains(&digest)
        && event.objects.contains(&format!("erasure:{}", statement.erasure))
        && event.seq == receipt.index
        && event.subjects == statement.subjects
        && matches!(event.action.as_str(), "person.erase" | "erasure.resume");
    if named { Ok(()) } else { Err(NotReceipt::Event) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every leaf of every tree up to a size, whatever part of it is known as a frontier only.
    #[test]
    fn a_path_leads_to_the_root() {
        let hashes: Vec<Hash> = (0..40_u64).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        for size in 1..=hashes.len() {
            let mut whole = Frontier::default();
            hashes[..size].iter().for_each(|hash| whole.push(*hash));
            for from in 0..size {
                let mut before = Frontier::default();
                hashes[..from].iter().for_each(|hash| before.push(*hash));
                for index in from..size {
                    let path = path(&before, &hashes[from..size], index as u64).unwrap();
                    let (leaf, index, size) = (hashes[index], index as u64, size as u64);
                    assert_eq!(root_of(leaf, index, size, &path), Some(whole.root()), "{index} of {size} from {from}");
                    let other = (index + 1) % size.max(2);
                    assert_ne!(root_of(leaf, other, size, &path), Some(whole.root()));
                }
            }
        }
    }
}
