//! An invoice as it is printed. Every sum is that of the invoice: nothing is counted here.

use axum::extract::{Path, State};
use axum::response::Response;
use seloste_domain::format;
use seloste_domain::id::{CompanyId, InvoiceId};
use seloste_domain::invoice::{InvoiceKind, InvoiceLine, IssuedInvoice, VatTotal};
use seloste_domain::language::Language;
use seloste_domain::vat::{Ratio, Treatment};
use seloste_ops::invoice::{self, Content, InvoiceRefused};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};
use seloste_pdf::{self as pdf, Block, Document, Edge, Fact};

use crate::App;
use crate::error::PageError;
use crate::print::{self, Job};
use crate::session::Signed;
use crate::text::Texts;

/// The invoice, or what a draft would be.
pub(crate) async fn pdf(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
) -> Result<Response, PageError> {
    print::print(&app, move |register| job(register, &who, id)).await
}

/// What is printed of an invoice, in its language.
pub(crate) fn job(register: &Register, who: &SignedIn, id: InvoiceId) -> seloste_ops::Result<Job> {
    let stored = invoice::show(register, &who.actor, id)?;
    match &stored.content {
        Content::Sent(issued) => made(issued, stored.company.clone()),
        Content::Mirrored(_) => Err(InvoiceRefused::Mirrored.into()),
        Content::Draft(_) => {
            let preview = invoice::preview(register, &who.actor, id)?;
            let refused = preview.refused.unwrap_or(InvoiceRefused::Draft);
            let issued = preview.issued.ok_or_else(|| match preview.problems.is_empty() {
                true => OpsError::from(refused),
                false => preview.problems.clone().into(),
            })?;
            made(&issued, stored.company.clone())
        }
    }
}

/// What is printed of an invoice for the person whose it is.
pub(crate) fn of_own(invoice: &invoice::Invoice) -> seloste_ops::Result<Job> {
    match &invoice.content {
        Content::Sent(issued) => made(issued, invoice.company.clone()),
        Content::Mirrored(_) => Err(InvoiceRefused::Mirrored.into()),
        Content::Draft(_) => Err(InvoiceRefused::Draft.into()),
    }
}

fn made(issued: &IssuedInvoice, company: CompanyId) -> seloste_ops::Result<Job> {
    if issued.buyer.address.is_masked() {
        return Err(InvoiceRefused::Protected.into());
    }
    let number = if issued.number.is_empty() { "luonnos" } else { &issued.number };
    Ok(Job { document: Document::Invoice(document(issued)), company: Some(company), name: format!("lasku-{number}") })
}

const fn language(language: Language) -> pdf::Language {
    match language {
        Language::Fi => pdf::Language::Fi,
        Language::Sv => pdf::Language::Sv,
        Language::En => pdf::Language::En,
    }
}

/// The texts and sums of an invoice. One without a number is a draft: it has no slip, so that nobody pays it.
pub(crate) fn document(issued: &IssuedInvoice) -> pdf::Invoice {
    let spoken = issued.language;
    let t = Texts(spoken);
    let money = |cents| format::money(cents, spoken);
    let fact = |label: &str, value: String| Fact { label: t.get(label), value };
    let seller = &issued.seller;
    let mut rows = seller.address.envelope(&[&seller.name]);
    rows.extend([seller.telephone.clone(), seller.email.clone()].into_iter().filter(|row| !row.is_empty()));
    let rates = issued.totals.rates.iter();
    let column = |label: &str, edge| pdf::Column { label: t.get(label), edge, share: 1 };
    let body = pdf::OrderConfirmation {
        language: language(spoken),
        title: title(issued, t),
        seller: rows,
        recipient: issued.buyer.address.envelope(&[&issued.buyer.name, &issued.buyer.contact]),
        date: format::date(issued.date, spoken),
        facts: facts(issued, t),
        introduction: Some(issued.note.clone())
            .filter(|note| !note.is_empty())
            .map(Block::Paragraph)
            .into_iter()
            .collect(),
        columns: pdf::OrderColumns {
            code: t.get("line-product"),
            name: t.get("line-description"),
            quantity: t.get("line-quantity"),
            unit: t.get("line-unit"),
            unit_price: t.get("line-price"),
            vat: t.get("line-vat"),
            total: t.get("order-net"),
        },
        lines: issued.lines.iter().map(|line| line_of(line, spoken)).collect(),
        totals: vec![
            fact("order-net", money(issued.totals.net)),
            fact("order-vat", money(issued.totals.vat)),
            fact(
                if issued.kind == InvoiceKind::CreditNote { "invoice-credit-sum" } else { "invoice-to-pay" },
                money(issued.totals.gross),
            ),
        ],
        vat_heading: t.get("print-vat"),
        vat: pdf::Table {
            columns: vec![
                column("line-vat", Edge::Start),
                column("order-net", Edge::End),
                column("order-vat", Edge::End),
            ],
            rows: rates.map(|rate| vec![rate_of(rate, spoken), money(rate.net), money(rate.vat)]).collect(),
        },
        text: text(issued, t),
    };
    pdf::Invoice { body, slip: slip(issued, t) }
}

