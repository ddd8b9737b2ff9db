//! Which value wins when the register and a file have different ones. The rules stand here as data, for the code and
//! for whoever has to explain them.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::id::ValueId;
use crate::value::{NewValue, StoredValue, Value};

/// How a row finds the customer whom it is about. The rules are tried in their order; the first that finds anyone
/// decides, and if it finds more than one the row is reported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// The same source called it by the same id before.
    ExternalId,
    /// The same business id.
    BusinessId,
    /// The same customer number.
    CustomerNumber,
    /// The same e-mail address and the same name, folded. Two people may share an address.
    EmailAndName,
    /// The same telephone number and the same name, folded.
    TelephoneAndName,
    /// The same name, folded, with the same postal code or town.
    NameAndPlace,
}

impl Rule {
    /// The rules for people.
    pub const PEOPLE: [Self; 4] = [Self::ExternalId, Self::CustomerNumber, Self::EmailAndName, Self::TelephoneAndName];
    /// The rules for organisations.
    pub const ORGANISATIONS: [Self; 3] = [Self::ExternalId, Self::BusinessId, Self::NameAndPlace];
}

/// Whether what comes now wins over what is stored: the stronger source; of equally strong ones the newer.
#[must_use]
pub fn outranks(new: (u16, Timestamp), stored: (u16, Timestamp)) -> bool {
    new.0 > stored.0 || (new.0 == stored.0 && new.1 >= stored.1)
}

/// What a row changes in the values of a party.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Merged {
    /// Stored values that were replaced.
    pub removed: Vec<ValueId>,
    /// Values that came in.
    pub added: Vec<NewValue>,
    /// Values of the row that gave way to a stronger or newer one of the register.
    pub yielded: Vec<NewValue>,
}

/// Merges the values of a row into those stored. A value that is there stays as it is, with its source. A new value takes
/// the place of one of the same kind and label, if `yields` says that the stored one gives way; else the stored one is
/// kept. What the row says nothing of stays.
#[must_use]
pub fn merge(stored: &[StoredValue], wanted: &[NewValue], day: Date, yields: impl Fn(&StoredValue) -> bool) -> Merged {
    let mut merged = Merged::default();
    let current: Vec<&StoredValue> = stored.iter().filter(|old| old.holds_on(day)).collect();
    let is_same = |old: &StoredValue, new: &NewValue| is_same(&old.value, &new.value);
    let mut taken: Vec<ValueId> =
        current.iter().filter(|old| wanted.iter().any(|new| is_same(old, new))).map(|old| old.id).collect();
    for new in wanted {
        if current.iter().any(|old| is_same(old, new)) {
            continue;
        }
        let rival = current.iter().filter(|old| !taken.contains(&old.id)).find(|old| is_rival(&old.value, &new.value));
        match rival {
            None => merged.added.push(new.clone()),
            Some(old) => {
                taken.push(old.id);
                if yields(old) {
                    merged.removed.push(old.id);
                    merged.added.push(new.clone());
                } else {
                    merged.yielded.push(new.clone());
                }
            }
        }
    }
    merged
}

/// A value without label is the same as one that has a label besides.
pub(crate) fn is_same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Email(old), Value::Email(new)) => {
            old.match_key() == new.match_key() && (new.label.is_none() || new.label == old.label)
        }
        (Value::Telephone(old), Value::Telephone(new)) => {
            old.number == new.number && (new.label.is_none() || new.label == old.label)
        }
        (old, new) => old == new,
    }
}

/// Whether one can take the place of the other.
pub(crate) fn is_rival(old: &Value, new: &Value) -> bool {
    old.kind() == new.kind() && old.label() == new.label()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::email::Email;
    use crate::language::Language;

    fn email(address: &str) -> Value {
        Value::Email(Email { label: None, address: address.into() })
    }

    fn stored(id: u128, value: Value, source: &str) -> StoredValue {
        StoredValue {
            id: ValueId(Uuid::from_u128(id)),
            value,
            valid_from: None,
            valid_until: None,
            source: source.parse().unwrap(),
            entered_by: "Testi".into(),
            entered_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn new(value: Value) -> NewValue {
        NewValue { value, valid_from: None, valid_until: None }
    }

    #[test]
    fn strength_goes_before_time() {
        let (early, late) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        for (new, stored, want) in [
            ((50, late), (100, early), false),
            ((100, early), (50, late), true),
            ((50, late), (50, early), true),
            ((50, early), (50, late), false),
            ((50, early), (50, early), true),
        ] {
            assert_eq!(outranks(new, stored), want);
        }
    }

    #[test]
    fn a_row_replaces_what_yields_and_keeps_the_rest() {
        let has = [
            stored(1, email("a@example.com"), "customer"),
            stored(2, email("b@example.com"), "subcontractor"),
            stored(3, Value::Language(Language::Fi), "customer"),
        ];
        let day = date(2026, 11, 23);
        let weak = |old: &StoredValue| old.source.as_str() == "subcontractor";
        let merged = merge(&has, &[new(email("A@example.com")), new(email("c@example.com"))], day, weak);
        assert_eq!((merged.removed, merged.added.len()), (vec![has[1].id], 1));
        let merged = merge(&has, &[new(Value::Language(Language::Sv))], day, weak);
        assert_eq!(
            (merged.removed.len(), merged.added.len(), merged.yielded),
            (0, 0, vec![new(Value::Language(Language::Sv))])
        );
        assert_eq!(merge(&has, &[], day, weak), Merged::default());
        let again = [new(email("a@example.com")), new(email("b@example.com"))];
        assert_eq!(merge(&has, &again, day, weak), Merged::default());
    }
}
