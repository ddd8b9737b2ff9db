//! The first story, on both databases: a register is made, people and orders come in, are found, corrected and put
//! back, and the log tells all of it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use seloste_domain::draft::{DraftAddress, DraftText, OrganisationRef};
use seloste_domain::order::{LineDraft, OrderDraft, OrderState};
use seloste_domain::person::PersonDraft;
use seloste_ops::search::{Found, NounSet};
use seloste_ops::{history, log, order, person, search};
use seloste_testkit::{TestPlace, TestRegister, each_database};

fn pirkko() -> PersonDraft {
    PersonDraft {
        given: "Pirkko".into(),
        family: "Koskitalo".into(),
        language: "fi".into(),
        emails: vec![DraftText::new("pirkko.koskitalo@example.com")],
        telephones: vec![DraftText::new("040 123 4567")],
        addresses: vec![DraftAddress {
            street: "Torikatu 38".into(),
            postal_code: "90100".into(),
            ..DraftAddress::default()
        }],
        organisation: Some(OrganisationRef::Named("Wartian Herkku".into())),
        title: "Accounting Manager".into(),
        companies: vec!["arjasmaa".into()],
        ..PersonDraft::default()
    }
}

fn story(place: TestPlace) {
    let mut test = TestRegister::create(place);
    let actor = TestRegister::operator();
    let source = TestRegister::source();
    let register = &*test;
    let id = person::create(register, &actor, &pirkko(), &source).unwrap();
    let found = search::find(register, &actor, "koskitalo oulu", NounSet::ALL, 10).unwrap();
    assert!(matches!(&found.found[..], [Found::Person(p)] if p.id == id), "{found:?}");
    assert_eq!(search::find(register, &actor, "0401234567", NounSet::ALL, 10).unwrap().found.len(), 1);
    assert_eq!(search::find(register, &actor, "wartian", NounSet::ALL, 10).unwrap().found.len(), 2);

    let card = person::show(register, &actor, id).unwrap();
    let mut draft = card.person.draft(register.today());
    draft.telephones[0].text = "050 765 4321".into();
    let version = person::change(register, &actor, id, card.person.version, &draft, &source).unwrap();
    let late = PersonDraft { title: "CFO".into(), ..draft.clone() };
    assert!(person::change(register, &actor, id, card.person.version, &late, &source).is_err(), "a lost update");
    assert_eq!(search::find(register, &actor, "0507654321", NounSet::ALL, 10).unwrap().found.len(), 1);
    assert_eq!(search::find(register, &actor, "0401234567", NounSet::ALL, 10).unwrap().found.len(), 0);

    let entries = history::of_person(register, &actor, id).unwrap();
    assert_eq!(entries.len(), 2);
    history::revert(register, &actor, id, version, entries[0].seq).unwrap();
    assert_eq!(search::find(register, &actor, "0401234567", NounSet::ALL, 10).unwrap().found.len(), 1);

    let order = OrderDraft {
        number: "10248".into(),
        company: "arjasmaa".into(),
        person: Some(id),
        ordered_on: "2026-11-20".into(),
        lines: vec![LineDraft {
            product: "11".into(),
            quantity: "3".into(),
            unit_price: "9.80".into(),
            vat_rate: "0.255".into(),
            ..LineDraft::default()
        }],
        ..OrderDraft::default()
    };
    let order_id = order::create(register, &actor, &order, &source).unwrap();
    assert!(order::create(register, &actor, &order, &source).is_err(), "a number twice");
    let shown = order::show(register, &actor, order_id).unwrap();
    assert_eq!(shown.order.totals.net.0, 2940);
    order::set_state(register, &actor, order_id, 1, OrderState::Confirmed).unwrap();
    assert_eq!(person::show(register, &actor, id).unwrap().orders, 1);
    assert!(matches!(&search::find(register, &actor, "10248", NounSet::ALL, 10).unwrap().found[..], [Found::Order(_)]));

    let report = log::verify(register, &actor, None).unwrap();
    assert!(report.is_sound(), "{report:?}");
    let about = history::log_of(register, &actor, id.0, 100).unwrap();
    assert!(about.iter().any(|e| e.action == "person.show"));
    assert!(about.iter().all(|e| e.purpose.is_some() || e.subjects.is_empty()));
    let before = about.len();
    register.db().index_log().unwrap();
    assert_eq!(history::log_of(register, &actor, id.0, 100).unwrap().len(), before + 1);
    let note = log::checkpoint(register, &actor).unwrap();
    test.reopen();
    let register = &*test;
    assert_eq!(search::find(register, &actor, "pirko koskitlo", NounSet::ALL, 10).unwrap().found.len(), 1);
    assert!(log::verify(register, &actor, Some(&note)).unwrap().is_sound());
}

#[test]
fn a_customer_comes_in_is_found_corrected_and_put_back() {
    each_database(story);
}
