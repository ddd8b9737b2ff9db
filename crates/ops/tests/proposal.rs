//! What a weaker source says waits for a decision, on both databases: nothing is overwritten, nothing is lost, and what
//! was decided does not come back.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use seloste_domain::draft::DraftText;
use seloste_domain::id::{PersonId, ProposalId, SourceId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::list::ListOf;
use seloste_domain::person::{Person, PersonDraft};
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::import::{Noun, Report, Request};
use seloste_ops::list::List;
use seloste_ops::proposal::{self, Against, Decided, Decision, Filter, Proposed, State};
use seloste_ops::{OpsError, history, import, log, organisation, person};
use seloste_testkit::{TestRegister, each_database, samples};

fn actor() -> Actor {
    TestRegister::operator()
}

fn source(name: &str) -> SourceId {
    name.parse().unwrap()
}

/// Imports rows about the sample people 1 and 2 as a source.
fn told(test: &TestRegister, dir: &Path, by: &str, rows: &str) -> Report {
    let path = dir.join(format!("{}.csv", test.db().env().id()));
    std::fs::write(
        &path,
        format!("nro;etunimi;sukunimi;puhelin;osoite;postinumero;toimipaikka;yritys;titteli\n{rows}"),
    )
    .unwrap();
    let mapping = "[columns]\nnro = \"customer_number\"\netunimi = \"given\"\nsukunimi = \"family\"\npuhelin = \"telephone\"\n\
                   osoite = \"street\"\npostinumero = \"postal_code\"\ntoimipaikka = \"town\"\nyritys = \"organisation\"\n\
                   titteli = \"title\"\n[constants]\ncompany = \"arjasmaa\"\n";
    let request = Request { mapping: Some(mapping.into()), ..Request::new(Noun::People, path, source(by)) };
    import::run(test, &actor(), &request, &|_| (), &AtomicBool::new(false)).unwrap()
}

fn draft() -> PersonDraft {
    PersonDraft {
        customer_number: "77".into(),
        telephones: vec![DraftText::new("040 123 4567")],
        emails: vec![DraftText::new("a@example.com")],
        ..samples::person(1)
    }
}

fn get(test: &TestRegister, id: PersonId) -> Person {
    person::show(test, &actor(), id).unwrap().person
}

fn numbers(test: &TestRegister, id: PersonId) -> Vec<String> {
    let person = get(test, id);
    person.values_of(Kind::Telephone).map(|stored| stored.value.display_in(Language::Fi)).collect()
}

/// The queue: fields with the ids of what is proposed of them.
fn waiting(test: &TestRegister, filter: &Filter) -> Vec<(&'static str, ProposalId)> {
    let queue = proposal::queue(test, &actor(), filter, None, 100).unwrap();
    let items: Vec<_> = queue.groups.iter().flat_map(|group| &group.items).collect();
    assert_eq!(items.len() as i64, queue.count);
    items.iter().map(|item| (item.proposal.proposed.field(), item.proposal.id)).collect()
}

fn decide(test: &TestRegister, ids: &[ProposalId], decision: Decision) -> Decided {
    proposal::decide(test, &actor(), ids, &HashMap::new(), decision).unwrap()
}

const KEPT: Filter = Filter { state: State::Kept, source: None, import: None, party: None };

fn story(test: &TestRegister, dir: &Path) {
    let all = Filter::default();
    let id = person::create(test, &actor(), &draft(), &source("customer")).unwrap();
    let before = get(test, id);
    let row = format!("77;{};{};050 765 4321;;;;Wartian Herkku;Johtaja\n", draft().given, "Toinen");
    let report = told(test, dir, "subcontractor", &row);
    // The organisation was named by nobody before, and so it comes in; name and number do not.
    assert_eq!((report.counts.updated, report.kept), (1, 2), "{report:?}");
    assert_eq!(numbers(test, id), ["+358 40 1234567"]);
    let fields: Vec<&str> = waiting(test, &all).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["name", "telephone"]);

    // The same again says nothing new; a later word of the same source takes the place of its earlier one.
    told(test, dir, "subcontractor", &row);
    assert_eq!(waiting(test, &all).len(), 2);
    told(test, dir, "subcontractor", &row.replace("765 4321", "111 2222"));
    let now = waiting(test, &all);
    assert_eq!(now.len(), 2, "{now:?}");
    let queue = proposal::queue(test, &actor(), &all, None, 100).unwrap();
    let number = queue.groups[0].items.iter().find(|item| item.proposal.proposed.field() == "telephone").unwrap();
    let Proposed::Value(new) = &number.proposal.proposed else { unreachable!() };
    assert_eq!(new.value.display_in(Language::Fi), "+358 50 1112222");
    assert!(matches!(&number.against, Against::Value(old) if old.source == source("customer")));

    // The name is kept, the number accepted.
    let name = now.iter().find(|(field, _)| *field == "name").unwrap().1;
    assert_eq!(decide(test, &[name], Decision::Keep), Decided { done: 1, ..Decided::default() });
    let version = get(test, id).version;
    let stale = HashMap::from([(id.into(), version - 1)]);
    let changed = proposal::decide(test, &actor(), &[number.proposal.id], &stale, Decision::Accept).unwrap();
    assert_eq!(
        (changed, numbers(test, id)),
        (Decided { changed: 1, ..Decided::default() }, vec!["+358 40 1234567".into()])
    );
    assert_eq!(decide(test, &[number.proposal.id, ProposalId(id.0)], Decision::Accept).done, 1);
    assert_eq!(numbers(test, id), ["+358 50 1112222"]);
    let accepted = get(test, id);
    let stored = accepted.values_of(Kind::Telephone).next().unwrap();
    assert_eq!((stored.source.as_str(), stored.entered_by.as_str()), ("subcontractor", "operator:test"));
    assert!(waiting(test, &all).is_empty());

    // What was decided does not come back, unless somebody wants to decide again.
    told(test, dir, "subcontractor", &row.replace("765 4321", "111 2222"));
    assert!(waiting(test, &all).is_empty());
    assert_eq!(decide(test, &[name], Decision::Reopen).done, 1);
    assert_eq!((waiting(test, &all).len(), waiting(test, &KEPT).len()), (1, 0));
    assert_eq!(decide(test, &[name], Decision::Keep).done, 1);

    // Accepting is a change like any other: it can be put back.
    let entries = history::of_person(test, &actor(), id).unwrap();
    history::revert(test, &actor(), id, accepted.version, entries[0].seq).unwrap();
    assert_eq!(numbers(test, id), ["+358 40 1234567"]);
    assert_eq!(get(test, id).values.len(), before.values.len());

    // Undoing an import takes what it proposed along, and erasing a person all that is proposed of them.
    let report = told(test, dir, "subcontractor", &row.replace("765 4321", "333 4444"));
    assert_eq!(waiting(test, &Filter { import: report.import, ..all.clone() }).len(), 1);
    import::undo(test, &actor(), report.import.unwrap()).unwrap();
    assert!(waiting(test, &all).is_empty());
    assert!(log::verify(test, &actor(), None).unwrap().is_sound());
}

