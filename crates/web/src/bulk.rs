//! One thing done to many rows of a list: what there is to do, looking at it first, its progress, what came of it, undoing.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{BulkId, SourceId};
use seloste_domain::list::ListOf;
use seloste_domain::rights::Action;
use seloste_ops::bulk::{self, BulkAct, BulkState, Named, RowOutcome};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};
use uuid::Uuid;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::list::{self, Told};
use crate::party_form::{Choice, sources};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// Rows that a form can name: more than a page of a list has.
const MOST_TICKED: usize = 500;
/// Taking the rows out as a file is chosen from the same list, and is no act on them.
const EXPORT: &str = "export";

/// What was asked for: the act, the rows, or all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) act: String,
    pub(crate) rows: Vec<Uuid>,
    pub(crate) all: bool,
}

/// Acts under one heading.
pub(crate) struct Group {
    pub(crate) heading: String,
    pub(crate) choices: Vec<Choice>,
}

/// What the person can do to many rows of a list.
pub(crate) fn acts(s: &Shell, of: ListOf, selected: &str) -> Vec<Group> {
    let choice = |value: String, text: String| Choice { selected: value == selected, value, text };
    let group = |heading: &str, choices: Vec<Choice>| Group { heading: s.text(heading), choices };
    let may = |act: &BulkAct| {
        let declared = act.kind().is_none_or(|kind| s.kinds.has(kind));
        declared && act.fits(of) && s.may(Action::BulkRun.as_str()) && s.may(act.right(of).as_str())
    };
    let mut groups = Vec::new();
    let assign = s.companies.iter().map(|company| (BulkAct::Assign(company.id.clone()), company.name.clone()));
    let tags = s.tags.iter().map(|tag| (tag, tag.names.get(s.t.0).to_owned()));
    let give = tags.clone().filter(|(tag, _)| !tag.is_retired).map(|(tag, name)| (BulkAct::Tag(tag.id.clone()), name));
    let take = tags.map(|(tag, name)| (BulkAct::Untag(tag.id.clone()), name));
    let archive = std::iter::once((BulkAct::Archive, s.text("bulk-archive")));
    let invite = s.portal.then(|| (BulkAct::Invite, s.text("bulk-invite")));
    let headed: [(&str, Vec<(BulkAct, String)>); 5] = [
        ("bulk-assign", assign.collect()),
        ("bulk-tag", give.collect()),
        ("bulk-untag", take.collect()),
        ("", archive.collect()),
        ("", invite.into_iter().collect()),
    ];
    for (heading, acts) in headed {
        let choices: Vec<Choice> =
            acts.into_iter().filter(|(act, _)| may(act)).map(|(act, text)| choice(act.to_string(), text)).collect();
        if !choices.is_empty() {
            groups.push(if heading.is_empty() {
                Group { heading: String::new(), choices }
            } else {
                group(heading, choices)
            });
        }
    }
    if s.may(seloste_ops::export::right(of).as_str()) {
        groups.push(Group { heading: String::new(), choices: vec![choice(EXPORT.into(), s.text("bulk-export"))] });
    }
    groups
}

/// What an act is called.
fn act_text(s: &Shell, act: &BulkAct) -> String {
    match act {
        BulkAct::Assign(company) => s.t.arg("bulk-does-assign", "name", s.company(company)),
        BulkAct::Tag(tag) => s.t.arg("bulk-does-tag", "name", s.tag(tag)),
        BulkAct::Untag(tag) => s.t.arg("bulk-does-untag", "name", s.tag(tag)),
        BulkAct::Archive => s.text("bulk-archive"),
        BulkAct::Invite => s.text("bulk-invite"),
    }
}

