//! Credit applications: writing one down, asking about it, deciding it, telling the applicant. Asking is in `enquiry.rs`.

mod adapter;
mod enquiry;
mod report;
mod service;
mod wire;

use jiff::civil::Date;
use seloste_domain::credit::{self as rules, LetterFacts, ValidDecision, lapses_on};
pub use seloste_domain::credit::{
    Answer, AnswerDraft, Applicant, Application, ApplicationDraft, ApplicationState, Channel, Decision, DecisionDraft,
    Enquiry, EnquiryState, Finding, Method, NotNow, Outcome, Proposal, Review, ReviewDraft, Service, ServiceDraft,
    Trouble,
};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CreditApplicationId, MailId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::letter::Letter;
use seloste_domain::mail::Template;
use seloste_domain::notice::Notice;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, ActorId};
use seloste_mail::confirmation::footer;
use seloste_store::credit as store;
pub use seloste_store::credit::{Filter, Listed, RunOut};
use seloste_store::mail::NewMail;
use seloste_store::{Access, StoreError, Writing};

pub use self::adapter::{Adapter, Asking, Manual, Reply, Rest};
pub use self::enquiry::{Came, Offer, answer, enquire, file, give_up, offers, retry};
pub use self::report::{Due, Report, ReportRow, due, report, sign};
pub use self::service::{change_service, create_service, partners, remove_service, service, services};
use crate::error::{OpsError, Result};
use crate::mail::Recipient;
use crate::person::not_found_is_logged;
use crate::register::{Register, local_date, start_of};

/// Applications that one transaction of the job looks at.
const AT_ONCE: i64 = 200;

/// Why something about a credit application can not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreditRefused {
    /// The application does not stand so that it could be.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// The service is not in use.
    #[error("the credit service is not in use")]
    Inactive,
    /// There is nothing by which the service could know whom is asked about.
    #[error("the applicant has no name, or the organisation no business id")]
    NoSubject,
    /// No letter was needed.
    #[error("there is no letter about this application")]
    NoLetter,
    /// The service has an enquiry that waits for its answer.
    #[error("an enquiry to this service waits for its answer")]
    InUse,
}

impl From<NotNow> for OpsError {
    fn from(why: NotNow) -> Self {
        CreditRefused::NotNow(why).into()
    }
}

/// What the store refused by its own keys, in the words of the rules.
fn of_store(error: StoreError) -> StoreError {
    match error {
        StoreError::Refused(inner) => match inner.downcast::<NotNow>() {
            Ok(why) => OpsError::from(*why).into_store(),
            Err(other) => StoreError::Refused(other),
        },
        other => other,
    }
}

fn object(id: CreditApplicationId) -> String {
    format!("credit:{id}")
}

/// An application with what was asked about it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The application.
    pub application: Application,
    /// The enquiries about it, the first first.
    pub enquiries: Vec<Enquiry>,
    /// The applicant's name.
    pub name: String,
}

impl Shown {
    /// The enquiry that waits for its answer.
    #[must_use]
    pub fn open(&self) -> Option<&Enquiry> {
        self.enquiries.iter().find(|enquiry| enquiry.state == EnquiryState::Open)
    }
}

/// The names of applicants; the log tells that they were shown.
fn name_of(access: &mut impl Access, applicant: Applicant) -> Result<String, StoreError> {
    Ok(match applicant {
        Applicant::Person(id) => {
            let found = seloste_store::person::some(access, &[id.0])?.into_iter().next();
            found.map(|person| person.display_name()).unwrap_or_default()
        }
        Applicant::Organisation(id) => {
            let found = seloste_store::organisation::some(access, &[id.0])?.into_iter().next();
            found.map(|organisation| organisation.name).unwrap_or_default()
        }
    })
}

/// A page of applications with their applicants' names, the newest first.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, filter: &Filter, limit: i64) -> Result<Vec<(Application, String)>> {
    let usage = register.authorize(actor, Action::CreditList)?;
    let today = register.today();
    Ok(register.db().read(&usage, |r| {
        let found = store::page(r, filter, today, limit)?;
        found.into_iter().map(|one| name_of(r, one.applicant).map(|name| (one, name))).collect()
    })?)
}

