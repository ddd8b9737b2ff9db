//! What goes into the index and what comes out of it.

use uuid::Uuid;

/// The kind of thing that an entry of the index stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Noun {
    /// A natural person.
    Person,
    /// A company, an association or another body.
    Organisation,
    /// An order.
    Order,
}

/// A set of nouns, to choose what a search may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NounSet(u8);

impl NounSet {
    /// Every noun.
    pub const ALL: Self = Self(0b111);
    /// No noun: a search answers nothing.
    pub const NONE: Self = Self(0);

    /// The set of one noun.
    #[must_use]
    pub const fn only(noun: Noun) -> Self {
        Self(1 << noun as u8)
    }

    /// This set with one noun added.
    #[must_use]
    pub const fn with(self, noun: Noun) -> Self {
        Self(self.0 | Self::only(noun).0)
    }

    /// This set with one noun taken out.
    #[must_use]
    pub const fn without(self, noun: Noun) -> Self {
        Self(self.0 & !Self::only(noun).0)
    }

    /// Whether the set holds the noun.
    #[must_use]
    pub const fn contains(self, noun: Noun) -> bool {
        self.0 & Self::only(noun).0 != 0
    }
}

/// Where in a record a text stands; it decides how the text is cut into words and how high a match ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// A person's given or family names, or the name of the organisation that the entry is.
    Name,
    /// The organisation that the entry belongs to.
    Organisation,
    /// An e-mail address.
    Email,
    /// A telephone number, best in E.164 (`+358401234567`).
    Telephone,
    /// A street address.
    Street,
    /// A town or post office.
    Town,
    /// A postal code.
    PostalCode,
    /// The customer's number.
    CustomerNumber,
    /// The order's number.
    OrderNumber,
    /// A business id (`1234567-8`) or a VAT number.
    BusinessId,
}

/// One thing to be found, with its texts as they are written in the register.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The id that a hit gives back.
    pub id: Uuid,
    /// What the entry is.
    pub noun: Noun,
    /// The companies it belongs to, one bit for each; an entry without companies is never found.
    pub companies: u64,
    /// When it last changed, in any unit that grows with time; later ranks first among equals.
    pub changed_at: i64,
    /// Its texts; each may hold several words.
    pub words: &'a [(Field, &'a str)],
}

/// What is asked, and by whom as far as it limits the answer.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// What has been typed so far; only its first 200 characters and 8 words count.
    pub text: &'a str,
    /// The companies that the asker may see, one bit for each.
    pub companies: u64,
    /// What may be answered.
    pub nouns: NounSet,
    /// The most hits wanted.
    pub limit: usize,
}

/// One answer; the answers of a search come best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The id of the entry.
    pub id: Uuid,
    /// What the entry is.
    pub noun: Noun,
    /// How well it matches: greater is better; comparable within one answer only.
    pub score: u32,
    /// Whether a typing error had to be assumed to find it.
    pub corrected: bool,
}