/// Looks at what was chosen in a list, before anything is done.
pub(crate) async fn plan(
    State(app): State<App>,
    Signed(who): Signed,
    Path(of): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let of = list::named(&of)?;
    let (query, act) = (form.text("query"), form.text("act"));
    let rows: Vec<Uuid> = form.all("row").iter().take(MOST_TICKED).filter_map(|id| id.parse().ok()).collect();
    let asked = Asked { act, rows, all: form.text("which") == "all" };
    if asked.act == EXPORT && (asked.all || !asked.rows.is_empty()) {
        let only = (!asked.all).then_some(asked.rows);
        return crate::export::of_rows(&app, who, of, query, only).await;
    }
    let (planner, chosen, address) = (who.clone(), asked.clone(), query.clone());
    let planned = app
        .run(move |register| {
            // What is wrong with the form is told only to those who may send it.
            register.authorize(&planner.actor, Action::BulkRun)?;
            let act = chosen.act.parse::<BulkAct>();
            let act = act.map_err(|_| FieldErrors::from(FieldError::new("act", code::BULK_NO_ACT)))?;
            let mut read = list::Asked::read(register, of, &address)?;
            if !chosen.all {
                if chosen.rows.is_empty() {
                    return Err(OpsError::from(FieldErrors::from(FieldError::new("act", code::BULK_NOTHING))));
                }
                read.only = Some(chosen.rows.clone());
            }
            bulk::plan(register, &planner.actor, &read.right_list()?, &act)
        })
        .await;
    match planned {
        Ok(id) => Ok(Redirect::to(&format!("/bulk/{id}")).into_response()),
        Err(error) => {
            let told = Told::of_act(error.fields()?, asked);
            app.run(move |register| list::again(register, &who, of, &query, &told)).await?.answer()
        }
    }
}

struct Row {
    id: BulkId,
    at: String,
    what: String,
    list: String,
    total: String,
    done: String,
    state: String,
    color: &'static str,
}

#[derive(Template)]
#[template(path = "bulks.html")]
struct ListPage {
    s: Shell,
    rows: Vec<Row>,
}

const fn color(state: BulkState) -> &'static str {
    match state {
        BulkState::Planned => "neutral",
        BulkState::Running | BulkState::Undoing => "info",
        BulkState::Ended => "success",
        BulkState::Undone => "warning",
    }
}

