//! Overdue invoices, reminders and payment demands before they are sent, and their letters. How one claim stands is in `claim.rs`.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::civil::Date;
use seloste_domain::id::{InvoiceId, ReminderId};
use seloste_domain::interest::Rates;
use seloste_domain::language::Language;
use seloste_domain::mail::Enclosure;
use seloste_domain::money::Cents;
use seloste_domain::reminder::{FeeChoice, ReminderKind, TooSoon};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_ops::mail::Recipient;
use seloste_ops::reminder::{self, Asked, Channel, Preview, Standing, Written};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::{Form, encode};
use crate::party_form::Choice;
use crate::print::{self, Job};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Rows of the overdue list.
const ROWS: usize = 50;

/// What may be done with a claim: whether, and why not.
pub(crate) struct May {
    pub(crate) can: bool,
    pub(crate) why: String,
}

pub(crate) fn may(s: &Shell, outcome: Result<(), TooSoon>) -> May {
    match outcome {
        Ok(()) => May { can: true, why: String::new() },
        Err(why) => {
            let day = why.day().map(|day| s.date(&day)).unwrap_or_default();
            May { can: false, why: s.t.arg(&key("too-soon", why.as_str()), "day", day) }
        }
    }
}

/// A late invoice as a list shows it.
pub(crate) struct Row {
    pub(crate) id: InvoiceId,
    pub(crate) number: String,
    pub(crate) buyer: String,
    pub(crate) company: String,
    pub(crate) due: String,
    pub(crate) late: String,
    pub(crate) open: String,
    pub(crate) charges: String,
    pub(crate) sent: String,
    pub(crate) limitation: String,
    pub(crate) tag: Option<(String, &'static str)>,
    pub(crate) reminder: May,
    pub(crate) demand: May,
}

pub(crate) fn row(s: &Shell, (rates, today): (&Rates, Date), standing: &Standing) -> Row {
    let debt = &standing.debt;
    let issued = standing.invoice.issued();
    let items = standing.items(rates, Cents::ZERO, today);
    let charges = items.map(|(items, _)| Cents(items.interest.0 + items.earlier_fees.0));
    let last = standing.reminders.last();
    Row {
        id: standing.invoice.id,
        number: issued.map(|issued| issued.number.clone()).unwrap_or_default(),
        buyer: issued.map(|issued| issued.buyer.name.clone()).unwrap_or_default(),
        company: s.company(&standing.invoice.company),
        due: s.date(&debt.due),
        late: s.number(&i64::from((today - debt.due).get_days()).max(0)),
        open: s.money(&debt.open),
        charges: charges.map_or_else(|_| s.text("reminder-no-rate"), |cents| s.money(&cents)),
        sent: last
            .map(|last| format!("{} {}", s.text(&key("reminder-kind", last.kind.as_str())), s.date(&last.sent_on)))
            .unwrap_or_default(),
        limitation: s.date(&standing.limitation.on),
        tag: if debt.handed_over {
            Some((s.text("collection-state-handed-over"), "accent"))
        } else if debt.stopped {
            Some((s.text("collection-stopped"), "warning"))
        } else {
            None
        },
        reminder: may(s, debt.may_send(ReminderKind::Reminder, today)),
        demand: may(s, debt.may_send(ReminderKind::Demand, today)),
    }
}

/// What the address of the list says, and what the last sending did.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListQuery {
    company: String,
    after: String,
    sent: i64,
    not: i64,
    letters: i64,
}

#[derive(Template)]
#[template(path = "overdue.html")]
struct OverduePage {
    s: Shell,
    rows: Vec<Row>,
    query: ListQuery,
    next: Option<String>,
}

