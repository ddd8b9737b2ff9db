//! The interface of partners, on a listener of its own: the routes in one table, what they read and what they send. What
//! an answer holds is what the partner may have, key by key: a kind that was not asked for, or may not be, has no key.

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use seloste_domain::draft::DraftText;
use seloste_domain::id::{ImportId, OrderId, PartyId, PersonId, PurposeId, RecallId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::money::DecimalMark;
use seloste_domain::order::Order;
use seloste_domain::organisation::Organisation;
use seloste_domain::person::{Person, PersonDraft};
use seloste_ops::Register;
use seloste_ops::exchange::{self, Asked, Noun, Page, Received, Told, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::bearer::{self, Guest};
use super::input::{Id, Input, Key, Parameters};
use super::once::once;
use super::order::Line;
use super::party::{Address, Contact, all};
use super::problem::ApiError;
use super::{PARTNER_BODY, around, cursor, limit, nothing_here, openapi};
use crate::App;
use crate::error::PageError;
use crate::routes::Route;

/// Where the interface begins.
pub const BASE: &str = "/partner/v1";

macro_rules! routes {
    ($($method:ident $path:literal => $($handler:ident)::+;)*) => {
        /// The table; paths stand below [`BASE`]. Every route is for partners whose token is good.
        pub const ROUTES: &[Route] =
            &[$(Route { method: stringify!($method), path: $path, access: crate::routes::Access::SignedIn }),*];

        fn described() -> OpenApiRouter<App> {
            OpenApiRouter::with_openapi(openapi::partner())$(.routes(utoipa_axum::routes!($($handler)::+)))*
        }
    };
}

routes! {
    GET "/changes" => changes;
    GET "/people/{id}" => person;
    POST "/people/{id}/updates" => update;
    GET "/people/{id}/orders" => orders_of_person;
    GET "/organisations/{id}" => organisation;
    GET "/organisations/{id}/orders" => orders_of_organisation;
    GET "/recalls" => recalls;
    POST "/recalls/{id}/acknowledgement" => acknowledge;
}

/// The interface with what is around it. Its description is for everybody who reaches the listener: it is that of every
/// register.
pub(crate) fn router(app: &App) -> Router<App> {
    let (routes, _) = described().split_for_parts();
    let routes = routes.fallback(nothing_here).layer(from_fn_with_state(app.clone(), bearer::partner));
    let whole = Router::new().nest(BASE, routes).route("/openapi.json", get(description)).fallback(nothing_here);
    around(whole, app, PARTNER_BODY)
}

async fn description() -> Response {
    Json(document()).into_response()
}

/// The interface's description (OpenAPI 3.1).
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, document) = described().split_for_parts();
    openapi::complete(document)
}

/// What is asked for of somebody.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct What {
    /// Which kinds of data, with commas between: `name,email`. Left out: all that the partner may receive.
    kinds: Option<String>,
    /// For which of the partner's purposes. Left out: its first.
    purpose: Option<String>,
}

impl What {
    fn asked(&self) -> Result<Asked, PageError> {
        let wrong = || PageError::Api(ApiError::Query);
        let kinds =
            self.kinds.as_deref().map(|text| text.split(',').map(str::parse::<Kind>).collect::<Result<Kinds, _>>());
        let purpose = self.purpose.as_deref().map(str::parse::<PurposeId>);
        Ok(Asked { kinds: kinds.transpose().map_err(|_| wrong())?, purpose: purpose.transpose().map_err(|_| wrong())? })
    }
}

/// Where to go on, and what is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesParameters {
    /// `cursor` of the answer before. Left out: from the beginning.
    cursor: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
    /// Which kinds of data, with commas between: `name,email`. Left out: all that the partner may receive.
    kinds: Option<String>,
    /// For which of the partner's purposes. Left out: its first.
    purpose: Option<String>,
}

/// A person, as the partner may have them.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct PartnerPerson {
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_number: Option<String>,
    /// `fi`, `sv` or `en`.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emails: Option<Vec<Contact>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    telephones: Option<Vec<Contact>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<Vec<Address>>,
    /// The organisation that they represent.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_id: Option<Uuid>,
    /// Their title there.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

