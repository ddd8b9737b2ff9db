//! Recalls: what a partner has to be told of data that it received (Art. 19): that it was corrected, erased, restricted
//! or forbidden. A recall holds no value: it says whom it is about by id, and which kinds of data.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::history::PartyChange;
use crate::id::{PartnerId, PartyId, RecallId};
use crate::kind::{Kind, Kinds};
use crate::order::Order;
use crate::partner::Interface;
use crate::word::words;

/// Days in which a partner is to acknowledge what it was told. Art. 19 gives no number; it is the month of Art. 12(3)
/// cut in half, so that the person's own month can hold.
pub const DUE_DAYS: i32 = 14;
/// Days between two reminders.
pub const CHASE_DAYS: i32 = 7;

words! {
    /// What happened to the data.
    Reason {
        /// It was corrected (Art. 16).
        Rectification = "rectification",
        /// It was erased (Art. 17).
        Erasure = "erasure",
        /// Its processing was restricted (Art. 18).
        Restriction = "restriction",
        /// The restriction was lifted.
        RestrictionLifted = "restriction_lifted",
        /// The person forbade a use of it, or objected (Art. 21).
        Prohibition = "prohibition",
    }
    /// How a recall stands.
    RecallState {
        /// It is to be sent.
        Waiting = "waiting",
        /// It was sent, or can be read over the API, and is not acknowledged.
        Sent = "sent",
        /// The partner has acknowledged it.
        Acknowledged = "acknowledged",
        /// It is not sent, because it is impossible or asks for a disproportionate effort (Art. 19).
        Waived = "waived",
    }
}

/// What a partner has to be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recall {
    /// Its id.
    pub id: RecallId,
    /// Who is to be told.
    pub partner: PartnerId,
    /// About whom. The id stays when the person is erased.
    pub party: PartyId,
    /// What happened.
    pub reason: Reason,
    /// To which kinds of data that the partner has.
    pub fields: Kinds,
    /// How it stands.
    pub state: RecallState,
    /// When the data changed.
    pub made_at: Timestamp,
    /// Until when it is to be acknowledged.
    pub due: Date,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// How.
    pub sent_by: Option<Interface>,
    /// How often the partner was reminded.
    pub chased: i64,
    /// When last.
    pub chased_at: Option<Timestamp>,
    /// When it was acknowledged or waived.
    pub closed_at: Option<Timestamp>,
    /// Who noted that.
    pub closed_by: Option<String>,
    /// What was said of it.
    pub note: Option<String>,
}

impl Recall {
    /// Whether the partner is late on `today`.
    #[must_use]
    pub fn is_late(&self, today: Date) -> bool {
        matches!(self.state, RecallState::Waiting | RecallState::Sent) && self.due < today
    }
}

/// Until when a recall made on `day` is to be acknowledged.
#[must_use]
pub fn due(day: Date) -> Date {
    day.saturating_add(DUE_DAYS.days())
}

/// What of a party's change concerns those who received its data before: a value that was taken out or replaced, and an
/// address that was protected (*turvakielto*). What only came in beside the old is no correction of what they have.
#[must_use]
pub fn corrected(change: &PartyChange) -> Kinds {
    let values = change.removed.iter().map(|stored| stored.value.kind());
    let represents = change.representations_removed.iter().map(|_| Kind::Organisation);
    let renamed = change.name.as_ref().filter(|name| name.before.is_some()).map(|_| Kind::Name);
    values.chain(represents).chain(renamed).collect()
}

/// Whether a change of an order corrects what those hold who received it: what was ordered, by whom, where it went, what it
/// cost. How far the order has come is no correction of what was said before.
#[must_use]
pub fn order_corrected(before: &Order, after: &Order) -> bool {
    (&before.number, &before.company, before.person, before.organisation, before.ordered_on)
        != (&after.number, &after.company, after.person, after.organisation, after.ordered_on)
        || before.delivery != after.delivery
        || before.lines != after.lines
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn due_days_are_counted_from_the_change() {
        assert_eq!(due(date(2026, 11, 28)), date(2026, 12, 12));
    }

    #[test]
    fn what_only_came_in_is_no_correction() {
        let stored = |kind: Kind| crate::value::StoredValue {
            id: crate::id::ValueId(uuid::Uuid::nil()),
            value: match kind {
                Kind::Language => crate::value::Value::Language(crate::language::Language::Fi),
                _ => crate::value::Value::CustomerNumber("1".into()),
            },
            valid_from: None,
            valid_until: None,
            source: "customer".parse().unwrap(),
            entered_by: "test".into(),
            entered_at: Timestamp::UNIX_EPOCH,
        };
        let change = PartyChange {
            added: vec![stored(Kind::Language), stored(Kind::CustomerNumber)],
            removed: vec![stored(Kind::Language)],
            ..PartyChange::default()
        };
        assert_eq!(corrected(&change).iter().collect::<Vec<_>>(), [Kind::Language]);
    }
}