/// One application.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: CreditApplicationId) -> Result<Shown> {
    let usage = register.authorize(actor, Action::CreditShow)?;
    let today = register.today();
    let shown = register.db().read(&usage, |r| {
        let application = store::get(r, id, today)?;
        let enquiries = store::enquiries(r, id, today)?;
        let name = name_of(r, application.applicant)?;
        Ok(Shown { application, enquiries, name })
    });
    not_found_is_logged(register, actor, Action::CreditShow, &object(id), shown)
}

/// Writes an application down.
///
/// # Errors
/// The actor may not, a field is wrong, or the applicant is not within their companies.
pub fn apply(register: &Register, actor: &Actor, draft: &ApplicationDraft) -> Result<CreditApplicationId> {
    let usage = register.authorize(actor, Action::CreditApply)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    let id = CreditApplicationId(register.db().env().id());
    let new = Application {
        id,
        company: valid.company,
        applicant: valid.applicant,
        state: ApplicationState::Pending,
        applied_on: valid.applied_on,
        channel: valid.channel,
        what_for: valid.what_for,
        amount: valid.amount,
        told_on: valid.told_on,
        lapses_on: lapses_on(valid.applied_on),
        used_credit_data: false,
        decision: None,
        letter: None,
        entered_by: usage.actor().to_string(),
        version: 1,
        created_at: usage.at(),
        changed_at: usage.at(),
    };
    register.db().write(&usage, move |w| store::create(w, &new)).map_err(|error| match error {
        StoreError::NotFound("company") => FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into(),
        StoreError::NotFound("applicant") => FieldErrors::from(FieldError::new("applicant", code::REQUIRED)).into(),
        other => OpsError::from_store(other),
    })?;
    Ok(id)
}

/// The application as it is now, when it has the version that was shown, and the enquiry that waits.
fn standing(
    w: &mut Writing<'_, '_>,
    id: CreditApplicationId,
    expected: Option<i64>,
    today: Date,
) -> Result<(Application, Option<Enquiry>), StoreError> {
    let found = store::get(w, id, today)?;
    if let Some(expected) = expected.filter(|expected| *expected != found.version) {
        return Err(StoreError::Conflict { found: found.version, expected });
    }
    // What has run out is written down first, so that the keys of the database say the same as the rules.
    store::run_out(w, Some(id), today, 1)?;
    let application = store::get(w, id, today)?;
    let open = store::open_enquiry(&mut w.plain().tx(), id)?;
    Ok((application, open))
}

/// Notes that the applicant has been told that credit data is asked for, and from which register.
///
/// # Errors
/// The actor may not, there is none within their companies, it is closed, or someone else changed it meanwhile.
pub fn tell(register: &Register, actor: &Actor, id: CreditApplicationId, expected: i64) -> Result<()> {
    let usage = register.authorize(actor, Action::CreditApply)?;
    let today = register.today();
    let told = register.db().write(&usage, move |w| {
        let (application, open) = standing(w, id, Some(expected), today)?;
        application.standing(open.is_some()).living(today).map_err(|why| OpsError::from(why).into_store())?;
        store::told(w, &application, today)
    });
    not_found_is_logged(register, actor, Action::CreditApply, &object(id), told)
}

/// Closes an application that its applicant took back. What was answered about it is removed at once.
///
/// # Errors
/// The actor may not, there is none within their companies, it is closed, or someone else changed it meanwhile.
pub fn withdraw(register: &Register, actor: &Actor, id: CreditApplicationId, expected: i64) -> Result<()> {
    let usage = register.authorize(actor, Action::CreditApply)?;
    let today = register.today();
    let gone = register.db().write(&usage, move |w| {
        let (application, open) = standing(w, id, Some(expected), today)?;
        application.standing(open.is_some()).withdraw().map_err(|why| OpsError::from(why).into_store())?;
        store::withdraw(w, &application)
    });
    not_found_is_logged(register, actor, Action::CreditApply, &object(id), gone)
}

