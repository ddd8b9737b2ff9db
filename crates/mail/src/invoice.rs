//! The message that an invoice or a credit note goes with: number, days, what is to be paid and how. The lines are in the
//! file.

use seloste_domain::format;
use seloste_domain::invoice::{InvoiceKind, IssuedInvoice};
use seloste_domain::notice::Notice;

use crate::confirmation::Written;
use crate::letter::{aligned, footer, greeting};
use crate::text::Texts;

/// Writes the message to `name`, in the language of the invoice, with the names of the files that go with it.
#[must_use]
pub fn write(invoice: &IssuedInvoice, name: &str, notice: &Notice, files: &[&str]) -> Written {
    let language = invoice.language;
    let t = Texts(language);
    let company = &invoice.seller.name;
    let is_credit = invoice.kind == InvoiceKind::CreditNote;
    let (subject, intro) =
        if is_credit { ("credit-note-subject", "credit-note-intro") } else { ("invoice-subject", "invoice-intro") };
    let mut rows = vec![
        (t.get(if is_credit { "credit-note-number" } else { "invoice-number" }), invoice.number.clone()),
        (t.get("invoice-day"), format::date(invoice.date, language)),
    ];
    if let Some(corrected) = &invoice.corrects {
        rows.push((t.get("credit-note-of"), corrected.number.clone()));
        rows.push((t.get("credit-note-sum"), format::money(invoice.totals.gross, language)));
    } else {
        rows.extend([
            (t.get("invoice-due"), format::date(invoice.due, language)),
            (t.get("invoice-sum"), format::money(invoice.totals.gross, language)),
            (t.get("invoice-account"), format!("{} ({})", invoice.seller.iban.grouped(), invoice.seller.bic)),
            (t.get("invoice-reference"), invoice.payment_reference()),
        ]);
        rows.extend(invoice.barcode().map(|barcode| (t.get("invoice-barcode"), barcode.as_str().to_owned())));
    }
    let mut parts =
        vec![format!("{}\n{}", greeting(name, language), t.with(intro, &[("company", company)])), aligned(&rows)];
    if !files.is_empty() {
        parts.push(t.with("footer-enclosed", &[("files", &files.join(", "))]));
    }
    parts.push(t.get(if is_credit { "credit-note-check" } else { "invoice-check" }));
    parts.push(footer(notice, language));
    Written { subject: t.with(subject, &[("number", &invoice.number), ("company", company)]), body: parts.join("\n\n") }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use seloste_domain::address::PostalAddress;
    use seloste_domain::billing::{ReferenceForm, Seller};
    use seloste_domain::business_id;
    use seloste_domain::invoice::{Buyer, Corrected, InvoiceLine, InvoiceTotals, Unit, reference};
    use seloste_domain::language::Language;
    use seloste_domain::order::{Quantity, UnitPrice};
    use seloste_domain::vat::{Ratio, Treatment};

    use super::*;

    const NOTICE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

    fn address() -> PostalAddress {
        PostalAddress {
            label: None,
            street: "Satamakatu 1".into(),
            postal_code: "00100".into(),
            town: "Helsinki".into(),
            region: String::new(),
            country: "FI".into(),
        }
    }

    fn invoice(language: Language, kind: InvoiceKind) -> IssuedInvoice {
        let line = InvoiceLine {
            number: 1,
            product: "A-1".into(),
            description: "Kumisaapas".into(),
            quantity: Quantity(3_000),
            unit: Unit::Piece,
            unit_price: UnitPrice(199_500),
            discount: Ratio::ZERO,
            treatment: Treatment::Taxed,
            vat_rate: Ratio(2_550),
        };
        let lines = vec![if kind == InvoiceKind::CreditNote { line.reversed() } else { line }];
        let day = date(2026, 11, 23);
        IssuedInvoice {
            kind,
            number: "2026-00042".into(),
            reference: reference(2026, 42).unwrap(),
            date: day,
            due: date(2026, 12, 7),
            delivered_on: None,
            language,
            seller: Seller {
                name: "Arjasmaa Yhtiöt Oy".into(),
                business_id: business_id::parse("1234567-1").unwrap(),
                vat_registered: true,
                address: address(),
                email: String::new(),
                telephone: String::new(),
                iban: "FI7944052020036082".parse().unwrap(),
                bic: "NDEAFIHH".parse().unwrap(),
                electronic: None,
                reference_form: ReferenceForm::National,
                late_interest: None,
            },
            buyer: Buyer {
                name: "Åsa Öhman".into(),
                contact: String::new(),
                business_id: None,
                vat_number: String::new(),
                address: address(),
                electronic: None,
            },
            buyer_reference: String::new(),
            order_number: String::new(),
            corrects: (kind == InvoiceKind::CreditNote).then(|| Corrected { number: "2026-00041".into(), date: day }),
            note: String::new(),
            totals: InvoiceTotals::of(&lines).unwrap(),
            lines,
        }
    }

    #[test]
    fn a_message_in_each_language() {
        let notice = Notice::parse(NOTICE).unwrap();
        for language in Language::ALL {
            for (what, kind) in [("invoice", InvoiceKind::Invoice), ("credit", InvoiceKind::CreditNote)] {
                let written = write(&invoice(language, kind), "Åsa Öhman", &notice, &["lasku-2026-00042.pdf"]);
                let name = format!("{what}-{}", language.tag());
                insta::assert_snapshot!(name, format!("{}\n\n{}", written.subject, written.body));
                for part in ["Aino Esimerkki", "tietosuoja@arjasmaa.example.com", "2026-00042", "lasku-2026-00042.pdf"]
                {
                    assert!(written.body.contains(part), "P01: {part}");
                }
            }
        }
    }
}
