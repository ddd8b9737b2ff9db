//! Invoices of an accounting system on both databases: read from files or told by a program, renewed by what is newer,
//! undone as a whole, and never changed here.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use seloste_domain::business_id;
use seloste_domain::draft::DraftText;
use seloste_domain::id::{InvoiceId, PersonId, SourceId};
use seloste_domain::import::{CustomerRef, code};
use seloste_domain::invoice::{InvoiceDraft, InvoiceState};
use seloste_domain::mirror::MirrorDraft;
use seloste_domain::money::Cents;
use seloste_domain::organisation::OrganisationDraft;
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::import::{Noun, Report, Request};
use seloste_ops::invoice::mirror::{self, Became, How, Told};
use seloste_ops::invoice::{self, Filter, Form, Invoice, InvoiceRefused};
use seloste_ops::partner::{self, PartnerDraft};
use seloste_ops::{OpsError, history, import, log, mail, organisation, person};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

const FILE: &str = "Laskunumero;Laskupäivä;Eräpäivä;Summa;Avoinna;Viite;Y-tunnus;Asiakasnumero;Sähköposti\n\
    501;1.10.2026;15.10.2026;1 255,00;1 255,00;12345672;1234567-1;;\n\
    502;2.10.2026;16.10.2026;100,00;0,00;;;1000001;\n\
    503;20.11.2026;4.12.2026;50,00;20,00;;;;laskut@example.com\n\
    504;20.11.2026;4.12.2026;50,00;20,00;;;9999999;\n\
    505;20.11.2026;1.11.2026;50,00;20,00;;1234567-1;;\n";

fn source(name: &str) -> SourceId {
    name.parse().unwrap()
}

/// A register with three customers whom the file names in three ways.
fn begun(place: TestPlace) -> (TestRegister, Actor) {
    let test = TestRegister::create(place);
    let (actor, source) = (TestRegister::operator(), TestRegister::source());
    let firm = OrganisationDraft { business_id: "1234567-1".into(), ..samples::organisation(1) };
    assert!(business_id::parse("1234567-1").is_some());
    organisation::create(&test, &actor, &firm, &source).unwrap();
    person::create(&test, &actor, &samples::person(1), &source).unwrap();
    let mailed = PersonDraft { emails: vec![DraftText::new("laskut@example.com")], ..samples::person(2) };
    person::create(&test, &actor, &mailed, &source).unwrap();
    (test, actor)
}

fn request(dir: &Path, text: &str, from: &str) -> Request {
    let file = dir.join(format!("laskut-{}.csv", std::fs::read_dir(dir).unwrap().count()));
    std::fs::write(&file, text).unwrap();
    Request { company: Some(samples::COMPANY.parse().unwrap()), ..Request::new(Noun::Invoices, file, source(from)) }
}

fn run(test: &TestRegister, request: &Request) -> Report {
    import::run(test, &TestRegister::operator(), request, &|_| (), &AtomicBool::new(false)).unwrap()
}

fn counts(report: &Report) -> (i64, i64, i64, i64) {
    (report.counts.created, report.counts.updated, report.counts.unchanged, report.counts.refused)
}

fn numbered(test: &TestRegister, number: &str) -> Option<Invoice> {
    let filter = Filter { number: Some(number.into()), ..Filter::default() };
    invoice::list(test, &TestRegister::operator(), &filter, 10).unwrap().pop()
}

fn standing(test: &TestRegister, number: &str) -> (InvoiceState, Cents, i64) {
    let found = numbered(test, number).unwrap();
    (found.state(test.today()), found.balance.open(), found.version)
}

fn refused<T>(result: seloste_ops::Result<T>) -> Option<InvoiceRefused> {
    match result {
        Err(OpsError::Invoice(refused)) => Some(refused),
        _ => None,
    }
}

