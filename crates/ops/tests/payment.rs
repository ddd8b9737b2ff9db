//! Payments on both databases: files taken in whole and once, matched, placed by people, undone exactly.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::sync::Arc;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use seloste_domain::billing::BillingDraft;
use seloste_domain::draft::DraftAddress;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{InvoiceId, PaymentId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft, InvoiceState, IssuedInvoice};
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::payment::{NotPlaced, PaymentDraft, PaymentState, Placing, Reason};
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::Actor;
use seloste_ops::payment::{self, Filter, Payment, PaymentRefused, Share};
use seloste_ops::payment_file::{self, TakenIn};
use seloste_ops::{Env, OpsError, Register, StoreError, invoice, person};
use seloste_testkit::{TestClock, TestPlace, TestRegister, each_database, samples};

const ACCOUNT: &str = "FI7944052020036082";

fn billing(iban: &str) -> BillingDraft {
    BillingDraft {
        vat_registered: true,
        address: DraftAddress { street: "Satamakatu 1".into(), postal_code: "00100".into(), ..DraftAddress::default() },
        iban: iban.into(),
        bic: "NDEAFIHH".into(),
        ..BillingDraft::default()
    }
}

fn begun(place: TestPlace) -> (TestRegister, Actor, PersonId) {
    let test = TestRegister::create(place);
    let actor = TestRegister::operator();
    invoice::set_billing(&test, &actor, &samples::COMPANY.parse().unwrap(), 0, &billing(ACCOUNT)).unwrap();
    let customer = person::create(&test, &actor, &samples::person(1), &TestRegister::source()).unwrap();
    (test, actor, customer)
}

/// Sends an invoice of so many cents with tax: the price is chosen so that it comes out even.
fn sent(test: &TestRegister, buyer: &str, customer: PersonId, gross: i64) -> (InvoiceId, IssuedInvoice) {
    let line = InvoiceLineDraft {
        description: "Kumisaapas".into(),
        quantity: "1".into(),
        unit_price: Cents(gross).to_string(),
        treatment: "zero_rated".into(),
        ..InvoiceLineDraft::default()
    };
    let draft = InvoiceDraft {
        company: samples::COMPANY.into(),
        person: Some(customer),
        buyer_name: buyer.into(),
        address: samples::address(1),
        lines: vec![line],
        decimal_mark: DecimalMark::Point,
        ..InvoiceDraft::default()
    };
    let id = invoice::create(test, &TestRegister::operator(), &draft).unwrap();
    (id, invoice::send(test, &TestRegister::operator(), id, 1).unwrap())
}

/// A record of a reference payment file: archive id, reference, payer, cents, whether it is a correction.
#[derive(Clone, Debug)]
struct Line(String, String, String, i64, bool);

fn line(archive: &str, reference: &str, payer: &str, cents: i64) -> Line {
    Line(archive.into(), reference.into(), payer.into(), cents.abs(), cents < 0)
}

fn ktl(lines: &[Line]) -> String {
    let mut file = format!("{:90}\n", "02611231030NDDFI00001 1");
    let (mut counts, mut sums) = ([0, 0], [0, 0]);
    for Line(archive, reference, payer, cents, correction) in lines {
        let account = &ACCOUNT[4..];
        let mark = u8::from(*correction);
        file.push_str(&format!("3{account}261120261119{archive:16}{reference:0>20}{payer:12}1A{cents:010}{mark}J \n"));
        counts[usize::from(*correction)] += 1;
        sums[usize::from(*correction)] += cents;
    }
    let trailer = format!("9{:06}{:011}{:06}{:011}", counts[0], sums[0], counts[1], sums[1]);
    format!("{file}{trailer:90}\n")
}

fn import(test: &TestRegister, actor: &Actor, file: &str, dry: bool) -> seloste_ops::Result<TakenIn> {
    let path = test.db().settings().data.join("viitteet.ktl");
    std::fs::write(&path, file).unwrap();
    payment_file::import(test, actor, &path, dry)
}

