//! Cookie choices of visitors and the events under them. Visitors are nobody of the register, so that nothing here is a party. An
//! event is written by one statement that asks for the choice that covers it, and the tables refuse what that would miss: the
//! event's foreign key needs a use that covers, and a use that has events can not stop to cover before they are gone.

use jiff::Timestamp;
use seloste_domain::cookie::{ChoiceEnd, CookieChoice, CookieSetting, EventKind, MOST_EVENTS};
use seloste_domain::id::{CompanyId, CookieChoiceId};
use seloste_domain::language::Language;
use seloste_domain::notice::CookieUse;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::sql::{Param, Row, Tx, params, places};

const SETTING: &str = "SELECT company_id, origins, months, version FROM cookie_setting WHERE register_id = ?1";

fn read_setting(row: &Row<'_>) -> Result<CookieSetting> {
    let origins = serde_json::from_str(&row.text(1)?).map_err(|_| StoreError::Corrupt("origins".into()))?;
    Ok(CookieSetting { company: row.parsed(0)?, origins, months: row.int(2)?, version: row.int(3)? })
}

/// What a company has set.
///
/// # Errors
/// The database can not be read.
pub fn setting(tx: &mut Tx<'_>, company: &CompanyId) -> Result<CookieSetting> {
    let found = tx.query_opt(&format!("{SETTING} AND company_id = ?2"), params![company], read_setting)?;
    Ok(found.unwrap_or_else(|| CookieSetting::none(company.clone())))
}

/// Sets it, when it still has the version before this one. Choices of web services that are no longer the company's end.
///
/// # Errors
/// Someone else changed it meanwhile.
pub fn set(tx: &mut Tx<'_>, new: &CookieSetting, by: &str, at: Timestamp) -> Result<()> {
    let before = setting(tx, &new.company)?;
    let expected = new.version - 1;
    if before.version != expected {
        return Err(StoreError::Conflict { found: before.version, expected });
    }
    let origins = serde_json::to_string(&new.origins).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    tx.execute(
        "INSERT INTO cookie_setting (register_id, company_id, origins, months, version, changed_by, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (register_id, company_id) DO UPDATE SET \
         origins = excluded.origins, months = excluded.months, version = excluded.version, \
         changed_by = excluded.changed_by, changed_at = excluded.changed_at",
        params![&new.company, &origins, new.months, new.version, by, at],
    )?;
    for gone in before.origins.iter().filter(|origin| !new.has_origin(origin)) {
        let sql = "SELECT choice_id FROM cookie_choice WHERE register_id = ?1 AND company_id = ?2 AND origin = ?3 \
             AND ended_at IS NULL";
        let choices = tx.query(sql, params![&new.company, gone], |row| Ok(CookieChoiceId(row.id(0)?)))?;
        choices.into_iter().try_for_each(|id| end(tx, id, ChoiceEnd::OriginRemoved, at))?;
    }
    Ok(())
}

/// Keeps the text that a choice answered, once.
///
/// # Errors
/// The database can not be written.
pub fn keep_text(tx: &mut Tx<'_>, version: &str, language: Language, words: &str, at: Timestamp) -> Result<()> {
    tx.execute(
        "INSERT INTO cookie_text (register_id, text_version, language, wording, first_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO NOTHING",
        params![version, language.tag(), words, at],
    )?;
    Ok(())
}

/// Language and words of a text.
///
/// # Errors
/// There is none, or the database can not be read.
pub fn text(tx: &mut Tx<'_>, version: &str) -> Result<(String, String)> {
    let sql = "SELECT language, wording FROM cookie_text WHERE register_id = ?1 AND text_version = ?2";
    let found = tx.query_opt(sql, params![version], |row| Ok((row.text(0)?, row.text(1)?)))?;
    found.ok_or(StoreError::NotFound("text"))
}

