//! Late interest (*viivästyskorko*, Interest Act 633/1982): the reference rate of each half-year and what it comes to.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use crate::field::{FieldError, code};
use crate::money::{Cents, DecimalMark, divide_rounded};
use crate::vat::Ratio;

/// Whether the debtor is a consumer or a company: the law's rates and fees differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Debtor {
    /// A natural person who bought for themselves.
    Consumer,
    /// A company or another organisation.
    Business,
}

impl Debtor {
    /// Whom an invoice is to: an organisation, or a buyer with a business id, is no consumer.
    #[must_use]
    pub const fn of(is_organisation: bool, has_business_id: bool) -> Self {
        if is_organisation || has_business_id { Self::Business } else { Self::Consumer }
    }

    /// The name in the database and in keys of texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consumer => "consumer",
            Self::Business => "business",
        }
    }

    /// What is added to the reference rate: 7 points (Interest Act section 4(1)), in trade 8 (section 4 a).
    #[must_use]
    pub const fn addition(self) -> Ratio {
        match self {
            Self::Consumer => Ratio(700),
            Self::Business => Ratio(800),
        }
    }
}

/// The reference rate of a half-year (Interest Act section 12).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReferenceRate {
    /// The first day of the half-year: 1 January or 1 July.
    pub from: Date,
    /// The rate in ten-thousandths.
    pub rate: Ratio,
}

const fn known(year: i16, month: i8, rate: i64) -> ReferenceRate {
    ReferenceRate { from: date(year, month, 1), rate: Ratio(rate) }
}

/// The rates as the Bank of Finland made them known, from 2016 to the first half of 2026: the European Central Bank's rate
/// for main refinancing operations before the half-year, rounded up to a whole half of a per cent. A company adds the next
/// ones, and corrects these, where the register keeps its own ([`Rates`]).
pub const KNOWN: [ReferenceRate; 21] = [
    known(2016, 1, 50),
    known(2016, 7, 0),
    known(2017, 1, 0),
    known(2017, 7, 0),
    known(2018, 1, 0),
    known(2018, 7, 0),
    known(2019, 1, 0),
    known(2019, 7, 0),
    known(2020, 1, 0),
    known(2020, 7, 0),
    known(2021, 1, 0),
    known(2021, 7, 0),
    known(2022, 1, 0),
    known(2022, 7, 0),
    known(2023, 1, 250),
    known(2023, 7, 400),
    known(2024, 1, 450),
    known(2024, 7, 450),
    known(2025, 1, 350),
    known(2025, 7, 250),
    known(2026, 1, 250),
];

/// The reference rate that follows from the European Central Bank's rate: rounded up to a whole half of a per cent.
#[must_use]
pub const fn reference_of(bank_rate: Ratio) -> Ratio {
    let half = 50;
    let rest = bank_rate.0.rem_euclid(half);
    if rest == 0 { bank_rate } else { Ratio(bank_rate.0 - rest + half) }
}

/// The first day of the half-year that a day is in.
#[must_use]
pub fn half_year(day: Date) -> Date {
    let month = if day.month() < 7 { 1 } else { 7 };
    Date::new(day.year(), month, 1).unwrap_or(day)
}

/// A rate that a person gives: the European Central Bank's of the beginning of a half-year.
///
/// # Errors
/// At `from` a day that begins no half-year, at `rate` what is no rate.
pub fn parse_rate(from: &str, rate: &str, mark: DecimalMark) -> Result<ReferenceRate, FieldError> {
    let day = crate::date::parse_field("from", from, crate::date::DateOrder::DayFirst)?;
    let day = day.filter(|day| half_year(*day) == *day && (2000..2100).contains(&day.year()));
    let from = day.ok_or_else(|| FieldError::new("from", code::DATE_INVALID))?;
    if rate.trim().is_empty() {
        return Err(FieldError::new("rate", code::REQUIRED));
    }
    let text = format!("{} %", rate.trim().trim_end_matches([' ', '%']));
    let rate = Ratio::parse("rate", &text, mark)?;
    Ok(ReferenceRate { from, rate: reference_of(rate) })
}

/// The rates that are used: the known ones, and what the register has of its own, which come before them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rates(Vec<ReferenceRate>);

/// No rate is known for a half-year.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the reference rate from {0} on is not known")]
pub struct NoRate(pub Date);

