//! Tables of the law's days and fees.

use jiff::ToSpan as _;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const DUE: Date = date(2026, 3, 2);

fn debt(debtor: Debtor, open: i64, sent: &[(ReminderKind, i64, i64)]) -> Debt {
    let sent = sent.iter().map(|(kind, after, fee)| Sent {
        kind: *kind,
        on: DUE.saturating_add(after.days()),
        fee: Cents(*fee),
        standard: *fee == STANDARD.0,
    });
    Debt {
        debtor,
        invoiced: DUE.saturating_sub(14.days()),
        due: DUE,
        open: Cents(open),
        sent: sent.collect(),
        stopped: false,
        handed_over: false,
    }
}

use Debtor::{Business, Consumer};
use ReminderKind::{Demand, Reminder};

#[test]
fn nothing_before_the_law_allows() {
    let day = |after: i64| DUE.saturating_add(after.days());
    for (debtor, sent, kind, after, want) in [
        (Consumer, &[][..], Reminder, 0, Err(TooSoon::NotDue(day(1)))),
        (Consumer, &[], Reminder, 1, Ok(())),
        (Consumer, &[(Reminder, 1, 0)], Reminder, 1, Err(TooSoon::Wait(day(2)))),
        (Consumer, &[], Demand, 60, Err(TooSoon::NoReminder)),
        (Consumer, &[(Reminder, 14, 500)], Demand, 27, Err(TooSoon::Wait(day(28)))),
        (Consumer, &[(Reminder, 14, 500)], Demand, 28, Ok(())),
        (Consumer, &[(Reminder, 14, 500), (Demand, 28, 1_400)], Demand, 41, Err(TooSoon::Wait(day(42)))),
        (Consumer, &[(Reminder, 14, 500), (Demand, 28, 1_400)], Demand, 42, Ok(())),
        (Consumer, &[(Reminder, 14, 0), (Demand, 28, 0), (Demand, 42, 0)], Demand, 90, Err(TooSoon::Enough)),
        (Business, &[(Reminder, 10, 0), (Demand, 24, 0)], Demand, 33, Err(TooSoon::Wait(day(34)))),
        (Business, &[(Reminder, 10, 0), (Demand, 24, 0)], Demand, 34, Ok(())),
    ] {
        let debt = debt(debtor, 10_000, sent);
        assert_eq!(debt.may_send(kind, day(after)), want, "{debtor:?} {sent:?} {kind} {after}");
    }
    let reminded = debt(Consumer, 10_000, &[(Reminder, 14, 500)]);
    assert_eq!(reminded.may_hand_over(day(27)), Err(TooSoon::Wait(day(28))));
    assert_eq!(reminded.may_hand_over(day(28)), Ok(()));
    let with = |change: fn(&mut Debt)| {
        let mut changed = reminded.clone();
        change(&mut changed);
        [changed.may_send(Reminder, day(60)), changed.may_send(Demand, day(60)), changed.may_hand_over(day(60))]
    };
    assert_eq!(with(|debt| debt.stopped = true), [Err(TooSoon::Stopped); 3], "a dispute stops everything");
    assert_eq!(with(|debt| debt.handed_over = true), [Err(TooSoon::HandedOver); 3]);
    assert_eq!(with(|debt| debt.open = Cents::ZERO), [Err(TooSoon::Paid); 3]);
}

