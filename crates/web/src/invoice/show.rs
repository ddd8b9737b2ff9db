//! One invoice: a draft as it would be sent, what was sent, or what an accounting system says of one.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::address::PostalAddress;
use seloste_domain::billing::ElectronicAddress;
use seloste_domain::business_id::BusinessId;
use seloste_domain::field::FieldErrors;
use seloste_domain::format;
use seloste_domain::id::{InvoiceId, MailId, OrderId};
use seloste_domain::invoice::{Buyer, InvoiceKind, InvoiceLine, InvoiceTotals};
use seloste_domain::language::Language;
use seloste_domain::mail::Enclosure;
use seloste_domain::vat::{PastPeriod, Treatment};
use seloste_ops::invoice::{self, Content, Filter, Invoice, InvoiceRefused, Preview};
use seloste_ops::mail::{self, Invoicing};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, history};

use super::document::{percent, rate_of, reference};
use super::{InvoiceRow, color, document, form, rows, state_text};
use crate::App;
use crate::change::{ChangeView, change_view};
use crate::error::{PageError, of_invoice};
use crate::form::Form;
use crate::list::ROWS;
use crate::party_form::{Names, source_name};
use crate::print;
use crate::session::Signed;
use crate::shell::Shell;

/// A line of an invoice's page.
struct Line {
    number: i64,
    product: String,
    description: String,
    quantity: String,
    unit_price: String,
    discount: String,
    vat: String,
    net: String,
}

/// What an invoice says, sent or not.
struct Body {
    buyer: Vec<String>,
    lines: Vec<Line>,
    rates: Vec<(String, String, String)>,
    net: String,
    vat: String,
    gross: String,
    note: String,
}

/// What stands before the lines: a name and its value.
type Facts = Vec<(String, String)>;

/// The form that sends a draft.
struct Sending {
    version: i64,
    /// The id of the message, so that a form that is sent twice queues it once.
    mail: MailId,
    address: Option<String>,
    /// What stands in the way.
    problems: Vec<String>,
    /// The tax belongs to a period that is over.
    warning: Option<String>,
    /// What a credit note takes back: its number, its page, and what is left of it.
    corrects: Option<(String, InvoiceId, String)>,
}

#[derive(Template)]
#[template(path = "invoice.html")]
struct InvoicePage {
    s: Shell,
    id: InvoiceId,
    title: String,
    state: String,
    color: &'static str,
    company: String,
    person: Option<(String, String)>,
    organisation: Option<(String, String)>,
    order: Option<(OrderId, String)>,
    facts: Facts,
    /// Sum, credited, paid, open.
    money: Facts,
    body: Option<Body>,
    sending: Option<Sending>,
    /// Whether it was sent here: it can be printed, mailed and credited.
    is_sent: bool,
    can_credit: bool,
    credit_notes: Vec<InvoiceRow>,
    corrects: Option<(InvoiceId, String)>,
    messages: Vec<crate::mail::Told>,
    can_mail: bool,
    /// Where a mirrored invoice came from, and how it has changed.
    mirrored: Option<String>,
    changes: Vec<ChangeView>,
    version: i64,
    revert: String,
    from: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, id)).await?;
    Ok(Html(page.render()?).into_response())
}

fn page(register: &Register, who: &SignedIn, id: InvoiceId) -> seloste_ops::Result<InvoicePage> {
    let s = Shell::staff(register, who, "nav-invoices")?;
    let stored = invoice::show(register, &who.actor, id)?;
    let names = Names::of(register)?;
    let state = stored.state(register.today());
    let is_credit = stored.kind == InvoiceKind::CreditNote;
    let what = s.text(if is_credit { "credit-note" } else { "invoice" });
    let number = stored.number().map_or_else(String::new, |number| format!(" {number}"));
    let mut page = InvoicePage {
        id,
        title: format!("{what}{number}"),
        state: state_text(&s, stored.kind, state),
        color: color(state),
        company: s.company(&stored.company),
        person: stored.person.map(|id| (s.text("invoice-person"), format!("/people/{id}"))),
        organisation: stored.organisation.map(|id| (s.text("invoice-organisation"), format!("/organisations/{id}"))),
        order: None,
        facts: Vec::new(),
        money: Vec::new(),
        body: None,
        sending: None,
        is_sent: false,
        can_credit: false,
        credit_notes: Vec::new(),
        corrects: None,
        messages: Vec::new(),
        can_mail: false,
        mirrored: None,
        changes: Vec::new(),
        version: stored.version,
        revert: String::new(),
        from: format!("{} · {}", names.name(s.t, &stored.entered_by), s.time(&stored.changed_at)),
        s,
    };
    match &stored.content {
        Content::Draft(_) => as_draft(register, who, &mut page)?,
        Content::Sent(_) => as_sent(register, who, &stored, &mut page)?,
        Content::Mirrored(_) => as_mirrored(register, who, &names, &stored, &mut page)?,
    }
    if let Some(order) = stored.order.filter(|_| page.s.may("order.show")) {
        let number = match &stored.content {
            Content::Draft(draft) => draft.order_number.clone(),
            Content::Sent(issued) => issued.order_number.clone(),
            Content::Mirrored(_) => String::new(),
        };
        page.order = Some((order, number));
    }
    Ok(page)
}

