//! Legal claims for which somebody decided that a person's data stays (Art. 17(3)(e)). The reason is sealed under the person's
//! key.

use jiff::civil::Date;
use seloste_domain::hold::ClaimHold;
use seloste_domain::id::{ClaimHoldId, PartyId, PersonId};

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::params;

/// The claim holds of a person, the newest first.
///
/// # Errors
/// There is no such person within the scope of the use.
pub fn of(access: &mut impl Access, id: PersonId) -> Result<Vec<ClaimHold>> {
    party::row(access, Noun::Person, id.into())?;
    let wrapped = party::wrapped_key(&mut access.tx().0, id.into())?;
    let key = access.keys().0.unwrap_party_key(id.into(), &wrapped)?;
    access.show(id.into(), seloste_domain::kind::Kinds::NONE);
    access.tx().0.query(
        "SELECT hold_id, reason, review_on, set_by, set_at, lifted_by, lifted_at FROM claim_hold \
         WHERE register_id = ?1 AND party_id = ?2 ORDER BY hold_id DESC",
        params![id],
        |row| {
            let id = ClaimHoldId(row.id(0)?);
            let reason = key.open(id.0, &row.bytes(1)?)?;
            Ok(ClaimHold {
                id,
                reason: String::from_utf8(reason).map_err(|_| StoreError::Corrupt("the reason of a hold".into()))?,
                review_on: row.parsed(2)?,
                set_by: row.text(3)?,
                set_at: row.time(4)?,
                lifted: row.opt_text(5)?.zip(row.opt_time(6)?),
            })
        },
    )
}

/// Decides that a person's data stays.
///
/// # Errors
/// There is no such person within the scope of the use.
pub fn set(w: &mut Writing<'_, '_>, id: PersonId, reason: &str, review_on: Date) -> Result<ClaimHoldId> {
    party::row(w, Noun::Person, id.into())?;
    let (hold, at, by) = (ClaimHoldId(w.env().id()), w.usage().at(), w.usage().actor().to_string());
    let sealed = party::key_of(w, id.into())?.seal(hold.0, reason.as_bytes(), w.env())?;
    w.plain().tx().execute(
        "INSERT INTO claim_hold (register_id, hold_id, party_id, reason, review_on, set_by, set_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![hold, id, &sealed, &review_on.to_string(), &by, at],
    )?;
    log(w, id.into(), hold, "hold.set")?;
    Ok(hold)
}

/// Decides that it has to no longer.
///
/// # Errors
/// There is no such hold in force of a person within the scope of the use.
pub fn lift(w: &mut Writing<'_, '_>, id: PersonId, hold: ClaimHoldId) -> Result<()> {
    party::row(w, Noun::Person, id.into())?;
    let (at, by) = (w.usage().at(), w.usage().actor().to_string());
    let rows = w.plain().tx().execute(
        "UPDATE claim_hold SET lifted_by = ?4, lifted_at = ?5 WHERE register_id = ?1 AND hold_id = ?2 AND party_id = ?3 \
         AND lifted_at IS NULL",
        params![hold, id, &by, at],
    )?;
    if rows != 1 {
        return Err(StoreError::NotFound("hold"));
    }
    log(w, id.into(), hold, "hold.lift")
}

fn log(w: &mut Writing<'_, '_>, party: PartyId, hold: ClaimHoldId, action: &str) -> Result<()> {
    w.log_as(action, Act { subjects: vec![party.0], objects: vec![format!("hold:{hold}")], ..Act::default() })
}
