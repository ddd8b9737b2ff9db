//! What a program sends: JSON, queries, ids, versions and keys. What is not known is refused, not passed over: a field
//! that is misspelt would change nothing, and one that is not to be set would seem to be.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use seloste_domain::language::Language;
use serde::de::DeserializeOwned;

use super::problem::ApiError;
use crate::App;
use crate::error::PageError;
use crate::session::language_of;

/// A body of JSON, and the bytes that it was.
pub(crate) struct Input<T> {
    pub(crate) value: T,
    pub(crate) raw: Bytes,
}

impl<T: DeserializeOwned> FromRequest<App> for Input<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(ApiError::MediaType.into());
        }
        let raw = Bytes::from_request(request, app).await.map_err(|_| PageError::TooLarge)?;
        let mut json = serde_json::Deserializer::from_slice(&raw);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| ApiError::Body(path(&error)))?;
        json.end().map_err(|_| ApiError::Body(String::new()))?;
        Ok(Self { value, raw })
    }
}

/// Where it went wrong. An unknown field is named by the program, and is no value of a person.
fn path(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string().replace('[', ".").replace(']', "");
    path.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The parameters of the query.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Parameters<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError::Query.into()),
        }
    }
}

/// The id in the path. What is no id is nothing that is there.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Id<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        match Path::<T>::from_request_parts(parts, app).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(PageError::NotFound),
        }
    }
}

/// The version that a change is made from (`If-Match: "3"`).
pub(crate) struct Version(pub(crate) i64);

impl FromRequestParts<App> for Version {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        let Some(text) = single(&parts.headers, header::IF_MATCH.as_str()) else {
            return Err(ApiError::NoVersion.into());
        };
        let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
        version.map(Self).ok_or_else(|| ApiError::OtherVersion.into())
    }
}

/// The key under which a request is carried out once.
#[derive(Clone)]
pub(crate) struct Key(pub(crate) Option<String>);

impl FromRequestParts<App> for Key {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        if !parts.headers.contains_key("idempotency-key") {
            return Ok(Self(None));
        }
        // The draft has it in quotes (a string of RFC 9651); many send it without.
        let key = single(&parts.headers, "idempotency-key").map(|key| key.trim_matches('"').to_owned());
        match key.filter(|key| seloste_ops::idempotency::is_key(key)) {
            Some(key) => Ok(Self(Some(key))),
            None => Err(ApiError::Key.into()),
        }
    }
}

/// The language in which the program asks to be answered.
pub(crate) struct Spoken(pub(crate) Language);

impl FromRequestParts<App> for Spoken {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        Ok(Self(language_of(None, &parts.headers)))
    }
}

/// A header that stands there once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    only.to_str().ok().map(str::trim)
}
