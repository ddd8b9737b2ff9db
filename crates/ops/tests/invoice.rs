//! Invoices on both databases: frozen when sent, numbered without gaps, credited, written for operators.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use seloste_domain::billing::BillingDraft;
use seloste_domain::draft::DraftAddress;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{InvoiceId, PartnerId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft, InvoiceState};
use seloste_domain::merge::Choice;
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::order::OrderState;
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::disclosure::{self, Case, DisclosureRefused};
use seloste_ops::invoice::{self, Content, Filter, Form, Invoice, InvoiceRefused};
use seloste_ops::merge::{self, Decision};
use seloste_ops::partner::{self, PartnerDraft};
use seloste_ops::{Env, OpsError, Register, StoreError, mail, notice, order, person};
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

/// A declared operator that may have what an invoice says, and only that.
fn operator(test: &TestRegister) -> PartnerId {
    let draft = PartnerDraft {
        name: "Esimerkkioperaattori Oy".into(),
        under: "recipient:invoicing_operator".into(),
        role: "recipient".into(),
        contract: "VL 1/2026".into(),
        from: "1.1.2026".into(),
        kinds: ["name", "postal_address", "orders", "organisation"].map(str::to_owned).to_vec(),
        purposes: vec!["orders".into()],
        interface: "file".into(),
        ..PartnerDraft::default()
    };
    partner::create(test, &TestRegister::operator(), &draft).unwrap()
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
        let renamed = NOTICE.replace("Arjasmaa Yhtiöt Oy", "Uusi Nimi Oy").replace("version = 1", "version = 2");
        assert_eq!(notice::publish(&test, &actor, &renamed, 1).unwrap(), 2);
        order::set_state(&test, &actor, placed, order.version, OrderState::Archived).unwrap();
        assert!(conflict(invoice::set_billing(&test, &actor, &company, 1, &other)));
        test.clock().advance(jiff::SignedDuration::from_hours(24 * 40));
        let shown = invoice::show(&test, &actor, id).unwrap();
        assert_eq!(shown.issued(), Some(&sent));
        assert_eq!(shown.state(test.today()), InvoiceState::Overdue);
        let to = operator(&test);
        assert!(invoice::file(&test, &actor, id, Form::Ubl, to).is_err(), "a person has no Peppol address");
        let told = disclosure::of_party(&test, &actor, customer.into()).unwrap();
        assert!(told.is_empty(), "what could not be written was not let out");

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
        let to = operator(&test);
        assert_eq!(refused(invoice::file(&test, &actor, id, Form::Finvoice, to)), Some(InvoiceRefused::Draft));
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
        let to = self::operator(&test);
        let finvoice = String::from_utf8(invoice::file(&test, &finance, id, Form::Finvoice, to).unwrap()).unwrap();
        assert!(finvoice.contains("<InvoiceNumber>2026-00001<") && finvoice.contains("Maija Korhonen"));
        let ubl = String::from_utf8(invoice::file(&test, &finance, id, Form::Ubl, to).unwrap()).unwrap();
        assert!(ubl.contains("<cbc:PayableAmount currencyID=\"EUR\">12.55<"));

        // A protected address is one on an invoice, too: whoever may not see it can not take it out either.
        let card = person::show(&test, &operator, customer).unwrap().person;
        let keeper = test.actor(Role::DataProtection);
        let protected = PersonDraft { protected_address: true, ..card.draft(test.today()) };
        person::change(&test, &keeper, customer, card.version, &protected, &TestRegister::source()).unwrap();
        let masked =
            |actor: &Actor| invoice::show(&test, actor, id).unwrap().issued().unwrap().buyer.address.is_masked();
        assert!(masked(&finance) && !masked(&keeper));
        assert!(matches!(
            refused(invoice::file(&test, &finance, id, Form::Finvoice, to)),
            Some(InvoiceRefused::Protected)
        ));
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

#[test]
fn an_order_is_invoiced_in_one_move_and_once() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let source = TestRegister::source();
        let placed = order::create(&test, &actor, &samples::order(1, Some(customer)), &source).unwrap();
        let new = || InvoiceId(test.db().env().id());
        // Two press the button at the same moment, one of them twice.
        let ids = [new(), new(), new()];
        let made: BTreeSet<InvoiceId> = std::thread::scope(|scope| {
            let (test, actor) = (&test, &actor);
            let press = |id| scope.spawn(move || invoice::create_of_order(test, actor, id, placed, false).unwrap());
            let pressed: Vec<_> = [ids[0], ids[0], ids[1], ids[2]].into_iter().map(press).collect();
            pressed.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(made.len(), 1);
        let id = *made.first().unwrap();
        let shown = invoice::show(&test, &actor, id).unwrap();
        assert_eq!((shown.order, shown.buyer_name()), (Some(placed), "Åsa Esimerkki"));
        // Nothing is given a number by looking.
        let preview = invoice::preview(&test, &actor, id).unwrap();
        assert!(preview.problems.is_empty() && preview.refused.is_none() && preview.past_period.is_none());
        assert_eq!(preview.issued.unwrap().number, "");
        let again = new();
        assert_eq!(invoice::create_of_order(&test, &actor, again, placed, true).unwrap(), again);
        let sent = invoice::send(&test, &actor, id, 1).unwrap();
        assert_eq!(sent.number, "2026-00001");
        assert_eq!(invoice::create_of_order(&test, &actor, new(), placed, false).unwrap(), again);
        invoice::discard(&test, &actor, again, 1).unwrap();
        assert_eq!(invoice::create_of_order(&test, &actor, new(), placed, false).unwrap(), id);
        // Taken back, it can be invoiced again.
        let note = invoice::credit(&test, &actor, id).unwrap();
        invoice::send(&test, &actor, note, 1).unwrap();
        let later = new();
        assert_eq!(invoice::create_of_order(&test, &actor, later, placed, false).unwrap(), later);
        let draft = order::create(
            &test,
            &actor,
            &seloste_domain::order::OrderDraft { state: "draft".into(), ..samples::order(2, Some(customer)) },
            &source,
        );
        let refused = invoice::create_of_order(&test, &actor, new(), draft.unwrap(), false);
        assert!(matches!(refused, Err(OpsError::OrderState("draft"))));
    });
}

