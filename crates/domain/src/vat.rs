//! Value added tax rates (Act 1501/1993, sections 84-85 a), dated.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::field::{FieldError, code};
use crate::language::Language;
use crate::money::{DecimalMark, NotADecimal, parse_decimal};

/// A share in ten-thousandths: 25.5 % is 2,550.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(pub i64);

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const ONE: Self = Self(10_000);

    /// As a decimal number of per cent: 25.5.
    #[must_use]
    pub fn percent(self) -> Decimal {
        Decimal::new(self.0, 2).normalize()
    }

    /// Reads a share between nothing and the whole. With `%`, per cent; without, a number above 1 is per cent (`25.5`)
    /// and one below 1 is a share (`0.255`). `1` alone is ambiguous. Noise of binary fractions beyond the sixth decimal
    /// (`0.15000001`) is rounded off; other decimals past a hundredth of a per cent are refused.
    ///
    /// # Errors
    /// At `field`.
    pub fn parse(field: &str, text: &str, mark: DecimalMark) -> Result<Self, FieldError> {
        let text = text.trim();
        let (number, in_percent) = text.strip_suffix('%').map_or((text, false), |number| (number, true));
        let value = match parse_decimal(number, mark) {
            // No share has thousands: `1.234` here can only be decimals.
            Err(NotADecimal::Ambiguous) => parse_decimal(&number.replace(',', "."), DecimalMark::Point),
            other => other,
        };
        let invalid = || FieldError::new(field, code::PERCENTAGE_INVALID);
        let value = value.map_err(|_| invalid())?;
        if value == Decimal::ONE && !in_percent {
            return Err(FieldError::new(field, code::PERCENTAGE_AMBIGUOUS));
        }
        let scale = if in_percent || value > Decimal::ONE { 100 } else { 10_000 };
        let scaled = value.checked_mul(Decimal::from(scale)).ok_or_else(invalid)?;
        let rounded = scaled.round();
        let is_noise = (scaled - rounded).abs() < Decimal::new(1, 2);
        let ratio = i64::try_from(rounded).ok().filter(|ratio| is_noise && (0..=Self::ONE.0).contains(ratio));
        ratio.map(Self).ok_or_else(invalid)
    }
}

/// A rate and the days on which it is in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// The rate.
    pub rate: Ratio,
    /// First day; none: long ago.
    pub from: Option<Date>,
    /// Last day; none: until further notice.
    pub until: Option<Date>,
    /// Whether it is the standard rate.
    pub standard: bool,
    /// Where it is laid down.
    pub source: &'static str,
}

/// The Finnish rates since 2013. The program offers those of the day; an import may bring any other.
pub const RATES: [Rate; 6] = [
    Rate {
        rate: Ratio(2_400),
        from: None,
        until: Some(date(2024, 8, 31)),
        standard: true,
        source: "Act 1501/1993 section 84 as amended by 785/2012",
    },
    Rate {
        rate: Ratio(2_550),
        from: Some(date(2024, 9, 1)),
        until: None,
        standard: true,
        source: "Act 1501/1993 section 84, 25.5 % from 2024-09-01",
    },
    Rate {
        rate: Ratio(1_400),
        from: None,
        until: Some(date(2025, 12, 31)),
        standard: false,
        source: "Act 1501/1993 section 85 as amended by 785/2012",
    },
    Rate {
        rate: Ratio(1_350),
        from: Some(date(2026, 1, 1)),
        until: None,
        standard: false,
        source: "Act 1501/1993 section 85, 13.5 % from 2026-01-01",
    },
    Rate { rate: Ratio(1_000), from: None, until: None, standard: false, source: "Act 1501/1993 section 85 a" },
    Rate { rate: Ratio::ZERO, from: None, until: None, standard: false, source: "Act 1501/1993 sections 56, 72 a" },
];

/// The rates in force on `day`, the standard rate first.
#[must_use]
pub fn rates_on(day: Date) -> Vec<Ratio> {
    RATES.iter().filter(|rate| crate::value::holds(rate.from, rate.until, day)).map(|rate| rate.rate).collect()
}

/// Whether `rate` is in force on `day`: the day of delivery, or of the invoice where delivery is not known (Act
/// 1501/1993 section 15).
#[must_use]
pub fn is_in_force(rate: Ratio, day: Date) -> bool {
    rates_on(day).contains(&rate)
}

