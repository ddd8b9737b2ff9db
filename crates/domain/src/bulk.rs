//! What is done to many rows of a list at once: what there is to do, to which lists, and what becomes of a row.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::id::{BulkId, CompanyId, SourceId, TagId, UserId};
use crate::kind::Kind;
use crate::list::ListOf;
use crate::order::OrderState;
use crate::rights::Action;
use crate::word::words;

/// Rows of one act at most: what is more is a decision to be made in parts.
pub const MOST_ROWS: usize = 100_000;
/// How long an act can be undone after it ended.
pub const UNDO_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// An act that was looked at and not begun is forgotten after so long.
pub const PLAN_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// What became of each row is forgotten so long after the end.
pub const RESULT_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What is done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BulkAct {
    /// A company of the group gets the customers.
    Assign(CompanyId),
    /// Customers get a tag.
    Tag(TagId),
    /// A tag is taken from customers.
    Untag(TagId),
    /// Orders are archived.
    Archive,
    /// People are invited to the portal by e-mail.
    Invite,
}

impl BulkAct {
    /// Whether it can be done to the rows of a list.
    #[must_use]
    pub const fn fits(&self, of: ListOf) -> bool {
        matches!((self, of), (Self::Archive, ListOf::Orders) | (Self::Invite, ListOf::People))
            || matches!(
                (self, of),
                (Self::Assign(_) | Self::Tag(_) | Self::Untag(_), ListOf::People | ListOf::Organisations)
            )
    }

    /// What is needed to do it to one row of the list.
    #[must_use]
    pub const fn right(&self, of: ListOf) -> Action {
        match (self, of) {
            (Self::Invite, _) => Action::InvitationMake,
            (Self::Archive, _) | (_, ListOf::Orders) => Action::OrderArchive,
            (_, ListOf::People) => Action::PersonChange,
            (_, ListOf::Organisations) => Action::OrganisationChange,
        }
    }

    /// The kind of data that the notice must declare.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Assign(_) => None,
            Self::Tag(_) | Self::Untag(_) => Some(Kind::Tags),
            Self::Archive => Some(Kind::Orders),
            Self::Invite => Some(Kind::Email),
        }
    }

    /// Whether it brings in values, which have a source.
    #[must_use]
    pub const fn needs_source(&self) -> bool {
        matches!(self, Self::Tag(_))
    }

    /// What becomes of an order that is in a state.
    #[must_use]
    pub fn of_order(state: OrderState) -> RowOutcome {
        match state {
            OrderState::Archived => RowOutcome::Already,
            state if state.may_become(OrderState::Archived) => RowOutcome::Waiting,
            _ => RowOutcome::State,
        }
    }
}

impl fmt::Display for BulkAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assign(company) => write!(f, "assign:{company}"),
            Self::Tag(tag) => write!(f, "tag:{tag}"),
            Self::Untag(tag) => write!(f, "untag:{tag}"),
            Self::Archive => f.write_str("archive"),
            Self::Invite => f.write_str("invite"),
        }
    }
}

/// Not an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not something that can be done to rows of a list")]
pub struct UnknownAct;

impl FromStr for BulkAct {
    type Err = UnknownAct;
    fn from_str(text: &str) -> Result<Self, UnknownAct> {
        let (name, of) = text.split_once(':').unwrap_or((text, ""));
        match name {
            "assign" => of.parse().map(Self::Assign).map_err(|_| UnknownAct),
            "tag" => of.parse().map(Self::Tag).map_err(|_| UnknownAct),
            "untag" => of.parse().map(Self::Untag).map_err(|_| UnknownAct),
            "archive" if of.is_empty() => Ok(Self::Archive),
            "invite" if of.is_empty() => Ok(Self::Invite),
            _ => Err(UnknownAct),
        }
    }
}

words! {
    /// How far an act has come.
    BulkState {
        /// It is being looked at; nothing was done.
        Planned = "planned",
        /// It is being done.
        Running = "running",
        /// It was done, as far as each row says.
        Ended = "ended",
        /// It is being undone.
        Undoing = "undoing",
        /// It was undone, as far as each row says.
        Undone = "undone",
    }
}

