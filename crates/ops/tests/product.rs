//! The catalogue and the quick taking of orders, on both databases.

use seloste_domain::field::FieldErrors;
use seloste_domain::id::OrderId;
use seloste_domain::money::DecimalMark;
use seloste_domain::order::LineDraft;
use seloste_domain::product::ProductDraft;
use seloste_domain::rights::Role;
use seloste_ops::order::Created;
use seloste_ops::{OpsError, StoreError, order, person, product};
use seloste_testkit::{TestRegister, each_database, samples};

fn draft(code: &str, price: &str) -> ProductDraft {
    ProductDraft {
        company: samples::COMPANY.into(),
        code: code.into(),
        name: format!("Tuote {code}"),
        unit_price: price.into(),
        on_sale: true,
        ..ProductDraft::default()
    }
}

fn taken<T>(result: seloste_ops::Result<T>) -> bool {
    matches!(result, Err(OpsError::Fields(FieldErrors(errors))) if errors[0].field == "code")
}

#[test]
fn the_catalogue_is_kept() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor) = (test.register(), TestRegister::operator());
        let id = product::create(register, &actor, &draft("A1", "10.50")).unwrap();
        product::create(register, &actor, &draft("A2", "1")).unwrap();
        assert!(taken(product::create(register, &actor, &draft("A1", "2"))));
        assert!(taken(product::change(register, &actor, id, 1, &draft("A2", "2"))));
        let elsewhere = ProductDraft { company: "verkkokauppa".into(), ..draft("A1", "3") };
        product::create(register, &actor, &elsewhere).unwrap();

        let gone = ProductDraft { on_sale: false, ..draft("A1", "11") };
        product::change(register, &actor, id, 1, &gone).unwrap();
        let stale = product::change(register, &actor, id, 1, &gone);
        assert!(matches!(stale, Err(OpsError::Store(StoreError::Conflict { .. }))));
        let codes = |only| product::list(register, &actor, only).unwrap().len();
        assert_eq!((codes(false), codes(true)), (3, 2));

        // Somebody of one company sees and changes that company's only.
        let office = test.actor_in(Role::Office, samples::COMPANY);
        assert_eq!(product::list(register, &office, false).unwrap().len(), 2);
        assert!(product::create(register, &office, &ProductDraft { code: "B".into(), ..elsewhere }).is_err());
        let reader = test.actor(Role::Reader);
        assert!(product::create(register, &reader, &draft("C", "1")).is_err());
        assert!(product::list(register, &test.actor(Role::Marketing), false).is_err());
    });
}

#[test]
fn a_form_that_is_sent_twice_makes_one_order() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor, source) = (test.register(), TestRegister::operator(), TestRegister::source());
        product::create(register, &actor, &draft("A1", "10.50")).unwrap();
        let customer = person::create(register, &actor, &samples::person(1), &source).unwrap();
        order::create(register, &actor, &samples::order(1, Some(customer)), &source).unwrap();
        let newest: u64 = samples::order(1, None).number.parse().unwrap_or(0);

        let mut form = samples::order(7, Some(customer));
        form.number = String::new();
        form.lines = vec![LineDraft { product: "a1".into(), quantity: "3".into(), ..LineDraft::default() }];
        product::fill_lines(register, &actor, &form.company, &mut form.lines, DecimalMark::Point).unwrap();
        let id = OrderId(register.db().env().id());
        let send = |form: &_| order::create_once(register, &actor, id, form, &source).unwrap();
        assert_eq!((send(&form), send(&form)), (Created::New, Created::Before));
        let order = order::show(register, &actor, id).unwrap().order;
        assert_eq!(order.number, (newest + 1).to_string());
        assert_eq!((order.lines[0].description.as_str(), order.totals.net.0), ("Tuote A1", 3_150));

        // Changed after going back in the browser: not lost, and not taken for the same.
        form.lines[0].quantity = "4".into();
        assert_eq!(send(&form), Created::Differs);
        assert_eq!(order::show(register, &actor, id).unwrap().order.totals.net.0, 3_150);
        let next = order::create(register, &actor, &form, &source).unwrap();
        assert_eq!(order::show(register, &actor, next).unwrap().order.number, (newest + 2).to_string());
    });
}

#[test]
fn numbers_are_given_once_under_load() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor, source) = (test.register(), TestRegister::operator(), TestRegister::source());
        let customer = person::create(register, &actor, &samples::person(1), &source).unwrap();
        let mut form = samples::order(1, Some(customer));
        form.number = String::new();
        let mut numbers: Vec<String> = std::thread::scope(|scope| {
            let take = || order::create(register, &actor, &form, &source).unwrap();
            let takers: Vec<_> = (0..24).map(|_| scope.spawn(take)).collect();
            let ids = takers.into_iter().map(|taker| taker.join().unwrap());
            ids.map(|id| order::show(register, &actor, id).unwrap().order.number).collect()
        });
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), 24);
    });
}
