//! A letter.

use serde::Serialize;

use super::{Block, Fact, Language};

/// A letter for a window envelope, laid out in the manner of SFS 2487: margin at 20 mm, text at 66 mm, date and
/// reference at 112 mm.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Letter {
    /// The language.
    pub language: Language,
    /// Who sends it: the first line is the name, the others where to return what can not be delivered.
    pub sender: Vec<String>,
    /// The recipient's address, row by row. Rows longer than 30 characters are broken.
    pub recipient: Vec<String>,
    /// What kind of letter it is (`Vastaus tietopyyntöön`), at the top; may be empty.
    pub designation: String,
    /// The date.
    pub date: String,
    /// References, beneath the date.
    pub references: Vec<Fact>,
    /// The heading, which is the document's title, too.
    pub heading: String,
    /// The text.
    pub body: Vec<Block>,
    /// The closing words; may be empty.
    pub closing: String,
    /// The company that signs.
    pub company: String,
    /// Who signs.
    pub signatories: Vec<Signatory>,
    /// What is attached.
    pub attachments: Option<Attachments>,
}

/// Someone who signs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Signatory {
    /// The name.
    pub name: String,
    /// The position; may be empty.
    pub role: String,
}

/// What is attached to a letter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Attachments {
    /// The word for it: `Liitteet`.
    pub label: String,
    /// Names of the attachments.
    pub items: Vec<String>,
}
