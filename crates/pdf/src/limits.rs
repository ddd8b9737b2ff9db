//! Limits on everything that is passed, checked before anything is set.

use serde_json::Value;

use crate::document::{Block, Document, Fact, OrderConfirmation, Table};
use crate::error::Error;
use crate::style::{Logo, LogoFormat, Style};
use crate::window::{self, ADDRESS_ROWS};

/// Most characters in one text.
pub const TEXT: usize = 20_000;
/// Most characters in a line of the sender or the footer, in a reference, a sum and a cell of the breakdown.
pub const SHORT: usize = 200;
/// Most characters in all texts together. A short text counts as one of 20: cells take time, too, when they are empty.
pub const TEXTS: usize = 2_000_000;
/// Rows of a square symbol at most: the largest QR code (ISO/IEC 18004, version 40).
const SQUARE: usize = 177;
/// Most rows of a table and lines of an order.
pub const ROWS: usize = 1_000;
/// Most lines of an invoice.
pub const INVOICE_LINES: usize = 10_000;
/// Most references beside the address.
pub const FACTS: usize = 10;
/// Most lines of a sender.
pub const SENDER_LINES: usize = 5;
/// Most blocks in the footer, side by side.
pub const FOOTER_PARTS: usize = 4;
/// Most lines in each of them.
pub const FOOTER_LINES: usize = 4;
/// Most bytes of a logo.
pub const LOGO_BYTES: usize = 1 << 20;
/// Most bytes of a template.
pub const TEMPLATE: usize = 200_000;
/// Most pages.
pub const PAGES: usize = 500;
/// Most rows of the breakdown of the value added tax, which stays on one page.
const BREAKDOWN_ROWS: usize = 12;
/// Most bars and spaces of a barcode.
const BARS: usize = 400;
/// Most columns of a table.
const COLUMNS: usize = 20;
/// Most pixels along a side of a logo.
const LOGO_PIXELS: u32 = 4_000;

/// Checks a document and a style.
pub(crate) fn check(document: &Document, style: &Style) -> Result<(), Error> {
    match document {
        Document::Letter(letter) => {
            required("heading", &letter.heading)?;
            at_most("sender lines", letter.sender.len(), SENDER_LINES)?;
            at_most("recipient rows", window::rows(&letter.recipient).len(), ADDRESS_ROWS)?;
            at_most("references", letter.references.len(), FACTS)?;
            short("characters in a line of the sender", &letter.sender)?;
            short("characters in a reference", words(&letter.references))?;
            short("characters in a signature", letter.signatories.iter().flat_map(|one| [&one.name, &one.role]))?;
            at_most("signatories", letter.signatories.len(), FACTS)?;
            short("characters in the company", [&letter.company, &letter.closing, &letter.designation])?;
            blocks(&letter.body)?;
        }
        Document::Notice(notice) => {
            required("title", &notice.title)?;
            blocks(&notice.blocks)?;
        }
        Document::OrderConfirmation(order) => priced(order, ROWS)?,
        Document::Invoice(invoice) => {
            priced(&invoice.body, INVOICE_LINES)?;
            if let Some(slip) = &invoice.slip {
                required("slip heading", &slip.heading)?;
                at_most("facts of the slip", slip.parties.len().max(slip.payment.len()), FACTS)?;
                short("characters in a fact of the slip", words(&slip.parties).chain(words(&slip.payment)))?;
            }
            if let Some(barcode) = invoice.slip.as_ref().and_then(|slip| slip.barcode.as_ref()) {
                short("characters in the barcode", [&barcode.label, &barcode.digits])?;
                at_most("bars and spaces", barcode.widths.len(), BARS)?;
            }
        }
        Document::Card(card) => {
            required("title", &card.title)?;
            at_most("facts", card.groups.iter().map(|group| group.facts.len()).sum(), ROWS)?;
            card.orders.as_ref().map_or(Ok(()), table)?;
        }
    }
    style_of(style)
}

/// Checks what has lines with prices.
fn priced(order: &OrderConfirmation, lines: usize) -> Result<(), Error> {
    required("title", &order.title)?;
    at_most("seller lines", order.seller.len(), SENDER_LINES)?;
    at_most("recipient rows", window::rows(&order.recipient).len(), ADDRESS_ROWS)?;
    at_most("facts", order.facts.len(), FACTS)?;
    at_most("lines", order.lines.len(), lines)?;
    short("characters in a line of the seller", &order.seller)?;
    short("characters in a fact", words(&order.facts))?;
    short("characters in a sum", words(&order.totals))?;
    short("characters in the breakdown", order.vat.rows.iter().flatten())?;
    at_most("totals", order.totals.len(), FACTS)?;
    blocks(&order.introduction)?;
    table(&order.vat)?;
    at_most("rows of the breakdown", order.vat.rows.len(), BREAKDOWN_ROWS)?;
    blocks(&order.text)
}

