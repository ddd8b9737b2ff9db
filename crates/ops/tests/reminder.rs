//! Reminders, interest and collection on both databases: not before the law allows, stopped by a dispute, itemised, frozen.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use jiff::SignedDuration;
use seloste_domain::billing::BillingDraft;
use seloste_domain::collection::{CollectionState, DebtEventDraft};
use seloste_domain::draft::DraftAddress;
use seloste_domain::hold::HoldGround;
use seloste_domain::id::{InvoiceId, OrganisationId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft, IssuedInvoice};
use seloste_domain::limitation::Break;
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::payment::{PaymentDraft, Placing};
use seloste_domain::reminder::{FeeChoice, FeeReason, ReminderKind, TooSoon};
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::disclosure::DisclosureRefused;
use seloste_ops::mail::Recipient;
use seloste_ops::partner::{ContractItem, PartnerDraft};
use seloste_ops::reminder::{self, Asked, Channel, CollectionRefused};
use seloste_ops::{
    OpsError, StoreError, collection, disclosure, invoice, mail, notice, organisation, partner, payment, person,
};
use seloste_testkit::{NOTICE, TestPlace, TestRegister, each_database, samples};

fn begun(place: TestPlace) -> (TestRegister, Actor, PersonId) {
    let test = TestRegister::create(place);
    let actor = TestRegister::operator();
    let billing = BillingDraft {
        vat_registered: true,
        address: DraftAddress { street: "Satamakatu 1".into(), postal_code: "00100".into(), ..DraftAddress::default() },
        iban: "FI7944052020036082".into(),
        bic: "NDEAFIHH".into(),
        ..BillingDraft::default()
    };
    invoice::set_billing(&test, &actor, &samples::COMPANY.parse().unwrap(), 0, &billing).unwrap();
    let customer = person::create(&test, &actor, &samples::person(1), &TestRegister::source()).unwrap();
    (test, actor, customer)
}

fn draft(person: Option<PersonId>, organisation: Option<OrganisationId>, gross: i64) -> InvoiceDraft {
    let line = InvoiceLineDraft {
        description: "Kumisaapas".into(),
        quantity: "1".into(),
        unit_price: Cents(gross).to_string(),
        treatment: "zero_rated".into(),
        ..InvoiceLineDraft::default()
    };
    InvoiceDraft {
        company: samples::COMPANY.into(),
        person,
        organisation,
        buyer_name: "Åsa Esimerkki".into(),
        address: samples::address(1),
        lines: vec![line],
        decimal_mark: DecimalMark::Point,
        ..InvoiceDraft::default()
    }
}

fn sent(test: &TestRegister, draft: &InvoiceDraft) -> (InvoiceId, IssuedInvoice) {
    let id = invoice::create(test, &TestRegister::operator(), draft).unwrap();
    (id, invoice::send(test, &TestRegister::operator(), id, 1).unwrap())
}

/// The half-years that the tests run in have rates of the test's own.
fn with_rates(test: &TestRegister) {
    for from in ["2026-07-01", "2027-01-01"] {
        reminder::set_rate(test, &TestRegister::operator(), (from, "2,15"), DecimalMark::Comma).unwrap();
    }
}

fn days(test: &TestRegister, days: i64) {
    test.clock().advance(SignedDuration::from_hours(24 * days));
}

const fn asked(invoice: InvoiceId, kind: ReminderKind) -> Asked {
    Asked { invoice, kind, fee: FeeChoice::Legal, channel: None }
}

fn refused<T>(result: seloste_ops::Result<T>) -> Option<CollectionRefused> {
    match result {
        Err(OpsError::Collection(refused)) => Some(refused),
        _ => None,
    }
}

fn hidden<T>(result: seloste_ops::Result<T>) -> bool {
    result.is_err_and(|error| error.is_not_found())
}

use ReminderKind::{Demand, Reminder};