#[test]
fn a_file_brings_invoices_and_a_newer_one_renews_them() {
    each_database(|place| {
        let (test, actor) = begun(place);
        let dir = tempfile::tempdir().unwrap();
        let first = request(dir.path(), FILE, "subcontractor");
        let tried = run(&test, &Request { dry_run: true, ..first.clone() });
        assert_eq!(counts(&tried), (3, 0, 0, 2));
        assert!(numbered(&test, "501").is_none(), "a dry run writes nothing");

        let report = run(&test, &Request { error_file: Some(dir.path().join("virheet.csv")), ..first.clone() });
        assert_eq!(counts(&report), (3, 0, 0, 2));
        let why: Vec<_> = report.errors.iter().map(|e| (e.row, e.column.as_deref(), e.error.code)).collect();
        assert_eq!(why, [(5, Some("Asiakasnumero"), code::NO_CUSTOMER), (6, Some("Eräpäivä"), "error-date-order")]);
        assert!(std::fs::read_to_string(report.error_file.unwrap()).unwrap().contains("504"));
        assert_eq!(standing(&test, "501"), (InvoiceState::Overdue, Cents(125_500), 1));
        assert_eq!(standing(&test, "502"), (InvoiceState::Paid, Cents::ZERO, 1));
        assert_eq!(standing(&test, "503"), (InvoiceState::Open, Cents(2_000), 1));
        let (first_one, last) = (numbered(&test, "501").unwrap(), numbered(&test, "503").unwrap());
        assert_eq!(first_one.buyer_name(), "Esimerkkiyritys 1 Oy");
        assert_eq!(first_one.mirror.as_ref().unwrap().source, source("subcontractor"));
        assert!(first_one.organisation.is_some() && last.person.is_some());
        assert_eq!(first_one.mirrored().unwrap().reference, "12345672");

        // The same file again changes nothing: no version, no history, no log of a change.
        let again = run(&test, &first);
        assert_eq!(counts(&again), (0, 0, 3, 2));
        assert_eq!(standing(&test, "501").2, 1);
        assert_eq!(history::of_invoice(&test, &actor, first_one.id).unwrap().len(), 1);

        // A newer file says that it was paid in part, and that the last one was taken back.
        let newer =
            FILE.replace("1 255,00;1 255,00", "1 255,00;255,00").replace("50,00;20,00;;;;laskut", "50,00;0;;;;laskut");
        let update = run(&test, &request(dir.path(), &newer, "subcontractor"));
        assert_eq!(counts(&update), (0, 2, 1, 2));
        assert_eq!(standing(&test, "501"), (InvoiceState::Overdue, Cents(25_500), 2));
        assert_eq!(standing(&test, "503"), (InvoiceState::Paid, Cents::ZERO, 2));

        // What the source knew earlier does not win over it, whenever it comes.
        let old: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let late = run(&test, &Request { as_of: Some(old), ..first.clone() });
        assert_eq!((counts(&late), late.kept), ((0, 0, 3, 2), 2));
        assert_eq!(standing(&test, "501").1, Cents(25_500));

        // Undone in turn, both are gone without a trace.
        let undone = import::undo(&test, &actor, update.import.unwrap()).unwrap();
        assert_eq!((undone.restored, undone.erased, undone.kept.len()), (2, 0, 0));
        assert_eq!(standing(&test, "501").1, Cents(125_500));
        let undone = import::undo(&test, &actor, report.import.unwrap()).unwrap();
        // What was restored since has another version: it was touched, and stays.
        assert_eq!((undone.erased, undone.kept.len()), (1, 2));
        assert!(numbered(&test, "502").is_none());
        assert!(log::verify(&test, &actor, None).unwrap().is_sound());
    });
}