impl Rates {
    /// The known rates with a register's own.
    #[must_use]
    pub fn with(own: &[ReferenceRate]) -> Self {
        let mut all: Vec<ReferenceRate> =
            KNOWN.iter().filter(|known| own.iter().all(|rate| rate.from != known.from)).copied().collect();
        all.extend(own);
        all.sort_by_key(|rate| rate.from);
        Self(all)
    }

    /// All of them, the earliest first.
    #[must_use]
    pub fn all(&self) -> &[ReferenceRate] {
        &self.0
    }

    /// The reference rate on a day.
    ///
    /// # Errors
    /// [`NoRate`] for its half-year: no rate is guessed.
    pub fn on(&self, day: Date) -> Result<Ratio, NoRate> {
        let from = half_year(day);
        self.0.iter().find(|rate| rate.from == from).map(|rate| rate.rate).ok_or(NoRate(from))
    }
}

/// What interest is counted from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Consumer or business.
    pub debtor: Debtor,
    /// The day until which it was to be paid.
    pub due: Date,
    /// What was to be paid, less what was credited.
    pub principal: Cents,
    /// What was paid and when, in any order.
    pub payments: Vec<(Date, Cents)>,
    /// The rate that was agreed, or none: by law.
    pub agreed: Option<Ratio>,
}

/// A time for which interest runs on one sum at one rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// Days.
    pub days: i64,
    /// The sum that was open.
    pub principal: Cents,
    /// The rate a year.
    pub rate: Ratio,
    /// Interest in ten-thousandths of a cent and 365ths, before rounding: principal x rate x days.
    raw: i128,
}

/// Late interest of a claim with how it was counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Interest {
    /// The times, the earliest first.
    pub runs: Vec<Run>,
    /// The sum, rounded once to the cent.
    pub total: Cents,
}

/// Ten-thousandths of a rate times days of a year.
const YEAR: i128 = 10_000 * 365;

/// The rate on a day: by law, or as agreed. What was agreed with a consumer is void beyond the law's (section 2(2)).
///
/// # Errors
/// [`NoRate`].
pub fn rate_on(rates: &Rates, debtor: Debtor, agreed: Option<Ratio>, day: Date) -> Result<Ratio, NoRate> {
    let by_law = || rates.on(day).map(|rate| Ratio(rate.0 + debtor.addition().0));
    match (agreed, debtor) {
        (Some(agreed), Debtor::Business) => Ok(agreed),
        (Some(agreed), Debtor::Consumer) => Ok(agreed.min(by_law()?)),
        (None, _) => by_law(),
    }
}

/// Late interest until `until`, that day included: from the day after the due date (section 5: the due date was agreed
/// when the order was made), on what was open of the principal each day, at the rate of each half-year, by actual days of
/// a year of 365. A payment lowers the principal from the day after it on.
///
/// # Errors
/// [`NoRate`] for a half-year in which interest runs.
pub fn late_interest(claim: &Claim, rates: &Rates, until: Date) -> Result<Interest, NoRate> {
    let mut payments = claim.payments.clone();
    payments.sort_by_key(|(day, _)| *day);
    let mut interest = Interest::default();
    let mut raw = 0_i128;
    let mut from = claim.due.saturating_add(1.days());
    while from <= until {
        let paid: i64 = payments.iter().filter(|(day, _)| *day < from).map(|(_, cents)| cents.0).sum();
        let principal = Cents(claim.principal.0.saturating_sub(paid));
        let next_half = half_year(from).saturating_add(6.months());
        let next_payment = payments.iter().map(|(day, _)| day.saturating_add(1.days())).find(|day| *day > from);
        let next = next_half.min(next_payment.unwrap_or(next_half));
        let last = until.min(next.saturating_sub(1.days()));
        if principal.0 > 0 {
            let rate = rate_on(rates, claim.debtor, claim.agreed, from)?;
            let days = i64::from((last - from).get_days()) + 1;
            let of_run = i128::from(principal.0) * i128::from(rate.0) * i128::from(days);
            raw += of_run;
            interest.runs.push(Run { from, until: last, days, principal, rate, raw: of_run });
        }
        from = last.saturating_add(1.days());
    }
    interest.total = Cents(i64::try_from(divide_rounded(raw, YEAR)).unwrap_or(i64::MAX));
    Ok(interest)
}

