//! Invoices: what payers and their readers of barcodes get.

use std::process::Command;

use seloste_pdf::{Document, Invoice, Language, Style};

use crate::documents::{self, BARCODE, LANGUAGES};
use crate::tools::{conforms, read_out, told, whole, words};

/// What a reader of barcodes finds on a rendered page.
fn scanned(bytes: &[u8], dpi: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page");
    told("pdftoppm", &["-gray", "-png", "-singlefile", "-r", dpi], bytes, &[page.to_str().unwrap()]);
    let mut zbarimg = Command::new("zbarimg");
    zbarimg.args(["--quiet", "--raw", "-Sdisable", "-Scode128.enable"]).arg(page.with_extension("png"));
    let output = zbarimg.output();
    let output = output.unwrap_or_else(|e| panic!("zbarimg can not be run ({e}): install zbar-tools"));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_scanned_page_gives_the_digits_of_the_barcode() {
    for language in LANGUAGES {
        let bytes = whole(Document::Invoice(documents::invoice(language, 3)), &documents::style(language));
        // As a scanner at an office and a good camera see it.
        for dpi in ["200", "300", "600"] {
            assert_eq!(scanned(&bytes, dpi), BARCODE.0, "{language:?} {dpi}");
        }
    }
}

#[test]
fn the_slip_is_read_out_with_the_digits() {
    let bytes = whole(Document::Invoice(documents::invoice(Language::Fi, 3)), &documents::style(Language::Fi));
    let text = read_out(&bytes);
    let mut rest = text.as_str();
    for part in [
        "Maksettava yhteensä",
        "Maksutiedot",
        "Saaja",
        "FI79 4405 2020 0360 82",
        "86851 62596 19897",
        "4\u{a0}883,15",
        BARCODE.0,
    ] {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let at = rest.find(&part).unwrap_or_else(|| panic!("{part:?} is not in {rest}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn a_credit_note_has_no_slip() {
    let credit = Invoice { slip: None, ..documents::invoice(Language::Fi, 3) };
    let bytes = whole(Document::Invoice(credit), &documents::style(Language::Fi));
    assert!(!words(&bytes).contains("Maksutiedot"));
    conforms(&bytes, "fi", "Lasku 2026-00042");
}

#[test]
fn the_slip_stays_on_one_page_wherever_the_lines_end() {
    for lines in 10..34 {
        let bytes = whole(Document::Invoice(documents::invoice(Language::Fi, lines)), &Style::default());
        let pages = told("pdftotext", &[], &bytes, &["-"]);
        let page = pages.split('\u{c}').find(|page| page.contains("Maksutiedot")).unwrap();
        assert!(page.contains(BARCODE.0) && page.contains("86851 62596 19897"), "{lines}");
    }
}

#[test]
fn an_invoice_of_ten_thousand_lines_can_be_printed() {
    let bytes = whole(Document::Invoice(documents::invoice(Language::Fi, 10_000)), &Style::default());
    assert!(words(&bytes).contains(BARCODE.0));
}
