//! Credit applications. What is said of the applicant is sealed under their own key; what the rules are about stands in
//! columns, with keys and checks that hold the rules also against a program that forgets them.

mod enquiry;
mod review;
mod service;

use jiff::Timestamp;
use jiff::civil::Date;
use seloste_domain::credit::{Applicant, Application, ApplicationState, Decision};
use seloste_domain::id::{CreditApplicationId, OrganisationId, PartyId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::letter::Letter;
use seloste_domain::money::Cents;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use self::enquiry::{
    Asked, Listed, answer, begin, close, enquiries, enquiry, failed, first_enquiry_after, open_enquiry, report,
    request, take, went_out,
};
pub use self::review::{add_review, last_review, reviews};
pub use self::service::{
    delete_service, insert_service, service, service_secret, services, set_service_secret, update_service,
};
use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::guard;
use crate::keys::PartyKey;
use crate::log::Act;
use crate::party::{self, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "a.application_id, a.company_id, a.person_id, a.organisation_id, a.owner_id, a.state, a.applied_on, \
     a.channel, a.amount_cents, a.told_on, a.lapses_on, a.what_for, a.used_credit_data, a.outcome, a.granted_cents, \
     a.reasons, a.letter, a.decided_by, a.decided_at, a.entered_by, a.version, a.created_at, a.changed_at, \
     (SELECT max(e.answer_until) FROM credit_enquiry e WHERE e.register_id = ?1 AND e.application_id = a.application_id)";

/// Whom an application is of.
const OWNERS: [&str; 2] = ["a.person_id", "a.organisation_id"];

/// A row before it is opened.
struct Sealed {
    application: Application,
    owner: PartyId,
    what_for: Vec<u8>,
    reasons: Option<Vec<u8>>,
    letter: Option<Vec<u8>>,
}

fn read(row: &Row<'_>, today: Date) -> Result<Sealed> {
    let applicant = match (row.opt_id(2)?, row.opt_id(3)?) {
        (Some(person), _) => Applicant::Person(PersonId(person)),
        (None, Some(organisation)) => Applicant::Organisation(OrganisationId(organisation)),
        (None, None) => return Err(StoreError::Corrupt("an application of nobody".into())),
    };
    let lapses_on: Date = row.parsed(10)?;
    let answer_until: Option<Date> = row.opt_parsed(23)?;
    // What has run out is over at once, whether or not the job that writes it down has come by.
    let state = match row.parsed(5)? {
        ApplicationState::Pending | ApplicationState::Answered if lapses_on < today => ApplicationState::Expired,
        ApplicationState::Answered if answer_until.is_none_or(|until| until < today) => ApplicationState::Pending,
        state => state,
    };
    let decision = match (row.opt_parsed(13)?, row.opt_text(17)?, row.opt_time(18)?) {
        (Some(outcome), Some(by), Some(at)) => {
            let granted = Cents(row.opt_int(14)?.unwrap_or_default());
            Some(Decision { outcome, granted, reasons: String::new(), by, at })
        }
        _ => None,
    };
    Ok(Sealed {
        owner: PartyId(row.id(4)?),
        what_for: row.bytes(11)?,
        reasons: row.opt_bytes(15)?,
        letter: row.opt_bytes(16)?,
        application: Application {
            id: CreditApplicationId(row.id(0)?),
            company: row.parsed(1)?,
            applicant,
            state,
            applied_on: row.parsed(6)?,
            channel: row.parsed(7)?,
            what_for: String::new(),
            amount: Cents(row.int(8)?),
            told_on: row.opt_parsed(9)?,
            lapses_on,
            used_credit_data: row.flag(12)?,
            decision,
            letter: None,
            entered_by: row.text(19)?,
            version: row.int(20)?,
            created_at: row.time(21)?,
            changed_at: row.time(22)?,
        },
    })
}

fn open(access: &mut impl Access, sealed: Sealed) -> Result<Application> {
    let Sealed { mut application, owner, what_for, reasons, letter } = sealed;
    let key = key(access, owner)?;
    let id = application.id.0;
    application.what_for = opened(&key, id, &what_for)?;
    if let (Some(decision), Some(reasons)) = (&mut application.decision, &reasons) {
        decision.reasons = opened(&key, id, reasons)?;
    }
    application.letter = letter.map(|letter| opened::<Letter>(&key, id, &letter)).transpose()?;
    access.show_object(format!("credit:{}", application.id));
    access.show(application.applicant.party(), std::iter::once(Kind::Credit).collect());
    Ok(application)
}

fn key(access: &mut impl Access, owner: PartyId) -> Result<PartyKey> {
    let wrapped = party::wrapped_key(&mut access.tx().0, owner)?;
    access.keys().0.unwrap_party_key(owner, &wrapped)
}

fn seal<T: Serialize>(w: &Writing<'_, '_>, key: &PartyKey, object: Uuid, said: &T) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(said).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    key.seal(object, &json, w.env())
}

fn opened<T: DeserializeOwned>(key: &PartyKey, object: Uuid, sealed: &[u8]) -> Result<T> {
    let json = key.open(object, sealed)?;
    serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt("what was sealed of a credit application".into()))
}

