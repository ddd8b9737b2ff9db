//! The interfaces for programs. That of staff is beside the pages and has their rights, validators and use cases: a row of
//! `staff.rs` names the right that a route needs, and the description (OpenAPI 3.1) is made of the same handlers.

mod bearer;
mod consent;
pub mod cookie;
mod cursor;
mod input;
mod invoice;
mod limits;
mod once;
mod openapi;
mod order;
mod organisation;
pub mod partner;
mod party;
mod person;
mod problem;
mod search;
pub mod staff;

use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, SourceId};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, StoreError};
use serde::Serialize;
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

pub use limits::Rates;
pub(crate) use limits::{Limits, network};
pub use problem::ApiError;
pub(crate) use problem::answer;

use crate::App;
use crate::error::{PageError, Unrendered};
use crate::session::language_of;

/// A request of staff is an order of thousands of lines at most.
const BODY: usize = 2 * 1024 * 1024;
/// A request of a partner says something of one person.
const PARTNER_BODY: usize = 256 * 1024;
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Rows of a page when nothing is said, and at most.
const ROWS: usize = 50;
const MOST_ROWS: usize = 200;

/// What every interface has around its routes.
fn around(routes: Router<App>, app: &App, body: usize) -> Router<App> {
    routes
        .layer(DefaultBodyLimit::max(body))
        .layer(from_fn(in_time))
        .layer(CatchPanicLayer::custom(|_| PageError::Broken.into_response()))
        .layer(from_fn_with_state(app.clone(), in_words))
}

async fn in_time(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(PATIENCE, next.run(request)).await;
    answered.unwrap_or_else(|_| PageError::Slow.into_response())
}

/// Every refusal is a problem in the language of the request, whoever refused: handlers or what is below them.
async fn in_words(State(_): State<App>, request: Request, next: Next) -> Response {
    let language = language_of(None, request.headers());
    let response = next.run(request).await;
    if let Some(Unrendered(error)) = response.extensions().get::<Unrendered>() {
        return readable(answer(error, language), response.headers());
    }
    let drawn = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
    match PageError::of_status(response.status()) {
        Some(error) if !drawn => {
            let allow = response.headers().get(header::ALLOW).cloned();
            let mut problem = answer(&error, language);
            problem.headers_mut().extend(allow.map(|methods| (header::ALLOW, methods)));
            readable(problem, response.headers())
        }
        _ => response,
    }
}

/// A problem is for the same origin to read as what it takes the place of.
fn readable(mut problem: Response, before: &HeaderMap) -> Response {
    for name in [header::ACCESS_CONTROL_ALLOW_ORIGIN, header::VARY] {
        if let Some(value) = before.get(&name) {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

async fn nothing_here() -> PageError {
    PageError::NotFound
}

/// Something that has a version, which a change names.
trait Versioned: Serialize {
    fn version(&self) -> i64;
}

fn versioned(shown: impl Versioned) -> Response<Body> {
    let tag = HeaderValue::from_str(&format!("\"{}\"", shown.version()));
    let mut response = (StatusCode::OK, Json(shown)).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// A change that came too late is one whose precondition does not hold.
fn changed(outcome: seloste_ops::Result<i64>) -> Result<(), PageError> {
    match outcome {
        Ok(_) => Ok(()),
        Err(OpsError::Store(StoreError::Conflict { .. })) => Err(ApiError::OtherVersion.into()),
        Err(error) => Err(error.into()),
    }
}

fn limit(asked: Option<usize>) -> Result<usize, PageError> {
    match asked {
        None => Ok(ROWS),
        Some(rows) if (1..=MOST_ROWS).contains(&rows) => Ok(rows),
        Some(_) => Err(ApiError::Query.into()),
    }
}

fn declared(company: &str) -> Result<CompanyId, PageError> {
    company.parse().map_err(|_| ApiError::Query.into())
}

fn source(text: &str) -> Result<SourceId, PageError> {
    let undeclared = || OpsError::from(FieldErrors::from(FieldError::new("source", code::UNDECLARED)));
    Ok(text.parse().map_err(|_| undeclared())?)
}

fn user(who: &SignedIn) -> Uuid {
    who.user.id.0
}
