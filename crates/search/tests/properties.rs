//! Promises that hold for every register and every query.

use std::collections::BTreeMap;

use proptest::prelude::*;
use seloste_search::{Builder, Entry, Field, Hit, Index, Noun, NounSet, Query};
use uuid::Uuid;

/// A person of the model: words with their fields, companies, time of change.
#[derive(Debug, Clone)]
struct Person {
    words: Vec<(Field, String)>,
    companies: u64,
    changed_at: i64,
}

#[derive(Debug, Clone)]
enum Change {
    Upsert(u8, Person),
    Remove(u8),
}

fn word() -> impl Strategy<Value = String> {
    // Few letters, so that words share beginnings; marks, so that folding matters.
    "[abä]{1,4}"
}

fn person() -> impl Strategy<Value = Person> {
    let field = prop::sample::select(vec![Field::Name, Field::Organisation, Field::Town]);
    (prop::collection::vec((field, word()), 0..5), 1_u64..8, 0_i64..5)
        .prop_map(|(words, companies, changed_at)| Person { words, companies, changed_at })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (0_u8..40, person()).prop_map(|(id, person)| Change::Upsert(id, person)),
        1 => (0_u8..40).prop_map(Change::Remove),
    ]
}

fn entry<'a>(id: u8, person: &'a Person, words: &'a [(Field, &'a str)]) -> Entry<'a> {
    let Person { companies, changed_at, .. } = *person;
    Entry { id: Uuid::from_u128(id.into()), noun: Noun::Person, companies, changed_at, words }
}

fn borrowed(person: &Person) -> Vec<(Field, &str)> {
    person.words.iter().map(|(field, word)| (*field, word.as_str())).collect()
}

/// An index that was built from the first people and then changed, and the people there are now.
fn grown(first: &BTreeMap<u8, Person>, changes: &[Change]) -> (Index, BTreeMap<u8, Person>) {
    let mut model = first.clone();
    let mut index = built(&model);
    for change in changes {
        match change {
            Change::Upsert(id, person) => {
                index.upsert(entry(*id, person, &borrowed(person)));
                model.insert(*id, person.clone());
            }
            Change::Remove(id) => {
                assert_eq!(index.remove(Uuid::from_u128((*id).into())), model.remove(id).is_some());
            }
        }
    }
    (index, model)
}

fn built(people: &BTreeMap<u8, Person>) -> Index {
    let mut builder = Builder::default();
    people.iter().for_each(|(id, person)| builder.add(entry(*id, person, &borrowed(person))));
    builder.build()
}

/// Whether a letter that was typed stands for the letter of a word.
fn stands_for(typed: char, letter: char) -> bool {
    typed == letter || typed == 'a' && letter == 'ä'
}

/// How a typed word fits a person: the kind of match and the rank of the field, the least being the best.
fn fit(typed: &str, person: &Person) -> Option<(bool, u8)> {
    let fits = person.words.iter().filter_map(|(field, word)| {
        let length = word.chars().count().checked_sub(typed.chars().count())?;
        let begins = typed.chars().zip(word.chars()).all(|(typed, letter)| stands_for(typed, letter));
        let rank = [Field::Name, Field::Organisation, Field::Town].iter().position(|f| f == field)?;
        begins.then_some((length > 0, rank as u8))
    });
    fits.min()
}

/// The answer by its definition.
fn model_answer(people: &BTreeMap<u8, Person>, typed: &[String], companies: u64) -> Vec<u128> {
    let mut found = Vec::new();
    for (id, person) in people.iter().filter(|(_, person)| person.companies & companies != 0) {
        let fits: Option<Vec<_>> = typed.iter().map(|word| fit(word, person)).collect();
        let Some(fits) = fits else { continue };
        let begun: Vec<usize> = (0..fits.len()).filter(|at| fits[*at].0).collect();
        let tier = match begun.as_slice() {
            [] => 0,
            [only] if only + 1 == fits.len() => 1,
            _ => 2,
        };
        let ranks: u32 = fits.iter().map(|(_, rank)| u32::from(*rank)).sum();
        found.push((tier, begun.len(), ranks, -person.changed_at, u128::from(*id)));
    }
    found.sort_unstable();
    found.into_iter().map(|(.., id)| id).collect()
}

