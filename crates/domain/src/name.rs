//! Names of people.

use serde::{Deserialize, Serialize};

/// A person's name (*etu- ja sukunimi*). One of the parts may be empty: some people have a single name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct PersonName {
    /// Given names, in the order in which they are used.
    pub given: String,
    /// Family name with its particles (`von`, `af`, `de`).
    pub family: String,
}
