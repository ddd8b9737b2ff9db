//! Credit applications: the list, a customer's own, writing one down, asking, deciding, the letter.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{CreditApplicationId, CreditServiceId, OrganisationId, PersonId};
use seloste_domain::rights::Action;
use seloste_ops::credit::{
    self, AnswerDraft, Applicant, Application, ApplicationDraft, ApplicationState, Asking, Channel, DecisionDraft,
    Enquiry, EnquiryState, Filter, Finding, Method, Outcome, Proposal,
};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, organisation, person};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors, Names};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;
use crate::{organisation as organisation_page, person as person_page, print};

/// Rows of a page of the list.
const ROWS: usize = 50;
/// Applications that a customer's card lists.
const ON_CARD: i64 = 200;

/// A row of a list.
pub(crate) struct Row {
    id: CreditApplicationId,
    day: String,
    name: String,
    company: String,
    amount: String,
    state: String,
    color: &'static str,
}

fn state(s: &Shell, application: &Application) -> (String, &'static str) {
    if let Some(decision) = &application.decision {
        let color = match decision.outcome {
            Outcome::Granted => "success",
            Outcome::Reduced => "warning",
            Outcome::Refused => "danger",
        };
        return (s.text(&key("credit-outcome", decision.outcome.as_str())), color);
    }
    let color = match application.state {
        ApplicationState::Pending => "info",
        ApplicationState::Answered => "warning",
        ApplicationState::Decided | ApplicationState::Withdrawn | ApplicationState::Expired => "neutral",
    };
    (s.text(&key("credit-state", application.state.as_str())), color)
}

fn row(s: &Shell, (application, name): (Application, String)) -> Row {
    let (state, color) = state(s, &application);
    Row {
        id: application.id,
        day: s.date(&application.applied_on),
        name,
        company: s.company(&application.company),
        amount: s.money(&application.amount),
        state,
        color,
    }
}

fn choices<T: Copy>(s: &Shell, prefix: &str, all: &[T], word: impl Fn(T) -> &'static str, now: &str) -> Vec<Choice> {
    let choice = |one: &T| {
        let word = word(*one);
        Choice { value: word.into(), text: s.text(&key(prefix, word)), selected: word == now }
    };
    all.iter().map(choice).collect()
}

fn optional<T: Copy>(s: &Shell, prefix: &str, all: &[T], word: impl Fn(T) -> &'static str, now: &str) -> Vec<Choice> {
    let none = Choice { value: String::new(), text: s.text("credit-choose"), selected: now.is_empty() };
    std::iter::once(none).chain(choices(s, prefix, all, word, now)).collect()
}

#[derive(serde::Deserialize, Default)]
pub(crate) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "credit_list.html")]
struct ListPage {
    s: Shell,
    rows: Vec<Row>,
    states: Vec<Choice>,
    next: Option<String>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-credit")?;
            let wanted: Option<ApplicationState> = query.state.parse().ok();
            let filter = Filter { state: wanted, after: query.after.parse().ok(), applicant: None };
            let limit = i64::try_from(ROWS).unwrap_or(i64::MAX);
            let mut found = credit::list(register, &who.actor, &filter, limit + 1)?;
            let more = found.len() > ROWS;
            found.truncate(ROWS);
            let last = found.last().map(|(application, _)| application.id);
            let now = wanted.map_or("", ApplicationState::as_str);
            let all = Choice { value: String::new(), text: s.text("credit-all"), selected: wanted.is_none() };
            let states = choices(&s, "credit-state", ApplicationState::ALL, ApplicationState::as_str, now);
            Ok(ListPage {
                next: last.filter(|_| more).map(|last| format!("/credit?state={now}&after={last}")),
                states: std::iter::once(all).chain(states).collect(),
                rows: found.into_iter().map(|one| row(&s, one)).collect(),
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "person_credit.html")]
struct PersonPage {
    s: Shell,
    head: person_page::Head,
    orders: i64,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "organisation_credit.html")]
struct OrganisationPage {
    s: Shell,
    head: organisation_page::Head,
    orders: i64,
    rows: Vec<Row>,
}

fn rows_of(register: &Register, s: &Shell, who: &SignedIn, applicant: Applicant) -> seloste_ops::Result<Vec<Row>> {
    let filter = Filter { applicant: Some(applicant), ..Filter::default() };
    let found = credit::list(register, &who.actor, &filter, ON_CARD)?;
    Ok(found.into_iter().map(|one| row(s, one)).collect())
}

