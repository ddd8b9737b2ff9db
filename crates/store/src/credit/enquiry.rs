//! Enquiries about applications. An enquiry is recorded before it goes out, so that a crash leaves it to be seen and sent
//! again; the database takes none without a pending application.

use jiff::Timestamp;
use jiff::civil::Date;
use seloste_domain::credit::{Answer, Applicant, Enquiry, NotNow, Trouble};
use seloste_domain::id::{
    CompanyId, CreditApplicationId, CreditEnquiryId, CreditServiceId, OrganisationId, PartyId, PersonId,
};
use seloste_domain::kind::Kind;
use seloste_domain::money::Cents;

use super::{key, opened, owner, seal};
use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "e.enquiry_id, e.application_id, e.service_id, e.service_name, e.source_register, e.method, e.state, \
     e.asked_by, e.asked_at, e.attempts, e.busy_until, e.trouble, e.status, e.answered_at, e.answer_until, e.answer";

fn read(row: &Row<'_>) -> Result<(Enquiry, Option<Vec<u8>>)> {
    let enquiry = Enquiry {
        id: CreditEnquiryId(row.id(0)?),
        application: CreditApplicationId(row.id(1)?),
        service: CreditServiceId(row.id(2)?),
        service_name: row.text(3)?,
        source_register: row.text(4)?,
        method: row.parsed(5)?,
        state: row.parsed(6)?,
        asked_by: row.text(7)?,
        asked_at: row.time(8)?,
        attempts: row.int(9)?,
        busy_until: row.opt_time(10)?,
        trouble: row.opt_parsed(11)?,
        status: row.opt_text(12)?,
        answered_at: row.opt_time(13)?,
        answer_until: row.opt_parsed(14)?,
        answer: None,
    };
    Ok((enquiry, row.opt_bytes(15)?))
}

/// The enquiries about an application that the caller has loaded, the first first. An answer that may not be used any more
/// is not shown, whether or not it has been removed yet.
///
/// # Errors
/// The database can not be read.
pub fn enquiries(access: &mut impl Access, application: CreditApplicationId, today: Date) -> Result<Vec<Enquiry>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM credit_enquiry e WHERE e.register_id = ?1 AND e.application_id = ?2 ORDER BY e.enquiry_id"
    );
    let found = access.tx().0.query(&sql, params![application], read)?;
    let mut enquiries = Vec::with_capacity(found.len());
    for (mut enquiry, answer) in found {
        if let Some(answer) = answer
            && enquiry.answer_until.is_some_and(|until| until >= today)
        {
            let owner = owner(access, application)?;
            enquiry.answer = Some(opened(&key(access, owner)?, enquiry.id.0, &answer)?);
        }
        enquiries.push(enquiry);
    }
    Ok(enquiries)
}

/// One enquiry without its answer.
///
/// # Errors
/// There is none.
pub fn enquiry(tx: &mut Tx<'_>, id: CreditEnquiryId) -> Result<Enquiry> {
    let sql = format!("SELECT {COLUMNS} FROM credit_enquiry e WHERE e.register_id = ?1 AND e.enquiry_id = ?2");
    let found = tx.query_opt(&sql, params![id], read)?;
    found.map(|(enquiry, _)| enquiry).ok_or(StoreError::NotFound("enquiry"))
}

/// The enquiry about an application that waits for its answer.
///
/// # Errors
/// The database can not be read.
pub fn open_enquiry(tx: &mut Tx<'_>, application: CreditApplicationId) -> Result<Option<Enquiry>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM credit_enquiry e WHERE e.register_id = ?1 AND e.application_id = ?2 AND e.needs = 'pending'"
    );
    Ok(tx.query_opt(&sql, params![application], read)?.map(|(enquiry, _)| enquiry))
}

