//! Credit applications: the list, a customer's own, writing one down. What becomes of one is in `credit_application.rs`.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{CreditApplicationId, OrganisationId, PersonId};
use seloste_domain::rights::Action;
use seloste_ops::credit::{self, Applicant, Application, ApplicationDraft, ApplicationState, Channel, Filter, Outcome};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, organisation, person};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;
use crate::{organisation as organisation_page, person as person_page};

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

pub(crate) fn state(s: &Shell, application: &Application) -> (String, &'static str) {
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

pub(crate) fn choices<T: Copy>(
    s: &Shell,
    prefix: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
    now: &str,
) -> Vec<Choice> {
    let choice = |one: &T| {
        let word = word(*one);
        Choice { value: word.into(), text: s.text(&key(prefix, word)), selected: word == now }
    };
    all.iter().map(choice).collect()
}

pub(crate) fn optional<T: Copy>(
    s: &Shell,
    prefix: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
    now: &str,
) -> Vec<Choice> {
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
