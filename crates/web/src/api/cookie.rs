//! The interface that the web services of the companies call from the browsers of their visitors, and the script that does so, on
//! the listener of the portal. It is asked from other origins, without cookies and by nobody who is signed in: each request is held
//! to the origins that the company has set, to its size, and to a number of requests by network. No address is kept.

use std::collections::HashMap;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use seloste_domain::cookie::{ChoiceDraft, EventKind, MONTHS};
use seloste_domain::language::Language;
use seloste_domain::notice::CookieUse;
use seloste_ops::cookie::{self, CookieRefused, Site};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::input::{Input, Parameters};
use super::problem::ApiError;
use super::{around, nothing_here, openapi};
use crate::App;
use crate::error::PageError;
use crate::portal::From;
use crate::routes::Route;

/// Where the interface begins.
pub const BASE: &str = "/cookies/v1";
/// The script, as it is served.
pub const SCRIPT: &str = include_str!("../../assets/cookies.js");
/// A choice or an event is a few words.
const BODY: usize = 4 * 1024;
/// How long browsers may keep a text or a script: a change of the notice or of the program is there after so long.
const AGE: &str = "public, max-age=300";

macro_rules! routes {
    ($($method:ident $path:literal => $handler:ident;)*) => {
        /// The table; paths stand below [`BASE`]. Every route is for anybody at an origin of the company.
        pub const ROUTES: &[Route] =
            &[$(Route { method: stringify!($method), path: $path, access: crate::routes::Access::Public }),*];

        fn described() -> OpenApiRouter<App> {
            OpenApiRouter::with_openapi(openapi::cookies())$(.routes(utoipa_axum::routes!($handler)))*
        }
    };
}

routes! {
    GET "/{company}/wording" => wording;
    POST "/{company}/choices" => choose;
    POST "/{company}/withdrawals" => withdraw;
    POST "/{company}/events" => tell;
}

/// The interface with what is around it, and the script.
pub(crate) fn router(app: &App) -> Router<App> {
    let (routes, _) = described().split_for_parts();
    let routes = routes.fallback(nothing_here).layer(from_fn_with_state(app.clone(), cross_origin));
    let whole = Router::new()
        .nest(BASE, routes)
        .route("/cookies/openapi.json", get(description))
        .route("/cookies.js", get(script));
    around(whole, app, BODY)
}

async fn description() -> Response {
    Json(document()).into_response()
}

/// The interface's description (OpenAPI 3.1).
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, document) = described().split_for_parts();
    openapi::complete_public(document)
}

async fn script() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, AGE)];
    (headers, SCRIPT).into_response()
}

/// Who may ask: browsers on pages of the company's web services. A request of a browser to another origin always names where it comes
/// from (Fetch 3.2); what changes something must name it.
async fn cross_origin(
    State(app): State<App>,
    From(from): From,
    path: Option<Path<HashMap<String, String>>>,
    mut request: Request,
    next: Next,
) -> Response {
    match let_in(&app, &from, path, &mut request).await {
        Err(error) => error.into_response(),
        Ok(None) => next.run(request).await,
        Ok(Some(origin)) => {
            let response = if request.method() == Method::OPTIONS {
                (StatusCode::NO_CONTENT, PREFLIGHT).into_response()
            } else {
                next.run(request).await
            };
            allowing(response, origin)
        }
    }
}

/// What a browser may send, and how long it may know.
const PREFLIGHT: [(header::HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];

async fn let_in(
    app: &App,
    from: &str,
    path: Option<Path<HashMap<String, String>>>,
    request: &mut Request,
) -> Result<Option<HeaderValue>, PageError> {
    // What is told of pages does not use up the room for choosing and taking back.
    let what = request.uri().path().rsplit('/').next().unwrap_or_default();
    app.limits.visitor(&format!("{what} {from}"))?;
    let Some(company) = path.and_then(|Path(mut named)| named.remove("company")) else { return Ok(None) };
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        // The text is for everybody; a page of this program itself asks for it without an origin.
        let reads = request.method() == Method::GET;
        return if reads { Ok(None) } else { Err(PageError::Ops(CookieRefused::Origin.into())) };
    };
    let named = origin.to_str().unwrap_or_default().to_owned();
    let site = app.run(move |register| cookie::site(register, &company, &named)).await?;
    request.extensions_mut().insert(site);
    Ok(Some(origin))
}

