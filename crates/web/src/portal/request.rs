//! Requests: asking, how far each has come in plain words and until when it is answered, and taking one back.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::civil::Date;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{PackageId, RequestId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::rectification::{CorrectionDraft, Right};
use seloste_ops::access::PackageKind;
use seloste_ops::portal::{self, Visitor};
use seloste_ops::request::{Happened, OwnRequest, Request, RequestDraft, RequestKind, RequestRefused, clocks};
use seloste_ops::{OpsError, Register};

use super::Frame;
use super::right::authority;
use super::visitor::Visiting;
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::session::Chosen;
use crate::text::key;

/// What the person corrects nowhere else.
const CORRECTED: [Kind; 2] = [Kind::Organisation, Kind::CustomerNumber];

/// A request in a list.
pub(super) struct Row {
    pub(super) id: RequestId,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) color: &'static str,
    pub(super) told: String,
}

/// How far a request has come, in a sentence.
fn told(p: &Frame, request: &Request, today: Date) -> String {
    let day = |name: &str, day: Option<Date>| p.s.t.arg(name, "day", day.map(|day| p.s.date(&day)).unwrap_or_default());
    match request.state.as_str() {
        "done" => day("portal-request-done", request.closed_on),
        "refused" => day("portal-request-refused", request.closed_on),
        "withdrawn" => day("portal-request-withdrawn", request.closed_on),
        "fee" => {
            let fee = request.fee.map(|fee| p.s.money(&fee)).unwrap_or_default();
            p.s.t.arg("portal-request-fee", "amount", fee)
        }
        _ if request.waits => p.s.text("portal-request-waits"),
        _ if request.is_late(today) => day("portal-request-late", Some(request.due_on)),
        _ if request.extended_on.is_some() => day("portal-request-extended", Some(request.due_on)),
        _ => day("portal-request-open", Some(request.due_on)),
    }
}

pub(super) fn row(p: &Frame, request: &Request, today: Date) -> Row {
    Row {
        id: request.id,
        kind: p.s.text(&key("request-kind", request.kind.as_str())),
        state: p.s.text(&key("request-state", request.state.as_str())),
        color: match request.state.as_str() {
            "done" => "success",
            "refused" => "warning",
            "withdrawn" => "neutral",
            _ if request.is_late(today) => "danger",
            _ => "info",
        },
        told: told(p, request, today),
    }
}

#[derive(Template)]
#[template(path = "portal/requests.html")]
struct ListPage {
    p: Frame,
    rows: Vec<Row>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "rights")?;
            let today = register.today();
            let rows = portal::requests(register, &who)?.iter().map(|request| row(&p, request, today)).collect();
            Ok(ListPage { rows, p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// A kind that can be asked for.
struct Asked {
    value: &'static str,
    text: String,
    help: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "portal/request_form.html")]
struct FormPage {
    p: Frame,
    kinds: Vec<Asked>,
    corrected: Vec<Choice>,
    draft: RequestDraft,
    wrong: String,
    right: String,
    due: String,
    often: bool,
    f: Errors,
}

fn form_page(
    register: &Register,
    language: Language,
    draft: RequestDraft,
    (errors, often): (FieldErrors, bool),
) -> seloste_ops::Result<FormPage> {
    let p = Frame::own(register, language, "rights")?;
    let kinds = RequestKind::ALL.iter().map(|kind| Asked {
        value: kind.as_str(),
        text: p.s.text(&key("request-kind", kind.as_str())),
        help: p.s.text(&key("portal-ask-help", kind.as_str())),
        chosen: draft.kind == kind.as_str(),
    });
    let correction = draft.corrections.first().cloned().unwrap_or_default();
    let corrected = CORRECTED.into_iter().filter(|kind| p.s.kinds.has(*kind)).map(|kind| Choice {
        value: kind.as_str().into(),
        text: p.s.text(&key("kind", kind.as_str())),
        selected: correction.kind == kind.as_str(),
    });
    Ok(FormPage {
        kinds: kinds.collect(),
        corrected: corrected.collect(),
        due: p.s.date(&clocks(register.today()).0),
        wrong: correction.wrong,
        right: correction.right.text,
        draft,
        often,
        f: Errors::new(language, errors),
        p,
    })
}

#[derive(serde::Deserialize, Default)]
pub(crate) struct Chose {
    #[serde(default)]
    kind: String,
}

pub(crate) async fn form(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(_): Visiting,
    Query(chose): Query<Chose>,
) -> Result<Response, PageError> {
    let draft = RequestDraft { kind: chose.kind, ..RequestDraft::default() };
    let page = app.run(move |register| form_page(register, language, draft, (FieldErrors::default(), false))).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn receive(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    form: Form,
) -> Result<Response, PageError> {
    let right = Right { text: form.text("right"), ..Right::default() };
    let correction = CorrectionDraft { kind: form.text("what"), wrong: form.text("wrong"), right };
    let kind = form.text("kind");
    let is_correction = kind == RequestKind::Rectification.as_str();
    let draft = RequestDraft {
        kind,
        text: form.text("text"),
        language: language.tag().into(),
        corrections: if is_correction { vec![correction] } else { Vec::new() },
        ..RequestDraft::default()
    };
    let given = draft.clone();
    let (status, wrong) = match app.run(move |register| portal::ask_right(register, &who, &draft)).await {
        Ok(id) => return Ok(Redirect::to(&format!("/requests/{id}")).into_response()),
        Err(PageError::Ops(OpsError::Request(RequestRefused::Often))) => {
            (StatusCode::TOO_MANY_REQUESTS, (FieldErrors::default(), true))
        }
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, (error.fields()?, false)),
    };
    let page = app.run(move |register| form_page(register, language, given, wrong)).await?;
    Ok((status, Html(page.render()?)).into_response())
}

/// Something that happened.
struct Step {
    what: String,
    at: String,
    reasons: String,
    /// The heading and the text of a letter.
    letter: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "portal/request.html")]