pub(crate) async fn overdue(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-overdue")?;
            let after = query.after.split_once('.').and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)));
            let company = query.company.parse().ok();
            let found = reminder::overdue(register, &who.actor, company.as_ref(), after, ROWS)?;
            let next = found.rows.last().filter(|_| found.has_next).map(|last| {
                format!("/overdue?company={}&after={}.{}", encode(&query.company), last.debt.due, last.invoice.id)
            });
            let (rates, today) = (reminder::rates_in_use(register)?, register.today());
            let rows = found.rows.iter().map(|standing| row(&s, (&rates, today), standing)).collect();
            Ok(OverduePage { rows, query, next, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// Reminds of all that were ticked: each by e-mail where there is an address, else as a letter.
pub(crate) async fn send_all(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Redirect, PageError> {
    let styles = app.styles();
    let kind: ReminderKind = form.parsed("kind").unwrap_or(ReminderKind::Reminder);
    let chosen: Vec<InvoiceId> = form.all("id").iter().filter_map(|id| id.parse().ok()).take(ROWS).collect();
    let (sent, letters, not) = app
        .run(move |register| {
            register.authorize(&who.actor, Action::ReminderSend)?;
            let (mut sent, mut letters, mut not) = (0, 0, 0);
            for invoice in chosen {
                let asked = Asked { invoice, kind, fee: FeeChoice::Legal, channel: None };
                match send_one(register, &who.actor, &styles, asked, None) {
                    Ok((_, Channel::Email)) => sent += 1,
                    Ok((_, Channel::Letter)) => (sent, letters) = (sent + 1, letters + 1),
                    Err(OpsError::Collection(_) | OpsError::Fields(_) | OpsError::Mail(_)) => not += 1,
                    Err(error) => return Err(error),
                }
            }
            Ok((sent, letters, not))
        })
        .await?;
    Ok(Redirect::to(&format!("/overdue?sent={sent}&letters={letters}&not={not}")))
}

/// Sends a reminder or a demand: by e-mail with its letter as PDF, or as a letter, which [`letter_of`] gives. `seen` is that
/// of the preview; none: whatever it is now.
///
/// # Errors
/// As [`reminder::send`].
pub fn send_one(
    register: &Register,
    actor: &Actor,
    styles: &crate::style::Styles,
    asked: Asked,
    seen: Option<&str>,
) -> seloste_ops::Result<(ReminderId, Channel)> {
    let preview = reminder::preview(register, actor, asked)?;
    let channel = preview.channel;
    let mut enclosures = Vec::new();
    if channel == Channel::Email
        && let Ok(pdf) = print::made(register, styles, letter_job(&preview))?
    {
        let number = preview.standing.invoice.issued().map(|issued| issued.number.clone()).unwrap_or_default();
        let name = format!("{}-{number}.pdf", file_word(asked.kind, preview.language));
        enclosures.push(Enclosure { name, media_type: "application/pdf".into(), bytes: pdf.bytes });
    }
    let asked = Asked { channel: Some(channel), ..asked };
    let id = reminder::send(register, actor, asked, seen, &enclosures)?;
    Ok((id, channel))
}

/// The letter of a reminder that was sent, as PDF. None: its words are forgotten, or it can not be set.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn letter_of(
    register: &Register,
    actor: &Actor,
    styles: &crate::style::Styles,
    id: ReminderId,
) -> seloste_ops::Result<Option<Vec<u8>>> {
    let (sent, written) = reminder::sent(register, actor, id)?;
    let Some(written) = written else { return Ok(None) };
    let made = print::made(register, styles, print::reminder(&written, sent.language, &sent.company))?;
    Ok(made.ok().map(|pdf| pdf.bytes))
}

/// What the file of a letter is called.
const fn file_word(kind: ReminderKind, language: Language) -> &'static str {
    match (kind, language) {
        (ReminderKind::Reminder, Language::Fi) => "maksumuistutus",
        (ReminderKind::Reminder, Language::Sv) => "betalningspaminnelse",
        (ReminderKind::Reminder, Language::En) => "reminder",
        (ReminderKind::Demand, Language::Fi) => "maksuvaatimus",
        (ReminderKind::Demand, Language::Sv) => "betalningskrav",
        (ReminderKind::Demand, Language::En) => "demand",
    }
}

fn letter_job(preview: &Preview) -> Job {
    print::reminder(&preview.written, preview.language, &preview.standing.invoice.company)
}

/// What the address of a preview says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PreviewQuery {
    kind: String,
    fee: String,
    channel: String,
}

fn channel(text: &str) -> Option<Channel> {
    [Channel::Email, Channel::Letter].into_iter().find(|channel| channel.as_str() == text)
}

