//! Requests of people about their own data. What was said is sealed under the person's key, or under the register's while no
//! card was found. A request is closed as done only with what shows it, which is looked up here in the same transaction.

mod evidence;

use jiff::civil::Date;
use seloste_domain::id::{PartyId, PersonId, RequestEventId, RequestId};
use seloste_domain::kind::Kinds;
use seloste_domain::request::{EventKind, Noted, Request, RequestKind, RequestState, Said};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use self::evidence::{NotShown, corrections_since, erasure_since, shows};
use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, Noun, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "r.request_id, r.person_id, r.company_id, r.kind, r.channel, r.language, r.received_on, r.due_on, \
     r.extended_on, r.state, r.identity_check, r.fee_cents, r.ground, r.done, r.closed_on, r.entered_by, r.entered_at, r.version, \
     (SELECT count(*) FROM erasure_waiting e WHERE e.register_id = ?1 AND e.request_id = r.request_id)";

/// The condition of requests of which the person was not told yet that an erasure waits: those can be late (Art. 12(3)).
const UNANSWERED: &str =
    "NOT EXISTS (SELECT 1 FROM erasure_waiting e WHERE e.register_id = ?1 AND e.request_id = r.request_id)";

fn read(row: &Row<'_>) -> Result<Request> {
    Ok(Request {
        id: RequestId(row.id(0)?),
        person: row.opt_id(1)?.map(PersonId),
        company: row.parsed(2)?,
        kind: row.parsed(3)?,
        channel: row.parsed(4)?,
        language: row.parsed(5)?,
        received_on: row.parsed(6)?,
        due_on: row.parsed(7)?,
        extended_on: row.opt_parsed(8)?,
        state: row.parsed(9)?,
        identity: row.opt_parsed(10)?,
        fee: row.opt_int(11)?.map(seloste_domain::money::Cents),
        ground: row.opt_parsed(12)?,
        done: row.opt_parsed(13)?,
        closed_on: row.opt_parsed(14)?,
        entered_by: row.text(15)?,
        entered_at: row.time(16)?,
        version: row.int(17)?,
        waits: row.int(18)? > 0,
    })
}

/// Which requests a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those that are to be answered; else only those that are closed.
    pub open: bool,
    /// Only of this kind.
    pub kind: Option<RequestKind>,
    /// Only those whose time was over on this day.
    pub late_on: Option<Date>,
}

/// Requests of the scope: the open ones by their clocks, the soonest first; the closed ones by their clocks, the latest first.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, filter: &Filter, limit: i64) -> Result<Vec<Request>> {
    let scope = access.usage().scope().clone();
    let (states, order) = match filter.open {
        true => ("'open', 'fee'", "r.due_on, r.request_id"),
        false => ("'done', 'refused', 'withdrawn'", "r.due_on DESC, r.request_id DESC"),
    };
    let mut sql = format!(
        "SELECT {COLUMNS} FROM request r WHERE r.register_id = ?1 AND r.state IN ({states}) AND r.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let late = filter.late_on.map(|day| day.to_string());
    let mut values = with_scope(vec![Param::Int(limit)], scope.companies());
    if let Some(kind) = filter.kind {
        sql.push_str(&format!(" AND r.kind = ?{}", values.len() + 2));
        values.push(Param::Text(kind.as_str()));
    }
    if let Some(day) = &late {
        sql.push_str(&format!(" AND r.due_on < ?{} AND {UNANSWERED}", values.len() + 2));
        values.push(Param::Text(day));
    }
    sql.push_str(&format!(" ORDER BY {order} LIMIT ?2"));
    let mut found = access.tx().0.query(&sql, &values, read)?;
    for request in &mut found {
        settle(&mut access.tx().0, request)?;
        note(access, request);
    }
    Ok(found)
}

/// How many are open, and how many of these are late on a day. Nobody is named.
///
/// # Errors
/// The database can not be read.
pub fn counts(access: &mut impl Access, today: Date) -> Result<(i64, i64)> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT count(*), coalesce(sum(CASE WHEN r.due_on < ?2 AND {UNANSWERED} THEN 1 ELSE 0 END), 0) FROM request r \
         WHERE r.register_id = ?1 AND r.state IN ('open', 'fee') AND r.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let today = today.to_string();
    let values = with_scope(vec![Param::Text(&today)], scope.companies());
    Ok(access.tx().0.query_opt(&sql, &values, |row| Ok((row.int(0)?, row.int(1)?)))?.unwrap_or((0, 0)))
}