const fn here(of: ListOf) -> &'static str {
    match of {
        ListOf::People => "nav-people",
        ListOf::Organisations => "nav-organisations",
        ListOf::Orders => "nav-orders",
    }
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "")?;
            let rows = bulk::of_actor(register, &who.actor)?.into_iter().map(|(bulk, done)| Row {
                id: bulk.id,
                at: s.time(&bulk.planned_at),
                what: act_text(&s, &bulk.act),
                list: s.text(here(bulk.of)),
                total: s.number(&bulk.total),
                done: s.number(&done),
                state: s.text(&key("bulk-state", bulk.state.as_str())),
                color: color(bulk.state),
            });
            Ok(ListPage { rows: rows.collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// A name with where it leads.
struct Link {
    name: String,
    href: Option<String>,
}

/// How many rows came to something, and some of them.
struct Outcome {
    text: String,
    count: String,
    some: Vec<Link>,
    /// Whether there are more than those.
    more: bool,
}

#[derive(Template)]
#[template(path = "bulk.html")]
struct BulkPage {
    s: Shell,
    view: View,
}

/// What changes while an act is done; the page asks for it again and again.
#[derive(Template)]
#[template(path = "bulk_part.html")]
struct View {
    t: Texts,
    id: BulkId,
    what: String,
    back: &'static str,
    list: String,
    state: BulkState,
    chosen: i64,
    /// How much of it is done.
    percent: Option<u8>,
    done: String,
    total: String,
    waiting: i64,
    start: String,
    headline: String,
    outcomes: Vec<Outcome>,
    sources: Vec<Choice>,
    errors: Vec<String>,
    undo_until: Option<String>,
}

fn outcome(s: &Shell, shown: &bulk::Shown, outcome: RowOutcome) -> Option<Outcome> {
    let count = shown.count(outcome);
    if count == 0 {
        return None;
    }
    let base = list::path(shown.bulk.of);
    let named = shown.samples.iter().find(|(of, _)| *of == outcome).map(|(_, named)| named.as_slice());
    let link = |named: &Named| Link {
        href: named.name.is_some().then(|| format!("{base}/{}", named.id)),
        name: named.name.clone().unwrap_or_else(|| s.t.arg("bulk-nameless", "id", &named.id.to_string()[..8])),
    };
    let some: Vec<Link> = named.unwrap_or_default().iter().map(link).collect();
    // What was not put back was done, and is told as such.
    let name = match (shown.bulk.state, outcome) {
        (BulkState::Planned, RowOutcome::Waiting) => "bulk-outcome-planned".to_owned(),
        (BulkState::Undone, RowOutcome::Done) => "bulk-outcome-left".to_owned(),
        _ => key("bulk-outcome", outcome.as_str()),
    };
    let more = usize::try_from(count).is_ok_and(|count| count > some.len());
    Some(Outcome { text: s.text(&name), count: s.number(&count), some, more })
}

fn view(
    register: &Register,
    who: &SignedIn,
    id: BulkId,
    source: &str,
    errors: &FieldErrors,
) -> seloste_ops::Result<BulkPage> {
    let shown = bulk::show(register, &who.actor, id)?;
    let bulk = &shown.bulk;
    let s = Shell::staff(register, who, here(bulk.of))?;
    let left = match bulk.state {
        BulkState::Undoing => shown.count(RowOutcome::Done),
        _ => shown.count(RowOutcome::Waiting),
    };
    let undoable = shown.count(RowOutcome::Done) + shown.count(RowOutcome::Undone) + shown.count(RowOutcome::Changed);
    let whole = if bulk.state == BulkState::Undoing { undoable } else { bulk.total };
    let running = matches!(bulk.state, BulkState::Running | BulkState::Undoing);
    let percent = running.then(|| u8::try_from((whole - left) * 100 / whole.max(1)).unwrap_or(99).min(99));
    let needs_source = bulk.state == BulkState::Planned && bulk.act.needs_source();
    let done = shown.count(RowOutcome::Done);
    let headline = match bulk.state {
        BulkState::Planned => s.t.count("bulk-planned", &left),
        BulkState::Running | BulkState::Undoing => s.text(&key("bulk-state", bulk.state.as_str())),
        BulkState::Ended => s.t.count("bulk-done", &done),
        BulkState::Undone => s.t.count("bulk-undone", &shown.count(RowOutcome::Undone)),
    };
    let outcomes = RowOutcome::ALL.iter().filter_map(|of| outcome(&s, &shown, *of)).collect();
    let may_undo = bulk.may_undo(register.now()) && done > 0;
    let view = View {
        t: s.t,
        id,
        what: act_text(&s, &bulk.act),
        back: list::path(bulk.of),
        list: s.text(here(bulk.of)),
        state: bulk.state,
        chosen: bulk.total,
        percent,
        done: s.number(&(whole - left)),
        total: s.number(&whole),
        waiting: left,
        start: s.t.count("bulk-start", &left),
        headline,
        outcomes,
        sources: if needs_source { sources(register, who.language, source)? } else { Vec::new() },
        errors: errors.0.iter().map(|error| s.t.field_error(error)).collect(),
        undo_until: bulk.undo_until().filter(|_| may_undo).map(|until| s.time(&until)),
    };
    Ok(BulkPage { s, view })
}

impl View {
    fn is_planned(&self) -> bool {
        self.state == BulkState::Planned
    }

    const fn chosen(&self) -> &i64 {
        &self.chosen
    }

    fn color(&self) -> &'static str {
        if self.is_planned() { "info" } else { color(self.state) }
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<BulkId>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let part = headers.contains_key("hx-request");
    let page = app.run(move |register| view(register, &who, id, "", &FieldErrors::default())).await?;
    Ok(Html(if part { page.view.render()? } else { page.render()? }).into_response())
}

/// The page again, with what was wrong.
async fn again(app: &App, who: SignedIn, id: BulkId, source: String, error: PageError) -> Result<Response, PageError> {
    let errors = error.fields()?;
    let page = app.run(move |register| view(register, &who, id, &source, &errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

fn back(id: BulkId) -> Response {
    Redirect::to(&format!("/bulk/{id}")).into_response()
}

pub(crate) async fn start(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<BulkId>,
    form: Form,
) -> Result<Response, PageError> {
    let (source, actor) = (form.text("source"), who.actor.clone());
    let chosen = source.parse::<SourceId>().ok();
    match app.run(move |register| bulk::start(register, &actor, id, chosen.as_ref())).await {
        Ok(()) => Ok(back(id)),
        Err(error) => again(&app, who, id, source, error).await,
    }
}

/// Leaves what was looked at, or stops what is being done.
pub(crate) async fn stop(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<BulkId>,
) -> Result<Response, PageError> {
    let of = app
        .run(move |register| {
            let bulk = bulk::show(register, &who.actor, id)?.bulk;
            bulk::stop(register, &who.actor, id)?;
            Ok((bulk.state == BulkState::Planned).then_some(bulk.of))
        })
        .await?;
    Ok(of.map_or_else(|| back(id), |of| Redirect::to(list::path(of)).into_response()))
}

pub(crate) async fn undo(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<BulkId>,
) -> Result<Response, PageError> {
    let actor = who.actor.clone();
    match app.run(move |register| bulk::undo(register, &actor, id)).await {
        Ok(()) => Ok(back(id)),
        Err(error) => again(&app, who, id, String::new(), error).await,
    }
}
