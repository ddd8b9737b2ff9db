use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::billing::{Billing, BillingDraft};
use crate::draft::DraftAddress;
use crate::field::{FieldErrors, code};
use crate::id::PersonId;

use crate::kind::{Kind, Kinds};
use crate::money::DecimalMark;

const TODAY: Date = date(2026, 11, 23);

fn kinds() -> Kinds {
    [Kind::Orders, Kind::PostalAddress].into_iter().collect()
}

fn line(quantity: &str, price: &str, rate: &str) -> InvoiceLineDraft {
    InvoiceLineDraft {
        description: "Kahvi".into(),
        quantity: quantity.into(),
        unit_price: price.into(),
        vat_rate: rate.into(),
        ..InvoiceLineDraft::default()
    }
}

fn draft(lines: Vec<InvoiceLineDraft>) -> InvoiceDraft {
    InvoiceDraft {
        company: "arjasmaa".into(),
        person: Some(PersonId(uuid::Uuid::from_u128(1))),
        buyer_name: "Maija Korhonen".into(),
        address: DraftAddress { street: "Tie 1".into(), postal_code: "00100".into(), ..DraftAddress::default() },
        lines,
        ..InvoiceDraft::default()
    }
}

fn billing() -> Billing {
    let draft = BillingDraft {
        vat_registered: true,
        address: DraftAddress { street: "Satamakatu 1".into(), postal_code: "00100".into(), ..DraftAddress::default() },
        iban: "FI7944052020036082".into(),
        bic: "NDEAFIHH".into(),
        ..BillingDraft::default()
    };
    draft.validate().unwrap()
}

fn seller(vat_registered: bool) -> Seller {
    let billing = Billing { vat_registered, ..billing() };
    billing.seller("Arjasmaa Yhtiöt Oy", crate::business_id::parse("2617416-4").unwrap())
}

fn issue(draft: &InvoiceDraft, seller: &Seller, left: Option<Cents>) -> Result<IssuedInvoice, FieldErrors> {
    let at = Issue { number: number(2026, 42), reference: reference(2026, 42).unwrap(), date: TODAY, corrects: None };
    draft.validate(kinds(), TODAY).unwrap().issue(seller, &billing(), at, left)
}

fn codes(errors: &FieldErrors) -> Vec<(&str, &str)> {
    errors.0.iter().map(|error| (error.field.as_str(), error.code)).collect()
}

#[test]
fn an_invoice_is_complete_when_it_is_sent() {
    let sent = issue(&draft(vec![line("2", "10,00", "25,5 %"), line("1", "9,90", "")]), &seller(true), None).unwrap();
    assert_eq!((sent.number.as_str(), sent.reference.as_str()), ("2026-00042", "20260000422"));
    assert_eq!((sent.date, sent.due), (TODAY, date(2026, 12, 7)));
    assert_eq!((sent.totals.net, sent.totals.vat, sent.totals.gross), (Cents(2_990), Cents(762), Cents(3_752)));
    assert_eq!(sent.payment_reference(), "20260000422");
    let code = sent.barcode().unwrap();
    assert_eq!(code.as_str(), "479440520200360820000375200000000000020260000422261207");
    let abroad =
        IssuedInvoice { seller: Seller { reference_form: ReferenceForm::Creditor, ..sent.seller.clone() }, ..sent };
    assert!(abroad.payment_reference().starts_with("RF"));
    assert!(abroad.barcode().unwrap().as_str().starts_with("57944052020036082"));
    let back = IssuedInvoice { kind: InvoiceKind::CreditNote, ..abroad };
    assert_eq!(back.barcode(), None);
}