fn owner(access: &mut impl Access, id: CreditApplicationId) -> Result<PartyId> {
    let sql = "SELECT owner_id FROM credit_application WHERE register_id = ?1 AND application_id = ?2";
    let found = access.tx().0.query_opt(sql, params![id], |row| Ok(PartyId(row.id(0)?)))?;
    found.ok_or(StoreError::NotFound("credit application"))
}

/// One application as it stands on `today`.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: CreditApplicationId, today: Date) -> Result<Application> {
    let found = sealed(access, "a.application_id = ?2", vec![Param::from(id)], today, 1)?;
    let found = found.into_iter().next().ok_or(StoreError::NotFound("credit application"))?;
    // That of somebody whose processing is restricted is not there for the use, but it is told why.
    guard::pass(access, &[found.application.applicant.party().0])?;
    open(access, found)
}

fn sealed(
    access: &mut impl Access,
    condition: &str,
    values: Vec<Param<'_>>,
    today: Date,
    limit: i64,
) -> Result<Vec<Sealed>> {
    if !access.usage().kinds().has(Kind::Credit) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let first = values.len() + 2;
    let sql = format!(
        "SELECT {COLUMNS} FROM credit_application a WHERE a.register_id = ?1 AND {condition} AND a.company_id IN ({}) \
         ORDER BY a.application_id DESC LIMIT ?{}",
        places(first, scope.companies().len()),
        first + scope.companies().len()
    );
    let mut values = with_scope(values, scope.companies());
    values.push(Param::Int(limit));
    access.tx().0.query(&sql, &values, |row| read(row, today))
}

/// Which applications a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<ApplicationState>,
    /// Only of this person or organisation.
    pub applicant: Option<Applicant>,
    /// The page begins after this one.
    pub after: Option<CreditApplicationId>,
}

/// A page of applications, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, filter: &Filter, today: Date, limit: i64) -> Result<Vec<Application>> {
    let mut condition = String::from("a.application_id IS NOT NULL");
    let mut values: Vec<Param<'_>> = Vec::new();
    let applicant = match filter.applicant {
        Some(Applicant::Person(id)) => Some(("a.person_id =", Param::from(id))),
        Some(Applicant::Organisation(id)) => Some(("a.organisation_id =", Param::from(id))),
        None => None,
    };
    let state = filter.state.map(|state| ("a.state =", Param::Text(state.as_str())));
    let after = filter.after.map(|id| ("a.application_id <", Param::from(id)));
    for (part, value) in [applicant, state, after].into_iter().flatten() {
        condition.push_str(&format!(" AND {part} ?{}", values.len() + 2));
        values.push(value);
    }
    condition.push_str(&guard::of_things(access.usage(), &OWNERS));
    let found = sealed(access, &condition, values, today, limit)?;
    found.into_iter().map(|sealed| open(access, sealed)).collect()
}

