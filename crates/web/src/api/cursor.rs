//! Cursors: where a list goes on. What they say is sealed for the one who asked and the list that was asked for, because
//! the key of a row is made of a name, and a name does not belong into an address.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use seloste_ops::Register;
use seloste_ops::list::Position;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::problem::ApiError;
use crate::error::PageError;

/// The longest cursor that is looked at.
const LONGEST: usize = 2_000;

/// What a cursor says.
#[derive(Serialize, Deserialize)]
struct Said<T> {
    /// Which list, with its order and filters.
    list: String,
    /// Where in it.
    at: T,
}

/// A cursor of an owner for a list.
pub(crate) fn seal<T: Serialize>(register: &Register, owner: Uuid, list: &str, at: T) -> seloste_ops::Result<String> {
    let said = serde_json::to_vec(&Said { list: list.to_owned(), at }).unwrap_or_default();
    Ok(URL_SAFE_NO_PAD.encode(register.db().seal_secret(owner, &said)?))
}

/// Where a cursor goes on.
///
/// # Errors
/// It was made for another owner or another list, or was never made here.
pub(crate) fn open<T: DeserializeOwned>(
    register: &Register,
    owner: Uuid,
    list: &str,
    text: &str,
) -> Result<T, PageError> {
    let wrong = || PageError::Api(ApiError::Cursor);
    if text.len() > LONGEST {
        return Err(wrong());
    }
    let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let said = register.db().open_secret(owner, &sealed).map_err(|_| wrong())?;
    let said: Said<T> = serde_json::from_slice(&said).map_err(|_| wrong())?;
    if said.list == list { Ok(said.at) } else { Err(wrong()) }
}

/// A position of a list of parties, as a cursor keeps it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Place {
    key: String,
    id: Uuid,
}

impl Place {
    pub(crate) fn of(position: &Position) -> Self {
        Self { key: hex::encode(&position.key), id: position.id }
    }

    pub(crate) fn position(self) -> Position {
        Position { key: hex::decode(&self.key).unwrap_or_default(), id: self.id, backwards: false }
    }
}