/// The requests of a person within the scope, the newest first; those of records that were merged into theirs too.
///
/// # Errors
/// The database can not be read.
pub fn of(access: &mut impl Access, person: PersonId, limit: i64) -> Result<Vec<Request>> {
    let scope = access.usage().scope().clone();
    let mut ids = crate::merge::predecessors(&mut access.tx().0, person.into())?;
    ids.push(person.0);
    let sql = format!(
        "SELECT {COLUMNS} FROM request r WHERE r.register_id = ?1 AND r.person_id IN ({}) AND r.company_id IN ({}) \
         ORDER BY r.request_id DESC LIMIT ?2",
        places(3, ids.len()),
        places(3 + ids.len(), scope.companies().len())
    );
    let mut values = vec![Param::Int(limit)];
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    let mut found = access.tx().0.query(&sql, &with_scope(values, scope.companies()), read)?;
    found.iter_mut().for_each(|request| request.person = Some(person));
    found.iter().for_each(|request| note(access, request));
    Ok(found)
}

/// A request of a record that was merged is one of the record that was kept.
fn settle(tx: &mut Tx<'_>, request: &mut Request) -> Result<()> {
    while let Some(person) = request.person {
        match crate::merge::of(tx, person.into())? {
            Some(merged) => request.person = Some(PersonId(merged.kept.0)),
            None => break,
        }
    }
    Ok(())
}

fn note(access: &mut impl Access, request: &Request) {
    access.note_object(format!("request:{}", request.id));
    if let Some(person) = request.person {
        access.show(person.into(), Kinds::NONE);
    }
}

/// One request.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: RequestId) -> Result<Request> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT {COLUMNS} FROM request r WHERE r.register_id = ?1 AND r.request_id = ?2 AND r.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let found = access.tx().0.query_opt(&sql, &with_scope(vec![Param::from(id)], scope.companies()), read)?;
    let mut request = found.ok_or(StoreError::NotFound("request"))?;
    settle(&mut access.tx().0, &mut request)?;
    let about: Vec<Uuid> = request.person.map(|person| person.0).into_iter().collect();
    if !crate::guard::is_about(access.usage(), &about) {
        return Err(StoreError::NotFound("request"));
    }
    note(access, &request);
    Ok(request)
}

/// What was said in a request; none when it is forgotten. The caller has loaded the request.
///
/// # Errors
/// It can not be opened.
pub fn said(access: &mut impl Access, id: RequestId) -> Result<Option<Said>> {
    let sql = "SELECT told, owner_id FROM request WHERE register_id = ?1 AND request_id = ?2";
    let found = access.tx().0.query_opt(sql, params![id], |row| Ok((row.opt_bytes(0)?, row.opt_id(1)?)))?;
    match found {
        Some((Some(told), owner)) => open(access, id.0, &told, owner.map(PartyId)).map(Some),
        _ => Ok(None),
    }
}

/// Something that happened to a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Its id.
    pub id: RequestEventId,
    /// What.
    pub kind: EventKind,
    /// What was written and noted.
    pub noted: Noted,
    /// Who, as the log names them.
    pub made_by: String,
    /// When.
    pub made_at: jiff::Timestamp,
}

/// The events of a request, the oldest first. The caller has loaded the request.
///
/// # Errors
/// One can not be opened.
pub fn events(access: &mut impl Access, id: RequestId) -> Result<Vec<Event>> {
    let sql = "SELECT request_event_id, kind, told, owner_id, made_by, made_at FROM request_event \
         WHERE register_id = ?1 AND request_id = ?2 ORDER BY request_event_id";
    let rows = access.tx().0.query(sql, params![id], |row| {
        let event = Event {
            id: RequestEventId(row.id(0)?),
            kind: row.parsed(1)?,
            noted: Noted::default(),
            made_by: row.text(4)?,
            made_at: row.time(5)?,
        };
        Ok((event, row.opt_bytes(2)?, row.opt_id(3)?.map(PartyId)))
    })?;
    let mut events = Vec::with_capacity(rows.len());
    for (mut event, told, owner) in rows {
        if let Some(told) = told {
            event.noted = open(access, event.id.0, &told, owner)?;
        }
        events.push(event);
    }
    Ok(events)
}

