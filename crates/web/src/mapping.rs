//! The saved mappings of import columns: the list, changing and renaming, removing, taking out as TOML.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::MappingId;
use seloste_domain::import::{MappingDraft, SavedMapping};
use seloste_domain::rights::Action;
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, StoreError, mapping};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Errors, Names, source_name};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;
use crate::upload::problem;

/// A row of the list.
struct Row {
    id: MappingId,
    name: String,
    what: String,
    source: String,
    by: String,
    at: String,
}

impl Row {
    fn of(register: &Register, s: &Shell, names: &Names, saved: &SavedMapping) -> seloste_ops::Result<Self> {
        Ok(Self {
            id: saved.id,
            name: saved.name.clone(),
            what: s.text(&key("import", saved.noun.as_str())),
            source: source_name(&*register.notice()?, &saved.source, s.t.0),
            by: names.name(s.t, &saved.changed_by),
            at: s.time(&saved.changed_at),
        })
    }
}

#[derive(Template)]
#[template(path = "mappings.html")]
struct MappingsPage {
    s: Shell,
    rows: Vec<Row>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let saved = mapping::list(register, &who.actor)?;
            let (s, names) = (Shell::staff(register, &who, "nav-imports")?, Names::of(register)?);
            let rows = saved.iter().map(|saved| Row::of(register, &s, &names, saved));
            Ok(MappingsPage { rows: rows.collect::<seloste_ops::Result<_>>()?, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "mapping_form.html")]
struct FormPage {
    s: Shell,
    row: Row,
    version: i64,
    draft: MappingDraft,
    f: Errors,
    problems: Vec<(Option<usize>, String)>,
    feeds: Vec<String>,
    conflict: bool,
    in_use: bool,
}

/// What is to be told on the form.
#[derive(Default)]
struct Told {
    fields: FieldErrors,
    problems: Vec<seloste_domain::import::Problem>,
    conflict: bool,
    in_use: bool,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    id: MappingId,
    given: Option<(MappingDraft, i64)>,
    told: Told,
) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, Action::MappingChange)?;
    let saved = mapping::get(register, &who.actor, id)?;
    let (s, names) = (Shell::staff(register, who, "nav-imports")?, Names::of(register)?);
    let row = Row::of(register, &s, &names, &saved)?;
    let (draft, version) = match given {
        Some((draft, version)) => (draft, if told.conflict { saved.version } else { version }),
        None => (MappingDraft { name: saved.name, definition: saved.definition }, saved.version),
    };
    Ok(FormPage {
        row,
        version,
        draft,
        f: Errors::new(who.language, told.fields),
        problems: told.problems.iter().map(|p| (p.line, problem(s.t, p))).collect(),
        feeds: mapping::feeds(register, &who.actor, id)?,
        conflict: told.conflict,
        in_use: told.in_use,
        s,
    })
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<MappingId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| form_page(register, &who, id, None, Told::default())).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<MappingId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = MappingDraft { name: form.text("name"), definition: form.text("definition") };
    let version = form.number("version");
    let (actor, given) = (who.actor.clone(), draft.clone());
    let error = match app.run(move |register| mapping::change(register, &actor, id, version, &draft)).await {
        Ok(()) => return Ok(Redirect::to("/imports/mappings").into_response()),
        Err(error) => error,
    };
    let told = match error {
        PageError::Ops(OpsError::Import(problems)) => Told { problems, ..Told::default() },
        error if error.is_conflict() => Told { conflict: true, ..Told::default() },
        error => Told { fields: error.fields()?, ..Told::default() },
    };
    let status = if told.conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = app.run(move |register| form_page(register, &who, id, Some((given, version)), told)).await?;
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn remove(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<MappingId>,
) -> Result<Response, PageError> {
    let actor = who.actor.clone();
    match app.run(move |register| mapping::remove(register, &actor, id)).await {
        Ok(()) => Ok(Redirect::to("/imports/mappings").into_response()),
        Err(PageError::Ops(OpsError::Store(StoreError::Taken(_)))) => {
            let told = Told { in_use: true, ..Told::default() };
            let page = app.run(move |register| form_page(register, &who, id, None, told)).await?;
            Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
        }
        Err(error) => Err(error),
    }
}

pub(crate) async fn export(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<MappingId>,
) -> Result<Response, PageError> {
    let saved = app.run(move |register| mapping::get(register, &who.actor, id)).await?;
    let headers = [
        (CONTENT_TYPE, "application/toml; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"mapping.toml\""),
    ];
    Ok((headers, saved.definition).into_response())
}
