//! Invoices: the list with its sums, those of a customer or an order. One invoice is in `show.rs`, its form in `form.rs`,
//! its e-mail in `post.rs`, its paper in `document.rs`; the ledger and the companies' details have files of their own.

pub(crate) mod billing;
pub(crate) mod document;
pub(crate) mod form;
pub(crate) mod ledger;
pub(crate) mod operator;
pub(crate) mod post;
pub(crate) mod show;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::id::{InvoiceId, OrderId, OrganisationId, PersonId};
use seloste_domain::invoice::{InvoiceKind, InvoiceState};
use seloste_domain::money::Cents;
use seloste_ops::invoice::{self, Filter, Invoice, Summary};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, organisation, person};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::encode;
use crate::list::ROWS;
use crate::party_form::Choice;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Invoices on a card.
const OF_A_CUSTOMER: usize = 200;

/// A row of a list of invoices.
pub(crate) struct InvoiceRow {
    pub(crate) id: InvoiceId,
    pub(crate) number: String,
    pub(crate) day: String,
    pub(crate) due: String,
    pub(crate) customer: String,
    pub(crate) company: String,
    pub(crate) state: String,
    pub(crate) color: &'static str,
    pub(crate) gross: String,
    pub(crate) open: String,
    /// Whether it asks for money, now or when it is sent: it is no credit note and was not taken back.
    pub(crate) stands: bool,
}

/// The rows of a list of invoices.
pub(crate) fn rows(s: &Shell, register: &Register, invoices: &[Invoice]) -> Vec<InvoiceRow> {
    let today = register.today();
    let row = |invoice: &Invoice| {
        let state = invoice.state(today);
        let days = invoice.days();
        let is_invoice = invoice.kind == InvoiceKind::Invoice;
        InvoiceRow {
            id: invoice.id,
            number: invoice.number().map_or_else(|| s.text("invoice-without-number"), str::to_owned),
            day: days.map(|(day, _)| s.date(&day)).unwrap_or_default(),
            due: days.filter(|_| is_invoice).map(|(_, due)| s.date(&due)).unwrap_or_default(),
            customer: invoice.buyer_name().to_owned(),
            company: s.company(&invoice.company),
            state: state_text(s, invoice.kind, state),
            color: color(state),
            gross: s.money(&invoice.balance.gross),
            stands: is_invoice && state != InvoiceState::Credited,
            open: match state {
                InvoiceState::Open | InvoiceState::Overdue => s.money(&invoice.balance.open()),
                InvoiceState::Paid if invoice.balance.open().0 < 0 => s.money(&invoice.balance.open()),
                InvoiceState::Draft | InvoiceState::Paid | InvoiceState::Credited => String::new(),
            },
        }
    };
    invoices.iter().map(row).collect()
}

/// A credit note is called by what it is, not by what it does.
fn state_text(s: &Shell, kind: InvoiceKind, state: InvoiceState) -> String {
    match (kind, state) {
        (InvoiceKind::CreditNote, InvoiceState::Credited) => s.text("credit-note"),
        (_, state) => s.text(&key("invoice-state", state.as_str())),
    }
}

const fn color(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Draft => "info",
        InvoiceState::Open => "accent",
        InvoiceState::Overdue => "danger",
        InvoiceState::Paid => "success",
        InvoiceState::Credited => "neutral",
    }
}

/// What the address of the list says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListQuery {
    state: String,
    company: String,
    number: String,
    from: String,
    until: String,
    after: String,
    before: String,
}

impl ListQuery {
    fn filter(&self) -> Filter {
        // A reference is printed in groups.
        let number = self.number.split_whitespace().collect::<String>();
        Filter {
            state: self.state.parse().ok(),
            company: self.company.parse().ok(),
            number: Some(number).filter(|number| !number.is_empty()),
            from: self.from.parse().ok(),
            until: self.until.parse().ok(),
            after: self.after.parse().ok(),
            before: self.before.parse().ok(),
            ..Filter::default()
        }
    }

    fn link(&self, name: &str, row: Option<InvoiceId>) -> Option<String> {
        let mut link = format!("/invoices?{name}={}", row?);
        let kept = [
            ("state", &self.state),
            ("company", &self.company),
            ("number", &self.number),
            ("from", &self.from),
            ("until", &self.until),
        ];
        for (name, value) in kept.into_iter().filter(|(_, value)| !value.is_empty()) {
            link.push_str(&format!("&{name}={}", encode(value)));
        }
        Some(link)
    }
}