/// How many applications of the scope wait for a decision.
///
/// # Errors
/// The database can not be read.
pub fn waiting(access: &mut impl Access) -> Result<i64> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT count(*) FROM credit_application a WHERE a.register_id = ?1 AND a.state IN ('pending', 'answered') \
         AND a.company_id IN ({}){}",
        places(2, scope.companies().len()),
        guard::of_things(access.usage(), &OWNERS)
    );
    let values = with_scope(Vec::new(), scope.companies());
    Ok(access.tx().0.query_opt(&sql, &values, |row| row.int(0))?.unwrap_or(0))
}

/// Adds an application.
///
/// # Errors
/// Its company or its applicant is not in scope.
pub fn create(w: &mut Writing<'_, '_>, new: &Application) -> Result<()> {
    if !w.usage().scope().has(&new.company) {
        return Err(StoreError::NotFound("company"));
    }
    let (noun, person, organisation) = match new.applicant {
        Applicant::Person(id) => (party::Noun::Person, Some(id), None),
        Applicant::Organisation(id) => (party::Noun::Organisation, None, Some(id)),
    };
    let owner = new.applicant.party();
    if party::rows(w, noun, &[owner.0])?.is_empty() {
        return Err(guard::why_not(w, "applicant", owner.0)?);
    }
    let key = party::key_of(w, owner)?;
    let what_for = seal(w, &key, new.id.0, &new.what_for)?;
    let told_on = new.told_on.map(|day| day.to_string());
    w.plain().tx().execute(
        "INSERT INTO credit_application (register_id, application_id, company_id, person_id, organisation_id, owner_id, \
         state, applied_on, channel, amount_cents, told_on, lapses_on, what_for, used_credit_data, entered_by, version, \
         created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?7, ?8, ?9, ?10, ?11, ?12, 0, ?13, 1, ?14, ?14)",
        params![
            new.id,
            &new.company,
            person,
            organisation,
            owner,
            &new.applied_on.to_string(),
            new.channel.as_str(),
            new.amount.0,
            &told_on,
            &new.lapses_on.to_string(),
            &what_for,
            &new.entered_by,
            new.created_at,
        ],
    )?;
    log(w, new.id, owner, "")
}

/// Notes that the applicant was told that credit data is asked for, and from which register.
///
/// # Errors
/// Someone else changed it meanwhile, or it is closed.
pub fn told(w: &mut Writing<'_, '_>, application: &Application, day: Date) -> Result<()> {
    let at = w.usage().at();
    let rows = w.plain().tx().execute(
        "UPDATE credit_application SET told_on = ?3, version = version + 1, changed_at = ?4 \
         WHERE register_id = ?1 AND application_id = ?2 AND version = ?5 AND state IN ('pending', 'answered')",
        params![application.id, &day.to_string(), at, application.version],
    )?;
    changed(rows, application.version)?;
    log(w, application.id, application.applicant.party(), "told")
}

/// Closes an application by a decision. The database refuses one that was not made by a person, and a refusal after credit
/// data was used without its letter.
///
/// # Errors
/// Someone else changed it meanwhile, it is closed, or an enquiry waits for its answer.
pub fn decide(
    w: &mut Writing<'_, '_>,
    application: &Application,
    decision: &Decision,
    letter: Option<&Letter>,
) -> Result<()> {
    let owner = owner(w, application.id)?;
    let key = party::key_of(w, owner)?;
    let reasons = seal(w, &key, application.id.0, &decision.reasons)?;
    let letter = letter.map(|letter| seal(w, &key, application.id.0, letter)).transpose()?;
    let rows = w.plain().tx().execute(
        "UPDATE credit_application SET state = 'decided', outcome = ?3, granted_cents = ?4, reasons = ?5, letter = ?6, \
         decided_by = ?7, decided_at = ?8, version = version + 1, changed_at = ?8 \
         WHERE register_id = ?1 AND application_id = ?2 AND version = ?9 AND state IN ('pending', 'answered')",
        params![
            application.id,
            decision.outcome.as_str(),
            decision.granted.0,
            &reasons,
            letter.as_deref().map_or(Param::Null, Param::Bytes),
            &decision.by,
            decision.at,
            application.version,
        ],
    )?;
    changed(rows, application.version)?;
    log(w, application.id, application.applicant.party(), decision.outcome.as_str())
}