#[test]
fn a_mirrored_invoice_is_neither_changed_nor_sent_here() {
    each_database(|place| {
        let (test, actor) = begun(place);
        let dir = tempfile::tempdir().unwrap();
        run(&test, &request(dir.path(), FILE, "subcontractor"));
        let found = numbered(&test, "501").unwrap();
        let draft = InvoiceDraft {
            company: samples::COMPANY.into(),
            organisation: found.organisation,
            buyer_name: "X".into(),
            ..InvoiceDraft::default()
        };
        let no = Some(InvoiceRefused::Mirrored);
        assert_eq!(refused(invoice::change(&test, &actor, found.id, 1, &draft)), no);
        assert_eq!(refused(invoice::discard(&test, &actor, found.id, 1)), no);
        assert_eq!(refused(invoice::send(&test, &actor, found.id, 1)), no);
        assert_eq!(refused(invoice::credit(&test, &actor, found.id)), no);
        let operator = PartnerDraft {
            name: "Esimerkkioperaattori Oy".into(),
            under: "recipient:invoicing_operator".into(),
            role: "recipient".into(),
            contract: "1/2026".into(),
            from: "1.1.2026".into(),
            kinds: ["postal_address", "orders", "organisation"].map(str::to_owned).to_vec(),
            purposes: vec!["orders".into()],
            interface: "file".into(),
            ..PartnerDraft::default()
        };
        let operator = partner::create(&test, &actor, &operator).unwrap();
        assert_eq!(refused(invoice::file(&test, &actor, found.id, Form::Finvoice, operator)), no);
        assert_eq!(refused(mail::preview_invoice(&test, &actor, found.id)), no);
        assert_eq!(numbered(&test, "501").unwrap(), found);
        // It is owed all the same, and nobody of another company sees it.
        let owed = invoice::summary(&test, &actor, None, found.organisation).unwrap().unwrap();
        assert_eq!((owed.count, owed.open, owed.overdue), (1, Cents(125_500), Cents(125_500)));
        let stranger = test.actor_in(Role::Finance, "verkkokauppa");
        assert!(invoice::show(&test, &stranger, found.id).is_err_and(|error| error.is_not_found()));
        let request = request(dir.path(), FILE, "subcontractor");
        let read = import::run(&test, &test.actor(Role::Reader), &request, &|_| (), &AtomicBool::new(false));
        assert!(read.is_err_and(|error| error.is_not_found()));
    });
}

fn told(number: &str, open: &str, customer: &str) -> Told {
    let customer = CustomerRef { customer_number: Some(customer.into()), ..CustomerRef::default() };
    let draft = MirrorDraft {
        company: samples::COMPANY.into(),
        number: number.into(),
        issued_on: "2026-11-02".into(),
        due_on: "2026-11-16".into(),
        gross: "100.00".into(),
        open: open.into(),
        ..MirrorDraft::default()
    };
    Told { customer, draft }
}