/// The origin may read the answer; without cookies, since none of ours are sent across sites.
fn allowing(mut response: Response, origin: HeaderValue) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// The web service that the layer has found. Without it nothing is changed.
struct Known(Site);

impl axum::extract::FromRequestParts<App> for Known {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &App) -> Result<Self, PageError> {
        let site = parts.extensions.get::<Site>().cloned();
        site.map(Self).ok_or_else(|| PageError::Ops(CookieRefused::Origin.into()))
    }
}

/// In which language the text is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WordingParameters {
    /// `fi`, `sv` or `en`. Left out: Finnish.
    lang: Option<String>,
}

/// A use that is asked about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Use {
    /// Its name in choices: `statistics` or `targeted_content`.
    #[serde(rename = "use")]
    name_of_use: &'static str,
    /// Its name for people.
    name: &'static str,
    /// What happens when it is allowed.
    help: &'static str,
}

/// Everything that the dialog says, and what a choice of it names.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Words {
    /// The language of the texts.
    language: &'static str,
    /// The version of the text, which a choice names: SHA-256 of language and words.
    text_version: String,
    /// How many months a refusal is remembered.
    months: i64,
    /// Whether the request had the signal of Global Privacy Control (`Sec-GPC: 1`).
    gpc: bool,
    /// The uses that are asked about; none: nothing is asked.
    uses: Vec<Use>,
    title: &'static str,
    text: String,
    accept: &'static str,
    refuse: &'static str,
    choose: &'static str,
    save: &'static str,
    settings: &'static str,
    close: &'static str,
    signal: &'static str,
    number: &'static str,
    failed: &'static str,
    notice: &'static str,
    /// The privacy notice.
    notice_url: String,
}

fn has_signal(headers: &HeaderMap) -> bool {
    headers.get("sec-gpc").is_some_and(|value| value == "1")
}

/// The text that visitors are asked with, from the notice in force
#[utoipa::path(get, path = "/{company}/wording", tag = "asking", operation_id = "wording",
    params(("company" = String, Path, description = "The company's short name in the notice"), WordingParameters),
    responses((status = 200, description = "The text", body = Words)))]
async fn wording(
    State(app): State<App>,
    Path(company): Path<String>,
    Parameters(parameters): Parameters<WordingParameters>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let language = parameters.lang.map_or(Ok(Language::Fi), |tag| tag.parse());
    let language: Language = language.map_err(|_| PageError::Api(ApiError::Query))?;
    let gpc = has_signal(&headers);
    let words = app
        .run(move |register| {
            let words = cookie::wording(register, &company, language)?;
            let base = register.portal().unwrap_or_default();
            let used = |asked: &seloste_domain::cookie::UseWording| Use {
                name_of_use: asked.cookie.as_str(),
                name: asked.name,
                help: asked.help,
            };
            Ok(Words {
                language: language.tag(),
                text_version: words.version(),
                months: MONTHS,
                gpc,
                uses: words.uses.iter().map(used).collect(),
                title: words.title,
                text: words.text,
                accept: words.accept,
                refuse: words.refuse,
                choose: words.choose,
                save: words.save,
                settings: words.settings,
                close: words.close,
                signal: words.signal,
                number: words.number,
                failed: words.failed,
                notice: words.notice,
                notice_url: format!("{base}/notice?lang={}", language.tag()),
            })
        })
        .await?;
    let headers = [(header::CACHE_CONTROL, AGE), (header::VARY, "sec-gpc")];
    Ok((headers, Json(words)).into_response())
}