fn open(test: &TestRegister, id: InvoiceId) -> i64 {
    invoice::show(test, &TestRegister::operator(), id).unwrap().balance.open().0
}

fn queue(test: &TestRegister) -> Vec<Payment> {
    let filter = Filter { to_place: true, ..Filter::default() };
    payment::list(test, &TestRegister::operator(), &filter, 1_000).unwrap().rows
}

fn refused<T>(result: seloste_ops::Result<T>) -> Option<PaymentRefused> {
    match result {
        Err(OpsError::Payment(refused)) => Some(refused),
        _ => None,
    }
}

fn hidden<T>(result: seloste_ops::Result<T>) -> bool {
    result.is_err_and(|error| error.is_not_found())
}

fn tally(tally: payment_file::Tally) -> (i64, i64) {
    (tally.count, tally.cents.0)
}

#[test]
fn a_file_is_looked_at_taken_in_once_and_undone_exactly() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (whole, first) = sent(&test, "Åsa Esimerkki", customer, 10_000);
        let (part, second) = sent(&test, "Åsa Esimerkki", customer, 20_000);
        let (named, _) = sent(&test, "Kuvitelma Pirkko", customer, 7_777);
        let (over, third) = sent(&test, "Åsa Esimerkki", customer, 3_000);
        let lines = [
            line("A1", first.reference.as_str(), "ESIMERKKI ÅS", 10_000),
            line("A2", second.reference.as_str(), "JOKU MUU", 5_000),
            line("A3", "", "PIRKKO KUVIT", 7_777),
            line("A4", "", "KUVITELMA PI", 7_777),
            line("A5", third.reference.as_str(), "", 3_500),
            line("A6", "1234561", "TUNTEMATON", 4_200),
        ];
        let file = ktl(&lines).replace('Å', "]");
        let looked = import(&test, &actor, &file, true).unwrap();
        assert_eq!(looked.file, None);
        assert_eq!(tally(looked.payments), (6, 10_000 + 5_000 + 7_777 * 2 + 3_500 + 4_200));
        assert_eq!((tally(looked.by_reference), tally(looked.by_name)), ((3, 18_000), (1, 7_777)));
        assert_eq!((tally(looked.overpaid), tally(looked.to_place)), ((1, 500), (2, 11_977)));
        assert_eq!((queue(&test).len(), open(&test, whole)), (0, 10_000), "nothing was taken in");

        let taken = import(&test, &actor, &file, false).unwrap();
        assert_eq!(TakenIn { file: None, ..taken.clone() }, looked);
        let opens = |test: &TestRegister| [whole, part, named, over].map(|id| open(test, id));
        assert_eq!(opens(&test), [0, 15_000, 0, 0]);
        let shown = invoice::show(&test, &actor, whole).unwrap();
        assert_eq!(shown.state(test.today()), InvoiceState::Paid);
        assert_eq!(queue(&test).iter().map(|p| p.purse.left().0).collect::<Vec<_>>(), [4_200, 500, 7_777]);

        // The same again, and the same payments under another name, change nothing.
        for again in [file.clone(), ktl(&[lines[0].clone(), lines[5].clone()]).replace('Å', "]")] {
            let told = import(&test, &actor, &again, false).unwrap();
            assert_eq!((told.file, told.payments.count), (None, 0));
            assert!(told.known.count >= 2);
        }
        assert_eq!((opens(&test), payment_file::list(&test, &actor).unwrap().len()), ([0, 15_000, 0, 0], 1));

        // Undone whole: as before, but for what is told of the file.
        let undone = payment_file::undo(&test, &actor, taken.file.unwrap()).unwrap();
        assert!(undone.undone_at.is_some());
        assert_eq!((opens(&test), queue(&test).len()), ([10_000, 20_000, 7_777, 3_000], 0));
        let again = payment_file::undo(&test, &actor, taken.file.unwrap());
        assert!(matches!(again, Err(OpsError::Store(StoreError::Conflict { .. }))));
        assert_eq!(import(&test, &actor, &file, false).unwrap().payments, taken.payments, "and once more");
    });
}

