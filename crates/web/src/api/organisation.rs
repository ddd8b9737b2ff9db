//! Organisations.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use seloste_domain::id::{OrganisationId, SourceId};
use seloste_domain::list::ListOf;
use seloste_domain::organisation::{Organisation, OrganisationDraft};
use seloste_ops::organisation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::bearer::Bearer;
use super::cursor::{self, Place};
use super::input::{Id, Input, Key, Parameters, Version};
use super::once::{Made, made, once};
use super::party::{Address, Contact, all};
use super::person::ListParameters;
use super::{Versioned, user, versioned};
use crate::App;
use crate::error::PageError;

/// What is known of an organisation, as it is shown and as it is sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OrganisationData {
    /// Its name.
    name: String,
    /// Its business id (*Y-tunnus*), or empty.
    business_id: String,
    /// Customer number.
    customer_number: String,
    /// E-mail addresses.
    emails: Vec<Contact>,
    /// Telephone numbers.
    telephones: Vec<Contact>,
    /// Postal addresses.
    addresses: Vec<Address>,
    /// Short names of the companies of the group whose customer it is.
    companies: Vec<String>,
}

impl OrganisationData {
    fn of(organisation: &Organisation, today: jiff::civil::Date) -> Self {
        let draft = organisation.draft(today);
        Self {
            name: draft.name,
            business_id: draft.business_id,
            customer_number: draft.customer_number,
            emails: all(draft.emails),
            telephones: all(draft.telephones),
            addresses: all(draft.addresses),
            companies: draft.companies,
        }
    }

    fn draft(self) -> OrganisationDraft {
        OrganisationDraft {
            name: self.name,
            business_id: self.business_id,
            customer_number: self.customer_number,
            emails: all(self.emails),
            telephones: all(self.telephones),
            addresses: all(self.addresses),
            companies: self.companies,
        }
    }
}

/// An organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationOut {
    /// Its id.
    id: Uuid,
    /// Grows by one with every change; a change names it in `If-Match`.
    version: i64,
    /// When it was added.
    #[schema(format = DateTime)]
    created_at: String,
    /// When anything of it last changed.
    #[schema(format = DateTime)]
    changed_at: String,
    /// What is known of it.
    organisation: OrganisationData,
}

impl OrganisationOut {
    fn of(organisation: &Organisation, today: jiff::civil::Date) -> Self {
        Self {
            id: organisation.id.0,
            version: organisation.version,
            created_at: organisation.created_at.to_string(),
            changed_at: organisation.changed_at.to_string(),
            organisation: OrganisationData::of(organisation, today),
        }
    }
}

impl Versioned for OrganisationOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// An organisation to be added, or as it is to be from now on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationIn {
    /// Where it comes from: a source of the notice.
    #[schema(example = "customer")]
    source: String,
    /// What is known of it. What is left out is removed.
    organisation: OrganisationData,
}

/// A page of organisations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Organisations {
    /// The organisations.
    items: Vec<OrganisationOut>,
    /// Where the list goes on; none: this was the last page.
    next: Option<String>,
}

/// Lists organisations.
#[utoipa::path(get, path = "/organisations", tag = "organisations", params(ListParameters),
    responses((status = 200, body = Organisations)))]
pub(crate) async fn list(
    State(app): State<App>,
    Bearer(who): Bearer,
    Parameters(asked): Parameters<ListParameters>,
) -> Result<Json<Organisations>, PageError> {
    app.run_as(move |register| {
        let owner = user(&who);
        let (list, name) = asked.list(register, owner, ListOf::Organisations)?;
        let page = organisation::list(register, &who.actor, &list)?;
        let today = register.today();
        let next = page.next.as_ref().map(|at| cursor::seal(register, owner, &name, Place::of(at))).transpose()?;
        Ok(Json(Organisations { items: page.rows.iter().map(|o| OrganisationOut::of(o, today)).collect(), next }))
    })
    .await
}

/// One organisation.
#[utoipa::path(get, path = "/organisations/{id}", tag = "organisations", params(("id" = Uuid, Path)),
    responses((status = 200, body = OrganisationOut, headers(("etag" = String)))))]
pub(crate) async fn show(State(app): State<App>, Bearer(who): Bearer, Id(id): Id<Uuid>) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let card = organisation::show(register, &who.actor, OrganisationId(id))?;
        Ok(versioned(OrganisationOut::of(&card.organisation, register.today())))
    })
    .await
}

/// Adds an organisation.
#[utoipa::path(post, path = "/organisations", tag = "organisations", request_body = OrganisationIn,
    params(("idempotency-key" = Option<String>, Header, max_length = 255)),
    responses((status = 201, body = Made, headers(("location" = String)))))]
pub(crate) async fn create(
    State(app): State<App>,
    Bearer(who): Bearer,
    key: Key,
    input: Input<OrganisationIn>,
) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let source: SourceId = super::source(&input.value.source)?;
        let draft = input.value.organisation.draft();
        let content: [&[u8]; 2] = [b"POST organisations", &input.raw];
        let make = |id| organisation::create_once(register, &who.actor, OrganisationId(id), &draft, &source).map(drop);
        Ok(made("/api/v1/organisations", once(register, &who.actor.id(), &key, &content, make)?))
    })
    .await
}

/// Corrects an organisation: what is known of it becomes what is sent.
#[utoipa::path(put, path = "/organisations/{id}", tag = "organisations", request_body = OrganisationIn,
    params(("id" = Uuid, Path), ("if-match" = String, Header, example = "\"3\"")),
    responses((status = 200, body = OrganisationOut, headers(("etag" = String)))))]
pub(crate) async fn change(
    State(app): State<App>,
    Bearer(who): Bearer,
    Id(id): Id<Uuid>,
    Version(version): Version,
    input: Input<OrganisationIn>,
) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let source: SourceId = super::source(&input.value.source)?;
        let (id, draft) = (OrganisationId(id), input.value.organisation.draft());
        super::changed(organisation::change(register, &who.actor, id, version, &draft, &source))?;
        let card = organisation::show(register, &who.actor, id)?;
        Ok(versioned(OrganisationOut::of(&card.organisation, register.today())))
    })
    .await
}
