//! What customers have forbidden.

use jiff::Timestamp;
use seloste_domain::history::Change;
use seloste_domain::id::{PartyId, ProhibitionId};
use seloste_domain::prohibition::{Lifted, Prohibition, ProhibitionChange, ProhibitionKind, Prohibitions, Way};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::guard;
use crate::keys::sealed_hash;
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "SELECT prohibition_id, party_id, kind, way, list, expires_at, set_by, set_at, lifted_by, lifted_at, \
     lifted_way FROM prohibition WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Prohibition> {
    let lifted = match (row.opt_text(8)?, row.opt_time(9)?) {
        (Some(by), Some(at)) => Some(Lifted { by, at, way: row.opt_parsed(10)? }),
        _ => None,
    };
    Ok(Prohibition {
        id: ProhibitionId(row.id(0)?),
        party: PartyId(row.id(1)?),
        kind: row.parsed(2)?,
        way: row.parsed(3)?,
        list: row.opt_text(4)?,
        expires_at: row.opt_time(5)?,
        set_by: row.text(6)?,
        set_at: row.time(7)?,
        lifted,
    })
}

/// All that a customer has ever forbidden, the newest first.
///
/// # Errors
/// There is no such customer in the scope of the use.
pub fn of(access: &mut impl Access, noun: Noun, id: PartyId) -> Result<Vec<Prohibition>> {
    party::version(access, noun, id)?;
    access.show(id, seloste_domain::kind::Kinds::NONE);
    access.tx().0.query(&format!("{COLUMNS} AND party_id = ?2 ORDER BY prohibition_id DESC"), params![id], read)
}

/// A prohibition about to be entered.
#[derive(Clone, Debug)]
pub struct NewProhibition {
    /// What is forbidden.
    pub kinds: Prohibitions,
    /// By which way it came.
    pub way: Way,
    /// A note; may be empty.
    pub note: String,
    /// The opt-out list that it came by.
    pub list: Option<String>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Enters what a customer forbids; what they had not forbidden already. From the commit on nothing that is made for those
/// purposes has them.
///
/// # Errors
/// There is no such customer in the scope of the use.
pub fn set(w: &mut Writing<'_, '_>, noun: Noun, id: PartyId, new: &NewProhibition) -> Result<Prohibitions> {
    let row = party::row(w, noun, id)?;
    // What holds without an end is not entered again; what ends by itself yields to a word that does not.
    let lasting = lasting(&mut w.plain().tx(), id)?;
    let held = if new.expires_at.is_some() { row.marks.prohibitions } else { lasting };
    let added: Prohibitions = new.kinds.iter().filter(|kind| !held.has(*kind)).collect();
    if added.is_empty() {
        return Ok(added);
    }
    let (seq, now, by) = (w.next_seq(), w.usage().at(), w.usage().actor().to_string());
    for kind in added.iter() {
        let entry = ProhibitionId(w.env().id());
        w.plain().tx().execute(
            "INSERT INTO prohibition (register_id, prohibition_id, party_id, kind, way, list, expires_at, seq, set_by, set_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                entry,
                id,
                kind.as_str(),
                new.way.as_str(),
                new.list.as_deref(),
                new.expires_at,
                seq.cast_signed(),
                &by,
                now,
            ],
        )?;
    }
    refresh(&mut w.plain().tx(), id)?;
    let change = ProhibitionChange {
        set: added.iter().collect(),
        lifted: Vec::new(),
        way: Some(new.way),
        note: new.note.clone(),
    };
    note(w, id, change, added)?;
    Ok(added)
}

fn lasting(tx: &mut Tx<'_>, id: PartyId) -> Result<Prohibitions> {
    let sql = "SELECT kind FROM prohibition WHERE register_id = ?1 AND party_id = ?2 AND lifted_at IS NULL \
         AND expires_at IS NULL";
    Ok(tx.query(sql, params![id], |row| row.parsed::<ProhibitionKind>(0))?.into_iter().collect())
}

