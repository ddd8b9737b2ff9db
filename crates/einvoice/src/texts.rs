//! The few words that stand in electronic invoices, in the language of the invoice.

use seloste_domain::format;
use seloste_domain::invoice::{InvoiceKind, IssuedInvoice};
use seloste_domain::language::Language;
use seloste_domain::vat::Treatment;

/// What the document is.
pub(crate) const fn title(kind: InvoiceKind, language: Language) -> &'static str {
    match (kind, language) {
        (InvoiceKind::Invoice, Language::Fi) => "LASKU",
        (InvoiceKind::Invoice, Language::Sv) => "FAKTURA",
        (InvoiceKind::Invoice, Language::En) => "INVOICE",
        (InvoiceKind::CreditNote, Language::Fi) => "HYVITYSLASKU",
        (InvoiceKind::CreditNote, Language::Sv) => "KREDITFAKTURA",
        (InvoiceKind::CreditNote, Language::En) => "CREDIT NOTE",
    }
}

/// The code of the reason, where the EN 16931 list has one that says just that (VATEX).
pub(crate) const fn reason_code(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::ReverseCharge => "VATEX-EU-AE",
        Treatment::IntraCommunity => "VATEX-EU-IC",
        Treatment::Export => "VATEX-EU-G",
        Treatment::Taxed | Treatment::ZeroRated | Treatment::Exempt => "",
    }
}

/// When to pay, or what is taken back.
pub(crate) fn terms(invoice: &IssuedInvoice) -> String {
    let language = invoice.language;
    if invoice.kind == InvoiceKind::CreditNote {
        let number = invoice.corrects.as_ref().map_or("", |corrects| corrects.number.as_str());
        let text = match language {
            Language::Fi => "Hyvitetään laskusta",
            Language::Sv => "Krediteras från faktura",
            Language::En => "Credited from invoice",
        };
        return format!("{text} {number}").trim().to_owned();
    }
    let due = format::date(invoice.due, language);
    let due = match language {
        Language::Fi => format!("Eräpäivä {due}"),
        Language::Sv => format!("Förfallodag {due}"),
        Language::En => format!("Due date {due}"),
    };
    let Some(rate) = invoice.seller.late_interest else { return due };
    let rate = format::scaled(rate.0, 2, 0, language);
    match language {
        Language::Fi => format!("{due}, viivästyskorko {rate} %"),
        Language::Sv => format!("{due}, dröjsmålsränta {rate} %"),
        Language::En => format!("{due}, late interest {rate} %"),
    }
}
