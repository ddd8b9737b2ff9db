//! Payments: what has no place with what is proposed, all of them, one of them, entering one.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{AllocationId, InvoiceId, PaymentId};
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::payment::{NotPlaced, PaymentDraft, PaymentState, Placing};
use seloste_domain::rights::Action;
use seloste_ops::invoice::Invoice;
use seloste_ops::payment::{self, Allocation, Filter, Payment, PaymentRefused, Proposed, Share};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::{Form, encode};
use crate::list::ROWS;
use crate::order::mark;
use crate::party_form::{Choice, Errors, Names};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Payments without a place that a page shows.
const QUEUE: usize = 25;

/// A payment as a list shows it.
pub(crate) struct Row {
    id: PaymentId,
    version: i64,
    paid_on: String,
    payer: String,
    reference: String,
    amount: String,
    left: Option<String>,
    state: String,
    color: &'static str,
    company: String,
    proposals: Vec<Offer>,
}

/// An invoice that may be chosen for a payment.
struct Offer {
    id: InvoiceId,
    number: String,
    buyer: String,
    due: String,
    open: String,
    reason: String,
    /// What of the payment would go to it, as a form writes it; none: nothing can.
    share: Option<String>,
}

fn row(s: &Shell, payment: &Payment, proposals: Vec<Offer>) -> Row {
    let state = payment.purse.state();
    Row {
        id: payment.id,
        version: payment.version,
        paid_on: s.date(&payment.paid_on),
        payer: payment.told.payer.clone(),
        reference: payment.reference.as_ref().map(|reference| reference.grouped()).unwrap_or_default(),
        amount: s.money(&payment.purse.amount),
        left: (payment.purse.left() != Cents::ZERO).then(|| s.money(&payment.purse.left())),
        state: s.text(&key("payment-state", state.as_str())),
        color: match state {
            PaymentState::Unplaced => "warning",
            PaymentState::PartPlaced => "info",
            PaymentState::Placed => "success",
        },
        company: s.company(&payment.company),
        proposals,
    }
}

fn offer(s: &Shell, payment: &Payment, proposed: &Proposed) -> Option<Offer> {
    let Invoice { id, balance, .. } = &proposed.invoice;
    let issued = proposed.invoice.issued()?;
    let share = proposed.share(payment.purse.left());
    Some(Offer {
        id: *id,
        number: issued.number.clone(),
        buyer: issued.buyer.name.clone(),
        due: s.date(&issued.due),
        open: s.money(&balance.open()),
        reason: match proposed.reason {
            Some(reason) => s.text(&key("payment-reason", reason.as_str())),
            None => s.text("payment-reason-found"),
        },
        share: (share != Cents::ZERO).then(|| typed(s, share)),
    })
}

/// An amount as a form writes it.
pub(crate) fn typed(s: &Shell, cents: Cents) -> String {
    let decimal = cents.to_decimal();
    match mark(s.t.0) {
        DecimalMark::Comma => decimal.to_string().replace('.', ","),
        _ => decimal.to_string(),
    }
}

/// What the address of the list says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListQuery {
    state: String,
    company: String,
    after: String,
}

#[derive(Template)]
#[template(path = "payments.html")]
struct PaymentsPage {
    s: Shell,
    rows: Vec<Row>,
    waiting: bool,
    states: Vec<Choice>,
    query: ListQuery,
    count: i64,
    sum: String,
    next: Option<String>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| list_page(register, &who, query)).await?;
    Ok(Html(page.render()?).into_response())
}

fn list_page(register: &Register, who: &SignedIn, query: ListQuery) -> seloste_ops::Result<PaymentsPage> {
    let s = Shell::staff(register, who, "nav-payments")?;
    let waiting = query.state != "all";
    let filter = Filter { company: query.company.parse().ok(), after: query.after.parse().ok(), ..Filter::default() };
    let (rows, has_next): (Vec<Row>, bool) = if waiting {
        let (found, has_next) = payment::queue(register, &who.actor, &filter, QUEUE)?;
        let view = |waiting: &payment::Waiting| {
            let offers = waiting.proposals.iter().filter_map(|proposed| offer(&s, &waiting.payment, proposed));
            row(&s, &waiting.payment, offers.collect())
        };
        (found.iter().map(view).collect(), has_next)
    } else {
        let page = payment::list(register, &who.actor, &filter, ROWS)?;
        (page.rows.iter().map(|payment| row(&s, payment, Vec::new())).collect(), page.has_next)
    };
    let (count, sum) = payment::to_place(register, &who.actor)?;
    let choice = |value: &str, text: &str, selected| Choice { value: value.into(), text: s.text(text), selected };
    let next = rows.last().filter(|_| has_next).map(|last| {
        let (state, company) = (encode(&query.state), encode(&query.company));
        format!("/payments?state={state}&company={company}&after={}", last.id)
    });
    Ok(PaymentsPage {
        states: vec![choice("", "payments-to-place", waiting), choice("all", "payments-all", !waiting)],
        sum: s.money(&sum),
        rows,
        waiting,
        query,
        count,
        next,
        s,
    })
}

