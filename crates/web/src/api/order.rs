//! Orders.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use seloste_domain::draft::DraftAddress;
use seloste_domain::id::{OrderId, OrganisationId, PersonId, SourceId};
use seloste_domain::list::{Days, ListOf, ListQuery};
use seloste_domain::money::DecimalMark;
use seloste_domain::order::{LineDraft, Order, OrderDraft, OrderState};
use seloste_ops::Register;
use seloste_ops::list::List;
use seloste_ops::order::{self, Listed};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bearer::Bearer;
use super::cursor::{self, Place};
use super::input::{Id, Input, Key, Parameters, Version};
use super::once::{Made, made, once};
use super::person::page_of;
use super::problem::ApiError;
use super::{Versioned, declared, user, versioned};
use crate::App;
use crate::error::PageError;

/// A line of an order. Numbers are texts with a point, so that nothing of them is lost.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Line {
    /// Product code.
    product: String,
    /// What it is.
    description: String,
    /// How many; negative on a return.
    #[schema(example = "1.5")]
    quantity: String,
    /// Price of one in euros, without tax.
    #[schema(example = "19.95")]
    unit_price: String,
    /// Discount; empty: none.
    #[schema(example = "10 %")]
    discount: String,
    /// VAT rate; empty: the standard rate on the day of the order.
    #[schema(example = "25.5 %")]
    vat_rate: String,
}

impl From<LineDraft> for Line {
    fn from(draft: LineDraft) -> Self {
        let LineDraft { product, description, quantity, unit_price, discount, vat_rate } = draft;
        Self { product, description, quantity, unit_price, discount, vat_rate }
    }
}

impl From<Line> for LineDraft {
    fn from(line: Line) -> Self {
        let Line { product, description, quantity, unit_price, discount, vat_rate } = line;
        Self { product, description, quantity, unit_price, discount, vat_rate }
    }
}

/// Where an order goes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Delivery {
    /// Addressee.
    name: String,
    /// Street rows.
    street: String,
    /// Postal code.
    postal_code: String,
    /// Town.
    town: String,
    /// State, province or county.
    region: String,
    /// Country as a code of two letters; empty: Finland.
    country: String,
}

/// What an order says, as it is shown and as it is sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OrderData {
    /// Its number; empty when it is added: the next one of the company.
    number: String,
    /// Short name of the company of the group that it is placed with.
    company: String,
    /// Who placed it.
    person_id: Option<Uuid>,
    /// On whose behalf.
    organisation_id: Option<Uuid>,
    /// The day of the order (`2026-11-23`).
    ordered_on: String,
    /// The day on which delivery was asked for, or empty.
    requested_on: String,
    /// The day of delivery, or empty.
    delivered_on: String,
    /// Where it goes.
    delivery: Delivery,
    /// The lines.
    lines: Vec<Line>,
}

impl OrderData {
    fn of(order: &Order) -> Self {
        let draft = order.draft(DecimalMark::Point);
        let to = draft.delivery;
        Self {
            number: draft.number,
            company: draft.company,
            person_id: order.person.map(Into::into),
            organisation_id: order.organisation.map(Into::into),
            ordered_on: draft.ordered_on,
            requested_on: draft.requested_on,
            delivered_on: draft.delivered_on,
            delivery: Delivery {
                name: draft.delivery_name,
                street: to.street,
                postal_code: to.postal_code,
                town: to.town,
                region: to.region,
                country: to.country,
            },
            lines: super::party::all(draft.lines),
        }
    }

    fn draft(self, state: String) -> OrderDraft {
        let Delivery { name, street, postal_code, town, region, country } = self.delivery;
        OrderDraft {
            number: self.number,
            company: self.company,
            person: self.person_id.map(PersonId),
            organisation: self.organisation_id.map(OrganisationId),
            ordered_on: self.ordered_on,
            requested_on: self.requested_on,
            delivered_on: self.delivered_on,
            state,
            delivery_name: name,
            delivery: DraftAddress { street, postal_code, town, region, country, ..DraftAddress::default() },
            lines: super::party::all(self.lines),
            decimal_mark: DecimalMark::Point,
            ..OrderDraft::default()
        }
    }
}

