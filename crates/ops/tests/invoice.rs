//! Invoices on both databases: frozen when sent, numbered without gaps, credited, written for operators.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use seloste_domain::billing::BillingDraft;
use seloste_domain::draft::DraftAddress;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{InvoiceId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft, InvoiceState};
use seloste_domain::merge::Choice;
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::order::OrderState;
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::invoice::{self, Content, Filter, Form, InvoiceRefused};
use seloste_ops::merge::{self, Decision};
use seloste_ops::{Env, OpsError, Register, StoreError, order, person};
use seloste_store::party::Noun;
use seloste_testkit::{NOTICE, TestClock, TestPlace, TestRegister, each_database, samples};

fn billing() -> BillingDraft {
    BillingDraft {
        vat_registered: true,
        address: DraftAddress { street: "Satamakatu 1".into(), postal_code: "00100".into(), ..DraftAddress::default() },
        iban: "FI79 4405 2020 0360 82".into(),
        bic: "NDEAFIHH".into(),
        ..BillingDraft::default()
    }
}

fn line(quantity: &str, price: &str) -> InvoiceLineDraft {
    InvoiceLineDraft {
        description: "Kumisaapas".into(),
        quantity: quantity.into(),
        unit_price: price.into(),
        ..InvoiceLineDraft::default()
    }
}

fn draft(customer: PersonId, lines: Vec<InvoiceLineDraft>) -> InvoiceDraft {
    InvoiceDraft {
        company: samples::COMPANY.into(),
        person: Some(customer),
        buyer_name: "Maija Korhonen".into(),
        buyer_reference: "PLÄ".into(),
        business_id: "1234567-1".into(),
        address: samples::address(1),
        lines,
        ..InvoiceDraft::default()
    }
}

/// A register whose first company can send invoices, and a customer.
fn begun(place: TestPlace) -> (TestRegister, Actor, PersonId) {
    let test = TestRegister::create(place);
    let actor = TestRegister::operator();
    let company = samples::COMPANY.parse().unwrap();
    assert_eq!(invoice::set_billing(&test, &actor, &company, 0, &billing()).unwrap(), 1);
    let customer = person::create(&test, &actor, &samples::person(1), &TestRegister::source()).unwrap();
    (test, actor, customer)
}

fn refused<T>(result: seloste_ops::Result<T>) -> Option<InvoiceRefused> {
    match result {
        Err(OpsError::Invoice(refused)) => Some(refused),
        _ => None,
    }
}

fn fields<T>(result: seloste_ops::Result<T>) -> Vec<(String, &'static str)> {
    match result {
        Err(OpsError::Fields(FieldErrors(errors))) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
        _ => Vec::new(),
    }
}

fn conflict<T>(result: seloste_ops::Result<T>) -> bool {
    matches!(result, Err(OpsError::Store(StoreError::Conflict { .. })))
}

fn hidden<T>(result: seloste_ops::Result<T>) -> bool {
    result.is_err_and(|error| error.is_not_found())
}

fn standing(register: &Register, actor: &Actor, state: InvoiceState) -> usize {
    invoice::list(register, actor, &Filter { state: Some(state), ..Filter::default() }, 100).unwrap().len()
}