/// An enquiry about to be recorded.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its id.
    pub id: CreditEnquiryId,
    /// The service.
    pub service: seloste_domain::credit::Service,
    /// What is sent, byte for byte, so that it is the same when it is sent again.
    pub request: String,
    /// Names of the kinds of data in it.
    pub fields: Vec<String>,
    /// Until when the one who records it sends it; none: it is not sent by the program.
    pub busy_until: Option<Timestamp>,
}

/// Records an enquiry about a pending application, before anything is sent. There is no other statement that adds one.
///
/// # Errors
/// The application is not pending, or not in the scope of the use; or an enquiry about it is open already.
pub fn begin(w: &mut Writing<'_, '_>, application: CreditApplicationId, asked: &Asked) -> Result<()> {
    let owner = owner(w, application)?;
    let key = party::key_of(w, owner)?;
    let request = seal(w, &key, asked.id.0, &asked.request)?;
    let (actor, at, scope) = (w.usage().actor().to_string(), w.usage().at(), w.usage().scope().clone());
    let sql = format!(
        "INSERT INTO credit_enquiry (register_id, enquiry_id, application_id, company_id, service_id, service_name, \
         source_register, method, needs, state, asked_by, asked_at, attempts, busy_until, request) \
         SELECT a.register_id, ?2, a.application_id, a.company_id, ?3, ?4, ?5, ?6, a.state, 'open', ?7, ?8, ?9, ?10, ?11 \
         FROM credit_application a WHERE a.register_id = ?1 AND a.application_id = ?12 AND a.state = 'pending' \
         AND a.told_on IS NOT NULL AND a.company_id IN ({})",
        places(13, scope.companies().len())
    );
    let values = vec![
        Param::from(asked.id),
        Param::from(asked.service.id),
        Param::from(&asked.service.name),
        Param::from(&asked.service.source_register),
        Param::from(asked.service.method.as_str()),
        Param::from(&actor),
        Param::from(at),
        Param::Int(i64::from(asked.busy_until.is_some())),
        Param::from(asked.busy_until),
        Param::from(&request),
        Param::from(application),
    ];
    if open_enquiry(&mut w.plain().tx(), application)?.is_some() {
        return Err(StoreError::Refused(Box::new(NotNow::EnquiryOpen)));
    }
    if w.plain().tx().execute(&sql, &with_scope(values, scope.companies()))? != 1 {
        return Err(StoreError::Refused(Box::new(NotNow::NotPending)));
    }
    let party = applicant(&mut w.plain().tx(), application)?;
    let objects = vec![format!("credit:{application}"), format!("credit_enquiry:{}", asked.id)];
    w.log(Act { subjects: vec![party.0], objects, fields: asked.fields.clone(), ..Act::default() })
}

fn applicant(tx: &mut Tx<'_>, application: CreditApplicationId) -> Result<PartyId> {
    let sql =
        "SELECT person_id, organisation_id FROM credit_application WHERE register_id = ?1 AND application_id = ?2";
    let found = tx.query_opt(sql, params![application], |row| Ok(row.opt_id(0)?.or(row.opt_id(1)?)))?;
    found.flatten().map(PartyId).ok_or(StoreError::NotFound("credit application"))
}

/// What an open enquiry sends.
///
/// # Errors
/// It is not open.
pub fn request(access: &mut impl Access, enquiry: &Enquiry) -> Result<String> {
    let sql = "SELECT request FROM credit_enquiry WHERE register_id = ?1 AND enquiry_id = ?2 AND needs = 'pending'";
    let sealed = access.tx().0.query_opt(sql, params![enquiry.id], |row| row.opt_bytes(0))?.flatten();
    let sealed = sealed.ok_or(StoreError::Refused(Box::new(NotNow::NoEnquiry)))?;
    let owner = owner(access, enquiry.application)?;
    access.show_object(format!("credit_enquiry:{}", enquiry.id));
    opened(&key(access, owner)?, enquiry.id.0, &sealed)
}

