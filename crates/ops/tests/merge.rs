//! Duplicates on both databases: they are found with reasons, merged without loss, and taken apart again.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use seloste_domain::draft::DraftText;
use seloste_domain::duplicate::Reason;
use seloste_domain::id::{OrganisationId, PersonId};
use seloste_domain::merge::{Choice, Single};
use seloste_domain::person::{Person, PersonDraft};
use seloste_domain::rights::Role;
use seloste_ops::merge::{self, Decision};
use seloste_ops::search::{Found, NounSet};
use seloste_ops::{
    Env, NotMergeable, OpsError, Register, StoreError, duplicate, history, order, organisation, person, search,
};
use seloste_store::party::Noun;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

fn add(test: &TestRegister, draft: &PersonDraft) -> PersonId {
    person::create(test, &TestRegister::operator(), draft, &TestRegister::source()).unwrap()
}

fn get(test: &TestRegister, id: PersonId) -> Person {
    person::show(test, &TestRegister::operator(), id).unwrap().person
}

fn is_gone(test: &TestRegister, id: PersonId) -> bool {
    matches!(person::show(test, &TestRegister::operator(), id), Err(error) if error.is_not_found())
}

fn decision(test: &TestRegister, kept: PersonId, gone: PersonId, choice: Choice) -> Decision {
    Decision {
        noun: Noun::Person,
        kept: (kept.0, get(test, kept).version),
        gone: (gone.0, get(test, gone).version),
        choice,
    }
}

/// The same person with a typing error in the name and another number, as a second office would have added them.
fn again(draft: &PersonDraft) -> PersonDraft {
    PersonDraft {
        family: format!("{}i", draft.family),
        customer_number: "9999999".into(),
        emails: vec![DraftText::new("toinen@example.com")],
        ..draft.clone()
    }
}

/// All that a person is, but for how often and when it changed, in an order that does not depend on rows.
fn content(mut person: Person) -> Person {
    person.version = 0;
    person.changed_at = person.created_at;
    person.values.sort_by_key(|stored| stored.id);
    person.representations.sort_by_key(|r| r.id);
    person
}

fn found(test: &TestRegister, words: &str) -> Vec<PersonId> {
    found_by(test, words)
}

fn found_by(register: &Register, words: &str) -> Vec<PersonId> {
    let found = search::find(register, &TestRegister::operator(), words, NounSet::ALL, 20).unwrap();
    found.found.iter().filter_map(|f| if let Found::Person(p) = f { Some(p.id) } else { None }).collect()
}

