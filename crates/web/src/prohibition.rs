//! What a customer has forbidden: entered in one move, lifted at their own word.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{OrganisationId, PersonId, ProhibitionId};
use seloste_ops::mail::Recipient;
use seloste_ops::prohibition::{self, Marks, Prohibition, ProhibitionDraft, ProhibitionKind, Prohibitions, Way, Word};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, StoreError, organisation, person};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::message::{card, here};
use crate::party_form::{Choice, Errors, Names};
use crate::person::name_of;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// What stands against using a customer's data, as a card or a row tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct MarksView {
    /// What is forbidden.
    pub(crate) forbidden: Vec<String>,
    /// Whether the processing is restricted.
    pub(crate) restricted: bool,
}

impl MarksView {
    pub(crate) fn of(s: &Shell, marks: Marks) -> Self {
        let forbidden = marks.prohibitions.iter().map(|kind| s.text(&key("prohibition", kind.as_str())));
        Self { forbidden: forbidden.collect(), restricted: marks.restricted }
    }

    /// What is forbidden, in one line.
    pub(crate) fn line(&self) -> String {
        self.forbidden.join(", ")
    }
}

struct Row {
    id: ProhibitionId,
    kind: String,
    since: String,
    way: String,
    by: String,
    until: Option<String>,
    holds: bool,
    fresh: bool,
    lifted: Option<String>,
}

#[derive(Template)]
#[template(path = "prohibitions.html")]
struct Page {
    s: Shell,
    card: String,
    name: String,
    kinds: Vec<Choice>,
    ways: Vec<Choice>,
    own_ways: Vec<Choice>,
    draft: ProhibitionDraft,
    rows: Vec<Row>,
    past: Vec<Row>,
    f: Errors,
    /// The prohibition whose lifting was refused, with what was said of it.
    lifting: Option<(String, String)>,
}

impl Page {
    /// What was said to lift a prohibition, when that was not enough.
    fn said(&self, id: &ProhibitionId) -> Option<&str> {
        self.lifting.as_ref().filter(|(of, _)| *of == id.to_string()).map(|(_, said)| said.as_str())
    }
}

/// What a customer is called, for those who may not see their card while processing is restricted too.
pub(crate) fn called(s: &Shell, register: &Register, who: &SignedIn, to: Recipient) -> seloste_ops::Result<String> {
    let name = match to {
        Recipient::Person(id) => person::show(register, &who.actor, id).map(|card| name_of(s, &card.person)),
        Recipient::Organisation(id) => organisation::show(register, &who.actor, id).map(|card| card.organisation.name),
    };
    match name {
        Err(OpsError::Store(StoreError::Restricted)) => Ok(s.text("restricted-name")),
        other => other,
    }
}

fn row(s: &Shell, names: &Names, who: &SignedIn, entry: Prohibition, now: jiff::Timestamp) -> Row {
    let way = s.text(&key("way", entry.way.as_str()));
    let lifted = entry.lifted.as_ref().map(|lifted| {
        let way = lifted.way.map_or_else(|| s.text("prohibition-slip"), |way| s.text(&key("way", way.as_str())));
        format!("{} · {} · {}", s.time(&lifted.at), way, names.name(s.t, &lifted.by))
    });
    Row {
        id: entry.id,
        kind: s.text(&key("prohibition", entry.kind.as_str())),
        since: s.time(&entry.set_at),
        by: names.name(s.t, &entry.set_by),
        until: entry.expires_at.map(|at| s.time(&at)),
        holds: entry.holds_at(now),
        fresh: entry.is_fresh_for(&who.actor.id().to_string(), now),
        way: entry.list.map_or_else(|| way.clone(), |list| format!("{way}: {list}")),
        lifted,
    }
}