#[test]
fn a_file_that_is_cut_wrong_or_of_another_account_is_refused_whole() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (id, issued) = sent(&test, "Åsa Esimerkki", customer, 10_000);
        let good = ktl(&[line("A1", issued.reference.as_str(), "X", 4_000), line("A2", "", "Y", 1_000)]);
        let cut = good[..good.len() / 2].to_owned();
        let sum = good.replace("00000005000", "00000005001");
        let other = good.replace(&ACCOUNT[4..], "12345600000786");
        for (file, want) in [(cut, "cut"), (sum, "wrong-sum"), (other, "other-account"), (String::new(), "empty")] {
            let Some(PaymentRefused::File(error)) = refused(import(&test, &actor, &file, false)) else {
                unreachable!("{want} was not refused")
            };
            assert!(error.problem.key().ends_with(want), "{error}");
        }
        assert_eq!((open(&test, id), queue(&test).len()), (10_000, 0));

        // Who has no part in the company whose account it is can not take it in.
        let stranger = test.actor_in(Role::Finance, "verkkokauppa");
        assert_eq!(refused(import(&test, &stranger, &good, false)), Some(PaymentRefused::NoAccount));
        let other = "verkkokauppa".parse().unwrap();
        invoice::set_billing(&test, &actor, &other, 0, &billing("FI2112345600000785")).unwrap();
        assert!(matches!(refused(import(&test, &stranger, &good, false)), Some(PaymentRefused::File(_))));
        assert!(hidden(import(&test, &test.actor(Role::Reader), &good, false)));

        let taken = import(&test, &actor, &good, false).unwrap();
        let first = queue(&test)[0].id;
        assert!(hidden(payment::show(&test, &stranger, first, "")));
        assert!(hidden(payment_file::undo(&test, &stranger, taken.file.unwrap())));
        // The company changes its bank: files of the old account still come, and pay old invoices.
        invoice::set_billing(&test, &actor, &samples::COMPANY.parse().unwrap(), 1, &billing("FI4250001510000023"))
            .unwrap();
        let late = ktl(&[line("A9", issued.reference.as_str(), "X", 6_000)]);
        import(&test, &actor, &late, false).unwrap();
        assert_eq!(open(&test, id), 0);
    });
}

