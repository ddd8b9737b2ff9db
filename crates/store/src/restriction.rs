//! Restrictions of processing (Art. 18), and the uses that are allowed all the same.

use jiff::Timestamp;
use seloste_domain::history::Change;
use seloste_domain::id::{ExceptionId, MailId, PartyId, RestrictionId};
use seloste_domain::restriction::{
    Exception, Informed, Restriction, RestrictionChange, RestrictionGround, Told, ValidException,
};
use seloste_domain::usage::Activity;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::keys::sealed_hash;
use crate::log::Act;
use crate::party::{self, Noun};
use crate::prohibition::refresh;
use crate::sql::{Param, Row, Tx, params};

const COLUMNS: &str = "SELECT r.restriction_id, r.party_id, r.ground, r.set_by, r.set_at, r.informed_how, r.informed_mail_id, \
     r.informed_by, r.informed_at, r.lifted_by, r.lifted_at FROM restriction r WHERE r.register_id = ?1";

fn read(row: &Row<'_>) -> Result<Restriction> {
    let informed = match (row.opt_parsed::<Told>(5)?, row.opt_text(7)?, row.opt_time(8)?) {
        (Some(how), Some(by), Some(at)) => Some(Informed { how, mail: row.opt_id(6)?.map(MailId), by, at }),
        _ => None,
    };
    Ok(Restriction {
        id: RestrictionId(row.id(0)?),
        party: PartyId(row.id(1)?),
        ground: row.parsed(2)?,
        set_by: row.text(3)?,
        set_at: row.time(4)?,
        informed,
        lifted: row.opt_text(9)?.zip(row.opt_time(10)?),
    })
}

/// All restrictions that a customer has had, the newest first.
///
/// # Errors
/// There is no such customer in the scope of the use.
pub fn of(access: &mut impl Access, noun: Noun, id: PartyId) -> Result<Vec<Restriction>> {
    party::version(access, noun, id)?;
    access.show(id, seloste_domain::kind::Kinds::NONE);
    access.tx().0.query(&format!("{COLUMNS} AND r.party_id = ?2 ORDER BY r.restriction_id DESC"), params![id], read)
}

/// The restrictions in force within the scope, the oldest first, with what kind of customer each concerns.
///
/// # Errors
/// The database can not be read.
pub fn in_force(access: &mut impl Access, limit: i64) -> Result<Vec<(Restriction, Noun)>> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT r.restriction_id, r.party_id, r.ground, r.set_by, r.set_at, r.informed_how, r.informed_mail_id, \
         r.informed_by, r.informed_at, r.lifted_by, r.lifted_at, p.noun FROM restriction r \
         JOIN party p ON p.register_id = r.register_id AND p.party_id = r.party_id \
         WHERE r.register_id = ?1 AND r.lifted_at IS NULL AND {} ORDER BY r.set_at, r.restriction_id LIMIT ?2",
        party::in_scope(3, scope.companies().len())
    );
    let values = party::with_scope(vec![Param::Int(limit)], scope.companies());
    access.tx().0.query(&sql, &values, |row| {
        let noun = if row.text(11)? == Noun::Person.as_str() { Noun::Person } else { Noun::Organisation };
        Ok((read(row)?, noun))
    })
}

/// Restricts the processing of a customer's data. Messages that wait are held from the commit on.
///
/// # Errors
/// There is no such customer in the scope of the use, or it is restricted by this ground already.
pub fn set(
    w: &mut Writing<'_, '_>,
    noun: Noun,
    id: PartyId,
    ground: RestrictionGround,
    note: &str,
) -> Result<RestrictionId> {
    party::row(w, noun, id)?;
    let held = w.plain().tx().query_opt(
        "SELECT 1 FROM restriction WHERE register_id = ?1 AND party_id = ?2 AND ground = ?3 AND lifted_at IS NULL",
        params![id, ground.as_str()],
        |_| Ok(()),
    )?;
    if held.is_some() {
        return Err(StoreError::Taken("restriction"));
    }
    let new = RestrictionId(w.env().id());
    let (seq, now, by) = (w.next_seq(), w.usage().at(), w.usage().actor().to_string());
    w.plain().tx().execute(
        "INSERT INTO restriction (register_id, restriction_id, party_id, ground, seq, set_by, set_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![new, id, ground.as_str(), seq.cast_signed(), &by, now],
    )?;
    refresh(&mut w.plain().tx(), id)?;
    // Who asks for restriction instead of erasure does not want to be erased any more (Art. 18(1)(b)).
    if noun == Noun::Person && ground == RestrictionGround::UnlawfulNotErased {
        crate::erasure::stop_waiting(w, seloste_domain::id::PersonId(id.0))?;
    }
    let change = RestrictionChange::Set { ground, note: note.to_owned() };
    seal(w, id, change, format!("restriction:{ground}"))?;
    Ok(new)
}

