//! Requests of people about their own data: the list with its clocks, receiving one, and a request's page with the next step
//! first.

mod act;
mod view;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{PackageId, PersonId, RequestId};
use seloste_domain::language::Language;
use seloste_domain::rectification::{CorrectionDraft, Right, is_carried_out};
use seloste_ops::access::{self, PackageKind};
use seloste_ops::request::{self, Channel, Filter, RequestDraft, RequestKind};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, person};

pub(crate) use self::act::{
    close, correct, extend, fee, fee_settled, letter, link, make_package, recognise, refuse, uphold, wait, withdraw,
};
pub(crate) use self::view::show;
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::person::{Head, name_of};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Empty rows of corrections that a form has.
const ROWS: usize = 3;

/// A request of a list.
pub(crate) struct Row {
    pub(crate) id: RequestId,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) company: String,
    pub(crate) received: String,
    pub(crate) due: String,
    pub(crate) left: String,
    pub(crate) late: bool,
    pub(crate) open: bool,
    pub(crate) state: String,
    pub(crate) color: &'static str,
    pub(crate) next: String,
}

pub(crate) fn row(s: &Shell, request: &request::Request, name: String, today: jiff::civil::Date) -> Row {
    let days = i64::from((request.due_on - today).get_days());
    let left = match days {
        days if days < 0 => s.t.count("request-days-late", &-days),
        days => s.t.count("request-days-left", &days),
    };
    let color = match request.state.as_str() {
        "done" => "success",
        "refused" => "danger",
        "withdrawn" => "neutral",
        _ if request.is_late(today) => "danger",
        _ => "info",
    };
    Row {
        id: request.id,
        kind: s.text(&key("request-kind", request.kind.as_str())),
        name,
        company: s.company(&request.company),
        received: s.date(&request.received_on),
        due: s.date(&request.due_on),
        left,
        late: request.is_late(today),
        open: request.state.is_open(),
        state: s.text(&key("request-state", request.state.as_str())),
        color,
        next: s.text(&key("request-next", request.next().as_str())),
    }
}

pub(crate) fn choices<T: Copy>(
    s: &Shell,
    prefix: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
    chosen: &str,
) -> Vec<Choice> {
    let choice = |one: &T| {
        let word = word(*one);
        Choice { value: word.into(), text: s.text(&key(prefix, word)), selected: word == chosen }
    };
    all.iter().map(choice).collect()
}