/// A part of a payment as its page shows it.
struct Part {
    id: AllocationId,
    kind: String,
    invoice: Option<(InvoiceId, String, String)>,
    amount: String,
    by: String,
    at: String,
    can_undo: bool,
}

#[derive(Template)]
#[template(path = "payment.html")]
struct PaymentPage {
    s: Shell,
    row: Row,
    booked_on: String,
    account: String,
    archive_id: String,
    note: String,
    from: String,
    file: Option<String>,
    reverses: Option<PaymentId>,
    parts: Vec<Part>,
    words: String,
    left: String,
    given: String,
    can_withdraw: bool,
    f: Errors,
}

/// What the address of a payment says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ShowQuery {
    words: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentId>,
    Query(query): Query<ShowQuery>,
) -> Result<Response, PageError> {
    let words = query.words.chars().take(200).collect::<String>();
    let page = app.run(move |register| page(register, &who, id, (&words, ""), FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

fn page(
    register: &Register,
    who: &SignedIn,
    id: PaymentId,
    (words, note): (&str, &str),
    errors: FieldErrors,
) -> seloste_ops::Result<PaymentPage> {
    let s = Shell::staff(register, who, "nav-payments")?;
    let shown = payment::show(register, &who.actor, id, words)?;
    let names = Names::of(register)?;
    let payment = shown.payment;
    let offers: Vec<Offer> = shown.proposals.iter().filter_map(|proposed| offer(&s, &payment, proposed)).collect();
    let places = s.may(Action::PaymentPlace.as_str());
    let part = |(part, invoice): &(Allocation, Option<Invoice>)| Part {
        id: part.id,
        kind: s.text(&key("placing", part.kind.as_str())),
        invoice: invoice.as_ref().and_then(|invoice| {
            let issued = invoice.issued()?;
            Some((invoice.id, issued.number.clone(), issued.buyer.name.clone()))
        }),
        amount: s.money(&part.cents),
        by: match part.by {
            Some(by) if by != seloste_domain::payment::MatchedBy::Person => s.text(&key("matched", by.as_str())),
            _ => names.name(s.t, &part.entered_by),
        },
        at: s.time(&part.at),
        can_undo: places && (part.kind != Placing::Reversal || payment.reverses.is_some()),
    };
    Ok(PaymentPage {
        booked_on: s.date(&payment.booked_on),
        account: payment.account.grouped(),
        archive_id: payment.archive_id.clone().unwrap_or_default(),
        note: payment.told.note.clone(),
        from: format!("{} · {}", names.name(s.t, &payment.entered_by), s.time(&payment.changed_at)),
        file: payment.file.map(|file| format!("/payment-files/{file}")),
        reverses: payment.reverses,
        parts: shown.parts.iter().map(part).collect(),
        words: words.to_owned(),
        left: typed(&s, payment.purse.left()),
        given: note.to_owned(),
        can_withdraw: payment.file.is_none() && s.may(Action::PaymentEnter.as_str()),
        f: Errors::new(who.language, errors),
        row: row(&s, &payment, offers),
        s,
    })
}

/// What does not fit, at the field that a form has for it.
fn wrong(error: PageError, field: &str) -> Result<FieldErrors, PageError> {
    let code = match &error {
        PageError::Ops(OpsError::Payment(PaymentRefused::NotPlaced(why))) => match why {
            NotPlaced::Sign => code::AMOUNT_INVALID,
            NotPlaced::MoreThanPayment => code::MORE_THAN_PAYMENT,
            NotPlaced::MoreThanOpen => code::MORE_THAN_OPEN,
            NotPlaced::MoreThanPaid => code::MORE_THAN_PAID,
        },
        _ => return error.fields(),
    };
    Ok(FieldError::new(field, code).into())
}

async fn again(
    app: App,
    who: SignedIn,
    id: PaymentId,
    (words, note): (String, String),
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, id, (&words, &note), errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// The invoices that were ticked, with their amounts; one whose own button was pressed goes alone.
fn shares(form: &Form, mark: DecimalMark) -> Result<Vec<Share>, FieldErrors> {
    let alone = form.text("only");
    let mut errors = FieldErrors::default();
    let mut shares = Vec::new();
    for row in form.rows(&["invoice", "amount"]) {
        let [invoice, amount] = row.as_slice() else { continue };
        let ticked = if alone.is_empty() { form.all("chosen").contains(invoice) } else { alone == *invoice };
        if !ticked {
            continue;
        }
        let cents = errors.keep(Cents::parse("shares", amount, mark));
        match (invoice.parse(), cents) {
            (Ok(invoice), Some(cents)) => shares.push(Share { invoice, cents }),
            (Err(_), _) => errors.push(FieldError::new("shares", code::INVOICE_UNKNOWN)),
            (Ok(_), None) => {}
        }
    }
    if shares.is_empty() && errors.is_empty() {
        errors.push(FieldError::new("shares", code::REQUIRED));
    }
    if errors.is_empty() { Ok(shares) } else { Err(errors) }
}

pub(crate) async fn place(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentId>,
    form: Form,
) -> Result<Response, PageError> {
    let (version, words) = (form.number("version"), form.text("words"));
    let (asker, mark) = (who.clone(), mark(who.language));
    let back = form.text("back");
    let placed = app
        .run(move |register| {
            register.authorize(&asker.actor, Action::PaymentPlace)?;
            payment::place(register, &asker.actor, id, version, &shares(&form, mark)?)
        })
        .await;
    match placed {
        Ok(_) if back == "queue" => Ok(Redirect::to("/payments").into_response()),
        Ok(_) => Ok(Redirect::to(&format!("/payments/{id}")).into_response()),
        Err(error) => again(app, who, id, (words, String::new()), wrong(error, "shares")?).await,
    }
}

pub(crate) async fn refund(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentId>,
    form: Form,
) -> Result<Response, PageError> {
    let (version, note, amount) = (form.number("version"), form.text("note"), form.text("refund"));
    let (asker, given, mark) = (who.clone(), note.clone(), mark(who.language));
    let refunded = app
        .run(move |register| {
            register.authorize(&asker.actor, Action::PaymentPlace)?;
            let cents = Cents::parse("refund", &amount, mark).map_err(FieldErrors::from)?;
            payment::refund(register, &asker.actor, id, version, cents, &note)
        })
        .await;
    match refunded {
        Ok(_) => Ok(Redirect::to(&format!("/payments/{id}")).into_response()),
        Err(error) => again(app, who, id, (String::new(), given), wrong(error, "refund")?).await,
    }
}

pub(crate) async fn undo(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let (version, part) = (form.number("version"), form.parsed("part").unwrap_or(AllocationId(uuid::Uuid::nil())));
    app.run(move |register| payment::undo(register, &who.actor, id, version, part)).await?;
    Ok(Redirect::to(&format!("/payments/{id}")))
}

pub(crate) async fn withdraw(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let version = form.number("version");
    app.run(move |register| payment::withdraw(register, &who.actor, id, version)).await?;
    Ok(Redirect::to("/payments"))
}

#[derive(Template)]
#[template(path = "payment_form.html")]
struct FormPage {
    s: Shell,
    draft: PaymentDraft,
    f: Errors,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    draft: PaymentDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, Action::PaymentEnter)?;
    let s = Shell::staff(register, who, "nav-payments")?;
    Ok(FormPage { f: Errors::new(who.language, errors), draft, s })
}

/// What the address of the form says: an invoice's page fills it in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewQuery {
    company: String,
    reference: String,
}

pub(crate) async fn new(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<NewQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let today = seloste_domain::format::date(register.today(), who.language);
            let today = if who.language == seloste_domain::language::Language::En {
                register.today().to_string()
            } else {
                today
            };
            let draft = PaymentDraft {
                company: query.company,
                reference: query.reference,
                paid_on: today,
                ..PaymentDraft::default()
            };
            form_page(register, &who, draft, FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn enter(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let draft = PaymentDraft {
        company: form.text("company"),
        paid_on: form.text("paid_on"),
        amount: form.text("amount"),
        reference: form.text("reference"),
        payer: form.text("payer"),
        decimal_mark: mark(who.language),
    };
    let (actor, given) = (who.actor.clone(), draft.clone());
    match app.run(move |register| payment::enter(register, &actor, &draft)).await {
        Ok(id) => Ok(Redirect::to(&format!("/payments/{id}")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, given, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}
