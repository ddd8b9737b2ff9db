//! What is found and in which order, as the people at the counter see it.

use seloste_search::{Builder, Entry, Field, Hit, Index, Noun, NounSet, Query};
use uuid::Uuid;

use Field::{BusinessId, CustomerNumber, Email, Name, OrderNumber, Organisation, PostalCode, Street, Telephone, Town};

type Texts<'a> = &'a [(Field, &'a str)];

const PIRKKO: Texts<'_> = &[
    (Name, "Pirkko Koskitalo"),
    (Organisation, "Wartian Herkku"),
    (Email, "pirkko.koskitalo@mail.example.fi"),
    (Telephone, "+358981443655"),
    (Street, "Torikatu 38"),
    (Town, "Oulu"),
    (PostalCode, "90110"),
    (CustomerNumber, "WARTH"),
];

/// An index of people with the ids 1, 2, ..., of which the later ones changed later.
fn index(people: &[Texts<'_>]) -> Index {
    let mut index = Index::new();
    for (number, words) in (1..).zip(people) {
        index.upsert(entry(number, words));
    }
    index
}

fn entry<'a>(number: u128, words: Texts<'a>) -> Entry<'a> {
    let id = Uuid::from_u128(number);
    Entry { id, noun: Noun::Person, companies: 1, changed_at: number as i64, words }
}

fn hits(index: &Index, text: &str) -> Vec<Hit> {
    index.search(&Query { text, companies: 1, nouns: NounSet::ALL, limit: 20 })
}

fn found(index: &Index, text: &str) -> Vec<u128> {
    hits(index, text).iter().map(|hit| hit.id.as_u128()).collect()
}

#[test]
fn koskitalo_of_oulu_is_found_by_all_that_is_known_of_her() {
    let index = index(&[PIRKKO, &[(Name, "Matti Meikäläinen"), (Town, "Oulu")]]);
    for text in [
        "koskitalo oulu",
        "OULU Koskitalo",
        "kos oul",
        "wartian",
        "herkku pirkko",
        "pirkko.koskitalo@mail.example.fi",
        "pirkko.kos",
        "koskitalo@",
        "@mail.example.fi",
        "@example.fi",
        "example.fi",
        "mail.exa",
        "torikatu 38",
        "90110",
        "901",
        "warth",
        "09 8144 3655",
        "(09) 81443655",
        "0981443655",
        "+358 9 81443655",
        "+358 (0)9 81443655",
        "00358981443655",
        "358981443655",
        "098",
        "koskitlao oulu",
        "kosktialo",
        "koskitl",
        "wartain herku",
    ] {
        assert_eq!(found(&index, text).first(), Some(&1), "{text:?}");
    }
    for text in ["koskitalo tampere", "pirkko@other.fi", "+35850", "xkoskitalo oulux 12", "%", "*", "", "kos*"] {
        let expected: &[u128] = if text == "kos*" { &[1] } else { &[] };
        assert_eq!(found(&index, text), expected, "{text:?}");
    }
}

#[test]
fn folding_forgives_what_was_not_typed() {
    for (name, typed, expected) in [
        ("Mäki", "maki", true),
        ("Mäki", "mäki", true),
        ("Mäki", "MA\u{308}KI", true),
        ("Maki", "mäki", false),
        ("Ågren", "agren", true),
        ("Ågren", "ägren", false),
        ("Möller", "moller", true),
        ("Møller", "möller", true),
        ("Muñoz", "munoz", true),
        ("Weiß", "weiss", true),
        ("Weiss", "weiß", true),
        ("Kjær", "kjaer", true),
        ("Kjær", "kjär", true),
        ("Mäki-Kokko", "kokko", true),
        ("Mäki-Kokko", "maki kokko", true),
        ("Mäki-Kokko", "makikokko", true),
        ("Mäki-Kokko", "mäki-kokko", true),
        ("Mäkikokko", "mäki-kokko", true),
        ("Mäki Kokko", "mäki‑kokko", true),
        ("O’Brien", "obrien", true),
        ("OBrien", "o'brien", true),
        ("Georg von Wright", "georg wright", true),
        ("Georg Wright", "georg von wright", true),
        ("Wright", "von", false),
        ("名前 太郎", "太郎", true),
        ("Иван", "иван", true),
    ] {
        let index = index(&[&[(Name, name)]]);
        let exact = hits(&index, typed).iter().any(|hit| !hit.corrected);
        assert_eq!(exact, expected, "{typed:?} for {name:?}");
    }
}