#[test]
fn people_place_what_the_rules_could_not() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (a, _) = sent(&test, "Åsa Esimerkki", customer, 10_000);
        let (b, _) = sent(&test, "Åsa Esimerkki", customer, 5_000);
        import(&test, &actor, &ktl(&[line("A1", "", "ESIMERKKI OY", 16_000)]), false).unwrap();
        let waiting = queue(&test).remove(0);
        let share = |invoice, cents| Share { invoice, cents: Cents(cents) };
        let not = |shares: &[Share]| match refused(payment::place(&test, &actor, waiting.id, 2, shares)) {
            Some(PaymentRefused::NotPlaced(why)) => Some(why),
            _ => None,
        };
        assert_eq!(not(&[share(a, 16_001)]), Some(NotPlaced::MoreThanPayment));
        assert_eq!(not(&[share(a, 10_001)]), Some(NotPlaced::MoreThanOpen));
        assert_eq!(not(&[share(a, 6_000), share(a, 6_000)]), Some(NotPlaced::MoreThanOpen), "twice the same");
        assert_eq!(not(&[share(a, 0)]), Some(NotPlaced::Sign));
        assert_eq!((open(&test, a), queue(&test)[0].purse.placed), (10_000, Cents::ZERO), "nothing of it was done");

        let placed = payment::place(&test, &actor, waiting.id, 2, &[share(a, 10_000), share(b, 5_000)]).unwrap();
        assert_eq!((placed.purse.state(), placed.purse.left()), (PaymentState::PartPlaced, Cents(1_000)));
        assert_eq!((open(&test, a), open(&test, b)), (0, 0));
        assert!(matches!(
            payment::place(&test, &actor, waiting.id, 2, &[share(a, 1)]),
            Err(OpsError::Store(StoreError::Conflict { .. }))
        ));
        let given = payment::refund(&test, &actor, waiting.id, 3, Cents(1_000), "Palautettu 28.11.").unwrap();
        assert_eq!((given.purse.state(), given.told.note.as_str()), (PaymentState::Placed, "Palautettu 28.11."));
        assert!(matches!(payment::refund(&test, &actor, waiting.id, 4, Cents(1), " "), Err(OpsError::Fields(_))));

        // Each part is undone alone, and exactly.
        let shown = payment::show(&test, &actor, waiting.id, "").unwrap();
        let kinds: Vec<_> = shown.parts.iter().map(|(part, _)| part.kind).collect();
        assert_eq!(kinds, [Placing::Invoice, Placing::Invoice, Placing::Refund]);
        let mut version = 4;
        for (part, _) in &shown.parts {
            version = payment::undo(&test, &actor, waiting.id, version, part.id).unwrap().version;
        }
        let last = queue(&test).remove(0);
        assert_eq!((last.purse, last.told, last.owner), (waiting.purse, waiting.told, None));
        assert_eq!((open(&test, a), open(&test, b)), (10_000, 5_000));
        // What was looked for by number or name is offered beside what is proposed.
        let number = invoice::show(&test, &actor, a).unwrap().issued().unwrap().number.clone();
        let offered = payment::show(&test, &actor, waiting.id, &number).unwrap().proposals;
        assert_eq!(offered.iter().map(|p| (p.invoice.id, p.reason)).collect::<Vec<_>>(), [(a, None)]);
        assert_eq!(payment::show(&test, &actor, waiting.id, "esimerkki ÅSA").unwrap().proposals.len(), 2);
    });
}

#[test]
fn proposals_tell_their_reason() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (paid, issued) = sent(&test, "Åsa Esimerkki", customer, 1_000);
        let (twin, _) = sent(&test, "Helmi Mallikas", customer, 2_500);
        let (same, _) = sent(&test, "Helmi Mallikas", customer, 2_500);
        import(&test, &actor, &ktl(&[line("A1", issued.reference.as_str(), "X", 1_000)]), false).unwrap();
        let again = [line("A2", issued.reference.as_str(), "X", 1_000), line("A3", "", "HELMI MALLIK", 2_500)];
        import(&test, &actor, &ktl(&again), false).unwrap();
        let (waiting, more) = payment::queue(&test, &actor, &Filter::default(), 10).unwrap();
        assert!(!more);
        let told: Vec<Vec<_>> =
            waiting.iter().map(|w| w.proposals.iter().map(|p| (p.invoice.id, p.reason)).collect()).collect();
        let both = |id| (id, Some(Reason::AmountAndName));
        assert_eq!(told, [vec![both(same), both(twin)], vec![(paid, Some(Reason::Reference))]]);
    });
}

