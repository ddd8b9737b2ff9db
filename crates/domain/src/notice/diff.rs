//! What a new version of the notice changes, for whom.

use super::Notice;
use crate::language::Language;

/// What a change concerns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// The controller.
    Controller,
}

/// One change between two versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What it concerns.
    pub subject: Subject,
    /// Whether the people concerned must be told before it takes effect (Art. 13(3), 14(4)).
    pub material: bool,
}

impl Change {
    /// The change in words.
    #[must_use]
    pub fn message(&self, _language: Language) -> String {
        String::new()
    }
}

/// What `new` changes of `old`, in the order of the notice.
#[must_use]
pub fn diff(_old: &Notice, _new: &Notice) -> Vec<Change> {
    Vec::new()
}
