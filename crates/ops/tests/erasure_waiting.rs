//! Erasures that wait for what keeps everything, on both databases: carried out by themselves when it falls, by the plan of that
//! moment, with receipt, ledger and request; taken back until then; and never half done.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::sync::Barrier;
use std::sync::atomic::AtomicBool;

use jiff::SignedDuration;
use seloste_domain::hold::HoldGround;
use seloste_domain::id::{OrderId, PersonId, RequestId};
use seloste_domain::letter::LetterDraft;
use seloste_domain::list::ListOf;
use seloste_domain::merge::Choice;
use seloste_domain::order::OrderState;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::erasure::{ErasureRefused, Resumed};
use seloste_ops::hold::{self, ClaimDraft};
use seloste_ops::import::{Noun as Rows, Request};
use seloste_ops::list::List;
use seloste_ops::mail::Recipient;
use seloste_ops::merge::{self, Decision};
use seloste_ops::request::{self, DecisionDraft, Done, Filter, Happened, IdentityDraft, Next, Reply, RequestDraft};
use seloste_ops::restriction::{self, RestrictionDraft};
use seloste_ops::{NotMergeable, OpsError, Register, canary, erasure, import, log, order, person, receipt};
use seloste_store::party::Noun;
use seloste_testkit::{TestRegister, each_database, samples};

fn actor() -> Actor {
    TestRegister::operator()
}

fn add(test: &Register, number: usize) -> PersonId {
    person::create(test, &actor(), &samples::person(number), &TestRegister::source()).unwrap()
}

fn order_of(test: &Register, number: usize, person: PersonId) -> OrderId {
    order::create(test, &actor(), &samples::order(number, Some(person)), &TestRegister::source()).unwrap()
}

fn ended(test: &Register, order: OrderId, state: OrderState) {
    order::set_state(test, &actor(), order, 1, state).unwrap();
}

fn claim(test: &Register, person: PersonId) -> seloste_domain::id::ClaimHoldId {
    let draft = ClaimDraft { reason: "Riita toimituksesta".into(), review_on: "1.6.2027".into() };
    hold::set(test, &actor(), person, &draft).unwrap()
}

/// A request for erasure of somebody who was recognised.
fn asked(test: &Register, person: PersonId) -> RequestId {
    let draft = RequestDraft {
        kind: "erasure".into(),
        channel: "telephone".into(),
        received_on: "2026-11-06".into(),
        company: samples::COMPANY.into(),
        language: "fi".into(),
        text: "Poistakaa".into(),
        ..RequestDraft::default()
    };
    let id = request::receive(test, &actor(), &draft, Some(person)).unwrap();
    let known = IdentityDraft { check: "call_back".into(), checked: "soitettu numeroon".into() };
    request::recognise(test, &actor(), id, &known).unwrap();
    id
}

fn letter() -> Reply {
    Reply::Letter(LetterDraft {
        company: samples::COMPANY.into(),
        language: "fi".into(),
        heading: "Poisto odottaa".into(),
        body: "Avoin tilaus".into(),
        signatory: "Aino Virkailija".into(),
        ..LetterDraft::default()
    })
}

fn wait(test: &Register, person: PersonId) {
    let plan = erasure::plan(test, &actor(), person).unwrap();
    erasure::wait(test, &actor(), person, &plan.version(), true).unwrap();
}

fn waits(test: &Register, person: PersonId) -> bool {
    erasure::waiting_of(test, &actor(), person).unwrap().is_some()
}

fn resume(test: &Register) -> Resumed {
    erasure::resume(test, false).unwrap()
}

fn is_there(test: &Register, person: PersonId) -> bool {
    person::show(test, &actor(), person).is_ok()
}

