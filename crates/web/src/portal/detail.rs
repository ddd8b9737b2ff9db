//! What is stored: each value with its source, its date, why and until when; and correcting it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::notice::{Notice, render};
use seloste_domain::person::{Person, PersonDraft};
use seloste_domain::proposal::Proposed;
use seloste_domain::usage::Activity;
use seloste_ops::portal::{self, Corrected, Visitor, is_at_once};
use seloste_ops::{OpsError, Register};

use super::Frame;
use super::visitor::Visiting;
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors, source_name, with_empty, with_empty_address};
use crate::session::Chosen;
use crate::text::key;

/// A value with where it came from.
struct ValueView {
    value: String,
    label: Option<String>,
    source: String,
    at: String,
    past: Option<String>,
}

/// A kind of data with its values.
struct Section {
    kind: &'static str,
    name: String,
    values: Vec<ValueView>,
    /// Why it is kept, by the purposes of the notice.
    why: String,
    /// Until when.
    until: String,
    /// Whether the person corrects it; else whom to ask is told.
    correctable: bool,
    /// What the person proposed and staff have not decided.
    waiting: Vec<String>,
}

#[derive(Template)]
#[template(path = "portal/details.html")]
struct DetailsPage {
    p: Frame,
    sections: Vec<Section>,
    done: Option<String>,
}

/// What a kind is used for.
const fn activities(kind: Kind) -> &'static [Activity] {
    match kind {
        Kind::Orders => &[Activity::Orders, Activity::Invoicing, Activity::Archiving],
        Kind::Credit => &[Activity::Credit],
        Kind::PostalAddress => &[
            Activity::RegisterMaintenance,
            Activity::CustomerRelationship,
            Activity::Orders,
            Activity::Marketing,
            Activity::Directory,
        ],
        Kind::Email | Kind::Telephone => {
            &[Activity::RegisterMaintenance, Activity::CustomerRelationship, Activity::Orders, Activity::Marketing]
        }
        _ => &[Activity::RegisterMaintenance, Activity::CustomerRelationship, Activity::Orders],
    }
}

fn why(notice: &Notice, kind: Kind, language: Language) -> String {
    let used = |activity: &Activity| activities(kind).contains(activity);
    let purposes = notice.purposes().iter().filter(|purpose| purpose.activities.iter().any(used));
    purposes.map(|purpose| purpose.name.get(language).to_owned()).collect::<Vec<_>>().join("; ")
}

fn sections(register: &Register, p: &Frame, who: &Visitor) -> seloste_ops::Result<Vec<Section>> {
    let person = portal::show(register, who)?.person;
    let proposals = portal::proposals(register, who)?;
    let (notice, today, language) = (register.notice()?, register.today(), p.s.t.0);
    let mut sections = Vec::new();
    for declared in notice.kind_declarations() {
        let kind = declared.kind;
        if matches!(kind, Kind::Orders | Kind::Credit) {
            continue;
        }
        let waiting = proposals.iter().filter_map(|proposal| match &proposal.proposed {
            Proposed::Value(new) if new.value.kind() == kind => Some(p.s.value(&new.value)),
            _ => None,
        });
        sections.push(Section {
            kind: kind.as_str(),
            name: p.s.text(&key("kind", kind.as_str())),
            values: match kind {
                Kind::Organisation => represents(p, &notice, &person, today),
                kind => values(p, &notice, &person, kind, today),
            },
            why: why(&notice, kind, language),
            until: render::retention_text(declared.retention, language),
            correctable: is_at_once(kind).is_some(),
            waiting: waiting.collect(),
        });
    }
    Ok(sections)
}

fn values(p: &Frame, notice: &Notice, person: &Person, kind: Kind, today: jiff::civil::Date) -> Vec<ValueView> {
    let view = |stored: &seloste_domain::value::StoredValue| ValueView {
        value: p.s.value(&stored.value),
        label: stored.value.label().map(|label| p.s.text(&key("label", label.as_str()))),
        source: source_name(notice, &stored.source, p.s.t.0),
        at: p.s.time(&stored.entered_at),
        past: stored.valid_until.filter(|until| *until < today).map(|until| p.s.date(&until)),
    };
    person.values_of(kind).map(view).collect()
}

