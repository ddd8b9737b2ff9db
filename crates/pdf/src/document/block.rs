//! Parts of running text.

use serde::Serialize;

/// A part of running text, in the order of reading.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "kind", content = "content", rename_all = "snake_case")]
pub enum Block {
    /// A heading; the document's title is level 1.
    Heading {
        /// 2 or 3; another number counts as the nearest that PDF/UA allows here, which passes over no level.
        level: u8,
        /// Its text, without a number.
        text: String,
    },
    /// A paragraph. A line feed in it begins a new line.
    Paragraph(String),
    /// Lines that belong together, such as an address.
    Lines(Vec<String>),
    /// A list of items.
    List(Vec<String>),
    /// Names with what there is to say about each.
    Terms(Vec<Term>),
    /// A table.
    Table(Table),
    /// A square symbol, such as a QR code. What it says must stand beside it, for those who can not see it.
    Square(Square),
}

/// A symbol of squares.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Square {
    /// For each row, widths of light and dark in turn, in modules, beginning with light; without the quiet zone.
    pub rows: Vec<Vec<u16>>,
}

/// Gives each heading a level that PDF/UA allows: one below the heading before it at most (ISO 14289-1, 7.4.2).
pub(crate) fn settle_levels(blocks: &mut [Block]) {
    let mut deepest = 2;
    for block in blocks {
        if let Block::Heading { level, .. } = block {
            *level = (*level).clamp(2, deepest);
            deepest = 3;
        }
    }
}

/// A name with what there is to say about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Term {
    /// The name.
    pub name: String,
    /// One or more statements.
    pub details: Vec<String>,
}

/// A table. The columns' labels stand at the top of each page that it runs over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with a text for every column.
    pub rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Column {
    /// Its label.
    pub label: String,
    /// Where its texts stand: numbers at the end.
    pub edge: Edge,
    /// Its share of the width beside the other columns' shares; 0 counts as 1.
    pub share: u8,
}

/// An edge of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// Where a line begins.
    Start,
    /// Where a line ends.
    End,
}

/// A label and what stands beside it: `Order number`, `2026-118`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fact {
    /// The label.
    pub label: String,
    /// The value.
    pub value: String,
}
