//! One thing done to many rows, on both databases: what is looked at is what is done, each row tells what became of it,
//! a restart loses nothing, and undoing puts back exactly what is still as it was left.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use seloste_domain::bulk::{BulkAct, BulkState, RowOutcome};
use seloste_domain::field::code;
use seloste_domain::id::{BulkId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::list::{ListOf, ListQuery};
use seloste_domain::notice::without_kind;
use seloste_domain::order::OrderState;
use seloste_domain::person::{Person, PersonDraft};
use seloste_domain::rights::Role;
use seloste_domain::tag::TagNames;
use seloste_domain::usage::Actor;
use seloste_domain::value::Value;
use seloste_ops::list::List;
use seloste_ops::tag::{self, TagDraft};
use seloste_ops::{OpsError, bulk, history, log, order, organisation, person, user};
use seloste_testkit::{NOTICE, TestRegister, each_database, samples};

fn add(test: &TestRegister, draft: &PersonDraft) -> PersonId {
    person::create(test, &TestRegister::operator(), draft, &TestRegister::source()).unwrap()
}

fn get(test: &TestRegister, id: PersonId) -> Person {
    person::show(test, &TestRegister::operator(), id).unwrap().person
}

fn tag_names(fi: &str) -> TagNames {
    TagNames { fi: fi.into(), ..TagNames::default() }
}

fn tagged(person: &Person) -> usize {
    person.values.iter().filter(|stored| matches!(stored.value, Value::Tags(_))).count()
}

/// Looks, begins, and does it to the end in this thread too: two that run it at once do nothing twice.
fn carry_out(test: &TestRegister, actor: &Actor, list: &List, act: &str) -> BulkId {
    let id = bulk::plan(test, actor, list, &act.parse().unwrap()).unwrap();
    bulk::start(test, actor, id, Some(&TestRegister::source())).unwrap();
    bulk::run(test, id).unwrap();
    assert_eq!(bulk::show(test, actor, id).unwrap().bulk.state, BulkState::Ended);
    id
}

fn counted(test: &TestRegister, actor: &Actor, id: BulkId) -> Vec<(RowOutcome, i64)> {
    let mut counts: Vec<_> = bulk::show(test, actor, id).unwrap().counts.into_iter().collect();
    counts.sort();
    counts
}

fn wrong(result: Result<impl std::fmt::Debug, OpsError>) -> &'static str {
    match result.unwrap_err() {
        OpsError::Fields(errors) => errors.0[0].code,
        other => unreachable!("{other}"),
    }
}

#[test]
fn what_was_looked_at_is_done_told_and_undone_exactly() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let office = test.actor(Role::Office);
        let people: Vec<PersonId> = (0..450).map(|number| add(&test, &samples::person(number))).collect();
        let protector = test.actor(Role::DataProtection);
        let vip = tag::create(&test, &protector, &tag_names("Kanta-asiakas")).unwrap();
        let source = TestRegister::source();
        tag::give(&test, &office, ListOf::People, people[3].into(), &vip, &source).unwrap();

        let all = List::first(ListOf::People, 50);
        let act: BulkAct = "tag:kanta-asiakas".parse().unwrap();
        let id = bulk::plan(&test, &office, &all, &act).unwrap();
        let shown = bulk::show(&test, &office, id).unwrap();
        assert_eq!((shown.bulk.state, shown.bulk.total), (BulkState::Planned, 450));
        assert_eq!(counted(&test, &office, id), [(RowOutcome::Waiting, 449), (RowOutcome::Already, 1)]);
        assert_eq!(shown.samples[0].1.len(), 10);
        assert_eq!(shown.samples[1].1[0].id, people[3].0);
        assert!(shown.samples.iter().all(|(_, named)| named.iter().all(|named| named.name.is_some())));
        assert_eq!(tagged(&get(&test, people[0])), 0, "looking does nothing");

        // Somebody is added who fits, and one is given the tag, between looking and doing.
        let late = add(&test, &samples::person(451));
        tag::give(&test, &office, ListOf::People, people[4].into(), &vip, &source).unwrap();
        let before = test.db().look(seloste_store::log::head).unwrap().0;
        assert_eq!(wrong(bulk::start(&test, &office, id, None)), code::REQUIRED);
        bulk::start(&test, &office, id, Some(&source)).unwrap();
        bulk::start(&test, &office, id, Some(&source)).unwrap();
        bulk::run(&test, id).unwrap();
        assert_eq!(counted(&test, &office, id), [(RowOutcome::Done, 448), (RowOutcome::Already, 2)]);
        assert_eq!(tagged(&get(&test, late)), 0);
        assert!(people.iter().all(|id| tagged(&get(&test, *id)) == 1));
        // A line for each of them, and a sealed change that their history shows.
        let log = log::newest(&test, &TestRegister::operator(), None, 2_000).unwrap();
        let changes = log.iter().filter(|event| event.seq >= before && event.action == "person.change");
        assert_eq!(changes.filter(|event| event.fields == ["tags"] && event.subjects.len() == 1).count(), 448);
        assert_eq!(history::of_person(&test, &office, people[0]).unwrap().len(), 2);

        // One is corrected, one is tagged anew: both stay as they are. Everything else is exactly as before.
        let corrected = get(&test, people[5]);
        let mut draft = corrected.draft(test.today());
        draft.family = "Uusinimi".into();
        person::change(&test, &office, corrected.id, corrected.version, &draft, &source).unwrap();
        assert_eq!(tagged(&get(&test, people[5])), 1, "a form does not take tags");
        tag::take(&test, &office, ListOf::People, people[6].into(), &vip).unwrap();
        tag::give(&test, &office, ListOf::People, people[6].into(), &vip, &source).unwrap();
        bulk::undo(&test, &office, id).unwrap();
        bulk::run(&test, id).unwrap();
        let left = [(RowOutcome::Already, 2), (RowOutcome::Undone, 446), (RowOutcome::Changed, 2)];
        assert_eq!(counted(&test, &office, id), left);
        let still: Vec<usize> = (0..450).filter(|at| tagged(&get(&test, people[*at])) == 1).collect();
        assert_eq!(still, [3, 4, 5, 6]);
        bulk::undo(&test, &office, id).unwrap();
        assert_eq!(bulk::show(&test, &office, id).unwrap().bulk.state, BulkState::Undone);
    });
}