struct ShowPage {
    p: Frame,
    row: Row,
    received: String,
    article: &'static str,
    said: String,
    corrections: Vec<String>,
    ground: Option<String>,
    steps: Vec<Step>,
    copies: Vec<(PackageId, PackageKind)>,
    open: bool,
    erases: bool,
    refused: bool,
    authority: Vec<String>,
}

impl ShowPage {
    const fn is_access(&self, kind: &PackageKind) -> bool {
        matches!(kind, PackageKind::Access)
    }
}

fn steps(p: &Frame, own: &OwnRequest) -> Vec<Step> {
    // That the person was recognised and that a package is there is told elsewhere.
    let told = own.events.iter().filter(|event| event.kind != Happened::Recognised);
    let steps = told.map(|event| Step {
        what: p.s.text(&key("request-event", event.kind.as_str())),
        at: p.s.time(&event.made_at),
        reasons: event.noted.reasons.clone(),
        letter: event.noted.letter.as_ref().map(|letter| (letter.heading.clone(), letter.body.clone())),
    });
    steps.collect()
}

fn show_page(register: &Register, language: Language, who: &Visitor, id: RequestId) -> seloste_ops::Result<ShowPage> {
    let own = portal::request(register, who, id)?;
    let p = Frame::own(register, language, "rights")?;
    let request = &own.request;
    let corrections = own.said.corrections.iter().map(|correction| {
        let kind = p.s.text(&key("kind", correction.kind.as_str()));
        format!("{kind}: {} → {}", correction.wrong, correction.right.display())
    });
    Ok(ShowPage {
        row: row(&p, request, register.today()),
        received: p.s.date(&request.received_on),
        article: request.kind.article(),
        corrections: corrections.collect(),
        ground: request
            .ground
            .map(|ground| format!("{} ({})", p.s.text(&key("refusal", ground.as_str())), ground.law())),
        steps: steps(&p, &own),
        copies: own.packages.iter().filter(|made| made.is_kept).map(|made| (made.id, made.kind)).collect(),
        open: request.state.is_open(),
        erases: request.kind == RequestKind::Erasure && request.state.is_open(),
        refused: request.state.as_str() == "refused",
        authority: authority(&*register.notice()?, &p),
        said: own.said.text,
        p,
    })
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    Path(id): Path<RequestId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| show_page(register, language, &who, id)).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn withdraw(
    State(app): State<App>,
    Visiting(who): Visiting,
    Path(id): Path<RequestId>,
) -> Result<Response, PageError> {
    app.run(move |register| portal::withdraw_request(register, &who, id)).await?;
    Ok(Redirect::to(&format!("/requests/{id}")).into_response())
}
