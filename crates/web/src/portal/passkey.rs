//! Passkeys: signing in by one, and one's own: adding and removing them. What the browser and the authenticator say to each other
//! needs a script (`assets/portal.js`); without it the message with its link is there.

use askama::Template;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use seloste_domain::id::PasskeyId;
use seloste_domain::language::Language;
use seloste_ops::OpsError;
use seloste_ops::portal::{self, PasskeyAsked};
use serde::{Deserialize, Serialize};

use super::Frame;
use super::sign_in::{kept_back, session_of};
use super::visitor::{From, Visiting, bind_passkey, passkey_browser};
use crate::App;
use crate::error::PageError;
use crate::session::Chosen;
use crate::text::Texts;

/// What the script does next: where it goes, or what it tells.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Next {
    To(String),
    Problem(String),
}

/// An answer of an authenticator, as the browser writes it down.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    answer: serde_json::Value,
    /// Where to go on after signing in.
    #[serde(default)]
    next: String,
    /// What a new passkey is called.
    #[serde(default)]
    name: String,
}

/// The options for the browser, and what binds its answer to it.
fn asked(app: &App, asked: PasskeyAsked) -> Response {
    let set = bind_passkey(&asked.browser.0, app.settings.secure);
    (AppendHeaders([set]), [(CONTENT_TYPE, "application/json")], asked.options).into_response()
}

/// What is wrong, for the script to tell.
fn problem(language: Language, error: PageError) -> Result<Response, PageError> {
    let texts = Texts(language);
    let (status, text) = match error {
        PageError::Ops(OpsError::Link) => (StatusCode::UNPROCESSABLE_ENTITY, texts.get("passkey-wrong")),
        PageError::Ops(OpsError::Throttled { seconds }) => {
            let text = texts.arg("portal-throttled", "minutes", (seconds + 59) / 60);
            let wait = AppendHeaders([(RETRY_AFTER, seconds.to_string())]);
            return Ok((StatusCode::TOO_MANY_REQUESTS, wait, Json(Next::Problem(text))).into_response());
        }
        PageError::Ops(OpsError::NotFresh) => {
            return Ok(Json(Next::To("/prove?next=/passkeys".into())).into_response());
        }
        error => {
            let errors = error.fields()?;
            let text = errors.0.iter().map(|error| texts.field_error(error)).collect::<Vec<_>>().join(" ");
            (StatusCode::UNPROCESSABLE_ENTITY, text)
        }
    };
    Ok((status, Json(Next::Problem(text))).into_response())
}

pub(crate) async fn ask_to_enter(
    State(app): State<App>,
    Chosen(language): Chosen,
    From(from): From,
) -> Result<Response, PageError> {
    match app.run(move |register| portal::ask_to_enter_by_passkey(register, &from)).await {
        Ok(options) => Ok(asked(&app, options)),
        Err(error) => problem(language, error),
    }
}

pub(crate) async fn enter(
    State(app): State<App>,
    Chosen(language): Chosen,
    From(from): From,
    headers: HeaderMap,
    Json(said): Json<Answer>,
) -> Result<Response, PageError> {
    let (browser, answer) = (passkey_browser(&headers, app.settings.secure), said.answer.to_string());
    match app.run(move |register| portal::enter_by_passkey(register, &browser, &answer, &from)).await {
        Ok((token, who)) => {
            let set = session_of(&app, &headers, &token, who).await?;
            let mut response = Json(Next::To(kept_back(&said.next))).into_response();
            for (name, value) in set {
                response.headers_mut().append(name, value);
            }
            Ok(response)
        }
        Err(error) => problem(language, error),
    }
}

/// A passkey as it is listed.
struct Row {
    id: PasskeyId,
    name: String,
    added: String,
    used: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/passkeys.html")]
struct PasskeysPage {
    p: Frame,
    passkeys: Vec<Row>,
    offered: bool,
    done: Option<String>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "passkeys")?;
            let row = |passkey: seloste_domain::passkey::Passkey| Row {
                id: passkey.id,
                added: p.s.time(&passkey.created_at),
                used: passkey.used_at.map(|at| p.s.time(&at)),
                name: passkey.name,
            };
            let done = match query.as_deref() {
                Some("added") => Some(p.s.text("passkey-added")),
                Some("removed") => Some(p.s.text("passkey-removed")),
                _ => None,
            };
            Ok(PasskeysPage {
                passkeys: portal::passkeys(register, &who)?.into_iter().map(row).collect(),
                offered: portal::are_passkeys_offered(register),
                done,
                p,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn ask_to_add(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    match app.run(move |register| portal::ask_to_add_passkey(register, &who)).await {
        Ok(options) => Ok(asked(&app, options)),
        Err(error) => problem(language, error),
    }
}

pub(crate) async fn add(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    headers: HeaderMap,
    Json(said): Json<Answer>,
) -> Result<Response, PageError> {
    let (browser, answer) = (passkey_browser(&headers, app.settings.secure), said.answer.to_string());
    let added = app.run(move |register| portal::add_passkey(register, &who, &browser, (&said.name, &answer))).await;
    match added {
        Ok(()) => Ok(Json(Next::To("/passkeys?added".into())).into_response()),
        Err(error) => problem(language, error),
    }
}

pub(crate) async fn remove(
    State(app): State<App>,
    Visiting(who): Visiting,
    Path(id): Path<PasskeyId>,
) -> Result<Response, PageError> {
    app.run(move |register| portal::remove_passkey(register, &who, id)).await?;
    Ok(Redirect::to("/passkeys?removed").into_response())
}
