//! Feeds: the list, a feed with its history, adding, changing, pausing, reading now, removing.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{FeedId, FeedRunId};
use seloste_domain::import::Noun;
use seloste_domain::rights::Action;
use seloste_ops::company_register::Address;
use seloste_ops::feed::{self, CHOICES, Feed, FeedDraft, FeedRun, FeedState, Feeding, Place, RunState};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors, Names, source_name, sources};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;
use crate::upload::sentence;

/// A feed as the pages tell it.
struct Told {
    id: FeedId,
    name: String,
    place: String,
    address: String,
    what: String,
    source: String,
    company: Option<String>,
    every: String,
    state: String,
    color: &'static str,
    trouble: Option<String>,
    checked: Option<String>,
    next: Option<String>,
    is_active: bool,
    running: bool,
    has_secret: bool,
}

impl Told {
    fn of(register: &Register, s: &Shell, feed: &Feed) -> seloste_ops::Result<Self> {
        let notice = register.notice()?;
        let company = feed.company.as_ref();
        let company = company.map(|id| notice.company(id).map_or_else(|| id.to_string(), |c| c.name.clone()));
        let (state, color) = match (feed.state, feed.running, feed.trouble) {
            (FeedState::Stopped, _, _) => ("feed-state-stopped", "danger"),
            (FeedState::Paused, _, _) => ("feed-state-paused", "neutral"),
            (FeedState::Active, true, _) => ("feed-state-running", "info"),
            (FeedState::Active, _, Some(_)) => ("feed-state-trouble", "warning"),
            (FeedState::Active, ..) => ("feed-state-active", "success"),
        };
        let next = feed.next_at.filter(|_| !feed.running && feed.state == FeedState::Active);
        Ok(Self {
            id: feed.id,
            name: feed.name.clone(),
            place: s.text(&key("feed-place", feed.place.as_str())),
            address: shown(feed),
            what: s.text(&key("import", feed.noun.as_str())),
            source: source_name(&notice, &feed.source, s.t.0),
            company,
            every: every(s, feed.every),
            state: s.text(state),
            color,
            trouble: feed.trouble.map(|trouble| told(s, trouble.as_str(), feed.status.as_deref())),
            checked: feed.checked_at.map(|at| s.time(&at)),
            next: next.map(|at| s.time(&at)),
            is_active: feed.state == FeedState::Active,
            running: feed.running,
            has_secret: feed.has_secret,
        })
    }
}

/// Where it reads; a key that stands in the query of an address is not shown.
fn shown(feed: &Feed) -> String {
    match feed.place {
        Place::Http => feed.address.parse::<Address>().map(|address| address.shown()).unwrap_or_default(),
        Place::Folder | Place::CompanyRegister => feed.address.clone(),
    }
}

fn every(s: &Shell, minutes: i64) -> String {
    let (name, count) = match minutes {
        minutes if minutes % 1_440 == 0 => ("feed-every-days", minutes / 1_440),
        minutes if minutes % 60 == 0 => ("feed-every-hours", minutes / 60),
        minutes => ("feed-every-minutes", minutes),
    };
    s.t.count(name, &count)
}

fn told(s: &Shell, trouble: &str, status: Option<&str>) -> String {
    let text = s.text(&key("feed-trouble", trouble));
    status.map_or_else(|| text.clone(), |status| format!("{text} ({status})"))
}