#[test]
fn it_is_carried_out_by_itself_when_what_held_everything_falls() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (id, other) = (add(&test, 50), add(&test, 51));
        let order = order_of(&test, 1, id);
        let request = asked(&test, id);
        // Nothing to wait for: it would be erased at once.
        let free = erasure::plan(&test, &actor(), other).unwrap();
        let none = erasure::wait(&test, &actor(), other, &free.version(), true);
        assert!(matches!(none, Err(OpsError::Erasure(ErasureRefused::Changed(_)))), "{none:?}");
        // Only those who erase decide it, and only by the plan that they saw.
        for role in Role::ALL.iter().copied().filter(|role| *role != Role::DataProtection) {
            assert!(request::wait(&test, &test.actor(role), request, &letter()).is_err(), "{role:?}");
        }
        let stale = erasure::wait(&test, &actor(), id, &free.version(), true);
        assert!(matches!(stale, Err(OpsError::Erasure(ErasureRefused::Changed(_)))), "{stale:?}");
        let written = request::wait(&test, &test.actor(Role::DataProtection), request, &letter()).unwrap().unwrap();
        assert_eq!(written.letter.heading, "Poisto odottaa");
        let shown = request::show(&test, &actor(), request).unwrap();
        assert_eq!((shown.request.next(), shown.request.waits), (Next::AwaitHolds, true));
        assert!(shown.events.last().is_some_and(|event| event.kind == Happened::Waits && event.noted.letter.is_some()));
        let listed = erasure::waiting(&test, &test.actor(Role::DataProtection)).unwrap();
        assert_eq!((listed.len(), listed[0].waiting.person), (1, id));
        assert_eq!(listed[0].holds.iter().map(|hold| hold.ground).collect::<Vec<_>>(), [HoldGround::OpenOrder]);
        assert!(erasure::waiting(&test, &test.actor(Role::Office)).is_err());
        // Nothing changes for daily use; the person was told, so that no clock is late (Art. 12(3)).
        assert_eq!(resume(&test), Resumed { held: 1, ..Resumed::default() });
        assert!(is_there(&test, id));
        test.clock().advance(SignedDuration::from_hours(24 * 38));
        assert_eq!(request::counts(&test, &actor()).unwrap(), (1, 0));
        let late = Filter { open: true, late_on: Some(test.today()), ..Filter::default() };
        assert!(request::list(&test, &actor(), &late).unwrap().is_empty());
        // A clock that jumped carries nothing out.
        ended(&test, order, OrderState::Delivered);
        test.clock().advance(SignedDuration::from_hours(24 * 60));
        assert!(matches!(erasure::resume(&test, false), Err(OpsError::Erasure(ErasureRefused::Clock))));
        assert!(is_there(&test, id));
        assert_eq!(erasure::resume(&test, true).unwrap().begun, 1);
        assert!(!is_there(&test, id) && is_there(&test, other));
        // The receipt, the ledger, and the request that was closed by it.
        let done = erasure::of(&test, &actor(), id).unwrap().unwrap();
        assert!(done.is_whole && done.at_request && done.made_by == "program:erasure");
        let text = erasure::receipt(&test, &actor(), done.id, 1).unwrap();
        assert_eq!(receipt::check(&test, &text).unwrap().subjects, [id.0]);
        let ledger = std::fs::read_to_string(test.db().settings().ledger()).unwrap();
        assert!(ledger.contains(&format!("{id} request")), "{ledger}");
        let closed = request::show(&test, &actor(), request).unwrap().request;
        assert_eq!((closed.state.as_str(), closed.done), ("done", Some(Done::Erasure(done.id.0))));
        let who = samples::person(50);
        let words = [who.emails[0].text.clone(), who.customer_number];
        let left = canary::search(&test, &words).unwrap();
        assert!(left.iter().all(|place| place.findings == 0), "{left:?}");
        assert_eq!(resume(&test), Resumed::default());
        assert!(log::verify(&test, &actor(), None).unwrap().is_sound());
    });
}

