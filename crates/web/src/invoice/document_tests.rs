//! What is printed, and what stands in Finvoice and UBL, is one and the same to the cent, in every mix of rates.

use proptest::prelude::*;
use seloste_domain::money::{Cents, DecimalMark};
use seloste_einvoice::{Transmission, finvoice, ubl};

use super::*;

/// The generator that the validation of a thousand invoices uses.
#[path = "../../../einvoice/tests/einvoice/samples.rs"]
mod samples;

/// What stands between the tags of a name, wherever they are.
fn all(document: &str, tag: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let mut rest = document;
    while let Some(at) = rest.find(&open) {
        rest = &rest[at + open.len()..];
        // `<RowAmount>` is not `<RowAmountText>`.
        if !rest.starts_with(['>', ' ']) {
            continue;
        }
        let begin = rest.find('>').unwrap() + 1;
        let end = rest.find(&close).unwrap();
        found.push(rest[begin..end].to_owned());
        rest = &rest[end..];
    }
    found
}

fn cents(text: &str) -> i64 {
    let plain = text.replace(',', ".");
    Cents::parse("", &plain, DecimalMark::Point).unwrap().0
}

/// An amount as it is printed, with spaces and signs of its language.
fn printed(text: &str) -> i64 {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '-' || *c == '\u{2212}').collect();
    digits.replace('\u{2212}', "-").parse().unwrap()
}

/// The sums of a document in cents: of the lines, of each rate's tax, and without, of and with tax.
#[derive(Debug, PartialEq, Eq)]
struct Sums {
    lines: Vec<i64>,
    taxes: Vec<i64>,
    totals: [i64; 3],
}

fn on_paper(issued: &IssuedInvoice) -> Sums {
    let invoice = document(issued);
    let totals: Vec<i64> = invoice.body.totals.iter().map(|fact| printed(&fact.value)).collect();
    Sums {
        lines: invoice.body.lines.iter().map(|line| printed(&line.total)).collect(),
        taxes: invoice.body.vat.rows.iter().map(|row| printed(&row[2])).collect(),
        totals: totals.try_into().unwrap(),
    }
}

fn in_finvoice(issued: &IssuedInvoice) -> Sums {
    let at = "2026-11-23T10:00:00Z".parse().unwrap();
    let bytes = finvoice(issued, &Transmission { id: "1".into(), at }).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let one = |tag: &str| cents(&all(&text, tag)[0]);
    Sums {
        lines: all(&text, "RowVatExcludedAmount").iter().map(|amount| cents(amount)).collect(),
        taxes: all(&text, "VatRateAmount").iter().map(|amount| cents(amount)).collect(),
        totals: [
            one("InvoiceTotalVatExcludedAmount"),
            one("InvoiceTotalVatAmount"),
            one("InvoiceTotalVatIncludedAmount"),
        ],
    }
}

fn in_ubl(issued: &IssuedInvoice) -> Sums {
    let text = String::from_utf8(ubl(issued).unwrap()).unwrap();
    // In UBL a credit note's amounts are positive.
    let sign = if issued.kind == InvoiceKind::CreditNote { -1 } else { 1 };
    let (head, lines) = text.split_at(text.find("<cac:LegalMonetaryTotal>").unwrap());
    let (sums, lines) = lines.split_at(lines.find("</cac:LegalMonetaryTotal>").unwrap());
    let amounts = |part: &str, tag: &str| all(part, tag).iter().map(|amount| sign * cents(amount)).collect::<Vec<_>>();
    let taxes = amounts(head, "cbc:TaxAmount");
    Sums {
        lines: amounts(lines, "cbc:LineExtensionAmount"),
        taxes: taxes[1..].to_vec(),
        totals: [amounts(sums, "cbc:TaxExclusiveAmount")[0], taxes[0], amounts(sums, "cbc:TaxInclusiveAmount")[0]],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn paper_finvoice_and_ubl_say_the_same_and_add_up(issued in samples::invoice()) {
        let paper = on_paper(&issued);
        prop_assert_eq!(&in_finvoice(&issued), &paper);
        prop_assert_eq!(&in_ubl(&issued), &paper);
        let [net, vat, gross] = paper.totals;
        prop_assert_eq!(paper.lines.iter().sum::<i64>(), net, "the lines make the sum without tax");
        prop_assert_eq!(paper.taxes.iter().sum::<i64>(), vat, "the taxes of the rates make the tax");
        prop_assert_eq!(net + vat, gross);
        // Each rate's tax is that of the sum of its lines, rounded once, a half away from zero.
        for rate in &issued.totals.rates {
            let of_rate = issued.lines.iter().filter(|line| (line.treatment, line.vat_rate) == (rate.treatment, rate.rate));
            let sum: i64 = of_rate.map(|line| line.net().unwrap().0).sum();
            prop_assert_eq!(sum, rate.net.0);
            let exact = i128::from(sum) * i128::from(rate.rate.0);
            let rounded = (exact.abs() + 5_000) / 10_000 * exact.signum();
            prop_assert_eq!(i128::from(rate.vat.0), rounded);
        }
    }
}

#[test]
fn a_draft_can_not_be_paid() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let sent = (0..50)
        .map(|_| samples::invoice().new_tree(&mut runner).unwrap().current())
        .find(|issued| issued.kind == InvoiceKind::Invoice)
        .unwrap();
    assert!(document(&sent).slip.is_some());
    let draft = IssuedInvoice { number: String::new(), ..sent };
    assert!(document(&draft).slip.is_none());
}