fn merged_and_taken_apart(place: TestPlace) {
    let test = TestRegister::create(place);
    let (register, actor, source) = (test.register(), TestRegister::operator(), TestRegister::source());
    let kept = add(&test, &samples::representative(1, "Esimerkkiyritys Oy"));
    let gone = add(&test, &again(&samples::representative(1, "Toinen Oy")));
    add(&test, &samples::person(2));
    let first = order::create(register, &actor, &samples::order(1, Some(gone)), &source).unwrap();
    let before = (content(get(&test, kept)), content(get(&test, gone)));

    let looked = duplicate::find(register, &actor).unwrap();
    assert_eq!((looked.waiting, looked.new), (1, 1));
    assert!(looked.records >= 5, "{looked:?}");
    let queue = duplicate::queue(register, &actor, 10).unwrap();
    assert_eq!(queue.pairs[0].reasons, [Reason::SimilarName, Reason::SameTelephone, Reason::SameAddress]);
    assert_eq!(duplicate::find(register, &actor).unwrap().new, 0, "found twice, waiting once");

    let choice = Choice { from_gone: [Single::CustomerNumber].into(), ..Choice::default() };
    let compared = merge::compare(register, &actor, Noun::Person, kept.0, gone.0, &choice).unwrap();
    assert_eq!(compared.differing, [Single::Name, Single::CustomerNumber, Single::Represents]);
    assert_eq!((compared.kept.orders, compared.gone.orders), (0, 1));
    merge::make(register, &actor, &decision(&test, kept, gone, choice)).unwrap();

    let whole = get(&test, kept);
    let today = register.today();
    assert_eq!(whole.name(), before.0.name());
    assert_eq!(whole.customer_number(today), Some("9999999"));
    assert_eq!(whole.values_of(seloste_domain::kind::Kind::Email).count(), 2);
    assert_eq!(whole.representations_on(today).count(), 1);
    // The preview told it, value by value.
    let shown = |values: &[seloste_domain::value::StoredValue]| {
        let mut shown: Vec<_> = values.iter().map(|s| (s.value.display(), s.valid_until)).collect();
        shown.sort();
        shown
    };
    assert_eq!(shown(&compared.preview.values), shown(&whole.values));

    // The other one is in no list and no search; its number and its orders lead to the one that was kept.
    assert!(is_gone(&test, gone));
    assert_eq!(merge::successor(register, gone.0).unwrap(), Some(kept.0));
    assert_eq!(found(&test, "toinen@example.com"), [kept]);
    assert_eq!(person::count(register, &actor).unwrap(), 2);
    assert_eq!(order::show(register, &actor, first).unwrap().order.person, Some(kept));
    assert_eq!(history::of_order(register, &actor, first).unwrap().len(), 1, "its history can still be opened");
    assert_eq!(person::by_customer_number(register, &actor, "1000001").unwrap(), kept, "the earlier number leads here");
    assert_eq!(duplicate::count(register, &actor).unwrap(), 0);
    assert_eq!(duplicate::find(register, &actor).unwrap().waiting, 0);

    // The merging is one half each: putting back only one of them would lose the other.
    let entry = history::of_person(register, &actor, kept).unwrap().remove(0);
    assert!(matches!(
        history::revert(register, &actor, kept, whole.version, entry.seq),
        Err(OpsError::NothingToRevert)
    ));

    // What comes to the one that was kept stays there.
    let mut draft = whole.draft(today);
    draft.telephones.push(DraftText::new("+358 40 7654321"));
    person::change(register, &actor, kept, whole.version, &draft, &source).unwrap();
    let second = order::create(register, &actor, &samples::order(2, Some(kept)), &source).unwrap();
    merge::undo(register, &actor, kept.0, gone.0).unwrap();
    assert_eq!(content(get(&test, gone)), before.1);
    let mut apart = content(get(&test, kept));
    apart.values.retain(|stored| before.0.values.iter().any(|had| had.id == stored.id));
    assert_eq!(apart, before.0);
    assert_eq!(get(&test, kept).values.len(), before.0.values.len() + 1);
    assert_eq!(order::show(register, &actor, first).unwrap().order.person, Some(gone));
    assert_eq!(order::show(register, &actor, second).unwrap().order.person, Some(kept));
    assert_eq!(found(&test, "toinen@example.com"), [gone]);
    assert_eq!(merge::successor(register, gone.0).unwrap(), None);
    assert!(matches!(merge::undo(register, &actor, kept.0, gone.0), Err(error) if error.is_not_found()));
}

#[test]
fn two_records_are_merged_and_taken_apart() {
    each_database(merged_and_taken_apart);
}

#[test]
fn two_customers_stay_two() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor) = (test.register(), TestRegister::operator());
        let (one, other) = (add(&test, &samples::person(1)), add(&test, &again(&samples::person(1))));
        duplicate::find(register, &actor).unwrap();
        duplicate::dismiss(register, &actor, Noun::Person, one.0, other.0).unwrap();
        assert_eq!(duplicate::count(register, &actor).unwrap(), 0);
        assert_eq!(duplicate::find(register, &actor).unwrap().waiting, 0, "it was decided");
        let unknown = duplicate::dismiss(register, &actor, Noun::Person, other.0, one.0);
        assert!(matches!(unknown, Err(error) if error.is_not_found()));
    });
}

fn refused(result: seloste_ops::Result<()>, why: NotMergeable) -> bool {
    matches!(result, Err(OpsError::Merge(reason)) if reason == why)
}

#[test]
fn what_can_not_be_merged_is_refused_whole() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor) = (test.register(), TestRegister::operator());
        let (one, other) = (add(&test, &samples::person(1)), add(&test, &again(&samples::person(1))));
        let whole = (content(get(&test, one)), content(get(&test, other)));
        let good = decision(&test, one, other, Choice::default());

        let with_itself = Decision { gone: good.kept, ..good.clone() };
        assert!(refused(merge::make(register, &actor, &with_itself), NotMergeable::Itself));
        let stale = Decision { gone: (other.0, good.gone.1 + 1), ..good.clone() };
        let conflict = merge::make(register, &actor, &stale);
        assert!(matches!(conflict, Err(OpsError::Store(StoreError::Conflict { .. }))), "{conflict:?}");
        let nobody = Decision { gone: (uuid::Uuid::nil(), 1), ..good.clone() };
        assert!(matches!(merge::make(register, &actor, &nobody), Err(error) if error.is_not_found()));
        let reader = test.actor(Role::Reader);
        assert!(matches!(merge::make(register, &reader, &good), Err(error) if error.is_not_found()));

        // Somebody who has one of the two companies only can not take a record from the other.
        let third = add(&test, &PersonDraft { companies: companies(&test), ..samples::person(3) });
        let local = test.actor_in(Role::Office, samples::COMPANY);
        assert!(refused(
            merge::make(register, &local, &decision(&test, one, third, Choice::default())),
            NotMergeable::Outside
        ));
        assert_eq!((content(get(&test, one)), content(get(&test, other))), whole, "nothing was done");
        merge::make(register, &actor, &decision(&test, one, third, Choice::default())).unwrap();
        assert!(matches!(merge::undo(register, &local, one.0, third.0), Err(OpsError::Merge(NotMergeable::Outside))));
    });
}