#[test]
fn from_the_due_date_to_a_demand() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (id, issued) = sent(&test, &draft(Some(customer), None, 100_000));
        let too_soon = refused(reminder::preview(&test, &actor, asked(id, Reminder)));
        assert!(matches!(too_soon, Some(CollectionRefused::TooSoon(TooSoon::NotDue(_)))), "{too_soon:?}");
        days(&test, 14 + 20);
        // No rate is guessed.
        assert!(matches!(
            refused(reminder::preview(&test, &actor, asked(id, Reminder))),
            Some(CollectionRefused::NoRate(_))
        ));
        with_rates(&test);
        assert_eq!(
            refused(reminder::preview(&test, &actor, asked(id, Demand))),
            Some(CollectionRefused::TooSoon(TooSoon::NoReminder))
        );
        let shown = reminder::preview(&test, &actor, asked(id, Reminder)).unwrap();
        // 20 days at 9.5 %: 5.205 euros; a reminder of a consumer costs 5 euros.
        assert_eq!(
            (shown.items.principal, shown.items.interest, shown.items.fee),
            (Cents(100_000), Cents(521), Cents(500))
        );
        assert_eq!((shown.channel, shown.written.email.as_str()), (Channel::Email, "asiakas1@example.com"));
        let notice = test.notice().unwrap();
        let text = shown.written.said.message(&shown.written.name, &notice, shown.language);
        let reference = issued.payment_reference();
        for part in [issued.number.as_str(), &reference, "1\u{a0}010,21\u{a0}€", "9,5\u{a0}%", "4 c §", "FI79 4405"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        let sent_id = reminder::send(&test, &actor, asked(id, Reminder), Some(&shown.seen), &[]).unwrap();
        // The message is in the queue, in the customer's own language, under their key.
        let queued = mail::list(&test, &actor, &mail::Filter::default(), 5).unwrap().rows.remove(0);
        assert_eq!((queued.0.owner, queued.1.subject.as_str()), (customer.into(), shown.written.said.heading.as_str()));
        assert!(queued.1.body.contains(&issued.number));
        // Twice on a day it is not sent, whoever asks; nor what was not shown.
        assert!(matches!(
            refused(reminder::send(&test, &actor, asked(id, Reminder), None, &[])),
            Some(CollectionRefused::TooSoon(TooSoon::Wait(_)))
        ));
        days(&test, 13);
        assert!(matches!(
            refused(reminder::preview(&test, &actor, asked(id, Demand))),
            Some(CollectionRefused::TooSoon(TooSoon::Wait(_)))
        ));
        days(&test, 1);
        let on_paper = Asked { channel: Some(Channel::Letter), ..asked(id, Demand) };
        let demand = reminder::preview(&test, &actor, on_paper).unwrap();
        assert!(demand.written.envelope[0].contains("Esimerkki") && demand.written.envelope.len() > 1);
        let items = demand.items;
        assert_eq!((items.fee, items.earlier_fees, items.principal), (Cents(2_400), Cents(500), Cents(100_000)));
        assert_eq!(
            refused(reminder::send(&test, &actor, on_paper, Some("something else"), &[])),
            Some(CollectionRefused::Changed)
        );
        let letter = reminder::send(&test, &actor, on_paper, Some(&demand.seen), &[]).unwrap();
        let (kept, written) = reminder::sent(&test, &actor, letter).unwrap();
        assert_eq!((kept.items, written.as_ref()), (items, Some(&demand.written)));

        // What breaks the time of limitation, and what the claim is now.
        let standing = reminder::show(&test, &actor, id).unwrap();
        assert_eq!(standing.limitation.last, Some((test.today(), Break::Reminder)));
        assert_eq!(standing.reminders.iter().map(|r| r.id).collect::<Vec<_>>(), [sent_id, letter]);

        // A payment of all of it pays the invoice first, then what was claimed with it.
        let all = PaymentDraft {
            company: samples::COMPANY.into(),
            paid_on: test.today().to_string(),
            amount: items.total().to_string(),
            reference: issued.reference.to_string(),
            ..PaymentDraft::default()
        };
        let paid = payment::enter(&test, &actor, &all).unwrap();
        let parts = payment::show(&test, &actor, paid, "").unwrap();
        let told: Vec<_> = parts.parts.iter().map(|(part, _)| (part.kind, part.cents)).collect();
        let charges = Cents(items.total().0 - 100_000);
        assert_eq!(told, [(Placing::Invoice, Cents(100_000)), (Placing::Charge, charges)]);
        assert_eq!(parts.payment.purse.left(), Cents::ZERO);
        assert_eq!(
            refused(reminder::preview(&test, &actor, asked(id, Demand))),
            Some(CollectionRefused::TooSoon(TooSoon::Paid))
        );
    });
}