fn title(issued: &IssuedInvoice, t: Texts) -> String {
    let what = if issued.kind == InvoiceKind::CreditNote { "credit-note" } else { "invoice" };
    let number = if issued.number.is_empty() { t.get("invoice-state-draft") } else { issued.number.clone() };
    format!("{} {number}", t.get(what))
}

fn facts(issued: &IssuedInvoice, t: Texts) -> Vec<Fact> {
    let spoken = issued.language;
    let fact = |label: &str, value: String| Fact { label: t.get(label), value };
    let day = |day| format::date(day, spoken);
    let mut facts = Vec::new();
    let mut say = |label: &str, value: String| {
        if !value.is_empty() {
            facts.push(fact(label, value));
        }
    };
    say("invoice-number", issued.number.clone());
    say("invoice-day", day(issued.date));
    if let Some(corrected) = &issued.corrects {
        say("invoice-corrects", format!("{} ({})", corrected.number, day(corrected.date)));
    } else {
        say("invoice-due", day(issued.due));
        if let Some(rate) = issued.seller.late_interest {
            say("invoice-late-interest", percent(rate, spoken));
        }
    }
    say("invoice-delivered", issued.delivered_on.map(day).unwrap_or_default());
    say("order-number", issued.order_number.clone());
    say("invoice-buyer-reference", issued.buyer_reference.clone());
    say("field-business-id", issued.buyer.business_id.as_ref().map(ToString::to_string).unwrap_or_default());
    say("invoice-vat-number", issued.buyer.vat_number.clone());
    facts
}

/// Why lines have no tax, and who sells by which numbers.
fn text(issued: &IssuedInvoice, t: Texts) -> Vec<Block> {
    let mut reasons: Vec<&str> =
        issued.totals.rates.iter().map(|rate| rate.treatment.reason(issued.language)).collect();
    reasons.retain(|reason| !reason.is_empty());
    let mut blocks: Vec<Block> = reasons.into_iter().map(|reason| Block::Paragraph(format!("{reason}."))).collect();
    let seller = &issued.seller;
    let vat = if seller.vat_registered {
        format!("FI{}", seller.business_id.as_str().replace('-', ""))
    } else {
        String::new()
    };
    let numbers = [("field-business-id", seller.business_id.to_string()), ("invoice-vat-number", vat)];
    let numbers = numbers.into_iter().filter(|(_, value)| !value.is_empty());
    let numbers: Vec<String> = numbers.map(|(label, value)| format!("{}: {value}", t.get(label))).collect();
    blocks.push(Block::Lines(vec![format!("{}, {}", seller.name, numbers.join(", "))]));
    blocks
}

/// What a payer needs. A credit note and a draft have none.
fn slip(issued: &IssuedInvoice, t: Texts) -> Option<pdf::Slip> {
    if issued.kind == InvoiceKind::CreditNote || issued.number.is_empty() {
        return None;
    }
    let spoken = issued.language;
    let fact = |label: &str, value: String| Fact { label: t.get(label), value };
    let barcode = issued.barcode().map(|barcode| pdf::Barcode {
        label: t.get("invoice-barcode"),
        digits: barcode.as_str().to_owned(),
        widths: barcode.widths(),
    });
    Some(pdf::Slip {
        heading: t.get("invoice-slip"),
        parties: vec![
            fact("invoice-payee", issued.seller.name.clone()),
            fact("invoice-account", issued.seller.iban.grouped()),
            fact("invoice-bic", issued.seller.bic.to_string()),
            fact("invoice-payer", issued.buyer.name.clone()),
        ],
        payment: vec![
            fact("invoice-reference", reference(issued)),
            fact("invoice-due", format::date(issued.due, spoken)),
            fact("invoice-euros", format::money(issued.totals.gross, spoken)),
        ],
        barcode,
    })
}

/// The reference as payers write it, in groups.
pub(crate) fn reference(issued: &IssuedInvoice) -> String {
    use seloste_domain::billing::ReferenceForm;
    match issued.seller.reference_form {
        ReferenceForm::National => issued.reference.grouped(),
        ReferenceForm::Creditor => issued.reference.creditor().grouped(),
    }
}

pub(crate) fn percent(ratio: Ratio, language: Language) -> String {
    format!("{}\u{a0}%", format::scaled(ratio.0, 2, 0, language))
}

/// A rate, or the category of what has no tax.
pub(crate) fn rate_of(rate: &VatTotal, language: Language) -> String {
    match rate.treatment {
        Treatment::Taxed | Treatment::ZeroRated => percent(rate.rate, language),
        other => other.reason(language).to_owned(),
    }
}

fn line_of(line: &InvoiceLine, language: Language) -> pdf::OrderLine {
    pdf::OrderLine {
        code: line.product.clone(),
        name: match line.discount.0 {
            0 => line.description.clone(),
            _ => format!("{} (−{})", line.description, percent(line.discount, language)),
        },
        quantity: format::scaled(line.quantity.0, 3, 0, language),
        unit: line.unit.symbol(language).to_owned(),
        unit_price: format::scaled(line.unit_price.0, 4, 2, language),
        vat: percent(line.vat_rate, language),
        total: line.net().map(|net| format::money(net, language)).unwrap_or_default(),
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