#[test]
fn it_is_taken_back_until_then() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let id = add(&test, 50);
        let order = order_of(&test, 1, id);
        let why = DecisionDraft { reasons: "Soitti ja perui".into(), ground: "legal_claims".into() };
        // By the person's word, by a refusal, and by staff alone: then the request is open, with its clock.
        let withdrawn = asked(&test, id);
        request::wait(&test, &actor(), withdrawn, &Reply::Told("Kerrottu".into())).unwrap();
        assert!(waits(&test, id));
        request::withdraw(&test, &actor(), withdrawn, &why).unwrap();
        assert!(!waits(&test, id));
        let refused = asked(&test, id);
        request::wait(&test, &actor(), refused, &letter()).unwrap();
        let Reply::Letter(draft) = letter() else { unreachable!() };
        request::refuse(&test, &actor(), refused, &why, &draft).unwrap();
        assert!(!waits(&test, id));
        let stopped = asked(&test, id);
        request::wait(&test, &actor(), stopped, &letter()).unwrap();
        for role in [Role::Office, Role::Finance, Role::Reader] {
            assert!(erasure::stop_waiting(&test, &test.actor(role), id).is_err_and(|error| error.is_not_found()));
        }
        erasure::stop_waiting(&test, &test.actor(Role::DataProtection), id).unwrap();
        let none = erasure::stop_waiting(&test, &actor(), id);
        assert!(matches!(none, Err(OpsError::Erasure(ErasureRefused::NotWaiting))), "{none:?}");
        let shown = request::show(&test, &actor(), stopped).unwrap();
        assert_eq!((shown.request.next(), shown.events.last().unwrap().kind), (Next::Erase, Happened::WaitEnded));
        // Nothing is erased when what held it falls.
        ended(&test, order, OrderState::Delivered);
        assert_eq!(resume(&test), Resumed::default());
        assert!(is_there(&test, id));
        assert!(log::verify(&test, &actor(), None).unwrap().is_sound());
    });
}

#[test]
fn a_claim_is_lifted_by_somebody_and_a_later_hold_is_heeded() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let id = add(&test, 50);
        let held = claim(&test, id);
        wait(&test, id);
        // What came after the decision holds as well, and what is restricted for a claim.
        let order = order_of(&test, 1, id);
        hold::lift(&test, &actor(), id, held).unwrap();
        assert_eq!(resume(&test).held, 1);
        let rule = RestrictionDraft { ground: "needed_for_claims".into(), note: "Oma vaade".into() };
        let set = restriction::set(&test, &actor(), Recipient::Person(id), &rule).unwrap();
        assert_eq!(resume(&test).held, 1);
        let Reply::Letter(draft) = letter() else { unreachable!() };
        let told = seloste_ops::restriction::Told::Letter;
        restriction::inform(&test, &actor(), Recipient::Person(id), &draft, told).unwrap();
        restriction::lift(&test, &actor(), Recipient::Person(id), set, "Vaade on ratkaistu").unwrap();
        assert_eq!(resume(&test).held, 1);
        ended(&test, order, OrderState::Cancelled);
        assert_eq!(resume(&test).begun, 1);
        assert!(!is_there(&test, id));
    });
}

#[test]
fn a_restriction_goes_on_waiting_unless_it_is_asked_instead_of_erasure() {
    each_database(|place| {
        let test = TestRegister::create(place);
        for (number, ground, erased) in [(50, "accuracy_contested", true), (51, "unlawful_not_erased", false)] {
            let id = add(&test, number);
            let order = order_of(&test, number, id);
            let request = asked(&test, id);
            request::wait(&test, &actor(), request, &letter()).unwrap();
            let rule = RestrictionDraft { ground: ground.into(), note: "Puhelimessa".into() };
            ended(&test, order, OrderState::Delivered);
            restriction::set(&test, &actor(), Recipient::Person(id), &rule).unwrap();
            assert_eq!(waits(&test, id), erased, "{ground}");
            assert_eq!(resume(&test).begun, u64::from(erased), "{ground}");
            assert_eq!(is_there(&test, id), !erased, "{ground}");
            let open = request::show(&test, &actor(), request).unwrap().request;
            assert_eq!(open.state.is_open(), !erased, "{ground}");
        }
    });
}

