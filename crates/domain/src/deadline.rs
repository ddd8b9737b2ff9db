//! Deadlines of the General Data Protection Regulation (Art. 12(3)): months counted by Regulation (EEC, Euratom) 1182/71
//! article 3, with the public holidays of Finland.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

/// Months in which a request is answered (Art. 12(3)).
pub const MONTHS: i32 = 1;
/// Months in which a request is answered that is complex or one of many: two further ones (Art. 12(3)).
pub const MONTHS_EXTENDED: i32 = 3;

/// The last day of a period of months that a day began. It ends with the same date of its last month, or with the last day of
/// that month when there is no such date (art. 3(2)(c)); on a Saturday, a Sunday or a public holiday it goes on until the end
/// of the next working day (art. 3(4)).
#[must_use]
pub fn months_after(day: Date, months: i32) -> Date {
    let mut end = day.saturating_add(months.months());
    while !is_working_day(end) {
        match end.tomorrow() {
            Ok(next) => end = next,
            Err(_) => return end,
        }
    }
    end
}

/// Whether a period may end on the day. Midsummer Eve and Christmas Eve are no public holidays: a deadline that falls on them
/// is not moved, which is the stricter reading.
#[must_use]
pub fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_public_holiday(day)
}

/// Whether the day is a public holiday in Finland (Church Act 652/2023 ch. 1; Acts 388/1937 and 272/1944 for those of the
/// state). Those that are always Sundays are left out.
#[must_use]
pub fn is_public_holiday(day: Date) -> bool {
    let fixed = matches!((day.month(), day.day()), (1, 1 | 6) | (5, 1) | (12, 6 | 25 | 26));
    if fixed {
        return true;
    }
    let Some(easter) = easter(day.year()) else { return false };
    // Good Friday, Easter Monday, Ascension Day.
    if [-2, 1, 39].iter().any(|days: &i32| easter.saturating_add(days.days()) == day) {
        return true;
    }
    // Midsummer Day and All Saints' Day are Saturdays of a week of dates.
    day.weekday() == Weekday::Saturday && matches!((day.month(), day.day()), (6, 20..=26) | (10, 31) | (11, 1..=6))
}

/// Easter Sunday of the Gregorian calendar (the anonymous computus, as by Meeus, Jones and Butcher).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(sum / 31).ok()?, i8::try_from(sum % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn one_month_and_three() {
        for (received, one, three) in [
            (date(2026, 1, 31), date(2026, 3, 2), date(2026, 4, 30)),
            (date(2026, 3, 5), date(2026, 4, 7), date(2026, 6, 5)),
            (date(2026, 8, 31), date(2026, 9, 30), date(2026, 11, 30)),
            (date(2026, 11, 6), date(2026, 12, 7), date(2027, 2, 8)),
            (date(2026, 4, 1), date(2026, 5, 4), date(2026, 7, 1)),
        ] {
            assert_eq!(
                (months_after(received, MONTHS), months_after(received, MONTHS_EXTENDED)),
                (one, three),
                "{received}"
            );
        }
    }

    #[test]
    fn eves_are_no_holidays() {
        // Midsummer Eve 2026 is Friday the 19th of June; Christmas Eve 2026 a Thursday.
        assert_eq!(months_after(date(2026, 5, 19), 1), date(2026, 6, 19));
        assert_eq!(months_after(date(2026, 11, 24), 1), date(2026, 12, 24));
        assert_eq!(months_after(date(2026, 11, 25), 1), date(2026, 12, 28));
    }

    #[test]
    fn holidays_of_a_year() {
        let mut day = date(2026, 1, 1);
        let mut found = Vec::new();
        while day.year() == 2026 {
            if is_public_holiday(day) {
                found.push((day.month(), day.day()));
            }
            day = day.tomorrow().unwrap();
        }
        let expected =
            [(1, 1), (1, 6), (4, 3), (4, 6), (5, 1), (5, 14), (6, 20), (10, 31), (12, 6), (12, 25), (12, 26)];
        assert_eq!(found, expected);
    }

    #[test]
    fn easter_sundays() {
        for (year, day) in
            [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))]
        {
            assert_eq!(easter(year), Some(day));
        }
    }
}
