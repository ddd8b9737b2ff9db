//! Erasing people on both databases: nothing before the plan, all in one go, nothing left, and nobody comes back.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;

use seloste_domain::billing::BillingDraft;
use seloste_domain::draft::DraftAddress;
use seloste_domain::erasure::Part;
use seloste_domain::hold::HoldGround;
use seloste_domain::id::{InvoiceId, OrderId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft, IssuedInvoice};
use seloste_domain::list::ListOf;
use seloste_domain::merge::Choice;
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::order::OrderState;
use seloste_domain::payment::PaymentDraft;
use seloste_domain::prohibition::{ProhibitionDraft, ProhibitionKind};
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::erasure::{self, Done, ErasureRefused, Plan};
use seloste_ops::hold::{self, ClaimDraft};
use seloste_ops::import::{Noun as Rows, Request};
use seloste_ops::list::List;
use seloste_ops::mail::Recipient;
use seloste_ops::merge::{self, Decision};
use seloste_ops::receipt::{self, NotReceipt};
use seloste_ops::search::NounSet;
use seloste_ops::{
    OpsError, Register, StoreError, canary, history, import, invoice, log, order, payment, person, prohibition, search,
};
use seloste_store::party::Noun;
use seloste_testkit::program::{checkout, output_of};
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

fn actor() -> Actor {
    TestRegister::operator()
}

fn begun(place: TestPlace) -> TestRegister {
    let test = TestRegister::create(place);
    let billing = BillingDraft {
        vat_registered: true,
        address: DraftAddress { street: "Satamakatu 1".into(), postal_code: "00100".into(), ..DraftAddress::default() },
        iban: "FI7944052020036082".into(),
        bic: "NDEAFIHH".into(),
        ..BillingDraft::default()
    };
    invoice::set_billing(&test, &actor(), &samples::COMPANY.parse().unwrap(), 0, &billing).unwrap();
    test
}

fn add(test: &Register, number: usize) -> PersonId {
    person::create(test, &actor(), &samples::person(number), &TestRegister::source()).unwrap()
}

fn draft(person: PersonId, number: usize, gross: i64) -> InvoiceDraft {
    let who = samples::person(number);
    let line = InvoiceLineDraft {
        description: "Kumisaapas".into(),
        quantity: "1".into(),
        unit_price: Cents(gross).to_string(),
        treatment: "zero_rated".into(),
        ..InvoiceLineDraft::default()
    };
    InvoiceDraft {
        company: samples::COMPANY.into(),
        person: Some(person),
        buyer_name: format!("{} {}", who.given, who.family),
        buyer_reference: "Viite salainen77".into(),
        address: samples::address(number),
        lines: vec![line],
        decimal_mark: DecimalMark::Point,
        ..InvoiceDraft::default()
    }
}

fn sent(test: &Register, draft: &InvoiceDraft) -> (InvoiceId, IssuedInvoice) {
    let id = invoice::create(test, &actor(), draft).unwrap();
    (id, invoice::send(test, &actor(), id, 1).unwrap())
}

fn payment_of(test: &Register, reference: &str, amount: &str) -> PaymentDraft {
    PaymentDraft {
        company: samples::COMPANY.into(),
        paid_on: test.today().to_string(),
        amount: amount.into(),
        reference: reference.into(),
        ..PaymentDraft::default()
    }
}

/// An order that was delivered, so that it keeps nobody.
fn delivered(test: &Register, number: usize, person: PersonId) -> OrderId {
    let id = order::create(test, &actor(), &samples::order(number, Some(person)), &TestRegister::source()).unwrap();
    order::set_state(test, &actor(), id, 1, OrderState::Delivered).unwrap();
    id
}

fn erase(test: &Register, id: PersonId) -> Done {
    let plan = erasure::plan(test, &actor(), id).unwrap();
    erasure::erase(test, &actor(), id, &plan.version(), true).unwrap()
}

