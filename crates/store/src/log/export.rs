//! The log as JSON lines, so that it can be verified by programs that know nothing of this database.

use uuid::Uuid;

use super::read::{blocks, head};
use crate::error::{Result, StoreError};
use crate::keys::sealed_hash;
use crate::sql::{Tx, params};

/// Blocks read at a time.
const PAGE: i64 = 512;

/// The hash of a sealed payload that is still stored.
#[derive(serde::Serialize)]
struct Sealed {
    sealed_seq: u64,
    object: Uuid,
    sha256: String,
}

/// The signed head.
#[derive(serde::Serialize)]
struct Head {
    size: u64,
    checkpoint: String,
}

/// Gives every line of the export to `write`: the blocks in order, the head, then the hashes of the sealed payloads.
/// No line holds a personal value. Returns how many lines there were.
///
/// # Errors
/// The database can not be read, or `write` fails.
pub fn export(tx: &mut Tx<'_>, write: &mut dyn FnMut(&str) -> Result<()>) -> Result<u64> {
    let mut lines = 0;
    let mut from = 0;
    loop {
        let page = blocks(tx, from, PAGE)?;
        let Some(last) = page.last() else { break };
        from = last.first_seq + 1;
        for block in &page {
            write(&line(block)?)?;
            lines += 1;
        }
    }
    let (size, checkpoint) = head(tx)?;
    write(&line(&Head { size, checkpoint })?)?;
    tx.each("SELECT seq, object_id, payload FROM sealed WHERE register_id = ?1 ORDER BY seq", params![], |row| {
        let sealed =
            Sealed { sealed_seq: row.int(0)?.cast_unsigned(), object: row.id(1)?, sha256: sealed_hash(&row.bytes(2)?) };
        lines += 1;
        write(&line(&sealed)?)
    })?;
    Ok(lines + 1)
}

fn line(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}