/// An order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderOut {
    /// Its id.
    id: Uuid,
    /// Grows by one with every change; a change names it in `If-Match`.
    version: i64,
    /// When it last changed.
    #[schema(format = DateTime)]
    changed_at: String,
    /// How far it has come.
    state: String,
    /// Its sum without tax, in cents.
    net_cents: i64,
    /// The tax, in cents.
    vat_cents: i64,
    /// Its sum with tax, in cents.
    gross_cents: i64,
    /// What it says.
    order: OrderData,
}

impl OrderOut {
    fn of(order: &Order) -> Self {
        Self {
            id: order.id.0,
            version: order.version,
            changed_at: order.changed_at.to_string(),
            state: order.state.to_string(),
            net_cents: order.totals.net.0,
            vat_cents: order.totals.vat.0,
            gross_cents: order.totals.gross.0,
            order: OrderData::of(order),
        }
    }
}

impl Versioned for OrderOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// An order to be added, or as it is to be from now on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderIn {
    /// Where it comes from: a source of the notice.
    #[schema(example = "customer")]
    source: String,
    /// What it says. What is left out is removed.
    order: OrderData,
}

/// A new order may be further than a draft.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    /// Where it comes from: a source of the notice.
    #[schema(example = "customer")]
    source: String,
    /// How far it has come: `draft` when it is left out.
    #[serde(default)]
    state: String,
    /// What it says.
    order: OrderData,
}

/// A row of the list of orders.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderRow {
    /// Its id.
    id: Uuid,
    /// Its number.
    number: String,
    /// Short name of the company of the group.
    company: String,
    /// Who placed it.
    person_id: Option<Uuid>,
    /// On whose behalf.
    organisation_id: Option<Uuid>,
    /// The day of the order.
    #[schema(format = Date)]
    ordered_on: String,
    /// How far it has come.
    state: String,
    /// How many lines.
    line_count: i64,
    /// Its sum without tax, in cents.
    net_cents: i64,
    /// Its sum with tax, in cents.
    gross_cents: i64,
}

impl OrderRow {
    fn of(listed: &Listed) -> Self {
        Self {
            id: listed.id.0,
            number: listed.number.clone(),
            company: listed.company.to_string(),
            person_id: listed.person.map(Into::into),
            organisation_id: listed.organisation.map(Into::into),
            ordered_on: listed.ordered_on.to_string(),
            state: listed.state.to_string(),
            line_count: listed.line_count,
            net_cents: listed.net.0,
            gross_cents: listed.gross.0,
        }
    }
}

/// A page of orders, the newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Orders {
    /// The orders.
    items: Vec<OrderRow>,
    /// Where the list goes on; none: this was the last page.
    next: Option<String>,
}

/// Which orders.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderParameters {
    /// `next` of the page before.
    cursor: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
    /// Only in this state.
    state: Option<String>,
    /// Archived ones too.
    archived: Option<bool>,
    /// Only of this company of the group.
    company: Option<String>,
    /// From this day on.
    #[param(format = Date)]
    from: Option<String>,
    /// Until this day.
    #[param(format = Date)]
    until: Option<String>,
}

impl OrderParameters {
    fn list(&self, register: &Register, owner: Uuid) -> Result<(List, String), PageError> {
        let wrong = || PageError::Api(ApiError::Query);
        let day = |text: &Option<String>| text.as_deref().map(str::parse).transpose().map_err(|_| wrong());
        let mut query = ListQuery::whole(ListOf::Orders);
        query.state = self.state.as_deref().map(str::parse).transpose().map_err(|_| wrong())?;
        query.archived = self.archived.unwrap_or(false);
        query.company = self.company.as_deref().map(declared).transpose()?;
        query.day = Days { from: day(&self.from)?, until: day(&self.until)? };
        page_of(register, owner, query, self.cursor.as_deref(), self.limit)
    }
}