/// Notes that an enquiry went out in another way than by the program.
///
/// # Errors
/// The database can not be written.
pub fn went_out(w: &mut Writing<'_, '_>, enquiry: &Enquiry) -> Result<()> {
    w.plain().tx().execute(
        "UPDATE credit_enquiry SET attempts = attempts + 1 WHERE register_id = ?1 AND enquiry_id = ?2",
        params![enquiry.id],
    )?;
    log(w, enquiry, "went_out")
}

/// Takes an open enquiry to send it again, until a moment. The number of the try is what ends it.
///
/// # Errors
/// It is not open, or somebody is sending it.
pub fn take(w: &mut Writing<'_, '_>, enquiry: &Enquiry, until: Timestamp) -> Result<i64> {
    let now = w.usage().at();
    let rows = w.plain().tx().execute(
        "UPDATE credit_enquiry SET attempts = attempts + 1, busy_until = ?3, trouble = NULL, status = NULL \
         WHERE register_id = ?1 AND enquiry_id = ?2 AND needs = 'pending' AND (busy_until IS NULL OR busy_until <= ?4)",
        params![enquiry.id, until, now],
    )?;
    if rows != 1 {
        return Err(StoreError::Refused(Box::new(NotNow::Busy)));
    }
    log(w, enquiry, "sent_again")?;
    let taken = self::enquiry(&mut w.plain().tx(), enquiry.id)?;
    Ok(taken.attempts)
}

/// Keeps an answer, and moves its application on. False: the enquiry was closed meanwhile, and nothing is kept.
///
/// # Errors
/// The database can not be written.
pub fn answer(w: &mut Writing<'_, '_>, enquiry: &Enquiry, said: &Answer, until: Date) -> Result<bool> {
    let owner = owner(w, enquiry.application)?;
    let key = party::key_of(w, owner)?;
    let sealed = seal(w, &key, enquiry.id.0, said)?;
    let at = w.usage().at();
    let mut tx = w.plain().tx();
    let rows = tx.execute(
        "UPDATE credit_enquiry SET state = 'answered', needs = NULL, busy_until = NULL, trouble = NULL, status = NULL, \
         request = NULL, answered_at = ?3, answer_until = ?4, answer = ?5, source_register = ?6 \
         WHERE register_id = ?1 AND enquiry_id = ?2 AND needs = 'pending'",
        params![enquiry.id, at, &until.to_string(), &sealed, &said.register],
    )?;
    if rows != 1 {
        return Ok(false);
    }
    tx.execute(
        "UPDATE credit_application SET state = 'answered', used_credit_data = 1, version = version + 1, changed_at = ?3 \
         WHERE register_id = ?1 AND application_id = ?2 AND state = 'pending'",
        params![enquiry.application, at],
    )?;
    log(w, enquiry, "answered")?;
    Ok(true)
}

/// Notes why a try brought no answer. Only the one whose try it was does.
///
/// # Errors
/// The database can not be written.
pub fn failed(
    w: &mut Writing<'_, '_>,
    enquiry: &Enquiry,
    attempt: i64,
    trouble: Trouble,
    status: Option<&str>,
) -> Result<()> {
    let rows = w.plain().tx().execute(
        "UPDATE credit_enquiry SET busy_until = NULL, trouble = ?4, status = ?5 \
         WHERE register_id = ?1 AND enquiry_id = ?2 AND attempts = ?3 AND needs = 'pending'",
        params![enquiry.id, attempt, trouble.as_str(), status],
    )?;
    if rows == 1 { log(w, enquiry, "failed") } else { Ok(()) }
}

/// Gives an enquiry up: its answer is not waited for any more.
///
/// # Errors
/// It is not open, or somebody is sending it.
pub fn close(w: &mut Writing<'_, '_>, enquiry: &Enquiry) -> Result<()> {
    let now = w.usage().at();
    let rows = w.plain().tx().execute(
        "UPDATE credit_enquiry SET state = 'closed', needs = NULL, busy_until = NULL, request = NULL \
         WHERE register_id = ?1 AND enquiry_id = ?2 AND needs = 'pending' AND (busy_until IS NULL OR busy_until <= ?3)",
        params![enquiry.id, now],
    )?;
    if rows != 1 {
        return Err(StoreError::Refused(Box::new(NotNow::Busy)));
    }
    log(w, enquiry, "given_up")
}