#[test]
fn rates_are_those_of_the_day_of_delivery() {
    for (delivered, rate, ok) in [
        ("", "25,5", true),
        ("", "24", false),
        ("31.8.2024", "24", true),
        ("31.8.2024", "25,5", false),
        ("1.9.2024", "25,5", true),
        ("31.12.2025", "14", true),
        ("31.12.2025", "13,5", false),
        ("1.1.2026", "14", false),
        ("1.1.2026", "13,5", true),
        ("1.1.2026", "10", true),
        ("1.1.2026", "0", true),
    ] {
        let given = InvoiceDraft { delivered_on: delivered.into(), ..draft(vec![line("1", "1", rate)]) };
        let got = issue(&given, &seller(true), None);
        let want = if ok { vec![] } else { vec![("lines.0.vat_rate", code::VAT_RATE_NOT_IN_FORCE)] };
        assert_eq!(got.as_ref().err().map(codes).unwrap_or_default(), want, "{delivered} {rate}");
    }
}

#[test]
fn what_sending_asks_for() {
    let bare = InvoiceDraft { address: DraftAddress::default(), ..draft(Vec::new()) };
    let errors = issue(&bare, &seller(true), None).unwrap_err();
    assert_eq!(codes(&errors), [("address.street", code::ADDRESS_MISSING), ("lines", code::INVOICE_WITHOUT_LINES)]);

    let taxed = draft(vec![line("1", "1", "25,5")]);
    let errors = issue(&taxed, &seller(false), None).unwrap_err();
    assert_eq!(codes(&errors), [("lines.0.vat_rate", code::SELLER_NOT_REGISTERED)]);

    let reverse = InvoiceLineDraft { treatment: "reverse_charge".into(), ..line("1", "1", "") };
    let errors = issue(&draft(vec![reverse.clone()]), &seller(true), None).unwrap_err();
    assert_eq!(codes(&errors), [("vat_number", code::VAT_NUMBER_MISSING)]);
    let home = InvoiceDraft { business_id: "1234567-1".into(), ..draft(vec![reverse.clone()]) };
    assert!(issue(&home, &seller(true), None).is_ok());
    let abroad = InvoiceLineDraft { treatment: "intra_community".into(), ..reverse.clone() };
    let unnamed = InvoiceDraft { lines: vec![abroad], ..home };
    assert_eq!(codes(&issue(&unnamed, &seller(true), None).unwrap_err()), [("vat_number", code::VAT_NUMBER_MISSING)]);
    let named = InvoiceDraft { vat_number: "se 5566778899-01".into(), ..draft(vec![reverse]) };
    let sent = issue(&named, &seller(true), None).unwrap();
    assert_eq!((sent.buyer.vat_number.as_str(), sent.totals.vat), ("SE556677889901", Cents::ZERO));

    for (kind, quantity, want) in [
        ("invoice", "1", None),
        ("invoice", "0", None),
        ("invoice", "-1", Some(code::INVOICE_NEGATIVE)),
        ("credit_note", "-1", None),
        ("credit_note", "1", Some(code::CREDIT_NOTE_POSITIVE)),
    ] {
        let given = InvoiceDraft { kind: kind.into(), ..draft(vec![line(quantity, "1", "")]) };
        let got = issue(&given, &seller(true), None).err().map(|errors| errors.0[0].code);
        assert_eq!(got, want, "{kind} {quantity}");
    }
    let credit = InvoiceDraft { kind: "credit_note".into(), ..draft(vec![line("-1", "10", "25,5")]) };
    assert!(issue(&credit, &seller(true), Some(Cents(1_255))).is_ok());
    let errors = issue(&credit, &seller(true), Some(Cents(1_254))).unwrap_err();
    assert_eq!(codes(&errors), [("lines", code::CREDIT_TOO_LARGE)]);
}