#[derive(Template)]
#[template(path = "invoices.html")]
struct InvoicesPage {
    s: Shell,
    rows: Vec<InvoiceRow>,
    states: Vec<Choice>,
    query: ListQuery,
    count: String,
    gross: String,
    open: String,
    previous: Option<String>,
    next: Option<String>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-invoices")?;
            let page = invoice::page(register, &who.actor, &query.filter(), ROWS)?;
            let choice =
                |value: &str, text: String| Choice { selected: query.state == value, value: value.into(), text };
            let mut states = vec![choice("", s.text("invoice-states-all"))];
            states.extend(
                InvoiceState::ALL
                    .iter()
                    .map(|state| choice(state.as_str(), s.text(&key("invoice-state", state.as_str())))),
            );
            Ok(InvoicesPage {
                previous: query.link("before", page.rows.first().filter(|_| page.has_previous).map(|row| row.id)),
                next: query.link("after", page.rows.last().filter(|_| page.has_next).map(|row| row.id)),
                rows: rows(&s, register, &page.rows),
                states,
                query,
                count: s.number(&page.sums.count),
                gross: s.money(&page.sums.gross),
                open: s.money(&page.sums.open),
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// The invoices of an order, for its page; none for those who may not see them.
pub(crate) fn of_order(
    s: &Shell,
    register: &Register,
    who: &SignedIn,
    order: OrderId,
) -> seloste_ops::Result<Vec<InvoiceRow>> {
    if !s.may("invoice.list") {
        return Ok(Vec::new());
    }
    let filter = Filter { order: Some(order), ..Filter::default() };
    let page = invoice::page(register, &who.actor, &filter, ROWS)?;
    Ok(rows(s, register, &page.rows))
}

/// What a customer owes, in words for a card: what, and whether it should have been paid already.
pub(crate) struct Owes {
    pub(crate) open: String,
    pub(crate) overdue: Option<String>,
    pub(crate) href: String,
}

impl Owes {
    fn of(s: &Shell, summary: Option<Summary>, card: &str) -> Option<Self> {
        let summary = summary.filter(|summary| summary.open > Cents::ZERO)?;
        let overdue = Some(summary.overdue).filter(|overdue| *overdue > Cents::ZERO);
        Some(Self {
            open: s.money(&summary.open),
            overdue: overdue.map(|overdue| s.money(&overdue)),
            href: format!("{card}/invoices"),
        })
    }
}

/// What a person owes, when that is to be seen.
pub(crate) fn owed_by_person(
    s: &Shell,
    register: &Register,
    who: &SignedIn,
    id: PersonId,
) -> seloste_ops::Result<Option<Owes>> {
    Ok(Owes::of(s, invoice::summary(register, &who.actor, Some(id), None)?, &format!("/people/{id}")))
}

/// What an organisation owes, when that is to be seen.
pub(crate) fn owed_by_organisation(
    s: &Shell,
    register: &Register,
    who: &SignedIn,
    id: OrganisationId,
) -> seloste_ops::Result<Option<Owes>> {
    Ok(Owes::of(s, invoice::summary(register, &who.actor, None, Some(id))?, &format!("/organisations/{id}")))
}

#[derive(Template)]
#[template(path = "person_invoices.html")]
struct PersonPage {
    s: Shell,
    head: crate::person::Head,
    rows: Vec<InvoiceRow>,
    owes: Option<Owes>,
    orders: i64,
}

pub(crate) async fn of_person(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let card = person::show(register, &who.actor, id)?;
            let filter = Filter { person: Some(id), ..Filter::default() };
            let page = invoice::page(register, &who.actor, &filter, OF_A_CUSTOMER)?;
            Ok(PersonPage {
                head: crate::person::Head::of(&s, &card.person, register.today(), "invoices"),
                rows: rows(&s, register, &page.rows),
                owes: owed_by_person(&s, register, &who, id)?,
                orders: card.orders,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "organisation_invoices.html")]
struct OrganisationPage {
    s: Shell,
    head: crate::organisation::Head,
    rows: Vec<InvoiceRow>,
    owes: Option<Owes>,
    orders: i64,
}

pub(crate) async fn of_organisation(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let card = organisation::show(register, &who.actor, id)?;
            let filter = Filter { organisation: Some(id), ..Filter::default() };
            let page = invoice::page(register, &who.actor, &filter, OF_A_CUSTOMER)?;
            Ok(OrganisationPage {
                head: crate::organisation::Head::of(&s, &card.organisation, "invoices"),
                rows: rows(&s, register, &page.rows),
                owes: owed_by_organisation(&s, register, &who, id)?,
                orders: card.orders,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}