impl PartnerPerson {
    fn of(person: &Person, kinds: Kinds, today: jiff::civil::Date) -> Self {
        let draft = person.draft(today);
        let represents = person.representations_on(today).next().filter(|_| kinds.has(Kind::Organisation));
        let has = |kind, text: String| kinds.has(kind).then_some(text);
        Self {
            given: has(Kind::Name, draft.given),
            family: has(Kind::Name, draft.family),
            customer_number: has(Kind::CustomerNumber, draft.customer_number),
            language: has(Kind::Language, draft.language),
            emails: kinds.has(Kind::Email).then(|| all(draft.emails)),
            telephones: kinds.has(Kind::Telephone).then(|| all(draft.telephones)),
            addresses: kinds.has(Kind::PostalAddress).then(|| all(draft.addresses)),
            organisation_id: represents.map(|of| of.organisation.0),
            title: represents.and_then(|of| of.title.clone()),
        }
    }
}

/// An organisation, as the partner may have it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct PartnerOrganisation {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    business_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emails: Option<Vec<Contact>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    telephones: Option<Vec<Contact>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<Vec<Address>>,
}

impl PartnerOrganisation {
    fn of(organisation: &Organisation, kinds: Kinds, today: jiff::civil::Date) -> Self {
        let draft = organisation.draft(today);
        Self {
            name: draft.name,
            business_id: Some(draft.business_id).filter(|id| !id.is_empty()),
            customer_number: kinds.has(Kind::CustomerNumber).then_some(draft.customer_number),
            emails: kinds.has(Kind::Email).then(|| all(draft.emails)),
            telephones: kinds.has(Kind::Telephone).then(|| all(draft.telephones)),
            addresses: kinds.has(Kind::PostalAddress).then(|| all(draft.addresses)),
        }
    }
}

/// What happened to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Happened {
    /// They came or changed: what is so now.
    Changed,
    /// They left what the partner may receive, or were erased: what it holds of them is to go.
    Left,
}

/// A person or an organisation that changed or left.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Change {
    /// Who.
    id: Uuid,
    /// What happened.
    event: Happened,
    /// A person.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PartnerPerson>,
    /// An organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<PartnerOrganisation>,
}

impl Change {
    fn of(told: &Told, kinds: Kinds, today: jiff::civil::Date) -> Self {
        let (person, organisation) = match &told.now {
            Some(Received::Person(person)) => (Some(PartnerPerson::of(person, kinds, today)), None),
            Some(Received::Organisation(o)) => (None, Some(PartnerOrganisation::of(o, kinds, today))),
            None => (None, None),
        };
        let event = if told.now.is_some() { Happened::Changed } else { Happened::Left };
        Self { id: told.id, event, person, organisation }
    }
}

/// A page of changes, in the order in which they happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// The changes.
    items: Vec<Change>,
    /// Where to go on, also later when there is nothing more now.
    cursor: String,
    /// Whether there is more now.
    more: bool,
}

/// What a cursor of changes is good for: this partner's scope as it is now. When the scope changes, the partner begins
/// anew, and is told who left.
fn stream(who: &Visitor, asked: &Asked) -> String {
    let partner = &who.partner;
    let companies: Vec<&str> = partner.companies.iter().map(seloste_domain::id::CompanyId::as_str).collect();
    let (kinds, purpose) = (asked.kinds.map(Kinds::names), asked.purpose.as_ref().map(PurposeId::as_str));
    format!("changes {} {} {} {kinds:?} {purpose:?}", partner.kinds.names(), partner.people, companies.join(" "))
}

/// Reads what changed, page by page.
#[utoipa::path(get, path = "/changes", tag = "reading", params(ChangesParameters), responses((status = 200, body = Changes)))]
pub(crate) async fn changes(
    State(app): State<App>,
    Guest(who): Guest,
    Parameters(query): Parameters<ChangesParameters>,
) -> Result<Json<Changes>, PageError> {
    app.run_as(move |register| {
        let asked = What { kinds: query.kinds.clone(), purpose: query.purpose.clone() }.asked()?;
        let (owner, stream) = (who.partner.id.0, stream(&who, &asked));
        let after = match &query.cursor {
            Some(cursor) => cursor::open(register, owner, &stream, cursor)?,
            None => (-1_i64, Uuid::nil()),
        };
        let page = exchange::changes(register, &who, &asked, after, limit(query.limit)?)?;
        Ok(Json(shown(register, owner, &stream, &page)?))
    })
    .await
}

fn shown(register: &Register, owner: Uuid, stream: &str, page: &Page) -> seloste_ops::Result<Changes> {
    let today = register.today();
    Ok(Changes {
        items: page.told.iter().map(|told| Change::of(told, page.kinds, today)).collect(),
        cursor: cursor::seal(register, owner, stream, page.position)?,
        more: page.more,
    })
}