words! {
    /// What became, or is to become, of a row.
    RowOutcome {
        /// It is to be done, or, while undoing, still to be undone.
        Waiting = "waiting",
        /// It was done.
        Done = "done",
        /// It was so already.
        Already = "already",
        /// It is not there any more, or not within the companies of who does it.
        Gone = "gone",
        /// The state of the order does not allow it.
        State = "state",
        /// There is no e-mail address to write to.
        NoAddress = "no_address",
        /// The right to do it was taken away, or the notice no longer declares it.
        Refused = "refused",
        /// The act was stopped before it came to it.
        Stopped = "stopped",
        /// It was put back.
        Undone = "undone",
        /// It was changed after the act, and was left as it is when the act was undone.
        Changed = "changed",
    }
}

impl RowOutcome {
    /// Whether the act left the row as it was.
    #[must_use]
    pub const fn is_skipped(self) -> bool {
        matches!(self, Self::Already | Self::Gone | Self::State | Self::NoAddress | Self::Refused | Self::Stopped)
    }
}

/// An act on many rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bulk {
    /// Its id.
    pub id: BulkId,
    /// Of which list the rows are.
    pub of: ListOf,
    /// What is done.
    pub act: BulkAct,
    /// Who does it.
    pub user: UserId,
    /// The source of what it brings in.
    pub source: Option<SourceId>,
    /// How far it has come.
    pub state: BulkState,
    /// How many rows were chosen.
    pub total: i64,
    /// When it was looked at.
    pub planned_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
}

impl Bulk {
    /// Until when it can be undone: none when it has not ended, or was undone.
    #[must_use]
    pub fn undo_until(&self) -> Option<Timestamp> {
        match self.state {
            BulkState::Ended => self.ended_at.and_then(|at| at.checked_add(UNDO_WINDOW).ok()),
            _ => None,
        }
    }

    /// Whether it can be undone at a moment.
    #[must_use]
    pub fn may_undo(&self, now: Timestamp) -> bool {
        self.undo_until().is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for text in ["assign:arjasmaa", "tag:vip", "untag:vip", "archive", "invite"] {
            assert_eq!(text.parse::<BulkAct>().unwrap().to_string(), text);
        }
        for text in ["", "assign", "assign:", "tag:Ä", "archive:x", "erase", "tag:a:b"] {
            assert!(text.parse::<BulkAct>().is_err(), "{text}");
        }
        for state in BulkState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        for outcome in RowOutcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(*outcome));
        }
    }

    #[test]
    fn customers_are_assigned_and_tagged_and_orders_archived() {
        for (act, people, orders) in [("assign:a", true, false), ("tag:a", true, false), ("archive", false, true)] {
            let act: BulkAct = act.parse().unwrap();
            assert_eq!((act.fits(ListOf::People), act.fits(ListOf::Orders)), (people, orders));
            assert_eq!(act.fits(ListOf::Organisations), people);
        }
        assert_eq!(BulkAct::of_order(OrderState::Archived), RowOutcome::Already);
        assert_eq!(BulkAct::of_order(OrderState::Invoiced), RowOutcome::Waiting);
        assert_eq!(BulkAct::of_order(OrderState::Draft), RowOutcome::State);
    }

    #[test]
    fn an_act_is_undone_within_a_day_of_its_end_and_once() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut bulk = Bulk {
            id: BulkId(uuid::Uuid::nil()),
            of: ListOf::People,
            act: BulkAct::Archive,
            user: UserId(uuid::Uuid::nil()),
            source: None,
            state: BulkState::Running,
            total: 1,
            planned_at: at("2026-11-01T00:00:00Z"),
            ended_at: None,
            undone_at: None,
        };
        assert_eq!(bulk.undo_until(), None);
        bulk.state = BulkState::Ended;
        bulk.ended_at = Some(at("2026-11-01T10:00:00Z"));
        assert!(bulk.may_undo(at("2026-11-02T09:59:59Z")) && !bulk.may_undo(at("2026-11-02T10:00:00Z")));
        bulk.state = BulkState::Undone;
        assert!(!bulk.may_undo(at("2026-11-01T11:00:00Z")));
    }
}