#[test]
fn ticked_customers_go_to_a_company_and_back_within_a_day() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (office, single) = (test.actor(Role::Office), test.actor_in(Role::Office, "arjasmaa"));
        let ids: Vec<PersonId> = (0..5).map(|number| add(&test, &samples::person(number))).collect();
        let elsewhere = add(&test, &PersonDraft { companies: vec!["palvelut".into()], ..samples::person(9) });
        let list = List { only: Some(ids[..3].iter().map(|id| id.0).collect()), ..List::first(ListOf::People, 50) };
        // A company, and customers, that are not the actor's.
        assert_eq!(
            wrong(bulk::plan(&test, &single, &list, &"assign:palvelut".parse().unwrap())),
            code::COMPANY_UNKNOWN
        );
        let other = List { only: Some(vec![elsewhere.0]), ..list.clone() };
        assert_eq!(wrong(bulk::plan(&test, &single, &other, &"assign:arjasmaa".parse().unwrap())), code::BULK_NOTHING);
        assert_eq!(wrong(bulk::plan(&test, &office, &list, &"archive".parse().unwrap())), code::CHOICE_UNKNOWN);
        let reader = test.actor(Role::Reader);
        assert!(bulk::plan(&test, &reader, &list, &"assign:palvelut".parse().unwrap()).unwrap_err().is_not_found());

        let companies = |id: PersonId| get(&test, id).companies.len();
        let id = carry_out(&test, &office, &list, "assign:palvelut");
        assert_eq!(ids.iter().map(|id| companies(*id)).collect::<Vec<_>>(), [2, 2, 2, 1, 1]);
        // Nobody else sees it, and an organisation goes the same way.
        assert!(bulk::show(&test, &test.actor(Role::Office), id).unwrap_err().is_not_found());
        let draft = samples::organisation(1);
        let made = organisation::create(&test, &TestRegister::operator(), &draft, &TestRegister::source()).unwrap();
        carry_out(&test, &office, &List::first(ListOf::Organisations, 50), "assign:palvelut");
        let shown = organisation::show(&test, &office, made).unwrap();
        assert_eq!(shown.organisation.companies.len(), 2);

        test.clock().advance(jiff::SignedDuration::from_hours(24));
        assert_eq!(wrong(bulk::undo(&test, &office, id)), code::BULK_UNDO_LATE);
        assert_eq!(companies(ids[0]), 2);
        let id = carry_out(&test, &office, &List::first(ListOf::People, 50), "assign:palvelut");
        assert_eq!(counted(&test, &office, id), [(RowOutcome::Done, 2), (RowOutcome::Already, 4)]);
        test.clock().advance(jiff::SignedDuration::from_hours(23));
        bulk::undo(&test, &office, id).unwrap();
        bulk::run(&test, id).unwrap();
        assert_eq!(ids.iter().map(|id| companies(*id)).collect::<Vec<_>>(), [2, 2, 2, 1, 1]);
    });
}

#[test]
fn orders_are_archived_as_far_as_their_state_allows() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (finance, source) = (test.actor(Role::Finance), TestRegister::source());
        let customer = add(&test, &samples::person(1));
        let make = |number: usize, state: &str| {
            let draft =
                seloste_domain::order::OrderDraft { state: state.into(), ..samples::order(number, Some(customer)) };
            order::create(&test, &TestRegister::operator(), &draft, &source).unwrap()
        };
        let (invoiced, open) = (make(1, "invoiced"), make(2, "confirmed"));
        let mut query = ListQuery::whole(ListOf::Orders);
        query.archived = true;
        let list = List { query, ..List::first(ListOf::Orders, 50) };
        let id = carry_out(&test, &finance, &list, "archive");
        assert_eq!(counted(&test, &finance, id), [(RowOutcome::Done, 1), (RowOutcome::State, 1)]);
        let state = |id| order::show(&test, &finance, id).unwrap().order.state;
        assert_eq!((state(invoiced), state(open)), (OrderState::Archived, OrderState::Confirmed));
        bulk::undo(&test, &finance, id).unwrap();
        bulk::run(&test, id).unwrap();
        assert_eq!(state(invoiced), OrderState::Invoiced);
    });
}