#[test]
fn corrections_take_back_what_came() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (a, issued) = sent(&test, "Åsa Esimerkki", customer, 10_000);
        let reference = issued.reference.as_str();
        let first = import(&test, &actor, &ktl(&[line("A1", reference, "X", 12_000)]), false).unwrap();
        assert_eq!((open(&test, a), queue(&test).len()), (0, 1));
        let second = import(&test, &actor, &ktl(&[line("A1", reference, "X", -12_000)]), false).unwrap();
        assert_eq!(tally(second.reversed), (1, -12_000));
        assert_eq!((open(&test, a), queue(&test).len()), (10_000, 0), "the part without a place is taken back, too");

        // What was taken back can not be placed or undone until the correction is.
        let original = payment::list(&test, &actor, &Filter { file: first.file, ..Filter::default() }, 9).unwrap();
        let original = original.rows[0].clone();
        let part = payment::show(&test, &actor, original.id, "").unwrap().parts[0].0.id;
        assert_eq!(
            refused(payment::undo(&test, &actor, original.id, original.version, part)),
            Some(PaymentRefused::TakenBack)
        );
        assert_eq!(refused(payment_file::undo(&test, &actor, first.file.unwrap())), Some(PaymentRefused::TakenBack));
        payment_file::undo(&test, &actor, second.file.unwrap()).unwrap();
        assert_eq!((open(&test, a), queue(&test).len()), (0, 1));
        payment_file::undo(&test, &actor, first.file.unwrap()).unwrap();
        assert_eq!(open(&test, a), 10_000);

        // Both in one file, and one whose original nobody knows: it takes back by the reference, and not more than was paid.
        let both =
            [line("B1", reference, "X", 3_000), line("B1", reference, "X", -3_000), line("B2", reference, "X", 500)];
        let third = import(&test, &actor, &ktl(&both), false).unwrap();
        assert_eq!(open(&test, a), 9_500);
        import(&test, &actor, &ktl(&[line("Z9", reference, "X", -800)]), false).unwrap();
        assert_eq!((open(&test, a), queue(&test)[0].purse.left()), (10_000, Cents(-300)));
        // What it took back was paid by the file: the file can not go before it.
        assert_eq!(
            refused(payment_file::undo(&test, &actor, third.file.unwrap())),
            Some(PaymentRefused::InvoiceChanged)
        );
        assert_eq!(open(&test, a), 10_000);
    });
}

/// What is paid, not due and overdue of a month's invoices is what was invoiced of it, on each side of the month's end; what was
/// collected goes by the day of payment.
#[test]
fn the_ledger_agrees_with_itself_at_the_end_of_a_month() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (_, first) = sent(&test, "Eka Esimerkki", customer, 10_000);
        let (second, _) = sent(&test, "Eka Esimerkki", customer, 5_000);
        let pay = |day: &str, cents: i64| {
            let draft = PaymentDraft {
                company: samples::COMPANY.into(),
                paid_on: day.into(),
                amount: Cents(cents).to_string(),
                reference: first.reference.to_string(),
                decimal_mark: DecimalMark::Point,
                ..PaymentDraft::default()
            };
            payment::enter(&test, &actor, &draft).unwrap();
        };
        let sums = || {
            let ledger = invoice::ledger(&test, &actor, None, 3).unwrap();
            for month in ledger.months.iter().chain([&ledger.total]) {
                let there = month.paid.0 + month.open.0 + month.overdue.0;
                assert_eq!(month.invoiced.0 + month.credited.0, there, "{month:?}");
            }
            let (total, collected) = (ledger.total, ledger.collected.iter().map(|cents| cents.0).collect::<Vec<_>>());
            assert_eq!(total.paid.0, collected.iter().sum::<i64>(), "all was paid within the months that are shown");
            ([total.paid.0, total.open.0, total.overdue.0], collected)
        };
        assert_eq!(sums(), ([0, 15_000, 0], vec![0, 0, 0]));
        // The last day of November, in Finland.
        test.clock().advance(jiff::SignedDuration::from_hours(24 * 7));
        assert_eq!(test.today().to_string(), "2026-11-30");
        pay("2026-11-30", 4_000);
        assert_eq!(sums(), ([4_000, 11_000, 0], vec![0, 0, 4_000]));
        test.clock().advance(jiff::SignedDuration::from_hours(24));
        pay("2026-12-01", 6_000);
        assert_eq!(sums(), ([10_000, 5_000, 0], vec![0, 4_000, 6_000]));
        // The day on which the other falls due, and the day after.
        test.clock().advance(jiff::SignedDuration::from_hours(24 * 6));
        let due = invoice::show(&test, &actor, second).unwrap().days().unwrap().1;
        assert_eq!((test.today(), sums().0), (due, [10_000, 5_000, 0]));
        test.clock().advance(jiff::SignedDuration::from_hours(24));
        assert_eq!(sums().0, [10_000, 0, 5_000]);
    });
}

