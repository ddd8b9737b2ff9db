//! E-mail: the confirmation of an order before it is sent, the queue with its failures, one message.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::id::{MailId, OrderId};
use seloste_domain::mail::Enclosure;
use seloste_domain::rights::Action;
use seloste_ops::mail::{self, Confirmation, Filter, Mail, MailState};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, order};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::list::ROWS;
use crate::party_form::{Choice, Names};
use crate::print;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// How far a message has come, in words.
pub(crate) struct Told {
    pub(crate) id: MailId,
    /// What it is about.
    pub(crate) what: String,
    pub(crate) state: String,
    pub(crate) color: &'static str,
    /// When it was queued, or sent when it has been.
    pub(crate) at: String,
    /// When it is tried next.
    pub(crate) next: Option<String>,
    /// Why the last try did not succeed.
    pub(crate) trouble: String,
    pub(crate) can_retry: bool,
    pub(crate) can_cancel: bool,
}

fn told(s: &Shell, mail: &Mail) -> Told {
    let trouble = mail.trouble.map(|trouble| s.text(&key("trouble", trouble.as_str()))).unwrap_or_default();
    Told {
        id: mail.id,
        what: s.text(&key("mail", mail.template.as_str())),
        state: s.text(&key("mail", mail.state.as_str())),
        color: match mail.state {
            MailState::Queued | MailState::Sending => "info",
            MailState::Sent => "success",
            MailState::Failed => "danger",
            MailState::Cancelled => "neutral",
        },
        at: s.time(&mail.sent_at.unwrap_or(mail.created_at)),
        next: mail.next_at.filter(|_| mail.state == MailState::Queued).map(|at| s.time(&at)),
        trouble: match &mail.reply {
            Some(reply) => format!("{trouble} ({reply})"),
            None => trouble,
        },
        can_retry: s.may("mail.retry") && mail.state.may_retry(),
        can_cancel: s.may("mail.cancel") && mail.state.may_cancel(),
    }
}

/// Messages in words.
pub(crate) fn told_of(s: &Shell, messages: &[Mail]) -> Vec<Told> {
    messages.iter().map(|mail| told(s, mail)).collect()
}

/// The messages about an order, for its page.
pub(crate) fn of_order(s: &Shell, register: &Register, who: &SignedIn, id: OrderId) -> seloste_ops::Result<Vec<Told>> {
    if !s.may("mail.list") {
        return Ok(Vec::new());
    }
    Ok(told_of(s, &mail::of_order(register, &who.actor, id)?))
}

#[derive(Template)]
#[template(path = "mail_confirm.html")]
struct ConfirmPage {
    s: Shell,
    order: OrderId,
    number: String,
    /// The message's own id, so that the form sent twice queues it once.
    id: MailId,
    seen: String,
    to: String,
    name: String,
    subject: String,
    body: String,
    earlier: Vec<Told>,
}

pub(crate) async fn confirm_form(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrderId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::MailSend)?;
            let s = Shell::staff(register, &who, "nav-orders")?;
            let preview = mail::preview_order_confirmation(register, &who.actor, id)?;
            Ok(ConfirmPage {
                order: id,
                number: order::show(register, &who.actor, id)?.order.number,
                id: MailId(register.db().env().id()),
                seen: preview.seen,
                to: preview.letter.to,
                name: preview.letter.name,
                subject: preview.letter.subject,
                body: preview.letter.body,
                earlier: of_order(&s, register, &who, id)?,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn confirm(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrderId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let styles = app.styles();
    let queued = app.run(move |register| {
        register.authorize(&who.actor, Action::MailSend)?;
        let job = print::confirmation_job(register, &who, id)?;
        let name = format!("{}.pdf", job.name);
        let pdf = match print::made(register, &styles, job)? {
            Ok(pdf) => pdf,
            Err(error) => return Ok(Err(error)),
        };
        let enclosure = Enclosure { name, media_type: "application/pdf".into(), bytes: pdf.bytes };
        let what = Confirmation {
            id: form.parsed("id").unwrap_or_else(|| MailId(register.db().env().id())),
            order: id,
            seen: Some(form.text("seen")).filter(|seen| !seen.is_empty()),
            enclosures: vec![enclosure],
        };
        mail::queue_order_confirmation(register, &who.actor, &what).map(Ok)
    });
    queued.await??;
    Ok(Redirect::to(&format!("/orders/{id}")))
}

/// What the address of the list says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListQuery {
    state: String,
    before: String,
}

/// What waits for somebody or something: everything that is neither sent nor cancelled.
const OPEN: [MailState; 3] = [MailState::Failed, MailState::Queued, MailState::Sending];

impl ListQuery {
    fn filter(&self) -> Filter {
        let states = match (self.state.as_str(), self.state.parse()) {
            ("all", _) => Vec::new(),
            (_, Ok(state)) => vec![state],
            (_, Err(_)) => OPEN.to_vec(),
        };
        Filter { states, before: self.before.parse().ok() }
    }
}

struct Row {
    told: Told,
    to: String,
    name: String,
    subject: String,
    company: String,
    by: String,
}

#[derive(Template)]
#[template(path = "mails.html")]
struct MailsPage {
    s: Shell,
    rows: Vec<Row>,
    states: Vec<Choice>,
    next: Option<String>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-mail")?;
            let page = mail::list(register, &who.actor, &query.filter(), ROWS)?;
            let names = Names::of(register)?;
            let choice =
                |value: &str, text: String| Choice { selected: query.state == value, value: value.into(), text };
            let mut states = vec![choice("", s.text("mail-open")), choice("all", s.text("mail-all"))];
            states.extend(MailState::ALL.map(|state| choice(state.as_str(), s.text(&key("mail", state.as_str())))));
            let last = page.rows.last().filter(|_| page.has_next).map(|(mail, _)| mail.id);
            let rows = page.rows.into_iter().map(|(mail, letter)| Row {
                told: told(&s, &mail),
                to: letter.to,
                name: letter.name,
                subject: letter.subject,
                company: s.company(&mail.company),
                by: names.name(s.t, &mail.queued_by),
            });
            Ok(MailsPage {
                rows: rows.collect(),
                next: last.map(|id| format!("/mail?state={}&before={id}", crate::form::encode(&query.state))),
                states,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    s: Shell,
    told: Told,
    to: String,
    name: String,
    subject: String,
    body: String,
    enclosed: Vec<String>,
    order: Option<OrderId>,
    company: String,
    queued: String,
    attempts: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<MailId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-mail")?;
            let (mail, letter) = mail::show(register, &who.actor, id)?;
            let names = Names::of(register)?;
            Ok(MailPage {
                told: told(&s, &mail),
                to: letter.to,
                name: letter.name,
                subject: letter.subject,
                body: letter.body,
                enclosed: letter.enclosed.into_iter().map(|file| file.name).collect(),
                order: mail.order.filter(|_| s.may("order.show")),
                company: s.company(&mail.company),
                queued: format!("{} · {}", s.time(&mail.created_at), names.name(s.t, &mail.queued_by)),
                attempts: s.number(&mail.attempts),
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn retry(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<MailId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| mail::retry(register, &who.actor, id)).await?;
    Ok(Redirect::to("/mail"))
}

pub(crate) async fn cancel(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<MailId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| mail::cancel(register, &who.actor, id)).await?;
    Ok(Redirect::to("/mail"))
}
