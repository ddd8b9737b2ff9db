//! One credit application: what was asked and answered, the decision, and the letter about it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{CreditApplicationId, CreditServiceId};
use seloste_domain::rights::Action;
use seloste_ops::Register;
use seloste_ops::credit::{
    self, AnswerDraft, Applicant, ApplicationState, Asking, DecisionDraft, Enquiry, EnquiryState, Finding, Method,
    Outcome, Proposal,
};
use seloste_ops::session::SignedIn;

use crate::App;
use crate::credit::{optional, state};
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors, Names};
use crate::print;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

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
