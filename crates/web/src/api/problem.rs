//! What the interfaces answer when something can not be done: problem details (RFC 9457) in the language that the
//! program asks for. The texts are those of the pages.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::language::Language;
use seloste_ops::OpsError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::PageError;
use crate::text::Texts;

/// Why a request of a program is refused, where no page could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// No token, or one that lets nobody in: it never was, has ended, or is used from elsewhere.
    Token,
    /// A token stands in the address; it was ended, because logs keep addresses.
    TokenInAddress,
    /// Too many requests; how many seconds to wait.
    TooMany(u64),
    /// The body is no JSON.
    MediaType,
    /// The body can not be understood; where it went wrong, as a path of the fields.
    Body(String),
    /// The query can not be understood: an unknown or repeated parameter, or a wrong value.
    Query,
    /// The cursor belongs to another list, another owner, or is none.
    Cursor,
    /// `If-Match` is missing.
    NoVersion,
    /// What is to be changed has another version than `If-Match` says.
    OtherVersion,
    /// The idempotency key can not be one.
    Key,
    /// The idempotency key was used with another request.
    KeyOther,
    /// The request with this idempotency key is being carried out.
    KeyRunning,
}

impl ApiError {
    pub(crate) const fn status_and_key(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Token => (StatusCode::UNAUTHORIZED, "problem-token"),
            Self::TokenInAddress => (StatusCode::BAD_REQUEST, "problem-token-in-address"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "problem-too-many-requests"),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "problem-media-type"),
            Self::Body(_) => (StatusCode::UNPROCESSABLE_ENTITY, "problem-body"),
            Self::Query => (StatusCode::UNPROCESSABLE_ENTITY, "problem-query"),
            Self::Cursor => (StatusCode::UNPROCESSABLE_ENTITY, "problem-cursor"),
            Self::NoVersion => (StatusCode::PRECONDITION_REQUIRED, "problem-no-version"),
            Self::OtherVersion => (StatusCode::PRECONDITION_FAILED, "problem-other-version"),
            Self::Key => (StatusCode::BAD_REQUEST, "problem-key"),
            Self::KeyOther => (StatusCode::UNPROCESSABLE_ENTITY, "problem-key-other"),
            Self::KeyRunning => (StatusCode::CONFLICT, "problem-key-running"),
        }
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// A problem (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What kind of problem it is. It stays the same in every language.
    #[serde(rename = "type")]
    #[schema(example = "urn:seloste:problem:fields")]
    kind: String,
    /// The same for a person.
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What to do about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Wrong>,
}

/// What is wrong with a field. What was sent is never repeated.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Wrong {
    /// The field, as a path: `emails.0.text`.
    field: String,
    /// What is wrong; it stays the same in every language.
    #[schema(example = "error-email-invalid")]
    code: String,
    /// The same for a person.
    message: String,
}

pub(super) fn wrong(t: Texts, errors: &FieldErrors) -> Vec<Wrong> {
    let one = |error: &seloste_domain::field::FieldError| Wrong {
        field: error.field.clone(),
        code: error.code.to_owned(),
        message: t.field_error(error),
    };
    errors.0.iter().map(one).collect()
}

/// The answer to a program.
pub(crate) fn answer(error: &PageError, language: Language) -> Response {
    let (status, key) = error.status_and_key();
    let t = Texts(language);
    let wait = error.wait();
    let errors = match error {
        PageError::Ops(OpsError::Fields(errors)) => wrong(t, errors),
        PageError::Api(ApiError::Body(path)) => {
            let message = t.get("problem-body");
            vec![Wrong { field: path.clone(), code: "error-body".into(), message }]
        }
        _ => Vec::new(),
    };
    let problem = Problem {
        kind: format!("urn:seloste:problem:{}", key.trim_start_matches("problem-")),
        title: t.get(key),
        status: status.as_u16(),
        detail: t.arg(&format!("{key}-help"), "seconds", wait.unwrap_or(0)),
        errors,
    };
    let mut response = (status, Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    if let Some(wait) = wait.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok()) {
        headers.insert(header::RETRY_AFTER, wait);
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"seloste\""));
    }
    response
}
