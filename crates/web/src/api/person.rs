//! People.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use seloste_domain::draft::OrganisationRef;
use seloste_domain::id::{OrganisationId, PersonId, SourceId};
use seloste_domain::list::{ListOf, ListQuery, Sort};
use seloste_domain::person::{Person, PersonDraft};
use seloste_ops::Register;
use seloste_ops::list::List;
use seloste_ops::person;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bearer::Bearer;
use super::cursor::{self, Place};
use super::input::{Id, Input, Key, Parameters, Version};
use super::once::{Made, made, once};
use super::party::{Address, Contact, all};
use super::{Versioned, declared, limit, user, versioned};
use crate::App;
use crate::error::PageError;

/// What is known of a person, as it is shown and as it is sent. Fields of kinds that the notice does not declare must be
/// empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PersonData {
    /// Given names.
    given: String,
    /// Family name.
    family: String,
    /// Customer number.
    customer_number: String,
    /// The language in which they are served: `fi`, `sv`, `en` or empty.
    language: String,
    /// E-mail addresses.
    emails: Vec<Contact>,
    /// Telephone numbers.
    telephones: Vec<Contact>,
    /// Postal addresses.
    addresses: Vec<Address>,
    /// The organisation that they represent.
    organisation_id: Option<Uuid>,
    /// The same by name, when it is not known by id: found by it, or added.
    organisation: String,
    /// Their title there.
    title: String,
    /// Short names of the companies of the group whose customer they are.
    companies: Vec<String>,
    /// Whether their address is protected (*turvakielto*).
    protected_address: bool,
}

impl PersonData {
    fn of(person: &Person, today: jiff::civil::Date) -> Self {
        let draft = person.draft(today);
        let represents = person.representations_on(today).next();
        Self {
            given: draft.given,
            family: draft.family,
            customer_number: draft.customer_number,
            language: draft.language,
            emails: all(draft.emails),
            telephones: all(draft.telephones),
            addresses: all(draft.addresses),
            organisation_id: represents.map(|r| r.organisation.0),
            organisation: represents.map(|r| r.organisation_name.clone()).unwrap_or_default(),
            title: draft.title,
            companies: draft.companies,
            protected_address: draft.protected_address,
        }
    }

    fn draft(self) -> PersonDraft {
        let organisation = match self.organisation_id {
            Some(id) => Some(OrganisationRef::Id(OrganisationId(id))),
            None if self.organisation.trim().is_empty() => None,
            None => Some(OrganisationRef::Named(self.organisation)),
        };
        PersonDraft {
            given: self.given,
            family: self.family,
            customer_number: self.customer_number,
            language: self.language,
            emails: all(self.emails),
            telephones: all(self.telephones),
            addresses: all(self.addresses),
            organisation,
            title: self.title,
            companies: self.companies,
            protected_address: self.protected_address,
        }
    }
}

/// A person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PersonOut {
    /// Their id.
    id: Uuid,
    /// Grows by one with every change; a change names it in `If-Match`.
    version: i64,
    /// When they were added.
    #[schema(format = DateTime)]
    created_at: String,
    /// When anything of them last changed.
    #[schema(format = DateTime)]
    changed_at: String,
    /// What is known of them.
    person: PersonData,
}

impl PersonOut {
    fn of(person: &Person, today: jiff::civil::Date) -> Self {
        Self {
            id: person.id.0,
            version: person.version,
            created_at: person.created_at.to_string(),
            changed_at: person.changed_at.to_string(),
            person: PersonData::of(person, today),
        }
    }
}

impl Versioned for PersonOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A person to be added, or as they are to be from now on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonIn {
    /// Where it comes from: a source of the notice.
    #[schema(example = "customer")]
    source: String,
    /// What is known of them. What is left out is removed.
    person: PersonData,
}

