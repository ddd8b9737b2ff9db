//! Who is signed in, by the session's cookie; and the language of a page.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use seloste_domain::language::Language;
use seloste_ops::session::{self, SignedIn};

use crate::error::PageError;
use crate::{App, form};

/// Somebody who is signed in. Where nobody is, the request is led to the sign-in page.
pub(crate) struct Signed(pub(crate) SignedIn);

/// The language that a page for nobody in particular is shown in.
pub(crate) struct Chosen(pub(crate) Language);

/// The cookie's name. Over https the prefix keeps other hosts and plain http from setting it (RFC 6265bis 4.1.3.2).
pub(crate) const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-seloste" } else { "seloste" }
}

/// The token of the session's cookie.
pub(crate) fn token(headers: &HeaderMap, secure: bool) -> Option<String> {
    cookie(headers, cookie_name(secure))
}

pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// The header that keeps a session's token in the browser until it is closed.
pub(crate) fn keep(token: &str, secure: bool) -> (HeaderName, HeaderValue) {
    set(cookie_name(secure), token, secure, "")
}

/// The header that takes it away.
pub(crate) fn forget(secure: bool) -> (HeaderName, HeaderValue) {
    set(cookie_name(secure), "", secure, "; Max-Age=0")
}

/// The header that remembers the language of somebody who is not signed in.
pub(crate) fn keep_language(language: Language, secure: bool) -> (HeaderName, HeaderValue) {
    set("seloste-language", language.tag(), secure, "; Max-Age=31536000")
}

pub(crate) fn set(name: &str, value: &str, secure: bool, more: &str) -> (HeaderName, HeaderValue) {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
    (SET_COOKIE, HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("")))
}

impl FromRequestParts<App> for Signed {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        match <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await? {
            Some(signed) => Ok(signed),
            None => {
                let back = (parts.method == Method::GET).then(|| parts.uri.path_and_query().map(ToString::to_string));
                Err(PageError::SignIn(back.flatten().filter(|path| form::safe_path(path))))
            }
        }
    }
}

impl OptionalFromRequestParts<App> for Signed {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, PageError> {
        let Some(token) = token(&parts.headers, app.settings.secure) else { return Ok(None) };
        let who = app.run(move |register| session::resume(register, &token)).await?;
        Ok(who.map(Signed))
    }
}

impl FromRequestParts<App> for Chosen {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(language_of(parts.uri.query(), &parts.headers)))
    }
}

/// The language that the address asks for.
pub(crate) fn asked_language(query: Option<&str>) -> Option<Language> {
    query?.split('&').find_map(|pair| pair.strip_prefix("lang="))?.parse().ok()
}

/// By the address, the cookie, the browser; else Finnish.
pub(crate) fn language_of(query: Option<&str>, headers: &HeaderMap) -> Language {
    let remembered = || cookie(headers, "seloste-language").and_then(|tag| tag.parse().ok());
    asked_language(query).or_else(remembered).unwrap_or_else(|| preferred(headers))
}

/// The most wanted of our languages (RFC 9110 12.5.4).
fn preferred(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (0.0, Language::default());
    for range in accepted.split(',').take(20) {
        let mut parts = range.split(';');
        let primary = parts.next().unwrap_or_default().trim().split('-').next().unwrap_or_default();
        let quality = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        if let Ok(language) = primary.to_ascii_lowercase().parse()
            && quality > best.0
        {
            best = (quality, language);
        }
    }
    best.1
}
