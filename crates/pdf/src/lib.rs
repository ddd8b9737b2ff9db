//! Documents in PDF: plain structures with texts in their language go in, the bytes of a tagged PDF (PDF/UA-1 and
//! PDF/A-2a) come out. Nothing is read but what is passed: no clock, no network, no files, save a folder of fonts
//! where the caller names one.
//!
//! Typst sets the pages. Texts reach its templates as JSON only, so that nothing in them is taken for markup.

mod document;
mod error;
mod fonts;
mod limits;
mod render;
mod style;
mod text;
mod window;
mod world;

pub use self::document::{
    Attachments, Barcode, Block, Card, CardColumns, CardFact, CardGroup, Column, Document, Edge, Fact, Invoice, Kind,
    Language, Letter, Notice, OrderColumns, OrderConfirmation, OrderLine, Signatory, Slip, Square, Table, Term,
};
pub use self::error::{Error, Problem};
pub use self::fonts::Fonts;
pub use self::render::{Pdf, render};
pub use self::style::{Colour, Logo, LogoFormat, Sizes, Style, Window};
pub use self::window::{ADDRESS_CHARACTERS, ADDRESS_ROWS};

/// The most that a document may hold.
pub mod limit {
    pub use crate::limits::{
        FACTS, FOOTER_LINES, FOOTER_PARTS, INVOICE_LINES, LOGO_BYTES, PAGES, ROWS, SENDER_LINES, SHORT, TEMPLATE, TEXT,
        TEXTS,
    };
}