fn companies(test: &TestRegister) -> Vec<String> {
    test.register().notice().unwrap().companies().iter().map(|company| company.id.to_string()).collect()
}

#[test]
fn the_stricter_protection_survives_and_hides_nothing_from_its_loss() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let register = test.register();
        let protected = PersonDraft { protected_address: true, ..again(&samples::person(1)) };
        let (one, other) = (add(&test, &samples::person(1)), add(&test, &protected));
        // Who does not see the address can not leave it out either.
        let hidden = get(&test, other);
        let address = hidden.values_of(seloste_domain::kind::Kind::PostalAddress).next().unwrap().id;
        let choice = Choice { left_out: [address].into(), ..Choice::default() };
        let office = test.actor_in(Role::Office, samples::COMPANY);
        merge::make(register, &office, &decision(&test, other, one, choice)).unwrap();
        let whole = get(&test, other);
        assert!(whole.protected_address);
        assert!(whole.values.iter().any(|stored| stored.id == address));
        assert!(found(&test, "esimerkkikatu").is_empty(), "a protected address is not searched");
        merge::undo(register, &office, other.0, one.0).unwrap();
        assert!(!get(&test, one).protected_address && get(&test, other).protected_address);
    });
}

#[test]
fn a_chain_is_taken_apart_from_its_end() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor) = (test.register(), TestRegister::operator());
        let [a, b, c] = [1, 2, 3].map(|n| add(&test, &samples::person(n)));
        merge::make(register, &actor, &decision(&test, b, a, Choice::default())).unwrap();
        merge::make(register, &actor, &decision(&test, c, b, Choice::default())).unwrap();
        assert_eq!(merge::successor(register, a.0).unwrap(), Some(c.0));
        assert!(matches!(merge::undo(register, &actor, b.0, a.0), Err(OpsError::Merge(NotMergeable::Later))));
        merge::undo(register, &actor, c.0, b.0).unwrap();
        merge::undo(register, &actor, b.0, a.0).unwrap();
        for (n, id) in [a, b, c].into_iter().enumerate() {
            let number = (1_000_001 + n).to_string();
            assert_eq!(get(&test, id).customer_number(register.today()), Some(number.as_str()));
            assert_eq!(get(&test, id).values.len(), get(&test, c).values.len());
        }
    });
}

#[test]
fn organisations_take_their_people_along() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor, source) = (test.register(), TestRegister::operator(), TestRegister::source());
        let contact = add(&test, &samples::representative(1, "Wartian herkku"));
        let elsewhere = Register::open(test.place().settings(), Env::system()).unwrap();
        assert_eq!(found_by(&elsewhere, "wartian herkku"), [contact]);
        let gone = get(&test, contact).representations[0].organisation;
        let mut draft = samples::organisation(1);
        draft.name = "Wartian Herkku Oy".into();
        let kept = organisation::create(register, &actor, &draft, &source).unwrap();
        let version = |id: OrganisationId| organisation::show(register, &actor, id).unwrap().organisation.version;
        let decision = Decision {
            noun: Noun::Organisation,
            kept: (kept.0, version(kept)),
            gone: (gone.0, version(gone)),
            choice: Choice::default(),
        };
        merge::make(register, &actor, &decision).unwrap();
        let represents = |test: &TestRegister| {
            let r = get(test, contact).representations.remove(0);
            (r.organisation, r.organisation_name)
        };
        assert_eq!(represents(&test), (kept, "Wartian Herkku Oy".into()));
        // They are found by its name, also by another program that uses the same register.
        assert_eq!(found(&test, "wartian herkku oy"), [contact]);
        assert_eq!(found_by(&elsewhere, "wartian herkku oy"), [contact]);
        elsewhere.close();
        merge::undo(register, &actor, kept.0, gone.0).unwrap();
        assert_eq!(represents(&test), (gone, "Wartian herkku".into()));
    });
}
