//! E-mail addresses.

use serde::{Deserialize, Serialize};

use crate::value::Label;

/// An e-mail address.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Email {
    /// What it is for.
    pub label: Option<Label>,
    /// The address: the local part as given, the domain in lower case, both NFC.
    pub address: String,
}