#[test]
fn a_form_that_is_sent_twice_makes_one_draft_and_one_number() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let id = InvoiceId(test.db().env().id());
        let written = draft(customer, vec![line("1", "10")]);
        let once = |draft: &InvoiceDraft| invoice::create_once(&test, &actor, id, draft).unwrap();
        assert_eq!((once(&written), once(&written)), (invoice::Created::New, invoice::Created::Before));
        assert_eq!(once(&draft(customer, vec![line("2", "10")])), invoice::Created::Differs);
        assert_eq!(invoice::send(&test, &actor, id, 1).unwrap().number, "2026-00001");
        assert_eq!(refused(invoice::send(&test, &actor, id, 1)), Some(InvoiceRefused::Sent));
        let other = invoice::create(&test, &actor, &written).unwrap();
        assert_eq!(invoice::send(&test, &actor, other, 1).unwrap().number, "2026-00002");
        let note = InvoiceId(test.db().env().id());
        for _ in 0..2 {
            assert_eq!(invoice::credit_once(&test, &actor, note, id).unwrap(), note);
        }
        assert_eq!(standing(&test, &actor, InvoiceState::Draft), 1);
    });
}

#[test]
fn a_past_period_is_told_and_its_rates_hold() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let on = |day: &str, rate: &str| InvoiceDraft {
            delivered_on: day.into(),
            lines: vec![InvoiceLineDraft { vat_rate: rate.into(), ..line("1", "10") }],
            ..draft(customer, Vec::new())
        };
        let look = |draft: &InvoiceDraft| {
            let id = invoice::create(&test, &actor, draft).unwrap();
            invoice::preview(&test, &actor, id).unwrap()
        };
        let today = test.today();
        let september = look(&on("2026-09-15", "25,5 %"));
        assert!(september.past_period.unwrap().is_reported(today));
        let october = look(&on("2026-10-15", "25,5 %"));
        assert!(!october.past_period.unwrap().is_reported(today));
        assert!(look(&on("2026-11-02", "25,5 %")).past_period.is_none());
        // The rate is that of the day of delivery, not of the invoice; another one is refused at its line.
        let old = look(&on("2024-08-31", "24 %"));
        assert!(old.problems.is_empty() && old.past_period.is_some());
        let wrong = look(&on("2024-08-31", "25,5 %"));
        let FieldErrors(errors) = &wrong.problems;
        assert_eq!((errors[0].field.as_str(), errors[0].code), ("lines.0.vat_rate", "error-vat-rate-not-in-force"));
        assert!(!fields(invoice::send(&test, &actor, wrong.invoice.id, 1)).is_empty());
        assert_eq!(invoice::send(&test, &actor, old.invoice.id, 1).unwrap().totals.vat, Cents(240));
    });
}

