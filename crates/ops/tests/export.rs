//! Lists that leave the register, on both databases.

use std::path::Path;

use seloste_domain::id::PurposeId;
use seloste_domain::language::Language;
use seloste_domain::list::{ListOf, ListQuery};
use seloste_domain::order::{OrderDraft, OrderState};
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::{Actor, Refused};
use seloste_ops::export::{self, Format, Request, Word};
use seloste_ops::list::List;
use seloste_ops::{OpsError, log};
use seloste_ops::{order, organisation, person};
use seloste_testkit::{TestRegister, each_database, samples};

fn named(word: Word) -> String {
    match word {
        Word::Column(name) => name.to_owned(),
        Word::State(state) => state.as_str().to_owned(),
    }
}

#[test]
fn a_list_leaves_for_a_purpose_and_each_person_has_a_line_in_the_log() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (operator, source) = (TestRegister::operator(), TestRegister::source());
        let office = test.actor_in(Role::Office, "arjasmaa");
        let mut ids = Vec::new();
        for number in 0..520 {
            ids.push(person::create(&test, &operator, &samples::person(number), &source).unwrap().0);
        }
        let formula = PersonDraft { given: "Åke".into(), title: "=1+1".into(), ..samples::representative(600, "Oy") };
        ids.push(person::create(&test, &operator, &formula, &source).unwrap().0);
        let hidden = PersonDraft { protected_address: true, ..samples::person(601) };
        let street = hidden.addresses[0].street.clone();
        ids.push(person::create(&test, &operator, &hidden, &source).unwrap().0);
        let elsewhere = PersonDraft { companies: vec!["verkkokauppa".into()], ..samples::person(602) };
        person::create(&test, &operator, &elsewhere, &source).unwrap();

        let path = test.place().data().join("asiakkaat.csv");
        let purpose = test.notice().unwrap().purposes()[1].id.clone();
        let list = List::first(ListOf::People, 1);
        let to = (path.as_path(), Format::Csv);
        let write = |actor: &Actor, purpose: &PurposeId, (path, format): (&Path, Format)| {
            let request = Request { purpose, list: &list, path, format, language: Language::Fi };
            export::write(&test, actor, &request, named)
        };
        let stays = write(&office, &"marketing".parse().unwrap(), to);
        assert!(matches!(stays, Err(OpsError::Fields(_))) && !path.exists(), "a list for marketing stays inside");
        let before = test.db().look(seloste_store::log::head).unwrap().0;
        let written = write(&office, &purpose, to).unwrap();
        assert_eq!(written, 522);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 523);
        assert!(text.starts_with("\u{feff}customer_number;family;given;"), "{}", text.lines().next().unwrap());
        assert!(text.contains(";'=1+1;") && !text.contains(&street));

        let entries = log::newest(&test, &operator, None, 50).unwrap();
        let left: Vec<_> = entries.iter().filter(|e| e.seq >= before && e.action == "person.export").collect();
        assert!(left.iter().all(|entry| entry.purpose.as_deref() == Some(purpose.as_str())));
        let mut subjects: Vec<_> = left.iter().flat_map(|entry| entry.subjects.clone()).collect();
        subjects.sort();
        subjects.dedup();
        ids.sort();
        assert_eq!(subjects, ids);

        // Nothing is written over, without a purpose, or by somebody who may not.
        assert!(write(&office, &purpose, to).is_err());
        let (other, undeclared) = (path.with_extension("other"), "mainonta-muille".parse().unwrap());
        let to = (other.as_path(), Format::Xlsx);
        let refused = write(&office, &undeclared, to);
        assert!(matches!(refused, Err(OpsError::Refused(Refused::NoPurpose(_)))), "{refused:?}");
        let reader = test.actor(Role::Reader);
        let refused = write(&reader, &purpose, to);
        assert!(matches!(refused, Err(OpsError::Refused(Refused::NoRight(Action::PersonExport)))), "{refused:?}");
        assert!(!other.exists());
    });
}

#[test]
fn organisations_and_orders_leave_by_the_same_rules() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (operator, source) = (TestRegister::operator(), TestRegister::source());
        let office = test.actor_in(Role::Office, "arjasmaa");
        let mut draft = samples::organisation(1);
        draft.name = "=Kaava Oy".into();
        let formula = organisation::create(&test, &operator, &draft, &source).unwrap();
        organisation::create(&test, &operator, &samples::organisation(2), &source).unwrap();
        let customer = person::create(&test, &operator, &samples::person(1), &source).unwrap();
        for (number, state) in [(1, "confirmed"), (2, "draft"), (3, "invoiced")] {
            let draft = OrderDraft { state: state.into(), ..samples::order(number, Some(customer)) };
            order::create(&test, &operator, &draft, &source).unwrap();
        }
        let purpose = test.notice().unwrap().purposes()[1].id.clone();
        let write = |actor: &Actor, list: &List, name: &str, format| {
            let path = test.place().data().join(name);
            let request = Request { purpose: &purpose, list, path: &path, format, language: Language::Fi };
            export::write(&test, actor, &request, named).map(|rows| (rows, std::fs::read(&path).unwrap()))
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let before = test.db().look(seloste_store::log::head).unwrap().0;

        let only = List { only: Some(vec![formula.0]), ..List::first(ListOf::Organisations, 1) };
        let (rows, file) = write(&office, &only, "o.csv", Format::Csv).unwrap();
        let file = text(file);
        assert_eq!((rows, file.contains(";'=Kaava Oy;"), file.contains("Esimerkkiyritys")), (1, true, false));
        let (rows, card) = write(&office, &only, "o.vcf", Format::Vcard).unwrap();
        assert!(rows == 1 && text(card).contains("KIND:org\r\nFN:=Kaava Oy\r\n"));

        let mut query = ListQuery::whole(ListOf::Orders);
        query.state = Some(OrderState::Confirmed);
        let confirmed = List { query, ..List::first(ListOf::Orders, 1) };
        let (rows, file) = write(&office, &confirmed, "t.csv", Format::Csv).unwrap();
        let file = text(file);
        assert_eq!(rows, 1);
        assert!(file.contains("number;ordered_on;person;organisation;company;state;lines;net;gross\r\n"), "{file}");
        assert!(file.contains("T-00001;2026-11-02;") && file.contains(";confirmed;2;\"119,85\";"), "{file}");
        assert!(write(&office, &confirmed, "t.vcf", Format::Vcard).is_err(), "an order is nothing for an address book");
        assert_eq!(write(&office, &List::first(ListOf::Orders, 1), "t.xlsx", Format::Xlsx).unwrap().0, 3);

        let log = log::newest(&test, &operator, None, 50).unwrap();
        for (action, subject) in [("organisation.export", formula.0), ("order.export", customer.0)] {
            let mut left = log.iter().filter(|event| event.seq >= before && event.action == action);
            let told = |event: &seloste_domain::log::Event| {
                event.subjects.contains(&subject) && event.purpose.as_deref() == Some(purpose.as_str())
            };
            assert!(left.any(told), "{action}");
        }
        let marketing = test.actor(Role::Marketing);
        assert!(write(&marketing, &only, "m.csv", Format::Csv).unwrap_err().is_not_found());
    });
}