#[test]
fn two_people_place_one_payment() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let env = Env::new(Arc::new(TestClock::default()), StdRng::seed_from_u64(77));
        let other = Register::open(test.place().settings(), env).unwrap();
        for round in 0..8 {
            let (a, _) = sent(&test, "Åsa Esimerkki", customer, 10_000);
            let (b, _) = sent(&test, "Åsa Esimerkki", customer, 10_000);
            import(&test, &actor, &ktl(&[line(&format!("R{round}"), "", "X Y", 10_000)]), false).unwrap();
            let id = queue(&test)[0].id;
            let outcomes: Vec<bool> = std::thread::scope(|scope| {
                let workers =
                    [(test.register(), a), (&other, b), (test.register(), b), (&other, a)].map(|(at, invoice)| {
                        let actor = &actor;
                        scope.spawn(move || {
                            let share = Share { invoice, cents: Cents(10_000) };
                            match payment::place(at, actor, id, 2, &[share]) {
                                Ok(_) => true,
                                Err(OpsError::Store(StoreError::Conflict { .. })) => false,
                                Err(error) => unreachable!("{error:?}"),
                            }
                        })
                    });
                workers.into_iter().map(|worker| worker.join().unwrap()).collect()
            });
            assert_eq!(outcomes.iter().filter(|won| **won).count(), 1, "one wins, the others are told");
            assert_eq!(open(&test, a) + open(&test, b), 10_000);
        }
        other.close();
    });
}

#[test]
fn by_hand_and_out_again() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (a, issued) = sent(&test, "Åsa Esimerkki", customer, 10_000);
        let draft = PaymentDraft {
            company: samples::COMPANY.into(),
            paid_on: test.today().to_string(),
            amount: "40,00".into(),
            reference: issued.reference.to_string(),
            payer: "Äiti Esimerkki".into(),
            ..PaymentDraft::default()
        };
        let id = payment::enter(&test, &actor, &draft).unwrap();
        assert_eq!(open(&test, a), 6_000);
        let unknown = PaymentDraft { company: "verkkokauppa".into(), ..draft.clone() };
        let Err(OpsError::Fields(FieldErrors(errors))) = payment::enter(&test, &actor, &unknown) else {
            unreachable!()
        };
        assert_eq!(errors[0].code, "error-account-missing");
        assert!(hidden(payment::enter(&test, &test.actor(Role::Reader), &draft)));
        let version = payment::show(&test, &actor, id, "").unwrap().payment.version;
        payment::withdraw(&test, &actor, id, version).unwrap();
        assert_eq!(open(&test, a), 10_000);
        assert!(hidden(payment::show(&test, &actor, id, "")));
    });
}