#[derive(Template)]
#[template(path = "feeds.html")]
struct FeedsPage {
    s: Shell,
    rows: Vec<Told>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let feeds = feed::list(register, &who.actor)?;
            let s = Shell::staff(register, &who, "nav-feeds")?;
            let rows = feeds.iter().map(|feed| Told::of(register, &s, feed));
            Ok(FeedsPage { rows: rows.collect::<seloste_ops::Result<_>>()?, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// A run of the history.
struct RunView {
    id: FeedRunId,
    at: String,
    file: String,
    state: String,
    color: &'static str,
    trouble: Option<String>,
    counts: Option<[String; 5]>,
    problems: Vec<String>,
    has_errors: bool,
}

fn run_view(s: &Shell, run: FeedRun) -> RunView {
    let color = match (run.state, run.counts) {
        (RunState::Imported, [.., 0]) => "success",
        (RunState::Failed, _) => "danger",
        (RunState::Imported, _) => "warning",
        (RunState::Running | RunState::Unchanged, _) => "info",
    };
    let problem = |problem: &feed::RunProblem| {
        let row = problem.row.map(|row| format!("{} {row}", s.text("import-row")));
        let place = [row, problem.column.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let what = sentence(s.t.args(&problem.code, &problem.args));
        if place.is_empty() { what } else { format!("{place}: {what}") }
    };
    RunView {
        id: run.id,
        at: s.time(&run.started_at),
        state: s.text(&key("feed-run", run.state.as_str())),
        color,
        trouble: run.trouble.map(|trouble| told(s, trouble.as_str(), run.status.as_deref())),
        counts: run.import.map(|_| run.counts.map(|count| s.number(&count))),
        problems: run.problems.iter().map(problem).collect(),
        has_errors: run.has_error_file && s.may(Action::ImportRun.as_str()),
        file: run.file_name.unwrap_or_default(),
    }
}

#[derive(Template)]
#[template(path = "feed.html")]
struct FeedPage {
    s: Shell,
    told: Told,
    mapping: Option<String>,
    by: String,
    runs: Vec<RunView>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<FeedId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let feed = feed::get(register, &who.actor, id)?;
            let s = Shell::staff(register, &who, "nav-feeds")?;
            let runs = feed::runs(register, &who.actor, id)?.into_iter().map(|run| run_view(&s, run)).collect();
            Ok(FeedPage {
                told: Told::of(register, &s, &feed)?,
                mapping: feed::mapping_name(register, &who.actor, &feed)?,
                by: Names::of(register)?.name(s.t, &feed.changed_by),
                runs,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "feed_form.html")]
struct FormPage {
    s: Shell,
    id: Option<FeedId>,
    version: i64,
    draft: FeedDraft,
    f: Errors,
    conflict: bool,
    has_secret: bool,
    folders: Vec<String>,
    places: Vec<Choice>,
    nouns: Vec<Choice>,
    sources: Vec<Choice>,
    companies: Vec<Choice>,
    mappings: Vec<Choice>,
    often: Vec<Choice>,
}

fn form_page(
    register: &Register,
    feeding: &Feeding,
    who: &SignedIn,
    edited: Option<(&Feed, i64)>,
    draft: FeedDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let offered = feed::offered(register, &who.actor)?;
    let s = Shell::staff(register, who, "nav-feeds")?;
    let notice = register.notice()?;
    let choice = |value: String, text: String, now: &str| Choice { selected: value == now, value, text };
    let places = [Place::Folder, Place::Http, Place::CompanyRegister].into_iter();
    let places = places.filter(|place| *place != Place::CompanyRegister || feeding.company_register.is_some());
    let nouns = Noun::ALL.into_iter().filter(|noun| noun.kind().is_none_or(|kind| s.kinds.has(kind)));
    let all = offered.all_companies.then(|| choice(String::new(), s.text("upload-company-in-file"), &draft.company));
    let companies = offered.companies.into_iter().map(|(id, name)| choice(id.to_string(), name, &draft.company));
    let guess = choice(String::new(), s.text("feed-guess"), &draft.mapping);
    let mappings = offered.mappings.into_iter().map(|saved| {
        let what = s.text(&key("import", saved.noun.as_str()));
        let text = format!("{} ({}, {what})", saved.name, source_name(&notice, &saved.source, who.language));
        choice(saved.id.to_string(), text, &draft.mapping)
    });
    let mut minutes: Vec<i64> = CHOICES.to_vec();
    minutes.extend(draft.every.parse::<i64>().ok().filter(|own| !CHOICES.contains(own)));
    minutes.sort_unstable();
    Ok(FormPage {
        id: edited.map(|(feed, _)| feed.id),
        version: edited.map_or(0, |(_, version)| version),
        has_secret: edited.is_some_and(|(feed, _)| feed.has_secret),
        folders: feeding.folders.iter().map(|folder| folder.display().to_string()).collect(),
        places: places
            .map(|place| choice(place.to_string(), s.text(&key("feed-place", place.as_str())), &draft.place))
            .collect(),
        nouns: nouns
            .map(|noun| choice(noun.as_str().into(), s.text(&key("upload", noun.as_str())), &draft.noun))
            .collect(),
        sources: sources(register, who.language, &draft.source)?,
        companies: all.into_iter().chain(companies).collect(),
        mappings: std::iter::once(guess).chain(mappings).collect(),
        often: minutes.into_iter().map(|m| choice(m.to_string(), every(&s, m), &draft.every)).collect(),
        f: Errors::new(who.language, errors),
        conflict: false,
        draft,
        s,
    })
}

fn draft_of(form: &Form) -> FeedDraft {
    FeedDraft {
        name: form.text("name"),
        place: form.text("place"),
        address: form.text("address"),
        noun: form.text("noun"),
        source: form.text("source"),
        company: form.text("company"),
        mapping: form.text("mapping"),
        every: form.text("every"),
        secret: form.text("secret"),
        forget_secret: form.has("forget_secret"),
    }
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let feeding = app.feeding();
    let page = app
        .run(move |register| {
            let draft = FeedDraft { every: "1440".into(), ..FeedDraft::default() };
            form_page(register, &feeding, &who, None, draft, FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (draft, feeding) = (draft_of(&form), app.feeding());
    let (actor, given, rules) = (who.actor.clone(), draft.clone(), app.feeding());
    match app.run(move |register| feed::create(register, &actor, &rules, &draft)).await {
        Ok(id) => Ok(Redirect::to(&format!("/feeds/{id}")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page =
                app.run(move |register| form_page(register, &feeding, &who, None, unsaid(given), errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

/// A secret goes to no page, also not back to the one who wrote it.
fn unsaid(draft: FeedDraft) -> FeedDraft {
    FeedDraft { secret: String::new(), ..draft }
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<FeedId>,
) -> Result<Response, PageError> {
    let feeding = app.feeding();
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::FeedManage)?;
            let feed = feed::get(register, &who.actor, id)?;
            form_page(register, &feeding, &who, Some((&feed, feed.version)), feed.draft(), FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<FeedId>,
    form: Form,
) -> Result<Response, PageError> {
    let (draft, version, feeding) = (draft_of(&form), form.number("version"), app.feeding());
    let (actor, given, rules) = (who.actor.clone(), draft.clone(), app.feeding());
    let error = match app.run(move |register| feed::change(register, &actor, &rules, (id, version), &draft)).await {
        Ok(()) => return Ok(Redirect::to(&format!("/feeds/{id}")).into_response()),
        Err(error) => error,
    };
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let page = app
        .run(move |register| {
            let feed = feed::get(register, &who.actor, id)?;
            let version = if conflict { feed.version } else { version };
            let mut page = form_page(register, &feeding, &who, Some((&feed, version)), unsaid(given), errors)?;
            page.conflict = conflict;
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn pause(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<FeedId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| feed::pause(register, &who.actor, id)).await?;
    Ok(Redirect::to(&format!("/feeds/{id}")))
}

/// Goes on with a feed. When something that it needs is not there, its form tells what.
pub(crate) async fn resume(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<FeedId>,
) -> Result<Response, PageError> {
    let (feeding, actor, rules) = (app.feeding(), who.actor.clone(), app.feeding());
    let error = match app.run(move |register| feed::resume(register, &actor, &rules, id)).await {
        Ok(()) => return Ok(Redirect::to(&format!("/feeds/{id}")).into_response()),
        Err(error) => error,
    };
    let errors = error.fields()?;
    let page = app
        .run(move |register| {
            let feed = feed::get(register, &who.actor, id)?;
            form_page(register, &feeding, &who, Some((&feed, feed.version)), feed.draft(), errors)
        })
        .await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

pub(crate) async fn run_now(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<FeedId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| feed::run_now(register, &who.actor, id)).await?;
    Ok(Redirect::to(&format!("/feeds/{id}")))
}

pub(crate) async fn remove(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<FeedId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| feed::remove(register, &who.actor, id)).await?;
    Ok(Redirect::to("/feeds"))
}

/// The rows that a run refused, with their reasons.
pub(crate) async fn errors(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, run)): Path<(FeedId, FeedRunId)>,
) -> Result<Response, PageError> {
    let bytes = app
        .run(move |register| {
            let path = feed::errors(register, &who.actor, id, run)?;
            std::fs::read(path).map_err(|error| -> OpsError { seloste_ops::import::upload::not_written(error) })
        })
        .await?;
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"errors.csv\"")];
    Ok((headers, bytes).into_response())
}
