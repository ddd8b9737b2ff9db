//! Invoices of every kind, generated.

use jiff::ToSpan as _;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;
use seloste_domain::address::PostalAddress;
use seloste_domain::billing::{ElectronicAddress, ReferenceForm, Seller};
use seloste_domain::business_id;
use seloste_domain::invoice::{
    Buyer, Corrected, InvoiceKind, InvoiceLine, InvoiceTotals, IssuedInvoice, Unit, number, reference,
};
use seloste_domain::language::Language;
use seloste_domain::order::{Quantity, UnitPrice};
use seloste_domain::vat::{Ratio, Treatment};

/// What names, rows and texts are made of: letters of many scripts, signs of markup, spaces.
const TEXT: &str = "[A-Za-zÅÄÖåäöéßñ0-9&<>\"'./ -]";

fn text(least: usize, most: usize) -> impl Strategy<Value = String> {
    // A text begins with a letter: names of spaces alone are refused long before.
    (
        select(vec!["A", "Ä", "Škoda", "Ж", "東"]),
        proptest::string::string_regex(&format!("{TEXT}{{{least},{most}}}")).unwrap(),
    )
        .prop_map(|(first, rest)| format!("{first}{}", rest.trim_end()))
}

fn address(country: &'static str) -> impl Strategy<Value = PostalAddress> {
    (prop::collection::vec(text(1, 28), 1..=3), text(1, 20), "[0-9]{5}").prop_map(move |(street, town, postal_code)| {
        PostalAddress {
            label: None,
            street: street.join("\n"),
            postal_code,
            town,
            region: String::new(),
            country: country.into(),
        }
    })
}

fn seller() -> impl Strategy<Value = Seller> {
    let electronic = select(vec![None, Some(("003726174164", "")), Some(("003726174164", "003721291126"))]);
    (address("FI"), text(0, 90), electronic, any::<bool>(), any::<bool>()).prop_map(
        |(address, name, electronic, creditor, late)| Seller {
            name,
            business_id: business_id::parse("2617416-4").unwrap(),
            vat_registered: true,
            address,
            email: if late { "laskutus@example.com".into() } else { String::new() },
            telephone: if creditor { "09 1234 5678".into() } else { String::new() },
            iban: "FI7944052020036082".parse().unwrap(),
            bic: "NDEAFIHH".parse().unwrap(),
            electronic: electronic
                .map(|(address, operator)| ElectronicAddress { address: address.into(), operator: operator.into() }),
            reference_form: if creditor { ReferenceForm::Creditor } else { ReferenceForm::National },
            late_interest: late.then_some(Ratio(1_150)),
        },
    )
}

fn buyer() -> impl Strategy<Value = Buyer> {
    let electronic = select(vec![None, Some(("003712345671", "DABAFIHH")), Some(("0088:5790000436071", ""))]);
    let country = select(vec!["FI", "SE", "DE"]).prop_flat_map(address);
    (country, text(0, 150), prop_oneof![Just(String::new()), text(0, 60)], electronic).prop_map(
        |(address, name, contact, electronic)| Buyer {
            name,
            contact,
            business_id: business_id::parse("1234567-1"),
            vat_number: if address.country == "FI" { "FI12345671".into() } else { "SE556677889901".into() },
            address,
            electronic: electronic
                .map(|(address, operator)| ElectronicAddress { address: address.into(), operator: operator.into() }),
        },
    )
}

fn line() -> impl Strategy<Value = InvoiceLine> {
    let taxes = select(vec![
        (Treatment::Taxed, 2_550),
        (Treatment::Taxed, 2_550),
        (Treatment::Taxed, 1_350),
        (Treatment::Taxed, 1_000),
        (Treatment::Taxed, 2_400),
        (Treatment::ZeroRated, 0),
        (Treatment::Exempt, 0),
        (Treatment::ReverseCharge, 0),
        (Treatment::IntraCommunity, 0),
        (Treatment::Export, 0),
    ]);
    let discount = prop_oneof![3 => Just(0), 1 => 0..=10_000_i64];
    let named = (prop_oneof![Just(String::new()), text(0, 35)], text(0, 190));
    (-20_000..200_000_i64, -50_000..5_000_000_i64, discount, taxes, select(Unit::ALL), named).prop_map(
        |(quantity, price, discount, (treatment, rate), unit, (product, description))| InvoiceLine {
            number: 1,
            product,
            description,
            quantity: Quantity(quantity),
            unit,
            unit_price: UnitPrice(price),
            discount: Ratio(discount),
            treatment,
            vat_rate: Ratio(rate),
        },
    )
}

/// An invoice or a credit note that the rules of the domain let be sent.
pub(crate) fn invoice() -> impl Strategy<Value = IssuedInvoice> {
    let lines = prop_oneof![8 => prop::collection::vec(line(), 1..12), 1 => prop::collection::vec(line(), 60..200)];
    let head = (1..99_999_i64, 0..3_000_i64, 0..120_i64, any::<bool>(), select(&Language::ALL[..]), any::<bool>());
    let texts = (text(0, 60), prop_oneof![Just(String::new()), text(0, 900)], any::<bool>());
    (seller(), buyer(), lines, head, texts).prop_map(|(seller, buyer, lines, head, texts)| {
        let (sequence, day, term, is_credit, language, was_delivered) = head;
        let (buyer_reference, note, has_order) = texts;
        let date = date(2020, 1, 1).checked_add(day.days()).unwrap();
        let mut lines: Vec<InvoiceLine> =
            (1..).zip(lines).map(|(number, line)| InvoiceLine { number, ..line }).collect();
        let totals = InvoiceTotals::of(&lines).unwrap();
        if (totals.gross.0 < 0) != is_credit {
            lines = lines.iter().map(InvoiceLine::reversed).collect();
        }
        IssuedInvoice {
            kind: if is_credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice },
            number: number(date.year(), sequence),
            reference: reference(date.year(), sequence).unwrap(),
            date,
            due: date.checked_add(term.days()).unwrap(),
            delivered_on: was_delivered.then_some(date),
            language,
            seller,
            buyer,
            buyer_reference,
            order_number: if has_order { "10248".into() } else { String::new() },
            corrects: is_credit.then(|| Corrected { number: number(date.year(), 1), date }),
            note,
            totals: InvoiceTotals::of(&lines).unwrap(),
            lines,
        }
    })
}