#[test]
fn a_dispute_stops_everything_until_it_ends() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        with_rates(&test);
        let (id, _) = sent(&test, &draft(Some(customer), None, 10_000));
        days(&test, 40);
        let dispute = DebtEventDraft {
            kind: "dispute".into(),
            happened_on: test.today().to_string(),
            reason: "Tavara oli rikki ZORROLAMERKKI".into(),
        };
        let bare = DebtEventDraft { reason: String::new(), ..dispute.clone() };
        assert!(matches!(collection::note(&test, &actor, id, &bare), Err(OpsError::Fields(_))));
        let event = collection::note(&test, &actor, id, &dispute).unwrap();
        let stopped = Some(CollectionRefused::TooSoon(TooSoon::Stopped));
        assert_eq!(refused(reminder::preview(&test, &actor, asked(id, Reminder))), stopped);
        assert_eq!(refused(reminder::send(&test, &actor, asked(id, Reminder), None, &[])), stopped);
        let shown = reminder::show(&test, &actor, id).unwrap();
        assert_eq!(shown.events[0].reason, dispute.reason);
        assert!(shown.debt.may_hand_over(test.today()).is_err());
        // The reason is sealed.
        let mut raw = seloste_testkit::raw::Raw::open(&test.db().settings().place);
        for table in ["debt_event", "log_block"] {
            for row in raw.rows(&format!("SELECT * FROM {table}")) {
                assert!(row.iter().all(|cell| !cell.contains("ZORROLAMERKKI")), "{table}");
            }
        }
        collection::end_note(&test, &actor, id, event, 1).unwrap();
        assert!(matches!(
            collection::end_note(&test, &actor, id, event, 1),
            Err(OpsError::Store(StoreError::Conflict { .. }))
        ));
        assert!(reminder::preview(&test, &actor, asked(id, Reminder)).is_ok());
        // What is another company's is not there.
        let stranger = test.actor_in(Role::Finance, "verkkokauppa");
        assert!(
            hidden(reminder::show(&test, &stranger, id)) && hidden(collection::note(&test, &stranger, id, &dispute))
        );
        assert!(hidden(reminder::overdue(&test, &test.actor(Role::Reader), None, None, 10)));
    });
}

#[test]
fn companies_pay_other_fees_and_interest() {
    each_database(|place| {
        let (test, actor, _) = begun(place);
        with_rates(&test);
        let company = organisation::create(&test, &actor, &samples::organisation(1), &TestRegister::source()).unwrap();
        let (id, _) = sent(&test, &draft(None, Some(company), 100_000));
        days(&test, 14 + 9);
        let early = reminder::preview(&test, &actor, asked(id, Reminder)).unwrap();
        assert_eq!((early.items.fee, early.fee_reason), (Cents::ZERO, FeeReason::TooSoon));
        days(&test, 11);
        let shown = reminder::preview(&test, &actor, asked(id, Reminder)).unwrap();
        // 20 days at 10.5 %: 5.753 euros.
        assert_eq!((shown.items.interest, shown.items.fee), (Cents(575), Cents(1_200)));
        let standard = Asked { fee: FeeChoice::Standard, ..asked(id, Reminder) };
        let shown = reminder::preview(&test, &actor, standard).unwrap();
        assert_eq!((shown.items.fee, shown.fee_reason), (Cents(4_000), FeeReason::Standard));
        reminder::send(&test, &actor, standard, Some(&shown.seen), &[]).unwrap();
        days(&test, 14);
        let demand = reminder::preview(&test, &actor, asked(id, Demand)).unwrap();
        assert_eq!((demand.items.fee, demand.fee_reason), (Cents::ZERO, FeeReason::Covered));
    });
}

