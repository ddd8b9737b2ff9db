//! Signing in and out, and the one-time link by which an account's person sets a password.

use std::net::SocketAddr;

use askama::Template;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::language::Language;
use seloste_ops::session::{self, SignedIn, Token};
use seloste_ops::{OpsError, Register, user};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::{Form, safe_path};
use crate::party_form::Errors;
use crate::serve::origin;
use crate::session::{Chosen, forget, keep, keep_language, token};
use crate::shell::Shell;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Back {
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    s: Shell,
    login: String,
    next: String,
    problem: Option<String>,
    kept: Kept,
}

/// A form that was sent when the session had ended: it goes through the page of signing in and is offered again.
#[derive(Clone, Debug, Default)]
struct Kept {
    path: String,
    form: String,
}

impl Kept {
    fn of(form: &Form) -> Self {
        Self { path: form.text("kept_path"), form: form.text("kept_form") }
    }
}

#[derive(Template)]
#[template(path = "resume.html")]
struct ResumePage {
    s: Shell,
    path: String,
    fields: Vec<(String, String)>,
}

/// The page of signing in, with a form that was sent without a session.
pub(crate) async fn with_form(app: &App, language: Language, path: &str, form: &[u8]) -> Result<Response, PageError> {
    let kept = Kept { path: path.to_owned(), form: String::from_utf8_lossy(form).into_owned() };
    let page = app
        .run(move |register| {
            let s = Shell::public(register, language)?;
            let problem = Some(s.text("session-ended"));
            Ok(SignInPage { s, login: String::new(), next: String::new(), problem, kept })
        })
        .await?;
    Ok((StatusCode::UNAUTHORIZED, Html(page.render()?)).into_response())
}

pub(crate) async fn form(
    State(app): State<App>,
    Chosen(language): Chosen,
    Query(back): Query<Back>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::public(register, language)?;
            Ok(SignInPage { s, login: String::new(), next: back.next, problem: None, kept: Kept::default() })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn sign_in(
    State(app): State<App>,
    Chosen(language): Chosen,
    headers: HeaderMap,
    connect: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    form: Form,
) -> Result<Response, PageError> {
    let kept = Kept::of(&form);
    let (login, password, next) = (form.text("login"), form.text("password"), form.text("next"));
    let peer = connect.map(|axum::Extension(ConnectInfo(peer))| peer);
    let from =
        origin(peer, &headers, &app.settings.proxies).map_or_else(|| "local".to_owned(), |from| from.to_string());
    let (typed, before) = (login.clone(), token(&headers, app.settings.secure));
    let sign_in = move |register: &Register| {
        let begun = session::sign_in(register, &login, &password, &from)?;
        // The browser forgets the session it had; so does the register.
        before.map_or(Ok(()), |token| session::sign_out(register, &token))?;
        Ok(begun)
    };
    match app.run(sign_in).await {
        Ok((token, who)) if safe_path(&kept.path) => {
            let fields = Form::parse(kept.form.as_bytes())?.into_pairs();
            let headers = started(&app, &token, &who);
            let page = app
                .run(move |register| {
                    Ok(ResumePage { s: Shell::public(register, who.language)?, path: kept.path, fields })
                })
                .await?;
            Ok((headers, Html(page.render()?)).into_response())
        }
        Ok((token, who)) => {
            let to = if safe_path(&next) { next } else { "/".to_owned() };
            Ok(begun(&app, &token, &who, &to))
        }
        Err(PageError::Ops(error @ (OpsError::SignIn | OpsError::Throttled { .. }))) => {
            let (status, wait) = match error {
                OpsError::Throttled { seconds } => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
                _ => (StatusCode::UNAUTHORIZED, None),
            };
            let page = app
                .run(move |register| {
                    let s = Shell::public(register, language)?;
                    let problem = match error {
                        OpsError::Throttled { seconds } => s.t.arg("sign-in-throttled", "seconds", seconds),
                        _ => s.text("sign-in-wrong"),
                    };
                    Ok(SignInPage { s, login: typed, next, problem: Some(problem), kept })
                })
                .await?;
            let wait = wait.map(|seconds| (RETRY_AFTER, seconds.to_string()));
            Ok((status, AppendHeaders(wait), Html(page.render()?)).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Gives the browser its session and leads it on.
pub(crate) fn begun(app: &App, token: &Token, who: &SignedIn, to: &str) -> Response {
    (started(app, token, who), Redirect::to(to)).into_response()
}

fn started(app: &App, token: &Token, who: &SignedIn) -> AppendHeaders<[(HeaderName, HeaderValue); 2]> {
    let secure = app.settings.secure;
    AppendHeaders([keep(&token.0, secure), keep_language(who.language, secure)])
}

pub(crate) async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageError> {
    if let Some(token) = token(&headers, app.settings.secure) {
        app.run(move |register| session::sign_out(register, &token)).await?;
    }
    Ok((AppendHeaders([forget(app.settings.secure)]), Redirect::to("/sign-in")).into_response())
}

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    s: Shell,
    token: String,
    f: Errors,
    problem: bool,
}

pub(crate) async fn set_up_form(State(app): State<App>, Chosen(language): Chosen) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::public(register, language)?;
            Ok(SetUpPage { s, token: String::new(), f: Errors::none(language), problem: false })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn set_up(
    State(app): State<App>,
    Chosen(language): Chosen,
    form: Form,
) -> Result<Response, PageError> {
    let (link, password) = (form.text("token"), form.text("password"));
    // A whole link that was pasted is as good as its token.
    let link = link.rsplit('#').next().unwrap_or_default().trim().to_owned();
    let typed = link.clone();
    let (errors, problem) = match app.run(move |register| user::set_up(register, &link, &password)).await {
        Ok((token, who)) => return Ok(begun(&app, &token, &who, "/")),
        Err(PageError::Ops(OpsError::Link)) => (FieldErrors::default(), true),
        Err(error) => (error.fields()?, false),
    };
    let page = app
        .run(move |register| {
            let s = Shell::public(register, language)?;
            Ok(SetUpPage { s, token: typed, f: Errors::new(language, errors), problem })
        })
        .await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}