/// Seals a change with the customer's history and logs it.
fn note(w: &mut Writing<'_, '_>, id: PartyId, change: ProhibitionChange, kinds: Prohibitions) -> Result<()> {
    let key = party::key_of(w, id)?;
    let payload = party::seal(&key, id.0, &Change::Prohibition(Box::new(change)), w.env())?;
    let seq = w.next_seq();
    party::insert_sealed(&mut w.plain().tx(), id.0, seq, id, &payload)?;
    w.log(Act {
        subjects: vec![id.0],
        objects: kinds.iter().map(|kind| format!("prohibition:{kind}")).collect(),
        sealed: vec![sealed_hash(&payload)],
        ..Act::default()
    })?;
    w.touch(id.0);
    Ok(())
}

/// One that has not been lifted.
///
/// # Errors
/// There is none for this customer, or the customer is not in the scope of the use.
pub fn open(access: &mut impl Access, noun: Noun, party: PartyId, id: ProhibitionId) -> Result<Prohibition> {
    party::row(access, noun, party)?;
    let sql = format!("{COLUMNS} AND prohibition_id = ?2 AND party_id = ?3 AND lifted_at IS NULL");
    access.tx().0.query_opt(&sql, params![id, party], read)?.ok_or(StoreError::NotFound("prohibition"))
}

/// Lifts a prohibition at the customer's own word, told by `way`, or takes back a slip.
///
/// # Errors
/// It is not there, was lifted already, or the customer is not in the scope of the use.
pub fn lift(
    w: &mut Writing<'_, '_>,
    noun: Noun,
    prohibition: &Prohibition,
    (way, told): (Option<Way>, &str),
) -> Result<()> {
    let (id, seq, now, by) = (prohibition.party, w.next_seq(), w.usage().at(), w.usage().actor().to_string());
    party::row(w, noun, id)?;
    let lifted = w.plain().tx().execute(
        "UPDATE prohibition SET lifted_seq = ?3, lifted_by = ?4, lifted_at = ?5, lifted_way = ?6 \
         WHERE register_id = ?1 AND prohibition_id = ?2 AND lifted_at IS NULL",
        params![prohibition.id, seq.cast_signed(), &by, now, way.map(Way::as_str)],
    )?;
    if lifted == 0 {
        return Err(StoreError::NotFound("prohibition"));
    }
    refresh(&mut w.plain().tx(), id)?;
    let change = ProhibitionChange { set: Vec::new(), lifted: vec![prohibition.kind], way, note: told.to_owned() };
    note(w, id, change, Prohibitions::NONE.with(prohibition.kind))
}

/// Brings the marks of a party's row up to date.
pub(crate) fn refresh(tx: &mut Tx<'_>, id: PartyId) -> Result<()> {
    let kinds = tx.query(
        "SELECT DISTINCT kind FROM prohibition WHERE register_id = ?1 AND party_id = ?2 AND lifted_at IS NULL",
        params![id],
        |row| row.parsed::<ProhibitionKind>(0),
    )?;
    let kinds: Prohibitions = kinds.into_iter().collect();
    let restricted = tx.query_opt(
        "SELECT 1 FROM restriction WHERE register_id = ?1 AND party_id = ?2 AND lifted_at IS NULL LIMIT 1",
        params![id],
        |_| Ok(()),
    )?;
    tx.execute(
        "UPDATE party SET prohibitions = ?3, is_restricted = ?4 WHERE register_id = ?1 AND party_id = ?2",
        params![id, kinds.bits(), restricted.is_some()],
    )
    .map(drop)
}

