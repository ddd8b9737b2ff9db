//! What a list shows: its columns, its order, its filters. They stand in the address of the page, so that a list can be
//! kept as a link; therefore no filter is a datum of one person (a name, an e-mail address): those are searched for.

mod column;
mod query;
mod view;

pub use column::Column;
pub use query::{Days, ListQuery, Sort, Sums};
pub use view::{ListView, MOST_VIEWS, ViewDraft};

/// The lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ListOf {
    /// People.
    People,
    /// Organisations.
    Organisations,
    /// Orders.
    Orders,
}

impl ListOf {
    /// All lists.
    pub const ALL: [Self; 3] = [Self::People, Self::Organisations, Self::Orders];

    /// The name in addresses and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Organisations => "organisations",
            Self::Orders => "orders",
        }
    }

    /// The list of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == name)
    }
}
