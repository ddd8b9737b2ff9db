//! Invoices: what is known of them, and those that an accounting system tells of.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use seloste_domain::id::{InvoiceId, OrganisationId, PersonId};
use seloste_domain::import::CustomerRef;
use seloste_domain::invoice::InvoiceState;
use seloste_domain::mirror::MirrorDraft;
use seloste_domain::money::DecimalMark;
use seloste_ops::invoice::mirror::{self, Became, How, MOST, Told};
use seloste_ops::invoice::{self, Filter, Invoice};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bearer::Bearer;
use super::cursor;
use super::input::{Id, Input, Parameters, Spoken};
use super::problem::{ApiError, Wrong, wrong};
use super::{Versioned, declared, limit, user, versioned};
use crate::App;
use crate::error::PageError;
use crate::text::Texts;

/// An invoice or a credit note.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceOut {
    /// Its id.
    id: Uuid,
    /// Grows by one with every change.
    version: i64,
    /// When it last changed.
    #[schema(format = DateTime)]
    changed_at: String,
    /// `invoice` or `credit_note`.
    kind: String,
    /// How it stands today: `draft`, `open`, `overdue`, `paid`, `credited`.
    state: String,
    /// Short name of the company of the group.
    company: String,
    /// Its number; a draft has none.
    number: Option<String>,
    /// Its reference as payers write it; a draft has none.
    reference: Option<String>,
    /// Its day; a draft has none.
    #[schema(format = Date)]
    issued_on: Option<String>,
    /// The day until which it is to be paid; a draft has none.
    #[schema(format = Date)]
    due_on: Option<String>,
    /// The person who is to pay.
    person_id: Option<Uuid>,
    /// The organisation that is to pay.
    organisation_id: Option<Uuid>,
    /// The order that it was made from.
    order_id: Option<Uuid>,
    /// The invoice that a credit note takes back.
    corrects_id: Option<Uuid>,
    /// The name of who is to pay, as it stands on it.
    buyer_name: String,
    /// With tax, in cents.
    gross_cents: i64,
    /// What is still to be paid, in cents.
    open_cents: i64,
    /// The source that told of it, as the notice names it; none: it was made here.
    source: Option<String>,
}

impl InvoiceOut {
    fn of(invoice: &Invoice, today: Date) -> Self {
        let days = invoice.days();
        let issued = invoice.issued().map(seloste_domain::invoice::IssuedInvoice::payment_reference);
        let mirrored = invoice.mirrored().map(|mirrored| mirrored.reference.clone());
        Self {
            id: invoice.id.0,
            version: invoice.version,
            changed_at: invoice.changed_at.to_string(),
            kind: invoice.kind.to_string(),
            state: invoice.state(today).to_string(),
            company: invoice.company.to_string(),
            number: invoice.number().map(str::to_owned),
            reference: issued.or(mirrored).filter(|reference| !reference.is_empty()),
            issued_on: days.map(|(day, _)| day.to_string()),
            due_on: days.map(|(_, due)| due.to_string()),
            person_id: invoice.person.map(Into::into),
            organisation_id: invoice.organisation.map(Into::into),
            order_id: invoice.order.map(|order| order.0),
            corrects_id: invoice.corrects.map(|corrects| corrects.0),
            buyer_name: invoice.buyer_name().to_owned(),
            gross_cents: invoice.balance.gross.0,
            open_cents: invoice.balance.open().0,
            source: invoice.mirror.as_ref().map(|mirror| mirror.source.to_string()),
        }
    }
}

impl Versioned for InvoiceOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A page of invoices, the newest first; drafts come before them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Invoices {
    /// The invoices.
    items: Vec<InvoiceOut>,
    /// Where the list goes on; none: this was the last page.
    next: Option<String>,
}

/// Which invoices.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InvoiceParameters {
    /// `next` of the page before.
    cursor: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
    /// Only those that stand so.
    state: Option<String>,
    /// Only of this company of the group.
    company: Option<String>,
    /// Only those with this number or this reference.
    number: Option<String>,
    /// Only of this person.
    person_id: Option<Uuid>,
    /// Only of this organisation.
    organisation_id: Option<Uuid>,
    /// From this day on.
    #[param(format = Date)]
    from: Option<String>,
    /// Until this day.
    #[param(format = Date)]
    until: Option<String>,
}

impl InvoiceParameters {
    fn filter(&self) -> Result<Filter, PageError> {
        let wrong = || PageError::Api(ApiError::Query);
        let day = |text: &Option<String>| text.as_deref().map(str::parse).transpose().map_err(|_| wrong());
        let state: Option<InvoiceState> = self.state.as_deref().map(str::parse).transpose().map_err(|_| wrong())?;
        Ok(Filter {
            state,
            company: self.company.as_deref().map(declared).transpose()?,
            number: self.number.clone(),
            person: self.person_id.map(PersonId),
            organisation: self.organisation_id.map(OrganisationId),
            from: day(&self.from)?,
            until: day(&self.until)?,
            ..Filter::default()
        })
    }
}

/// Lists invoices.
#[utoipa::path(get, path = "/invoices", tag = "invoices", params(InvoiceParameters),
    responses((status = 200, body = Invoices)))]
pub(crate) async fn list(
    State(app): State<App>,
    Bearer(who): Bearer,
    Parameters(asked): Parameters<InvoiceParameters>,
) -> Result<Json<Invoices>, PageError> {
    app.run_as(move |register| {
        let owner = user(&who);
        let mut filter = asked.filter()?;
        let name = format!("invoices {filter:?}");
        let from = asked.cursor.as_deref().map(|text| cursor::open::<Uuid>(register, owner, &name, text));
        filter.after = from.transpose()?.map(InvoiceId);
        let page = invoice::page(register, &who.actor, &filter, limit(asked.limit)?)?;
        let last = page.rows.last().filter(|_| page.has_next);
        let next = last.map(|row| cursor::seal(register, owner, &name, row.id.0)).transpose()?;
        let today = register.today();
        Ok(Json(Invoices { items: page.rows.iter().map(|row| InvoiceOut::of(row, today)).collect(), next }))
    })
    .await
}