#[test]
fn a_program_tells_the_same_by_the_same_rule() {
    each_database(|place| {
        let (test, actor) = begun(place);
        let from = source("subcontractor");
        let put = |told: &[Told]| mirror::put(&test, &actor, &from, How::default(), told).unwrap();
        let rows = [
            told("A1", "100", "1000001"),
            told("A2", "0", "1000002"),
            told("A3", "0", "nobody"),
            told("", "0", "1000001"),
        ];
        let first = put(&rows);
        let became = |done: &[Result<mirror::Done, _>]| {
            done.iter()
                .map(|done: &Result<mirror::Done, seloste_domain::field::FieldErrors>| {
                    done.as_ref().ok().map(|done| done.became)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(became(&first), [Some(Became::Created), Some(Became::Created), None, None]);
        assert_eq!(first[2].as_ref().unwrap_err().0[0].field, "person");
        assert_eq!(first[3].as_ref().unwrap_err().0[0].field, "number");
        assert_eq!(became(&put(&rows[..2])), [Some(Became::Unchanged); 2]);
        assert_eq!(became(&put(&[told("A1", "40", "1000001")])), [Some(Became::Updated)]);
        let id: InvoiceId = first[0].as_ref().unwrap().id;
        assert_eq!(invoice::show(&test, &actor, id).unwrap().balance.open(), Cents(4_000));
        let many = vec![told("A1", "40", "1000001"); mirror::MOST + 1];
        assert!(matches!(mirror::put(&test, &actor, &from, How::default(), &many), Err(OpsError::Fields(_))));
        assert!(matches!(
            mirror::put(&test, &actor, &source("nowhere"), How::default(), &rows),
            Err(OpsError::Fields(_))
        ));
    });
}

#[test]
fn an_invoice_of_a_closed_tax_period_comes_only_when_that_was_confirmed() {
    each_database(|place| {
        let (test, actor) = begun(place);
        let (dir, from) = (tempfile::tempdir().unwrap(), source("subcontractor"));
        // The return of August was due on the 12th of October; that of October is due in December.
        let old = FILE.replace("1.10.2026;15.10.2026", "31.8.2026;14.9.2026");
        let asked = request(dir.path(), &old, "subcontractor");
        let report = run(&test, &asked);
        assert_eq!(counts(&report), (2, 0, 0, 3));
        let why = report.errors.first().unwrap();
        assert_eq!((why.row, why.error.code, why.error.args[0].1.as_str()), (2, code::PAST_PERIOD, "2026-10-12"));
        assert!(numbered(&test, "501").is_none());
        let confirmed = run(&test, &Request { past_periods: true, ..asked.clone() });
        assert_eq!(counts(&confirmed), (1, 0, 2, 2));

        // That it was paid is taken in without asking; another sum is not.
        let paid = old.replace("1 255,00;1 255,00", "1 255,00;0");
        assert_eq!(counts(&run(&test, &request(dir.path(), &paid, "subcontractor"))), (0, 1, 2, 2));
        let other = old.replace("1 255,00;1 255,00", "1 000,00;0");
        assert_eq!(counts(&run(&test, &request(dir.path(), &other, "subcontractor"))), (0, 0, 2, 3));
        assert_eq!(numbered(&test, "501").unwrap().balance.gross, Cents(125_500));

        // A program is told the same.
        let mut told = told("A1", "0", "1000001");
        told.draft.issued_on = "2026-08-31".into();
        let put = |how| mirror::put(&test, &actor, &from, how, std::slice::from_ref(&told)).unwrap().pop().unwrap();
        assert_eq!(put(How::default()).unwrap_err().0[0].code, code::PAST_PERIOD);
        assert_eq!(put(How { past_periods: true, ..How::default() }).unwrap().became, Became::Created);
    });
}

#[test]
fn a_number_that_was_given_here_is_not_overwritten() {
    each_database(|place| {
        let (test, actor) = begun(place);
        let company = samples::COMPANY.parse().unwrap();
        let billing = seloste_domain::billing::BillingDraft {
            vat_registered: true,
            address: samples::address(1),
            iban: "FI79 4405 2020 0360 82".into(),
            bic: "NDEAFIHH".into(),
            ..Default::default()
        };
        invoice::set_billing(&test, &actor, &company, 0, &billing).unwrap();
        let customer = customer(&test, &actor);
        let draft = InvoiceDraft {
            company: samples::COMPANY.into(),
            person: Some(customer),
            buyer_name: "Åsa".into(),
            address: samples::address(1),
            lines: vec![seloste_domain::invoice::InvoiceLineDraft {
                description: "Työ".into(),
                quantity: "1".into(),
                unit_price: "10".into(),
                ..Default::default()
            }],
            ..InvoiceDraft::default()
        };
        let id = invoice::create(&test, &actor, &draft).unwrap();
        let sent = invoice::send(&test, &actor, id, 1).unwrap();
        let answer =
            mirror::put(&test, &actor, &source("subcontractor"), How::default(), &[told(&sent.number, "0", "1000001")]);
        let errors = answer.unwrap().pop().unwrap().unwrap_err();
        assert_eq!((errors.0[0].field.as_str(), errors.0[0].code), ("number", "error-invoice-number-taken"));
        assert_eq!(invoice::show(&test, &actor, id).unwrap().issued(), Some(&sent));
    });
}

fn customer(test: &TestRegister, actor: &Actor) -> PersonId {
    let list = seloste_ops::list::List::first(seloste_domain::list::ListOf::People, 1);
    person::list(test, actor, &list).unwrap().rows[0].id
}
