//! Money in whole cents, and the decimal numbers that people write.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

use crate::field::{FieldError, code};

/// An amount of euros in whole cents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(pub i64);

/// An amount that does not fit in 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large to be counted")]
pub struct TooLarge;

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, TooLarge> {
        self.0.checked_add(other.0).map(Self).ok_or(TooLarge)
    }

    /// The amount in euros.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Reads an amount of at most two decimals: `1 234,56`, `1234.56`, `1.234,56 €` ([`parse_decimal`]).
    ///
    /// # Errors
    /// At `field`: not an amount, ambiguous, or too large.
    pub fn parse(field: &str, text: &str, mark: DecimalMark) -> Result<Self, FieldError> {
        parse_scaled(field, text, mark, 2, code::AMOUNT_INVALID).map(Self)
    }
}

impl fmt::Display for Cents {
    /// `-1234.56`: for files and logs; pages format by language.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// What a source writes before the decimals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// Told from each number; refused where it cannot be told.
    #[default]
    Guess,
    /// `1.234,56`
    Comma,
    /// `1,234.56`
    Point,
}

impl DecimalMark {
    /// A number written by it; with the point when it is to be guessed.
    #[must_use]
    pub fn write(self, number: Decimal) -> String {
        match self {
            Self::Comma => number.to_string().replace('.', ","),
            Self::Point | Self::Guess => number.to_string(),
        }
    }
}

/// Why a text is not a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotADecimal {
    /// Not a number.
    #[error("not a number")]
    Invalid,
    /// `1.234` or `1,234`: thousands or decimals.
    #[error("thousands or decimals: the number can be read both ways")]
    Ambiguous,
    /// More digits than can be counted exactly.
    #[error("more digits than can be counted exactly")]
    TooLong,
}

/// Most characters of a number.
const MAX: usize = 40;

/// Reads a decimal number exactly. White space and apostrophes separate thousands; `€` or `EUR` may stand at either
/// end, a minus at either end too. Of comma and point:
/// - both present: the one that comes last is the decimal mark, the other separates thousands;
/// - one of them more than once: it separates thousands;
/// - one of them once: the decimal mark, except before exactly three digits and after one to three that do not begin
///   with 0 (`1.234`), where it is ambiguous unless thousands are separated otherwise or `mark` is declared.
///
/// Thousands must stand in threes.
///
/// # Errors
/// [`NotADecimal`].
pub fn parse_decimal(text: &str, mark: DecimalMark) -> Result<Decimal, NotADecimal> {
    let text = text.trim();
    if text.len() > 4 * MAX || text.chars().count() > MAX {
        return Err(NotADecimal::TooLong);
    }
    let (negative, number) = without_sign(without_currency(text));
    let (number, spaced) = without_spaces(number)?;
    let mark = decimal_mark(&number, mark, spaced)?;
    let (whole, decimals) = match mark.and_then(|mark| number.split_once(mark)) {
        Some((whole, decimals)) => (whole, decimals),
        None => (number.as_str(), ""),
    };
    let whole = without_thousands(whole, mark)?;
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let decimals_missing = mark.is_some() && decimals.is_empty();
    if whole.is_empty() || decimals_missing || !is_digits(&whole) || !is_digits(decimals) {
        return Err(NotADecimal::Invalid);
    }
    let plain = if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") };
    let value = Decimal::from_str_exact(&plain).map_err(|_| NotADecimal::TooLong)?;
    Ok(if negative { -value } else { value })
}

fn without_currency(text: &str) -> &str {
    let text = ["€", "EUR", "eur"].iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text);
    let text = ["€", "EUR", "eur"].iter().find_map(|unit| text.strip_prefix(unit)).unwrap_or(text);
    text.trim()
}

fn without_sign(text: &str) -> (bool, &str) {
    const MINUS: [char; 3] = ['-', '\u{2212}', '\u{2013}'];
    if let Some(rest) = text.strip_prefix(MINUS).or_else(|| text.strip_suffix(MINUS)) {
        return (true, without_currency(rest));
    }
    (false, text.strip_prefix('+').unwrap_or(text))
}

