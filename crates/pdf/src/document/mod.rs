//! What is put on paper. Every text is in the document's language already, amounts and dates in its form.

mod block;
mod card;
mod invoice;
mod letter;
mod notice;
mod order_confirmation;

use serde::Serialize;

pub use self::block::{Block, Column, Edge, Fact, Square, Table, Term};
pub use self::card::{Card, CardColumns, CardFact, CardGroup};
pub use self::invoice::{Barcode, Invoice, Slip};
pub use self::letter::{Attachments, Letter, Signatory};
pub use self::notice::Notice;
pub use self::order_confirmation::{OrderColumns, OrderConfirmation, OrderLine};

/// A language of the documents: it is noted in the PDF for screen readers, and rules hyphenation and quotation marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Finnish.
    Fi,
    /// Swedish.
    Sv,
    /// English.
    En,
}

/// A kind of document. A company may have a template of its own for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A letter.
    Letter,
    /// A privacy notice.
    Notice,
    /// An order confirmation.
    OrderConfirmation,
    /// A customer card.
    Card,
    /// An invoice or a credit note.
    Invoice,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Letter, Self::Notice, Self::OrderConfirmation, Self::Card, Self::Invoice];

    /// The name, as in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Notice => "notice",
            Self::OrderConfirmation => "order_confirmation",
            Self::Card => "card",
            Self::Invoice => "invoice",
        }
    }
}

/// A document. Templates get it as JSON, with the names of its fields here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum Document {
    /// A letter for a window envelope.
    Letter(Letter),
    /// A privacy notice.
    Notice(Notice),
    /// An order confirmation.
    OrderConfirmation(OrderConfirmation),
    /// A customer card.
    Card(Card),
    /// An invoice or a credit note.
    Invoice(Invoice),
}

impl Document {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Letter(_) => Kind::Letter,
            Self::Notice(_) => Kind::Notice,
            Self::OrderConfirmation(_) => Kind::OrderConfirmation,
            Self::Card(_) => Kind::Card,
            Self::Invoice(_) => Kind::Invoice,
        }
    }
    /// The document with headings in levels that follow each other.
    #[must_use]
    pub(crate) fn settled(mut self) -> Self {
        match &mut self {
            Self::Letter(letter) => block::settle_levels(&mut letter.body),
            Self::Notice(notice) => block::settle_levels(&mut notice.blocks),
            Self::OrderConfirmation(order) | Self::Invoice(Invoice { body: order, .. }) => {
                block::settle_levels(&mut order.introduction);
                block::settle_levels(&mut order.text);
            }
            Self::Card(_) => {}
        }
        self
    }
}
