//! The sealed history of parties and orders, opened for a use.

use seloste_domain::history::Change;
use seloste_domain::id::PartyId;
use seloste_domain::kind::Kinds;
use uuid::Uuid;

use crate::db::{Access, Reading};
use crate::error::{Result, StoreError};
use crate::party;
use crate::sql::params;

/// One change, opened, with the number of its log event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The log event that says who, when and what for.
    pub seq: u64,
    /// What changed.
    pub change: Change,
}

/// The changes of a party or an order, newest first. The caller has checked that it is in scope.
///
/// # Errors
/// A payload can not be opened.
pub fn changes(reading: &mut Reading<'_>, object: Uuid, limit: i64) -> Result<Vec<Opened>> {
    let rows = reading.tx.query(
        "SELECT seq, owner_id, payload FROM sealed WHERE register_id = ?1 AND object_id = ?2 ORDER BY seq DESC LIMIT ?3",
        params![object, limit],
        |row| Ok((row.int(0)?.cast_unsigned(), PartyId(row.id(1)?), row.bytes(2)?)),
    )?;
    open_all(reading, object, rows)
}

/// One change, by the number of its log event.
///
/// # Errors
/// There is none, or it can not be opened.
pub fn change(access: &mut impl Access, object: Uuid, seq: u64) -> Result<Change> {
    let row = access.tx().0.query_opt(
        "SELECT seq, owner_id, payload FROM sealed WHERE register_id = ?1 AND object_id = ?2 AND seq = ?3",
        params![object, seq.cast_signed()],
        |row| Ok((row.int(0)?.cast_unsigned(), PartyId(row.id(1)?), row.bytes(2)?)),
    )?;
    let opened = open_all(access, object, row.into_iter().collect())?;
    opened.into_iter().next().map(|opened| opened.change).ok_or(StoreError::NotFound("change"))
}

/// The log events of these numbers, in their order.
///
/// # Errors
/// One is missing.
pub fn events(access: &mut impl Access, numbers: &[u64]) -> Result<Vec<seloste_domain::log::Event>> {
    numbers.iter().map(|number| crate::log::entry(&mut access.tx().0, *number)).collect()
}

fn open_all(access: &mut impl Access, object: Uuid, rows: Vec<(u64, PartyId, Vec<u8>)>) -> Result<Vec<Opened>> {
    rows.into_iter()
        .map(|(seq, owner, payload)| {
            let wrapped = party::wrapped_key(&mut access.tx().0, owner)?;
            let key = access.keys().0.unwrap_party_key(owner, &wrapped)?;
            let json = key.open(object, &payload)?;
            let change = serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt("a sealed change".into()))?;
            access.show(owner, Kinds::NONE);
            Ok(Opened { seq, change })
        })
        .collect()
}