#[test]
fn the_overdue_are_listed_the_oldest_first() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        with_rates(&test);
        let first = sent(&test, &draft(Some(customer), None, 1_000)).0;
        days(&test, 3);
        let second = sent(&test, &draft(Some(customer), None, 2_000)).0;
        days(&test, 15);
        let third = sent(&test, &draft(Some(customer), None, 3_000)).0;
        let page = reminder::overdue(&test, &actor, None, None, 1).unwrap();
        assert_eq!((page.rows[0].invoice.id, page.has_next), (first, true));
        let after = Some((page.rows[0].debt.due, first));
        let rest = reminder::overdue(&test, &actor, None, after, 9).unwrap().rows;
        assert_eq!(rest.iter().map(|row| row.invoice.id).collect::<Vec<_>>(), [second], "the third is not due");
        assert!(reminder::show(&test, &actor, third).is_ok());
        let other = "verkkokauppa".parse().unwrap();
        assert!(reminder::overdue(&test, &actor, Some(&other), None, 9).unwrap().rows.is_empty());
    });
}

#[test]
fn what_keeps_a_customer_from_being_erased() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let who = Recipient::Person(customer);
        assert!(collection::holds(&test, &actor, who).unwrap().is_empty());
        let (id, issued) = sent(&test, &draft(Some(customer), None, 10_000));
        let told = |test: &TestRegister| -> Vec<_> {
            let holds = collection::holds(test, &actor, who).unwrap();
            holds.into_iter().map(|hold| (hold.ground, hold.until.map(|day| day.to_string()))).collect()
        };
        let vouchers = (HoldGround::Accounting, Some("2032-12-31".to_owned()));
        assert_eq!(told(&test), [(HoldGround::OpenInvoice, None), vouchers.clone()]);
        let paid = PaymentDraft {
            company: samples::COMPANY.into(),
            paid_on: test.today().to_string(),
            amount: "100".into(),
            reference: issued.reference.to_string(),
            ..PaymentDraft::default()
        };
        payment::enter(&test, &actor, &paid).unwrap();
        assert_eq!(told(&test), [vouchers]);
        let hold = collection::holds(&test, &actor, who).unwrap().remove(0);
        assert_eq!(
            (hold.object, hold.name, hold.ground.article()),
            (format!("invoice:{id}"), issued.number, "Art. 17(3)(b); 1336/1997 2:10")
        );
        days(&test, 366 * 7);
        assert!(told(&test).is_empty());
    });
}

fn agency(name: &str) -> PartnerDraft {
    PartnerDraft {
        name: name.into(),
        under: "recipient:collection_agency".into(),
        role: "recipient".into(),
        contract: "DIA 13/2026".into(),
        from: "1.1.2026".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: vec!["name".into(), "postal_address".into(), "orders".into()],
        purposes: vec!["orders".into()],
        interface: "file".into(),
        ..PartnerDraft::default()
    }
}

