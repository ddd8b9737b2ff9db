//! What every message has around its own text: the greeting, and at the end the controller and the contact person, so
//! that whoever reads it knows whom to turn to about their data (promise P01).

use seloste_domain::language::Language;
use seloste_domain::notice::Notice;
use unicode_width::UnicodeWidthStr as _;

use crate::text::Texts;

/// The greeting.
pub(crate) fn greeting(name: &str, language: Language) -> String {
    let t = Texts(language);
    if name.is_empty() { t.get("greeting-nobody") } else { t.with("greeting", &[("name", &name)]) }
}

/// The end of a message.
#[must_use]
pub fn footer(notice: &Notice, language: Language) -> String {
    let t = Texts(language);
    let (controller, contact) = (notice.controller(), notice.contact());
    let business_id = controller.business_id.as_ref().map(|id| format!(" ({})", id.as_str())).unwrap_or_default();
    let mut rows = vec![
        t.with("footer-register", &[("register", &notice.register_name(language))]),
        t.with("footer-controller", &[("name", &format!("{}{business_id}", controller.name))]),
        t.with("footer-contact", &[("name", &contact.name)]),
    ];
    let mut line = |key: &str, name: &'static str, value: &Option<String>| {
        rows.extend(value.as_ref().map(|value| t.with(key, &[(name, value)])));
    };
    line("footer-address", "address", &contact.address);
    line("footer-telephone", "telephone", &contact.phone);
    line("footer-email", "email", &contact.email);
    line("footer-website", "website", &contact.website);
    format!("{}\n{}\n", "-".repeat(WIDTH), rows.join("\n"))
}

/// What each message of direct marketing tells: how to forbid it, easily and free of charge (Act 917/2014 sections 200, 202
/// and 203).
#[must_use]
pub fn opt_out(notice: &Notice, language: Language) -> String {
    let contact = notice.contact();
    let to = contact.email.as_deref().or(contact.phone.as_deref()).or(contact.address.as_deref()).unwrap_or_default();
    Texts(language).with("footer-opt-out", &[("contact", &to)])
}

/// Names and values, the values below each other.
pub(crate) fn aligned(rows: &[(String, String)]) -> String {
    let widest = rows.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let row = |(label, value): &(String, String)| {
        format!("{label}:{} {value}", " ".repeat(widest.saturating_sub(label.width())))
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// Columns of a message: what a terminal and most programs show without breaking a line (RFC 5322 2.1.1).
pub(crate) const WIDTH: usize = 78;
