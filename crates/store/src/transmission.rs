//! What people had sent to other controllers, and what others sent for them.

use jiff::Timestamp;
use seloste_domain::id::{PartyId, PersonId, ReceptionId, TransmissionId};
use seloste_domain::kind::Kinds;
use seloste_domain::transmission::{Reception, ReceptionState, Transmission, TransmissionState};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::{Row, Tx, params};

/// What a person had sent, the newest first.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn of(access: &mut impl Access, person: PersonId, limit: i64) -> Result<Vec<Transmission>> {
    party::row(access, Noun::Person, person.into())?;
    access.show(person.into(), Kinds::NONE);
    access.tx().0.query(
        "SELECT transmission_id, host, state, made_at FROM transmission WHERE register_id = ?1 AND party_id = ?2 \
         ORDER BY transmission_id DESC LIMIT ?3",
        params![person, limit],
        |row| {
            Ok(Transmission {
                id: TransmissionId(row.id(0)?),
                host: row.text(1)?,
                state: row.parsed(2)?,
                made_at: row.time(3)?,
            })
        },
    )
}

/// How many transmissions of a person began since a moment.
///
/// # Errors
/// The database can not be read.
pub fn count_since(tx: &mut Tx<'_>, person: PersonId, since: Timestamp) -> Result<i64> {
    let sql = "SELECT count(*) FROM transmission WHERE register_id = ?1 AND party_id = ?2 AND made_at > ?3";
    Ok(tx.query_opt(sql, params![person, since], |row| row.int(0))?.unwrap_or_default())
}

/// Notes that something is about to be sent; the log has it before the first byte leaves.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn begin(w: &mut Writing<'_, '_>, person: PersonId, host: &str) -> Result<TransmissionId> {
    party::row(w, Noun::Person, person.into())?;
    let (id, now) = (TransmissionId(w.env().id()), w.usage().at());
    w.plain().tx().execute(
        "INSERT INTO transmission (register_id, transmission_id, party_id, host, state, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![id, person, host, TransmissionState::Sending.as_str(), now],
    )?;
    log(w, person, format!("transmission:{id}"))?;
    Ok(id)
}

/// Notes what became of it.
///
/// # Errors
/// The database can not be written.
pub fn end(w: &mut Writing<'_, '_>, person: PersonId, id: TransmissionId, state: TransmissionState) -> Result<()> {
    w.plain().tx().execute(
        "UPDATE transmission SET state = ?3 WHERE register_id = ?1 AND transmission_id = ?2",
        params![id, state.as_str()],
    )?;
    log(w, person, format!("transmission_{}:{id}", state.as_str()))
}

fn log(w: &mut Writing<'_, '_>, person: PersonId, object: String) -> Result<()> {
    w.log(Act { subjects: vec![person.0], objects: vec![object], ..Act::default() })
}

fn read(row: &Row<'_>) -> Result<(Reception, Option<Vec<u8>>)> {
    let reception = Reception {
        id: ReceptionId(row.id(0)?),
        state: row.parsed(1)?,
        made_at: row.time(2)?,
        expires_at: row.time(3)?,
        received_at: row.opt_time(4)?,
        content: None,
    };
    Ok((reception, row.opt_bytes(5)?))
}

/// What is or was to come for a person, the newest first, opened.
///
/// # Errors
/// There is no such person in the scope of the use, or what came can not be opened.
pub fn receptions(access: &mut impl Access, person: PersonId, limit: i64) -> Result<Vec<Reception>> {
    party::row(access, Noun::Person, person.into())?;
    access.show(person.into(), Kinds::NONE);
    let found = access.tx().0.query(
        "SELECT reception_id, state, made_at, expires_at, received_at, content FROM reception \
         WHERE register_id = ?1 AND party_id = ?2 ORDER BY reception_id DESC LIMIT ?3",
        params![person, limit],
        read,
    )?;
    let wrapped = party::wrapped_key(&mut access.tx().0, person.into())?;
    let key = access.keys().0.unwrap_party_key(person.into(), &wrapped)?;
    let open = |(reception, sealed): (Reception, Option<Vec<u8>>)| {
        let content = sealed.map(|sealed| key.open(reception.id.0, &sealed)).transpose()?;
        let content = content.map(String::from_utf8).transpose();
        Ok(Reception {
            content: content.map_err(|_| StoreError::Corrupt("what came for a person".into()))?,
            ..reception
        })
    };
    found.into_iter().map(open).collect()
}

