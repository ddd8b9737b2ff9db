//! The states of an order and the ways between them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How far an order has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Being written.
    #[default]
    Draft,
    /// Agreed with the customer.
    Confirmed,
    /// Delivered.
    Delivered,
    /// Invoiced: a voucher refers to it (Accounting Act 1336/1997 2:7).
    Invoiced,
    /// Called off.
    Cancelled,
    /// Put away by the archiving rule; read only.
    Archived,
}

impl OrderState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Confirmed, Self::Delivered, Self::Invoiced, Self::Cancelled, Self::Archived];

    /// The name in the database and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Confirmed => "confirmed",
            Self::Delivered => "delivered",
            Self::Invoiced => "invoiced",
            Self::Cancelled => "cancelled",
            Self::Archived => "archived",
        }
    }
}

impl fmt::Display for OrderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a state of an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a state of an order")]
pub struct UnknownState;

impl FromStr for OrderState {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

impl OrderState {
    /// The states that a person can bring an order to from this one. A step taken by mistake can be taken back until an
    /// invoice refers to the order (Accounting Act 1336/1997 2:7). Archiving is for the rule, and final.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Confirmed, Self::Cancelled],
            Self::Confirmed => &[Self::Draft, Self::Delivered, Self::Invoiced, Self::Cancelled],
            Self::Delivered => &[Self::Confirmed, Self::Invoiced, Self::Archived],
            Self::Invoiced | Self::Cancelled => &[Self::Archived],
            Self::Archived => &[],
        }
    }

    /// Whether an order can go from this state to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }
}

/// Whether an order's lines, dates and addresses can be changed: until it has been delivered.
#[must_use]
pub const fn may_edit(state: OrderState) -> bool {
    matches!(state, OrderState::Draft | OrderState::Confirmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for state in OrderState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
        }
        assert_eq!("lost".parse::<OrderState>(), Err(UnknownState));
    }

    #[test]
    fn an_invoiced_or_archived_order_stays_as_it_is() {
        for state in OrderState::ALL {
            assert!(!state.may_become(state), "{state}");
            assert!(!OrderState::Archived.may_become(state), "{state}");
            assert!(!OrderState::Invoiced.may_become(state) || state == OrderState::Archived, "{state}");
            let open = matches!(state, OrderState::Draft | OrderState::Confirmed);
            assert_eq!(may_edit(state), open, "{state}");
            assert_eq!(state.may_become(OrderState::Cancelled), open, "{state}");
        }
        assert!(OrderState::Delivered.may_become(OrderState::Confirmed));
        assert!(!OrderState::Draft.may_become(OrderState::Delivered));
    }
}
