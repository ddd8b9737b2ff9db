//! Orders on both databases: what an order was stays, and an archived one can be fetched and not edited (promise P04).

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use jiff::SignedDuration;
use seloste_domain::draft::DraftAddress;
use seloste_domain::field::FieldErrors;
use seloste_domain::order::OrderState;
use seloste_ops::order::{self, Filter};
use seloste_ops::{OpsError, person};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

fn listed(test: &TestRegister, filter: &Filter) -> usize {
    order::newest(test, &TestRegister::operator(), filter, 50).unwrap().len()
}

fn refused(result: seloste_ops::Result<i64>) -> bool {
    matches!(result, Err(OpsError::OrderState("archived")))
}

fn an_order_lives_and_is_archived(place: TestPlace) {
    let test = TestRegister::create(place);
    let (register, actor, source) = (test.register(), TestRegister::operator(), TestRegister::source());
    let customer = person::create(register, &actor, &samples::person(1), &source).unwrap();
    let delivery = DraftAddress {
        street: "Vanhatie 1".into(),
        postal_code: "90100".into(),
        town: "Oulu".into(),
        ..DraftAddress::default()
    };
    let draft = seloste_domain::order::OrderDraft { delivery, ..samples::order(1, Some(customer)) };
    let id = order::create(register, &actor, &draft, &source).unwrap();

    // The customer moves: the order stays where it was sent.
    let card = person::show(register, &actor, customer).unwrap().person;
    let mut moved = card.draft(register.today());
    moved.addresses = vec![samples::address(7)];
    person::change(register, &actor, customer, card.version, &moved, &source).unwrap();
    let shown = order::show(register, &actor, id).unwrap().order;
    assert_eq!(shown.delivery.as_ref().unwrap().address.street, "Vanhatie 1");

    let version = order::set_state(register, &actor, id, shown.version, OrderState::Delivered).unwrap();
    assert_eq!(order::archive(register, &actor).unwrap(), 0, "its time has not come");
    test.clock().advance(SignedDuration::from_hours(24 * 365 * 2 + 24 * 40));
    assert_eq!(order::archive(register, &actor).unwrap(), 1);
    assert_eq!(order::archive(register, &actor).unwrap(), 0);

    assert_eq!(listed(&test, &Filter::default()), 0);
    assert_eq!(listed(&test, &Filter { archived: true, ..Filter::default() }), 1);
    let archived = order::show(register, &actor, id).unwrap().order;
    assert_eq!((archived.state, archived.version), (OrderState::Archived, version + 1));
    assert_eq!(archived.totals, shown.totals);
    assert!(refused(order::change(register, &actor, id, archived.version, &draft, &source)));
    for state in OrderState::ALL {
        assert!(refused(order::set_state(register, &actor, id, archived.version, state)), "{state:?}");
    }
}

#[test]
fn an_archived_order_can_be_fetched_and_not_edited() {
    each_database(an_order_lives_and_is_archived);
}

#[test]
fn an_order_number_is_used_once_in_a_company() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor, source) = (test.register(), TestRegister::operator(), TestRegister::source());
        let customer = person::create(register, &actor, &samples::person(1), &source).unwrap();
        order::create(register, &actor, &samples::order(1, Some(customer)), &source).unwrap();
        let again = order::create(register, &actor, &samples::order(1, Some(customer)), &source);
        assert!(
            matches!(&again, Err(OpsError::Fields(FieldErrors(errors))) if errors[0].field == "number"),
            "{again:?}"
        );
    });
}