#[test]
fn what_was_sent_stays_as_it_was() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let source = TestRegister::source();
        let placed = order::create(&test, &actor, &samples::order(1, Some(customer)), &source).unwrap();
        let draft = invoice::of_order(&test, &actor, placed, DecimalMark::Comma).unwrap();
        assert_eq!(draft.address.street, "Esimerkkikatu 2");
        let id = invoice::create(&test, &actor, &draft).unwrap();
        assert_eq!(invoice::show(&test, &actor, id).unwrap().state(test.today()), InvoiceState::Draft);
        assert!(conflict(invoice::send(&test, &actor, id, 2)));
        let sent = invoice::send(&test, &actor, id, 1).unwrap();
        assert_eq!((sent.number.as_str(), sent.reference.as_str()), ("2026-00001", "20260000011"));
        let order = order::show(&test, &actor, placed).unwrap().order;
        assert_eq!(order.state, OrderState::Invoiced);
        assert_eq!((order.totals.net, order.totals.gross), (sent.totals.net, sent.totals.gross));

        // The customer moves, the company changes its bank, the day passes.
        let card = person::show(&test, &actor, customer).unwrap().person;
        let mut moved = card.draft(test.today());
        (moved.family, moved.addresses) = ("Muuttunut".into(), vec![samples::address(7)]);
        person::change(&test, &actor, customer, card.version, &moved, &source).unwrap();
        let company = samples::COMPANY.parse().unwrap();
        let other = BillingDraft { iban: "FI2112345600000785".into(), ..billing() };
        invoice::set_billing(&test, &actor, &company, 1, &other).unwrap();
        assert!(conflict(invoice::set_billing(&test, &actor, &company, 1, &other)));
        test.clock().advance(jiff::SignedDuration::from_hours(24 * 40));
        let shown = invoice::show(&test, &actor, id).unwrap();
        assert_eq!(shown.issued(), Some(&sent));
        assert_eq!(shown.state(test.today()), InvoiceState::Overdue);
        assert!(invoice::file(&test, &actor, id, Form::Ubl).is_err(), "a person has no Peppol address");

        // And nobody changes it.
        assert_eq!(refused(invoice::change(&test, &actor, id, 2, &draft)), Some(InvoiceRefused::Sent));
        assert_eq!(refused(invoice::discard(&test, &actor, id, 2)), Some(InvoiceRefused::Sent));
        assert_eq!(refused(invoice::send(&test, &actor, id, 2)), Some(InvoiceRefused::Sent));
        assert_eq!(invoice::show(&test, &actor, id).unwrap().issued(), Some(&sent));
    });
}

#[test]
fn what_sending_asks_for() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let elsewhere = InvoiceDraft { company: "verkkokauppa".into(), ..draft(customer, vec![line("1", "1")]) };
        let id = invoice::create(&test, &actor, &elsewhere).unwrap();
        assert_eq!(refused(invoice::send(&test, &actor, id, 1)), Some(InvoiceRefused::NoBilling));
        let bare = InvoiceDraft { address: DraftAddress::default(), ..draft(customer, Vec::new()) };
        let id = invoice::create(&test, &actor, &bare).unwrap();
        let missing = fields(invoice::send(&test, &actor, id, 1));
        let missing: Vec<_> = missing.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(missing, ["address.street", "lines"]);
        assert_eq!(refused(invoice::file(&test, &actor, id, Form::Finvoice)), Some(InvoiceRefused::Draft));
        assert_eq!(refused(invoice::credit(&test, &actor, id)), Some(InvoiceRefused::Draft));
        let version = invoice::change(&test, &actor, id, 1, &draft(customer, vec![line("1", "1")])).unwrap();
        // What failed to be sent has taken no number.
        assert_eq!(invoice::send(&test, &actor, id, version).unwrap().number, "2026-00001");
        let gone = invoice::create(&test, &actor, &bare).unwrap();
        invoice::discard(&test, &actor, gone, 1).unwrap();
        assert!(hidden(invoice::show(&test, &actor, gone)));
        let credit = InvoiceDraft { kind: "credit_note".into(), ..draft(customer, vec![line("-1", "1")]) };
        assert_eq!(fields(invoice::create(&test, &actor, &credit))[0].0, "kind");
    });
}

