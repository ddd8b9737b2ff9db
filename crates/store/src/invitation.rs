//! Invitations to the portal. Of what lets its reader in only the hash is kept.

use jiff::Timestamp;
use seloste_domain::id::{InvitationId, PersonId};
use seloste_domain::invitation::{Invitation, InvitationState};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::{Row, Tx, params};

const COLUMNS: &str = "SELECT invitation_id, party_id, company_id, way, state, made_by, made_at, expires_at, used_at \
     FROM invitation WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Invitation> {
    Ok(Invitation {
        id: InvitationId(row.id(0)?),
        person: PersonId(row.id(1)?),
        company: row.parsed(2)?,
        way: row.parsed(3)?,
        state: row.parsed(4)?,
        made_by: row.text(5)?,
        made_at: row.time(6)?,
        expires_at: row.time(7)?,
        used_at: row.opt_time(8)?,
    })
}

/// The invitations of a person, the newest first.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn of(access: &mut impl Access, person: PersonId, limit: i64) -> Result<Vec<Invitation>> {
    party::row(access, Noun::Person, person.into())?;
    access.show(person.into(), seloste_domain::kind::Kinds::NONE);
    let sql = format!("{COLUMNS} AND party_id = ?2 ORDER BY invitation_id DESC LIMIT ?3");
    access.tx().0.query(&sql, params![person, limit], read)
}

/// Adds an invitation, which takes the place of those of the person that are open. `secret` is the hash of what lets its
/// reader in; none: it waits to be written.
///
/// # Errors
/// There is no such person in the scope of the use, or its company is not in it.
pub fn insert(w: &mut Writing<'_, '_>, new: &Invitation, secret: Option<&[u8; 32]>) -> Result<()> {
    party::row(w, Noun::Person, new.person.into())?;
    if !w.usage().scope().has(&new.company) {
        return Err(StoreError::NotFound("company"));
    }
    let mut tx = w.plain().tx();
    tx.execute(
        "UPDATE invitation SET state = 'cancelled', token_hash = NULL \
         WHERE register_id = ?1 AND party_id = ?2 AND state IN ('waiting', 'sent')",
        params![new.person],
    )?;
    tx.execute(
        "INSERT INTO invitation (register_id, invitation_id, party_id, company_id, way, state, token_hash, made_by, \
         made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            new.id,
            new.person,
            &new.company,
            new.way.as_str(),
            new.state.as_str(),
            secret.map(|hash| &hash[..]),
            &new.made_by,
            new.made_at,
            new.expires_at,
        ],
    )?;
    w.log(act(new.id, new.person))
}

fn act(id: InvitationId, person: PersonId) -> Act {
    Act { subjects: vec![person.0], objects: vec![format!("invitation:{id}")], ..Act::default() }
}

/// Takes back an invitation that is open.
///
/// # Errors
/// There is none of this id for the person, or it is not open any more.
pub fn cancel(w: &mut Writing<'_, '_>, person: PersonId, id: InvitationId) -> Result<()> {
    party::row(w, Noun::Person, person.into())?;
    let done = w.plain().tx().execute(
        "UPDATE invitation SET state = 'cancelled', token_hash = NULL \
         WHERE register_id = ?1 AND invitation_id = ?2 AND party_id = ?3 AND state IN ('waiting', 'sent')",
        params![id, person],
    )?;
    if done == 0 {
        return Err(StoreError::NotFound("invitation"));
    }
    w.log(act(id, person))
}

/// Takes back whatever invitation of a person is open; whether there was one.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn cancel_open(w: &mut Writing<'_, '_>, person: PersonId) -> Result<bool> {
    let open = of(w, person, 1)?.into_iter().find(|invitation| invitation.is_open_at(w.usage().at()));
    let Some(open) = open else { return Ok(false) };
    cancel(w, person, open.id)?;
    Ok(true)
}

/// Invitations that wait to be written, the oldest first.
///
/// # Errors
/// The database can not be read.
pub fn waiting(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Invitation>> {
    let sql = format!("{COLUMNS} AND state = 'waiting' ORDER BY invitation_id LIMIT ?2");
    tx.query(&sql, params![limit], read)
}

/// Marks one that waits as written, with the hash of what lets its reader in, or as failed; false when another runner did.
///
/// # Errors
/// The database can not be written.
pub fn settle(tx: &mut Tx<'_>, id: InvitationId, state: InvitationState, secret: Option<&[u8; 32]>) -> Result<bool> {
    let settled = tx.execute(
        "UPDATE invitation SET state = ?3, token_hash = ?4 \
         WHERE register_id = ?1 AND invitation_id = ?2 AND state = 'waiting'",
        params![id, state.as_str(), secret.map(|hash| &hash[..])],
    )?;
    Ok(settled > 0)
}

/// Uses an invitation up by what lets its reader in; whom it lets in. It is not there a second time.
///
/// # Errors
/// The database can not be written.
pub fn take(tx: &mut Tx<'_>, secret: &[u8; 32], now: Timestamp) -> Result<Option<Invitation>> {
    let sql = format!("{COLUMNS} AND token_hash = ?2 AND state = 'sent' AND expires_at > ?3");
    let Some(found) = tx.query_opt(&sql, params![&secret[..], now], read)? else { return Ok(None) };
    let taken = tx.execute(
        "UPDATE invitation SET state = 'used', used_at = ?3, token_hash = NULL \
         WHERE register_id = ?1 AND invitation_id = ?2 AND state = 'sent'",
        params![found.id, now],
    )?;
    Ok(Some(found).filter(|_| taken > 0))
}

/// Takes out everything of a party that is erased.
pub(crate) fn forget_of(tx: &mut Tx<'_>, party: Uuid) -> Result<()> {
    tx.execute("DELETE FROM invitation WHERE register_id = ?1 AND party_id = ?2", params![party]).map(drop)
}