/// What a visitor allows.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// The uses that are allowed, at least one; the others are refused. A refusal of all is not sent: nothing of it is kept.
    #[schema(min_items = 1, max_items = 8)]
    allowed: Vec<String>,
    /// `text_version` of the text that was shown.
    #[schema(max_length = 64)]
    text: String,
    /// `banner`: the visitor was asked; `settings`: they opened the settings by themself.
    #[schema(max_length = 20)]
    way: String,
    /// The number of the choice that this one takes the place of.
    #[schema(max_length = 64)]
    before: Option<String>,
}

/// A choice that was kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Kept {
    /// The visitor's number. It is told once; only its hash is kept.
    visitor: String,
    /// When it was made.
    given_at: String,
    /// From when on it holds no longer.
    expires_at: String,
}

/// Keeps what a visitor allows
#[utoipa::path(post, path = "/{company}/choices", tag = "choosing", operation_id = "choose",
    params(("company" = String, Path, description = "The company's short name in the notice")), request_body = Choice,
    responses((status = 201, description = "It was kept", body = Kept)))]
async fn choose(
    State(app): State<App>,
    Known(site): Known,
    headers: HeaderMap,
    input: Input<Choice>,
) -> Result<Response, PageError> {
    let given = input.value;
    let allowed: Result<Vec<CookieUse>, _> = given.allowed.iter().map(|name| name.parse()).collect();
    let allowed = allowed.map_err(|_| PageError::Ops(CookieRefused::Undeclared.into()))?;
    let draft = ChoiceDraft { allowed, text: given.text, way: given.way, has_signal: has_signal(&headers) };
    let kept = app.run(move |register| cookie::choose(register, &site, &draft, given.before.as_deref())).await?;
    let (given_at, expires_at) = (kept.choice.given_at.to_string(), kept.choice.expires_at.to_string());
    Ok((StatusCode::CREATED, Json(Kept { visitor: kept.visitor, given_at, expires_at })).into_response())
}

/// Whose choice is taken back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdrawal {
    /// The visitor's number.
    #[schema(max_length = 64)]
    visitor: String,
}

/// Takes a choice back, with every event under it. The answer is the same for a number that nobody has
#[utoipa::path(post, path = "/{company}/withdrawals", tag = "choosing", operation_id = "withdraw",
    params(("company" = String, Path, description = "The company's short name in the notice")), request_body = Withdrawal,
    responses((status = 204, description = "Nothing is kept under the number")))]
async fn withdraw(State(app): State<App>, Known(site): Known, input: Input<Withdrawal>) -> Result<Response, PageError> {
    app.run(move |register| cookie::withdraw(register, &site, &input.value.visitor)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Something that happened on a page.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// The visitor's number.
    #[schema(max_length = 64)]
    visitor: String,
    /// `page_seen` or `order_sent` (statistics), `product_seen` or `basket_filled` (targeted content).
    #[schema(max_length = 40)]
    kind: String,
    /// The path of the page, without query. What may be somebody's in it is kept as `*`.
    #[schema(max_length = 200)]
    path: String,
}

/// Keeps an event, if a choice in force covers it
#[utoipa::path(post, path = "/{company}/events", tag = "telling", operation_id = "tell",
    params(("company" = String, Path, description = "The company's short name in the notice")), request_body = Event,
    responses((status = 204, description = "It was kept")))]
async fn tell(State(app): State<App>, Known(site): Known, input: Input<Event>) -> Result<Response, PageError> {
    let event = input.value;
    let kind: EventKind = event.kind.parse().map_err(|_| PageError::Api(ApiError::Body("kind".into())))?;
    app.run(move |register| cookie::tell(register, &site, &event.visitor, kind, &event.path)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The headers of what other origins may use: a script and JSON.
pub(crate) async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-robots-tag", "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.settings.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::SCRIPT;

    #[test]
    fn the_script_is_small_and_asks_nobody_else() {
        assert!(SCRIPT.len() < 10_000, "{} bytes", SCRIPT.len());
        for word in
            ["http://", "https://", "localStorage", "sessionStorage", "indexedDB", "eval(", "innerHTML", "Function("]
        {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }
}
