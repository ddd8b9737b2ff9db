//! A privacy notice.

use serde::Serialize;

use super::{Block, Language};

/// A privacy notice: its sections are numbered and make the outline of the document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Notice {
    /// The language.
    pub language: Language,
    /// The title.
    pub title: String,
    /// Version and date, in a line.
    pub version: String,
    /// The content. Numbers are put before headings of level 2 (`4`) and 3 (`4.1`).
    pub blocks: Vec<Block>,
}