#[test]
fn fees_by_debtor_principal_and_what_came_before() {
    let day = |after: i64| DUE.saturating_add(after.days());
    for (debtor, open, sent, kind, after, want) in [
        (Consumer, 10_000, &[][..], Reminder, 13, (0, FeeReason::TooSoon)),
        (Consumer, 10_000, &[], Reminder, 14, (500, FeeReason::Legal)),
        (Consumer, 10_000, &[(Reminder, 14, 500)], Reminder, 27, (0, FeeReason::TooSoon)),
        (Consumer, 10_000, &[(Reminder, 14, 500)], Reminder, 28, (500, FeeReason::Legal)),
        (Consumer, 10_000, &[(Reminder, 14, 500)], Demand, 28, (1_400, FeeReason::Legal)),
        (Consumer, 10_001, &[(Reminder, 14, 500)], Demand, 28, (2_400, FeeReason::Legal)),
        (Consumer, 100_001, &[(Reminder, 14, 500)], Demand, 28, (5_000, FeeReason::Legal)),
        (Consumer, 10_000, &[(Reminder, 14, 500), (Demand, 28, 1_400)], Demand, 42, (700, FeeReason::Legal)),
        (Consumer, 10_000, &[(Reminder, 14, 5_700)], Reminder, 28, (300, FeeReason::Capped)),
        (Business, 50_000, &[], Reminder, 9, (0, FeeReason::TooSoon)),
        (Business, 50_000, &[], Reminder, 10, (1_200, FeeReason::Legal)),
        (Business, 50_000, &[(Reminder, 10, 1_200)], Demand, 24, (5_000, FeeReason::Legal)),
        (Business, 250_000, &[(Reminder, 10, 1_200)], Demand, 24, (7_000, FeeReason::Legal)),
        (Business, 1_000_000, &[(Reminder, 10, 1_200)], Demand, 24, (9_000, FeeReason::Legal)),
        (Business, 1_000_001, &[(Reminder, 10, 1_200)], Demand, 24, (11_000, FeeReason::Legal)),
        (Business, 50_000, &[(Reminder, 10, 4_000)], Demand, 24, (0, FeeReason::Covered)),
    ] {
        let (fee, reason) = debt(debtor, open, sent).fee(kind, FeeChoice::Legal, day(after));
        assert_eq!((fee.0, reason), want, "{debtor:?} {open} {sent:?} {kind} {after}");
    }
    let short = Debt { invoiced: DUE.saturating_sub(13.days()), ..debt(Consumer, 10_000, &[]) };
    assert_eq!(short.fee(Reminder, FeeChoice::Legal, day(30)), (Cents::ZERO, FeeReason::ShortInvoice));
    let business = debt(Business, 10_000, &[]);
    assert_eq!(business.fee(Reminder, FeeChoice::Standard, day(1)), (STANDARD, FeeReason::Standard));
    assert_eq!(business.fee(Reminder, FeeChoice::None, day(30)), (Cents::ZERO, FeeReason::NotAsked));
    // The standard compensation is one between companies.
    assert_eq!(debt(Consumer, 1, &[]).fee(Reminder, FeeChoice::Standard, day(30)), (Cents(500), FeeReason::Legal));
}

#[test]
fn what_was_paid_beyond_the_principal_pays_fees_then_interest() {
    let interest = Interest { runs: Vec::new(), total: Cents(200) };
    for (paid, earlier, of_interest, total) in
        [(0, 500, 200, 11_900), (300, 200, 200, 11_600), (600, 0, 100, 11_300), (900, 0, 0, 11_200)]
    {
        let items = Items::of(Cents(10_000), &interest, Cents(500), Cents(1_200), Cents(paid));
        assert_eq!((items.earlier_fees.0, items.interest.0, items.total().0), (earlier, of_interest, total), "{paid}");
    }
}

proptest! {
    /// However often one sends, a consumer's fees stay below the cap, and no two fees are closer than the law allows.
    #[test]
    fn fees_never_exceed_the_cap(
        open in prop_oneof![1_i64..10_000, 10_001_i64..100_000, 100_001_i64..5_000_000],
        // Long enough for the caps to be met.
        steps in prop::collection::vec((8_i64..30, any::<bool>()), 40..120),
        consumer in any::<bool>(),
    ) {
        let debtor = if consumer { Consumer } else { Business };
        let mut debt = debt(debtor, open, &[]);
        let mut today = DUE;
        for (days, demand) in steps {
            today = today.saturating_add(days.days());
            let kind = if demand { Demand } else { Reminder };
            if debt.may_send(kind, today).is_err() {
                continue;
            }
            let (fee, _) = debt.fee(kind, FeeChoice::Legal, today);
            let fees = Fees::of(debtor, today).unwrap();
            if let Some(last) = debt.sent.iter().filter(|sent| sent.fee.0 > 0).map(|sent| sent.on).max() {
                prop_assert!(fee.0 == 0 || i64::from((today - last).get_days()) >= fees.days_between);
            }
            debt.sent.push(Sent { kind, on: today, fee, standard: false });
            let all: i64 = debt.sent.iter().map(|sent| sent.fee.0).sum();
            prop_assert!(all <= Fees::by(fees.total, debt.open).0);
        }
        prop_assert!(debt.sent.iter().filter(|sent| sent.kind == Demand).count() <= MOST_DEMANDS);
    }
}
