//! What partners have to be told of data that changed since they received it (Art. 19): the list, the letter, closing.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::format;
use seloste_domain::id::RecallId;
use seloste_domain::language::Language;
use seloste_domain::letter::Letter;
use seloste_ops::Register;
use seloste_ops::recall::{self, Filter, Recall, RecallState, Told};
use seloste_ops::session::SignedIn;
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Errors, Names};
use crate::print;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// A recall as the pages tell it.
pub(crate) struct RecallView {
    pub(crate) id: RecallId,
    pub(crate) party: String,
    pub(crate) partner: String,
    pub(crate) reason: String,
    pub(crate) fields: String,
    pub(crate) made: String,
    pub(crate) due: String,
    pub(crate) state: String,
    pub(crate) color: &'static str,
    pub(crate) sent: Option<String>,
    pub(crate) closed: Option<String>,
    pub(crate) note: String,
    pub(crate) open: bool,
    pub(crate) erased: bool,
    pub(crate) chase: bool,
    pub(crate) by_email: bool,
}

pub(crate) fn views(register: &Register, s: &Shell, rows: Vec<Recall>) -> seloste_ops::Result<Vec<RecallView>> {
    let partners = register.db().look(seloste_ops::partner::known)?;
    let (names, today) = (Names::of(register)?, register.today());
    let view = |row: Recall| {
        let kinds: Vec<String> = row.fields.iter().map(|kind| s.text(&key("kind", kind.as_str()))).collect();
        let late = row.is_late(today);
        let (state, color) = match (row.state, late) {
            (RecallState::Waiting | RecallState::Sent, true) => ("recall-state-late", "danger"),
            (RecallState::Waiting, _) => ("recall-state-waiting", "warning"),
            (RecallState::Sent, _) => ("recall-state-sent", "info"),
            (RecallState::Acknowledged, _) => ("recall-state-acknowledged", "success"),
            (RecallState::Waived, _) => ("recall-state-waived", "neutral"),
        };
        let partner = partners.iter().find(|partner| partner.id == row.partner);
        let closed = row.closed_at.zip(row.closed_by.as_ref());
        RecallView {
            id: row.id,
            party: row.party.to_string(),
            by_email: partner.is_some_and(|partner| recall::goes_by_email(partner, &row)),
            partner: partner.map(|partner| partner.name.clone()).unwrap_or_default(),
            reason: s.text(&key("recall-reason", row.reason.as_str())),
            fields: kinds.join(", "),
            made: s.time(&row.made_at),
            due: s.date(&row.due),
            state: s.text(state),
            color,
            sent: row.sent_at.map(|at| s.time(&at)),
            closed: closed.map(|(at, by)| format!("{} · {}", s.time(&at), names.name(s.t, by))),
            open: matches!(row.state, RecallState::Waiting | RecallState::Sent),
            erased: row.reason == recall::Reason::Erasure,
            chase: recall::is_to_be_chased(register, &row),
            note: row.note.unwrap_or_default(),
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// What the address of the list says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    all: String,
}

#[derive(Template)]
#[template(path = "recalls.html")]
struct RecallsPage {
    s: Shell,
    recalls: Vec<RecallView>,
    linked: bool,
    all: bool,
    f: Errors,
}

fn page(register: &Register, who: &SignedIn, all: bool, errors: FieldErrors) -> seloste_ops::Result<RecallsPage> {
    let s = Shell::staff(register, who, "tab-recalls")?;
    let filter = Filter { open: !all, ..Filter::default() };
    let recalls = views(register, &s, recall::list(register, &who.actor, &filter)?)?;
    Ok(RecallsPage { recalls, linked: true, all, f: Errors::new(who.language, errors), s })
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, !asked.all.is_empty(), FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

/// Makes the letter to the partner, to be printed.
pub(crate) async fn letter(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<RecallId>,
) -> Result<Response, PageError> {
    print::print(&app, move |register| {
        let told = recall::tell(register, &who.actor, id)?;
        let notice = register.notice()?;
        let recipient =
            std::iter::once(told.partner.name.clone()).chain(told.partner.address.iter().cloned()).collect();
        let letter = written(&told, sender(&notice)?, &who.user.name);
        let mut job = print::letter(&notice, &letter, recipient, register.today());
        job.name = "ilmoitus".into();
        Ok(job)
    })
    .await
}

/// The company that tells: the first of the notice, the controller.
fn sender(notice: &seloste_domain::notice::Notice) -> seloste_ops::Result<seloste_domain::id::CompanyId> {
    let company = notice.companies().first().map(|company| company.id.clone());
    Ok(company.ok_or(seloste_ops::StoreError::NotFound("company"))?)
}

/// Puts the notification into the queue of e-mail.
pub(crate) async fn email(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<RecallId>,
) -> Result<Response, PageError> {
    let asker = who.clone();
    let sent = app
        .run(move |register| {
            let (company, name) = (sender(&*register.notice()?)?, who.user.name.clone());
            recall::send_email(register, &who.actor, id, move |told| written(told, company.clone(), &name))
        })
        .await;
    answered(&app, asker, sent.map(drop)).await
}

/// Notes that the printed letter was sent.
pub(crate) async fn sent(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<RecallId>,
) -> Result<Response, PageError> {
    let actor = who.actor.clone();
    let marked = app.run(move |register| recall::mark_sent(register, &actor, id)).await;
    answered(&app, who, marked).await
}

async fn answered(app: &App, who: SignedIn, done: Result<(), PageError>) -> Result<Response, PageError> {
    let Err(error) = done else { return Ok(Redirect::to("/recalls").into_response()) };
    let errors = error.fields()?;
    let page = app.run(move |register| page(register, &who, false, errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// The letter: in Finnish to Finland, in English elsewhere.
fn written(told: &Told, company: seloste_domain::id::CompanyId, signatory: &str) -> Letter {
    let language = if told.partner.country == "FI" { Language::Fi } else { Language::En };
    let t = Texts(language);
    let recall = &told.recall;
    let kinds: Vec<String> =
        recall.fields.iter().map(|kind| t.get(&key("kind", kind.as_str())).to_lowercase()).collect();
    let mut body = vec![
        t.get(&key("recall-letter", recall.reason.as_str())),
        t.arg("recall-letter-kinds", "kinds", kinds.join(", ")),
    ];
    if let Some(about) = &told.about {
        let mut rows = Vec::new();
        rows.extend(about.name.as_ref().map(|name| format!("- {}: {name}", t.get("kind-name"))));
        rows.extend(
            about.customer_number.as_ref().map(|number| format!("- {}: {number}", t.get("kind-customer-number"))),
        );
        let values = about.values.iter().filter(|(kind, _)| *kind != seloste_domain::kind::Kind::Name);
        rows.extend(
            values.map(|(kind, value)| {
                format!("- {}: {}", t.get(&key("kind", kind.as_str())), value.replace('\n', ", "))
            }),
        );
        body.push(rows.join("\n"));
    }
    let rows: Vec<String> = told
        .references
        .iter()
        .map(|(day, case)| {
            format!(
                "- {} · {} · {}",
                format::date(*day, language),
                t.get(&key("disclosure-case", case.kind())),
                case.id()
            )
        })
        .collect();
    body.push(t.get("recall-letter-references"));
    body.push(rows.join("\n"));
    body.push(t.arg("recall-letter-ask", "id", recall.id.to_string()));
    Letter {
        company,
        language,
        heading: t.get("recall-letter-heading"),
        body: body.join("\n\n"),
        closing: t.get("letter-closing-usual"),
        signatory: signatory.to_owned(),
    }
}

pub(crate) async fn close(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<RecallId>,
    form: Form,
) -> Result<Response, PageError> {
    let state = if form.has("waive") { RecallState::Waived } else { RecallState::Acknowledged };
    let (note, actor) = (form.text("note"), who.actor.clone());
    let closed = app.run(move |register| recall::close(register, &actor, id, state, &note)).await;
    answered(&app, who, closed).await
}