/// One person.
#[utoipa::path(get, path = "/people/{id}", tag = "reading", params(("id" = Uuid, Path), What),
    responses((status = 200, body = PartnerPerson)))]
pub(crate) async fn person(
    State(app): State<App>,
    Guest(who): Guest,
    Id(id): Id<Uuid>,
    Parameters(query): Parameters<What>,
) -> Result<Response, PageError> {
    read(app, who, id, query, Noun::Person).await
}

/// One organisation.
#[utoipa::path(get, path = "/organisations/{id}", tag = "reading", params(("id" = Uuid, Path), What),
    responses((status = 200, body = PartnerOrganisation)))]
pub(crate) async fn organisation(
    State(app): State<App>,
    Guest(who): Guest,
    Id(id): Id<Uuid>,
    Parameters(query): Parameters<What>,
) -> Result<Response, PageError> {
    read(app, who, id, query, Noun::Organisation).await
}

async fn read(app: App, who: Visitor, id: Uuid, query: What, noun: Noun) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let (received, kinds) = exchange::show(register, &who, &query.asked()?, PartyId(id), noun)?;
        let today = register.today();
        Ok(match received {
            Received::Person(person) => Json(PartnerPerson::of(&person, kinds, today)).into_response(),
            Received::Organisation(o) => Json(PartnerOrganisation::of(&o, kinds, today)).into_response(),
        })
    })
    .await
}

/// An order, as the partner may have it: without whom it is of, which is whom was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PartnerOrder {
    /// Its id.
    id: Uuid,
    /// Its number.
    number: String,
    /// Short name of the company of the group that it was placed with.
    company: String,
    /// The day of the order.
    #[schema(format = Date)]
    ordered_on: String,
    /// The day of delivery, if it was delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    delivered_on: Option<String>,
    /// How far it has come.
    state: String,
    /// The lines.
    lines: Vec<Line>,
    /// The sum with tax in cents.
    gross_cents: i64,
}

impl PartnerOrder {
    fn of(order: &Order) -> Self {
        Self {
            id: order.id.0,
            number: order.number.clone(),
            company: order.company.to_string(),
            ordered_on: order.ordered_on.to_string(),
            delivered_on: order.delivered_on.map(|day| day.to_string()),
            state: order.state.as_str().to_owned(),
            lines: all(order.draft(DecimalMark::Point).lines),
            gross_cents: order.totals.gross.0,
        }
    }
}

/// A page of somebody's orders, the oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PartnerOrders {
    /// The orders.
    items: Vec<PartnerOrder>,
    /// Where to go on. Left out: nothing was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    /// Whether there is more now.
    more: bool,
}

/// Where to go on with somebody's orders, and what for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderParameters {
    /// `cursor` of the answer before. Left out: from the oldest.
    cursor: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
    /// For which of the partner's purposes. Left out: its first.
    purpose: Option<String>,
}

/// The orders of one person. A correction of one of them makes a recall with the kind `orders`.
#[utoipa::path(get, path = "/people/{id}/orders", tag = "reading", params(("id" = Uuid, Path), OrderParameters),
    responses((status = 200, body = PartnerOrders)))]
pub(crate) async fn orders_of_person(
    State(app): State<App>,
    Guest(who): Guest,
    Id(id): Id<Uuid>,
    Parameters(query): Parameters<OrderParameters>,
) -> Result<Json<PartnerOrders>, PageError> {
    orders(app, who, (PartyId(id), Noun::Person), query).await
}

/// The orders of one organisation. A correction of one of them makes a recall with the kind `orders`.
#[utoipa::path(get, path = "/organisations/{id}/orders", tag = "reading", params(("id" = Uuid, Path), OrderParameters),
    responses((status = 200, body = PartnerOrders)))]
pub(crate) async fn orders_of_organisation(
    State(app): State<App>,
    Guest(who): Guest,
    Id(id): Id<Uuid>,
    Parameters(query): Parameters<OrderParameters>,
) -> Result<Json<PartnerOrders>, PageError> {
    orders(app, who, (PartyId(id), Noun::Organisation), query).await
}