#[test]
fn what_is_wrong_is_told_at_its_field() {
    let wrong = InvoiceDraft {
        kind: "receipt".into(),
        company: "?".into(),
        person: None,
        buyer_name: "\u{7}".into(),
        business_id: "1234567-8".into(),
        vat_number: "FI12345678".into(),
        electronic_address: "a b".into(),
        electronic_operator: "ö".into(),
        delivered_on: "eilen".into(),
        payment_days: "366".into(),
        language: "de".into(),
        lines: vec![
            line("yksi", "1", ""),
            line("1", "", ""),
            InvoiceLineDraft { treatment: "exempt".into(), ..line("1", "1", "10 %") },
            InvoiceLineDraft { unit: "ell".into(), treatment: "vat".into(), ..line("1", "1", "") },
            InvoiceLineDraft { description: String::new(), ..line("1", "1", "") },
            line("9223372036854775", "922337203685477", ""),
        ],
        ..draft(Vec::new())
    };
    let errors = wrong.validate(kinds(), TODAY).unwrap_err();
    assert_eq!(
        codes(&errors),
        [
            ("kind", code::CHOICE_UNKNOWN),
            ("company", code::COMPANY_UNKNOWN),
            ("buyer_name", code::ORDER_CUSTOMER_MISSING),
            ("buyer_name", code::CONTROL_CHARACTER),
            ("business_id", code::BUSINESS_ID_INVALID),
            ("vat_number", code::VAT_NUMBER_INVALID),
            ("electronic_operator", code::ELECTRONIC_ADDRESS_INVALID),
            ("delivered_on", code::DATE_INVALID),
            ("payment_days", code::DAYS_INVALID),
            ("language", code::LANGUAGE_UNKNOWN),
            ("lines.0.quantity", code::QUANTITY_INVALID),
            ("lines.1.unit_price", code::REQUIRED),
            ("lines.2.vat_rate", code::VAT_RATE_UNTAXED),
            ("lines.3.unit", code::CHOICE_UNKNOWN),
            ("lines.3.treatment", code::CHOICE_UNKNOWN),
            ("lines.4.description", code::ORDER_LINE_EMPTY),
            ("lines.5.unit_price", code::AMOUNT_TOO_LARGE),
        ]
    );
    assert_eq!(draft(Vec::new()).validate(Kinds::default(), TODAY).unwrap_err().0[0].code, code::UNDECLARED);
    let many = draft(vec![line("1", "1", ""); MAX_LINES + 1]);
    assert_eq!(many.validate(kinds(), TODAY).unwrap_err().0[0].code, code::TOO_MANY);
    assert!(draft(vec![line("1", "1", ""); MAX_LINES]).validate(kinds(), TODAY).is_ok());
}

#[test]
fn states_follow_from_money_and_days() {
    let balance = |gross, credited, paid| Balance { gross: Cents(gross), credited: Cents(credited), paid: Cents(paid) };
    let (yesterday, tomorrow) = (date(2026, 11, 22), date(2026, 11, 24));
    for (kind, balance, due, want) in [
        (InvoiceKind::Invoice, balance(100, 0, 0), TODAY, InvoiceState::Open),
        (InvoiceKind::Invoice, balance(100, 0, 99), tomorrow, InvoiceState::Open),
        (InvoiceKind::Invoice, balance(100, 0, 99), yesterday, InvoiceState::Overdue),
        (InvoiceKind::Invoice, balance(100, 0, 100), yesterday, InvoiceState::Paid),
        (InvoiceKind::Invoice, balance(100, 0, 101), yesterday, InvoiceState::Paid),
        (InvoiceKind::Invoice, balance(100, -40, 60), yesterday, InvoiceState::Paid),
        (InvoiceKind::Invoice, balance(100, -40, 0), yesterday, InvoiceState::Overdue),
        (InvoiceKind::Invoice, balance(100, -100, 0), yesterday, InvoiceState::Credited),
        (InvoiceKind::Invoice, balance(0, 0, 0), yesterday, InvoiceState::Paid),
        (InvoiceKind::CreditNote, balance(-100, 0, 0), yesterday, InvoiceState::Credited),
    ] {
        assert_eq!(state(kind, &balance, due, TODAY), want, "{balance:?}");
    }
}

#[test]
fn numbers_and_references() {
    assert_eq!(number(2026, 123_456), "2026-123456");
    assert_eq!(reference(2026, 1).unwrap().as_str(), "20260000011");
    assert_eq!(reference(-1, 1), Err(NotAReference));
    assert_eq!(Unit::ALL.len(), 12);
    assert_eq!("crate".parse::<Unit>(), Err(crate::word::UnknownWord));
}