fn as_draft(register: &Register, who: &SignedIn, page: &mut InvoicePage) -> seloste_ops::Result<()> {
    let s = &page.s;
    let preview = invoice::preview(register, &who.actor, page.id)?;
    let draft = &preview.draft;
    let payer = Payer {
        name: &draft.buyer_name,
        contact: &draft.buyer_contact,
        business_id: draft.business_id.as_ref(),
        vat_number: &draft.vat_number,
        address: draft.address.as_ref(),
        electronic: draft.electronic.as_ref(),
    };
    page.facts = facts(s, &payer, &draft.buyer_reference, draft.delivered_on);
    if let Some(due) = preview.due.filter(|_| draft.kind == InvoiceKind::Invoice) {
        page.facts.insert(0, (s.text("invoice-due"), s.date(&due)));
    }
    page.facts.push((s.text("invoice-language"), draft.language.own_name().to_owned()));
    page.body = Some(body(s, &payer, &draft.lines, &draft.totals, &draft.note));
    let address = if s.may("invoice.send") && s.has("email") {
        mail::invoice_address(register, &who.actor, page.id)?
    } else {
        None
    };
    page.sending = Some(Sending {
        version: preview.invoice.version,
        mail: MailId(register.db().env().id()),
        address,
        problems: problems(s, &preview),
        warning: preview.past_period.map(|period| past_period(s, &period, register.today())),
        corrects: preview.corrects.as_ref().map(|(id, corrected, left)| (corrected.number.clone(), *id, s.money(left))),
    });
    Ok(())
}

/// What stands in the way of sending, in words.
fn problems(s: &Shell, preview: &Preview) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(refused) = &preview.refused {
        problems.push(s.text(&format!("{}-help", of_invoice(refused))));
    }
    let FieldErrors(errors) = &preview.problems;
    for error in errors {
        let row = error.field.strip_prefix("lines.").and_then(|rest| rest.split('.').next()?.parse::<i64>().ok());
        let text = s.t.field_error(error);
        problems.push(row.map_or(text.clone(), |row| format!("{} {}: {text}", s.text("order-line"), row + 1)));
    }
    problems
}

fn past_period(s: &Shell, period: &PastPeriod, today: jiff::civil::Date) -> String {
    let month = format!("{}/{}", period.month.month(), period.month.year());
    let key = if period.is_reported(today) { "invoice-period-reported" } else { "invoice-period-past" };
    s.t.args(key, &[("month".to_owned(), month), ("day".to_owned(), s.date(&period.return_due))])
}

fn as_sent(register: &Register, who: &SignedIn, stored: &Invoice, page: &mut InvoicePage) -> seloste_ops::Result<()> {
    let Some(issued) = stored.issued() else { return Ok(()) };
    let s = &page.s;
    let is_credit = stored.kind == InvoiceKind::CreditNote;
    page.facts = vec![(s.text("invoice-day"), s.date(&issued.date))];
    if !is_credit {
        page.facts.push((s.text("invoice-due"), s.date(&issued.due)));
        page.facts.push((s.text("invoice-reference"), reference(issued)));
        page.facts.push((s.text("invoice-account"), issued.seller.iban.grouped()));
    }
    let payer = Payer::of(&issued.buyer);
    page.facts.extend(facts(s, &payer, &issued.buyer_reference, issued.delivered_on));
    page.money = money(s, stored);
    page.body = Some(body(s, &payer, &issued.lines, &issued.totals, &issued.note));
    page.is_sent = true;
    let left = stored.balance.gross.0.saturating_add(stored.balance.credited.0);
    page.can_credit = !is_credit && left > 0 && s.may("invoice.change");
    page.can_mail = s.may("invoice.send") && s.has("email");
    page.messages = crate::mail::told_of(s, &mail::of_invoice(register, &who.actor, page.id)?);
    let corrected = issued.corrects.as_ref().map(|corrected| corrected.number.clone());
    page.corrects = stored.corrects.zip(corrected);
    let filter = Filter { corrects: Some(page.id), ..Filter::default() };
    let notes = invoice::page(register, &who.actor, &filter, ROWS)?;
    page.credit_notes = rows(s, register, &notes.rows);
    Ok(())
}