async fn orders(
    app: App,
    who: Visitor,
    whose: (PartyId, Noun),
    query: OrderParameters,
) -> Result<Json<PartnerOrders>, PageError> {
    app.run_as(move |register| {
        let asked = What { kinds: None, purpose: query.purpose.clone() }.asked()?;
        let (owner, list) = (who.partner.id.0, format!("orders {} {}", whose.0, stream(&who, &asked)));
        let after: Option<Uuid> = match &query.cursor {
            Some(cursor) => Some(cursor::open(register, owner, &list, cursor)?),
            None => None,
        };
        let page = exchange::orders(register, &who, asked.purpose, whose, after.map(OrderId), limit(query.limit)?)?;
        let cursor = page.last.or(after.map(OrderId)).map(|last| cursor::seal(register, owner, &list, last.0));
        Ok(Json(PartnerOrders {
            items: page.orders.iter().map(PartnerOrder::of).collect(),
            cursor: cursor.transpose()?,
            more: page.more,
        }))
    })
    .await
}

/// What a partner says of a person.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UpdateIn {
    /// Given names; together with the family name.
    given: String,
    /// Family name.
    family: String,
    /// E-mail addresses.
    emails: Vec<Contact>,
    /// Telephone numbers.
    telephones: Vec<Contact>,
    /// Postal addresses.
    addresses: Vec<Address>,
}

impl UpdateIn {
    fn draft(self) -> PersonDraft {
        let texts = |contacts: Vec<Contact>| -> Vec<DraftText> { all(contacts) };
        PersonDraft {
            given: self.given,
            family: self.family,
            emails: texts(self.emails),
            telephones: texts(self.telephones),
            addresses: all(self.addresses),
            ..PersonDraft::default()
        }
    }
}

/// What became of what was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// Under which id it waits for a decision.
    id: Uuid,
}

/// Proposes a correction of a person. It waits until the register's staff decide.
#[utoipa::path(post, path = "/people/{id}/updates", tag = "sending", request_body = UpdateIn,
    params(("id" = Uuid, Path), ("idempotency-key" = Option<String>, Header, max_length = 255)),
    responses((status = 202, body = Accepted)))]
pub(crate) async fn update(
    State(app): State<App>,
    Guest(who): Guest,
    Id(person): Id<Uuid>,
    key: Key,
    input: Input<UpdateIn>,
) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let draft = input.value.draft();
        let path = person.to_string();
        let content: [&[u8]; 3] = [b"POST updates", path.as_bytes(), &input.raw];
        let make = |id: Uuid| exchange::propose(register, &who, ImportId(id), PersonId(person), &draft);
        let id = once(register, &who.actor.id(), &key, &content, make)?;
        Ok((StatusCode::ACCEPTED, Json(Accepted { id })).into_response())
    })
    .await
}

/// What the partner has to do with data that it received (Art. 19).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RecallOut {
    /// Its id, by which it is acknowledged.
    id: Uuid,
    /// Whose data.
    subject_id: Uuid,
    /// What happened: `rectification`, `erasure`, `restriction`, `restriction_lifted` or `prohibition`.
    reason: String,
    /// To which kinds of data.
    kinds: Vec<String>,
    /// Until when it is to be acknowledged.
    #[schema(format = Date)]
    due: String,
}

/// A page of recalls, the oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Recalls {
    /// The recalls that are not acknowledged.
    items: Vec<RecallOut>,
}

/// After which one.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecallParameters {
    /// Only those after this one.
    after: Option<Uuid>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

/// Reads what is to be done with data that the partner received, and is not acknowledged.
#[utoipa::path(get, path = "/recalls", tag = "recalls", params(RecallParameters), responses((status = 200, body = Recalls)))]
pub(crate) async fn recalls(
    State(app): State<App>,
    Guest(who): Guest,
    Parameters(query): Parameters<RecallParameters>,
) -> Result<Json<Recalls>, PageError> {
    app.run_as(move |register| {
        let most = i64::try_from(limit(query.limit)?).unwrap_or(1);
        let found = exchange::recalls(register, &who, query.after.map(RecallId), most)?;
        let items = found.iter().map(|recall| RecallOut {
            id: recall.id.0,
            subject_id: recall.party.0,
            reason: recall.reason.to_string(),
            kinds: recall.fields.iter().map(|kind| kind.to_string()).collect(),
            due: recall.due.to_string(),
        });
        Ok(Json(Recalls { items: items.collect() }))
    })
    .await
}

/// Says that what was to be done is done.
#[utoipa::path(post, path = "/recalls/{id}/acknowledgement", tag = "recalls", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn acknowledge(
    State(app): State<App>,
    Guest(who): Guest,
    Id(id): Id<Uuid>,
) -> Result<StatusCode, PageError> {
    app.run_as(move |register| {
        exchange::acknowledge(register, &who, RecallId(id))?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