impl Run {
    /// Its interest alone, rounded to the cent: for showing; the sum is rounded once.
    #[must_use]
    pub fn interest(&self) -> Decimal {
        Decimal::new(i64::try_from(divide_rounded(self.raw, YEAR)).unwrap_or(i64::MAX), 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(debtor: Debtor, due: Date, principal: i64, payments: &[(Date, i64)]) -> Claim {
        let payments = payments.iter().map(|(day, cents)| (*day, Cents(*cents))).collect();
        Claim { debtor, due, principal: Cents(principal), payments, agreed: None }
    }

    #[test]
    fn the_banks_rate_is_rounded_up_to_a_half() {
        for (bank, reference) in [(0, 0), (5, 50), (50, 50), (215, 250), (315, 350), (425, 450), (450, 450), (451, 500)]
        {
            assert_eq!(reference_of(Ratio(bank)), Ratio(reference), "{bank}");
        }
        for pair in KNOWN.windows(2) {
            assert_eq!(pair[0].from.saturating_add(6.months()), pair[1].from, "no half-year is left out");
        }
        assert_eq!(half_year(date(2026, 6, 30)), date(2026, 1, 1));
        assert_eq!(half_year(date(2026, 7, 1)), date(2026, 7, 1));
    }

    #[test]
    fn interest_of_half_years_and_part_payments() {
        let rates = Rates::with(&[]);
        use Debtor::{Business, Consumer};
        for (debtor, due, principal, payments, until, want) in [
            // 1,000 euros for 30 days at 9.5 %: 7.808 euros.
            (Consumer, date(2026, 1, 31), 100_000, &[][..], date(2026, 3, 2), 781),
            // At 10.5 %: 8.630 euros.
            (Business, date(2026, 1, 31), 100_000, &[][..], date(2026, 3, 2), 863),
            // 31 days of December 2024 at 11.5 % and 31 of January 2025 at 10.5 %.
            (Consumer, date(2024, 11, 30), 100_000, &[][..], date(2025, 1, 31), 1_868),
            // Half of it is paid after ten days: 10 days of the whole, 20 of the half.
            (Consumer, date(2026, 1, 31), 100_000, &[(date(2026, 2, 10), 50_000)][..], date(2026, 3, 2), 521),
            // It was paid on the due date, or is not late yet.
            (Consumer, date(2026, 1, 31), 100_000, &[(date(2026, 1, 31), 100_000)][..], date(2026, 3, 2), 0),
            (Consumer, date(2026, 1, 31), 100_000, &[][..], date(2026, 1, 31), 0),
        ] {
            let claim = claim(debtor, due, principal, payments);
            assert_eq!(late_interest(&claim, &rates, until).unwrap().total, Cents(want), "{claim:?} {until}");
        }
    }

    #[test]
    fn no_rate_is_guessed_and_a_register_adds_its_own() {
        let late = claim(Debtor::Consumer, date(2026, 6, 20), 100_000, &[]);
        let until = date(2026, 7, 10);
        assert_eq!(late_interest(&late, &Rates::with(&[]), until), Err(NoRate(date(2026, 7, 1))));
        let own = [ReferenceRate { from: date(2026, 7, 1), rate: Ratio(300) }];
        let interest = late_interest(&late, &Rates::with(&own), until).unwrap();
        let told: Vec<_> = interest.runs.iter().map(|run| (run.days, run.rate.0)).collect();
        assert_eq!((told, interest.total), (vec![(10, 950), (10, 1_000)], Cents(534)));
        let corrected = [ReferenceRate { from: date(2026, 1, 1), rate: Ratio(0) }];
        assert_eq!(Rates::with(&corrected).on(date(2026, 2, 1)), Ok(Ratio(0)));
    }

    #[test]
    fn what_was_agreed() {
        let rates = Rates::with(&[]);
        let day = date(2026, 2, 1);
        assert_eq!(rate_on(&rates, Debtor::Business, Some(Ratio(1_600)), day), Ok(Ratio(1_600)));
        assert_eq!(rate_on(&rates, Debtor::Consumer, Some(Ratio(1_600)), day), Ok(Ratio(950)));
        assert_eq!(rate_on(&rates, Debtor::Consumer, Some(Ratio(500)), day), Ok(Ratio(500)));
    }

    #[test]
    fn a_rate_as_a_person_gives_it() {
        let read = |from, rate| parse_rate(from, rate, DecimalMark::Comma);
        assert_eq!(read("1.7.2026", "2,15"), Ok(ReferenceRate { from: date(2026, 7, 1), rate: Ratio(250) }));
        assert_eq!(read("1.7.2026", "0 %").unwrap().rate, Ratio(0));
        for (from, rate, field) in [("2.7.2026", "2", "from"), ("", "2", "from"), ("1.7.2026", "", "rate")] {
            assert_eq!(read(from, rate).unwrap_err().field, field, "{from} {rate}");
        }
    }
}