fn as_mirrored(
    register: &Register,
    who: &SignedIn,
    names: &Names,
    stored: &Invoice,
    page: &mut InvoicePage,
) -> seloste_ops::Result<()> {
    let (Some(mirrored), Some(mirror)) = (stored.mirrored(), &stored.mirror) else { return Ok(()) };
    let s = &page.s;
    let notice = register.notice()?;
    page.facts = vec![
        (s.text("invoice-buyer"), mirrored.buyer_name.clone()),
        (s.text("invoice-day"), s.date(&mirrored.date)),
        (s.text("invoice-due"), s.date(&mirrored.due)),
    ];
    if !mirrored.reference.is_empty() {
        page.facts.push((s.text("invoice-reference"), mirrored.reference.clone()));
    }
    page.facts.extend(mirrored.net.map(|net| (s.text("order-net"), s.money(&net))));
    page.facts.extend(mirrored.vat.map(|vat| (s.text("order-vat"), s.money(&vat))));
    page.money = money(s, stored);
    let source = source_name(&notice, &mirror.source, s.t.0);
    page.mirrored =
        Some(s.t.args("invoice-mirrored", &[("source".to_owned(), source), ("at".to_owned(), s.time(&mirror.as_of))]));
    let entries = history::of_invoice(register, &who.actor, page.id)?;
    page.changes = entries.into_iter().map(|entry| change_view(s, names, entry, false)).collect();
    Ok(())
}

fn money(s: &Shell, stored: &Invoice) -> Facts {
    let balance = &stored.balance;
    let mut money = vec![(s.text("order-gross"), s.money(&balance.gross))];
    if stored.kind == InvoiceKind::CreditNote {
        return money;
    }
    if balance.credited.0 != 0 {
        money.push((s.text("invoice-credited"), s.money(&balance.credited)));
    }
    money.push((s.text("invoice-paid"), s.money(&balance.paid)));
    money.push((s.text("invoice-open"), s.money(&balance.open())));
    money
}

/// Who is to pay, of a draft or of what was sent.
struct Payer<'a> {
    name: &'a str,
    contact: &'a str,
    business_id: Option<&'a BusinessId>,
    vat_number: &'a str,
    address: Option<&'a PostalAddress>,
    electronic: Option<&'a ElectronicAddress>,
}

impl<'a> Payer<'a> {
    fn of(buyer: &'a Buyer) -> Self {
        Self {
            name: &buyer.name,
            contact: &buyer.contact,
            business_id: buyer.business_id.as_ref(),
            vat_number: &buyer.vat_number,
            address: Some(&buyer.address),
            electronic: buyer.electronic.as_ref(),
        }
    }

    /// As on an envelope; a protected address is named, not shown.
    fn rows(&self, s: &Shell) -> Vec<String> {
        match self.address {
            Some(address) if address.is_masked() => vec![self.name.to_owned(), s.text("address-protected")],
            Some(address) => address.envelope(&[self.name, self.contact]),
            None => [self.name, self.contact].into_iter().filter(|row| !row.is_empty()).map(str::to_owned).collect(),
        }
    }
}

fn facts(s: &Shell, buyer: &Payer<'_>, buyer_reference: &str, delivered_on: Option<jiff::civil::Date>) -> Facts {
    let mut facts = Vec::new();
    facts.extend(delivered_on.map(|day| (s.text("invoice-delivered"), s.date(&day))));
    let electronic = buyer.electronic.map(|to| format!("{} {}", to.address, to.operator));
    for (label, value) in [
        ("field-business-id", buyer.business_id.map(ToString::to_string)),
        ("invoice-vat-number", Some(buyer.vat_number.to_owned())),
        ("invoice-electronic", electronic),
        ("invoice-buyer-reference", Some(buyer_reference.to_owned())),
    ] {
        if let Some(value) = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()) {
            facts.push((s.text(label), value));
        }
    }
    facts
}