#[test]
fn what_waits_is_not_merged_and_taking_apart_erases_nobody_else() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (first, second) = (add(&test, 50), add(&test, 51));
        let order = order_of(&test, 1, first);
        wait(&test, first);
        for (kept, gone) in [(first, second), (second, first)] {
            let decision =
                Decision { noun: Noun::Person, kept: (kept.0, 1), gone: (gone.0, 1), choice: Choice::default() };
            let refused = merge::make(&test, &actor(), &decision);
            assert!(matches!(refused, Err(OpsError::Merge(NotMergeable::Waiting))), "{refused:?}");
            let shown = merge::compare(&test, &actor(), Noun::Person, kept.0, gone.0, &Choice::default());
            assert!(matches!(shown, Err(OpsError::Merge(NotMergeable::Waiting))), "{shown:?}");
        }
        erasure::stop_waiting(&test, &actor(), first).unwrap();
        let decision =
            Decision { noun: Noun::Person, kept: (first.0, 1), gone: (second.0, 1), choice: Choice::default() };
        merge::make(&test, &actor(), &decision).unwrap();
        // Decided on the record that was kept, and taken apart before it is carried out: the other one stays.
        wait(&test, first);
        merge::undo(&test, &actor(), first.0, second.0).unwrap();
        ended(&test, order, OrderState::Delivered);
        assert_eq!(resume(&test).begun, 1);
        assert!(!is_there(&test, first) && is_there(&test, second));
        assert!(log::verify(&test, &actor(), None).unwrap().is_sound());
    });
}

#[test]
fn undoing_an_import_leaves_it_to_the_erasure() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let file = test.place().data().join("asiakkaat.csv");
        std::fs::write(&file, "Etunimi;Sukunimi;Sähköposti\nAino;Odottaja;aino@odottaja.example.com\n").unwrap();
        let company = Some(samples::COMPANY.parse().unwrap());
        let rows = Request { company, ..Request::new(Rows::People, file, TestRegister::source()) };
        let report = import::run(&test, &actor(), &rows, &|_| (), &AtomicBool::new(false)).unwrap();
        let listed = person::list(&test, &actor(), &List::first(ListOf::People, 9)).unwrap();
        let id = listed.rows[0].id;
        let held = claim(&test, id);
        wait(&test, id);
        let undone = import::undo(&test, &actor(), report.import.unwrap()).unwrap();
        assert!(undone.kept.iter().any(|kept| kept.id == id.0 && kept.why == "erasing"), "{undone:?}");
        assert!(waits(&test, id));
        hold::lift(&test, &actor(), id, held).unwrap();
        assert_eq!(resume(&test).begun, 1);
        assert!(erasure::of(&test, &actor(), id).unwrap().unwrap().at_request);
    });
}

/// An order at the very moment at which what waited is carried out: either it comes before and holds, or it finds nobody.
#[test]
fn a_new_order_at_the_moment_of_the_act() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (mut before, mut after) = (0, 0);
        for round in 0..16_usize {
            let id = add(&test, 100 + round);
            let first = order_of(&test, 300 + round, id);
            let request = asked(&test, id);
            request::wait(&test, &actor(), request, &letter()).unwrap();
            ended(&test, first, OrderState::Delivered);
            let (start, test) = (&Barrier::new(2), &test);
            let draft = samples::order(400 + round, Some(id));
            let (resumed, ordered) = std::thread::scope(|scope| {
                let resumed = scope.spawn(|| {
                    start.wait();
                    std::thread::sleep(std::time::Duration::from_micros(u64::try_from(round).unwrap() * 200));
                    resume(test)
                });
                let ordered = scope.spawn(|| {
                    start.wait();
                    order::create(test, &actor(), &draft, &TestRegister::source())
                });
                (resumed.join().unwrap(), ordered.join().unwrap())
            });
            let open = |id| request::show(test, &actor(), id).unwrap().request.state.is_open();
            match ordered {
                Ok(order) => {
                    before += 1;
                    assert_eq!((resumed.begun, resumed.held), (0, 1), "round {round}");
                    assert!(is_there(test, id) && waits(test, id) && open(request), "round {round}");
                    ended(test, order, OrderState::Cancelled);
                    assert_eq!(resume(test).begun, 1, "round {round}");
                }
                Err(_) => {
                    after += 1;
                    assert_eq!((resumed.begun, resumed.held), (1, 0), "round {round}");
                }
            }
            assert!(!is_there(test, id) && !open(request), "round {round}");
            let of_them = order::list(test, &actor(), &List::first(ListOf::Orders, 99)).unwrap();
            assert!(of_them.rows.is_empty(), "round {round}");
        }
        assert_eq!(before + after, 16);
        assert!(log::verify(&test, &actor(), None).unwrap().is_sound());
    });
}