/// Closes an application that its applicant took back. What was answered about it goes at once.
///
/// # Errors
/// Someone else changed it meanwhile, or it is closed.
pub fn withdraw(w: &mut Writing<'_, '_>, application: &Application) -> Result<()> {
    let (id, at) = (application.id, w.usage().at());
    let mut tx = w.plain().tx();
    enquiry::close_of(&mut tx, id)?;
    tx.execute(
        "UPDATE credit_enquiry SET answer = NULL WHERE register_id = ?1 AND application_id = ?2 AND answer IS NOT NULL",
        params![id],
    )?;
    let rows = tx.execute(
        "UPDATE credit_application SET state = 'withdrawn', version = version + 1, changed_at = ?3 \
         WHERE register_id = ?1 AND application_id = ?2 AND version = ?4 AND state IN ('pending', 'answered')",
        params![id, at, application.version],
    )?;
    changed(rows, application.version)?;
    log(w, id, application.applicant.party(), "withdrawn")
}

/// What has run out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunOut {
    /// Answers that were removed.
    pub answers: u64,
    /// Applications that nobody had decided.
    pub applications: u64,
    /// Closed applications that were kept as long as the notice says.
    pub removed: u64,
}

/// Writes down what has run out before `today`, of one application or of all: removes answers, lets those that have none any
/// more wait again, and lets old ones lapse. The log names whom it concerned.
///
/// # Errors
/// The database can not be written.
pub fn run_out(w: &mut Writing<'_, '_>, only: Option<CreditApplicationId>, today: Date, limit: i64) -> Result<RunOut> {
    let day = today.to_string();
    let one = if only.is_some() { " AND a.application_id = ?4" } else { "" };
    let mut values = vec![Param::Text(&day), Param::Int(limit)];
    values.extend(only.map(Param::from));
    let sql = format!(
        "SELECT a.application_id, a.person_id, a.organisation_id, a.state, a.lapses_on FROM credit_application a \
         WHERE a.register_id = ?1 AND ((a.state IN ('pending', 'answered') AND a.lapses_on < ?2) \
         OR EXISTS (SELECT 1 FROM credit_enquiry e WHERE e.register_id = ?1 AND e.application_id = a.application_id \
         AND e.answer IS NOT NULL AND e.answer_until < ?2)){one} ORDER BY a.application_id LIMIT ?3"
    );
    let found = w.plain().tx().query(&sql, &values, |row| {
        let party = row.opt_id(1)?.or(row.opt_id(2)?).unwrap_or_default();
        let lapses: Date = row.parsed(4)?;
        let state: ApplicationState = row.parsed(3)?;
        Ok((CreditApplicationId(row.id(0)?), PartyId(party), !state.is_closed() && lapses < today))
    })?;
    let (mut done, at) = (RunOut::default(), w.usage().at());
    for (id, party, lapsed) in found {
        let mut tx = w.plain().tx();
        if lapsed {
            enquiry::close_of(&mut tx, id)?;
            done.applications += tx.execute(
                "UPDATE credit_application SET state = 'expired', version = version + 1, changed_at = ?3 \
                 WHERE register_id = ?1 AND application_id = ?2 AND state IN ('pending', 'answered')",
                params![id, at],
            )?;
        }
        // An application that lapsed needs no answer any more.
        let condition = if lapsed { "" } else { " AND answer_until < ?3" };
        let sql = format!(
            "UPDATE credit_enquiry SET answer = NULL WHERE register_id = ?1 AND application_id = ?2 \
             AND answer IS NOT NULL{condition}"
        );
        let values: &[Param<'_>] = &[Param::from(id), Param::Text(&day)];
        done.answers += tx.execute(&sql, values.get(..if lapsed { 1 } else { 2 }).unwrap_or(values))?;
        tx.execute(
            "UPDATE credit_application SET state = 'pending', version = version + 1, changed_at = ?3 \
             WHERE register_id = ?1 AND application_id = ?2 AND state = 'answered' AND NOT EXISTS (SELECT 1 \
             FROM credit_enquiry e WHERE e.register_id = ?1 AND e.application_id = ?2 AND e.answer IS NOT NULL)",
            params![id, at],
        )?;
        log(w, id, party, if lapsed { "expired" } else { "answer_removed" })?;
    }
    Ok(done)
}

/// Takes closed applications out of the register that were closed before `before`, with what was asked about them, some at a
/// time; how many. The log names whom they were of.
///
/// # Errors
/// The database can not be written.
pub fn remove_closed(w: &mut Writing<'_, '_>, before: Timestamp, limit: i64) -> Result<u64> {
    let sql = "SELECT application_id, person_id, organisation_id FROM credit_application WHERE register_id = ?1 \
         AND state IN ('decided', 'withdrawn', 'expired') AND changed_at < ?2 ORDER BY changed_at LIMIT ?3";
    let found = w.plain().tx().query(sql, params![before, limit], applied)?;
    remove(w, &found, "kept_long_enough")
}

/// Takes applications out of the register with what was asked about them, some at a time; how many. The log names whom they
/// were of.
///
/// # Errors
/// The database can not be written.
pub fn remove_some(w: &mut Writing<'_, '_>, limit: i64) -> Result<u64> {
    let scope = w.usage().scope().clone();
    let sql = format!(
        "SELECT a.application_id, a.person_id, a.organisation_id FROM credit_application a WHERE a.register_id = ?1 \
         AND a.company_id IN ({}) ORDER BY a.application_id LIMIT ?2",
        places(3, scope.companies().len())
    );
    let values = with_scope(vec![Param::Int(limit)], scope.companies());
    let found = w.plain().tx().query(&sql, &values, applied)?;
    remove(w, &found, "removed")
}

/// An application and whose it is.
fn applied(row: &Row<'_>) -> Result<(CreditApplicationId, PartyId)> {
    let party = row.opt_id(1)?.or(row.opt_id(2)?).unwrap_or_default();
    Ok((CreditApplicationId(row.id(0)?), PartyId(party)))
}

fn remove(w: &mut Writing<'_, '_>, found: &[(CreditApplicationId, PartyId)], why: &str) -> Result<u64> {
    for (id, party) in found {
        for table in ["credit_enquiry", "credit_application"] {
            let sql = format!("DELETE FROM {table} WHERE register_id = ?1 AND application_id = ?2");
            w.plain().tx().execute(&sql, params![*id])?;
        }
        log(w, *id, *party, why)?;
    }
    Ok(found.len() as u64)
}

/// Takes out the applications of a person who is erased, with what was asked and answered about them; also those that a record
/// made before it was merged into another.
pub(crate) fn take_out(tx: &mut Tx<'_>, person: PartyId) -> Result<()> {
    for column in ["person_id", "owner_id"] {
        let of = format!("SELECT application_id FROM credit_application WHERE register_id = ?1 AND {column} = ?2");
        tx.execute(
            &format!("DELETE FROM credit_enquiry WHERE register_id = ?1 AND application_id IN ({of})"),
            params![person],
        )?;
        tx.execute(
            &format!("DELETE FROM credit_application WHERE register_id = ?1 AND {column} = ?2"),
            params![person],
        )?;
    }
    Ok(())
}

const fn changed(rows: u64, expected: i64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict { found: expected + 1, expected }) }
}

/// Notes in the log what happened to an application.
fn log(w: &mut Writing<'_, '_>, id: CreditApplicationId, party: PartyId, what: &str) -> Result<()> {
    let object = if what.is_empty() { format!("credit:{id}") } else { format!("credit:{id}:{what}") };
    w.log(Act {
        subjects: vec![party.0],
        objects: vec![object],
        fields: vec![Kind::Credit.as_str().to_owned()],
        ..Act::default()
    })
}