fn page(
    register: &Register,
    who: &SignedIn,
    to: Recipient,
    draft: Option<ProhibitionDraft>,
    (errors, lifting): (FieldErrors, Option<(String, String)>),
) -> seloste_ops::Result<Page> {
    let s = Shell::staff(register, who, here(to))?;
    let entries = prohibition::of(register, &who.actor, to)?;
    let now = register.now();
    let names = Names::of(register)?;
    let held: Prohibitions = entries.iter().filter(|entry| entry.holds_at(now)).map(|entry| entry.kind).collect();
    let draft = draft.unwrap_or_else(|| ProhibitionDraft {
        // What is said most is chosen already: Enter is enough.
        kinds: [ProhibitionKind::DirectMarketing]
            .iter()
            .filter(|kind| !held.has(**kind))
            .map(ToString::to_string)
            .collect(),
        way: Way::CustomerService.to_string(),
        ..ProhibitionDraft::default()
    });
    let open = ProhibitionKind::ALL.into_iter().filter(|kind| !held.has(*kind));
    let kinds = open.map(|kind| Choice {
        value: kind.to_string(),
        text: s.text(&key("prohibition", kind.as_str())),
        selected: draft.kinds.iter().any(|chosen| chosen == kind.as_str()),
    });
    let way = |way: Way| Choice {
        value: way.to_string(),
        text: s.text(&key("way", way.as_str())),
        selected: draft.way == way.as_str(),
    };
    let (rows, past) =
        entries.into_iter().map(|entry| row(&s, &names, who, entry, now)).partition(|row: &Row| row.holds);
    Ok(Page {
        card: card(to),
        name: called(&s, register, who, to)?,
        kinds: kinds.collect(),
        ways: Way::ENTERED.map(way).into(),
        own_ways: Way::OWN.map(way).into(),
        rows,
        past,
        f: Errors::new(who.language, errors),
        lifting,
        draft,
        s,
    })
}

async fn show(app: App, who: SignedIn, to: Recipient) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, to, None, (FieldErrors::default(), None))).await?;
    Ok(Html(page.render()?).into_response())
}

async fn set(app: App, who: SignedIn, to: Recipient, form: Form) -> Result<Response, PageError> {
    let draft = ProhibitionDraft {
        kinds: form.all("kinds"),
        way: form.text("way"),
        note: form.text("note"),
        list: form.text("list"),
        expires_on: form.text("expires_on"),
    };
    let (asker, given) = (who.clone(), draft.clone());
    match app.run(move |register| prohibition::set(register, &asker.actor, to, &draft)).await {
        Ok(_) => Ok(Redirect::to(&format!("{}/prohibitions", card(to))).into_response()),
        Err(error) => refused(app, who, to, Some(given), (error.fields()?, None)).await,
    }
}

async fn refused(
    app: App,
    who: SignedIn,
    to: Recipient,
    draft: Option<ProhibitionDraft>,
    wrong: (FieldErrors, Option<(String, String)>),
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, to, draft, wrong)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

async fn lift(app: App, who: SignedIn, to: Recipient, form: Form) -> Result<Response, PageError> {
    let id: ProhibitionId = form.parsed("id").ok_or(PageError::NotFound)?;
    let word = Word { way: form.text("way"), told: form.text("told") };
    let (asker, said) = (who.clone(), word.told.clone());
    match app.run(move |register| prohibition::lift(register, &asker.actor, to, id, &word)).await {
        Ok(()) => Ok(Redirect::to(&format!("{}/prohibitions", card(to))).into_response()),
        Err(error) => refused(app, who, to, None, (error.fields()?, Some((id.to_string(), said)))).await,
    }
}

async fn take_back(app: App, who: SignedIn, to: Recipient, form: Form) -> Result<Redirect, PageError> {
    let id: ProhibitionId = form.parsed("id").ok_or(PageError::NotFound)?;
    app.run(move |register| prohibition::take_back(register, &who.actor, to, id)).await?;
    Ok(Redirect::to(&format!("{}/prohibitions", card(to))))
}

macro_rules! pages {
    ($module:ident, $id:ident, $variant:ident) => {
        pub(crate) mod $module {
            use super::{App, Form, PageError, Path, Recipient, Redirect, Response, Signed, State, $id};

            pub(crate) async fn show(
                State(app): State<App>,
                Signed(who): Signed,
                Path(id): Path<$id>,
            ) -> Result<Response, PageError> {
                super::show(app, who, Recipient::$variant(id)).await
            }

            pub(crate) async fn set(
                State(app): State<App>,
                Signed(who): Signed,
                Path(id): Path<$id>,
                form: Form,
            ) -> Result<Response, PageError> {
                super::set(app, who, Recipient::$variant(id), form).await
            }

            pub(crate) async fn lift(
                State(app): State<App>,
                Signed(who): Signed,
                Path(id): Path<$id>,
                form: Form,
            ) -> Result<Response, PageError> {
                super::lift(app, who, Recipient::$variant(id), form).await
            }

            pub(crate) async fn take_back(
                State(app): State<App>,
                Signed(who): Signed,
                Path(id): Path<$id>,
                form: Form,
            ) -> Result<Redirect, PageError> {
                super::take_back(app, who, Recipient::$variant(id), form).await
            }
        }
    };
}

pages!(people, PersonId, Person);
pages!(organisations, OrganisationId, Organisation);
