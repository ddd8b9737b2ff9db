//! How many entries a scope has, without a search.

use seloste_search::{Builder, Entry, Field, Index, Noun, NounSet};
use uuid::Uuid;

fn entry(id: u128, noun: Noun, companies: u64) -> Entry<'static> {
    Entry { id: Uuid::from_u128(id), noun, companies, changed_at: 0, words: &[(Field::Name, "Aino")] }
}

const ENTRIES: [(u128, Noun, u64); 5] = [
    (10, Noun::Person, 0b01),
    (20, Noun::Person, 0b11),
    (30, Noun::Organisation, 0b10),
    (40, Noun::Person, 0b00),
    (50, Noun::Order, 0b01),
];

/// The same entries in an index that was built at once and in one that grew.
fn indexes() -> [Index; 2] {
    let mut builder = Builder::default();
    let mut grown = Index::new();
    for (id, noun, companies) in ENTRIES {
        builder.add(entry(id, noun, companies));
        grown.upsert(entry(id, noun, companies));
    }
    [builder.build(), grown]
}

#[test]
fn what_a_scope_has_is_counted_by_noun() {
    for index in indexes() {
        let count = |companies, noun| index.count(companies, NounSet::only(noun));
        assert_eq!([0b01, 0b10, 0b11, 0b100, 0].map(|companies| count(companies, Noun::Person)), [2, 1, 2, 0, 0]);
        assert_eq!((count(0b01, Noun::Organisation), count(0b10, Noun::Organisation)), (0, 1));
        assert_eq!(index.count(0b11, NounSet::ALL), 4);
    }
}

#[test]
fn what_changed_or_went_is_counted_once_or_not() {
    for mut index in indexes() {
        index.upsert(entry(10, Noun::Person, 0b10));
        assert!(index.remove(Uuid::from_u128(20)));
        let count = |companies| index.count(companies, NounSet::only(Noun::Person));
        assert_eq!((count(0b01), count(0b10)), (0, 1));
        let all = [0, 100].map(Uuid::from_u128);
        assert_eq!(index.counts_between(0b11, Noun::Person, &all), [1]);
    }
}

#[test]
fn ranges_of_ids_are_counted_from_each_bound_up_to_the_next() {
    let bounds = |bounds: &[u128]| bounds.iter().map(|id| Uuid::from_u128(*id)).collect::<Vec<_>>();
    for index in indexes() {
        let between = |companies, ids: &[u128]| index.counts_between(companies, Noun::Person, &bounds(ids));
        assert_eq!(between(0b11, &[0, 10, 20, 21, 99]), [0, 1, 1, 0]);
        assert_eq!(between(0b10, &[0, 10, 20, 21, 99]), [0, 0, 1, 0]);
        assert_eq!(between(0b11, &[11, 20]), [0]);
        assert_eq!((between(0b11, &[5]), between(0b11, &[])), (vec![], vec![]));
    }
}