fn seal(w: &mut Writing<'_, '_>, id: PartyId, change: RestrictionChange, object: String) -> Result<()> {
    let key = party::key_of(w, id)?;
    let payload = party::seal(&key, id.0, &Change::Restriction(Box::new(change)), w.env())?;
    let seq = w.next_seq();
    party::insert_sealed(&mut w.plain().tx(), id.0, seq, id, &payload)?;
    w.log(Act { subjects: vec![id.0], objects: vec![object], sealed: vec![sealed_hash(&payload)], ..Act::default() })?;
    w.touch(id.0);
    Ok(())
}

/// Notes that the person was told that the restrictions in force will be lifted (Art. 18(3)). The caller has written the
/// letter, or queued the message, in the same transaction.
///
/// # Errors
/// Nothing of theirs is restricted.
pub fn informed(w: &mut Writing<'_, '_>, id: PartyId, how: Told, mail: Option<MailId>) -> Result<()> {
    let (now, by) = (w.usage().at(), w.usage().actor().to_string());
    let rows = w.plain().tx().execute(
        "UPDATE restriction SET informed_how = ?3, informed_mail_id = ?4, informed_by = ?5, informed_at = ?6 \
         WHERE register_id = ?1 AND party_id = ?2 AND lifted_at IS NULL",
        params![id, how.as_str(), mail, &by, now],
    )?;
    if rows == 0 { Err(StoreError::NotFound("restriction")) } else { Ok(()) }
}

/// Lifts a restriction of which the person was told.
///
/// # Errors
/// There is none in force by this id for this customer of the scope, or the person was not told.
pub fn lift(w: &mut Writing<'_, '_>, noun: Noun, party: PartyId, id: RestrictionId, note: &str) -> Result<()> {
    party::row(w, noun, party)?;
    let (seq, now, by) = (w.next_seq(), w.usage().at(), w.usage().actor().to_string());
    let lifted = w.plain().tx().execute(
        "UPDATE restriction SET lifted_seq = ?4, lifted_by = ?5, lifted_at = ?6 WHERE register_id = ?1 AND restriction_id = ?2 \
         AND party_id = ?3 AND lifted_at IS NULL AND informed_at IS NOT NULL",
        params![id, party, seq.cast_signed(), &by, now],
    )?;
    if lifted == 0 {
        return Err(StoreError::NotFound("restriction"));
    }
    refresh(&mut w.plain().tx(), party)?;
    // An exception has nothing to except any more; a later restriction begins without it.
    w.plain().tx().execute(
        "UPDATE restriction_exception SET ended_by = ?3, ended_at = ?4 WHERE register_id = ?1 AND party_id = ?2 \
         AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM restriction r WHERE r.register_id = ?1 AND r.party_id = ?2 \
         AND r.lifted_at IS NULL)",
        params![party, &by, now],
    )?;
    seal(w, party, RestrictionChange::Lifted { note: note.to_owned() }, format!("restriction:{id}"))
}

/// All uses that were allowed for a customer, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn exceptions(access: &mut impl Access, id: PartyId) -> Result<Vec<Exception>> {
    access.tx().0.query(
        "SELECT exception_id, party_id, activity, ground, granted_by, granted_at, until_at, ended_by, ended_at \
         FROM restriction_exception WHERE register_id = ?1 AND party_id = ?2 ORDER BY exception_id DESC",
        params![id],
        |row| {
            let activity = row.text(2)?;
            let activity = Activity::ALL.into_iter().find(|known| known.as_str() == activity);
            Ok(Exception {
                id: ExceptionId(row.id(0)?),
                party: PartyId(row.id(1)?),
                activity: activity.ok_or_else(|| StoreError::Corrupt("an exception's activity".into()))?,
                ground: row.parsed(3)?,
                granted_by: row.text(4)?,
                granted_at: row.time(5)?,
                until: row.time(6)?,
                ended: row.opt_text(7)?.zip(row.opt_time(8)?),
            })
        },
    )
}

/// Notes of the restrictions of one ground that the person was told that they will be lifted. There may be none.
///
/// # Errors
/// The database can not be written.
pub fn informed_of(w: &mut Writing<'_, '_>, id: PartyId, ground: RestrictionGround, how: Told) -> Result<()> {
    let (now, by) = (w.usage().at(), w.usage().actor().to_string());
    w.plain()
        .tx()
        .execute(
            "UPDATE restriction SET informed_how = ?4, informed_by = ?5, informed_at = ?6 \
             WHERE register_id = ?1 AND party_id = ?2 AND ground = ?3 AND lifted_at IS NULL",
            params![id, ground.as_str(), how.as_str(), &by, now],
        )
        .map(drop)
}