fn ids(hits: &[Hit]) -> Vec<u128> {
    hits.iter().map(|hit| hit.id.as_u128()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_answer_is_the_one_of_the_definition(
        first in prop::collection::btree_map(0_u8..40, person(), 0..30),
        changes in prop::collection::vec(change(), 0..60),
        queries in prop::collection::vec((prop::collection::vec(word(), 1..4), 1_u64..8, 1_usize..30), 1..8),
    ) {
        let (index, model) = grown(&first, &changes);
        prop_assert_eq!(index.len(), model.len());
        for (typed, companies, limit) in queries {
            let text = typed.join(" ");
            let hits = index.search(&Query { text: &text, companies, nouns: NounSet::ALL, limit });
            let exact: Vec<Hit> = hits.iter().filter(|hit| !hit.corrected).copied().collect();
            let mut expected = model_answer(&model, &typed, companies);
            expected.truncate(limit);
            prop_assert_eq!(ids(&exact), expected, "{:?}", text);
            prop_assert!(hits.is_sorted_by_key(|hit| std::cmp::Reverse(hit.score)));
        }
    }

    #[test]
    fn what_is_out_of_scope_changes_no_answer(
        people in prop::collection::btree_map(0_u8..60, person(), 0..60),
        typed in prop::collection::vec("[abä]{1,6}", 1..4), companies in 1_u64..8, limit in 1_usize..30,
    ) {
        let seen: BTreeMap<u8, Person> =
            people.iter().filter(|(_, p)| p.companies & companies != 0).map(|(id, p)| (*id, p.clone())).collect();
        let text = typed.join(" ");
        let query = Query { text: &text, companies, nouns: NounSet::ALL, limit };
        prop_assert_eq!(built(&people).search(&query), built(&seen).search(&query));
    }

    #[test]
    fn nothing_that_is_written_or_typed_panics(
        texts in prop::collection::vec(("\\PC{0,60}|.{0,300}", 0_usize..10), 0..12), query in ".{0,400}|[0-9+ @.-]{0,40}",
    ) {
        const FIELDS: [Field; 10] = [
            Field::Name, Field::Organisation, Field::Email, Field::Telephone, Field::Street, Field::Town,
            Field::PostalCode, Field::CustomerNumber, Field::OrderNumber, Field::BusinessId,
        ];
        let words: Vec<_> = texts.iter().map(|(text, field)| (FIELDS[*field], text.as_str())).collect();
        let one = Entry { id: Uuid::nil(), noun: Noun::Order, companies: 1, changed_at: 0, words: &words };
        let mut index = Index::new();
        index.upsert(one);
        let mut builder = Builder::default();
        builder.add(one);
        builder.add(one);
        let built = builder.build();
        for text in texts.iter().map(|(text, _)| text.as_str()).chain([query.as_str()]) {
            let query = Query { text, companies: 1, nouns: NounSet::ALL, limit: 5 };
            prop_assert_eq!(index.search(&query), built.search(&query));
        }
        prop_assert_eq!(built.len(), 1);
        index.remove(Uuid::nil());
        prop_assert!(index.is_empty());
    }
}

/// Names from syllables, in a fixed order.
fn names(count: usize) -> Vec<String> {
    const SYLLABLES: [&str; 12] = ["ko", "ski", "ta", "lo", "vir", "nen", "mä", "ki", "la", "hei", "sa", "ri"];
    let syllable = |n: usize| SYLLABLES[n % SYLLABLES.len()];
    (0..count)
        .map(|n| {
            let mixed = n * 7 + 3;
            let end = if n % 3 == 0 { "" } else { syllable(n / 1728 + n) };
            format!("{}{}{}{end}", syllable(mixed), syllable(mixed / 12 + n), syllable(mixed / 144 + 2 * n))
        })
        .collect()
}

#[test]
fn a_name_with_one_error_is_found() {
    let names = names(1500);
    let mut builder = Builder::with_capacity(names.len());
    for (number, name) in (0_u32..).zip(&names) {
        let town = format!("Town{}", number % 10);
        let words = [(Field::Name, name.as_str()), (Field::CustomerNumber, &number.to_string()), (Field::Town, &town)];
        let id = Uuid::from_u128(number.into());
        builder.add(Entry { id, noun: Noun::Person, companies: 1, changed_at: number.into(), words: &words });
    }
    let index = builder.build();
    let (mut tried, mut recalled) = (0, 0);
    for (number, name) in names.iter().enumerate().step_by(5) {
        let letters: Vec<char> = name.chars().collect();
        for at in 0..letters.len() - 1 {
            for kind in 0..4 {
                let mut typed = letters.clone();
                match kind {
                    0 => typed.swap(at, at + 1),
                    1 => typed[at] = 'x',
                    2 => typed.insert(at, 'q'),
                    _ => drop(typed.remove(at)),
                }
                if typed.len() < 5 {
                    continue;
                }
                let text = typed.into_iter().collect::<String>();
                let hits = index.search(&Query { text: &text, companies: 1, nouns: NounSet::ALL, limit: 20 });
                // Another person of the same name will do: it is the name that was recalled.
                tried += 1;
                recalled += u32::from(hits.iter().any(|hit| names[hit.id.as_u128() as usize] == names[number]));
            }
        }
    }
    assert!(tried > 5000, "{tried}");
    assert!(f64::from(recalled) >= 0.98 * f64::from(tried), "{recalled} of {tried}");
}
