//! Requests that are carried out once, whatever is sent again.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use seloste_domain::usage::ActorId;
use seloste_ops::idempotency::{self, Begun};
use seloste_ops::{OpsError, Register, StoreError};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::Key;
use super::problem::ApiError;
use crate::error::PageError;

/// What was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Made {
    /// Its id.
    id: Uuid,
}

/// Makes something under an id: the one of the request's key, when it has one and was sent before.
pub(crate) fn once(
    register: &Register,
    owner: &ActorId,
    key: &Key,
    content: &[&[u8]],
    make: impl FnOnce(Uuid) -> seloste_ops::Result<()>,
) -> Result<Uuid, PageError> {
    let Some(key) = &key.0 else {
        let id = register.db().env().id();
        make(id)?;
        return Ok(id);
    };
    let id = match idempotency::begin(register, owner, key, content)? {
        Begun::Now(id) => id,
        Begun::Before(id) => return Ok(id),
        Begun::Running => return Err(ApiError::KeyRunning.into()),
        Begun::Other => return Err(ApiError::KeyOther.into()),
    };
    match make(id) {
        Ok(()) => idempotency::end(register, owner, key, true)?,
        // Whether it was done is not known: sent again, it is done under the same id, which is done once.
        Err(error @ OpsError::Store(StoreError::Unknown)) => return Err(error.into()),
        Err(error) => {
            idempotency::end(register, owner, key, false)?;
            return Err(error.into());
        }
    }
    Ok(id)
}

/// The answer to what made something: the same each time.
pub(crate) fn made(base: &str, id: Uuid) -> Response {
    let mut response = (StatusCode::CREATED, Json(Made { id })).into_response();
    if let Ok(place) = HeaderValue::from_str(&format!("{base}/{id}")) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}
