//! The catalogue of tags, and giving a tag to a customer on the card.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{OrganisationId, PartyId, PersonId, SourceId, TagId};
use seloste_domain::kind::Kind;
use seloste_domain::list::ListOf;
use seloste_domain::rights::Action;
use seloste_domain::tag::{Tag, TagNames};
use seloste_domain::value::{StoredValue, Value};
use seloste_ops::session::SignedIn;
use seloste_ops::tag::{self, TagDraft};
use seloste_ops::{OpsError, Register, StoreError};
use uuid::Uuid;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::list::path;
use crate::party_form::{Choice, Errors, sources};
use crate::session::Signed;
use crate::shell::Shell;

/// The tags of a card: what can be given and taken.
pub(crate) struct Tagging {
    /// Where the form is sent.
    pub(crate) action: String,
    /// The tags that the customer has.
    pub(crate) has: Vec<(String, String)>,
    /// Those that they could get.
    pub(crate) choices: Vec<Choice>,
    /// Where that could come from.
    pub(crate) sources: Vec<Choice>,
}

impl Tagging {
    /// None when the notice declares no tags, or the person may not change the customer.
    pub(crate) fn of(
        register: &Register,
        s: &Shell,
        of: ListOf,
        id: Uuid,
        values: &[StoredValue],
    ) -> seloste_ops::Result<Option<Self>> {
        let right = if of == ListOf::People { Action::PersonChange } else { Action::OrganisationChange };
        if !s.kinds.has(Kind::Tags) || !s.may(right.as_str()) {
            return Ok(None);
        }
        let has: Vec<&TagId> =
            values.iter().filter_map(|v| if let Value::Tags(tag) = &v.value { Some(tag) } else { None }).collect();
        let free = s.tags.iter().filter(|tag| !tag.is_retired && !has.contains(&&tag.id));
        let choice =
            |tag: &Tag| Choice { value: tag.id.to_string(), text: tag.names.get(s.t.0).to_owned(), selected: false };
        let choices: Vec<Choice> = free.map(choice).collect();
        if has.is_empty() && choices.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            action: format!("{}/{id}/tags", path(of)),
            has: has.into_iter().map(|tag| (tag.to_string(), s.tag(tag))).collect(),
            choices,
            sources: sources(register, s.t.0, "")?,
        }))
    }
}

async fn set(app: App, who: SignedIn, of: ListOf, id: PartyId, form: Form) -> Result<Response, PageError> {
    let (chosen, source) = (form.parsed::<TagId>("tag"), form.parsed::<SourceId>("source"));
    let takes = form.text("do") == "take";
    app.run(move |register| {
        let wrong = |field: &str| OpsError::from(FieldErrors::from(FieldError::new(field, code::REQUIRED)));
        let chosen = chosen.ok_or_else(|| wrong("tag"))?;
        if takes {
            return tag::take(register, &who.actor, of, id, &chosen);
        }
        tag::give(register, &who.actor, of, id, &chosen, &source.ok_or_else(|| wrong("source"))?)
    })
    .await?;
    Ok(Redirect::to(&format!("{}/{id}", path(of))).into_response())
}

/// Gives a tag to a person, or takes it.
pub(crate) async fn of_person(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    set(app, who, ListOf::People, id.into(), form).await
}

/// Gives a tag to an organisation, or takes it.
pub(crate) async fn of_organisation(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
    form: Form,
) -> Result<Response, PageError> {
    set(app, who, ListOf::Organisations, id.into(), form).await
}

struct Row {
    id: TagId,
    name: String,
    others: String,
    is_retired: bool,
    people: String,
    organisations: String,
}