fn open<T: DeserializeOwned>(access: &mut impl Access, object: Uuid, told: &[u8], owner: Option<PartyId>) -> Result<T> {
    let json = match owner {
        Some(owner) => {
            let wrapped = party::wrapped_key(&mut access.tx().0, owner)?;
            access.keys().0.unwrap_party_key(owner, &wrapped)?.open(object, told)?
        }
        None => access.keys().0.open_secret(object, told)?.to_vec(),
    };
    serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt("what was said in a request".into()))
}

fn seal<T: Serialize>(w: &mut Writing<'_, '_>, object: Uuid, told: &T, owner: Option<PartyId>) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(told).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    match owner {
        Some(owner) => party::key_of(w, owner)?.seal(object, &json, w.env()),
        None => w.keys().0.seal_secret(object, &json, w.env()),
    }
}

/// Enters a request that was received.
///
/// # Errors
/// Its company or its person is not in the scope of the use.
pub fn insert(w: &mut Writing<'_, '_>, request: &Request, said: &Said) -> Result<()> {
    if !w.usage().scope().has(&request.company) {
        return Err(StoreError::NotFound("company"));
    }
    let owner: Option<PartyId> = request.person.map(PartyId::from);
    if let Some(owner) = owner {
        party::row(w, Noun::Person, owner)?;
    }
    let told = seal(w, request.id.0, said, owner)?;
    let (received, due) = (request.received_on.to_string(), request.due_on.to_string());
    w.plain().tx().execute(
        "INSERT INTO request (register_id, request_id, person_id, company_id, kind, channel, language, received_on, due_on, \
         state, identity_check, told, owner_id, entered_by, entered_at, version, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'open', ?10, ?11, ?12, ?13, ?14, 1, ?14)",
        params![
            request.id,
            request.person,
            &request.company,
            request.kind.as_str(),
            request.channel.as_str(),
            request.language.tag(),
            &received,
            &due,
            request.identity.map(seloste_domain::request::IdentityCheck::as_str),
            &told,
            owner,
            &request.entered_by,
            request.entered_at,
        ],
    )?;
    happened(w, request, EventKind::Received, &Noted::default())
}

/// Joins a request to the card that was found, and seals what was said under the person's key.
///
/// # Errors
/// The person is not in the scope of the use.
pub fn link(w: &mut Writing<'_, '_>, request: &mut Request, person: PersonId) -> Result<()> {
    let owner: PartyId = person.into();
    party::row(w, Noun::Person, owner)?;
    let told = match said(w, request.id)? {
        Some(said) => Some(seal(w, request.id.0, &said, Some(owner))?),
        None => None,
    };
    w.plain().tx().execute(
        "UPDATE request SET person_id = ?3, owner_id = ?4, told = ?5 WHERE register_id = ?1 AND request_id = ?2",
        params![request.id, person, told.is_some().then_some(owner), told.as_deref()],
    )?;
    for event in events(w, request.id)? {
        if event.noted != Noted::default() {
            let told = seal(w, event.id.0, &event.noted, Some(owner))?;
            w.plain().tx().execute(
                "UPDATE request_event SET told = ?4, owner_id = ?5 \
                 WHERE register_id = ?1 AND request_id = ?2 AND request_event_id = ?3",
                params![request.id, event.id, &told, owner],
            )?;
        }
    }
    request.person = Some(person);
    Ok(())
}

/// Replaces what was said: what was looked at, what became of a correction.
///
/// # Errors
/// The database can not be written.
pub fn say(w: &mut Writing<'_, '_>, request: &Request, said: &Said) -> Result<()> {
    let sql = "SELECT owner_id FROM request WHERE register_id = ?1 AND request_id = ?2";
    let owner = w.plain().tx().query_opt(sql, params![request.id], |row| row.opt_id(0))?.flatten().map(PartyId);
    let told = seal(w, request.id.0, said, owner)?;
    w.plain()
        .tx()
        .execute("UPDATE request SET told = ?3 WHERE register_id = ?1 AND request_id = ?2", params![request.id, &told])
        .map(drop)
}

