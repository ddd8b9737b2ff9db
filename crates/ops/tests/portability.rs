//! What a person gave is taken along, and another register brings in the same values (promise P25).

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use seloste_domain::person::{Person, PersonDraft};
use seloste_domain::rights::Role;
use seloste_domain::value::Value;
use seloste_ops::portability::{self, Portable};
use seloste_ops::{access, order, person};
use seloste_testkit::program::checkout;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples, schema};

fn values(person: &Person) -> Vec<(Value, Option<jiff::civil::Date>, Option<jiff::civil::Date>)> {
    let kept = person.values.iter().filter(|stored| !matches!(stored.value, Value::CustomerNumber(_) | Value::Tags(_)));
    let mut values: Vec<_> = kept.map(|s| (s.value.clone(), s.valid_from, s.valid_until)).collect();
    values.sort_by_key(|(value, ..)| serde_json::to_string(value).unwrap());
    values
}

fn taken_along(place: TestPlace) {
    let here = TestRegister::create(place);
    let there = TestRegister::create_seeded(TestPlace::sqlite(), seloste_testkit::NOTICE, 7);
    let (operator, source) = (TestRegister::operator(), TestRegister::source());
    let mut draft = samples::representative(3, "Esimerkki & Pojat Oy");
    draft.addresses[0].label = "billing".into();
    draft.telephones[0].label = "mobile".into();
    draft.emails[0].valid_from = "2024-01-01".into();
    let id = person::create(&here, &operator, &draft, &source).unwrap();
    order::create(&here, &operator, &samples::order(1, Some(id)), &source).unwrap();
    let handler = here.actor(Role::DataProtection);
    let made = portability::make(&here, &handler, id, None).unwrap();
    let (_, json) = access::open(&here, &handler, made).unwrap();
    // It is what the published schema says.
    let text = std::fs::read_to_string(checkout().join("docs/schema/portable-person.schema.json")).unwrap();
    let published = serde_json::from_str(&text).unwrap();
    let differences = schema::differences(&published, &serde_json::from_slice(&json).unwrap());
    assert!(differences.is_empty(), "{differences:#?}");
    let portable: Portable = portability::read(&json).unwrap();
    assert_eq!((portable.orders.len(), portable.represents.len()), (1, 1));
    // The other register has the same values, under its own source.
    let companies = ["arjasmaa".parse().unwrap()];
    let office = there.actor(Role::Office);
    let brought = portability::import(&there, &office, &json, &source, &companies).unwrap();
    let (from, to) =
        (person::show(&here, &operator, id).unwrap().person, person::show(&there, &operator, brought).unwrap().person);
    assert_eq!(values(&from), values(&to));
    assert_eq!(from.representations[0].organisation_name, to.representations[0].organisation_name);
    assert_eq!(from.representations[0].title, to.representations[0].title);
    assert!(portability::import(&there, &office, &json, &source, &companies).is_err(), "the same twice");
    assert!(portability::import(&there, &office, b"{}", &source, &companies).is_err());
    // What others told is left.
    let files = portability::files(&json).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["tiedot.json", "tiedot.vcf", "tiedot.csv", "tiedot.xlsx"]);
    let card = String::from_utf8(files[1].1.clone()).unwrap();
    assert!(card.contains("EMAIL:asiakas3@example.com\r\n") && card.contains("TEL:+358400000003\r\n"), "{card}");
    assert!(portability::zip(&json).unwrap().starts_with(b"PK"));
}

#[test]
fn a_person_taken_along_is_the_same_elsewhere() {
    each_database(taken_along);
}

#[test]
fn what_others_told_stays() {
    let test = TestRegister::sqlite();
    let operator = TestRegister::operator();
    let notice = test.notice().unwrap();
    let other = notice.sources().iter().find(|source| !seloste_domain::portability::is_own(source.kind)).unwrap();
    let draft = PersonDraft { organisation: None, ..samples::person(1) };
    let id = person::create(&test, &operator, &draft, &other.id).unwrap();
    let made = portability::make(&test, &operator, id, None).unwrap();
    let (_, json) = access::open(&test, &operator, made).unwrap();
    assert!(portability::read(&json).unwrap().values.is_empty());
}