/// A period of the tax that is over on the day an invoice is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PastPeriod {
    /// First day of the month of delivery, to which the tax belongs (Act 1501/1993 section 15).
    pub month: Date,
    /// The day on which the return of that month was or is due (Act 768/2016 section 29; the 12th of the second month
    /// after, and on Saturday or Sunday the Monday after).
    pub return_due: Date,
}

impl PastPeriod {
    /// The period of goods delivered on `delivered` and invoiced on `today`; none when it is still running.
    #[must_use]
    pub fn of(delivered: Date, today: Date) -> Option<Self> {
        let month = delivered.first_of_month();
        if month >= today.first_of_month() {
            return None;
        }
        let twelfth = month.saturating_add(2.months()).saturating_add(11.days());
        let weekend = match twelfth.weekday() {
            Weekday::Saturday => 2,
            Weekday::Sunday => 1,
            _ => 0,
        };
        Some(Self { month, return_due: twelfth.saturating_add(weekend.days()) })
    }

    /// Whether its return should have been given by `today`: it has to be corrected.
    #[must_use]
    pub fn is_reported(&self, today: Date) -> bool {
        self.return_due < today
    }
}

/// How the tax of a line is treated. Only [`Treatment::Taxed`] has a rate above nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Taxed at a rate in force.
    #[default]
    Taxed,
    /// Taxed at 0 % (Act 1501/1993 sections 56, 58).
    ZeroRated,
    /// Exempt, such as health care, finance and insurance (sections 34, 41, 44).
    Exempt,
    /// The buyer pays the tax (*käännetty verovelvollisuus*, sections 8 a-8 d, 9).
    ReverseCharge,
    /// Goods sold to a company in another EU country (section 72 a).
    IntraCommunity,
    /// Goods sold out of the EU (section 70).
    Export,
}

impl Treatment {
    /// All of them, in the order of choice.
    pub const ALL: [Self; 6] =
        [Self::Taxed, Self::ZeroRated, Self::Exempt, Self::ReverseCharge, Self::IntraCommunity, Self::Export];

    /// The name in the database and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taxed => "taxed",
            Self::ZeroRated => "zero_rated",
            Self::Exempt => "exempt",
            Self::ReverseCharge => "reverse_charge",
            Self::IntraCommunity => "intra_community",
            Self::Export => "export",
        }
    }

    /// The category of UNTDID 5305, as electronic invoices have it.
    #[must_use]
    pub const fn category(self) -> &'static str {
        match self {
            Self::Taxed => "S",
            Self::ZeroRated => "Z",
            Self::Exempt => "E",
            Self::ReverseCharge => "AE",
            Self::IntraCommunity => "K",
            Self::Export => "G",
        }
    }

    /// Whether the invoice has to say why there is no tax (section 209 e, first paragraph, items 11-12).
    #[must_use]
    pub const fn has_reason(self) -> bool {
        !matches!(self, Self::Taxed | Self::ZeroRated)
    }

    /// Why there is no tax, as the invoice says it; empty where there is nothing to be said.
    #[must_use]
    pub const fn reason(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Taxed | Self::ZeroRated, _) => "",
            (Self::Exempt, Language::Fi) => "Arvonlisäveroton myynti",
            (Self::Exempt, Language::Sv) => "Momsfri försäljning",
            (Self::Exempt, Language::En) => "Exempt from VAT",
            (Self::ReverseCharge, Language::Fi) => "Käännetty verovelvollisuus",
            (Self::ReverseCharge, Language::Sv) => "Omvänd betalningsskyldighet",
            (Self::ReverseCharge, Language::En) => "Reverse charge",
            (Self::IntraCommunity, Language::Fi) => "Yhteisömyynti, AVL 72 a §",
            (Self::IntraCommunity, Language::Sv) => "Gemenskapsintern försäljning, mervärdesskattelagen 72 a §",
            (Self::IntraCommunity, Language::En) => "Intra-Community supply",
            (Self::Export, Language::Fi) => "Vienti EU:n ulkopuolelle, AVL 70 §",
            (Self::Export, Language::Sv) => "Export utanför EU, mervärdesskattelagen 70 §",
            (Self::Export, Language::En) => "Export outside the EU",
        }
    }

    /// Whether an invoice to this buyer lacks a number that the treatment asks for (section 209 e, first paragraph,
    /// item 4): a VAT number between countries, at home a business id does (EN 16931 BR-AE-02, BR-IC-02).
    #[must_use]
    pub const fn lacks_number(self, has_vat_number: bool, has_business_id: bool) -> bool {
        match self {
            Self::IntraCommunity => !has_vat_number,
            Self::ReverseCharge => !has_vat_number && !has_business_id,
            Self::Taxed | Self::ZeroRated | Self::Exempt | Self::Export => false,
        }
    }
}

