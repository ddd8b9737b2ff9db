//! Numbers, money, dates and times as each language writes them, on pages and in messages.

use icu_decimal::DecimalFormatter;
use icu_locale_core::locale;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::language::Language;
use crate::money::Cents;

fn formatter(language: Language) -> Option<DecimalFormatter> {
    let locale = match language {
        Language::Fi => locale!("fi"),
        Language::Sv => locale!("sv-FI"),
        Language::En => locale!("en-GB"),
    };
    DecimalFormatter::try_new(locale.into(), icu_decimal::options::DecimalFormatterOptions::default()).ok()
}

/// A whole number with its thousands parted.
#[must_use]
pub fn number(number: i64, language: Language) -> String {
    decimal(fixed_decimal::Decimal::from(number), language)
}

fn decimal(decimal: fixed_decimal::Decimal, language: Language) -> String {
    formatter(language).map_or_else(|| decimal.to_string(), |formatter| formatter.format(&decimal).to_string())
}

/// An amount of euros.
#[must_use]
pub fn money(cents: Cents, language: Language) -> String {
    let mut amount = fixed_decimal::Decimal::from(cents.0);
    amount.multiply_pow10(-2);
    amount.pad_end(-2);
    let amount = decimal(amount, language);
    match language {
        Language::En => format!("€{amount}").replace("€-", "-€"),
        Language::Fi | Language::Sv => format!("{amount}\u{a0}€"),
    }
}

/// A number in thousandths or ten-thousandths, with as many decimals as it needs, `least` at least.
#[must_use]
pub fn scaled(value: i64, decimals: i16, least: i16, language: Language) -> String {
    let mut number = fixed_decimal::Decimal::from(value);
    number.multiply_pow10(-decimals);
    number.trim_end();
    number.pad_end(-least);
    decimal(number, language)
}

/// A day.
#[must_use]
pub fn date(day: Date, language: Language) -> String {
    match language {
        Language::Fi => format!("{}.{}.{}", day.day(), day.month(), day.year()),
        Language::Sv => day.to_string(),
        Language::En => day.strftime("%-d %b %Y").to_string(),
    }
}

/// A moment, in Finland's time.
#[must_use]
pub fn time(at: Timestamp, language: Language) -> String {
    let zone = TimeZone::get("Europe/Helsinki").unwrap_or(TimeZone::UTC);
    let local = zone.to_datetime(at);
    let separator = if language == Language::Fi { "." } else { ":" };
    format!("{} {}{separator}{:02}", date(local.date(), language), local.hour(), local.minute())
}

/// The same from microseconds, as the log keeps them.
#[must_use]
pub fn micros(at: i64, language: Language) -> String {
    Timestamp::from_microsecond(at).map(|at| time(at, language)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_its_own_way() {
        let cents = Cents(126_579_329);
        assert_eq!(money(cents, Language::Fi), "1\u{a0}265\u{a0}793,29\u{a0}€");
        assert_eq!(money(cents, Language::En), "€1,265,793.29");
        assert_eq!(money(Cents(-5), Language::Fi), "\u{2212}0,05\u{a0}€");
        assert_eq!(scaled(98_000, 4, 2, Language::Fi), "9,80");
        assert_eq!(scaled(1_500, 3, 0, Language::En), "1.5");
        let day = jiff::civil::date(2026, 3, 5);
        assert_eq!(date(day, Language::Fi), "5.3.2026");
        assert_eq!(date(day, Language::Sv), "2026-03-05");
        assert_eq!(date(day, Language::En), "5 Mar 2026");
        let at = "2026-03-05T22:05:00Z".parse().unwrap();
        assert_eq!(time(at, Language::Fi), "6.3.2026 0.05");
    }
}