#[test]
fn numbers_are_found_with_and_without_their_punctuation() {
    let index = index(&[&[(OrderNumber, "2024-00123"), (BusinessId, "1234567-8")], &[(OrderNumber, "2024-00456")]]);
    for text in ["2024-00123", "202400123", "2024-001", "00123", "1234567-8", "12345678", "FI12345678", "fi-12345678"] {
        assert_eq!(found(&index, text), [1], "{text:?}");
    }
}

#[test]
fn whole_words_names_and_late_changes_come_first() {
    let index = index(&[
        &[(Name, "Ali")],
        &[(Name, "Oulu Aaltonen")],
        &[(Name, "Alina"), (Town, "Oulu")],
        &[(Name, "Alina"), (Town, "Oulunsalo")],
        &[(Name, "Alla"), (Town, "Oulu"), (Organisation, "Ali Oy")],
        &[(Name, "Oula"), (Town, "Oulu")],
    ]);
    for (text, expected) in [
        ("ali", &[1, 5, 4, 3][..]),
        ("oulu", &[2, 6, 5, 3, 4]),
        ("alina oulu", &[3, 4]),
        ("ali oulu", &[5, 3, 4]),
        ("oul ali", &[5, 4, 3]),
    ] {
        assert_eq!(found(&index, text), expected, "{text:?}");
    }
}

#[test]
fn corrected_hits_say_so_and_come_last() {
    let index = index(&[&[(Name, "Virtanen")], &[(Name, "Virtanem")], &[(Name, "Wirtanem")], &[(Name, "Korhonen")]]);
    let answer: Vec<_> = hits(&index, "virtanem").iter().map(|hit| (hit.id.as_u128(), hit.corrected)).collect();
    assert_eq!(answer, [(2, false), (3, true), (1, true)]);
    assert_eq!(found(&index, "kor"), [4]);
    assert_eq!(found(&index, "kxr"), [] as [u128; 0], "three letters are not corrected");
}

#[test]
fn a_change_is_found_at_once_and_what_was_before_is_not() {
    let mut index = index(&[PIRKKO]);
    index.upsert(entry(1, &[(Name, "Pirkko Laine"), (Town, "Kemi")]));
    assert_eq!(found(&index, "laine kemi"), [1]);
    assert_eq!(found(&index, "koskitalo"), [] as [u128; 0]);
    assert_eq!(index.len(), 1);
    assert!(index.remove(Uuid::from_u128(1)));
    assert!(!index.remove(Uuid::from_u128(1)));
    assert!(index.is_empty() && found(&index, "laine").is_empty());
}

#[test]
fn an_erased_word_is_nowhere_in_memory() {
    for built in [false, true] {
        let mut builder = Builder::with_capacity(1);
        if built {
            builder.add(entry(1, PIRKKO));
        }
        let mut index = builder.build();
        index.upsert(entry(1, PIRKKO));
        index.upsert(entry(2, &[(Name, "Someone")]));
        let bytes = |word: &str| format!("{:?}", word.as_bytes()).trim_matches(['[', ']']).to_owned();
        assert!(format!("{index:?}").contains(&bytes("koskitalo")));
        index.remove(Uuid::from_u128(1));
        let memory = format!("{index:?}");
        assert!(memory.contains(&bytes("someone")));
        for word in ["koskitalo", "pirkko", "+358981443655", "mail.example"] {
            assert!(!memory.contains(&bytes(word)), "{word}");
        }
    }
}

#[test]
fn a_word_written_again_and_again_leaves_room_for_others() {
    let words = [(CustomerNumber, "7 ".repeat(200)), (Email, "7 ".repeat(200)), (Name, "Laine".to_owned())];
    let words: Vec<_> = words.iter().map(|(field, text)| (*field, text.as_str())).collect();
    let mut builder = Builder::default();
    builder.add(entry(1, &words));
    assert_eq!(found(&builder.build(), "laine 7"), [1]);
    assert_eq!(found(&index(&[&words]), "laine 7"), [1]);
}

#[test]
fn the_noun_and_the_limit_are_kept() {
    let mut index = index(&[PIRKKO, PIRKKO]);
    index.upsert(Entry { noun: Noun::Order, ..entry(3, PIRKKO) });
    let ask = |nouns, limit| index.search(&Query { text: "pirkko", companies: 1, nouns, limit }).len();
    assert_eq!(ask(NounSet::ALL, 20), 3);
    assert_eq!(ask(NounSet::only(Noun::Person), 20), 2);
    assert_eq!(ask(NounSet::only(Noun::Order).with(Noun::Organisation), 20), 1);
    assert_eq!(ask(NounSet::NONE, 20), 0);
    assert_eq!(ask(NounSet::ALL, 2), 2);
    assert_eq!(ask(NounSet::ALL, 0), 0);
}
