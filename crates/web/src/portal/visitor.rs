//! Who is signed in at the portal, by a cookie that means nothing to the pages of staff.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use seloste_ops::OpsError;
use seloste_ops::portal::{self, Visitor};

use crate::App;
use crate::error::PageError;
use crate::form;
use crate::serve::origin;
use crate::session::{cookie, set};

/// Somebody who is signed in at the portal. Where nobody is, the request is led to its sign-in page.
pub(crate) struct Visiting(pub(crate) Visitor);

/// The network that a request comes from, as the limits name it.
pub(crate) struct From(pub(crate) String);

/// The cookies' names. Over https the prefix keeps other hosts and plain http from setting them.
const fn names(secure: bool) -> (&'static str, &'static str) {
    if secure {
        ("__Host-seloste-portal", "__Host-seloste-portal-ask")
    } else {
        ("seloste-portal", "seloste-portal-ask")
    }
}

/// The name of what leads a browser to the receipts of an erasure.
const fn receipts_name(secure: bool) -> &'static str {
    if secure { "__Host-seloste-portal-receipts" } else { "seloste-portal-receipts" }
}

/// What this browser holds that leads to receipts.
pub(crate) fn receipts(headers: &HeaderMap, secure: bool) -> Option<String> {
    cookie(headers, receipts_name(secure))
}

/// The header that leads this browser to receipts, for a day.
pub(crate) fn keep_receipts(key: &str, secure: bool) -> (HeaderName, HeaderValue) {
    set(receipts_name(secure), key, secure, "; Max-Age=86400")
}

/// Leads to the page of a fresh proof when that is what is missing, and from there to `next`.
pub(crate) fn or_prove(error: PageError, next: &str) -> Result<Response, PageError> {
    match error {
        PageError::Ops(OpsError::NotFresh) => Ok(Redirect::to(&format!("/prove?next={next}")).into_response()),
        other => Err(other),
    }
}

/// The token of the session's cookie.
pub(crate) fn token(headers: &HeaderMap, secure: bool) -> Option<String> {
    cookie(headers, names(secure).0).filter(|token| !token.is_empty())
}

/// What the browser holds that asked to sign in.
pub(crate) fn asking(headers: &HeaderMap, secure: bool) -> String {
    cookie(headers, names(secure).1).unwrap_or_default()
}

/// The headers that begin a session: its token, and the wish is over.
pub(crate) fn begin(token: &str, secure: bool) -> [(HeaderName, HeaderValue); 2] {
    [set(names(secure).0, token, secure, ""), set(names(secure).1, "", secure, "; Max-Age=0")]
}

/// The header that binds a wish to this browser.
pub(crate) fn bind(token: &str, secure: bool) -> (HeaderName, HeaderValue) {
    set(names(secure).1, token, secure, "; Max-Age=600")
}

/// The name of what binds the answer of a passkey to the browser that asked for it.
const fn passkey_name(secure: bool) -> &'static str {
    if secure { "__Host-seloste-portal-passkey" } else { "seloste-portal-passkey" }
}

/// What this browser holds that a passkey was asked for.
pub(crate) fn passkey_browser(headers: &HeaderMap, secure: bool) -> String {
    cookie(headers, passkey_name(secure)).unwrap_or_default()
}

/// The header that binds what a passkey is asked for to this browser.
pub(crate) fn bind_passkey(token: &str, secure: bool) -> (HeaderName, HeaderValue) {
    set(passkey_name(secure), token, secure, "; Max-Age=300")
}

/// The header that takes the session away.
pub(crate) fn forget(secure: bool) -> (HeaderName, HeaderValue) {
    set(names(secure).0, "", secure, "; Max-Age=0")
}

impl FromRequestParts<App> for Visiting {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let found = match token(&parts.headers, app.settings.secure) {
            Some(token) => app.run(move |register| portal::resume(register, &token)).await?,
            None => None,
        };
        found.map(Self).ok_or_else(|| {
            let back = (parts.method == Method::GET).then(|| parts.uri.path().to_owned());
            PageError::SignIn(back.filter(|path| path != "/" && form::safe_path(path)))
        })
    }
}

impl FromRequestParts<App> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        let from = origin(peer, &parts.headers, &app.settings.proxies);
        Ok(Self(from.map_or_else(|| "local".to_owned(), |from| crate::api::network(from).to_string())))
    }
}
