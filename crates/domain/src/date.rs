//! Dates as people and files write them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::field::{FieldError, code};

/// In which order a source writes day and month. A year of four digits that comes first is always year, month, day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `23.11.2026`, `23/11/2026`: Finland and most of Europe.
    #[default]
    DayFirst,
    /// `11/23/2026`: the United States.
    MonthFirst,
}

impl DateOrder {
    /// The name in import mappings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DayFirst => "day_first",
            Self::MonthFirst => "month_first",
        }
    }
}

/// What a column of dates says about its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guess {
    /// Some date of the column can be read in one order only, and none contradicts it.
    Certain(DateOrder),
    /// Every date that has an order reads both ways: somebody has to say which.
    Ambiguous,
    /// No date needs an order: all begin with the year, or there are none.
    NotNeeded,
    /// Some dates read only day first, others only month first.
    Contradictory,
}

/// Reads `2026-11-23`, `2026/11/23`, `20261123`, `23.11.2026`, `23/11/2026`, `23-11-2026`, `11/23/2026` (by `order`),
/// each with or without a time of day after it, which is left out. Years have four digits: a century is not guessed.
/// None: not a date.
#[must_use]
pub fn parse(text: &str, order: DateOrder) -> Option<Date> {
    let (a, b, c) = numbers(day_part(text)?)?;
    match (a.len(), c.len(), order) {
        (4, 1..=2, _) => date(a, b, c),
        (1..=2, 4, DateOrder::DayFirst) => date(c, b, a),
        (1..=2, 4, DateOrder::MonthFirst) => date(c, a, b),
        _ => None,
    }
}

/// [`parse`] for a field that may be empty.
///
/// # Errors
/// [`code::DATE_INVALID`] at `field`.
pub fn parse_field(field: &str, text: &str, order: DateOrder) -> Result<Option<Date>, FieldError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    parse(text, order).map(Some).ok_or_else(|| FieldError::new(field, code::DATE_INVALID))
}

/// The order of a column, from samples of it.
pub fn guess<'a>(samples: impl IntoIterator<Item = &'a str>) -> Guess {
    let (mut day, mut month, mut either) = (false, false, false);
    for text in samples {
        let (as_day, as_month) = (parse(text, DateOrder::DayFirst), parse(text, DateOrder::MonthFirst));
        match (as_day, as_month) {
            (Some(a), Some(b)) => either |= a != b,
            (Some(_), None) => day = true,
            (None, Some(_)) => month = true,
            (None, None) => {}
        }
    }
    match (day, month, either) {
        (true, true, _) => Guess::Contradictory,
        (true, false, _) => Guess::Certain(DateOrder::DayFirst),
        (false, true, _) => Guess::Certain(DateOrder::MonthFirst),
        (false, false, true) => Guess::Ambiguous,
        (false, false, false) => Guess::NotNeeded,
    }
}

/// The text before a time of day, which must look like one.
fn day_part(text: &str) -> Option<&str> {
    let text = text.trim();
    let Some((day, time)) = text.split_once(['T', ' ']) else { return Some(text) };
    let is_time = time.starts_with(|c: char| c.is_ascii_digit())
        && time.contains(':')
        && time.chars().all(|c| c.is_ascii_digit() || ":.,+-ZAPM ".contains(c));
    is_time.then_some(day)
}

/// Three numbers with one and the same separator, or eight digits.
fn numbers(day: &str) -> Option<(&str, &str, &str)> {
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        return Some((&day[..4], &day[4..6], &day[6..]));
    }
    let separator = day.chars().find(|c| !c.is_ascii_digit()).filter(|c| "-./".contains(*c))?;
    let mut parts = day.split(separator);
    let found = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(found)
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let is_short = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_short(month) || !is_short(day) || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: i16 = year.parse().ok().filter(|year| *year >= 1)?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as civil;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn notations() {
        use DateOrder::{DayFirst, MonthFirst};
        let day = Some(civil(2026, 11, 23));
        for (text, order, want) in [
            ("2026-11-23", DayFirst, day),
            ("2026-11-23", MonthFirst, day),
            ("2026/11/23", DayFirst, day),
            ("20261123", DayFirst, day),
            ("23.11.2026", DayFirst, day),
            (" 23.11.2026 ", DayFirst, day),
            ("23/11/2026", DayFirst, day),
            ("23-11-2026", DayFirst, day),
            ("11/23/2026", MonthFirst, day),
            ("1.2.2026", DayFirst, Some(civil(2026, 2, 1))),
            ("1/2/2026", MonthFirst, Some(civil(2026, 1, 2))),
            ("1996-07-04 00:00:00.000", DayFirst, Some(civil(1996, 7, 4))),
            ("1996-07-04T00:00:00Z", DayFirst, Some(civil(1996, 7, 4))),
            ("7/4/1996 12:00:00 AM", MonthFirst, Some(civil(1996, 7, 4))),
            ("2024-02-29", DayFirst, Some(civil(2024, 2, 29))),
            ("2023-02-29", DayFirst, None),
            ("11/23/2026", DayFirst, None),
            ("23/11/2026", MonthFirst, None),
            ("23.11.26", DayFirst, None),
            ("23.11-2026", DayFirst, None),
            ("23.11.", DayFirst, None),
            ("2026-11-23 tomorrow", DayFirst, None),
            ("0000-01-01", DayFirst, None),
            ("+026-11-23", DayFirst, None),
            ("45984", DayFirst, None),
            ("", DayFirst, None),
            ("\u{662}\u{660}26-11-23", DayFirst, None),
        ] {
            assert_eq!(parse(text, order), want, "{text:?} {order:?}");
        }
        assert_eq!(parse_field("f", " ", DateOrder::DayFirst), Ok(None));
        assert_eq!(parse_field("f", "eilen", DateOrder::DayFirst).unwrap_err().code, code::DATE_INVALID);
    }

    #[test]
    fn a_column_tells_its_order() {
        for (column, want) in [
            (vec!["1/2/2026", "23/11/2026"], Guess::Certain(DateOrder::DayFirst)),
            (vec!["1/2/2026", "", "11/23/2026"], Guess::Certain(DateOrder::MonthFirst)),
            (vec!["1/2/2026", "3/4/2026"], Guess::Ambiguous),
            (vec!["1/2/2026", "2/2/2026"], Guess::Ambiguous),
            (vec!["2/2/2026", "2026-01-02"], Guess::NotNeeded),
            (vec!["x"], Guess::NotNeeded),
            (vec!["23/11/2026", "11/23/2026"], Guess::Contradictory),
        ] {
            assert_eq!(guess(column.iter().copied()), want, "{column:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_date_or_not(text in "\\PC{0,20}|[0-9./ T:-]{0,12}") {
            let _ = parse(&text, DateOrder::DayFirst);
            let _ = guess([text.as_str()]);
        }

        #[test]
        fn every_date_is_read_back(days in -300_000_i64..700_000) {
            use jiff::ToSpan as _;
            let day = civil(1970, 1, 1).checked_add(days.days()).unwrap();
            let text = [day.to_string(), day.strftime("%d.%m.%Y").to_string(), day.strftime("%Y%m%d").to_string()];
            for text in text {
                prop_assert_eq!(parse(&text, DateOrder::DayFirst), Some(day));
            }
            prop_assert_eq!(parse(&day.strftime("%m/%d/%Y").to_string(), DateOrder::MonthFirst), Some(day));
        }
    }
}