/// Decides an application. When it is not granted as applied for, and credit data was obtained for it, the letter that the
/// law asks for is made in the same transaction (Credit Data Act 527/2007 section 19): without it nothing is decided.
///
/// # Errors
/// The actor may not, or is no person (Art. 22); a field is wrong; there is none within their companies; it is closed, an
/// enquiry waits for its answer, or someone else changed it meanwhile.
pub fn decide(
    register: &Register,
    actor: &Actor,
    (id, expected): (CreditApplicationId, i64),
    draft: &DecisionDraft,
) -> Result<()> {
    let usage = register.authorize(actor, Action::CreditDecide)?;
    let (notice, today, draft) = (register.notice()?, register.today(), draft.clone());
    let by = usage.actor().clone();
    let mail = MailId(register.db().env().id());
    let decided = register.db().write(&usage, move |w| {
        let (application, open) = standing(w, id, Some(expected), today)?;
        let valid = draft.validate(application.amount).map_err(|errors| OpsError::from(errors).into_store())?;
        let closing = application.standing(open.is_some()).decide(valid.outcome, &by, today);
        let closing = closing.map_err(|why| OpsError::from(why).into_store())?;
        let letter = match closing.needs_letter {
            true => Some(letter_about(w, &notice, &application, &valid, &by, today)?),
            false => None,
        };
        let decision = Decision {
            outcome: valid.outcome,
            granted: valid.granted,
            reasons: valid.reasons,
            by: by.to_string(),
            at: w.usage().at(),
        };
        store::decide(w, &application, &decision, letter.as_ref())?;
        let Some(letter) = letter else { return Ok(()) };
        seloste_store::letter::record(w, application.applicant.party(), &letter)?;
        if valid.by_email { by_email(w, &notice, &application, &letter, mail, today) } else { Ok(()) }
    });
    not_found_is_logged(register, actor, Action::CreditDecide, &object(id), decided)
}

const fn recipient(applicant: Applicant) -> Recipient {
    match applicant {
        Applicant::Person(id) => Recipient::Person(id),
        Applicant::Organisation(id) => Recipient::Organisation(id),
    }
}

/// The letter, in the applicant's language.
fn letter_about(
    w: &mut Writing<'_, '_>,
    notice: &Notice,
    application: &Application,
    decision: &ValidDecision,
    by: &ActorId,
    today: Date,
) -> Result<Letter, StoreError> {
    let language = match application.applicant {
        Applicant::Person(id) => seloste_store::person::get(w, id)?.language(today).unwrap_or_default(),
        Applicant::Organisation(id) => {
            seloste_store::organisation::get(w, id)?;
            Language::default()
        }
    };
    let answered = store::enquiries(w, application.id, today)?.into_iter();
    let sources = answered.filter_map(|enquiry| Some((local_date(enquiry.answered_at?), enquiry.source_register)));
    let contact = notice.contact();
    let reach = [Some(contact.name.clone()), contact.phone.clone(), contact.email.clone(), contact.address.clone()];
    let company = notice.company(&application.company).ok_or(StoreError::NotFound("company"))?;
    let signatory = match by {
        ActorId::User(id) => seloste_store::user::get(&mut w.plain().tx(), *id)?.name,
        _ => company.name.clone(),
    };
    Ok(rules::letter(&LetterFacts {
        company: application.company.clone(),
        company_name: company.name.clone(),
        language,
        applied_on: application.applied_on,
        amount: application.amount,
        outcome: decision.outcome,
        granted: decision.granted,
        sources: sources.collect(),
        contact: reach.into_iter().flatten().collect::<Vec<_>>().join(", "),
        signatory,
    }))
}

