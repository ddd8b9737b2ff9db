//! When a claim lapses (*vanhentuminen*, Limitation Act 728/2003).

use jiff::ToSpan as _;
use jiff::civil::Date;

/// Years from the due date, and from each thing that breaks the time (sections 4 and 9).
const YEARS: i64 = 3;
/// Years after a judgment (section 13(1)).
const YEARS_AFTER_JUDGMENT: i64 = 5;
/// Years from the due date after which a money debt of a natural person that rests on a contract lapses whatever happened
/// in between (section 13 a(1)).
const YEARS_AT_MOST: i64 = 20;

/// What breaks the time: it begins anew (sections 10 and 11).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Break {
    /// The debtor paid a part.
    Payment,
    /// The debtor acknowledged the debt.
    Acknowledgement,
    /// The creditor reminded of it, naming the debt.
    Reminder,
    /// A judgment or another ground for enforcement.
    Judgment,
}

impl Break {
    /// The name in keys of texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Acknowledgement => "acknowledgement",
            Self::Reminder => "reminder",
            Self::Judgment => "judgment",
        }
    }
}

/// When a claim lapses, and by what that day came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limitation {
    /// The day after which it can not be claimed.
    pub on: Date,
    /// What broke the time last; none: it runs from the due date.
    pub last: Option<(Date, Break)>,
    /// The day after which nothing breaks it any more; none for an organisation's debt.
    pub at_most: Option<Date>,
}

/// When a claim lapses that was due on `due`. What happened after it had lapsed breaks nothing any more.
#[must_use]
pub fn limitation(due: Date, is_natural_person: bool, breaks: &[(Date, Break)]) -> Limitation {
    let mut breaks = breaks.to_vec();
    breaks.sort_unstable();
    let at_most = is_natural_person.then(|| due.saturating_add(YEARS_AT_MOST.years()));
    let (mut on, mut last) = (due.saturating_add(YEARS.years()), None);
    for (day, what) in breaks {
        if day > on {
            break;
        }
        let years = if what == Break::Judgment { YEARS_AFTER_JUDGMENT } else { YEARS };
        // After a judgment each break begins five years anew (section 13(1)).
        let years = match last {
            Some((_, Break::Judgment)) => years.max(YEARS_AFTER_JUDGMENT),
            _ => years,
        };
        on = on.max(day.saturating_add(years.years()));
        last = match last {
            Some((_, Break::Judgment)) => Some((day, Break::Judgment)),
            _ => Some((day, what)),
        };
    }
    Limitation { on: at_most.map_or(on, |most| on.min(most)), last, at_most }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn three_years_from_the_due_date_or_the_last_break() {
        use Break::{Acknowledgement, Judgment, Payment, Reminder};
        let due = date(2024, 2, 29);
        for (breaks, natural, want) in [
            (vec![], true, date(2027, 2, 28)),
            (vec![(date(2025, 5, 1), Reminder)], true, date(2028, 5, 1)),
            (vec![(date(2026, 1, 1), Payment), (date(2025, 5, 1), Reminder)], true, date(2029, 1, 1)),
            // Too late: it had lapsed.
            (vec![(date(2027, 3, 1), Acknowledgement)], true, date(2027, 2, 28)),
            (vec![(date(2026, 1, 1), Judgment)], true, date(2031, 1, 1)),
            (vec![(date(2026, 1, 1), Judgment), (date(2030, 6, 1), Payment)], true, date(2035, 6, 1)),
        ] {
            assert_eq!(limitation(due, natural, &breaks).on, want, "{breaks:?}");
        }
        // Broken again and again, a natural person's debt ends in twenty years; an organisation's does not.
        let every: Vec<_> = (1..15).map(|n| (due.saturating_add((2 * n).years()), Reminder)).collect();
        assert_eq!(limitation(due, true, &every).on, date(2044, 2, 29));
        assert_eq!(limitation(due, false, &every).on, date(2055, 2, 28));
    }
}