#[test]
fn numbers_have_no_gaps_whoever_sends_at_once() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        // Another program on the same register.
        let env = Env::new(Arc::new(TestClock::default()), StdRng::seed_from_u64(77));
        let other = Register::open(test.place().settings(), env).unwrap();
        let good = |_| invoice::create(&test, &actor, &draft(customer, vec![line("1", "10")])).unwrap();
        let ids: Vec<InvoiceId> = (0..24).map(good).collect();
        let bare = InvoiceDraft { address: DraftAddress::default(), ..draft(customer, vec![line("1", "10")]) };
        let bad: Vec<InvoiceId> = (0..8).map(|_| invoice::create(&test, &actor, &bare).unwrap()).collect();
        let numbers: Vec<String> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|worker: usize| {
                    let register = if worker.is_multiple_of(2) { test.register() } else { &other };
                    let (ids, bad, actor) = (&ids, &bad, &actor);
                    // Each invoice is sent by two of them at once, and what can not be sent is tried in between.
                    scope.spawn(move || {
                        let mut numbers = Vec::new();
                        for (i, id) in ids.iter().enumerate().filter(|(i, _)| i % 2 == worker / 2) {
                            match invoice::send(register, actor, *id, 1) {
                                Ok(sent) => numbers.push(sent.number),
                                Err(error) => {
                                    assert!(matches!(error, OpsError::Invoice(InvoiceRefused::Sent)), "{error:?}")
                                }
                            }
                            assert!(invoice::send(register, actor, bad[i % bad.len()], 1).is_err());
                        }
                        numbers
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        let expected: BTreeSet<String> = (1..=24).map(|n| format!("2026-{n:05}")).collect();
        assert_eq!((numbers.len(), numbers.into_iter().collect::<BTreeSet<_>>()), (24, expected));
        other.close();
        // A new year begins at one; another company has numbers of its own.
        test.clock().advance(jiff::SignedDuration::from_hours(24 * 60));
        let id = invoice::create(&test, &actor, &draft(customer, vec![line("1", "10")])).unwrap();
        assert_eq!(invoice::send(&test, &actor, id, 1).unwrap().number, "2027-00001");
    });
}

#[test]
fn credit_notes_take_back_what_was_invoiced() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let made = |lines| {
            let id = invoice::create(&test, &actor, &draft(customer, lines)).unwrap();
            invoice::send(&test, &actor, id, 1).unwrap();
            id
        };
        let (whole, part) = (made(vec![line("2", "10"), line("1", "5")]), made(vec![line("4", "10")]));
        made(vec![line("0", "10")]);

        let credit = invoice::credit(&test, &actor, whole).unwrap();
        let sent = invoice::send(&test, &actor, credit, 1).unwrap();
        assert_eq!((sent.totals.gross, sent.corrects.unwrap().number.as_str()), (Cents(-3_138), "2026-00001"));
        assert_eq!(sent.number, "2026-00004");
        let balance = invoice::show(&test, &actor, whole).unwrap().balance;
        assert_eq!((balance.credited, balance.open()), (Cents(-3_138), Cents::ZERO));
        // Nothing is left to credit, and what takes back is not taken back.
        let again = invoice::credit(&test, &actor, whole).unwrap();
        assert_eq!(fields(invoice::send(&test, &actor, again, 1))[0].1, "error-credit-too-large");
        assert_eq!(refused(invoice::credit(&test, &actor, credit)), Some(InvoiceRefused::CreditNote));

        let credit = invoice::credit(&test, &actor, part).unwrap();
        let Content::Draft(all) = invoice::show(&test, &actor, credit).unwrap().content else { unreachable!() };
        let fewer = InvoiceDraft { lines: vec![line("-1", "10")], ..all.draft(DecimalMark::Point) };
        let version = invoice::change(&test, &actor, credit, 1, &fewer).unwrap();
        invoice::send(&test, &actor, credit, version).unwrap();
        assert_eq!(invoice::show(&test, &actor, part).unwrap().balance.open(), Cents(5_020 - 1_255));

        let counts = |register: &TestRegister| {
            InvoiceState::ALL.iter().map(|state| standing(register, &actor, *state)).collect::<Vec<_>>()
        };
        // Draft, open, overdue, paid (of nothing), credited with both credit notes.
        assert_eq!(counts(&test), [1, 1, 0, 1, 3]);
        test.clock().advance(jiff::SignedDuration::from_hours(24 * 15));
        assert_eq!(counts(&test), [1, 0, 1, 1, 3]);
        let every = invoice::list(&test, &actor, &Filter::default(), 100).unwrap();
        for state in InvoiceState::ALL {
            let alone = every.iter().filter(|invoice| invoice.state(test.today()) == *state).count();
            assert_eq!(standing(&test, &actor, *state), alone, "{state}");
        }
        let after = Filter { after: Some(every[1].id), person: Some(customer), ..Filter::default() };
        let rest: Vec<_> = invoice::list(&test, &actor, &after, 2).unwrap().iter().map(|invoice| invoice.id).collect();
        assert_eq!(rest, [every[2].id, every[3].id]);
    });
}

