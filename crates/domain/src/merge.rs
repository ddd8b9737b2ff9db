//! Merging two records of one customer: which values the record that is kept has afterwards, and what the other one
//! gives away. Nothing is lost: what is not chosen stays in the sealed history, and all of it can be undone.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::history::{Changed, OrganisationName, PartyChange};
use crate::id::{CompanyId, PartyId, RepresentationId, ValueId};
use crate::kind::Kind;
use crate::person::Representation;
use crate::prohibition::Marks;
use crate::value::{StoredValue, Value};

/// One of the two records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Its id.
    pub id: PartyId,
    /// Its values, past ones too.
    pub values: Vec<StoredValue>,
    /// The organisations that it represents.
    pub representations: Vec<Representation>,
    /// Its companies.
    pub companies: Vec<CompanyId>,
    /// Whether its address is protected.
    pub protected_address: bool,
    /// What it has forbidden, and whether its processing is restricted.
    pub marks: Marks,
    /// An organisation's name.
    pub name: Option<OrganisationName>,
}

/// What a customer has one of at a time, so that one of the two records has to give way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Single {
    /// A person's name.
    Name,
    /// The customer number. The other one becomes a past number, by which the customer is still found.
    CustomerNumber,
    /// The language of service.
    Language,
    /// The organisation that a person represents. The other one ends.
    Represents,
    /// The name and business id of an organisation.
    OrganisationName,
}

impl Single {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Name, Self::CustomerNumber, Self::Language, Self::Represents, Self::OrganisationName];

    /// The name in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::CustomerNumber => "customer_number",
            Self::Language => "language",
            Self::Represents => "represents",
            Self::OrganisationName => "organisation_name",
        }
    }

    const fn kind(self) -> Option<Kind> {
        match self {
            Self::Name => Some(Kind::Name),
            Self::CustomerNumber => Some(Kind::CustomerNumber),
            Self::Language => Some(Kind::Language),
            Self::Represents | Self::OrganisationName => None,
        }
    }
}

/// What a person decided, where the two differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Of which the other record's is taken; of the rest, that of the record that is kept.
    pub from_gone: BTreeSet<Single>,
    /// Values of either that are left out.
    pub left_out: BTreeSet<ValueId>,
}

/// The two changes of a merging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merging {
    /// Of the record that is kept.
    pub kept: PartyChange,
    /// Of the one that is gone afterwards: everything is taken from it.
    pub gone: PartyChange,
    /// What stands against using the data afterwards: of prohibitions and restrictions the strictest wins.
    pub marks: Marks,
}

impl Side {
    fn current(&self, kind: Kind, today: Date) -> Option<&StoredValue> {
        self.values.iter().find(|stored| stored.value.kind() == kind && stored.holds_on(today))
    }

    fn represents(&self, today: Date) -> Option<&Representation> {
        self.representations.iter().find(|r| crate::value::holds(r.valid_from, r.valid_until, today))
    }

    /// Whether the side has anything of what there is one of.
    #[must_use]
    pub fn has(&self, single: Single, today: Date) -> bool {
        match single {
            Single::OrganisationName => self.name.is_some(),
            Single::Represents => self.represents(today).is_some(),
            _ => single.kind().is_some_and(|kind| self.current(kind, today).is_some()),
        }
    }
}

/// Which of the single things differ between the two, so that somebody has to choose.
#[must_use]
pub fn differing(kept: &Side, gone: &Side, today: Date) -> Vec<Single> {
    let differs = |single: &Single| match single {
        Single::OrganisationName => {
            let id = |side: &Side| side.name.as_ref().map(|name| (name.name.clone(), name.business_id.clone()));
            id(kept) != id(gone)
        }
        Single::Represents => {
            kept.represents(today).map(|r| r.organisation) != gone.represents(today).map(|r| r.organisation)
        }
        _ => single.kind().is_some_and(|kind| {
            kept.current(kind, today).map(|stored| &stored.value) != gone.current(kind, today).map(|s| &s.value)
        }),
    };
    Single::ALL
        .into_iter()
        .filter(|single| kept.has(*single, today) && gone.has(*single, today))
        .filter(differs)
        .collect()
}