pub(crate) async fn of_person(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let card = person::show(register, &who.actor, id)?;
            Ok(PersonPage {
                head: person_page::Head::of(&s, &card.person, register.today(), "credit"),
                orders: card.orders,
                rows: rows_of(register, &s, &who, Applicant::Person(id))?,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn of_organisation(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let card = organisation::show(register, &who.actor, id)?;
            Ok(OrganisationPage {
                head: organisation_page::Head::of(&s, &card.organisation, "credit"),
                orders: card.orders,
                rows: rows_of(register, &s, &who, Applicant::Organisation(id))?,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(serde::Deserialize, Default)]
pub(crate) struct NewQuery {
    person: Option<PersonId>,
    organisation: Option<OrganisationId>,
}

#[derive(Template)]
#[template(path = "credit_form.html")]
struct FormPage {
    s: Shell,
    name: String,
    back: String,
    registers: Vec<String>,
    draft: ApplicationDraft,
    channels: Vec<Choice>,
    f: Errors,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    mut draft: ApplicationDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, Action::CreditApply)?;
    let s = Shell::staff(register, who, "nav-credit")?;
    let (name, companies, back) = match (draft.person, draft.organisation) {
        (Some(id), _) => {
            let card = person::show(register, &who.actor, id)?.person;
            (card.display_name(), card.companies, format!("/people/{id}/credit"))
        }
        (None, Some(id)) => {
            let card = organisation::show(register, &who.actor, id)?.organisation;
            (card.name, card.companies, format!("/organisations/{id}/credit"))
        }
        (None, None) => return Err(seloste_ops::StoreError::NotFound("applicant").into()),
    };
    if draft.company.is_empty() {
        draft.company = companies.first().map(ToString::to_string).unwrap_or_default();
    }
    let offers = credit::offers(register, &who.actor)?;
    Ok(FormPage {
        name,
        back,
        registers: offers.into_iter().map(|offer| offer.source_register).collect(),
        channels: optional(&s, "credit-channel", Channel::ALL, Channel::as_str, &draft.channel),
        f: Errors::new(who.language, errors),
        draft,
        s,
    })
}

pub(crate) async fn new(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<NewQuery>,
) -> Result<Response, PageError> {
    if query.person.is_none() && query.organisation.is_none() {
        // Nobody is named: an application begins on a customer's card.
        app.run(move |register| register.authorize(&who.actor, Action::CreditApply).map(drop)).await?;
        return Ok(Redirect::to("/credit").into_response());
    }
    let page = app
        .run(move |register| {
            let draft = ApplicationDraft {
                person: query.person,
                organisation: query.organisation.filter(|_| query.person.is_none()),
                applied_on: register.today().to_string(),
                ..ApplicationDraft::default()
            };
            form_page(register, &who, draft, FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn apply(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let draft = ApplicationDraft {
        company: form.text("company"),
        person: form.parsed("person"),
        organisation: form.parsed("organisation"),
        applied_on: form.text("applied_on"),
        channel: form.text("channel"),
        what_for: form.text("what_for"),
        amount: form.text("amount"),
        told: form.has("told"),
        told_on: form.text("told_on"),
    };
    let (actor, given) = (who.actor.clone(), draft.clone());
    match app.run(move |register| credit::apply(register, &actor, &draft)).await {
        Ok(id) => Ok(Redirect::to(&format!("/credit/{id}")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            if given.person.is_none() && given.organisation.is_none() {
                return Err(PageError::Malformed);
            }
            let page = app.run(move |register| form_page(register, &who, given, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

/// An enquiry as the page tells it.
struct EnquiryView {
    at: String,
    by: String,
    service: String,
    register: String,
    state: String,
    color: &'static str,
    trouble: Option<String>,
    until: Option<String>,
    answer: Option<AnswerView>,
    is_gone: bool,
}

struct AnswerView {
    finding: String,
    color: &'static str,
    entries: Option<String>,
    class: Option<String>,
    proposal: Option<String>,
    reference: Option<String>,
}

fn enquiry_view(s: &Shell, names: &Names, enquiry: &Enquiry) -> EnquiryView {
    let (word, color) = match (enquiry.state, enquiry.trouble) {
        (EnquiryState::Answered, _) => ("credit-enquiry-answered", "success"),
        (EnquiryState::Closed, _) => ("credit-enquiry-closed", "neutral"),
        (EnquiryState::Open, None) => ("credit-enquiry-open", "info"),
        (EnquiryState::Open, Some(_)) => ("credit-enquiry-open", "warning"),
    };
    let trouble = enquiry.trouble.map(|trouble| {
        let text = s.text(&key("credit-trouble", trouble.as_str()));
        enquiry.status.as_ref().map_or_else(|| text.clone(), |status| format!("{text} ({status})"))
    });
    let answer = enquiry.answer.as_ref().map(|answer| AnswerView {
        finding: s.text(&key("credit-finding", answer.finding.as_str())),
        color: match answer.finding {
            Finding::Clear => "success",
            Finding::Entries => "danger",
            Finding::NotFound => "warning",
        },
        entries: answer.entries.map(|count| s.number(&i64::from(count))),
        class: answer.class.clone(),
        proposal: answer.proposal.map(|proposal| s.text(&key("credit-proposal", proposal.as_str()))),
        reference: answer.reference.clone(),
    });
    EnquiryView {
        at: s.time(&enquiry.asked_at),
        by: names.name(s.t, &enquiry.asked_by),
        service: enquiry.service_name.clone(),
        register: enquiry.source_register.clone(),
        state: s.text(word),
        color,
        trouble,
        until: enquiry.answer_until.map(|until| s.date(&until)),
        is_gone: enquiry.state == EnquiryState::Answered && answer.is_none(),
        answer,
    }
}

/// What the page offers to do, and what stands in its forms.
struct Given {
    answer: AnswerDraft,
    decision: DecisionDraft,
    errors: FieldErrors,
    conflict: bool,
}

impl Given {
    fn nothing() -> Self {
        Self {
            answer: AnswerDraft::default(),
            decision: DecisionDraft::default(),
            errors: FieldErrors::default(),
            conflict: false,
        }
    }
}

struct Decided {
    outcome: String,
    granted: Option<String>,
    by: String,
    at: String,
    reasons: String,
    has_letter: bool,
}

#[derive(Template)]
#[template(path = "credit.html")]
struct ShowPage {
    s: Shell,
    id: CreditApplicationId,
    version: i64,
    name: String,
    card: String,
    state: String,
    color: &'static str,
    company: String,
    applied_on: String,
    channel: String,
    what_for: String,
    amount: String,
    told_on: Option<String>,
    lapses_on: String,
    by: String,
    enquiries: Vec<EnquiryView>,
    decided: Option<Decided>,
    is_closed: bool,
    is_pending: bool,
    used: bool,
    /// The enquiry that waits is asked by hand.
    by_hand: bool,
    is_open: bool,
    offers: Vec<credit::Offer>,
    findings: Vec<Choice>,
    proposals: Vec<Choice>,
    outcomes: Vec<Choice>,
    answer: AnswerDraft,
    decision: DecisionDraft,
    conflict: bool,
    f: Errors,
}

fn show_page(
    register: &Register,
    who: &SignedIn,
    id: CreditApplicationId,
    given: Given,
) -> seloste_ops::Result<ShowPage> {
    let shown = credit::show(register, &who.actor, id)?;
    let s = Shell::staff(register, who, "nav-credit")?;
    let names = Names::of(register)?;
    let (open, application) = (shown.open().cloned(), &shown.application);
    let may_ask = s.may(Action::CreditEnquire.as_str()) && application.state == ApplicationState::Pending;
    let offers = if may_ask { credit::offers(register, &who.actor)? } else { Vec::new() };
    let card = match application.applicant {
        Applicant::Person(id) => format!("/people/{id}/credit"),
        Applicant::Organisation(id) => format!("/organisations/{id}/credit"),
    };
    let (state, color) = state(&s, application);
    let decided = application.decision.as_ref().map(|decision| Decided {
        outcome: s.text(&key("credit-outcome", decision.outcome.as_str())),
        granted: (decision.outcome != Outcome::Refused).then(|| s.money(&decision.granted)),
        by: names.name(s.t, &decision.by),
        at: s.time(&decision.at),
        reasons: decision.reasons.clone(),
        has_letter: application.letter.is_some(),
    });
    Ok(ShowPage {
        id,
        version: application.version,
        name: shown.name.clone(),
        card,
        state,
        color,
        company: s.company(&application.company),
        applied_on: s.date(&application.applied_on),
        channel: s.text(&key("credit-channel", application.channel.as_str())),
        what_for: application.what_for.clone(),
        amount: s.money(&application.amount),
        told_on: application.told_on.map(|day| s.date(&day)),
        lapses_on: s.date(&application.lapses_on),
        by: names.name(s.t, &application.entered_by),
        enquiries: shown.enquiries.iter().map(|enquiry| enquiry_view(&s, &names, enquiry)).collect(),
        decided,
        is_closed: application.state.is_closed(),
        is_pending: application.state == ApplicationState::Pending,
        used: application.used_credit_data,
        by_hand: open.as_ref().is_some_and(|open| open.method == Method::Manual),
        is_open: open.is_some(),
        offers,
        findings: optional(&s, "credit-finding", Finding::ALL, Finding::as_str, &given.answer.finding),
        proposals: optional(&s, "credit-proposal", Proposal::ALL, Proposal::as_str, &given.answer.proposal),
        outcomes: optional(&s, "credit-outcome", Outcome::ALL, Outcome::as_str, &given.decision.outcome),
        answer: given.answer,
        decision: given.decision,
        conflict: given.conflict,
        f: Errors::new(who.language, given.errors),
        s,
    })
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| show_page(register, &who, id, Given::nothing())).await?;
    Ok(Html(page.render()?).into_response())
}

/// The page again, after a form of it was refused; what is no matter of its fields is told by a page of its own.
async fn again(
    app: App,
    who: SignedIn,
    id: CreditApplicationId,
    error: PageError,
    given: Given,
) -> Result<Response, PageError> {
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let given = Given { errors, conflict, ..given };
    let page = app.run(move |register| show_page(register, &who, id, given)).await?;
    Ok((status, Html(page.render()?)).into_response())
}

fn here(id: CreditApplicationId) -> Redirect {
    Redirect::to(&format!("/credit/{id}"))
}

fn asking(app: &App) -> Asking {
    Asking { fetcher: app.feeding().fetcher.clone(), ..Asking::default() }
}

pub(crate) async fn tell(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
    form: Form,
) -> Result<Response, PageError> {
    let (version, actor) = (form.number("version"), who.actor.clone());
    match app.run(move |register| credit::tell(register, &actor, id, version)).await {
        Ok(()) => Ok(here(id).into_response()),
        Err(error) => again(app, who, id, error, Given::nothing()).await,
    }
}

pub(crate) async fn enquire(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let asking = asking(&app);
    // Whoever may not is told nothing else than of a service that is not there.
    let service = form.parsed("service").unwrap_or(CreditServiceId(uuid::Uuid::nil()));
    app.run(move |register| credit::enquire(register, &who.actor, &asking, id, service)).await?;
    Ok(here(id))
}

pub(crate) async fn retry(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
) -> Result<Redirect, PageError> {
    let asking = asking(&app);
    app.run(move |register| credit::retry(register, &who.actor, &asking, id)).await?;
    Ok(here(id))
}

pub(crate) async fn give_up(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| credit::give_up(register, &who.actor, id)).await?;
    Ok(here(id))
}

pub(crate) async fn answer(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = AnswerDraft {
        finding: form.text("finding"),
        entries: form.text("entries"),
        class: form.text("class"),
        proposal: form.text("proposal"),
        reference: form.text("reference"),
        until: form.text("until"),
    };
    let (actor, given) = (who.actor.clone(), Given { answer: draft.clone(), ..Given::nothing() });
    match app.run(move |register| credit::answer(register, &actor, id, &draft)).await {
        Ok(()) => Ok(here(id).into_response()),
        Err(error) => again(app, who, id, error, given).await,
    }
}

pub(crate) async fn decide(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = DecisionDraft {
        outcome: form.text("outcome"),
        granted: form.text("granted"),
        reasons: form.text("reasons"),
        by_email: form.has("by_email"),
    };
    let (actor, version) = (who.actor.clone(), form.number("version"));
    let given = Given { decision: draft.clone(), ..Given::nothing() };
    match app.run(move |register| credit::decide(register, &actor, (id, version), &draft)).await {
        Ok(()) => Ok(here(id).into_response()),
        Err(error) => again(app, who, id, error, given).await,
    }
}

pub(crate) async fn withdraw(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
    form: Form,
) -> Result<Response, PageError> {
    let (version, actor) = (form.number("version"), who.actor.clone());
    match app.run(move |register| credit::withdraw(register, &actor, id, version)).await {
        Ok(()) => Ok(here(id).into_response()),
        Err(error) => again(app, who, id, error, Given::nothing()).await,
    }
}

/// The letter that was made with the decision, dated on its day.
pub(crate) async fn letter(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
) -> Result<Response, PageError> {
    print::print(&app, move |register| {
        let (written, day) = credit::letter(register, &who.actor, id)?;
        Ok(print::letter(&*register.notice()?, &written.letter, written.recipient, day))
    })
    .await
}

/// The file of an enquiry that is made by hand.
pub(crate) async fn file(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditApplicationId>,
) -> Result<Response, PageError> {
    let (_, text) = app.run(move |register| credit::file(register, &who.actor, id)).await?;
    let headers = [(CONTENT_TYPE, "application/json"), (CONTENT_DISPOSITION, "attachment; filename=\"enquiry.json\"")];
    Ok((headers, text).into_response())
}