#[test]
fn who_paid_is_sealed_and_forgotten() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (_, issued) = sent(&test, "Åsa Esimerkki", customer, 1_000);
        let lines = [line("A1", issued.reference.as_str(), "ZORROLA ZELM", 1_000), line("A2", "", "YRJANAINEN Q", 5)];
        import(&test, &actor, &ktl(&lines), false).unwrap();
        let names = |test: &TestRegister| -> Vec<String> {
            let all = payment::list(test, &actor, &Filter::default(), 10).unwrap().rows;
            all.into_iter().map(|payment| payment.told.payer).collect()
        };
        assert_eq!(names(&test), ["YRJANAINEN Q", "ZORROLA ZELM"]);
        let owners: Vec<_> =
            payment::list(&test, &actor, &Filter::default(), 10).unwrap().rows.into_iter().map(|p| p.owner).collect();
        assert_eq!(owners, [None, Some(customer.into())]);
        // Neither the rows nor the log has a name in clear.
        let mut raw = seloste_testkit::raw::Raw::open(&test.db().settings().place);
        for table in ["payment", "payment_file", "allocation", "log_block"] {
            for row in raw.rows(&format!("SELECT * FROM {table}")) {
                assert!(row.iter().all(|cell| !cell.contains("ZORROLA") && !cell.contains("YRJANAINEN")), "{table}");
            }
        }
        // The booking is of 2026-11-20: after a year the one that has its place is forgotten, after three the other.
        let months = |months: i64| jiff::SignedDuration::from_hours(24 * 31 * months);
        let program = Actor::Program("payments");
        assert_eq!(payment::forget(&test, &program).unwrap(), 0);
        test.clock().advance(months(13));
        assert_eq!(payment::forget(&test, &program).unwrap(), 1);
        assert_eq!(names(&test), ["YRJANAINEN Q", ""]);
        test.clock().advance(months(24));
        assert_eq!(payment::forget(&test, &program).unwrap(), 1);
        assert_eq!(names(&test), ["", ""]);
        let register = test.register();
        assert!(register.authorize(&program, Action::PaymentPlace).is_err());
    });
}

/// Something that is done with payments, by numbers that choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Come { invoice: usize, cents: i64, known: bool },
    Back { payment: usize, cents: i64 },
    Place { payment: usize, invoice: usize, cents: i64 },
    Refund { payment: usize, cents: i64 },
    Undo { payment: usize, part: usize },
    UndoFile { file: usize },
    Credit { invoice: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let cents = || prop_oneof![1_i64..20_000, Just(10_000)];
    prop_oneof![
        3 => (0..4_usize, cents(), any::<bool>()).prop_map(|(invoice, cents, known)| Step::Come { invoice, cents, known }),
        1 => (0..20_usize, cents()).prop_map(|(payment, cents)| Step::Back { payment, cents }),
        3 => (0..20_usize, 0..4_usize, -20_000_i64..20_000)
            .prop_map(|(payment, invoice, cents)| Step::Place { payment, invoice, cents }),
        1 => (0..20_usize, cents()).prop_map(|(payment, cents)| Step::Refund { payment, cents }),
        2 => (0..20_usize, 0..3_usize).prop_map(|(payment, part)| Step::Undo { payment, part }),
        1 => (0..10_usize).prop_map(|file| Step::UndoFile { file }),
        1 => (0..4_usize).prop_map(|invoice| Step::Credit { invoice }),
    ]
}

struct Model<'t> {
    test: &'t TestRegister,
    invoices: Vec<(InvoiceId, IssuedInvoice)>,
    files: Vec<seloste_domain::id::PaymentFileId>,
    archive: usize,
}

