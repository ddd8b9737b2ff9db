//! Signing in at the portal: the address, then what the message says, typed or by its link. A GET changes nothing, whoever
//! follows the link: programs that look at mail do.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::language::Language;
use seloste_ops::OpsError;
use seloste_ops::portal::{self, Visitor, Wish};
use seloste_ops::session::Token;
use serde::Deserialize;

use super::Frame;
use super::visitor::{From, Visiting, asking, begin, bind, forget, token};
use crate::App;
use crate::error::PageError;
use crate::form::{Form, safe_path};
use crate::party_form::Errors;
use crate::session::{Chosen, keep_language};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Back {
    next: String,
}

#[derive(Template)]
#[template(path = "portal/sign_in.html")]
struct AskPage {
    p: Frame,
    email: String,
    next: String,
    /// Whether passkeys are offered here.
    passkey: bool,
    f: Errors,
    problem: Option<String>,
}

async fn ask_page(
    app: &App,
    language: Language,
    (email, next): (String, String),
    (errors, throttled): (FieldErrors, Option<i64>),
) -> Result<Html<String>, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::public(register, language)?;
            let problem = throttled.map(|seconds| p.s.t.arg("portal-throttled", "minutes", (seconds + 59) / 60));
            let passkey = portal::are_passkeys_offered(register);
            Ok(AskPage { p, email, next, passkey, f: Errors::new(language, errors), problem })
        })
        .await?;
    Ok(Html(page.render()?))
}

pub(crate) async fn form(
    State(app): State<App>,
    Chosen(language): Chosen,
    Query(back): Query<Back>,
) -> Result<Response, PageError> {
    Ok(ask_page(&app, language, (String::new(), back.next), (FieldErrors::default(), None)).await?.into_response())
}

pub(crate) async fn ask(
    State(app): State<App>,
    Chosen(language): Chosen,
    From(from): From,
    form: Form,
) -> Result<Response, PageError> {
    let (email, next) = (form.text("email"), form.text("next"));
    let wish = Wish { address: email.clone(), language, back: kept_back(&next), from };
    match app.run(move |register| portal::ask(register, &wish)).await {
        Ok(token) => Ok(wait(&app, &token)),
        Err(PageError::Ops(OpsError::Throttled { seconds })) => {
            let page = ask_page(&app, language, (email, next), (FieldErrors::default(), Some(seconds))).await?;
            let wait = AppendHeaders([(RETRY_AFTER, seconds.to_string())]);
            Ok((StatusCode::TOO_MANY_REQUESTS, wait, page).into_response())
        }
        Err(error) => {
            let page = ask_page(&app, language, (email, next), (error.fields()?, None)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

pub(crate) fn kept_back(next: &str) -> String {
    if safe_path(next) { next.to_owned() } else { "/".to_owned() }
}

/// Binds the wish to the browser, and leads it to where the code is typed.
fn wait(app: &App, token: &Token) -> Response {
    (AppendHeaders([bind(&token.0, app.settings.secure)]), Redirect::to("/enter")).into_response()
}

#[derive(Template)]
#[template(path = "portal/enter.html")]
struct EnterPage {
    p: Frame,
    problem: Option<String>,
}

async fn enter_page(app: &App, language: Language, problem: Option<&'static str>) -> Result<Html<String>, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::public(register, language)?;
            Ok(EnterPage { problem: problem.map(|key| p.s.text(key)), p })
        })
        .await?;
    Ok(Html(page.render()?))
}

pub(crate) async fn enter_form(State(app): State<App>, Chosen(language): Chosen) -> Result<Response, PageError> {
    Ok(enter_page(&app, language, None).await?.into_response())
}

pub(crate) async fn enter(
    State(app): State<App>,
    Chosen(language): Chosen,
    From(from): From,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, PageError> {
    let (browser, said) = (asking(&headers, app.settings.secure), form.text("said"));
    match app.run(move |register| portal::enter(register, &browser, &said, &from)).await {
        Ok((session, who, back)) => entered(&app, &headers, &session, who, &kept_back(&back)).await,
        Err(PageError::Ops(OpsError::Link)) => {
            let page = enter_page(&app, language, Some("portal-enter-wrong")).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Gives the browser its session, ends the one that it had, and goes on in the language of the person.
pub(crate) async fn entered(
    app: &App,
    headers: &HeaderMap,
    session: &Token,
    who: Visitor,
    to: &str,
) -> Result<Response, PageError> {
    let mut response = Redirect::to(to).into_response();
    for (name, value) in session_of(app, headers, session, who).await? {
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

/// The headers that give the browser its session and the language of the person; the session that it had ends.
pub(crate) async fn session_of(
    app: &App,
    headers: &HeaderMap,
    session: &Token,
    who: Visitor,
) -> Result<Vec<(HeaderName, HeaderValue)>, PageError> {
    let secure = app.settings.secure;
    let before = token(headers, secure);
    let language = app
        .run(move |register| {
            before.map_or(Ok(()), |token| portal::end_session(register, &token))?;
            Ok(portal::show(register, &who)?.person.language(register.today()))
        })
        .await?;
    let mut set = begin(&session.0, secure).to_vec();
    set.extend(language.map(|language| keep_language(language, secure)));
    Ok(set)
}

pub(crate) async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageError> {
    let secure = app.settings.secure;
    if let Some(token) = token(&headers, secure) {
        app.run(move |register| portal::sign_out(register, &token)).await?;
    }
    Ok((AppendHeaders([forget(secure)]), Redirect::to("/sign-in")).into_response())
}

#[derive(Template)]
#[template(path = "portal/prove.html")]
struct ProvePage {
    p: Frame,
    next: String,
    /// Whether passkeys are offered here.
    passkey: bool,
    problem: Option<String>,
}

pub(crate) async fn prove_form(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(_): Visiting,
    Query(back): Query<Back>,
) -> Result<Response, PageError> {
    prove_page(&app, language, back.next, None).await
}

async fn prove_page(
    app: &App,
    language: Language,
    next: String,
    problem: Option<&'static str>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "")?;
            let passkey = portal::are_passkeys_offered(register);
            Ok(ProvePage { problem: problem.map(|key| p.s.text(key)), p, next, passkey })
        })
        .await?;
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn prove(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    From(from): From,
    form: Form,
) -> Result<Response, PageError> {
    let next = form.text("next");
    let wish = Wish { address: String::new(), language, back: kept_back(&next), from };
    match app.run(move |register| portal::prove(register, &who, &wish)).await {
        Ok(token) => Ok(wait(&app, &token)),
        Err(error) => {
            error.fields()?;
            prove_page(&app, language, next, Some("portal-prove-no-address")).await
        }
    }
}