fn part(plan: &Plan, part: Part) -> (i64, i64) {
    plan.lines.iter().find(|line| line.part == part).map_or((0, 0), |line| (line.gone, line.stays))
}

fn is_gone<T: std::fmt::Debug>(result: seloste_ops::Result<T>) {
    assert!(result.as_ref().is_err_and(OpsError::is_not_found), "{result:?}");
}

/// What is written of a person of the samples and of nobody else.
fn words(number: usize) -> Vec<String> {
    let who = samples::person(number);
    let telephone = who.telephones[0].text.replace(' ', "");
    vec![who.emails[0].text.clone(), telephone, who.customer_number, samples::address(number).street]
}

fn found(test: &Register, words: &[String]) -> Vec<String> {
    let places = canary::search(test, words).unwrap();
    assert!(places.iter().map(|place| place.bytes).sum::<u64>() > 1_000, "{places:?}");
    places.into_iter().filter(|place| place.findings > 0).map(|place| place.place).collect()
}

fn log_is_sound(test: &Register) {
    let report = log::verify(test, &actor(), None).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn all_goes_in_one_go_and_the_receipt_proves_it() {
    each_database(|place| {
        let test = begun(place);
        let (id, other) = (add(&test, 50), add(&test, 51));
        let ordered = delivered(&test, 1, id);
        let left = delivered(&test, 2, other);
        let plan = erasure::plan(&test, &actor(), id).unwrap();
        assert!(!plan.is_held() && !plan.is_partial() && plan.holds.is_empty(), "{plan:?}");
        assert_eq!((part(&plan, Part::Details).0 >= 4, part(&plan, Part::Orders)), (true, (1, 0)));
        // Nobody but those who answer for data protection sees the plan, and in every company of the person.
        for role in Role::ALL.into_iter().filter(|role| *role != Role::DataProtection) {
            is_gone(erasure::plan(&test, &test.actor(role), id));
            is_gone(erasure::erase(&test, &test.actor(role), id, &plan.version(), true));
        }
        is_gone(erasure::plan(&test, &test.actor_in(Role::DataProtection, "verkkokauppa"), id));
        let done = erasure::erase(&test, &test.actor(Role::DataProtection), id, &plan.version(), true).unwrap();
        is_gone(person::show(&test, &actor(), id));
        is_gone(order::show(&test, &actor(), ordered));
        is_gone(history::of_person(&test, &actor(), id));
        is_gone(erasure::plan(&test, &actor(), id));
        assert!(order::show(&test, &actor(), left).is_ok() && person::show(&test, &actor(), other).is_ok());
        let hits = search::find(&test, &actor(), &samples::person(50).customer_number, NounSet::ALL, 9).unwrap();
        assert!(hits.found.is_empty());
        test.db().scrub().unwrap();
        assert_eq!(found(&test, &words(50)), Vec::<String>::new());
        // The control: what was not erased is found by the same search.
        assert!(!found(&test, &words(51)).is_empty());
        log_is_sound(&test);

        // The receipt: whole, verified with nothing but the public key, the same whenever it is asked for.
        let text = erasure::receipt(&test, &actor(), done.erasure, 1).unwrap();
        let statement = receipt::check(&test, &text).unwrap();
        assert!(statement.is_whole() && statement.at_request && statement.subjects == [id.0]);
        add(&test, 52);
        assert_eq!(erasure::receipt(&test, &actor(), done.erasure, 1).unwrap(), text);
        for word in words(50).iter().chain([&samples::person(50).family]) {
            assert!(!text.contains(word.as_str()), "{word}");
        }
        // The checkpoint of the receipt is among those that are kept outside of the database.
        let kept = std::fs::read_to_string(test.db().settings().checkpoints()).unwrap();
        assert!(receipt::verify(&text, &test.db().verifier_key(), Some(&kept)).is_ok());
        // The verifier that shares no code with the program finds the same.
        let path = test.place().data().join("receipt.json");
        std::fs::write(&path, &text).unwrap();
        let mut command = std::process::Command::new("python3");
        command.arg("-B").arg(checkout().join("tools/verify_receipt.py")).arg(&path);
        command.args(["--key", &test.db().verifier_key(), "--checkpoint"]).arg(test.db().settings().checkpoints());
        let said = output_of(&mut command);
        assert!(said.starts_with("sound: ") && said.contains("gone   orders: 1"), "{said}");
        let others = TestRegister::create_seeded(TestPlace::sqlite(), seloste_testkit::NOTICE, 77);
        assert_eq!(receipt::check(&others, &text), Err(NotReceipt::OtherRegister));
        let elsewhere = std::fs::read_to_string(others.db().settings().checkpoints()).unwrap();
        let against = receipt::verify(&text, &test.db().verifier_key(), Some(&elsewhere));
        assert_eq!(against, Err(NotReceipt::NotKept));
        // Whatever of it is changed, it is none any more.
        for (from, to) in [
            ("\\\"gone\\\":1", "\\\"gone\\\":2"),
            ("\"index\": ", "\"index\": 1"),
            ("person.erase", "person.show_"),
            ("\"proof\": [", "\"proof\": [ \"AAAA\","),
        ] {
            let forged = text.replacen(from, to, 1);
            assert_ne!(forged, text, "{from}");
            assert!(receipt::check(&test, &forged).is_err(), "{from}");
        }
        assert_eq!(receipt::check(&test, "{}"), Err(NotReceipt::Unreadable));
    });
}

#[test]
fn what_a_law_keeps_is_cut_locked_and_goes_by_itself() {
    each_database(|place| {
        let test = begun(place);
        let id = add(&test, 50);
        delivered(&test, 1, id);
        let (open, issued) = sent(&test, &draft(id, 50, 10_000));
        let unsent = invoice::create(&test, &actor(), &draft(id, 50, 500)).unwrap();
        let plan = erasure::plan(&test, &actor(), id).unwrap();
        let grounds: Vec<_> =
            plan.holds.iter().map(|hold| (hold.ground, hold.until.map(|day| day.to_string()))).collect();
        let until = Some("2032-12-31".to_owned());
        assert_eq!(grounds, [(HoldGround::OpenInvoice, None), (HoldGround::Accounting, until)]);
        assert_eq!((part(&plan, Part::Invoices), part(&plan, Part::Drafts)), ((0, 1), (1, 0)));
        assert_eq!(plan.until(), None);
        let done = erase(&test, id);
        // It is off everything in daily use, for everybody.
        for role in [Role::Finance, Role::DataProtection] {
            let who = test.actor(role);
            is_gone(person::show(&test, &who, id));
            is_gone(invoice::show(&test, &who, open));
            is_gone(invoice::show(&test, &who, unsent));
            assert!(invoice::list(&test, &who, &invoice::Filter::default(), 9).unwrap().is_empty());
            let people = person::list(&test, &who, &List::first(ListOf::People, 9)).unwrap();
            assert!(people.rows.is_empty());
        }
        is_gone(
            order::create(&test, &actor(), &samples::order(7, Some(id)), &TestRegister::source()).map_err(as_missing),
        );
        // Those with the right see that something stays and why, and no value.
        let listed = erasure::list(&test, &test.actor(Role::DataProtection), true).unwrap();
        assert_eq!((listed.len(), listed[0].party.0, listed[0].is_whole), (1, id.0, false));
        is_gone(erasure::list(&test, &test.actor(Role::Finance), true));
        // Of the invoice only what a voucher has to say is left.
        test.db().scrub().unwrap();
        let who = samples::person(50);
        let gone = [who.emails[0].text.clone(), who.customer_number.clone(), "Viite salainen77".to_owned()];
        assert_eq!(found(&test, &gone), Vec::<String>::new());
        assert!(!found(&test, &[samples::address(50).street]).is_empty());
        // Money is booked whoever pays; the claim is no hold then.
        payment::enter(&test, &actor(), &payment_of(&test, &issued.reference.to_string(), "100")).unwrap();
        let shown = erasure::show(&test, &actor(), done.erasure).unwrap();
        assert_eq!(shown.holds.iter().map(|hold| hold.ground).collect::<Vec<_>>(), [HoldGround::Accounting]);
        assert_eq!(erasure::resume(&test, false).unwrap().whole, 0);
        for (day, whole) in [("2032-12-31T12:00:00Z", 0), ("2033-01-01T12:00:00Z", 1)] {
            test.clock().set(day.parse().unwrap());
            assert_eq!(erasure::resume(&test, true).unwrap().whole, whole, "{day}");
        }
        test.db().scrub().unwrap();
        assert_eq!(found(&test, &[samples::address(50).street]), Vec::<String>::new());
        let shown = erasure::show(&test, &actor(), done.erasure).unwrap();
        assert_eq!((shown.is_whole, shown.steps, shown.holds), (true, 2, vec![]));
        for (step, whole) in [(1, false), (2, true)] {
            let text = erasure::receipt(&test, &actor(), done.erasure, step).unwrap();
            assert_eq!(receipt::check(&test, &text).unwrap().is_whole(), whole);
        }
        log_is_sound(&test);
    });
}

/// A customer who is not there is told at the field, as one of another company is.
fn as_missing(error: OpsError) -> OpsError {
    match error {
        OpsError::Store(error) => OpsError::Store(error),
        _ => OpsError::Store(StoreError::NotFound("customer")),
    }
}

#[test]
fn what_keeps_all_keeps_all_until_it_ends() {
    each_database(|place| {
        let test = begun(place);
        let id = add(&test, 50);
        let plan = erasure::plan(&test, &actor(), id).unwrap();
        // A hold that came after the plan was shown: nothing is erased, and the new plan is told.
        let claim = ClaimDraft { reason: "Riita toimituksesta".into(), review_on: "1.6.2027".into() };
        let wrong = ClaimDraft { reason: String::new(), review_on: "1.6.2020".into() };
        assert!(matches!(hold::set(&test, &actor(), id, &wrong), Err(OpsError::Fields(errors)) if errors.0.len() == 2));
        let set = hold::set(&test, &actor(), id, &claim).unwrap();
        let refused = erasure::erase(&test, &actor(), id, &plan.version(), true);
        let Err(OpsError::Erasure(ErasureRefused::Changed(new))) = refused else { unreachable!("{refused:?}") };
        assert!(new.is_held() && new.lines.iter().all(|line| line.gone == 0));
        assert_eq!(new.holds[0].review.map(|day| day.to_string()).as_deref(), Some("2027-06-01"));
        let refused = erasure::erase(&test, &actor(), id, &new.version(), true);
        assert!(matches!(refused, Err(OpsError::Erasure(ErasureRefused::Held(_)))), "{refused:?}");
        assert!(person::show(&test, &actor(), id).is_ok());
        assert_eq!(hold::of(&test, &actor(), id).unwrap()[0].reason, "Riita toimituksesta");
        hold::lift(&test, &actor(), id, set).unwrap();
        is_gone(hold::lift(&test, &actor(), id, set));
        // An order that was not delivered keeps all, too.
        let open = order::create(&test, &actor(), &samples::order(1, Some(id)), &TestRegister::source()).unwrap();
        let held = erasure::plan(&test, &actor(), id).unwrap();
        assert_eq!(held.holds.iter().map(|hold| hold.ground).collect::<Vec<_>>(), [HoldGround::OpenOrder]);
        order::set_state(&test, &actor(), open, 1, OrderState::Cancelled).unwrap();
        erase(&test, id);
        is_gone(person::show(&test, &actor(), id));
        log_is_sound(&test);
    });
}

#[test]
fn a_new_order_invoice_or_payment_at_the_same_instant() {
    each_database(|place| {
        let test = begun(place);
        for round in 0..12_usize {
            let id = add(&test, 100 + round);
            let (_, issued) = sent(&test, &draft(id, 100 + round, 10_000));
            let plan = erasure::plan(&test, &actor(), id).unwrap();
            let (start, test) = (&Barrier::new(4), &test);
            let order = samples::order(200 + round, Some(id));
            let other = draft(id, 100 + round, 500);
            let money = payment_of(test, &issued.reference.to_string(), "100");
            let (erased, ordered, invoiced, paid) = std::thread::scope(|scope| {
                let erased = scope.spawn(|| {
                    start.wait();
                    match erasure::erase(test, &actor(), id, &plan.version(), true) {
                        Ok(_) => true,
                        Err(OpsError::Erasure(ErasureRefused::Changed(_) | ErasureRefused::Held(_))) => false,
                        Err(error) => unreachable!("{error:?}"),
                    }
                });
                let ordered = scope.spawn(|| {
                    start.wait();
                    order::create(test, &actor(), &order, &TestRegister::source()).is_ok()
                });
                let invoiced = scope.spawn(|| {
                    start.wait();
                    let made = invoice::create(test, &actor(), &other);
                    made.is_ok_and(|made| invoice::send(test, &actor(), made, 1).is_ok())
                });
                let paid = scope.spawn(|| {
                    start.wait();
                    payment::enter(test, &actor(), &money).is_ok()
                });
                (erased.join().unwrap(), ordered.join().unwrap(), invoiced.join().unwrap(), paid.join().unwrap())
            });
            assert!(paid, "money is always booked");
            if erased {
                // What came after it found nobody; what came before it would have changed the plan.
                assert!(!ordered && !invoiced, "round {round}");
                is_gone(person::show(test, &actor(), id));
                let left = rows_of(test, id);
                assert_eq!(left, [("invoice", 1), ("party", 1), ("remains", 1)], "round {round}");
            } else {
                assert!(person::show(test, &actor(), id).is_ok(), "round {round}");
                let held = erasure::plan(test, &actor(), id).unwrap().is_held();
                assert_eq!(held, ordered, "round {round}");
            }
            order_is_done(test, 200 + round);
        }
        log_is_sound(&test);
    });
}

fn order_is_done(test: &Register, number: usize) {
    let mut raw = Raw::open(&test.db().settings().place);
    raw.run(&format!("UPDATE orders SET state = 'cancelled' WHERE number = 'T-{number:05}'"));
}

/// In which tables there is anything of a party, and how much.
fn rows_of(test: &Register, id: PersonId) -> Vec<(&'static str, u64)> {
    let mut raw = Raw::open(&test.db().settings().place);
    let party = raw.id(&id.0.simple().to_string());
    let mut found = Vec::new();
    for (table, column) in [
        ("invoice", "person_id"),
        ("orders", "person_id"),
        ("party", "party_id"),
        ("party_company", "party_id"),
        ("party_key", "party_id"),
        ("party_value", "party_id"),
        ("remains", "party_id"),
        ("sealed", "owner_id"),
        ("mail", "owner_id"),
        ("payment", "owner_id"),
    ] {
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = {party}");
        let count: u64 = raw.rows(&sql)[0][0].parse().unwrap();
        if count > 0 {
            found.push((table, count));
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn merged_records_go_together() {
    each_database(|place| {
        let test = begun(place);
        let (kept, gone) = (add(&test, 50), add(&test, 51));
        let decision = Decision { noun: Noun::Person, kept: (kept.0, 1), gone: (gone.0, 1), choice: Choice::default() };
        let before = erasure::plan(&test, &actor(), gone).unwrap();
        merge::make(&test, &actor(), &decision).unwrap();
        // The plan of a record that was merged meanwhile is nobody's.
        is_gone(erasure::erase(&test, &actor(), gone, &before.version(), true));
        assert_eq!(part(&erasure::plan(&test, &actor(), kept).unwrap(), Part::Merged), (1, 0));
        let done = erase(&test, kept);
        test.db().scrub().unwrap();
        assert_eq!(found(&test, &[words(50), words(51)].concat()), Vec::<String>::new());
        let said = erasure::statement(&test, &actor(), done.erasure, 1).unwrap();
        assert_eq!(said.subjects, [gone.0, kept.0]);
        log_is_sound(&test);
    });
}

fn file(test: &TestRegister, name: &str, text: &str) -> std::path::PathBuf {
    let path = test.place().data().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

fn run_import(test: &TestRegister, path: &Path) -> import::Report {
    let company = Some(samples::COMPANY.parse().unwrap());
    let request = Request { company, ..Request::new(Rows::People, path.to_owned(), TestRegister::source()) };
    import::run(test, &actor(), &request, &|_| (), &AtomicBool::new(false)).unwrap()
}

#[test]
fn an_old_file_brings_nobody_back() {
    each_database(|place| {
        let test = begun(place);
        let (asked, forbade, plain) = (add(&test, 50), add(&test, 51), add(&test, 52));
        let no = ProhibitionDraft {
            kinds: vec![ProhibitionKind::DirectMarketing.to_string()],
            way: "email".into(),
            ..ProhibitionDraft::default()
        };
        prohibition::set(&test, &actor(), Recipient::Person(forbade), &no).unwrap();
        erase(&test, asked);
        for id in [forbade, plain] {
            let plan = erasure::plan(&test, &actor(), id).unwrap();
            erasure::erase(&test, &actor(), id, &plan.version(), false).unwrap();
        }
        let row = |number: usize| {
            let who = samples::person(number);
            format!("{};{};{}\n", who.given, who.family, who.emails[0].text.to_uppercase())
        };
        let text = format!("Etunimi;Sukunimi;Sähköposti\n{}{}{}", row(50), row(51), row(52));
        let old = file(&test, "old/vanha.csv", &text);
        let report = run_import(&test, &old);
        assert_eq!((report.counts.created, report.counts.refused), (2, 1), "{report:?}");
        let list = person::list(&test, &actor(), &List::first(ListOf::People, 9)).unwrap();
        let marks: Vec<bool> =
            list.rows.iter().map(|person| person.marks.prohibitions.has(ProhibitionKind::DirectMarketing)).collect();
        assert_eq!(marks.iter().filter(|has| **has).count(), 1, "{marks:?}");
        // Nothing of the hashes is a value.
        std::fs::remove_file(&old).unwrap();
        test.db().scrub().unwrap();
        assert_eq!(found(&test, &words(50)), Vec::<String>::new());
        // The person comes back themself: from then on no file is stopped.
        add(&test, 50);
        erase_not_asked(&test, 50);
        let again =
            run_import(&test, &file(&test, "old/uusi.csv", &format!("Etunimi;Sukunimi;Sähköposti\n{}", row(50))));
        assert_eq!((again.counts.created, again.counts.refused), (1, 0), "{again:?}");
    });
}

fn erase_not_asked(test: &Register, number: usize) {
    let hits = search::find(test, &actor(), &samples::person(number).customer_number, NounSet::ALL, 2).unwrap();
    let search::Found::Person(person) = &hits.found[0] else { unreachable!() };
    let plan = erasure::plan(test, &actor(), person.id).unwrap();
    erasure::erase(test, &actor(), person.id, &plan.version(), false).unwrap();
}

#[test]
fn files_that_name_the_person_go_after_the_commit() {
    let test = TestRegister::sqlite();
    let id = add(&test, 50);
    let named = file(&test, "uploads/a/rows.csv", &format!("x;{}\n", samples::person(50).emails[0].text));
    let other = file(&test, "uploads/b/rows.csv", &format!("x;{}\n", samples::person(51).emails[0].text));
    let plan = erasure::plan(&test, &actor(), id).unwrap();
    assert_eq!(part(&plan, Part::Files), (1, 0));
    erasure::erase(&test, &actor(), id, &plan.version(), true).unwrap();
    assert!(!named.exists() && other.exists());
}