#[derive(serde::Deserialize, Default)]
pub(crate) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct ListPage {
    s: Shell,
    rows: Vec<Row>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-requests")?;
            let today = register.today();
            let filter = Filter {
                open: query.state != "closed",
                kind: query.kind.parse().ok(),
                late_on: (query.state == "late").then_some(today),
            };
            let found = request::list(register, &who.actor, &filter)?;
            let states = ["open", "late", "closed"].map(|state| Choice {
                value: state.into(),
                text: s.text(&key("request-show", state)),
                selected: query.state == state,
            });
            let all =
                Choice { value: String::new(), text: s.text("request-all-kinds"), selected: filter.kind.is_none() };
            let kinds = choices(&s, "request-kind", RequestKind::ALL, RequestKind::as_str, &query.kind);
            Ok(ListPage {
                rows: found.into_iter().map(|found| row(&s, &found.request, found.name, today)).collect(),
                states: states.into(),
                kinds: std::iter::once(all).chain(kinds).collect(),
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// A correction of the form.
struct CorrectionRow {
    kinds: Vec<Choice>,
    draft: CorrectionDraft,
}

#[derive(Template)]
#[template(path = "request_form.html")]
struct FormPage {
    s: Shell,
    /// The card that it is begun from.
    person: Option<(PersonId, String)>,
    draft: RequestDraft,
    kinds: Vec<Choice>,
    channels: Vec<Choice>,
    languages: Vec<Choice>,
    corrections: Vec<CorrectionRow>,
    f: Errors,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    person: Option<PersonId>,
    draft: Option<RequestDraft>,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, seloste_domain::rights::Action::RequestReceive)?;
    let s = Shell::staff(register, who, "nav-requests")?;
    let today = register.today();
    let found = match person {
        Some(id) => Some(person::show(register, &who.actor, id)?.person),
        None => None,
    };
    let mut draft = draft.unwrap_or_else(|| RequestDraft {
        received_on: s.date(&today),
        company: found
            .as_ref()
            .and_then(|person| person.companies.first())
            .or_else(|| s.companies.first().map(|company| &company.id))
            .map(ToString::to_string)
            .unwrap_or_default(),
        language: found.as_ref().and_then(|person| person.language(today)).unwrap_or(who.language).tag().into(),
        ..RequestDraft::default()
    });
    while draft.corrections.len() < ROWS {
        draft.corrections.push(CorrectionDraft::default());
    }
    let languages = Language::ALL.map(|language| Choice {
        value: language.tag().into(),
        text: language.own_name().into(),
        selected: draft.language == language.tag(),
    });
    let corrections = draft.corrections.iter().map(|correction| CorrectionRow {
        kinds: s
            .kinds
            .iter()
            .filter(|kind| is_carried_out(*kind))
            .map(|kind| Choice {
                value: kind.as_str().into(),
                text: s.text(&key("kind", kind.as_str())),
                selected: correction.kind == kind.as_str(),
            })
            .collect(),
        draft: correction.clone(),
    });
    Ok(FormPage {
        person: found.map(|person| (person.id, name_of(&s, &person))),
        kinds: choices(&s, "request-kind", RequestKind::ALL, RequestKind::as_str, &draft.kind),
        channels: choices(&s, "request-channel", &Channel::OF_STAFF, Channel::as_str, &draft.channel),
        languages: languages.into(),
        corrections: corrections.collect(),
        f: Errors::new(who.language, errors),
        draft,
        s,
    })
}

#[derive(serde::Deserialize, Default)]
pub(crate) struct NewQuery {
    #[serde(default)]
    person: String,
}

pub(crate) async fn new(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<NewQuery>,
) -> Result<Response, PageError> {
    let person = query.person.parse().ok();
    let page = app.run(move |register| form_page(register, &who, person, None, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

fn draft_of(form: &Form) -> RequestDraft {
    let names = [
        "correction_kind",
        "correction_wrong",
        "correction_text",
        "correction_given",
        "correction_code",
        "correction_town",
    ];
    let corrections = form.rows(&names).into_iter().map(|row| {
        let mut cells = row.into_iter();
        let mut next = || cells.next().unwrap_or_default();
        let (kind, wrong) = (next(), next());
        let right = Right { text: next(), given: next(), postal_code: next(), town: next() };
        CorrectionDraft { kind, wrong, right }
    });
    RequestDraft {
        kind: form.text("kind"),
        channel: form.text("channel"),
        received_on: form.text("received_on"),
        company: form.text("company"),
        language: form.text("language"),
        name: form.text("name"),
        reach: form.text("reach"),
        text: form.text("text"),
        corrections: corrections.collect(),
    }
}

pub(crate) async fn receive(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let draft = draft_of(&form);
    let person: Option<PersonId> = form.parsed("person");
    let (asker, given) = (who.clone(), draft.clone());
    let received = app.run(move |register| request::receive(register, &asker.actor, &draft, person)).await;
    match received {
        Ok(id) => Ok(Redirect::to(&format!("/requests/{id}")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, person, Some(given), errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

/// A package that can be taken.
pub(crate) struct PackageView {
    pub(crate) made: String,
    pub(crate) kind: String,
    pub(crate) kept: bool,
    /// What each file is called, and where.
    pub(crate) files: Vec<(&'static str, String)>,
}

pub(crate) fn package_view(s: &Shell, made: &access::Made) -> PackageView {
    let endings: &[&str] = match made.kind {
        PackageKind::Access => &["pdf", "html", "json"],
        PackageKind::Portability => &["zip", "json", "vcf", "csv", "xlsx"],
    };
    let href = |id: PackageId, ending: &str| format!("/packages/{id}/package.{ending}");
    PackageView {
        made: s.time(&made.made_at),
        kind: s.text(&key("package", made.kind.as_str())),
        kept: made.is_kept,
        files: endings.iter().map(|ending| (*ending, href(made.id, ending))).collect(),
    }
}

#[derive(Template)]
#[template(path = "person_requests.html")]
struct PersonPage {
    s: Shell,
    head: Head,
    orders: i64,
    rows: Vec<Row>,
    packages: Vec<PackageView>,
}

/// The requests of a person, and the packages that were made of their data.
pub(crate) async fn of_person(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let card = person::show(register, &who.actor, id)?;
            let today = register.today();
            let found = request::of_person(register, &who.actor, id)?;
            let packages = match s.may("access.make") {
                true => access::of(register, &who.actor, id)?,
                false => Vec::new(),
            };
            Ok(PersonPage {
                head: Head::of(&s, &card.person, today, "requests"),
                orders: card.orders,
                rows: found.iter().map(|request| row(&s, request, String::new(), today)).collect(),
                packages: packages.iter().map(|made| package_view(&s, made)).collect(),
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// The open requests of a person, for the banner of their card.
pub(crate) fn open_of(s: &Shell, register: &Register, who: &SignedIn, id: PersonId) -> seloste_ops::Result<Vec<Row>> {
    if !s.may("request.list") {
        return Ok(Vec::new());
    }
    let today = register.today();
    let found = request::of_person(register, &who.actor, id)?;
    let open = found.iter().filter(|request| request.state.is_open());
    Ok(open.map(|request| row(s, request, String::new(), today)).collect())
}