/// The changes that merge `gone` into `kept`. `new_id` makes ids for values that end by it.
///
/// The stricter of two protections holds afterwards: an address that is protected in either record is protected
/// (*turvakielto*). Both records' companies have the customer.
#[must_use]
pub fn merge(
    kept: &Side,
    gone: &Side,
    choice: &Choice,
    today: Date,
    mut new_id: impl FnMut() -> uuid::Uuid,
) -> Merging {
    let differing = differing(kept, gone, today);
    let loser = |single: Single| {
        differing.contains(&single).then(|| if choice.from_gone.contains(&single) { kept } else { gone })
    };
    let mut change = PartyChange { received: Some(gone.id), ..PartyChange::default() };

    let mut given_up: BTreeSet<ValueId> = choice.left_out.clone();
    let mut ended: Vec<StoredValue> = Vec::new();
    for single in [Single::Name, Single::CustomerNumber, Single::Language] {
        let (Some(kind), Some(side)) = (single.kind(), loser(single)) else { continue };
        let losing = side.values.iter().filter(|stored| stored.value.kind() == kind && stored.holds_on(today));
        for stored in losing {
            given_up.insert(stored.id);
            if kind == Kind::CustomerNumber {
                ended.push(StoredValue { id: ValueId(new_id()), ..past(stored, today) });
            }
        }
    }
    change.removed = kept.values.iter().filter(|stored| given_up.contains(&stored.id)).cloned().collect();
    let mut has: Vec<&Value> =
        kept.values.iter().filter(|stored| !given_up.contains(&stored.id)).map(|stored| &stored.value).collect();
    for stored in gone.values.iter().filter(|stored| !given_up.contains(&stored.id)) {
        if !has.contains(&&stored.value) {
            has.push(&stored.value);
            change.added.push(stored.clone());
        }
    }
    ended.retain(|stored| !has.contains(&&stored.value));
    change.added.extend(ended);

    represent(kept, gone, loser(Single::Represents), today, &mut new_id, &mut change);
    change.companies_added = gone.companies.iter().filter(|c| !kept.companies.contains(c)).cloned().collect();
    if gone.protected_address && !kept.protected_address {
        change.protected_address = Some(true);
    }
    change.name = name(kept, gone, loser(Single::OrganisationName));
    Merging { kept: change, gone: everything(gone), marks: kept.marks.strictest(gone.marks) }
}

fn represent(
    kept: &Side,
    gone: &Side,
    loser: Option<&Side>,
    today: Date,
    new_id: &mut impl FnMut() -> uuid::Uuid,
    change: &mut PartyChange,
) {
    let ends = loser.and_then(|side| side.represents(today)).map(|r| r.id);
    for r in &kept.representations {
        if ends == Some(r.id) {
            change.representations_removed.push(r.clone());
            change.representations_added.push(past_representation(r, today, new_id()));
        }
    }
    for r in &gone.representations {
        let same = kept.representations.iter().any(|has| {
            has.organisation == r.organisation
                && has.valid_until == r.valid_until
                && (r.title.is_none() || has.title == r.title)
        });
        if ends == Some(r.id) {
            change.representations_added.push(past_representation(r, today, r.id.0));
        } else if !same {
            change.representations_added.push(r.clone());
        }
    }
}

fn name(kept: &Side, gone: &Side, loser: Option<&Side>) -> Option<Changed<OrganisationName>> {
    let (own, other) = (kept.name.as_ref()?, gone.name.as_ref()?);
    let mut after = if loser.is_some_and(|side| side.id == kept.id) { other.clone() } else { own.clone() };
    // A business id is not lost because the record that has one was not the one with the better name.
    after.business_id = after.business_id.or_else(|| own.business_id.clone()).or_else(|| other.business_id.clone());
    (after != *own).then(|| Changed { before: Some(own.clone()), after: Some(after) })
}