/// Takes out spaces and apostrophes that stand between digits and before three of them.
fn without_spaces(text: &str) -> Result<(String, bool), NotADecimal> {
    let is_gap = |c: char| c.is_whitespace() || c == '\'' || c == '\u{2019}';
    if !text.contains(is_gap) {
        return Ok((text.to_owned(), false));
    }
    let end = text.find([',', '.']).unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    if rest.contains(is_gap) {
        return Err(NotADecimal::Invalid);
    }
    let groups: Vec<&str> = whole.split(is_gap).collect();
    if !in_threes(&groups) {
        return Err(NotADecimal::Invalid);
    }
    Ok((groups.concat() + rest, true))
}

fn in_threes(groups: &[&str]) -> bool {
    groups
        .split_first()
        .is_some_and(|(first, rest)| (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3))
}

fn decimal_mark(number: &str, declared: DecimalMark, spaced: bool) -> Result<Option<char>, NotADecimal> {
    let count = |mark: char| number.matches(mark).count();
    let last = number.rfind([',', '.']).and_then(|at| number.get(at..)?.chars().next());
    let mark = match declared {
        DecimalMark::Comma => Some(','),
        DecimalMark::Point => Some('.'),
        DecimalMark::Guess => last.filter(|mark| count(*mark) == 1),
    };
    let Some(mark) = mark.filter(|mark| count(*mark) > 0) else { return Ok(None) };
    if count(mark) > 1 {
        return Err(NotADecimal::Invalid);
    }
    if declared == DecimalMark::Guess && !spaced && count(',') + count('.') == 1 {
        let (whole, decimals) = number.split_once(mark).unwrap_or_default();
        if decimals.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0') {
            return Err(NotADecimal::Ambiguous);
        }
    }
    Ok(Some(mark))
}

fn without_thousands(whole: &str, mark: Option<char>) -> Result<String, NotADecimal> {
    let separators: Vec<char> = [',', '.'].into_iter().filter(|c| Some(*c) != mark && whole.contains(*c)).collect();
    match separators.as_slice() {
        [] => Ok(whole.to_owned()),
        [separator] => {
            let groups: Vec<&str> = whole.split(*separator).collect();
            if in_threes(&groups) { Ok(groups.concat()) } else { Err(NotADecimal::Invalid) }
        }
        _ => Err(NotADecimal::Invalid),
    }
}

/// A decimal number as a whole number of units of `10^-places`; more decimals than that are refused, not rounded.
///
/// # Errors
/// At `field`: `invalid`, [`code::AMOUNT_AMBIGUOUS`] or [`code::AMOUNT_TOO_LARGE`].
pub fn parse_scaled(
    field: &str,
    text: &str,
    mark: DecimalMark,
    places: u32,
    invalid: &'static str,
) -> Result<i64, FieldError> {
    let value = parse_decimal(text, mark).map_err(|problem| match problem {
        NotADecimal::Invalid => FieldError::new(field, invalid),
        NotADecimal::Ambiguous => FieldError::new(field, code::AMOUNT_AMBIGUOUS),
        NotADecimal::TooLong => FieldError::new(field, code::AMOUNT_TOO_LARGE),
    })?;
    let value = value.normalize();
    if value.scale() > places {
        return Err(FieldError::new(field, invalid).with("places", places));
    }
    let scaled = value.checked_mul(Decimal::from(10_i64.pow(places))).and_then(|scaled| scaled.to_i64());
    scaled.ok_or_else(|| FieldError::new(field, code::AMOUNT_TOO_LARGE))
}

