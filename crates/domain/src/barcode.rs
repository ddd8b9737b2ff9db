//! The bank barcode (*pankkiviivakoodi*), versions 4 and 5 (Finance Finland, bank barcode guide), and its symbol, Code
//! 128 with code set C (ISO/IEC 15417).

use std::fmt;

use jiff::civil::Date;

use crate::iban::Iban;
use crate::money::Cents;
use crate::reference::{CreditorReference, Reference};

/// The largest amount that fits: 999,999.99 euros.
const MAX_AMOUNT: i64 = 99_999_999;

/// The 54 digits of a bank barcode.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BankBarcode(String);

/// The account is not Finnish: only those have a bank barcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only a Finnish account has a bank barcode")]
pub struct NotFinnish;

impl BankBarcode {
    /// Version 4, with a Finnish reference number. An amount that does not fit or is not positive is left to the payer
    /// (zeros), and so is a missing due date.
    ///
    /// # Errors
    /// [`NotFinnish`].
    pub fn version_4(iban: &Iban, amount: Cents, reference: &Reference, due: Option<Date>) -> Result<Self, NotFinnish> {
        let account = iban.finnish_digits().ok_or(NotFinnish)?;
        Ok(Self(format!("4{account}{:08}000{:0>20}{}", payable(amount), reference.as_str(), day(due))))
    }

    /// Version 5, with a creditor reference whose body is digits.
    ///
    /// # Errors
    /// [`NotFinnish`], also where the reference has letters.
    pub fn version_5(
        iban: &Iban,
        amount: Cents,
        reference: &CreditorReference,
        due: Option<Date>,
    ) -> Result<Self, NotFinnish> {
        let account = iban.finnish_digits().ok_or(NotFinnish)?;
        if !reference.body().bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotFinnish);
        }
        let (check, body) = (reference.check_digits(), reference.body());
        Ok(Self(format!("5{account}{:08}{check}{body:0>21}{}", payable(amount), day(due))))
    }

    /// The 54 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The widths of bars and spaces in turn, in modules, beginning with a bar; without the quiet zones of ten modules
    /// at either end.
    #[must_use]
    pub fn widths(&self) -> Vec<u8> {
        let values = symbol_values(&self.0);
        let check = check_value(&values);
        let patterns = values.iter().chain([&check]).filter_map(|value| PATTERNS.get(usize::from(*value)));
        patterns.copied().chain([STOP]).flat_map(|pattern| pattern.bytes().map(|width| width - b'0')).collect()
    }

    /// The symbol's own check value, which is not among the digits.
    #[must_use]
    pub fn check(&self) -> u8 {
        check_value(&symbol_values(&self.0))
    }
}

impl fmt::Display for BankBarcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Six digits of euros and two of cents.
fn payable(amount: Cents) -> i64 {
    if (0..=MAX_AMOUNT).contains(&amount.0) { amount.0 } else { 0 }
}

fn day(due: Option<Date>) -> String {
    due.map_or_else(|| "000000".to_owned(), |due| due.strftime("%y%m%d").to_string())
}

/// The value that begins code set C.
const START_C: u8 = 105;

/// Start C, then a value for each two digits.
fn symbol_values(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2).map(|pair| (pair[0] - b'0') * 10 + pair[1] - b'0');
    [START_C].into_iter().chain(pairs).collect()
}

/// The sum of the values, each times its place (the start counts once), modulo 103.
fn check_value(values: &[u8]) -> u8 {
    let sum: u32 = values.iter().zip(0_u32..).map(|(value, place)| u32::from(*value) * place.max(1)).sum();
    u8::try_from(sum % 103).unwrap_or_default()
}

/// Bar and space widths of each value (ISO/IEC 15417 table 1).
const PATTERNS: [&str; 106] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232",
];

/// The pattern that ends a symbol: a bar more than the others.
const STOP: &str = "2331112";

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vectors() {
        let cases = [
            (
                "FI7944052020036082",
                488_315,
                "868516259619897",
                date(2010, 6, 12),
                40,
                "479440520200360820048831500000000868516259619897100612",
            ),
            (
                "FI5810171000000122",
                48_299,
                "559582243294671",
                date(2012, 1, 31),
                55,
                "458101710000001220004829900000000559582243294671120131",
            ),
        ];
        for (iban, cents, reference, due, check, want) in cases {
            let code =
                BankBarcode::version_4(&iban.parse().unwrap(), Cents(cents), &reference.parse().unwrap(), Some(due));
            let code = code.unwrap();
            assert_eq!((code.as_str(), code.check()), (want, check));
        }
        let reference: Reference = "868516259619897".parse().unwrap();
        let iban = "FI7944052020036082".parse().unwrap();
        let code = BankBarcode::version_5(&iban, Cents(488_315), &reference.creditor(), Some(date(2010, 6, 12)));
        assert_eq!(code.unwrap().as_str(), "579440520200360820048831509000000868516259619897100612");
    }

    #[test]
    fn what_does_not_fit_is_left_to_the_payer() {
        let iban = "FI7944052020036082".parse().unwrap();
        let reference = "1234561".parse().unwrap();
        let digits = |cents, due| BankBarcode::version_4(&iban, Cents(cents), &reference, due).unwrap().to_string();
        assert_eq!(&digits(99_999_999, None)[17..25], "99999999");
        for cents in [100_000_000, 0, -1, i64::MAX, i64::MIN] {
            assert_eq!(&digits(cents, None)[17..25], "00000000", "{cents}");
        }
        assert_eq!(&digits(1, None)[48..], "000000");
        let foreign = "DE89370400440532013000".parse().unwrap();
        assert_eq!(BankBarcode::version_4(&foreign, Cents(1), &reference, None), Err(NotFinnish));
    }

    proptest! {
        #[test]
        fn a_symbol_has_its_form(cents in any::<i64>(), body in "[1-9][0-9]{2,18}") {
            let reference = Reference::of_body(&body).unwrap();
            let iban = "FI7944052020036082".parse().unwrap();
            for code in [
                BankBarcode::version_4(&iban, Cents(cents), &reference, None).unwrap(),
                BankBarcode::version_5(&iban, Cents(cents), &reference.creditor(), None).unwrap(),
            ] {
                prop_assert_eq!(code.as_str().len(), 54);
                let widths = code.widths();
                // Start, 27 pairs and the check of 11 modules each, and a stop of 13.
                prop_assert_eq!(widths.iter().map(|width| u32::from(*width)).sum::<u32>(), 29 * 11 + 13);
                prop_assert_eq!(widths.len() % 2, 1);
            }
        }
    }
}
