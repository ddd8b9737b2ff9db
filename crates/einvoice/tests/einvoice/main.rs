//! What is written is valid: by the schemas, by the rules, and by its own sums.
#![expect(clippy::unwrap_used, reason = "functions beside the tests fail as the tests do")]

mod samples;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use seloste_domain::invoice::{InvoiceKind, InvoiceLine, InvoiceTotals, IssuedInvoice};
use seloste_domain::money::Cents;
use seloste_einvoice::{Problem, Transmission, finvoice, ubl};

/// How many invoices are generated.
const COUNT: usize = 1_000;

fn generated(count: usize) -> Vec<IssuedInvoice> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| samples::invoice().new_tree(&mut runner).unwrap().current()).collect()
}

fn transmission() -> Transmission {
    Transmission { id: "0192f0c1-7d2e-7000-8000-000000000001".into(), at: "2026-11-23T10:00:00Z".parse().unwrap() }
}

/// The Python that has the schemas: in the target folder, above the one that this test was built into.
fn python() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let found = test.ancestors().map(|folder| folder.join("python/bin/python3")).find(|python| python.exists());
    found.ok_or("the schemas are missing: `cargo xtask test` installs them into the target folder").unwrap()
}

/// Writes documents with their sums, lets them be validated, and returns what was found and the closing line.
fn validate(documents: &[(String, Vec<u8>, &IssuedInvoice)]) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = String::new();
    for (name, document, invoice) in documents {
        std::fs::write(folder.path().join(format!("{name}.xml")), document).unwrap();
        let totals = &invoice.totals;
        writeln!(expected, "{name}\t{}\t{}\t{}", totals.net, totals.vat, totals.gross).unwrap();
    }
    std::fs::write(folder.path().join("expected.tsv"), expected).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validate.py");
    let output = Command::new(python()).arg("-B").arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    let last = lines.pop().unwrap();
    (lines, last)
}

#[test]
fn a_thousand_invoices_are_valid_in_both_forms() {
    let invoices = generated(COUNT);
    let mut documents = Vec::new();
    for (i, invoice) in invoices.iter().enumerate() {
        documents.push((format!("finvoice-{i:04}"), finvoice(invoice, &transmission()).unwrap(), invoice));
        documents.push((format!("ubl-{i:04}"), ubl(invoice).unwrap(), invoice));
    }
    let credits = invoices.iter().filter(|invoice| invoice.kind == InvoiceKind::CreditNote).count();
    assert!((300..700).contains(&credits), "{credits}");
    let (findings, last) = validate(&documents);
    assert!(findings.is_empty(), "{:#?}", findings.iter().take(5).collect::<Vec<_>>());
    assert_eq!(last, format!("checked {COUNT} {COUNT} 0"));
}

#[test]
fn an_invoice_of_ten_thousand_lines_is_valid() {
    let mut invoice = generated(1).remove(0);
    let line = invoice.lines[0].clone();
    invoice.lines = (1..=10_000).map(|number| InvoiceLine { number, ..line.clone() }).collect();
    invoice.totals = InvoiceTotals::of(&invoice.lines).unwrap();
    let (finvoice, ubl) = (finvoice(&invoice, &transmission()).unwrap(), ubl(&invoice).unwrap());
    let (findings, last) = validate(&[("finvoice-1".into(), finvoice, &invoice), ("ubl-1".into(), ubl, &invoice)]);
    assert_eq!((findings, last.as_str()), (vec![], "checked 1 1 0"));
}

#[test]
fn what_is_wrong_is_found() {
    // So that a validation that passes everything does not pass here.
    let invoice = generated(1).remove(0);
    let wrong_sum = IssuedInvoice {
        totals: InvoiceTotals { gross: Cents(invoice.totals.gross.0 + 10), ..invoice.totals.clone() },
        ..invoice.clone()
    };
    let cut =
        |document: Vec<u8>, from: &str, to: &str| String::from_utf8(document).unwrap().replace(from, to).into_bytes();
    let document = finvoice(&invoice, &transmission()).unwrap();
    let document_ubl = ubl(&invoice).unwrap();
    let documents = [
        ("finvoice-1".into(), cut(document.clone(), "CCYYMMDD", "DDMMCCYY"), &invoice),
        ("finvoice-2".into(), finvoice(&wrong_sum, &transmission()).unwrap(), &invoice),
        ("finvoice-3".into(), document, &invoice),
        ("ubl-1".into(), cut(document_ubl.clone(), "cbc:IssueDate", "cbc:IssuedOn"), &invoice),
        ("ubl-2".into(), ubl(&wrong_sum).unwrap(), &invoice),
        ("ubl-3".into(), cut(document_ubl.clone(), "billing:01:1.0", "billing:02:1.0"), &invoice),
        ("ubl-4".into(), document_ubl, &invoice),
    ];
    let (findings, last) = validate(&documents);
    for found in [
        "finvoice-1.xml: XSD",
        "finvoice-2.xml: gross",
        "ubl-1.xml: XSD",
        "ubl-2.xml: FATAL",
        "ubl-3.xml: PEPPOL-EN16931-R001",
    ] {
        assert!(findings.iter().any(|finding| finding.starts_with(found)), "{found}: {findings:#?}");
    }
    assert_eq!(last, "checked 3 4 5");
}

#[test]
fn what_a_form_asks_for_is_told() {
    let mut invoice = generated(1).remove(0);
    invoice.buyer.electronic = None;
    invoice.buyer.business_id = None;
    invoice.buyer_reference = String::new();
    invoice.order_number = String::new();
    assert_eq!(ubl(&invoice).unwrap_err().0, [Problem::BuyerAddress, Problem::BuyerReference]);
    assert!(finvoice(&invoice, &transmission()).is_ok());
    invoice.buyer.address.postal_code = String::new();
    assert_eq!(finvoice(&invoice, &transmission()).unwrap_err().0, [Problem::PostalAddress]);
    invoice.totals.gross = Cents(i64::MAX);
    let problems = finvoice(&invoice, &transmission()).unwrap_err();
    assert_eq!(problems.0, [Problem::PostalAddress, Problem::TooLong]);
    assert_eq!(problems.to_string(), "einvoice-problem-postal-address, einvoice-problem-too-long");
}