/// Adds a choice. `visitor` is the hash of the visitor's number.
///
/// # Errors
/// The database can not be written.
pub fn insert(tx: &mut Tx<'_>, choice: &CookieChoice, visitor: &[u8; 32]) -> Result<()> {
    tx.execute(
        "INSERT INTO cookie_choice (register_id, choice_id, visitor_hash, company_id, origin, text_version, way, \
         despite_signal, given_at, expires_at, events) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)",
        params![
            choice.id,
            &visitor[..],
            &choice.company,
            &choice.origin,
            &choice.text,
            choice.way.as_str(),
            choice.despite_signal,
            choice.given_at,
            choice.expires_at,
        ],
    )?;
    for (cookie, accepted) in &choice.uses {
        tx.execute(
            "INSERT INTO cookie_choice_use (register_id, choice_id, cookie_use, accepted, covers) \
             VALUES (?1, ?2, ?3, ?4, ?4)",
            params![choice.id, cookie.as_str(), *accepted],
        )?;
    }
    Ok(())
}

fn read_choice(row: &Row<'_>) -> Result<CookieChoice> {
    let ended = row.opt_parsed(9)?.zip(row.opt_time(8)?);
    Ok(CookieChoice {
        id: CookieChoiceId(row.id(0)?),
        company: row.parsed(1)?,
        origin: row.text(2)?,
        text: row.text(3)?,
        way: row.parsed(4)?,
        despite_signal: row.flag(5)?,
        uses: Vec::new(),
        given_at: row.time(6)?,
        expires_at: row.time(7)?,
        ended,
    })
}

/// The choice of a visitor, by the hash of their number.
///
/// # Errors
/// The database can not be read.
pub fn of(tx: &mut Tx<'_>, visitor: &[u8; 32]) -> Result<Option<CookieChoice>> {
    let sql = "SELECT choice_id, company_id, origin, text_version, way, despite_signal, given_at, expires_at, ended_at, \
         ended_by FROM cookie_choice WHERE register_id = ?1 AND visitor_hash = ?2";
    let Some(mut choice) = tx.query_opt(sql, params![&visitor[..]], read_choice)? else { return Ok(None) };
    let sql = "SELECT cookie_use, accepted FROM cookie_choice_use WHERE register_id = ?1 AND choice_id = ?2 \
         ORDER BY cookie_use";
    choice.uses = tx.query(sql, params![choice.id], |row| Ok((row.parsed(0)?, row.flag(1)?)))?;
    Ok(Some(choice))
}

/// Ends a choice: its events go, and nothing is covered by it from now on. One that has ended stays as it is.
///
/// # Errors
/// The database can not be written.
pub fn end(tx: &mut Tx<'_>, id: CookieChoiceId, how: ChoiceEnd, at: Timestamp) -> Result<()> {
    tx.execute("DELETE FROM cookie_event WHERE register_id = ?1 AND choice_id = ?2", params![id])?;
    tx.execute("UPDATE cookie_choice_use SET covers = 0 WHERE register_id = ?1 AND choice_id = ?2", params![id])?;
    tx.execute(
        "UPDATE cookie_choice SET ended_at = ?3, ended_by = ?4, events = 0 \
         WHERE register_id = ?1 AND choice_id = ?2 AND ended_at IS NULL",
        params![id, at, how.as_str()],
    )?;
    Ok(())
}

/// An event to be kept.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its id.
    pub id: Uuid,
    /// The hash of the visitor's number.
    pub visitor: [u8; 32],
    /// Whose web service it is.
    pub company: CompanyId,
    /// Which.
    pub origin: String,
    /// What happened.
    pub kind: EventKind,
    /// Where, without anything of somebody.
    pub path: String,
    /// When.
    pub at: Timestamp,
}

/// What became of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// It was kept.
    Kept,
    /// No choice covers it: nothing was written.
    NotCovered,
    /// Its choice has as many as it may have: nothing was written.
    Full,
}

