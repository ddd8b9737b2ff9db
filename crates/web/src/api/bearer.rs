//! Who sends a request: by the token in `Authorization: Bearer`. Nothing under an interface answers anything else to
//! somebody who shows none than that they show none, whether it is there or not.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use seloste_domain::id::TokenId;
use seloste_domain::token::Audience;
use seloste_ops::exchange::{self, Visitor};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, token};

use super::problem::ApiError;
use crate::App;
use crate::error::PageError;
use crate::serve::origin;

/// The member of staff whose program asks.
#[derive(Clone)]
pub(crate) struct Bearer(pub(crate) SignedIn);

impl FromRequestParts<App> for Bearer {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        parts.extensions.get::<Self>().cloned().ok_or(PageError::Api(ApiError::Token))
    }
}

/// The partner whose program asks.
#[derive(Clone)]
pub(crate) struct Guest(pub(crate) Visitor);

impl FromRequestParts<App> for Guest {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        parts.extensions.get::<Self>().cloned().ok_or(PageError::Api(ApiError::Token))
    }
}

/// Lets in partners that show a good token and may receive something today.
pub(crate) async fn partner(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let recognise = |register: &Register, secret: &str, from: Option<IpAddr>| {
        Ok(exchange::recognise(register, secret, from)?.map(|visitor| (visitor.token, visitor)))
    };
    match recognised(&app, &parts, recognise).await {
        Ok(visitor) => {
            parts.extensions.insert(Guest(visitor));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    }
}

/// Lets in those who show a good token.
pub(crate) async fn staff(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match recognised(&app, &parts, token::recognise).await {
        Ok(who) => {
            parts.extensions.insert(Bearer(who));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    }
}

async fn recognised<T: Send + 'static>(
    app: &App,
    parts: &Parts,
    recognise: impl Fn(&Register, &str, Option<IpAddr>) -> seloste_ops::Result<Option<(TokenId, T)>> + Send + 'static,
) -> Result<T, PageError> {
    let from = came_from(app, parts);
    app.limits.address(from)?;
    not_in_the_address(app, parts.uri.query()).await?;
    let found = match bearer(&parts.headers) {
        Some(secret) => app.run(move |register| recognise(register, &secret, from)).await?,
        None => None,
    };
    let Some((id, who)) = found else {
        app.limits.refused(from)?;
        app.run(token::note_refused).await?;
        return Err(ApiError::Token.into());
    };
    app.limits.token(id)?;
    Ok(who)
}

fn came_from(app: &App, parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    origin(peer, &parts.headers, &app.settings.proxies)
}

/// The token of the one `Authorization` header.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// A token in the address is in the history of browsers and in the logs of proxies: it is ended.
async fn not_in_the_address(app: &App, query: Option<&str>) -> Result<(), PageError> {
    let values = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let found = values.map(|(_, value)| value.into_owned()).find(|value| Audience::ALL.iter().any(|a| a.is_of(value)));
    let Some(secret) = found else { return Ok(()) };
    app.run(move |register| token::exposed(register, &secret)).await?;
    Err(ApiError::TokenInAddress.into())
}
