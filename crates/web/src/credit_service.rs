//! Credit services: the list, adding, changing, removing. A secret is written and never shown.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::CreditServiceId;
use seloste_domain::rights::Action;
use seloste_ops::Register;
use seloste_ops::company_register::Address;
use seloste_ops::credit::{self, Asking, Method, Service, ServiceDraft};
use seloste_ops::session::SignedIn;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors, Names};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

struct Row {
    id: CreditServiceId,
    name: String,
    source_register: String,
    method: String,
    address: String,
    secret: Option<String>,
    active: bool,
    changed: String,
}

#[derive(Template)]
#[template(path = "credit_services.html")]
struct ListPage {
    s: Shell,
    rows: Vec<Row>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let services = credit::services(register, &who.actor)?;
            let s = Shell::staff(register, &who, "nav-credit-services")?;
            let names = Names::of(register)?;
            let row = |service: Service| Row {
                id: service.id,
                method: s.text(&key("credit-method", service.method.as_str())),
                // A key that stands in the query of an address is not shown.
                address: service.address.parse::<Address>().map(|address| address.shown()).unwrap_or_default(),
                secret: service.secret_at.map(|at| s.time(&at)),
                active: service.active,
                changed: format!("{} · {}", s.time(&service.changed_at), names.name(s.t, &service.changed_by)),
                name: service.name,
                source_register: service.source_register,
            };
            Ok(ListPage { rows: services.into_iter().map(row).collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "credit_service_form.html")]
struct FormPage {
    s: Shell,
    id: Option<CreditServiceId>,
    version: i64,
    draft: ServiceDraft,
    has_secret: bool,
    partners: Vec<Choice>,
    methods: Vec<Choice>,
    conflict: bool,
    f: Errors,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    edited: Option<(&Service, i64)>,
    draft: ServiceDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let partners = credit::partners(register, &who.actor)?;
    let s = Shell::staff(register, who, "nav-credit-services")?;
    let choice = |value: String, text: String, now: &str| Choice { selected: value == now, value, text };
    Ok(FormPage {
        id: edited.map(|(service, _)| service.id),
        version: edited.map_or(0, |(_, version)| version),
        has_secret: edited.is_some_and(|(service, _)| service.has_secret),
        partners: partners.into_iter().map(|one| choice(one.id.to_string(), one.name, &draft.partner)).collect(),
        methods: Method::ALL
            .iter()
            .map(|one| choice(one.to_string(), s.text(&key("credit-method", one.as_str())), &draft.method))
            .collect(),
        conflict: false,
        f: Errors::new(who.language, errors),
        draft,
        s,
    })
}

fn draft_of(form: &Form) -> ServiceDraft {
    ServiceDraft {
        name: form.text("name"),
        partner: form.text("partner"),
        source_register: form.text("source_register"),
        method: form.text("method"),
        address: form.text("address"),
        secret: form.text("secret"),
        forget_secret: form.has("forget_secret"),
        active: form.has("active"),
    }
}

/// A secret goes to no page, also not back to the one who wrote it.
fn unsaid(draft: ServiceDraft) -> ServiceDraft {
    ServiceDraft { secret: String::new(), ..draft }
}

fn asking(app: &App) -> Asking {
    Asking { fetcher: app.feeding().fetcher.clone(), ..Asking::default() }
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let draft = ServiceDraft { active: true, ..ServiceDraft::default() };
            form_page(register, &who, None, draft, FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (draft, rules) = (draft_of(&form), asking(&app));
    let (actor, given) = (who.actor.clone(), draft.clone());
    match app.run(move |register| credit::create_service(register, &actor, &rules, &draft)).await {
        Ok(_) => Ok(Redirect::to("/credit/services").into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, None, unsaid(given), errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditServiceId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::CreditServiceManage)?;
            let service = credit::service(register, &who.actor, id)?;
            form_page(register, &who, Some((&service, service.version)), service.draft(), FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditServiceId>,
    form: Form,
) -> Result<Response, PageError> {
    let (draft, version, rules) = (draft_of(&form), form.number("version"), asking(&app));
    let (actor, given) = (who.actor.clone(), draft.clone());
    let changed =
        app.run(move |register| credit::change_service(register, &actor, &rules, (id, version), &draft)).await;
    let Err(error) = changed else { return Ok(Redirect::to("/credit/services").into_response()) };
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let page = app
        .run(move |register| {
            let service = credit::service(register, &who.actor, id)?;
            let version = if conflict { service.version } else { version };
            let mut page = form_page(register, &who, Some((&service, version)), unsaid(given), errors)?;
            page.conflict = conflict;
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn remove(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CreditServiceId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| credit::remove_service(register, &who.actor, id)).await?;
    Ok(Redirect::to("/credit/services"))
}
