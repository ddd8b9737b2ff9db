//! Keyed hashes that outlive an erasure and stop an old file from bringing somebody back. A hash says nothing without the key file,
//! and names nobody.

use jiff::civil::Date;
use seloste_domain::id::PartyId;
use seloste_domain::kind::Kind;
use seloste_domain::prohibition::{ProhibitionKind, Prohibitions};
use seloste_domain::suppression::{Reason, words_of};
use seloste_domain::value::Value;

use crate::db::{Access, Writing};
use crate::error::Result;
use crate::sql::{Param, Tx, params, places};

/// What is known of somebody who is about to be entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suppressed {
    /// They were erased at their request.
    pub erased: bool,
    /// What they had forbidden when they were erased.
    pub prohibitions: Prohibitions,
}

/// Leaves what an old file is to be stopped by, of a party that is about to be erased. Its values must still be there.
pub(crate) fn leave(w: &mut Writing<'_, '_>, party: PartyId, at_request: bool, today: Date) -> Result<()> {
    let forbidden = forbidden(w, party)?;
    if !at_request && forbidden.is_empty() {
        return Ok(());
    }
    let kinds = [Kind::Name, Kind::Email, Kind::Telephone, Kind::PostalAddress].into_iter().collect();
    let values = crate::party::values(&mut w.plain().tx(), &[party.0], kinds)?.remove(&party.0).unwrap_or_default();
    for word in words_of(values.iter().map(|stored| &stored.value)) {
        let hash = w.keys().0.suppression_hash(&word);
        if at_request {
            put(&mut w.plain().tx(), &hash, Reason::Erased, Prohibitions::default(), today)?;
        }
        if !forbidden.is_empty() {
            put(&mut w.plain().tx(), &hash, Reason::Forbidden, forbidden, today)?;
        }
    }
    Ok(())
}

/// What a party has forbidden in force, that is not somebody else's list: a list is read again.
fn forbidden(w: &mut Writing<'_, '_>, party: PartyId) -> Result<Prohibitions> {
    let marked = w.plain().tx().query_opt(
        "SELECT coalesce(prohibitions, 0) FROM party WHERE register_id = ?1 AND party_id = ?2",
        params![party],
        |row| row.int(0),
    )?;
    if marked.unwrap_or(0) == 0 {
        return Ok(Prohibitions::default());
    }
    let kinds = w.plain().tx().query(
        "SELECT DISTINCT kind FROM prohibition WHERE register_id = ?1 AND party_id = ?2 AND lifted_at IS NULL \
         AND expires_at IS NULL ORDER BY kind",
        params![party],
        |row| row.parsed::<ProhibitionKind>(0),
    )?;
    Ok(kinds.into_iter().collect())
}

fn put(tx: &mut Tx<'_>, hash: &[u8; 32], reason: Reason, forbidden: Prohibitions, day: Date) -> Result<()> {
    let before = tx.query_opt(
        "SELECT prohibitions FROM suppression WHERE register_id = ?1 AND hash = ?2 AND reason = ?3",
        params![hash.as_slice(), reason.as_str()],
        |row| row.int(0),
    )?;
    let bits = forbidden.bits() | before.unwrap_or(0);
    tx.execute(
        "INSERT INTO suppression (register_id, hash, reason, prohibitions, made_on) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (register_id, hash, reason) DO UPDATE SET prohibitions = excluded.prohibitions",
        params![hash.as_slice(), reason.as_str(), bits, &day.to_string()],
    )
    .map(drop)
}

/// Whether anybody is suppressed at all.
///
/// # Errors
/// The database can not be read.
pub fn is_any(tx: &mut Tx<'_>) -> Result<bool> {
    let sql = "SELECT 1 FROM suppression WHERE register_id = ?1 LIMIT 1";
    Ok(tx.query_opt(sql, params![], |_| Ok(()))?.is_some())
}

fn hashes<'v>(w: &mut Writing<'_, '_>, values: impl Iterator<Item = &'v Value> + Clone) -> Vec<[u8; 32]> {
    let keys = w.keys();
    words_of(values).iter().map(|word| keys.0.suppression_hash(word)).collect()
}

/// What is known of somebody by what they are reached by.
///
/// # Errors
/// The database can not be read.
pub fn of<'v>(w: &mut Writing<'_, '_>, values: impl Iterator<Item = &'v Value> + Clone) -> Result<Suppressed> {
    let mut found = Suppressed::default();
    let hashes = hashes(w, values);
    if hashes.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT reason, prohibitions FROM suppression WHERE register_id = ?1 AND hash IN ({})",
        places(2, hashes.len())
    );
    let params: Vec<Param<'_>> = hashes.iter().map(|hash| Param::Bytes(hash.as_slice())).collect();
    w.plain().tx().each(&sql, &params, |row| {
        match row.text(0)? == Reason::Erased.as_str() {
            true => found.erased = true,
            false => found.prohibitions = found.prohibitions.union(Prohibitions::from_bits(row.int(1)?)),
        }
        Ok(())
    })?;
    Ok(found)
}

/// Lifts what stopped somebody who was erased at their request: they have come back themselves. What they had forbidden is not
/// lifted by that.
///
/// # Errors
/// The database can not be written.
pub fn lift<'v>(w: &mut Writing<'_, '_>, values: impl Iterator<Item = &'v Value> + Clone) -> Result<()> {
    for hash in hashes(w, values) {
        w.plain().tx().execute(
            "DELETE FROM suppression WHERE register_id = ?1 AND hash = ?2 AND reason = ?3",
            params![hash.as_slice(), Reason::Erased.as_str()],
        )?;
    }
    Ok(())
}