fn rows() -> impl Strategy<Value = Vec<InvoiceLine>> {
    let taxes = vec![
        (Treatment::Taxed, 2_550),
        (Treatment::Taxed, 2_400),
        (Treatment::Taxed, 1_400),
        (Treatment::Taxed, 1_350),
        (Treatment::Taxed, 1_000),
        (Treatment::ZeroRated, 0),
        (Treatment::Exempt, 0),
        (Treatment::ReverseCharge, 0),
    ];
    let row = (-1_000_000..1_000_000_i64, -100_000_000..100_000_000_i64, 0..=10_000_i64, prop::sample::select(taxes));
    prop::collection::vec(row, 0..60).prop_map(|rows| {
        let line =
            |(number, (quantity, price, discount, (treatment, rate))): (i64, (i64, i64, i64, (Treatment, i64)))| {
                InvoiceLine {
                    number,
                    product: String::new(),
                    description: "x".into(),
                    quantity: Quantity(quantity),
                    unit: Unit::Piece,
                    unit_price: UnitPrice(price),
                    discount: Ratio(discount),
                    treatment,
                    vat_rate: Ratio(rate),
                }
            };
        (1..).zip(rows).map(line).collect()
    })
}

proptest! {
    #[test]
    fn lines_tax_and_totals_agree_in_every_mix(lines in rows()) {
        let totals = InvoiceTotals::of(&lines).unwrap();
        let net: i64 = lines.iter().map(|line| line.net().unwrap().0).sum();
        prop_assert_eq!(totals.net.0, net);
        prop_assert_eq!(totals.rates.iter().map(|rate| rate.net.0).sum::<i64>(), net);
        prop_assert_eq!(totals.rates.iter().map(|rate| rate.vat.0).sum::<i64>(), totals.vat.0);
        prop_assert_eq!(totals.gross.0, net + totals.vat.0);
        let keys: std::collections::BTreeSet<_> = totals.rates.iter().map(|rate| (rate.treatment, rate.rate)).collect();
        prop_assert_eq!(keys.len(), totals.rates.len());
        for total in &totals.rates {
            prop_assert!((total.net.0 * total.rate.0 - total.vat.0 * 10_000).abs() <= 5_000);
            prop_assert!(total.treatment == Treatment::Taxed || total.vat == Cents::ZERO);
        }
        // The exact sum without any rounding is within half a cent a line.
        for line in &lines {
            let exact = line.net_price() * line.quantity.to_decimal();
            prop_assert!((exact - line.net().unwrap().to_decimal()).abs() <= Decimal::new(5, 3));
        }
    }

    #[test]
    fn a_credit_note_of_all_lines_leaves_nothing(lines in rows()) {
        let back: Vec<_> = lines.iter().map(InvoiceLine::reversed).collect();
        let (totals, taken) = (InvoiceTotals::of(&lines).unwrap(), InvoiceTotals::of(&back).unwrap());
        prop_assert_eq!(totals.gross.0 + taken.gross.0, 0);
        prop_assert_eq!(totals.vat.0 + taken.vat.0, 0);
        for (rate, taken) in totals.rates.iter().zip(&taken.rates) {
            prop_assert_eq!((rate.treatment, rate.rate, rate.net.0, rate.vat.0), (taken.treatment, taken.rate, -taken.net.0, -taken.vat.0));
        }
    }

    #[test]
    fn what_a_form_shows_is_read_back(lines in rows(), comma in any::<bool>()) {
        let given = draft(Vec::new()).validate(kinds(), TODAY).unwrap();
        let totals = InvoiceTotals::of(&lines).unwrap();
        let given = ValidInvoice { lines, totals, ..given };
        let mark = if comma { DecimalMark::Comma } else { DecimalMark::Point };
        prop_assert_eq!(given.draft(mark).validate(kinds(), TODAY), Ok(given));
    }
}