/// Writes down how a request stands, after the version that the caller read.
///
/// # Errors
/// Somebody else changed it meanwhile; or it would be done, which only [`close_done`] writes.
pub fn update(w: &mut Writing<'_, '_>, request: &Request) -> Result<()> {
    match request.state {
        RequestState::Done => Err(StoreError::Refused(Box::new(NotShown))),
        _ => write_down(w, request),
    }
}

fn write_down(w: &mut Writing<'_, '_>, request: &Request) -> Result<()> {
    let text = |day: Option<Date>| day.map(|day| day.to_string());
    let (due, extended, closed) = (request.due_on.to_string(), text(request.extended_on), text(request.closed_on));
    let (now, done) = (w.usage().at(), request.done.map(|done| done.to_string()));
    let rows = w.plain().tx().execute(
        "UPDATE request SET due_on = ?3, extended_on = ?4, state = ?5, identity_check = ?6, fee_cents = ?7, ground = ?8, \
         done = ?9, closed_on = ?10, version = version + 1, changed_at = ?11 \
         WHERE register_id = ?1 AND request_id = ?2 AND version = ?12",
        params![
            request.id,
            &due,
            &extended,
            request.state.as_str(),
            request.identity.map(seloste_domain::request::IdentityCheck::as_str),
            request.fee.map(|fee| fee.0),
            request.ground.map(seloste_domain::request::RefusalGround::as_str),
            &done,
            &closed,
            now,
            request.version,
        ],
    )?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: request.version + 1, expected: request.version });
    }
    // Who takes a request back, or is refused, is not erased by it later.
    if request.state.is_open() { Ok(()) } else { crate::erasure::closed(w, request.id) }
}

/// Closes a request as done, once what shows it is found: there is no other way to that state.
///
/// # Errors
/// [`NotShown`], or somebody else changed it meanwhile.
pub fn close_done(w: &mut Writing<'_, '_>, request: &Request, today: Date, noted: &Noted) -> Result<()> {
    let done = request.done.ok_or_else(|| StoreError::Refused(Box::new(NotShown)))?;
    if !shows(w, request, done)? {
        return Err(StoreError::Refused(Box::new(NotShown)));
    }
    let closed = Request { state: RequestState::Done, closed_on: Some(today), ..request.clone() };
    write_down(w, &closed)?;
    happened(w, request, EventKind::Done, noted)
}

/// Adds an event to a request and to the log.
///
/// # Errors
/// The database can not be written.
pub fn happened(w: &mut Writing<'_, '_>, request: &Request, kind: EventKind, noted: &Noted) -> Result<()> {
    let id = RequestEventId(w.env().id());
    let owner = request.person.map(PartyId::from).filter(|_| *noted != Noted::default());
    let told = match *noted == Noted::default() {
        true => None,
        false => Some(seal(w, id.0, noted, owner)?),
    };
    let (by, now) = (w.usage().actor().to_string(), w.usage().at());
    w.plain().tx().execute(
        "INSERT INTO request_event (register_id, request_id, request_event_id, kind, told, owner_id, made_by, made_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![request.id, id, kind.as_str(), told.as_deref(), owner, &by, now],
    )?;
    let mut objects = vec![format!("request:{}", request.id), format!("request_event:{kind}")];
    objects.extend(request.done.map(|done| done.to_string()));
    w.log(Act { subjects: request.person.map(|person| person.0).into_iter().collect(), objects, ..Act::default() })
}

/// Forgets what a person said; that they asked, and that it was answered, stays.
pub(crate) fn forget_of(tx: &mut Tx<'_>, owner: Uuid) -> Result<()> {
    for table in ["request", "request_event"] {
        let sql = format!("UPDATE {table} SET told = NULL, owner_id = NULL WHERE register_id = ?1 AND owner_id = ?2");
        tx.execute(&sql, params![owner])?;
    }
    Ok(())
}