impl std::str::FromStr for Treatment {
    type Err = UnknownTreatment;
    fn from_str(text: &str) -> Result<Self, UnknownTreatment> {
        Self::ALL.into_iter().find(|treatment| treatment.as_str() == text).ok_or(UnknownTreatment)
    }
}

impl std::fmt::Display for Treatment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a treatment of the tax.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a treatment of the value added tax")]
pub struct UnknownTreatment;

/// The standard rate on `day`: what a line has when nothing is said.
#[must_use]
pub fn standard_rate(day: Date) -> Ratio {
    rates_on(day).first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rates_change_on_their_day() {
        for (day, want) in [
            (date(2024, 8, 31), vec![2_400, 1_400, 1_000, 0]),
            (date(2024, 9, 1), vec![2_550, 1_400, 1_000, 0]),
            (date(2025, 12, 31), vec![2_550, 1_400, 1_000, 0]),
            (date(2026, 1, 1), vec![2_550, 1_350, 1_000, 0]),
        ] {
            assert_eq!(rates_on(day).iter().map(|rate| rate.0).collect::<Vec<_>>(), want, "{day}");
        }
        assert_eq!(standard_rate(date(1996, 7, 4)), Ratio(2_400));
    }

    #[test]
    fn a_past_period_is_told_with_the_day_of_its_return() {
        let today = date(2026, 11, 23);
        assert_eq!(PastPeriod::of(date(2026, 11, 1), today), None);
        assert_eq!(PastPeriod::of(date(2026, 12, 24), today), None);
        let october = PastPeriod::of(date(2026, 10, 31), today).unwrap();
        // 12 December 2026 is a Saturday.
        assert_eq!((october.month, october.return_due), (date(2026, 10, 1), date(2026, 12, 14)));
        assert!(!october.is_reported(today));
        let september = PastPeriod::of(date(2026, 9, 30), today).unwrap();
        assert_eq!(september.return_due, date(2026, 11, 12));
        assert!(september.is_reported(today) && !september.is_reported(date(2026, 11, 12)));
        assert_eq!(PastPeriod::of(date(2025, 12, 1), today).unwrap().return_due, date(2026, 2, 12));
    }

    #[test]
    fn shares() {
        for (text, want) in [
            ("25.5", Ok(2_550)),
            ("25,5 %", Ok(2_550)),
            ("0.255", Ok(2_550)),
            ("24", Ok(2_400)),
            ("0", Ok(0)),
            ("0,0", Ok(0)),
            ("0.15", Ok(1_500)),
            ("0.15000000596046448", Ok(1_500)),
            ("1 %", Ok(100)),
            ("0,5 %", Ok(50)),
            ("100", Ok(10_000)),
            ("1.125", Err(code::PERCENTAGE_INVALID)),
            ("1,25", Ok(125)),
            ("1", Err(code::PERCENTAGE_AMBIGUOUS)),
            ("101", Err(code::PERCENTAGE_INVALID)),
            ("-5", Err(code::PERCENTAGE_INVALID)),
            ("0.12345", Err(code::PERCENTAGE_INVALID)),
            ("%", Err(code::PERCENTAGE_INVALID)),
            ("", Err(code::PERCENTAGE_INVALID)),
        ] {
            let got = Ratio::parse("f", text, DecimalMark::Guess).map(|ratio| ratio.0).map_err(|e| e.code);
            assert_eq!(got, want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_share_is_read_back(share in 0..=10_000_i64) {
            let text = format!("{} %", Ratio(share).percent());
            prop_assert_eq!(Ratio::parse("f", &text, DecimalMark::Guess), Ok(Ratio(share)));
        }
    }
}