#[test]
fn a_weaker_word_waits_for_a_decision() {
    each_database(|place| {
        let test = TestRegister::create(place);
        story(&test, tempfile::tempdir().unwrap().path());
        test.close();
    });
}

#[test]
fn an_older_word_and_an_organisation_wait_too() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("y.csv");
        let import = |text: &str, as_of: Option<&str>, by: &str| {
            std::fs::write(&path, text).unwrap();
            let mapping = "[columns]\nid = \"external_id\"\nnimi = \"name\"\npuhelin = \"telephone\"\nyht = \"contact.full_name\"\n\
                           titteli = \"contact.title\"\n[constants]\ncompany = \"arjasmaa\"\n";
            let as_of = as_of.map(|at| at.parse().unwrap());
            let request = Request {
                mapping: Some(mapping.into()),
                as_of,
                ..Request::new(Noun::Organisations, &path, source(by))
            };
            import::run(&test, &actor(), &request, &|_| (), &AtomicBool::new(false)).unwrap()
        };
        import(
            "id;nimi;puhelin;yht;titteli\n1;Wartian Herkku;09 123 4567;Pirkko Koskitalo;Johtaja\n",
            None,
            "registration",
        );
        let older = "id;nimi;puhelin;yht;titteli\n1;Wartian Vanha;09 765 4321;Pirkko Koskitalo;Myyjä\n";
        let report = import(older, Some("2020-01-01T00:00:00Z"), "registration");
        assert_eq!((report.counts.updated, report.kept), (0, 3), "{report:?}");
        let queue = proposal::queue(&test, &actor(), &Filter::default(), None, 100).unwrap();
        let fields: Vec<&str> =
            queue.groups.iter().flat_map(|g| &g.items).map(|item| item.proposal.proposed.field()).collect();
        assert_eq!((queue.groups.len(), fields), (2, vec!["telephone", "organisation_name", "organisation"]));
        let ids = proposal::all(&test, &actor(), &Filter { source: Some(source("registration")), ..Filter::default() });
        let decided = decide(&test, &ids.unwrap(), Decision::Accept);
        assert_eq!(decided, Decided { done: 3, ..Decided::default() });
        let list = List::first(ListOf::People, 9);
        let all = organisation::list(&test, &actor(), &list).unwrap().rows;
        assert_eq!(all[0].name, "Wartian Vanha");
        let people = person::list(&test, &actor(), &list).unwrap().rows;
        let titles: Vec<_> = people[0].representations.iter().map(|r| r.title.as_deref()).collect();
        assert_eq!(titles, [Some("Myyjä")]);
        test.close();
    });
}

#[test]
fn who_may_not_see_it_neither_sees_nor_decides() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let dir = tempfile::tempdir().unwrap();
        let hidden = PersonDraft { protected_address: true, ..draft() };
        let id = person::create(&test, &actor(), &hidden, &source("customer")).unwrap();
        let row = format!("77;{};{};;Salakuja 1;00100;Helsinki;;\n", draft().given, draft().family);
        assert_eq!(told(&test, dir.path(), "subcontractor", &row).kept, 1);
        let all = Filter::default();
        let proposed = waiting(&test, &all)[0].1;
        let office = test.sign_in(Role::Office, Some("arjasmaa")).1.actor;
        let stranger = test.sign_in(Role::Office, Some("verkkokauppa")).1.actor;
        for who in [&office, &stranger] {
            let queue = proposal::queue(&test, who, &all, None, 100).unwrap();
            assert_eq!((queue.groups.len(), queue.count), (0, 0));
            let decided = proposal::decide(&test, who, &[proposed], &HashMap::new(), Decision::Accept).unwrap();
            assert_eq!(decided, Decided { gone: 1, ..Decided::default() });
        }
        let reader = test.sign_in(Role::Reader, None).1.actor;
        assert!(matches!(proposal::queue(&test, &reader, &all, None, 9), Err(OpsError::Refused(_))));
        let kept = proposal::decide(&test, &reader, &[proposed], &HashMap::new(), Decision::Keep);
        assert!(matches!(kept, Err(OpsError::Refused(_))));
        assert_eq!(decide(&test, &[proposed], Decision::Accept).done, 1);
        assert_eq!(get(&test, id).values_of(Kind::PostalAddress).next().unwrap().source.as_str(), "subcontractor");
        test.close();
    });
}