/// Keeps an event, if a choice that is in force at that moment covers what it needs.
///
/// # Errors
/// The database can not be written.
pub fn add_event(tx: &mut Tx<'_>, event: &NewEvent) -> Result<Told> {
    let sql = "SELECT c.choice_id, c.events FROM cookie_choice c JOIN cookie_choice_use u \
         ON u.register_id = c.register_id AND u.choice_id = c.choice_id \
         WHERE c.register_id = ?1 AND c.visitor_hash = ?2 AND c.company_id = ?3 AND c.origin = ?4 \
         AND c.ended_at IS NULL AND c.given_at <= ?5 AND c.expires_at > ?5 AND u.cookie_use = ?6 AND u.covers = 1";
    let needs = event.kind.needs();
    let asked = params![&event.visitor[..], &event.company, &event.origin, event.at, needs.as_str()];
    let found = tx.query_opt(sql, asked, |row| Ok((CookieChoiceId(row.id(0)?), row.int(1)?)))?;
    let Some((choice, events)) = found else { return Ok(Told::NotCovered) };
    if events >= MOST_EVENTS {
        return Ok(Told::Full);
    }
    // The foreign key has the last word: it needs a use that covers, whatever was read before.
    tx.execute(
        "INSERT INTO cookie_event (register_id, event_id, choice_id, cookie_use, covers, company_id, kind, path, at) \
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8)",
        params![event.id, choice, needs.as_str(), &event.company, event.kind.as_str(), &event.path, event.at,],
    )?;
    tx.execute(
        "UPDATE cookie_choice SET events = events + 1 WHERE register_id = ?1 AND choice_id = ?2",
        params![choice],
    )?;
    Ok(Told::Kept)
}

/// The events under a choice, the oldest first: kind, path, time.
///
/// # Errors
/// The database can not be read.
pub fn events(tx: &mut Tx<'_>, id: CookieChoiceId) -> Result<Vec<(EventKind, String, Timestamp)>> {
    let sql = "SELECT kind, path, at FROM cookie_event WHERE register_id = ?1 AND choice_id = ?2 ORDER BY event_id";
    tx.query(sql, params![id], |row| Ok((row.parsed(0)?, row.text(1)?, row.time(2)?)))
}

/// Choices whose time is over and that have not been ended.
///
/// # Errors
/// The database can not be read.
pub fn expired(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<Vec<CookieChoiceId>> {
    let sql = "SELECT choice_id FROM cookie_choice WHERE register_id = ?1 AND ended_at IS NULL AND expires_at <= ?2 \
         ORDER BY expires_at LIMIT ?3";
    tx.query(sql, params![now, limit], |row| Ok(CookieChoiceId(row.id(0)?)))
}

/// Whether a use covers anything, for one that the notice declares no longer.
///
/// # Errors
/// The database can not be read.
pub fn is_used(tx: &mut Tx<'_>, cookie: CookieUse) -> Result<bool> {
    let sql = "SELECT 1 FROM cookie_choice_use WHERE register_id = ?1 AND cookie_use = ?2 AND covers = 1 LIMIT 1";
    Ok(tx.query_opt(sql, params![cookie.as_str()], |_| Ok(()))?.is_some())
}

/// Ends one use in every choice, with its events: the notice declares it no longer.
///
/// # Errors
/// The database can not be written.
pub fn end_use(tx: &mut Tx<'_>, cookie: CookieUse) -> Result<()> {
    tx.execute("DELETE FROM cookie_event WHERE register_id = ?1 AND cookie_use = ?2", params![cookie.as_str()])?;
    let sql = "UPDATE cookie_choice_use SET covers = 0 WHERE register_id = ?1 AND cookie_use = ?2 AND covers = 1";
    tx.execute(sql, params![cookie.as_str()]).map(drop)
}

/// Removes the proof of choices that ended before a time; how many.
///
/// # Errors
/// The database can not be written.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64> {
    tx.execute(
        "DELETE FROM cookie_choice_use WHERE register_id = ?1 AND choice_id IN (SELECT c.choice_id FROM cookie_choice c \
         WHERE c.register_id = ?1 AND c.ended_at < ?2)",
        params![before],
    )?;
    tx.execute("DELETE FROM cookie_choice WHERE register_id = ?1 AND ended_at < ?2", params![before])
}