#[derive(Template)]
#[template(path = "reminder.html")]
struct PreviewPage {
    s: Shell,
    id: InvoiceId,
    number: String,
    written: Written,
    seen: String,
    kinds: Vec<Choice>,
    fees: Vec<Choice>,
    channels: Vec<Choice>,
    fee_reason: String,
    by_email: bool,
    to: String,
}

pub(crate) async fn preview(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    Query(query): Query<PreviewQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-overdue")?;
            let asked = Asked {
                invoice: id,
                kind: query.kind.parse().unwrap_or(ReminderKind::Reminder),
                fee: query.fee.parse().unwrap_or_default(),
                channel: channel(&query.channel),
            };
            let preview = reminder::preview(register, &who.actor, asked)?;
            Ok(preview_page(s, &preview))
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

fn preview_page(s: Shell, preview: &Preview) -> PreviewPage {
    let asked = &preview.asked;
    let choice = |prefix: &str, value: &str, selected: bool| Choice {
        value: value.into(),
        text: s.text(&key(prefix, value)),
        selected,
    };
    let written = preview.written.clone();
    let is_business = preview.standing.debt.debtor == seloste_domain::interest::Debtor::Business;
    let fees = FeeChoice::ALL.iter().filter(|fee| is_business || **fee != FeeChoice::Standard);
    PreviewPage {
        id: asked.invoice,
        number: preview.standing.invoice.issued().map(|issued| issued.number.clone()).unwrap_or_default(),
        seen: preview.seen.clone(),
        kinds: ReminderKind::ALL
            .iter()
            .map(|kind| choice("reminder-kind", kind.as_str(), *kind == asked.kind))
            .collect(),
        fees: fees.map(|fee| choice("fee-choice", fee.as_str(), *fee == asked.fee)).collect(),
        channels: [Channel::Email, Channel::Letter]
            .map(|channel| choice("channel", channel.as_str(), channel == preview.channel))
            .into(),
        fee_reason: s.text(&key("fee-reason", preview.fee_reason.as_str())),
        by_email: preview.channel == Channel::Email,
        to: match preview.channel {
            Channel::Email => format!("{} <{}>", written.name, written.email),
            Channel::Letter => written.envelope.join(", "),
        },
        written,
        s,
    }
}

pub(crate) async fn send(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let styles = app.styles();
    app.run(move |register| {
        register.authorize(&who.actor, Action::ReminderSend)?;
        let asked = Asked {
            invoice: id,
            kind: form.parsed("kind").unwrap_or(ReminderKind::Reminder),
            fee: form.parsed("fee").unwrap_or_default(),
            channel: channel(&form.text("channel")),
        };
        let seen = Some(form.text("seen")).filter(|seen| !seen.is_empty());
        send_one(register, &who.actor, &styles, asked, seen.as_deref())
    })
    .await?;
    Ok(Redirect::to(&format!("/invoices/{id}/claim")))
}

/// The letter of a reminder that was sent.
pub(crate) async fn letter(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<ReminderId>,
) -> Result<Response, PageError> {
    print::print(&app, move |register| {
        let (sent, written) = reminder::sent(register, &who.actor, id)?;
        let written = written.ok_or(OpsError::Store(seloste_ops::StoreError::NotFound("reminder")))?;
        Ok(print::reminder(&written, sent.language, &sent.company))
    })
    .await
}

/// A customer's claims for their card.
pub(crate) fn of_customer(
    s: &Shell,
    register: &Register,
    who: &SignedIn,
    customer: Recipient,
) -> seloste_ops::Result<Vec<Row>> {
    if !s.may(Action::ReminderList.as_str()) || !s.has("orders") {
        return Ok(Vec::new());
    }
    let found = seloste_ops::collection::of_customer(register, &who.actor, customer)?;
    let matters = |standing: &&Standing| {
        standing.debt.open.0 > 0 || standing.debt.handed_over || !standing.reminders.is_empty() || standing.debt.stopped
    };
    let (rates, today) = (reminder::rates_in_use(register)?, register.today());
    Ok(found.iter().filter(matters).take(ROWS).map(|standing| row(s, (&rates, today), standing)).collect())
}