/// One invoice.
#[utoipa::path(get, path = "/invoices/{id}", tag = "invoices", params(("id" = Uuid, Path)),
    responses((status = 200, body = InvoiceOut, headers(("etag" = String)))))]
pub(crate) async fn show(State(app): State<App>, Bearer(who): Bearer, Id(id): Id<Uuid>) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let found = invoice::show(register, &who.actor, InvoiceId(id))?;
        Ok(versioned(InvoiceOut::of(&found, register.today())))
    })
    .await
}

/// How the accounting system knows the customer: one is enough, and those that are given have to agree.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Customer {
    /// What the source calls the customer.
    external_id: Option<String>,
    /// The customer number.
    customer_number: Option<String>,
    /// The organisation's business id (*Y-tunnus*).
    business_id: Option<String>,
    /// An e-mail address.
    email: Option<String>,
}

/// An invoice as the accounting system knows it. Numbers are texts with a point, so that nothing of them is lost; days are
/// written as `2026-11-23`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MirroredIn {
    /// Whose it is.
    customer: Customer,
    /// Short name of the company of the group.
    company: String,
    /// Its number.
    #[schema(example = "10023")]
    number: String,
    /// Its day.
    #[schema(example = "2026-11-23")]
    issued_on: String,
    /// The day until which it is to be paid; empty: its day.
    #[schema(example = "2026-12-07")]
    due_on: String,
    /// Without tax, or empty.
    #[schema(example = "1000.00")]
    net: String,
    /// Tax, or empty.
    #[schema(example = "255.00")]
    vat: String,
    /// With tax; empty: the sum of the two others. Negative: a credit note.
    #[schema(example = "1255.00")]
    gross: String,
    /// What is still to be paid; empty: by the state.
    #[schema(example = "255.00")]
    open: String,
    /// `open`, `paid` or `credited`; empty: by what is open.
    #[schema(example = "open")]
    state: String,
    /// Reference number or RF reference, or empty.
    #[schema(example = "1234561")]
    reference: String,
}

impl MirroredIn {
    fn told(self) -> Told {
        let Customer { external_id, customer_number, business_id, email } = self.customer;
        let draft = MirrorDraft {
            company: self.company,
            number: self.number,
            issued_on: self.issued_on,
            due_on: self.due_on,
            net: self.net,
            vat: self.vat,
            gross: self.gross,
            open: self.open,
            state: self.state,
            reference: self.reference,
            decimal_mark: DecimalMark::Point,
            ..MirrorDraft::default()
        };
        Told { customer: CustomerRef { external_id, customer_number, business_id, email }, draft }
    }
}

/// Invoices of an accounting system.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MirroredInvoices {
    /// Where they come from: a source of the notice.
    #[schema(example = "subcontractor")]
    source: String,
    /// When the source knew what it says; left out: now. What is older than what is known changes nothing.
    #[serde(default)]
    #[schema(format = DateTime)]
    as_of: Option<String>,
    /// Whether invoices may come into periods of value-added tax whose return was due already.
    #[serde(default)]
    past_periods: bool,
    /// The invoices, 500 at most.
    #[schema(max_items = 500)]
    invoices: Vec<MirroredIn>,
}

/// What became of one of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MirroredOut {
    /// `created`, `updated`, `unchanged`, `kept` (a stronger source or a newer word says otherwise) or `refused`.
    became: &'static str,
    /// Its id; none when it was refused.
    id: Option<Uuid>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Wrong>,
}

/// What became of each, in the order in which they were sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Outcomes {
    /// One for each invoice.
    invoices: Vec<MirroredOut>,
}

const fn word(became: Became) -> &'static str {
    match became {
        Became::Created => "created",
        Became::Updated => "updated",
        Became::Unchanged => "unchanged",
        Became::Kept => "kept",
    }
}

/// Tells of invoices that were made in an accounting system. Each is taken or refused by itself; sent again, nothing changes.
#[utoipa::path(put, path = "/mirrored-invoices", tag = "invoices", request_body = MirroredInvoices,
    responses((status = 200, body = Outcomes)))]
pub(crate) async fn mirror(
    State(app): State<App>,
    Bearer(who): Bearer,
    Spoken(language): Spoken,
    input: Input<MirroredInvoices>,
) -> Result<Json<Outcomes>, PageError> {
    let asked = input.value;
    if asked.invoices.len() > MOST {
        return Err(ApiError::Body("invoices".into()).into());
    }
    let as_of: Option<Timestamp> =
        asked.as_of.as_deref().map(str::parse).transpose().map_err(|_| ApiError::Body("as_of".into()))?;
    app.run_as(move |register| {
        let source = super::source(&asked.source)?;
        let how = How { as_of, past_periods: asked.past_periods };
        let told: Vec<Told> = asked.invoices.into_iter().map(MirroredIn::told).collect();
        let done = mirror::put(register, &who.actor, &source, how, &told)?;
        let outcome = |done| match done {
            Ok(mirror::Done { id, became, .. }) => {
                MirroredOut { became: word(became), id: Some(id.0), errors: Vec::new() }
            }
            Err(errors) => MirroredOut { became: "refused", id: None, errors: wrong(Texts(language), &errors) },
        };
        Ok(Json(Outcomes { invoices: done.into_iter().map(outcome).collect() }))
    })
    .await
}