/// A page of people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct People {
    /// The people.
    items: Vec<PersonOut>,
    /// Where the list goes on; none: this was the last page.
    next: Option<String>,
}

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParameters {
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<usize>,
    /// `name`, or `changed`: the most recently changed first.
    pub(crate) order: Option<ListOrder>,
    /// Only customers of this company of the group.
    pub(crate) company: Option<String>,
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListOrder {
    /// By name, in the Finnish order of letters.
    Name,
    /// The most recently changed first.
    Changed,
}

impl ListParameters {
    /// The list that is asked for, and its name for cursors.
    pub(crate) fn list(&self, register: &Register, owner: Uuid, of: ListOf) -> Result<(List, String), PageError> {
        let mut query = ListQuery::whole(of);
        if self.order == Some(ListOrder::Changed) {
            (query.sort, query.descending) = (Sort::Changed, true);
        }
        query.company = self.company.as_deref().map(declared).transpose()?;
        page_of(register, owner, query, self.cursor.as_deref(), self.limit)
    }
}

/// A page of a list, and the list's name for cursors.
pub(crate) fn page_of(
    register: &Register,
    owner: Uuid,
    query: ListQuery,
    cursor: Option<&str>,
    rows: Option<usize>,
) -> Result<(List, String), PageError> {
    let name = format!("{query:?}");
    let from = match cursor {
        Some(cursor) => Some(cursor::open::<Place>(register, owner, &name, cursor)?.position()),
        None => None,
    };
    Ok((List { query, only: None, from, limit: limit(rows)? }, name))
}

/// Lists people.
#[utoipa::path(get, path = "/people", tag = "people", params(ListParameters), responses((status = 200, body = People)))]
pub(crate) async fn list(
    State(app): State<App>,
    Bearer(who): Bearer,
    Parameters(asked): Parameters<ListParameters>,
) -> Result<Json<People>, PageError> {
    app.run_as(move |register| {
        let owner = user(&who);
        let (list, name) = asked.list(register, owner, ListOf::People)?;
        let page = person::list(register, &who.actor, &list)?;
        let today = register.today();
        let next = page.next.as_ref().map(|at| cursor::seal(register, owner, &name, Place::of(at))).transpose()?;
        Ok(Json(People { items: page.rows.iter().map(|p| PersonOut::of(p, today)).collect(), next }))
    })
    .await
}

/// One person.
#[utoipa::path(get, path = "/people/{id}", tag = "people", params(("id" = Uuid, Path)),
    responses((status = 200, body = PersonOut, headers(("etag" = String)))))]
pub(crate) async fn show(State(app): State<App>, Bearer(who): Bearer, Id(id): Id<Uuid>) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let card = person::show(register, &who.actor, PersonId(id))?;
        Ok(versioned(PersonOut::of(&card.person, register.today())))
    })
    .await
}

/// Adds a person.
#[utoipa::path(post, path = "/people", tag = "people", request_body = PersonIn,
    params(("idempotency-key" = Option<String>, Header, max_length = 255)),
    responses((status = 201, body = Made, headers(("location" = String)))))]
pub(crate) async fn create(
    State(app): State<App>,
    Bearer(who): Bearer,
    key: Key,
    input: Input<PersonIn>,
) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let source: SourceId = super::source(&input.value.source)?;
        let draft = input.value.person.draft();
        let content: [&[u8]; 2] = [b"POST people", &input.raw];
        let make = |id| person::create_once(register, &who.actor, PersonId(id), &draft, &source).map(drop);
        Ok(made("/api/v1/people", once(register, &who.actor.id(), &key, &content, make)?))
    })
    .await
}

/// Corrects a person: what is known of them becomes what is sent.
#[utoipa::path(put, path = "/people/{id}", tag = "people", request_body = PersonIn,
    params(("id" = Uuid, Path), ("if-match" = String, Header, example = "\"3\"")),
    responses((status = 200, body = PersonOut, headers(("etag" = String)))))]
pub(crate) async fn change(
    State(app): State<App>,
    Bearer(who): Bearer,
    Id(id): Id<Uuid>,
    Version(version): Version,
    input: Input<PersonIn>,
) -> Result<Response, PageError> {
    app.run_as(move |register| {
        let source: SourceId = super::source(&input.value.source)?;
        let draft = input.value.person.draft();
        super::changed(person::change(register, &who.actor, PersonId(id), version, &draft, &source))?;
        let card = person::show(register, &who.actor, PersonId(id))?;
        Ok(versioned(PersonOut::of(&card.person, register.today())).into_response())
    })
    .await
}