/// Closes the open enquiry of an application that is itself about to be closed.
pub(super) fn close_of(tx: &mut Tx<'_>, application: CreditApplicationId) -> Result<()> {
    tx.execute(
        "UPDATE credit_enquiry SET state = 'closed', needs = NULL, busy_until = NULL, request = NULL \
         WHERE register_id = ?1 AND application_id = ?2 AND needs = 'pending'",
        params![application],
    )
    .map(drop)
}

fn log(w: &mut Writing<'_, '_>, enquiry: &Enquiry, what: &str) -> Result<()> {
    let party = applicant(&mut w.plain().tx(), enquiry.application)?;
    let objects = vec![format!("credit:{}:{what}", enquiry.application), format!("credit_enquiry:{}", enquiry.id)];
    w.log(Act { subjects: vec![party.0], objects, fields: vec![Kind::Credit.as_str().to_owned()], ..Act::default() })
}

/// An enquiry of a period with the application that it was made for, as a report lists it: without any answer.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The enquiry.
    pub enquiry: Enquiry,
    /// The company of the group.
    pub company: CompanyId,
    /// Whom it was about.
    pub applicant: Applicant,
    /// The day of the application.
    pub applied_on: Date,
    /// How much was applied for.
    pub amount: Cents,
    /// How far the application has come.
    pub application_state: seloste_domain::credit::ApplicationState,
}

/// The enquiries from one moment up to another, the first first.
///
/// # Errors
/// The database can not be read.
pub fn report(
    access: &mut impl Access,
    company: Option<&CompanyId>,
    from: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Listed>> {
    if !access.usage().kinds().has(Kind::Credit) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let companies: Vec<CompanyId> =
        scope.companies().iter().filter(|own| company.is_none_or(|only| only == *own)).cloned().collect();
    if companies.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS}, a.company_id, a.person_id, a.organisation_id, a.applied_on, a.amount_cents, a.state \
         FROM credit_enquiry e JOIN credit_application a \
         ON a.register_id = e.register_id AND a.application_id = e.application_id \
         WHERE e.register_id = ?1 AND e.asked_at >= ?2 AND e.asked_at < ?3 AND e.company_id IN ({}) \
         ORDER BY e.asked_at, e.enquiry_id LIMIT ?4",
        places(5, companies.len())
    );
    let values = with_scope(vec![Param::from(from), Param::from(until), Param::Int(limit)], &companies);
    let found = access.tx().0.query(&sql, &values, |row| {
        let applicant = match (row.opt_id(17)?, row.opt_id(18)?) {
            (Some(person), _) => Applicant::Person(PersonId(person)),
            (None, organisation) => Applicant::Organisation(OrganisationId(organisation.unwrap_or_default())),
        };
        Ok(Listed {
            enquiry: read(row)?.0,
            company: row.parsed(16)?,
            applicant,
            applied_on: row.parsed(19)?,
            amount: Cents(row.int(20)?),
            application_state: row.parsed(21)?,
        })
    })?;
    for row in &found {
        access.show(row.applicant.party(), std::iter::once(Kind::Credit).collect());
        access.show_object(format!("credit_enquiry:{}", row.enquiry.id));
    }
    Ok(found)
}

/// When the first enquiry of a company after a moment was made.
///
/// # Errors
/// The database can not be read.
pub fn first_enquiry_after(tx: &mut Tx<'_>, company: &CompanyId, after: Timestamp) -> Result<Option<Timestamp>> {
    tx.query_opt(
        "SELECT asked_at FROM credit_enquiry WHERE register_id = ?1 AND company_id = ?2 AND asked_at >= ?3 \
         ORDER BY asked_at LIMIT 1",
        params![company, after],
        |row| row.time(0),
    )
}