#[test]
fn a_claim_is_handed_over_once_by_the_one_door() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        with_rates(&test);
        let partner = partner::create(&test, &actor, &agency("Esimerkkiperintä Oy")).unwrap();
        let (id, issued) = sent(&test, &draft(Some(customer), None, 10_000));
        days(&test, 30);
        let early = |test: &TestRegister| refused(collection::hand_over(test, &actor, id, partner));
        assert_eq!(early(&test), Some(CollectionRefused::TooSoon(TooSoon::NoReminder)));
        reminder::send(&test, &actor, asked(id, Reminder), None, &[]).unwrap();
        days(&test, 13);
        assert!(matches!(early(&test), Some(CollectionRefused::TooSoon(TooSoon::Wait(_)))));
        days(&test, 1);
        // A dispute stops it.
        let dispute =
            DebtEventDraft { kind: "suspension".into(), happened_on: test.today().to_string(), reason: "kirje".into() };
        let event = collection::note(&test, &actor, id, &dispute).unwrap();
        assert_eq!(early(&test), Some(CollectionRefused::TooSoon(TooSoon::Stopped)));
        collection::end_note(&test, &actor, id, event, 1).unwrap();
        // To whom it may not go, it does not: a partner that is declared for something else, or is not there.
        let nobody = seloste_domain::id::PartnerId(uuid::Uuid::from_u128(7));
        assert!(hidden(collection::hand_over(&test, &actor, id, nobody)));
        let narrow = PartnerDraft { kinds: vec!["name".into()], ..agency("Kapea Perintä Oy") };
        let narrow = partner::create(&test, &actor, &narrow).unwrap();
        assert!(matches!(collection::hand_over(&test, &actor, id, narrow), Err(OpsError::Disclosure(_))));
        assert!(reminder::show(&test, &actor, id).unwrap().cases.is_empty(), "nothing of it was done");
        let offered = collection::offer(&test, &actor, id).unwrap();
        assert_eq!(offered.partners.iter().map(|partner| partner.id).collect::<Vec<_>>(), [partner]);

        // Two staff at once: one wins, the other is told.
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let workers = [0, 1].map(|_| scope.spawn(|| collection::hand_over(&test, &actor, id, partner)));
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1));
        assert_eq!(lost.into_iter().next().and_then(refused), Some(CollectionRefused::HandedOver));
        let handed = won.into_iter().next().unwrap().unwrap();

        // Only what is necessary is in the file.
        let file = String::from_utf8(handed.file).unwrap();
        for part in [issued.number.as_str(), "Åsa Esimerkki", "Esimerkkikatu", "100.00", &handed.case.to_string()] {
            assert!(file.contains(part), "{part}: {file}");
        }
        for part in ["asiakas1@example.com", "+358", "1000001", "Kumisaapas"] {
            assert!(!file.contains(part), "{part}: {file}");
        }
        // It is a disclosure of the person, on the ground of collection, for this case.
        let disclosed = disclosure::of_party(&test, &test.actor(Role::DataProtection), customer.into()).unwrap();
        assert_eq!(disclosed.len(), 1);
        assert_eq!(disclosed[0].case, disclosure::Case::Collection(handed.case));
        assert_eq!(disclosed[0].fields, seloste_ops::collection::HandOver::FIELDS.into_iter().collect());
        // With the partner nothing else is sent, and it stands in the way of erasing.
        assert_eq!(
            refused(reminder::preview(&test, &actor, asked(id, Demand))),
            Some(CollectionRefused::TooSoon(TooSoon::HandedOver))
        );
        let holds = collection::holds(&test, &actor, Recipient::Person(customer)).unwrap();
        assert!(holds.iter().any(|hold| hold.ground == HoldGround::Collection));
        // The file once more is a disclosure again.
        assert!(!collection::file_again(&test, &actor, handed.case).unwrap().file.is_empty());
        assert_eq!(disclosure::of_party(&test, &test.actor(Role::DataProtection), customer.into()).unwrap().len(), 2);

        // It comes back; then it may be handed over again.
        let stranger = test.actor_in(Role::Finance, "verkkokauppa");
        assert!(hidden(collection::end(&test, &stranger, handed.case, 1, CollectionState::Returned)));
        collection::end(&test, &actor, handed.case, 1, CollectionState::Returned).unwrap();
        assert!(matches!(
            collection::end(&test, &actor, handed.case, 1, CollectionState::Closed),
            Err(OpsError::Store(StoreError::Conflict { .. }))
        ));
        assert!(hidden(collection::file_again(&test, &actor, handed.case)));
        let again = collection::hand_over(&test, &actor, id, partner).unwrap();
        assert_eq!(collection::cases(&test, &actor, true).unwrap()[0].0.id, again.case);
        assert_eq!(collection::cases(&test, &actor, false).unwrap().len(), 2);
    });
}

#[test]
fn a_partner_that_the_notice_no_longer_declares_gets_nothing() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        with_rates(&test);
        let partner = partner::create(&test, &actor, &agency("Esimerkkiperintä Oy")).unwrap();
        let (id, _) = sent(&test, &draft(Some(customer), None, 10_000));
        days(&test, 30);
        reminder::send(&test, &actor, asked(id, Reminder), None, &[]).unwrap();
        days(&test, 14);
        let dropped =
            NOTICE.replace("id = \"collection_agency\"", "id = \"other_agency\"").replace("version = 1", "version = 2");
        notice::publish(&test, &actor, &dropped, 1).unwrap();
        let handed = collection::hand_over(&test, &actor, id, partner);
        assert!(matches!(handed, Err(OpsError::Disclosure(DisclosureRefused::Undeclared))));
        assert!(collection::offer(&test, &actor, id).unwrap().partners.is_empty());
        assert!(reminder::show(&test, &actor, id).unwrap().cases.is_empty());
    });
}