fn body(s: &Shell, buyer: &Payer<'_>, lines: &[InvoiceLine], totals: &InvoiceTotals, note: &str) -> Body {
    let language: Language = s.t.0;
    let line = |line: &InvoiceLine| Line {
        number: line.number,
        product: line.product.clone(),
        description: line.description.clone(),
        quantity: format!("{} {}", format::scaled(line.quantity.0, 3, 0, language), line.unit.symbol(language)),
        unit_price: format::scaled(line.unit_price.0, 4, 2, language),
        discount: if line.discount.0 == 0 { String::new() } else { percent(line.discount, language) },
        vat: match line.treatment {
            Treatment::Taxed | Treatment::ZeroRated => percent(line.vat_rate, language),
            other => s.text(&crate::text::key("treatment", other.as_str())),
        },
        net: line.net().map(|net| s.money(&net)).unwrap_or_default(),
    };
    Body {
        buyer: buyer.rows(s),
        lines: lines.iter().map(line).collect(),
        rates: totals
            .rates
            .iter()
            .map(|rate| (rate_of(rate, language), s.money(&rate.net), s.money(&rate.vat)))
            .collect(),
        net: s.money(&totals.net),
        vat: s.money(&totals.vat),
        gross: s.money(&totals.gross),
        note: note.to_owned(),
    }
}

/// Sends a draft under a number, and by e-mail when that was chosen. The same form sent twice sends it once: whoever
/// finds it sent is led to it.
pub(crate) async fn send(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let (version, by_mail) = (form.number("version"), form.text("by") == "email");
    let message = form.parsed::<MailId>("mail").filter(|id| id.0.get_version_num() == 7);
    let here = format!("/invoices/{id}");
    let actor = who.actor.clone();
    let sent = app
        .run(move |register| match invoice::send(register, &actor, id, version) {
            Ok(_) => Ok(true),
            // What is wrong with the draft stands on its page.
            Err(
                OpsError::Fields(_)
                | OpsError::Invoice(InvoiceRefused::Sent | InvoiceRefused::NoBilling | InvoiceRefused::NoBusinessId),
            ) => Ok(false),
            Err(error) => Err(error),
        })
        .await?;
    if sent && by_mail {
        let (styles, message) = (app.styles(), message);
        let queued = app
            .run(move |register| {
                let id_of_message = message.unwrap_or_else(|| MailId(register.db().env().id()));
                queue(register, &who, &styles, id, id_of_message, None)
            })
            .await?;
        // It has its number whatever becomes of the message: the form of the message tells what is wrong with it.
        if queued.is_err() {
            return Ok(Redirect::to(&format!("{here}/mail")));
        }
    }
    Ok(Redirect::to(&here))
}

/// Prints an invoice and puts its message in the queue. The inner error is what stands in the way of the message alone.
pub(super) fn queue(
    register: &Register,
    who: &SignedIn,
    styles: &crate::style::Styles,
    invoice: InvoiceId,
    message: MailId,
    seen: Option<String>,
) -> seloste_ops::Result<Result<(), PageError>> {
    // Whoever may not send is told so before anything is set, and in the same words as of what is not there.
    mail::invoice_address(register, &who.actor, invoice)?;
    let job = document::job(register, who, invoice)?;
    let name = format!("{}.pdf", job.name);
    let pdf = match print::made(register, styles, job)? {
        Ok(pdf) => pdf,
        Err(error) => return Ok(Err(error)),
    };
    let enclosure = Enclosure { name, media_type: "application/pdf".into(), bytes: pdf.bytes };
    let what = Invoicing { id: message, invoice, seen, enclosures: vec![enclosure] };
    match mail::queue_invoice(register, &who.actor, &what) {
        Ok(_) => Ok(Ok(())),
        Err(error @ OpsError::Mail(_)) => Ok(Err(error.into())),
        Err(error) => Err(error),
    }
}

pub(crate) async fn discard(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let version = form.number("version");
    app.run(move |register| invoice::discard(register, &who.actor, id, version)).await?;
    Ok(Redirect::to("/invoices"))
}

/// Makes the draft of a credit note; of a part it is opened to be made smaller.
pub(crate) async fn credit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let part = form.text("of") == "part";
    let made = app
        .run(move |register| {
            let new = form::new_id(register, &form);
            invoice::credit_once(register, &who.actor, new, id)
        })
        .await?;
    let more = if part { "/edit" } else { "" };
    Ok(Redirect::to(&format!("/invoices/{made}{more}")))
}

/// Makes the invoice of an order and shows it.
pub(crate) async fn of_order(
    State(app): State<App>,
    Signed(who): Signed,
    Path(order): Path<OrderId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let again = form.has("again");
    let made = app
        .run(move |register| {
            let id = form::new_id(register, &form);
            match invoice::create_of_order(register, &who.actor, id, order, again) {
                // The form shows what is wrong with the order's lines.
                Err(OpsError::Fields(_)) => Ok(None),
                other => other.map(Some),
            }
        })
        .await?;
    Ok(Redirect::to(&made.map_or_else(|| format!("/invoices/new?order={order}"), |id| format!("/invoices/{id}"))))
}