/// Makes an address for receiving; one that is open is good no longer.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn open(w: &mut Writing<'_, '_>, person: PersonId, token_hash: &[u8; 32], until: Timestamp) -> Result<ReceptionId> {
    party::row(w, Noun::Person, person.into())?;
    let (id, now) = (ReceptionId(w.env().id()), w.usage().at());
    let mut tx = w.plain().tx();
    // It stays as one that nothing came to, so that it is counted.
    tx.execute(
        "UPDATE reception SET state = 'declined', token_hash = NULL WHERE register_id = ?1 AND party_id = ?2 AND state = 'open'",
        params![person],
    )?;
    tx.execute(
        "INSERT INTO reception (register_id, reception_id, party_id, token_hash, state, made_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6)",
        params![id, person, &token_hash[..], now, until],
    )?;
    log(w, person, format!("reception:{id}"))?;
    Ok(id)
}

/// How many addresses for receiving a person made since a moment.
///
/// # Errors
/// The database can not be read.
pub fn opened_since(tx: &mut Tx<'_>, person: PersonId, since: Timestamp) -> Result<i64> {
    let sql = "SELECT count(*) FROM reception WHERE register_id = ?1 AND party_id = ?2 AND made_at > ?3";
    Ok(tx.query_opt(sql, params![person, since], |row| row.int(0))?.unwrap_or_default())
}

/// Whose open address for receiving has this hash at a moment.
///
/// # Errors
/// The database can not be read.
pub fn addressee(tx: &mut Tx<'_>, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<(ReceptionId, PersonId)>> {
    tx.query_opt(
        "SELECT reception_id, party_id FROM reception WHERE register_id = ?1 AND token_hash = ?2 AND expires_at > ?3 \
         AND made_at <= ?3",
        params![&token_hash[..], now],
        |row| Ok((ReceptionId(row.id(0)?), PersonId(row.id(1)?))),
    )
}

/// Keeps what came, until the person decides; the address is used up.
///
/// # Errors
/// The person is not there any more.
pub fn receive(w: &mut Writing<'_, '_>, (id, person): (ReceptionId, PersonId), content: &[u8]) -> Result<()> {
    party::row(w, Noun::Person, person.into())?;
    let key = party::key_of(w, person.into())?;
    let (sealed, now) = (key.seal(id.0, content, w.env())?, w.usage().at());
    w.plain().tx().execute(
        "UPDATE reception SET state = 'received', token_hash = NULL, received_at = ?3, content = ?4 \
         WHERE register_id = ?1 AND reception_id = ?2",
        params![id, now, &sealed],
    )?;
    log(w, person, format!("received:{id}"))
}

/// Notes what a person decided; what came is gone from then on.
///
/// # Errors
/// Nothing of this id waits for their decision.
pub fn decide(w: &mut Writing<'_, '_>, person: PersonId, id: ReceptionId, state: ReceptionState) -> Result<()> {
    let sql = "UPDATE reception SET state = ?4, content = NULL \
         WHERE register_id = ?1 AND party_id = ?2 AND reception_id = ?3 AND state = 'received'";
    if w.plain().tx().execute(sql, params![person, id, state.as_str()])? == 0 {
        return Err(StoreError::NotFound("reception"));
    }
    log(w, person, format!("reception_{}:{id}", state.as_str()))
}

/// Forgets addresses that nobody used, and what came and was not decided about, of before a moment.
///
/// # Errors
/// The database can not be written.
pub fn forget(tx: &mut Tx<'_>, now: Timestamp, before: Timestamp) -> Result<()> {
    tx.execute("DELETE FROM reception WHERE register_id = ?1 AND state = 'open' AND expires_at <= ?2", params![now])?;
    tx.execute(
        "DELETE FROM reception WHERE register_id = ?1 AND state = 'received' AND received_at <= ?2",
        params![before],
    )
    .map(drop)
}

/// Takes out everything of a party that is erased.
pub(crate) fn forget_of(tx: &mut Tx<'_>, party: Uuid) -> Result<()> {
    for table in ["transmission", "reception"] {
        tx.execute(&format!("DELETE FROM {table} WHERE register_id = ?1 AND party_id = ?2"), params![PartyId(party)])?;
    }
    Ok(())
}