/// Puts the letter's words into the queue of e-mail, in the same transaction.
fn by_email(
    w: &mut Writing<'_, '_>,
    notice: &Notice,
    application: &Application,
    letter: &Letter,
    id: MailId,
    today: Date,
) -> Result<(), StoreError> {
    let to = crate::mail::addressee(w, recipient(application.applicant), today)?;
    let address = to.address.ok_or_else(|| {
        OpsError::from(FieldErrors::from(FieldError::new("by_email", code::ADDRESS_MISSING))).into_store()
    })?;
    let said = [letter.body.as_str(), letter.closing.as_str(), letter.signatory.as_str()];
    let new = NewMail {
        id,
        owner: to.party,
        company: application.company.clone(),
        order: None,
        template: Template::Message,
        language: letter.language,
        letter: crate::mail::Letter {
            to: address,
            name: to.name,
            subject: letter.heading.clone(),
            body: format!("{}\n\n{}", said.join("\n\n"), footer(notice, letter.language)),
            enclosed: Vec::new(),
            parties: vec![to.party],
        },
        enclosures: Vec::new(),
    };
    seloste_store::mail::queue(w, &new).map(drop)
}

/// The letter that was made with a decision, with the rows of the envelope; the name alone, where no address may be seen.
///
/// # Errors
/// The actor may not, there is none within their companies, or no letter was needed.
pub fn letter(register: &Register, actor: &Actor, id: CreditApplicationId) -> Result<(crate::letter::Written, Date)> {
    let usage = register.authorize(actor, Action::CreditShow)?;
    let today = register.today();
    let found = register.db().read(&usage, |r| {
        let application = store::get(r, id, today)?;
        let (letter, decision) = application
            .letter
            .zip(application.decision)
            .ok_or_else(|| OpsError::from(CreditRefused::NoLetter).into_store())?;
        let rows = match crate::letter::envelope(r, recipient(application.applicant), today) {
            Ok(rows) => rows,
            Err(StoreError::Refused(_)) => vec![name_of(r, application.applicant)?],
            Err(other) => return Err(other),
        };
        Ok((crate::letter::Written { recipient: rows, letter }, local_date(decision.at)))
    });
    not_found_is_logged(register, actor, Action::CreditShow, &object(id), found)
}

/// How many applications wait for a decision.
///
/// # Errors
/// The actor may not.
pub fn waiting(register: &Register, actor: &Actor) -> Result<i64> {
    let usage = register.authorize(actor, Action::CreditList)?;
    Ok(register.db().read(&usage, |r| store::waiting(r))?)
}

/// The program's own work: removes answers that may not be used any more, lets applications lapse that nobody decided, and
/// removes those that were closed so long ago that the notice in force does not keep them any more.
///
/// # Errors
/// The database can not be written.
pub fn run_out(register: &Register) -> Result<RunOut> {
    let usage = register.authorize(&Actor::Program("credit"), Action::CreditExpire)?;
    let (today, mut all) = (register.today(), RunOut::default());
    loop {
        let done = register.db().write(&usage, move |w| store::run_out(w, None, today, AT_ONCE))?;
        if done == RunOut::default() {
            break;
        }
        all.answers += done.answers;
        all.applications += done.applications;
    }
    if let Some(before) = kept_from(register)? {
        while let removed @ 1.. = register.db().write(&usage, move |w| store::remove_closed(w, before, AT_ONCE))? {
            all.removed += removed;
        }
    }
    Ok(all)
}

/// From when on closed applications are kept, by the notice in force: its period runs from the decision, since what the
/// register then has is complete.
fn kept_from(register: &Register) -> Result<Option<jiff::Timestamp>> {
    let retention = register.notice()?.retention(Kind::Credit);
    Ok(retention.and_then(|retention| retention.first_kept(register.today())).map(start_of))
}

/// Does it again and again until `stopping` says so: for a thread beside the server.
pub fn run(register: &Register, every: std::time::Duration, stopping: impl Fn() -> bool) {
    let mut waited = every;
    while !stopping() {
        if waited >= every {
            waited = std::time::Duration::ZERO;
            if let Err(error) = run_out(register) {
                tracing::warn!(%error, "credit answers that have run out could not be removed");
            }
        }
        let pause = std::time::Duration::from_millis(250);
        std::thread::sleep(pause);
        waited += pause;
    }
}
