//! Merging two records of one customer: finding the other one, comparing, deciding, taking apart.

use askama::Template;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::merge::{Choice, Single};
use seloste_domain::rights::Action;
use seloste_domain::value::StoredValue;
pub(crate) use seloste_ops::merge::Noun;
use seloste_ops::merge::{self, Comparison, Decision, Record};
use seloste_ops::search::{Found, NounSet};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};
use serde::Deserialize;
use uuid::Uuid;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Names, Shown, shown};
use crate::person::name_of;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Records that may be the other one, shown at a time.
const FOUND: usize = 20;

/// Where the pages of a noun are.
pub(crate) const fn base(noun: Noun) -> &'static str {
    match noun {
        Noun::Person => "/people",
        Noun::Organisation => "/organisations",
    }
}

const fn here(noun: Noun) -> &'static str {
    match noun {
        Noun::Person => "nav-people",
        Noun::Organisation => "nav-organisations",
    }
}

/// A record that may be the other one.
struct Other {
    href: String,
    name: String,
    more: String,
}

#[derive(Template)]
#[template(path = "merge_with.html")]
struct WithPage {
    s: Shell,
    id: Uuid,
    base: &'static str,
    name: String,
    words: String,
    found: Vec<Other>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Words {
    words: String,
}

async fn with(app: App, who: SignedIn, noun: Noun, id: Uuid, words: String) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::PartyMerge)?;
            let s = Shell::staff(register, &who, here(noun))?;
            let name = name(register, &who, &s, noun, id)?;
            let nouns = match noun {
                Noun::Person => NounSet::only(seloste_ops::search::Noun::Person),
                Noun::Organisation => NounSet::only(seloste_ops::search::Noun::Organisation),
            };
            // The other record of a customer most likely has the same name.
            let sought = if words.trim().is_empty() { name.clone() } else { words };
            let found = seloste_ops::search::find(register, &who.actor, &sought, nouns, FOUND)?;
            let other = |other: Uuid, name: String, more: Vec<String>| Other {
                href: format!("{}/{id}/merge/{other}", base(noun)),
                name,
                more: more.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
            };
            let today = register.today();
            let found = found.found.iter().filter_map(|found| match found {
                Found::Person(person) if person.id.0 != id => {
                    let row = crate::person::Row::of(&s, person, today);
                    Some(other(person.id.0, row.name, vec![row.number, row.email, row.telephone, row.town]))
                }
                Found::Organisation(organisation) if organisation.id.0 != id => {
                    let business_id = organisation.business_id.as_ref().map(ToString::to_string).unwrap_or_default();
                    Some(other(organisation.id.0, organisation.name.clone(), vec![business_id]))
                }
                _ => None,
            });
            Ok(WithPage { found: found.collect(), id, base: base(noun), name, words: sought, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

fn name(register: &Register, who: &SignedIn, s: &Shell, noun: Noun, id: Uuid) -> seloste_ops::Result<String> {
    match noun {
        Noun::Person => {
            let card = seloste_ops::person::show(register, &who.actor, seloste_domain::id::PersonId(id))?;
            Ok(name_of(s, &card.person))
        }
        Noun::Organisation => {
            let id = seloste_domain::id::OrganisationId(id);
            Ok(seloste_ops::organisation::show(register, &who.actor, id)?.organisation.name)
        }
    }
}

/// One of two values of which only one can be kept.
struct Either {
    name: &'static str,
    what: String,
    kept: String,
    gone: String,
    from_gone: bool,
}

/// A value that can be left out.
struct Each {
    ids: String,
    value: Shown,
    of_kept: bool,
    of_gone: bool,
    keep: bool,
}

/// One of the two records.
struct Column {
    id: Uuid,
    name: String,
    version: i64,
    orders: i64,
    companies: String,
}

#[derive(Template)]
#[template(path = "merge.html")]
struct MergePage {
    s: Shell,
    base: &'static str,
    kept: Column,
    gone: Column,
    orders: i64,
    either: Vec<Either>,
    each: Vec<Each>,
    preview: Vec<Shown>,
    represents: Vec<(String, Option<String>)>,
    companies: String,
    protected: bool,
    name: String,
    /// Somebody changed one of them since the page was shown.
    changed: bool,
}

fn choice_of(form: &Form) -> Choice {
    let kept = form.all("keep");
    let ids = |text: &str| text.split(' ').filter_map(|id| id.parse().ok()).collect::<Vec<_>>();
    Choice {
        from_gone: Single::ALL.into_iter().filter(|single| form.text(single.as_str()) == "gone").collect(),
        left_out: form.all("shown").iter().filter(|shown| !kept.contains(shown)).flat_map(|shown| ids(shown)).collect(),
    }
}

fn merge_page(
    register: &Register,
    who: &SignedIn,
    noun: Noun,
    (kept, gone): (Uuid, Uuid),
    choice: &Choice,
    changed: bool,
) -> seloste_ops::Result<MergePage> {
    let s = Shell::staff(register, who, here(noun))?;
    let compared = merge::compare(register, &who.actor, noun, kept, gone, choice)?;
    let names = Names::of(register)?;
    let today = register.today();
    let show = |stored: &StoredValue| shown(&s, register, &names, stored);
    let mut each = Vec::new();
    for (stored, of_kept, twin) in leavable(&compared, today) {
        let ids = std::iter::once(stored.id).chain(twin).map(|id| id.to_string()).collect::<Vec<_>>().join(" ");
        each.push(Each {
            keep: !choice.left_out.contains(&stored.id),
            of_gone: !of_kept || twin.is_some(),
            of_kept,
            ids,
            value: show(stored)?,
        });
    }
    let text = |single: &Single, record: &Record| single_text(&s, record, *single, today);
    let either = compared.differing.iter().map(|single| Either {
        name: single.as_str(),
        what: s.text(&key("merge", single.as_str())),
        kept: text(single, &compared.kept),
        gone: text(single, &compared.gone),
        from_gone: choice.from_gone.contains(single),
    });
    let either = either.collect();
    let mut values = compared.preview.values.clone();
    values.sort_by_key(|stored| (stored.value.kind(), !stored.holds_on(today)));
    let preview = values.iter().map(show).collect::<seloste_ops::Result<Vec<_>>>()?;
    let represents = compared.preview.representations.iter();
    let represents = represents.map(|r| (r.organisation_name.clone(), r.valid_until.map(|day| s.date(&day)))).collect();
    let companies = |ids: &[seloste_domain::id::CompanyId]| {
        ids.iter().map(|company| s.company(company)).collect::<Vec<_>>().join(", ")
    };
    let column = |record: &Record, id: Uuid| Column {
        id,
        name: if record.name.trim().is_empty() { id.to_string() } else { record.name.clone() },
        version: record.version,
        orders: record.orders,
        companies: companies(&record.side.companies),
    };
    Ok(MergePage {
        base: base(noun),
        kept: column(&compared.kept, kept),
        gone: column(&compared.gone, gone),
        orders: compared.kept.orders + compared.gone.orders,
        either,
        each,
        preview,
        represents,
        companies: companies(&compared.preview.companies),
        protected: compared.preview.protected_address,
        name: compared.preview.name.clone().unwrap_or_default(),
        changed,
        s,
    })
}

/// The values of which there can be several, each once: whose it is, and the other record's value that says the same.
fn leavable(
    compared: &Comparison,
    today: jiff::civil::Date,
) -> Vec<(&StoredValue, bool, Option<seloste_domain::id::ValueId>)> {
    use seloste_domain::kind::Kind;
    let single = |stored: &StoredValue| {
        matches!(stored.value.kind(), Kind::Name | Kind::CustomerNumber | Kind::Language) && stored.holds_on(today)
    };
    let (kept, gone) = (&compared.kept.side.values, &compared.gone.side.values);
    let mut found = Vec::new();
    for stored in kept.iter().filter(|stored| !single(stored)) {
        let twin = gone.iter().find(|other| other.value == stored.value).map(|other| other.id);
        found.push((stored, true, twin));
    }
    for stored in gone.iter().filter(|stored| !single(stored)) {
        if !kept.iter().any(|other| other.value == stored.value) {
            found.push((stored, false, None));
        }
    }
    found.sort_by_key(|(stored, of_kept, _)| (stored.value.kind(), !of_kept));
    found
}

fn single_text(s: &Shell, record: &Record, single: Single, today: jiff::civil::Date) -> String {
    use seloste_domain::kind::Kind;
    let kind = match single {
        Single::OrganisationName => {
            let name = record.side.name.as_ref();
            let id = name.and_then(|name| name.business_id.as_ref()).map(|id| format!(" ({id})")).unwrap_or_default();
            return name.map(|name| format!("{}{id}", name.name)).unwrap_or_default();
        }
        Single::Represents => {
            let current = record
                .side
                .representations
                .iter()
                .find(|r| seloste_domain::value::holds(r.valid_from, r.valid_until, today));
            return current.map(|r| r.organisation_name.clone()).unwrap_or_default();
        }
        Single::Name => Kind::Name,
        Single::CustomerNumber => Kind::CustomerNumber,
        Single::Language => Kind::Language,
    };
    let stored = record.side.values.iter().find(|stored| stored.value.kind() == kind && stored.holds_on(today));
    stored.map(|stored| s.value(&stored.value)).unwrap_or_default()
}

async fn compare(
    app: App,
    who: SignedIn,
    noun: Noun,
    ids: (Uuid, Uuid),
    query: Option<String>,
) -> Result<Response, PageError> {
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let choice = choice_of(&form);
    let page = app.run(move |register| merge_page(register, &who, noun, ids, &choice, false)).await?;
    Ok(Html(page.render()?).into_response())
}

async fn make(app: App, who: SignedIn, noun: Noun, ids: (Uuid, Uuid), form: Form) -> Result<Response, PageError> {
    let choice = choice_of(&form);
    let decision = Decision {
        noun,
        kept: (ids.0, form.number("kept_version")),
        gone: (ids.1, form.number("gone_version")),
        choice: choice.clone(),
    };
    let actor = who.actor.clone();
    match app.run(move |register| merge::make(register, &actor, &decision)).await {
        Ok(()) => Ok(Redirect::to(&format!("{}/{}", base(noun), ids.0)).into_response()),
        Err(error) if error.is_conflict() => {
            let page = app.run(move |register| merge_page(register, &who, noun, ids, &choice, true)).await?;
            Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
        }
        Err(error) => Err(error),
    }
}

async fn undo(app: App, who: SignedIn, noun: Noun, kept: Uuid, form: Form) -> Result<Redirect, PageError> {
    let gone = form.parsed("gone");
    app.run(move |register| {
        register.authorize(&who.actor, Action::PartyMerge)?;
        let gone = gone.ok_or(OpsError::Store(seloste_ops::StoreError::NotFound("merging")))?;
        merge::undo(register, &who.actor, kept, gone)
    })
    .await?;
    Ok(Redirect::to(&format!("{}/{kept}/history", base(noun))))
}

/// A merging as the history of the record that was kept tells it.
pub(crate) struct MergedView {
    pub(crate) gone: Uuid,
    pub(crate) at: String,
    pub(crate) by: String,
}

/// The mergings that can be undone.
pub(crate) fn merged_views(
    register: &Register,
    who: &SignedIn,
    s: &Shell,
    names: &Names,
    kept: Uuid,
) -> seloste_ops::Result<Vec<MergedView>> {
    if !s.may("party.merge") {
        return Ok(Vec::new());
    }
    let merged = merge::into(register, &who.actor, kept)?;
    Ok(merged
        .into_iter()
        .map(|merged| MergedView { gone: merged.gone.0, at: s.time(&merged.at), by: names.name(s.t, &merged.by) })
        .collect())
}

/// Leads to the record that a merged one is part of, when this person may see that; else there is nothing here.
pub(crate) async fn or_successor(app: &App, who: SignedIn, noun: Noun, gone: Uuid) -> Result<Response, PageError> {
    let kept = app
        .run(move |register| {
            let Some(kept) = merge::successor(register, gone)? else { return Ok(None) };
            let seen = match noun {
                Noun::Person => {
                    seloste_ops::person::show(register, &who.actor, seloste_domain::id::PersonId(kept)).map(drop)
                }
                Noun::Organisation => {
                    let id = seloste_domain::id::OrganisationId(kept);
                    seloste_ops::organisation::show(register, &who.actor, id).map(drop)
                }
            };
            Ok(seen.ok().map(|()| kept))
        })
        .await?;
    let kept = kept.ok_or(PageError::NotFound)?;
    Ok(Redirect::to(&format!("{}/{kept}", base(noun))).into_response())
}

macro_rules! pages {
    ($module:ident $noun:expr) => {
        /// The pages of one noun.
        pub(crate) mod $module {
            use super::*;

            pub(crate) async fn with(
                State(app): State<App>,
                Signed(who): Signed,
                Path(id): Path<Uuid>,
                Query(query): Query<Words>,
            ) -> Result<Response, PageError> {
                super::with(app, who, $noun, id, query.words).await
            }

            pub(crate) async fn compare(
                State(app): State<App>,
                Signed(who): Signed,
                Path(ids): Path<(Uuid, Uuid)>,
                RawQuery(query): RawQuery,
            ) -> Result<Response, PageError> {
                super::compare(app, who, $noun, ids, query).await
            }

            pub(crate) async fn make(
                State(app): State<App>,
                Signed(who): Signed,
                Path(ids): Path<(Uuid, Uuid)>,
                form: Form,
            ) -> Result<Response, PageError> {
                super::make(app, who, $noun, ids, form).await
            }

            pub(crate) async fn undo(
                State(app): State<App>,
                Signed(who): Signed,
                Path(kept): Path<Uuid>,
                form: Form,
            ) -> Result<Redirect, PageError> {
                super::undo(app, who, $noun, kept, form).await
            }
        }
    };
}

pages!(people Noun::Person);
pages!(organisations Noun::Organisation);
