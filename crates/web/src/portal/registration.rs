//! The public form of registration, and confirming it. What it answers never depends on whether an address is known.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::draft::{DraftAddress, DraftText};
use seloste_domain::field::FieldErrors;
use seloste_domain::language::Language;
use seloste_domain::notice::render;
use seloste_domain::person::PersonDraft;
use seloste_ops::{OpsError, consent, registration};

use super::Frame;
use super::visitor::From;
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::session::Chosen;

/// Consents that are read of a form.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "portal/register.html")]
struct RegisterPage {
    p: Frame,
    draft: PersonDraft,
    address: DraftAddress,
    email: String,
    telephone: String,
    languages: Vec<Choice>,
    stamp: String,
    notice: String,
    consents: Vec<Box>,
    f: Errors,
}

/// A consent that can be ticked.
struct Box {
    /// The matter, and by what its wording is known again.
    value: String,
    statement: String,
    terms: String,
    ticked: bool,
}

async fn page(
    app: &App,
    language: Language,
    (draft, ticked): (PersonDraft, Vec<String>),
    errors: FieldErrors,
) -> Result<Html<String>, PageError> {
    let page = app
        .run(move |register| {
            let boxes = registration::asked(register, language)?.into_iter().map(|(matter, wording)| {
                let value = format!("{matter} {}", consent::mark(&wording));
                Box { ticked: ticked.contains(&value), value, statement: wording.statement, terms: wording.terms }
            });
            let chosen = if draft.language.is_empty() { language.tag() } else { &draft.language };
            let languages = Language::ALL.map(|one| Choice {
                value: one.tag().into(),
                text: one.own_name().into(),
                selected: chosen == one.tag(),
            });
            let first = |rows: &[DraftText]| rows.first().map(|row| row.text.clone()).unwrap_or_default();
            Ok(RegisterPage {
                address: draft.addresses.first().cloned().unwrap_or_default(),
                email: first(&draft.emails),
                telephone: first(&draft.telephones),
                languages: languages.into(),
                stamp: registration::stamp(register)?,
                notice: render::to_html(&render::document(&*register.notice()?, language)),
                consents: boxes.collect(),
                f: Errors::new(language, errors),
                p: Frame::public(register, language)?,
                draft,
            })
        })
        .await?;
    Ok(Html(page.render()?))
}

pub(crate) async fn form(State(app): State<App>, Chosen(language): Chosen) -> Result<Response, PageError> {
    Ok(page(&app, language, (PersonDraft::default(), Vec::new()), FieldErrors::default()).await?.into_response())
}

#[derive(Template)]
#[template(path = "portal/told.html")]
struct ToldPage {
    p: Frame,
    title: String,
    text: String,
}

async fn told(
    app: &App,
    language: Language,
    (title, text): (&'static str, &'static str),
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::public(register, language)?;
            Ok(ToldPage { title: p.s.text(title), text: p.s.text(text), p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn register(
    State(app): State<App>,
    Chosen(language): Chosen,
    From(from): From,
    form: Form,
) -> Result<Response, PageError> {
    let draft = PersonDraft {
        given: form.text("given"),
        family: form.text("family"),
        language: form.text("language"),
        emails: form.texts("emails").into_iter().take(1).collect(),
        telephones: form.texts("telephones").into_iter().take(1).collect(),
        addresses: form.addresses("addresses").into_iter().take(1).collect(),
        ..PersonDraft::default()
    };
    let ticked: Vec<String> = form.all("consents").into_iter().take(MOST).collect();
    let sent = registration::Sent {
        draft: draft.clone(),
        stamp: form.text("stamp"),
        trap: form.text("website"),
        from,
        language,
        consents: ticked
            .iter()
            .filter_map(|value| value.split_once(' '))
            .map(|(matter, mark)| (matter.into(), mark.into()))
            .collect(),
    };
    match app.run(move |register| registration::register(register, &sent)).await {
        Ok(()) => told(&app, language, ("portal-register-sent", "portal-register-sent-help")).await,
        Err(error) => {
            let errors = error.fields()?;
            let page = page(&app, language, (draft, ticked), errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "portal/confirm.html")]
struct ConfirmPage {
    p: Frame,
    problem: bool,
}

async fn confirm_page(app: &App, language: Language, problem: bool) -> Result<Html<String>, PageError> {
    let page = app.run(move |register| Ok(ConfirmPage { p: Frame::public(register, language)?, problem })).await?;
    Ok(Html(page.render()?))
}

pub(crate) async fn confirm_form(State(app): State<App>, Chosen(language): Chosen) -> Result<Response, PageError> {
    Ok(confirm_page(&app, language, false).await?.into_response())
}

pub(crate) async fn confirm(
    State(app): State<App>,
    Chosen(language): Chosen,
    From(from): From,
    form: Form,
) -> Result<Response, PageError> {
    let said = form.text("said");
    match app.run(move |register| registration::confirm(register, &said, &from)).await {
        Ok(()) => told(&app, language, ("portal-confirmed", "portal-confirmed-help")).await,
        Err(PageError::Ops(OpsError::Link)) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, confirm_page(&app, language, true).await?).into_response())
        }
        Err(error) => Err(error),
    }
}