/// The organisations that the person represents: the name and their own role, nothing of their colleagues.
fn represents(p: &Frame, notice: &Notice, person: &Person, today: jiff::civil::Date) -> Vec<ValueView> {
    let view = |of: &seloste_domain::person::Representation| ValueView {
        value: of.organisation_name.clone(),
        label: of.title.clone(),
        source: source_name(notice, &of.source, p.s.t.0),
        at: p.s.time(&of.entered_at),
        past: of.valid_until.filter(|until| *until < today).map(|until| p.s.date(&until)),
    };
    person.representations.iter().map(view).collect()
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "details")?;
            let done = match query.as_deref() {
                Some("done") => Some(p.s.text("portal-corrected")),
                Some("proposed") => Some(p.s.text("portal-proposed")),
                _ => None,
            };
            Ok(DetailsPage { sections: sections(register, &p, &who)?, done, p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "portal/correct.html")]
struct CorrectPage {
    p: Frame,
    kind: Kind,
    name: String,
    draft: PersonDraft,
    languages: Vec<Choice>,
    version: i64,
    proposes: bool,
    f: Errors,
    conflict: bool,
}

impl CorrectPage {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_str() == kind
    }
}

fn page(
    register: &Register,
    who: &Visitor,
    (language, kind): (Language, Kind),
    given: Option<PersonDraft>,
    (errors, conflict): (FieldErrors, bool),
) -> seloste_ops::Result<CorrectPage> {
    let p = Frame::own(register, language, "details")?;
    let person = portal::show(register, who)?.person;
    let mut draft = given.unwrap_or_else(|| person.draft(register.today()));
    draft.emails = with_empty(without_empty(draft.emails));
    draft.telephones = with_empty(without_empty(draft.telephones));
    draft.addresses.retain(|address| !address.street.is_empty() || !address.town.is_empty());
    draft.addresses = with_empty_address(draft.addresses);
    let languages = Language::ALL.map(|one| Choice {
        value: one.tag().into(),
        text: one.own_name().into(),
        selected: draft.language == one.tag(),
    });
    Ok(CorrectPage {
        name: p.s.text(&key("kind", kind.as_str())),
        version: person.version,
        proposes: is_at_once(kind) == Some(false),
        f: Errors::new(language, errors),
        languages: languages.into(),
        draft,
        kind,
        conflict,
        p,
    })
}

fn without_empty(mut rows: Vec<seloste_domain::draft::DraftText>) -> Vec<seloste_domain::draft::DraftText> {
    rows.retain(|row| !row.text.trim().is_empty());
    rows
}

/// The kind of an address, when the notice declares it and a person corrects it themself.
fn kind_of(register: &Register, name: &str) -> Result<Kind, PageError> {
    let kind: Kind = name.parse().map_err(|_| PageError::NotFound)?;
    let known = register.notice()?.kinds().has(kind) && is_at_once(kind).is_some();
    known.then_some(kind).ok_or(PageError::NotFound)
}

pub(crate) async fn form(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let shown = app
        .run_as(move |register| {
            let kind = kind_of(register, &name)?;
            if kind == Kind::Email {
                // Asked for before the form is filled in, not after.
                portal::need_proof(register, &who)?;
            }
            Ok(page(register, &who, (language, kind), None, (FieldErrors::default(), false))?)
        })
        .await;
    match shown {
        Ok(page) => Ok(Html(page.render()?).into_response()),
        Err(PageError::Ops(OpsError::NotFresh)) => Ok(Redirect::to("/prove?next=/details/email").into_response()),
        Err(error) => Err(error),
    }
}

pub(crate) async fn correct(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    Path(name): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = PersonDraft {
        given: form.text("given"),
        family: form.text("family"),
        language: form.text("language"),
        emails: form.texts("emails"),
        telephones: form.texts("telephones"),
        addresses: form.addresses("addresses"),
        ..PersonDraft::default()
    };
    let (given, asker, version) = (draft.clone(), who.clone(), form.number("version"));
    let done = app
        .run_as(move |register| {
            let kind = kind_of(register, &name)?;
            let done = portal::correct(register, &asker, kind, version, &draft);
            Ok((kind, done))
        })
        .await?;
    let (kind, done) = done;
    match done.map_err(PageError::from) {
        Ok(Corrected::Done) => Ok(Redirect::to("/details?done").into_response()),
        Ok(Corrected::Proposed) => Ok(Redirect::to("/details?proposed").into_response()),
        Err(PageError::Ops(OpsError::NotFresh)) => Ok(Redirect::to("/prove?next=/details/email").into_response()),
        Err(error) => {
            let wrong = if error.is_conflict() { (FieldErrors::default(), true) } else { (error.fields()?, false) };
            let status = if wrong.1 { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            let page = app.run(move |register| page(register, &who, (language, kind), Some(given), wrong)).await?;
            Ok((status, Html(page.render()?)).into_response())
        }
    }
}