fn everything(side: &Side) -> PartyChange {
    PartyChange {
        removed: side.values.clone(),
        representations_removed: side.representations.clone(),
        companies_removed: side.companies.clone(),
        name: side.name.clone().map(|name| Changed { before: Some(name), after: None }),
        ..PartyChange::default()
    }
}

fn day_before(today: Date, from: Option<Date>) -> Date {
    let yesterday = today.yesterday().unwrap_or(today);
    yesterday.max(from.unwrap_or(yesterday))
}

fn past(stored: &StoredValue, today: Date) -> StoredValue {
    StoredValue { valid_until: Some(day_before(today, stored.valid_from)), ..stored.clone() }
}

fn past_representation(r: &Representation, today: Date, id: uuid::Uuid) -> Representation {
    Representation { id: RepresentationId(id), valid_until: Some(day_before(today, r.valid_from)), ..r.clone() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::email::Email;
    use crate::language::Language;
    use crate::name::PersonName;

    const TODAY: Date = date(2026, 11, 23);

    fn value(n: u128, value: Value) -> StoredValue {
        StoredValue {
            id: ValueId(uuid::Uuid::from_u128(n)),
            value,
            valid_from: None,
            valid_until: None,
            source: "customer".parse().unwrap(),
            entered_by: "user:1".into(),
            entered_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn side(n: u128, values: Vec<StoredValue>) -> Side {
        Side {
            id: PartyId(uuid::Uuid::from_u128(n)),
            values,
            representations: Vec::new(),
            companies: vec!["a".parse().unwrap()],
            protected_address: false,
            marks: Marks::default(),
            name: None,
        }
    }

    fn email(address: &str) -> Value {
        Value::Email(Email { label: None, address: address.into() })
    }

    fn named(given: &str) -> Value {
        Value::Name(PersonName { given: given.into(), family: "Koskitalo".into() })
    }

    fn after(kept: &Side, change: &PartyChange) -> Vec<StoredValue> {
        let stay = kept.values.iter().filter(|stored| !change.removed.contains(stored));
        stay.chain(&change.added).cloned().collect()
    }

    fn merged(kept: &Side, gone: &Side, choice: &Choice) -> Merging {
        let mut next = 1_000;
        merge(kept, gone, choice, TODAY, || {
            next += 1;
            uuid::Uuid::from_u128(next)
        })
    }

    #[test]
    fn differing_single_values_wait_for_a_choice_and_a_number_stays_findable() {
        let kept = side(1, vec![value(1, named("Pirkko")), value(2, Value::CustomerNumber("1001".into()))]);
        let gone = side(2, vec![value(3, named("Pirko")), value(4, Value::CustomerNumber("2002".into()))]);
        assert_eq!(differing(&kept, &gone, TODAY), [Single::Name, Single::CustomerNumber]);

        let plain = merged(&kept, &gone, &Choice::default());
        let values = after(&kept, &plain.kept);
        let current: Vec<_> = values.iter().filter(|stored| stored.holds_on(TODAY)).map(|s| &s.value).collect();
        assert_eq!(current, [&named("Pirkko"), &Value::CustomerNumber("1001".into())]);
        let past: Vec<_> = values.iter().filter(|stored| !stored.holds_on(TODAY)).map(|s| &s.value).collect();
        assert_eq!(past, [&Value::CustomerNumber("2002".into())]);
        assert_eq!(plain.gone.removed, gone.values);

        let choice = Choice { from_gone: [Single::Name, Single::CustomerNumber].into(), ..Choice::default() };
        let values = after(&kept, &merged(&kept, &gone, &choice).kept);
        let current: Vec<_> = values.iter().filter(|stored| stored.holds_on(TODAY)).map(|s| &s.value).collect();
        assert_eq!(current, [&named("Pirko"), &Value::CustomerNumber("2002".into())]);
    }

    #[test]
    fn the_stricter_protection_and_both_companies_survive() {
        let (kept, mut gone) = (side(1, vec![value(1, named("A"))]), side(2, vec![]));
        gone.protected_address = true;
        gone.companies = vec!["a".parse().unwrap(), "b".parse().unwrap()];
        let change = merged(&kept, &gone, &Choice::default()).kept;
        assert_eq!(change.protected_address, Some(true));
        assert_eq!(change.companies_added, ["b".parse().unwrap()]);
        let change = merged(&gone, &kept, &Choice::default()).kept;
        assert_eq!(change.protected_address, None, "it was protected and stays so");
    }

    #[test]
    fn the_strictest_of_prohibitions_and_restrictions_wins_whichever_is_kept() {
        use crate::prohibition::{ProhibitionKind, Prohibitions};
        let (mut one, mut other) = (side(1, vec![]), side(2, vec![]));
        one.marks.prohibitions = Prohibitions::NONE.with(ProhibitionKind::Directory);
        other.marks = Marks {
            prohibitions: Prohibitions::NONE.with(ProhibitionKind::DirectMarketing),
            restricted: true,
            ..Marks::default()
        };
        for (kept, gone) in [(&one, &other), (&other, &one)] {
            let marks = merged(kept, gone, &Choice::default()).marks;
            assert!(marks.restricted);
            assert_eq!(
                marks.prohibitions.iter().collect::<Vec<_>>(),
                [ProhibitionKind::DirectMarketing, ProhibitionKind::Directory]
            );
        }
    }

    #[test]
    fn an_organisation_keeps_the_only_business_id() {
        let name = |name: &str, id: Option<&str>| {
            Some(OrganisationName {
                name: name.into(),
                business_id: id.map(|id| crate::business_id::BusinessId::try_from(id.to_owned()).unwrap()),
                source: "customer".parse().unwrap(),
                entered_by: "user:1".into(),
                entered_at: jiff::Timestamp::UNIX_EPOCH,
            })
        };
        let (mut kept, mut gone) = (side(1, vec![]), side(2, vec![]));
        kept.name = name("Wartian Herkku Oy", None);
        gone.name = name("Wartian herkku", Some("1234567-1"));
        let after = merged(&kept, &gone, &Choice::default()).kept.name.unwrap().after.unwrap();
        assert_eq!((after.name.as_str(), after.business_id.is_some()), ("Wartian Herkku Oy", true));
    }

    proptest! {
        /// Whatever is chosen: every value of either is on the record that is kept unless it was left out or gave way,
        /// each once, and the other record's change takes exactly what it had.
        #[test]
        fn nothing_is_lost_and_nothing_is_doubled(
            mine in prop::collection::vec(0..6_u8, 0..6),
            theirs in prop::collection::vec(0..6_u8, 0..6),
            left_out in prop::collection::btree_set(0..12_u128, 0..4),
            take_language in any::<bool>(),
        ) {
            let make = |first: u128, which: &[u8]| {
                let mut values: Vec<_> = which.iter().enumerate()
                    .map(|(at, n)| value(first + at as u128, email(&format!("a{n}@example.com")))).collect();
                values.dedup_by(|a, b| a.value == b.value);
                let language = Language::ALL[usize::from(which.first().copied().unwrap_or(0)) % 3];
                values.push(value(first + 90, Value::Language(language)));
                values
            };
            let (kept, gone) = (side(1, make(0, &mine)), side(2, make(6, &theirs)));
            let mut choice = Choice {
                left_out: left_out.iter().map(|n| ValueId(uuid::Uuid::from_u128(*n))).collect(),
                ..Choice::default()
            };
            if take_language { choice.from_gone.insert(Single::Language); }
            let merging = merged(&kept, &gone, &choice);
            let values = after(&kept, &merging.kept);
            for stored in kept.values.iter().chain(&gone.values).filter(|s| s.value.kind() == Kind::Email) {
                let everywhere = kept.values.iter().chain(&gone.values).filter(|s| s.value == stored.value);
                let wanted = everywhere.clone().any(|s| !choice.left_out.contains(&s.id));
                prop_assert_eq!(values.iter().any(|s| s.value == stored.value), wanted);
            }
            prop_assert_eq!(values.iter().filter(|s| s.value.kind() == Kind::Language).count(), 1);
            prop_assert_eq!(merging.gone.removed, gone.values);
        }
    }
}