/// Whether there is proof to be removed.
///
/// # Errors
/// The database can not be read.
pub fn is_forgettable(tx: &mut Tx<'_>, before: Timestamp) -> Result<bool> {
    let sql = "SELECT 1 FROM cookie_choice WHERE register_id = ?1 AND ended_at < ?2 LIMIT 1";
    Ok(tx.query_opt(sql, params![before], |_| Ok(()))?.is_some())
}

fn within<'a>(mut first: Vec<Param<'a>>, companies: &'a [CompanyId]) -> (Vec<Param<'a>>, String) {
    let list = places(first.len() + 2, companies.len());
    first.extend(companies.iter().map(Param::from));
    (first, list)
}

/// How many choices in force allow each use, in companies; there is at least one.
///
/// # Errors
/// The database can not be read.
pub fn in_force(tx: &mut Tx<'_>, companies: &[CompanyId], now: Timestamp) -> Result<Vec<(CookieUse, i64)>> {
    let (params, list) = within(vec![Param::from(now)], companies);
    let sql = format!(
        "SELECT u.cookie_use, COUNT(*) FROM cookie_choice c JOIN cookie_choice_use u \
         ON u.register_id = c.register_id AND u.choice_id = c.choice_id WHERE c.register_id = ?1 AND u.covers = 1 \
         AND c.ended_at IS NULL AND c.expires_at > ?2 AND c.company_id IN ({list}) GROUP BY u.cookie_use"
    );
    tx.query(&sql, &params, |row| Ok((row.parsed(0)?, row.int(1)?)))
}

/// How many choices that were made from a time until another allowed each use.
///
/// # Errors
/// The database can not be read.
pub fn given(
    tx: &mut Tx<'_>,
    companies: &[CompanyId],
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<(CookieUse, i64)>> {
    let (params, list) = within(vec![Param::from(from), Param::from(until)], companies);
    let sql = format!(
        "SELECT u.cookie_use, COUNT(*) FROM cookie_choice c JOIN cookie_choice_use u \
         ON u.register_id = c.register_id AND u.choice_id = c.choice_id WHERE c.register_id = ?1 AND u.accepted = 1 \
         AND c.given_at >= ?2 AND c.given_at < ?3 AND c.company_id IN ({list}) GROUP BY u.cookie_use"
    );
    tx.query(&sql, &params, |row| Ok((row.parsed(0)?, row.int(1)?)))
}

/// How many choices were taken back from a time until another.
///
/// # Errors
/// The database can not be read.
pub fn withdrawn(tx: &mut Tx<'_>, companies: &[CompanyId], (from, until): (Timestamp, Timestamp)) -> Result<i64> {
    let end = ChoiceEnd::Withdrawn.as_str();
    let (params, list) = within(vec![Param::from(from), Param::from(until), Param::from(end)], companies);
    let sql = format!(
        "SELECT COUNT(*) FROM cookie_choice WHERE register_id = ?1 AND ended_at >= ?2 AND ended_at < ?3 \
         AND ended_by = ?4 AND company_id IN ({list})"
    );
    Ok(tx.query_opt(&sql, &params, |row| row.int(0))?.unwrap_or(0))
}

/// How many events there are of each kind.
///
/// # Errors
/// The database can not be read.
pub fn kinds(tx: &mut Tx<'_>, companies: &[CompanyId]) -> Result<Vec<(EventKind, i64)>> {
    let (params, list) = within(Vec::new(), companies);
    let sql = format!(
        "SELECT kind, COUNT(*) FROM cookie_event WHERE register_id = ?1 AND company_id IN ({list}) GROUP BY kind"
    );
    tx.query(&sql, &params, |row| Ok((row.parsed(0)?, row.int(1)?)))
}
