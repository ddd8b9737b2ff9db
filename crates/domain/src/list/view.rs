//! Saved views: a list's order and filters under a name, one's own or everybody's.

use jiff::Timestamp;

use super::ListOf;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{UserId, ViewId};

/// Views that one person sees of one list at most: they stand in one row above it.
pub const MOST_VIEWS: usize = 50;
/// Characters of a name at most.
const LONGEST: usize = 60;

/// A saved view.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListView {
    /// Its id.
    pub id: ViewId,
    /// Of which list.
    pub of: ListOf,
    /// Who made it.
    pub owner: UserId,
    /// Its name.
    pub name: String,
    /// What stands in the address after `?`; it is read again each time, so that it can not outlive the notice.
    pub query: String,
    /// Whether everybody who may see the list sees the view.
    pub is_shared: bool,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// A view as it is given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ViewDraft {
    /// Its name.
    pub name: String,
    /// Whether everybody shall see it.
    pub is_shared: bool,
}

impl ViewDraft {
    /// The name as it is kept.
    ///
    /// # Errors
    /// It is empty, too long, or holds a control character.
    pub fn validate(&self) -> Result<String, FieldErrors> {
        let name = one_line("view-name", &self.name, LONGEST)?;
        if name.is_empty() { Err(FieldError::new("view-name", code::REQUIRED).into()) } else { Ok(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_has_a_name_of_one_short_line() {
        let name = |name: &str| ViewDraft { name: name.into(), is_shared: false }.validate();
        assert_eq!(name("  Turun \n asiakkaat "), Ok("Turun asiakkaat".into()));
        for (given, wrong) in [("", code::REQUIRED), (" \u{200B}", code::REQUIRED), (&"ä".repeat(61), code::TOO_LONG)]
        {
            assert_eq!(name(given).unwrap_err().0[0].code, wrong, "{given:?}");
        }
    }
}