#[derive(Template)]
#[template(path = "tags.html")]
struct ListPage {
    s: Shell,
    rows: Vec<Row>,
    declared: bool,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "tags")?;
            let tags = tag::list(register, &who.actor)?;
            let row = |tag: Tag| {
                let names = [&tag.names.fi, &tag.names.sv, &tag.names.en];
                let name = tag.names.get(s.t.0).to_owned();
                let others = names.into_iter().filter(|other| !other.is_empty() && **other != name);
                Row {
                    others: others.cloned().collect::<Vec<_>>().join(" · "),
                    people: format!("/people?tag={}", tag.id),
                    organisations: format!("/organisations?tag={}", tag.id),
                    is_retired: tag.is_retired,
                    id: tag.id,
                    name,
                }
            };
            Ok(ListPage { rows: tags.into_iter().map(row).collect(), declared: s.kinds.has(Kind::Tags), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "tag_form.html")]
struct FormPage {
    s: Shell,
    id: Option<TagId>,
    version: i64,
    names: TagNames,
    is_retired: bool,
    f: Errors,
    /// Someone else changed the tag meanwhile: what it is called now.
    conflict: Option<String>,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    edited: Option<&Tag>,
    draft: TagDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, Action::TagChange)?;
    let s = Shell::staff(register, who, "tags")?;
    Ok(FormPage {
        id: edited.map(|tag| tag.id.clone()),
        version: edited.map_or(0, |tag| tag.version),
        names: draft.names,
        is_retired: draft.is_retired,
        f: Errors::new(who.language, errors),
        conflict: None,
        s,
    })
}

fn draft_of(form: &Form) -> TagDraft {
    let names = TagNames { fi: form.text("name_fi"), sv: form.text("name_sv"), en: form.text("name_en") };
    TagDraft { names, is_retired: form.has("retired") }
}

fn get(register: &Register, who: &SignedIn, id: &TagId) -> seloste_ops::Result<Tag> {
    let found = tag::list(register, &who.actor)?.into_iter().find(|tag| tag.id == *id);
    found.ok_or(OpsError::Store(StoreError::NotFound("tag")))
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let empty = TagDraft { names: TagNames::default(), is_retired: false };
    let page = app.run(move |register| form_page(register, &who, None, empty, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let draft = draft_of(&form);
    let (actor, names) = (who.actor.clone(), draft.names.clone());
    match app.run(move |register| tag::create(register, &actor, &names)).await {
        Ok(_) => Ok(Redirect::to("/tags").into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, None, draft, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<TagId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let tag = get(register, &who, &id)?;
            let draft = TagDraft { names: tag.names.clone(), is_retired: tag.is_retired };
            form_page(register, &who, Some(&tag), draft, FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<TagId>,
    form: Form,
) -> Result<Response, PageError> {
    let (draft, version) = (draft_of(&form), form.number("version"));
    let (changer, given, changed) = (who.clone(), draft.clone(), id.clone());
    let outcome = app
        .run(move |register| {
            get(register, &changer, &changed)?;
            tag::change(register, &changer.actor, &changed, version, &given)
        })
        .await;
    outcome_page(app, who, id, draft, outcome).await
}

/// Takes a tag that nobody has out of the catalogue.
pub(crate) async fn remove(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<TagId>,
) -> Result<Response, PageError> {
    let (remover, removed) = (who.clone(), id.clone());
    let outcome = app
        .run(move |register| {
            let tag = get(register, &remover, &removed)?;
            tag::remove(register, &remover.actor, &removed)?;
            Ok(TagDraft { names: tag.names, is_retired: tag.is_retired })
        })
        .await;
    let draft = TagDraft { names: TagNames::default(), is_retired: false };
    outcome_page(app, who, id, draft, outcome.map(drop)).await
}

async fn outcome_page(
    app: App,
    who: SignedIn,
    id: TagId,
    draft: TagDraft,
    outcome: Result<(), PageError>,
) -> Result<Response, PageError> {
    let Err(error) = outcome else { return Ok(Redirect::to("/tags").into_response()) };
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let page = app
        .run(move |register| {
            let tag = get(register, &who, &id)?;
            let empty = draft.names == TagNames::default();
            let draft = if empty { TagDraft { names: tag.names.clone(), is_retired: tag.is_retired } } else { draft };
            let mut page = form_page(register, &who, Some(&tag), draft, errors)?;
            page.conflict = conflict.then(|| tag.names.get(who.language).to_owned());
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}