/// Restrictions that were set while an objection was pending, of which the person was told until `before` that they are lifted.
///
/// # Errors
/// The database can not be read.
pub fn told_of_objection(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<(RestrictionId, PartyId)>> {
    tx.query(
        "SELECT restriction_id, party_id FROM restriction WHERE register_id = ?1 AND ground = 'objection_pending' \
         AND lifted_at IS NULL AND informed_at <= ?2 ORDER BY restriction_id",
        params![before],
        |row| Ok((RestrictionId(row.id(0)?), PartyId(row.id(1)?))),
    )
}

/// Allows a use until a moment.
///
/// # Errors
/// There is no such customer in the scope of the use, or its processing is not restricted.
pub fn except(
    w: &mut Writing<'_, '_>,
    noun: Noun,
    party: PartyId,
    valid: &ValidException,
    until: Timestamp,
) -> Result<ExceptionId> {
    if !party::row(w, noun, party)?.marks.restricted {
        return Err(StoreError::NotFound("restriction"));
    }
    let id = ExceptionId(w.env().id());
    let (now, by) = (w.usage().at(), w.usage().actor().to_string());
    w.plain().tx().execute(
        "INSERT INTO restriction_exception (register_id, exception_id, party_id, activity, ground, granted_by, granted_at, \
         until_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![id, party, valid.activity.as_str(), valid.ground.as_str(), &by, now, until],
    )?;
    let change = RestrictionChange::Excepted {
        activity: valid.activity,
        ground: valid.ground,
        reason: valid.reason.clone(),
        until,
    };
    seal(w, party, change, format!("restriction_exception:{id}"))?;
    Ok(id)
}

/// Ends a use that was allowed, before its time.
///
/// # Errors
/// There is none in force by this id for this customer of the scope.
pub fn end_exception(w: &mut Writing<'_, '_>, noun: Noun, party: PartyId, id: ExceptionId) -> Result<()> {
    party::row(w, noun, party)?;
    let (now, by) = (w.usage().at(), w.usage().actor().to_string());
    let found = exceptions(w, party)?.into_iter().find(|exception| exception.id == id && exception.holds_at(now));
    let exception = found.ok_or(StoreError::NotFound("exception"))?;
    w.plain().tx().execute(
        "UPDATE restriction_exception SET ended_by = ?3, ended_at = ?4 WHERE register_id = ?1 AND exception_id = ?2",
        params![id, &by, now],
    )?;
    let change = RestrictionChange::ExceptionEnded { activity: exception.activity };
    seal(w, party, change, format!("restriction_exception:{id}"))
}

/// Takes restrictions over from a record to the one that it is merged into; which.
pub(crate) fn take_over(tx: &mut Tx<'_>, kept: PartyId, gone: PartyId) -> Result<Vec<RestrictionId>> {
    let moved = tx.query(
        "SELECT restriction_id FROM restriction WHERE register_id = ?1 AND party_id = ?2 ORDER BY restriction_id",
        params![gone],
        |row| Ok(RestrictionId(row.id(0)?)),
    )?;
    tx.execute("UPDATE restriction SET party_id = ?3 WHERE register_id = ?1 AND party_id = ?2", params![gone, kept])?;
    // Exceptions stay: they were given for the one record only.
    Ok(moved)
}

/// Gives restrictions back: see [`crate::prohibition::give_back`].
pub(crate) fn give_back(
    w: &mut Writing<'_, '_>,
    (kept, gone): (PartyId, PartyId),
    moved: &[RestrictionId],
    since: u64,
) -> Result<()> {
    let all = w.plain().tx().query(
        "SELECT restriction_id, seq, lifted_seq FROM restriction WHERE register_id = ?1 AND party_id = ?2 \
         ORDER BY restriction_id",
        params![kept],
        |row| Ok((RestrictionId(row.id(0)?), row.int(1)?.cast_unsigned(), row.opt_int(2)?.map(i64::cast_unsigned))),
    )?;
    for (id, seq, lifted) in all {
        let belongs = moved.contains(&id);
        let owner = if belongs { gone } else { kept };
        if belongs {
            w.plain().tx().execute(
                "UPDATE restriction SET party_id = ?3 WHERE register_id = ?1 AND restriction_id = ?2",
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

fn copy(w: &mut Writing<'_, '_>, id: RestrictionId, party: PartyId) -> Result<()> {
    let (new, seq, by) = (RestrictionId(w.env().id()), w.next_seq(), w.usage().actor().to_string());
    w.plain()
        .tx()
        .execute(
            "INSERT INTO restriction (register_id, restriction_id, party_id, ground, seq, set_by, set_at) \
             SELECT register_id, ?3, ?4, ground, ?5, ?6, set_at FROM restriction \
             WHERE register_id = ?1 AND restriction_id = ?2",
            params![id, new, party, seq.cast_signed(), &by],
        )
        .map(drop)
}