/// `numerator / denominator`, halves away from zero (half up for a sale, half down for its return, so that the two
/// cancel). `denominator` is positive.
#[must_use]
pub(crate) const fn divide_rounded(numerator: i128, denominator: i128) -> i128 {
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    if rest.unsigned_abs() >= denominator.unsigned_abs().div_ceil(2) { quotient + numerator.signum() } else { quotient }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts() {
        use DecimalMark::{Comma, Guess, Point};
        for (text, mark, want) in [
            ("1 234,56", Guess, Ok("1234.56")),
            ("1\u{a0}234,56", Guess, Ok("1234.56")),
            ("1\u{202f}234\u{202f}567,8 €", Guess, Ok("1234567.8")),
            ("1234.56", Guess, Ok("1234.56")),
            ("1.234,56 €", Guess, Ok("1234.56")),
            ("1,234.56", Guess, Ok("1234.56")),
            ("1'234.56", Guess, Ok("1234.56")),
            ("EUR 12", Guess, Ok("12")),
            ("-12,50 €", Guess, Ok("-12.50")),
            ("12,50-", Guess, Ok("-12.50")),
            ("\u{2212}5", Guess, Ok("-5")),
            ("+5", Guess, Ok("5")),
            ("1.234.567", Guess, Ok("1234567")),
            ("1.234.567,89", Guess, Ok("1234567.89")),
            ("12345,678", Guess, Ok("12345.678")),
            ("0.125", Guess, Ok("0.125")),
            ("1 234,567", Guess, Ok("1234.567")),
            ("1.234", Guess, Err(NotADecimal::Ambiguous)),
            ("1,234", Guess, Err(NotADecimal::Ambiguous)),
            ("1.234", Point, Ok("1.234")),
            ("1.234", Comma, Ok("1234")),
            ("1,234", Comma, Ok("1.234")),
            ("1.234,5", Point, Err(NotADecimal::Invalid)),
            ("12.34.56", Guess, Err(NotADecimal::Invalid)),
            ("1 23,45", Guess, Err(NotADecimal::Invalid)),
            ("1,2,3", Guess, Err(NotADecimal::Invalid)),
            ("1,234.567.8", Guess, Err(NotADecimal::Invalid)),
            ("", Guess, Err(NotADecimal::Invalid)),
            ("€", Guess, Err(NotADecimal::Invalid)),
            (",5", Guess, Err(NotADecimal::Invalid)),
            ("5,", Guess, Err(NotADecimal::Invalid)),
            ("--5", Guess, Err(NotADecimal::Invalid)),
            ("1e5", Guess, Err(NotADecimal::Invalid)),
            ("NaN", Guess, Err(NotADecimal::Invalid)),
            ("\u{661}", Guess, Err(NotADecimal::Invalid)),
            ("99999999999999999999999999999999", Guess, Err(NotADecimal::TooLong)),
        ] {
            let want = want.map(|text| Decimal::from_str_exact(text).unwrap());
            assert_eq!(parse_decimal(text, mark), want, "{text:?} {mark:?}");
        }
    }

    #[test]
    fn cents() {
        for (text, want) in [
            ("1 234,56", Ok(123_456)),
            ("-0,05", Ok(-5)),
            ("9.80", Ok(980)),
            ("9.800000", Ok(980)),
            ("9,805 2", Err(code::AMOUNT_INVALID)),
            ("0.001", Err(code::AMOUNT_INVALID)),
            ("99999999999999999999", Err(code::AMOUNT_TOO_LARGE)),
            ("1.234", Err(code::AMOUNT_AMBIGUOUS)),
        ] {
            let got = Cents::parse("f", text, DecimalMark::Guess).map(|c| c.0).map_err(|e| e.code);
            assert_eq!(got, want, "{text}");
        }
        for (cents, text) in [(123_456, "1234.56"), (-5, "-0.05"), (0, "0.00"), (i64::MIN, "-92233720368547758.08")] {
            assert_eq!(Cents(cents).to_string(), text);
        }
        assert_eq!(Cents(i64::MAX).plus(Cents(1)), Err(TooLarge));
    }

    #[test]
    fn halves_go_away_from_zero() {
        for (n, d, want) in
            [(5, 10, 1), (4, 10, 0), (-5, 10, -1), (-4, 10, 0), (15, 10, 2), (1, 3, 0), (2, 3, 1), (1, 1, 1)]
        {
            assert_eq!(divide_rounded(n, d), want, "{n}/{d}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_not(text in "\\PC{0,45}|[0-9 .,'€-]{0,30}") {
            for mark in [DecimalMark::Guess, DecimalMark::Comma, DecimalMark::Point] {
                let _ = Cents::parse("f", &text, mark);
            }
        }

        #[test]
        fn every_amount_is_read_back(cents in any::<i64>()) {
            let text = Cents(cents).to_string();
            prop_assert_eq!(Cents::parse("f", &text, DecimalMark::Guess), Ok(Cents(cents)));
            prop_assert_eq!(Cents::parse("f", &text.replace('.', ","), DecimalMark::Comma), Ok(Cents(cents)));
        }

        #[test]
        fn rounding_is_to_the_nearest(n in any::<i64>(), d in 1..1_000_000_i64) {
            let (n, d) = (i128::from(n), i128::from(d));
            prop_assert!((2 * (n - divide_rounded(n, d) * d)).abs() <= d);
        }
    }
}