#[test]
fn nothing_too_little_and_too_much() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let send = |lines: Vec<InvoiceLineDraft>| {
            let id = invoice::create(&test, &actor, &draft(customer, lines))?;
            invoice::send(&test, &actor, id, 1).map(|sent| (id, sent))
        };
        let (nothing, _) = send(vec![line("1", "0")]).unwrap();
        assert_eq!(invoice::show(&test, &actor, nothing).unwrap().state(test.today()), InvoiceState::Paid);
        assert_eq!(
            fields(send(vec![line("1", "5"), line("-1", "10")])),
            [("lines".to_owned(), "error-invoice-negative")]
        );
        assert_eq!(fields(send(vec![line("999999999", "999999999999")]))[0].1, "error-amount-too-large");
        let most = seloste_domain::invoice::MAX_LINES;
        assert_eq!(fields(send(vec![line("1", "1"); most + 1])), [("lines".to_owned(), "error-too-many")]);
        let (id, sent) = send(vec![line("1", "1"); most]).unwrap();
        assert_eq!(sent.totals.gross, Cents(1_255_000));
        let to = operator(&test);
        for form in [Form::Finvoice, Form::Ubl] {
            let file = String::from_utf8(invoice::file(&test, &actor, id, form, to).unwrap()).unwrap();
            assert!(file.contains("12550"), "{form:?}");
        }
    });
}

#[test]
fn lists_go_forward_and_back_with_the_sums_of_all() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        for quantity in 1..=7 {
            let written = draft(customer, vec![line(&quantity.to_string(), "100")]);
            let id = invoice::create(&test, &actor, &written).unwrap();
            if quantity < 7 {
                invoice::send(&test, &actor, id, 1).unwrap();
            }
            test.clock().advance(jiff::SignedDuration::from_hours(24));
        }
        let page = |filter: &Filter| invoice::page(&test, &actor, filter, 3).unwrap();
        let first = page(&Filter::default());
        assert_eq!(first.rows[0].number(), None, "drafts come first");
        assert_eq!((first.has_previous, first.has_next), (false, true));
        assert_eq!((first.sums.count, first.sums.gross, first.sums.open), (7, Cents(351_400), Cents(263_550)));
        let second = page(&Filter { after: Some(first.rows[2].id), ..Filter::default() });
        let numbers: Vec<_> = second.rows.iter().filter_map(Invoice::number).collect();
        assert_eq!(numbers, ["2026-00004", "2026-00003", "2026-00002"]);
        let back = page(&Filter { before: Some(second.rows[0].id), ..Filter::default() });
        assert_eq!(back.rows, first.rows);
        assert_eq!((back.has_previous, back.has_next), (false, true));
        let found = page(&Filter { number: Some("20260000037".into()), ..Filter::default() });
        assert_eq!(found.rows.iter().filter_map(Invoice::number).collect::<Vec<_>>(), ["2026-00003"]);
        let day = second.rows[1].days().map(|(day, _)| day);
        assert_eq!(page(&Filter { from: day, until: day, ..Filter::default() }).rows.len(), 1);

        let ledger = invoice::ledger(&test, &actor, None, 12).unwrap();
        assert_eq!((ledger.months.len(), ledger.total.count), (12, 6));
        assert_eq!((ledger.total.open, ledger.total.overdue), (Cents(263_550), Cents::ZERO));
        test.clock().advance(jiff::SignedDuration::from_hours(24 * 60));
        let later = invoice::ledger(&test, &actor, None, 12).unwrap();
        assert_eq!((later.total.open, later.total.overdue), (Cents::ZERO, Cents(263_550)));
        assert!(invoice::ledger(&test, &test.actor(Role::Marketing), None, 12).is_err());
    });
}