/// Parties of one noun, or of both, that have one of the match keys, whatever their company: an opt-out list is about
/// everybody. Ids only.
///
/// # Errors
/// The database can not be read.
pub fn matching(tx: &mut Tx<'_>, kind: seloste_domain::kind::Kind, key: &str) -> Result<Vec<(PartyId, Noun)>> {
    let mut found = Vec::new();
    for noun in [Noun::Person, Noun::Organisation] {
        found.extend(party::matching(tx, noun, kind, key)?.into_iter().map(|id| (id, noun)));
    }
    Ok(found)
}

/// Those of the parties whom the use may not have on a list, now: they forbade it, or their processing was restricted.
///
/// # Errors
/// The database can not be read.
pub fn kept_off(access: &mut impl Access, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(500) {
        let sql = format!(
            "SELECT p.party_id FROM party p WHERE p.register_id = ?1 AND {} AND p.party_id IN ({})",
            guard::left_out_sql(access.usage()),
            places(2, chunk.len())
        );
        let values: Vec<Param<'_>> = chunk.iter().map(|id| Param::Id(*id)).collect();
        found.extend(access.tx().0.query(&sql, &values, |row| row.id(0))?);
    }
    Ok(found)
}

/// Takes everything over from a record to the one that it is merged into; which.
pub(crate) fn take_over(tx: &mut Tx<'_>, kept: PartyId, gone: PartyId) -> Result<Vec<ProhibitionId>> {
    let moved = tx.query(
        "SELECT prohibition_id FROM prohibition WHERE register_id = ?1 AND party_id = ?2 ORDER BY prohibition_id",
        params![gone],
        |row| Ok(ProhibitionId(row.id(0)?)),
    )?;
    tx.execute("UPDATE prohibition SET party_id = ?3 WHERE register_id = ?1 AND party_id = ?2", params![gone, kept])?;
    Ok(moved)
}

/// Gives back what a record had when it was merged. Nobody knows which of the two customers spoke while they were one: what
/// was forbidden meanwhile holds for both, and what was lifted meanwhile holds again for each that had it.
pub(crate) fn give_back(
    w: &mut Writing<'_, '_>,
    (kept, gone): (PartyId, PartyId),
    moved: &[ProhibitionId],
    since: u64,
) -> Result<()> {
    let mut tx = w.plain().tx();
    let all = tx.query(
        "SELECT prohibition_id, seq, lifted_seq FROM prohibition WHERE register_id = ?1 AND party_id = ?2 \
         ORDER BY prohibition_id",
        params![kept],
        |row| Ok((ProhibitionId(row.id(0)?), row.int(1)?.cast_unsigned(), row.opt_int(2)?.map(i64::cast_unsigned))),
    )?;
    for (id, seq, lifted) in all {
        let belongs = moved.contains(&id);
        let owner = if belongs { gone } else { kept };
        if belongs {
            w.plain().tx().execute(
                "UPDATE prohibition SET party_id = ?3 WHERE register_id = ?1 AND prohibition_id = ?2",
                params![id, gone],
            )?;
        }
        if lifted.is_some_and(|lifted| lifted >= since) && seq < since {
            copy(w, id, owner)?;
        } else if lifted.is_none() && seq >= since && !belongs {
            copy(w, id, gone)?;
        }
    }
    refresh(&mut w.plain().tx(), kept)?;
    refresh(&mut w.plain().tx(), gone)
}

/// The same prohibition once more, in force from the beginning, for a party.
fn copy(w: &mut Writing<'_, '_>, id: ProhibitionId, party: PartyId) -> Result<()> {
    let (new, seq, by) = (ProhibitionId(w.env().id()), w.next_seq(), w.usage().actor().to_string());
    w.plain()
        .tx()
        .execute(
            "INSERT INTO prohibition (register_id, prohibition_id, party_id, kind, way, list, expires_at, seq, set_by, set_at) \
             SELECT register_id, ?3, ?4, kind, way, list, expires_at, ?5, ?6, set_at FROM prohibition \
             WHERE register_id = ?1 AND prohibition_id = ?2",
            params![id, new, party, seq.cast_signed(), &by],
        )
        .map(drop)
}