#[test]
fn only_those_who_may_and_only_what_the_notice_declares() {
    each_database(|place| {
        let (test, operator, customer) = begun(place);
        let id = invoice::create(&test, &operator, &draft(customer, vec![line("1", "10")])).unwrap();
        let stranger = test.actor_in(Role::Finance, "verkkokauppa");
        assert!(hidden(invoice::show(&test, &stranger, id)) && hidden(invoice::send(&test, &stranger, id, 1)));
        assert!(hidden(invoice::billing(&test, &stranger, &samples::COMPANY.parse().unwrap())));
        assert!(!fields(invoice::create(&test, &stranger, &draft(customer, Vec::new()))).is_empty());
        let reader = test.actor(Role::Reader);
        assert!(invoice::show(&test, &reader, id).is_ok() && hidden(invoice::send(&test, &reader, id, 1)));
        assert!(hidden(invoice::list(&test, &test.actor(Role::Marketing), &Filter::default(), 10)));

        let finance = test.actor(Role::Finance);
        invoice::send(&test, &finance, id, 1).unwrap();
        let finvoice = String::from_utf8(invoice::file(&test, &finance, id, Form::Finvoice).unwrap()).unwrap();
        assert!(finvoice.contains("<InvoiceNumber>2026-00001<") && finvoice.contains("Maija Korhonen"));
        let ubl = String::from_utf8(invoice::file(&test, &finance, id, Form::Ubl).unwrap()).unwrap();
        assert!(ubl.contains("<cbc:PayableAmount currencyID=\"EUR\">12.55<"));

        // A protected address is one on an invoice, too: whoever may not see it can not take it out either.
        let card = person::show(&test, &operator, customer).unwrap().person;
        let keeper = test.actor(Role::DataProtection);
        let protected = PersonDraft { protected_address: true, ..card.draft(test.today()) };
        person::change(&test, &keeper, customer, card.version, &protected, &TestRegister::source()).unwrap();
        let masked =
            |actor: &Actor| invoice::show(&test, actor, id).unwrap().issued().unwrap().buyer.address.is_masked();
        assert!(masked(&finance) && !masked(&keeper));
        assert!(matches!(refused(invoice::file(&test, &finance, id, Form::Finvoice)), Some(InvoiceRefused::Form(_))));
    });
}

#[test]
fn invoices_go_along_when_records_are_merged() {
    each_database(|place| {
        let (test, actor, kept) = begun(place);
        let source = TestRegister::source();
        let gone = person::create(&test, &actor, &samples::person(2), &source).unwrap();
        let written = invoice::create(&test, &actor, &draft(gone, vec![line("1", "10")])).unwrap();
        let sent = invoice::create(&test, &actor, &draft(gone, vec![line("1", "10")])).unwrap();
        let issued = invoice::send(&test, &actor, sent, 1).unwrap();
        let version = |id| person::show(&test, &actor, id).unwrap().person.version;
        let decision = Decision {
            noun: Noun::Person,
            kept: (kept.0, version(kept)),
            gone: (gone.0, version(gone)),
            choice: Choice::default(),
        };
        merge::make(&test, &actor, &decision).unwrap();
        let owner = |id| invoice::show(&test, &actor, id).unwrap().person.unwrap();
        assert_eq!((owner(written), owner(sent)), (kept, kept));
        assert_eq!(invoice::show(&test, &actor, sent).unwrap().issued(), Some(&issued));
        // A draft can go on as it is: whose it is has followed.
        let Content::Draft(valid) = invoice::show(&test, &actor, written).unwrap().content else { unreachable!() };
        invoice::change(&test, &actor, written, 1, &valid.draft(DecimalMark::Point)).unwrap();
        merge::undo(&test, &actor, kept.0, gone.0).unwrap();
        assert_eq!((owner(written), owner(sent)), (gone, gone));
    });
}

#[test]
fn without_its_place_in_the_notice_there_is_no_invoicing() {
    let silent = NOTICE.replace("activities = [\"orders\", \"invoicing\"]", "activities = [\"orders\"]");
    assert_ne!(silent, NOTICE);
    let test = TestRegister::create_with(TestPlace::sqlite(), &silent);
    let listed = invoice::list(&test, &TestRegister::operator(), &Filter::default(), 10);
    assert!(matches!(listed, Err(OpsError::Refused(_))));
}
