//! What happens to every request and every answer.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

use crate::App;
use crate::error::{PageError, Unrendered};
use crate::form::safe_path;
use crate::session::{asked_language, keep_language, language_of, token};
use crate::sign_in;

/// Forms are small; files come by their own routes.
const BODY: usize = 2 * 1024 * 1024;
const PORTAL_BODY: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_WITH_FILES: Duration = Duration::from_mins(60);

/// No script or style but our own files, no frame, no form to elsewhere.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// `same-origin` and not `no-referrer`: the latter makes browsers send `Origin: null` with our own forms.
const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("x-frame-options", "DENY"),
    ("x-robots-tag", "noindex"),
];

/// What is around the pages only.
pub(crate) fn of_pages(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(in_time))
        .layer(from_fn_with_state(app.clone(), keep_form))
        .layer(CatchPanicLayer::custom(|_| PageError::Broken.into_response()))
        .layer(from_fn_with_state(app.clone(), in_language))
}

/// What is around the pages and the interface for programs of staff.
pub(crate) fn around(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(from_fn_with_state(app.clone(), own_origin))
        .layer(from_fn_with_state(app.clone(), known_host))
        // Pages are not compressed: they hold personal data beside what the address says, and the length would tell (BREACH).
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(NotForContentType::new("text/html"))))
        .layer(from_fn_with_state(app.clone(), headers))
        .layer(from_fn(trace))
}

/// What is around the portal: a form of it is small, and one that comes without a session is not kept.
pub(crate) fn of_portal(routes: Router<App>, app: &App) -> Router<App> {
    let routes = routes
        .layer(DefaultBodyLimit::max(PORTAL_BODY))
        .layer(from_fn(in_time))
        .layer(CatchPanicLayer::custom(|_| PageError::Broken.into_response()))
        .layer(from_fn_with_state(app.clone(), in_language));
    around(routes, app)
}

/// What is around what other origins may use of the portal: the interface of the web services, and its script.
pub(crate) fn of_cookies(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(from_fn_with_state(app.clone(), known_host))
        .layer(from_fn_with_state(app.clone(), crate::api::cookie::headers))
        .layer(from_fn(trace))
}

/// What is around the interface of partners.
pub(crate) fn of_partners(routes: Router<App>, app: &App) -> Router<App> {
    routes.layer(from_fn_with_state(app.clone(), headers)).layer(from_fn(trace))
}

/// A page that takes too long is given up. A file may take its time to come, or to be made.
async fn in_time(request: Request, next: Next) -> Response {
    let files = ["/imports", "/payment-files", "/people/export"];
    let sends_file = request.method() == Method::POST && files.contains(&request.uri().path());
    let patience = if sends_file { PATIENCE_WITH_FILES } else { PATIENCE };
    let answered = tokio::time::timeout(patience, next.run(request)).await;
    answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

/// A form that comes when the session has ended is not lost: it goes through the page of signing in, and is offered to be
/// sent again. Nothing of it is stored.
async fn keep_form(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_form =
        request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    let path = request.uri().path().to_owned();
    if *request.method() != Method::POST || !is_form || !safe_path(&path) || path == "/set-up" {
        return next.run(request).await;
    }
    let had_session = token(request.headers(), app.settings.secure).is_some_and(|token| !token.is_empty());
    let language = language_of(request.uri().query(), request.headers());
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY).await else { return PageError::TooLarge.into_response() };
    let answer = next.run(Request::from_parts(parts, Body::from(body.clone()))).await;
    let led_away = answer.headers().get(header::LOCATION).is_some_and(|to| to.as_bytes().starts_with(b"/sign-in"));
    // Encoded once more it still has to fit into a form.
    if !(had_session && led_away) || body.is_empty() || body.len() > BODY / 4 {
        return answer;
    }
    sign_in::with_form(&app, language, &path, &body).await.unwrap_or_else(IntoResponse::into_response)
}

/// One line a request: method, the route and not its ids, status, time.
async fn trace(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let start = std::time::Instant::now();
    let response = next.run(request).await;
    let (status, route) = (response.status().as_u16(), route.as_ref().map_or("-", MatchedPath::as_str));
    tracing::info!(%method, route, status, millis = start.elapsed().as_millis(), "request");
    response
}

async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if app.settings.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Answers only to the names that the settings give, so that links and cookies belong to one place (PO-12). Those who
/// watch over the program may ask for its health by any name.
async fn known_host(State(app): State<App>, request: Request, next: Next) -> Response {
    let health = matches!(request.uri().path(), "/healthz" | "/readyz");
    // Cookies and passkeys belong to one name: who comes to this machine by its number is led to it.
    if let Some(to) = by_name(&app.settings.hosts, &request) {
        return axum::response::Redirect::to(&to).into_response();
    }
    let known = health || {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str));
        host.is_some_and(|host| app.settings.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)))
    };
    if known {
        return next.run(request).await;
    }
    told(&PageError::Misdirected, &request)
}

/// A form can only be sent from a page of this program: by the browser's own word, and by the origin it names. Together
/// with SameSite cookies this is the protection against forged requests.
async fn own_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    if is_own(request.headers(), &app.settings.hosts) {
        return next.run(request).await;
    }
    told(&PageError::Foreign, &request)
}

/// Where a page is found by the name of this machine, when it was asked for by its number.
fn by_name(hosts: &[String], request: &Request) -> Option<String> {
    let [own, other] = hosts else { return None };
    let asked = request.headers().get(header::HOST)?.to_str().ok()?;
    let is_page = *request.method() == Method::GET && !request.uri().path().starts_with("/assets/");
    let leads = is_page && own.starts_with("localhost") && asked.eq_ignore_ascii_case(other);
    leads.then(|| format!("http://{own}{}", request.uri()))
}

/// A refusal for a person, or for a program.
fn told(error: &PageError, request: &Request) -> Response {
    let language = language_of(request.uri().query(), request.headers());
    let program = request.uri().path().starts_with(crate::api::staff::BASE);
    if program { crate::api::answer(error, language) } else { error.page(language) }
}

fn is_own(headers: &HeaderMap, hosts: &[String]) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    let origin = text("origin").is_none_or(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host.is_some_and(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host)))
    });
    site && origin
}

/// Renders errors in the language of the request, and keeps a language that was asked for by the address.
async fn in_language(State(app): State<App>, request: Request, next: Next) -> Response {
    let language = language_of(request.uri().query(), request.headers());
    let asked = asked_language(request.uri().query());
    let mut response = next.run(request).await;
    let drawn = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        // JSON is what a script of ours asked for.
        [&b"text/html"[..], b"application/json"].iter().any(|drawn| kind.as_bytes().starts_with(drawn))
    });
    if let Some(Unrendered(error)) = response.extensions().get::<Unrendered>() {
        response = error.page(language);
    } else if let (Some(error), false) = (PageError::of_status(response.status()), drawn) {
        let allow = response.headers().get(header::ALLOW).cloned();
        response = error.page(language);
        response.headers_mut().extend(allow.map(|methods| (header::ALLOW, methods)));
    }
    if let Some(language) = asked {
        let (name, value) = keep_language(language, app.settings.secure);
        response.headers_mut().append(name, value);
    }
    response
}