/// Checks every text of a JSON value.
pub(crate) fn texts(value: &Value) -> Result<(), Error> {
    let mut sum = 0;
    add_texts(value, &mut sum)?;
    at_most("characters", sum, TEXTS)
}

fn add_texts(value: &Value, sum: &mut usize) -> Result<(), Error> {
    match value {
        Value::String(text) => {
            let length = text.chars().count();
            *sum += length.max(20);
            at_most("characters in a text", length, TEXT)
        }
        Value::Array(values) => values.iter().try_for_each(|value| add_texts(value, sum)),
        Value::Object(fields) => fields.values().try_for_each(|value| add_texts(value, sum)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn at_most(what: &'static str, found: usize, limit: usize) -> Result<(), Error> {
    if found > limit { Err(Error::TooMuch { what, limit }) } else { Ok(()) }
}

fn short<'a>(what: &'static str, texts: impl IntoIterator<Item = &'a String>) -> Result<(), Error> {
    texts.into_iter().try_for_each(|text| at_most(what, text.chars().count(), SHORT))
}

fn words(facts: &[Fact]) -> impl Iterator<Item = &String> {
    facts.iter().flat_map(|fact| [&fact.label, &fact.value])
}

fn required(what: &'static str, text: &str) -> Result<(), Error> {
    if text.trim().is_empty() { Err(Error::Empty(what)) } else { Ok(()) }
}

fn blocks(blocks: &[Block]) -> Result<(), Error> {
    at_most("blocks", blocks.len(), 10 * ROWS)?;
    blocks.iter().try_for_each(|block| match block {
        Block::Heading { text, .. } => required("heading", text),
        Block::Table(rows) => table(rows),
        Block::Lines(items) | Block::List(items) => at_most("list items", items.len(), ROWS),
        Block::Terms(terms) => at_most("terms", terms.len(), ROWS),
        Block::Square(square) => {
            at_most("rows of a square", square.rows.len(), SQUARE)?;
            square.rows.iter().try_for_each(|row| at_most("modules of a square", row.len(), SQUARE))
        }
        Block::Paragraph(_) => Ok(()),
    })
}

fn table(table: &Table) -> Result<(), Error> {
    at_most("columns", table.columns.len(), COLUMNS)?;
    at_most("rows", table.rows.len(), ROWS)?;
    match table.rows.iter().position(|row| row.len() != table.columns.len()) {
        Some(row) => Err(Error::UnevenTable { row: row + 1 }),
        None => Ok(()),
    }
}

fn style_of(style: &Style) -> Result<(), Error> {
    let (sizes, window) = (style.sizes, style.window);
    for (what, value, least, most) in [
        ("text size", sizes.text, 6, 20),
        ("small size", sizes.small, 5, 20),
        ("heading size", sizes.heading, 6, 40),
        ("title size", sizes.title, 6, 60),
        ("window left", window.left, 0, 120),
        ("window top", window.top, 20, 120),
        ("window width", window.width, 60, 200),
        ("window height", window.height, 20, 100),
        ("window right edge", window.left + window.width, 60, 200),
    ] {
        // Not a number is within no bounds.
        if !(f64::from(least)..=f64::from(most)).contains(&value) {
            return Err(Error::Measure { what, least, most });
        }
    }
    at_most("footer parts", style.footer.len(), FOOTER_PARTS)?;
    for part in &style.footer {
        at_most("footer lines", part.len(), FOOTER_LINES)?;
        short("characters in a line of the footer", part)?;
    }
    for template in style.templates.values() {
        at_most("bytes of a template", template.len(), TEMPLATE)?;
    }
    style.logo.as_ref().map_or(Ok(()), logo)
}

fn logo(logo: &Logo) -> Result<(), Error> {
    required("logo alternative text", &logo.alternative_text)?;
    at_most("bytes of the logo", logo.bytes.len(), LOGO_BYTES)?;
    if logo.format == LogoFormat::Svg {
        return Ok(());
    }
    // A small file may unfold to gigabytes: the size is in the first chunk (PNG 11.2.2 IHDR).
    let side = |at: usize| logo.bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    match (side(16), side(20)) {
        (Some(width), Some(height)) if logo.bytes.starts_with(b"\x89PNG\r\n\x1a\n") => {
            at_most("pixels along a side of the logo", width.max(height) as usize, LOGO_PIXELS as usize)
        }
        _ => Err(Error::Logo("this is not a PNG file".to_owned())),
    }
}