#[test]
fn an_invoice_goes_by_e_mail_once_and_is_sealed() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let id = invoice::create(
            &test,
            &actor,
            &InvoiceDraft { language: "sv".into(), ..draft(customer, vec![line("1", "10")]) },
        );
        let id = id.unwrap();
        let early = mail::preview_invoice(&test, &actor, id);
        assert_eq!(refused(early), Some(InvoiceRefused::Draft));
        let sent = invoice::send(&test, &actor, id, 1).unwrap();
        let preview = mail::preview_invoice(&test, &actor, id).unwrap();
        assert_eq!(preview.letter.to, "asiakas1@example.com");
        assert_eq!(preview.letter.subject, "Faktura 2026-00001, Arjasmaa Yhtiöt Oy");
        for part in ["12,55", sent.reference.as_str(), "FI79 4405 2020 0360 82", sent.barcode().unwrap().as_str()] {
            assert!(preview.letter.body.contains(part), "{part}");
        }
        let pdf =
            mail::Enclosure { name: "lasku.pdf".into(), media_type: "application/pdf".into(), bytes: b"%PDF".to_vec() };
        let message = seloste_domain::id::MailId(test.db().env().id());
        let what = mail::Invoicing { id: message, invoice: id, seen: Some(preview.seen), enclosures: vec![pdf] };
        for _ in 0..2 {
            assert_eq!(mail::queue_invoice(&test, &actor, &what).unwrap(), message);
        }
        let other =
            mail::Invoicing { id: seloste_domain::id::MailId(test.db().env().id()), seen: Some("x".into()), ..what };
        assert!(matches!(mail::queue_invoice(&test, &actor, &other), Err(OpsError::Mail(mail::MailRefused::Changed))));
        let queued = mail::of_invoice(&test, &actor, id).unwrap();
        assert_eq!((queued.len(), queued[0].template), (1, mail::Template::Invoice));
        assert_eq!(queued[0].purpose.as_str(), "orders");
        let (_, letter) = mail::show(&test, &actor, message).unwrap();
        assert_eq!((letter.enclosed[0].name.as_str(), letter.parties.len()), ("lasku.pdf", 1));
        assert!(letter.body.contains("lasku.pdf"));

        // Who may not see the address can not send it either.
        let card = person::show(&test, &actor, customer).unwrap().person;
        let keeper = test.actor(Role::DataProtection);
        let protected = PersonDraft { protected_address: true, ..card.draft(test.today()) };
        person::change(&test, &keeper, customer, card.version, &protected, &TestRegister::source()).unwrap();
        let finance = test.actor(Role::Finance);
        assert_eq!(refused(mail::preview_invoice(&test, &finance, id)), Some(InvoiceRefused::Protected));
    });
}

#[test]
fn a_file_for_an_operator_is_a_disclosure_and_nothing_leaves_beside_it() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let id = invoice::create(&test, &actor, &draft(customer, vec![line("1", "10")])).unwrap();
        invoice::send(&test, &actor, id, 1).unwrap();
        assert!(invoice::operators(&test, &actor, id).unwrap().is_empty());
        let nobody = PartnerId(uuid::Uuid::nil());
        assert!(hidden(invoice::file(&test, &actor, id, Form::Finvoice, nobody)));
        // A partner of another ground, and one that may not have addresses, get nothing and nothing is recorded.
        let other = |change: &dyn Fn(&mut PartnerDraft)| {
            let mut draft = PartnerDraft {
                role: "recipient".into(),
                contract: "1/2026".into(),
                from: "1.1.2026".into(),
                kinds: ["name", "postal_address", "orders"].map(str::to_owned).to_vec(),
                purposes: vec!["orders".into()],
                interface: "file".into(),
                ..PartnerDraft::default()
            };
            change(&mut draft);
            partner::create(&test, &actor, &draft).unwrap()
        };
        let agency = other(&|d| (d.name, d.under) = ("Perintä Oy".into(), "recipient:collection_agency".into()));
        let narrow = other(&|d| {
            (d.name, d.under) = ("Kapea Oy".into(), "recipient:invoicing_operator".into());
            d.kinds = vec!["name".into(), "orders".into()];
        });
        for (to, why) in [(agency, "disclosure-refused-other-ground"), (narrow, "disclosure-refused-kind")] {
            let refused: Option<DisclosureRefused> = match invoice::file(&test, &actor, id, Form::Finvoice, to) {
                Err(OpsError::Disclosure(refused)) => Some(refused),
                _ => None,
            };
            assert_eq!(refused.unwrap().code(), why);
        }
        assert!(disclosure::of_party(&test, &actor, customer.into()).unwrap().is_empty());

        let to = operator(&test);
        let offered = invoice::operators(&test, &actor, id).unwrap();
        assert_eq!(offered.iter().map(|partner| partner.id).collect::<Vec<_>>(), [to]);
        invoice::file(&test, &actor, id, Form::Finvoice, to).unwrap();
        let told = disclosure::of_party(&test, &actor, customer.into()).unwrap();
        assert_eq!((told.len(), told[0].partner, &told[0].case), (1, to, &Case::Invoice(id)));
        let named: Vec<_> = told[0].fields.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(named, ["name", "postal_address", "orders"]);
        let partner = partner::get(&test, &actor, to).unwrap();
        partner::end(&test, &actor, to, partner.version).unwrap();
        assert!(matches!(
            invoice::file(&test, &actor, id, Form::Finvoice, to),
            Err(OpsError::Disclosure(DisclosureRefused::Ended))
        ));
    });
}