/// Lists orders.
#[utoipa::path(get, path = "/orders", tag = "orders", params(OrderParameters), responses((status = 200, body = Orders)))]
pub(crate) async fn list(
    State(app): State<App>,
    Bearer(who): Bearer,
    Parameters(asked): Parameters<OrderParameters>,
) -> Result<Json<Orders>, PageError> {
    app.run_as(move |register| {
        let owner = user(&who);
        let (list, name) = asked.list(register, owner)?;
        let page = order::list(register, &who.actor, &list)?;
        let next = page.next.as_ref().map(|at| cursor::seal(register, owner, &name, Place::of(at))).transpose()?;
        Ok(Json(Orders { items: page.rows.iter().map(|row| OrderRow::of(&row.order)).collect(), next }))
    })
    .await
}

/// One order.
#[utoipa::path(get, path = "/orders/{id}", tag = "orders", params(("id" = Uuid, Path)),
    responses((status = 200, body = OrderOut, headers(("etag" = String)))))]
pub(crate) async fn show(State(app): State<App>, Bearer(who): Bearer, Id(id): Id<Uuid>) -> Result<Response, PageError> {
    app.run_as(move |register| Ok(versioned(OrderOut::of(&order::show(register, &who.actor, OrderId(id))?.order))))
        .await
}

/// Adds an order.
#[utoipa::path(post, path = "/orders", tag = "orders", request_body = NewOrder,
    params(("idempotency-key" = Option<String>, Header, max_length = 255)),
    responses((status = 201, body = Made, headers(("location" = String)))))]
pub(crate) async fn create(
    State(app): State<App>,
    Bearer(who): Bearer,
    key: Key,
    input: Input<NewOrder>,
) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let source: SourceId = super::source(&input.value.source)?;
        let draft = input.value.order.draft(input.value.state);
        let content: [&[u8]; 2] = [b"POST orders", &input.raw];
        let make = |id| order::create_once(register, &who.actor, OrderId(id), &draft, &source).map(drop);
        Ok(made("/api/v1/orders", once(register, &who.actor.id(), &key, &content, make)?))
    })
    .await
}

/// Corrects an order that may still be corrected: what it says becomes what is sent.
#[utoipa::path(put, path = "/orders/{id}", tag = "orders", request_body = OrderIn,
    params(("id" = Uuid, Path), ("if-match" = String, Header, example = "\"3\"")),
    responses((status = 200, body = OrderOut, headers(("etag" = String)))))]
pub(crate) async fn change(
    State(app): State<App>,
    Bearer(who): Bearer,
    Id(id): Id<Uuid>,
    Version(version): Version,
    input: Input<OrderIn>,
) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let source: SourceId = super::source(&input.value.source)?;
        let draft = input.value.order.draft(String::new());
        super::changed(order::change(register, &who.actor, OrderId(id), version, &draft, &source))?;
        Ok(versioned(OrderOut::of(&order::show(register, &who.actor, OrderId(id))?.order)))
    })
    .await
}

/// How far an order is to come.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateIn {
    /// The state: `confirmed`, `delivered`, `invoiced`, `cancelled`, `archived`.
    state: String,
}

/// Moves an order on.
#[utoipa::path(post, path = "/orders/{id}/state", tag = "orders", request_body = StateIn,
    params(("id" = Uuid, Path), ("if-match" = String, Header, example = "\"3\"")),
    responses((status = 200, body = OrderOut, headers(("etag" = String)))))]
pub(crate) async fn set_state(
    State(app): State<App>,
    Bearer(who): Bearer,
    Id(id): Id<Uuid>,
    Version(version): Version,
    input: Input<StateIn>,
) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let state: OrderState =
            input.value.state.parse().map_err(|_| PageError::Api(ApiError::Body("state".into())))?;
        super::changed(order::set_state(register, &who.actor, OrderId(id), version, state))?;
        Ok(versioned(OrderOut::of(&order::show(register, &who.actor, OrderId(id))?.order)))
    })
    .await
}
