//! The notice as a text for people: a neutral [`Document`], and its forms as plain text and HTML.

mod output;
mod sections;
mod words;

use jiff::civil::Date;

pub use self::output::{to_html, to_page, to_text};
use super::messages::fill;
use super::standard::{TITLE, terms};
use super::{Notice, Retention};
use crate::kind::Kind;
use crate::language::Language;

/// The public text of a notice in one language, without form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// The language of the text.
    pub language: Language,
    /// The title.
    pub title: String,
    /// The version of the notice.
    pub version: u32,
    /// The date of the version.
    pub date: Date,
    /// The content, in order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A heading.
    Heading {
        /// 2 or 3; the title is 1.
        level: u8,
        /// The same in every language and version, for links.
        id: &'static str,
        /// Its text.
        text: String,
    },
    /// A paragraph.
    Paragraph(String),
    /// Lines that belong together, such as an address.
    Lines(Vec<String>),
    /// A list of items.
    List(Vec<String>),
    /// Names with what there is to say about each.
    Terms(Vec<Term>),
}

/// A name with what there is to say about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Term {
    /// The name.
    pub name: String,
    /// One or more statements.
    pub details: Vec<String>,
}

/// The public text of `notice` in `language`.
#[must_use]
pub fn document(notice: &Notice, language: Language) -> Document {
    let name = notice.register_name(language).to_uppercase();
    Document {
        language,
        title: fill(TITLE.get(language), &[name]),
        version: notice.version(),
        date: notice.date(),
        blocks: sections::blocks(notice, language),
    }
}

/// What the notice calls a kind of data.
#[must_use]
pub fn kind_name(kind: Kind, language: Language) -> &'static str {
    terms::kind(kind).get(language)
}

/// A retention period in words, such as *10 vuotta viimeisestä tilauksesta*.
#[must_use]
pub fn retention_text(retention: Retention, language: Language) -> String {
    terms::retention(retention, language)
}

/// A legal basis in words, with its place in the law.
#[must_use]
pub fn basis_name(basis: super::LegalBasis, language: Language) -> &'static str {
    terms::basis(basis).get(language)
}

/// A right of the person in words.
#[must_use]
pub fn right_name(right: super::Right, language: Language) -> &'static str {
    terms::right(right).get(language)
}
