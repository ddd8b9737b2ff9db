//! The sealed history of parties and orders, opened for a use.

use seloste_domain::history::Change;
use seloste_domain::id::{InvoiceId, OrderId, PartyId};
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

/// Whose changes.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// A person's or an organisation's, sealed under its own key.
    Party(PartyId),
    /// An order's, sealed under its customer's key.
    Order(OrderId),
    /// A mirrored invoice's, sealed under its customer's key.
    Invoice(InvoiceId),
}

impl Of {
    const fn id(self) -> Uuid {
        match self {
            Self::Party(id) => id.0,
            Self::Order(id) => id.0,
            Self::Invoice(id) => id.0,
        }
    }

    /// The statement that finds them, by the index that each has.
    const fn condition(self) -> &'static str {
        match self {
            Self::Party(_) => "owner_id = ?2 AND object_id = ?2",
            Self::Order(_) | Self::Invoice(_) => "object_id = ?2 AND object_id <> owner_id",
        }
    }
}

/// The changes of a party or an order, newest first. The caller has checked that it is in scope.
///
/// # Errors
/// A payload can not be opened.
pub fn changes(reading: &mut Reading<'_>, of: Of, limit: i64) -> Result<Vec<Opened>> {
    let sql = format!(
        "SELECT seq, owner_id, payload FROM sealed WHERE register_id = ?1 AND {} ORDER BY seq DESC LIMIT ?3",
        of.condition()
    );
    let rows = reading.tx.query(&sql, params![of.id(), limit], |row| {
        Ok((row.int(0)?.cast_unsigned(), PartyId(row.id(1)?), row.bytes(2)?))
    })?;
    open_all(reading, of.id(), rows)
}

/// One change, by the number of its log event.
///
/// # Errors
/// There is none, or it can not be opened.
pub fn change(access: &mut impl Access, of: Of, seq: u64) -> Result<Change> {
    let sql =
        format!("SELECT seq, owner_id, payload FROM sealed WHERE register_id = ?1 AND {} AND seq = ?3", of.condition());
    let row = access.tx().0.query_opt(&sql, params![of.id(), seq.cast_signed()], |row| {
        Ok((row.int(0)?.cast_unsigned(), PartyId(row.id(1)?), row.bytes(2)?))
    })?;
    let opened = open_all(access, of.id(), row.into_iter().collect())?;
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