#[test]
fn an_act_that_was_broken_off_goes_on_and_one_without_rights_ends() {
    each_database(|place| {
        let mut test = TestRegister::create(place);
        let (_, who) = test.sign_in(Role::Office, None);
        // Somebody must be left who can manage accounts.
        test.sign_in(Role::Administrator, None);
        let people: Vec<PersonId> = (0..5).map(|number| add(&test, &samples::person(number))).collect();
        let act: BulkAct = "assign:palvelut".parse().unwrap();
        let all = List::first(ListOf::People, 50);
        let id = bulk::plan(&test, &who.actor, &all, &act).unwrap();
        // It was begun, and the program ended before it did anything.
        let running = |test: &TestRegister, id: BulkId| {
            let (from, to) = (BulkState::Planned, BulkState::Running);
            test.db().write_plain(move |plain| seloste_store::bulk::set_state(&mut plain.tx(), id, from, to)).unwrap();
        };
        running(&test, id);
        test.reopen();
        bulk::resume(&test).unwrap();
        bulk::run(&test, id).unwrap();
        assert_eq!(counted(&test, &who.actor, id), [(RowOutcome::Done, 5)]);

        // What is stopped leaves the rest as it was.
        let act: BulkAct = "assign:verkkokauppa".parse().unwrap();
        let id = bulk::plan(&test, &who.actor, &all, &act).unwrap();
        running(&test, id);
        bulk::stop(&test, &who.actor, id).unwrap();
        bulk::run(&test, id).unwrap();
        assert_eq!(counted(&test, &who.actor, id), [(RowOutcome::Stopped, 5)]);
        // One that was only looked at is forgotten.
        let id = bulk::plan(&test, &who.actor, &all, &act).unwrap();
        bulk::stop(&test, &who.actor, id).unwrap();
        assert!(bulk::show(&test, &who.actor, id).unwrap_err().is_not_found());

        // Whoever is shut out does nothing more.
        let id = bulk::plan(&test, &who.actor, &all, &act).unwrap();
        running(&test, id);
        user::disable(&test, &TestRegister::operator(), who.user.id).unwrap();
        bulk::run(&test, id).unwrap();
        assert_eq!(counted(&test, &who.actor, id), [(RowOutcome::Refused, 5)]);
        assert!(people.iter().all(|id| get(&test, *id).companies.len() == 2));
    });
}

#[test]
fn tags_are_a_catalogue_and_a_kind_of_the_notice() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (office, protector) = (test.actor(Role::Office), test.actor(Role::DataProtection));
        let id = add(&test, &samples::person(1));
        let source = TestRegister::source();
        assert!(tag::create(&test, &office, &tag_names("Oma")).unwrap_err().is_not_found());
        let tag = tag::create(&test, &protector, &tag_names("Jälleenmyyjä")).unwrap();
        assert_eq!(tag.as_str(), "jalleenmyyja");
        assert_eq!(wrong(tag::create(&test, &protector, &tag_names("jälleenmyyjä"))), code::TAG_TAKEN);
        let unknown = "vapaa-teksti".parse().unwrap();
        assert_eq!(
            wrong(tag::give(&test, &office, ListOf::People, id.into(), &unknown, &source)),
            code::CHOICE_UNKNOWN
        );
        tag::give(&test, &office, ListOf::People, id.into(), &tag, &source).unwrap();
        assert_eq!(wrong(tag::remove(&test, &protector, &tag)), code::TAG_USED);

        // Retired: nobody gets it, and who has it keeps it until it is taken.
        let retired = TagDraft { names: tag_names("Jälleenmyyjä"), is_retired: true };
        tag::change(&test, &protector, &tag, 1, &retired).unwrap();
        assert!(tag::change(&test, &protector, &tag, 1, &retired).is_err(), "somebody else changed it");
        let other = add(&test, &samples::person(2));
        assert_eq!(wrong(tag::give(&test, &office, ListOf::People, other.into(), &tag, &source)), code::CHOICE_UNKNOWN);
        assert_eq!(tagged(&get(&test, id)), 1);

        // A notice without tags: none is seen, given or planned.
        let notice = without_kind(NOTICE, Kind::Tags).replacen("version = 1", "version = 2", 1);
        seloste_ops::notice::publish(&test, &protector, &notice, 1).unwrap();
        assert_eq!(tagged(&get(&test, id)), 0);
        assert!(tag::list(&test, &office).unwrap().is_empty());
        assert_eq!(wrong(tag::give(&test, &office, ListOf::People, other.into(), &tag, &source)), code::UNDECLARED);
        let all = List::first(ListOf::People, 50);
        let untag = bulk::plan(&test, &office, &all, &"untag:jalleenmyyja".parse().unwrap());
        assert_eq!(wrong(untag), code::UNDECLARED);
    });
}
