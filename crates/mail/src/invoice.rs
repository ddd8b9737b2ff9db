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
    let (subject, intro) = if is_credit {
        ("credit-note-subject", "credit-note-intro")
    } else {
        ("invoice-subject", "invoice-intro")
    };
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
    Written {
        subject: t.with(subject, &[("number", &invoice.number), ("company", company)]),
        body: parts.join("\n\n"),
    }
}
