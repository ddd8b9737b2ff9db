//! Telephone numbers.

use serde::{Deserialize, Serialize};

use crate::value::Label;

/// A telephone number.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Telephone {
    /// What it is for.
    pub label: Option<Label>,
    /// E.164 (`+358401234567`) when the number was understood, else as it was given.
    pub number: String,
    /// Whether `number` is E.164; a number that is not is kept as unverified rather than lost.
    pub e164: bool,
}