impl Model<'_> {
    fn payments(&self) -> Vec<Payment> {
        payment::list(self.test, &TestRegister::operator(), &Filter::default(), 1_000).unwrap().rows
    }

    /// What may be refused is refused; what is done is checked by [`Model::check`].
    fn take(&mut self, step: &Step) {
        let (test, actor) = (self.test, TestRegister::operator());
        let payments = self.payments();
        let pick = |number: usize| payments.get(number % payments.len().max(1));
        match step {
            Step::Come { invoice, cents, known } => {
                self.archive += 1;
                let reference = if *known { self.invoices[*invoice].1.reference.as_str() } else { "" };
                let file = ktl(&[line(&format!("P{}", self.archive), reference, "Åsa Esimerkk", *cents)]);
                let taken = import(test, &actor, &file.replace('Å', "]"), false).unwrap();
                self.files.extend(taken.file);
            }
            Step::Back { payment, cents } => {
                let Some(original) = pick(*payment) else { return };
                let archive = original.archive_id.clone().unwrap_or_default();
                let reference = original.reference.as_ref().map(|r| r.as_str().to_owned()).unwrap_or_default();
                let amount = original.purse.amount.0.abs().min(*cents).max(1);
                let taken = import(test, &actor, &ktl(&[line(&archive, &reference, "", -amount)]), false);
                self.files.extend(taken.ok().and_then(|taken| taken.file));
            }
            Step::Place { payment, invoice, cents } => {
                let Some(payment) = pick(*payment) else { return };
                let share = Share { invoice: self.invoices[*invoice].0, cents: Cents(*cents) };
                let _ = payment::place(test, &actor, payment.id, payment.version, &[share]);
            }
            Step::Refund { payment, cents } => {
                let Some(payment) = pick(*payment) else { return };
                let _ = payment::refund(test, &actor, payment.id, payment.version, Cents(*cents), "palautus");
            }
            Step::Undo { payment, part } => {
                let Some(payment) = pick(*payment) else { return };
                let parts = payment::show(test, &actor, payment.id, "").unwrap().parts;
                let Some((part, _)) = parts.get(part % parts.len().max(1)) else { return };
                let _ = payment::undo(test, &actor, payment.id, payment.version, part.id);
            }
            Step::UndoFile { file } => {
                let Some(file) = self.files.get(file % self.files.len().max(1)) else { return };
                let _ = payment_file::undo(test, &actor, *file);
            }
            Step::Credit { invoice } => {
                let credit = invoice::credit(test, &actor, self.invoices[*invoice].0).unwrap();
                let _ = invoice::send(test, &actor, credit, 1);
            }
        }
    }

    /// Nothing is placed beyond its payment, and what is paid of an invoice is the sum of what was placed on it, never less
    /// than nothing, and never more than it asks for, unless it was credited since.
    fn check(&self) {
        let actor = TestRegister::operator();
        let mut paid = vec![0_i64; self.invoices.len()];
        for payment in self.payments() {
            let parts = payment::show(self.test, &actor, payment.id, "").unwrap().parts;
            let placed: i64 = parts.iter().map(|(part, _)| part.cents.0).sum();
            assert_eq!(placed, payment.purse.placed.0);
            let (amount, left) = (payment.purse.amount.0, payment.purse.left().0);
            assert!(left == 0 || left.signum() == amount.signum(), "{payment:?}");
            assert!(placed.abs() <= amount.abs(), "{payment:?}");
            for (part, _) in parts.iter().filter(|(part, _)| part.kind == Placing::Invoice) {
                let at = self.invoices.iter().position(|(id, _)| Some(*id) == part.invoice).unwrap();
                paid[at] += part.cents.0;
            }
        }
        for ((id, issued), paid) in self.invoices.iter().zip(paid) {
            let balance = invoice::show(self.test, &actor, *id).unwrap().balance;
            assert_eq!(balance.paid.0, paid);
            assert!((0..=issued.totals.gross.0).contains(&paid), "{paid}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_the_money_agrees(steps in prop::collection::vec(step(), 1..25)) {
        let (test, _, customer) = begun(TestPlace::sqlite());
        let invoices = [10_000, 20_000, 333, 10_000].map(|gross| sent(&test, "Åsa Esimerkki", customer, gross)).to_vec();
        let mut model = Model { test: &test, invoices, files: Vec::new(), archive: 0 };
        for step in &steps {
            model.take(step);
            model.check();
        }
        if steps.iter().any(|step| matches!(step, Step::Credit { .. })) {
            return Ok(());
        }
        // And all files undone, in the order that is possible, leave what was there before.
        for _ in 0..steps.len() {
            for file in model.files.clone().into_iter().rev() {
                let _ = payment_file::undo(&test, &TestRegister::operator(), file);
            }
        }
        model.check();
        let left: Vec<PaymentId> = model.payments().into_iter().map(|payment| payment.id).collect();
        prop_assert!(left.is_empty(), "{left:?}");
    }
}
