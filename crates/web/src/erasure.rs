//! Erasing a person: the plan before the act, the act by the version of the plan that was shown, what stays and until when, the
//! receipts, and the canaries.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{ClaimHoldId, ErasureId, PersonId, RequestId};
use seloste_ops::erasure::{self, Erasure, ErasureRefused, Plan};
use seloste_ops::hold::{self, ClaimDraft, Hold};
use seloste_ops::mail::Recipient;
use seloste_ops::request::{self, RequestKind};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, canary};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Errors, Names};
use crate::prohibition::called;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// What stands in the way, as a page tells it.
pub(crate) struct HoldView {
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) article: &'static str,
    pub(crate) until: String,
}

impl HoldView {
    pub(crate) fn of(s: &Shell, hold: &Hold) -> Self {
        let ground = s.text(&key("hold", hold.ground.as_str()));
        let what = if hold.name.is_empty() { ground } else { format!("{ground} {}", hold.name) };
        let until = match (hold.until, hold.review) {
            (Some(day), _) => s.date(&day),
            (None, Some(day)) => s.t.arg("hold-review", "day", s.date(&day)),
            (None, None) => s.text(&key("hold-until", hold.ground.as_str())),
        };
        let why = s.text(&key("hold-why", hold.ground.as_str()));
        Self { what, why, article: hold.ground.article(), until }
    }
}

struct LineView {
    part: String,
    gone: i64,
    stays: i64,
}

struct ClaimView {
    id: ClaimHoldId,
    reason: String,
    review: String,
    set: String,
    lifted: Option<String>,
}

#[derive(Template)]
#[template(path = "erasure_plan.html")]
struct PlanPage {
    s: Shell,
    id: PersonId,
    name: String,
    lines: Vec<LineView>,
    holds: Vec<HoldView>,
    claims: Vec<ClaimView>,
    recipients: i64,
    until: Option<String>,
    is_held: bool,
    is_partial: bool,
    version: String,
    changed: bool,
    not_confirmed: bool,
    /// Who decided that it waits, and when.
    waits: Option<String>,
    /// The request on whose page it is decided that it waits.
    asked: Option<RequestId>,
    claim: ClaimDraft,
    f: Errors,
}

/// What the page says besides the plan.
#[derive(Default)]
struct Again {
    changed: bool,
    not_confirmed: bool,
    claim: ClaimDraft,
    errors: FieldErrors,
}

fn plan_page(register: &Register, who: &SignedIn, id: PersonId, again: Again) -> seloste_ops::Result<PlanPage> {
    let s = Shell::staff(register, who, "nav-people")?;
    let plan: Plan = erasure::plan(register, &who.actor, id)?;
    let names = Names::of(register)?;
    let by = |at: &jiff::Timestamp, who: &str| format!("{} · {}", s.time(at), names.name(s.t, who));
    let claims = hold::of(register, &who.actor, id)?.into_iter().map(|claim| ClaimView {
        id: claim.id,
        reason: claim.reason,
        review: s.date(&claim.review_on),
        set: by(&claim.set_at, &claim.set_by),
        lifted: claim.lifted.as_ref().map(|(who, at)| by(at, who)),
    });
    let lines = plan.lines.iter().map(|line| LineView {
        part: s.text(&key("erasure-part", line.part.as_str())),
        gone: line.gone,
        stays: line.stays,
    });
    let waits = erasure::waiting_of(register, &who.actor, id)?.map(|waits| {
        let args =
            [("who".to_owned(), names.name(s.t, &waits.decided_by)), ("time".to_owned(), s.time(&waits.decided_at))];
        s.t.args("erasure-waits-decided", &args)
    });
    let asked = request::of_person(register, &who.actor, id)?;
    let asked = asked.into_iter().find(|asked| asked.kind == RequestKind::Erasure && asked.state.is_open());
    Ok(PlanPage {
        id,
        waits,
        asked: asked.map(|asked| asked.id),
        name: called(&s, register, who, Recipient::Person(id))?,
        lines: lines.collect(),
        holds: plan.holds.iter().map(|hold| HoldView::of(&s, hold)).collect(),
        claims: claims.collect(),
        recipients: plan.recipients,
        until: plan.until().map(|day| s.date(&day)),
        is_held: plan.is_held(),
        is_partial: plan.is_partial(),
        version: plan.version(),
        changed: again.changed,
        not_confirmed: again.not_confirmed,
        claim: again.claim,
        f: Errors::new(who.language, again.errors),
        s,
    })
}

/// The plan: what would go and what stays. Nothing changes.
pub(crate) async fn plan(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| plan_page(register, &who, id, Again::default())).await?;
    Ok(Html(page.render()?).into_response())
}

async fn again(app: App, who: SignedIn, id: PersonId, status: StatusCode, again: Again) -> Result<Response, PageError> {
    let page = app.run(move |register| plan_page(register, &who, id, again)).await?;
    Ok((status, Html(page.render()?)).into_response())
}

/// The act, by the version of the plan that was shown. When it is another one now, that is shown and nothing was done.
pub(crate) async fn erase(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    if !form.has("sure") {
        let shown = Again { not_confirmed: true, ..Again::default() };
        return again(app, who, id, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    }
    let (asker, version, at_request) = (who.clone(), form.text("version"), form.text("why") != "other");
    let done = app.run(move |register| erasure::erase(register, &asker.actor, id, &version, at_request)).await;
    match done {
        Ok(done) => Ok(Redirect::to(&format!("/erasures/{}", done.erasure)).into_response()),
        Err(PageError::Ops(OpsError::Erasure(ErasureRefused::Changed(_) | ErasureRefused::Held(_)))) => {
            again(app, who, id, StatusCode::CONFLICT, Again { changed: true, ..Again::default() }).await
        }
        Err(error) => Err(error),
    }
}

/// Lets the erasure wait for what keeps everything, by the version of the plan that was shown.
pub(crate) async fn wait(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    if !form.has("sure") {
        let shown = Again { not_confirmed: true, ..Again::default() };
        return again(app, who, id, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    }
    let (asker, version, at_request) = (who.clone(), form.text("version"), form.text("why") != "other");
    let done = app.run(move |register| erasure::wait(register, &asker.actor, id, &version, at_request)).await;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/people/{id}/erasure")).into_response()),
        Err(PageError::Ops(OpsError::Erasure(ErasureRefused::Changed(_)))) => {
            again(app, who, id, StatusCode::CONFLICT, Again { changed: true, ..Again::default() }).await
        }
        Err(error) => Err(error),
    }
}

/// Takes back that it waits.
pub(crate) async fn stop_waiting(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    app.run(move |register| erasure::stop_waiting(register, &who.actor, id)).await?;
    Ok(Redirect::to(&format!("/people/{id}/erasure")).into_response())
}

/// Decides that the data stays for a legal claim.
pub(crate) async fn set_hold(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    let claim = ClaimDraft { reason: form.text("reason"), review_on: form.text("review_on") };
    let (asker, draft) = (who.clone(), claim.clone());
    let set = app.run(move |register| hold::set(register, &asker.actor, id, &draft)).await;
    let Err(error) = set else { return Ok(Redirect::to(&format!("/people/{id}/erasure")).into_response()) };
    let errors = error.fields()?;
    again(app, who, id, StatusCode::UNPROCESSABLE_ENTITY, Again { claim, errors, ..Again::default() }).await
}

/// Decides that it has to no longer.
pub(crate) async fn lift_hold(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    let hold: Option<ClaimHoldId> = form.parsed("id");
    // Who may not, or asks for somebody who is not there, learns no more from a form that is wrong.
    app.run(move |register| match hold {
        Some(hold) => hold::lift(register, &who.actor, id, hold),
        None => hold::of(register, &who.actor, id).map(drop),
    })
    .await?;
    hold.ok_or(PageError::Malformed)?;
    Ok(Redirect::to(&format!("/people/{id}/erasure")).into_response())
}

struct Row {
    id: ErasureId,
    at: String,
    by: String,
    whole: bool,
    stays: usize,
    until: Option<String>,
}

fn row(s: &Shell, names: &Names, erasure: &Erasure) -> Row {
    let known = erasure.holds.iter().all(|hold| hold.until.is_some());
    let until = erasure.holds.iter().filter_map(|hold| hold.until).max().filter(|_| known);
    Row {
        id: erasure.id,
        at: s.time(&erasure.made_at),
        by: names.name(s.t, &erasure.made_by),
        whole: erasure.is_whole,
        stays: erasure.holds.len(),
        until: until.map(|day| s.date(&day)),
    }
}

/// An erasure that waits.
struct WaitingView {
    person: PersonId,
    name: String,
    at: String,
    by: String,
    holds: Vec<HoldView>,
}

#[derive(Template)]
#[template(path = "erasures.html")]
struct ListPage {
    s: Shell,
    rows: Vec<Row>,
    waiting: Vec<WaitingView>,
}

/// The erasures that wait, and those that were made, the newest first.
pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "erasures")?;
            let names = Names::of(register)?;
            let found = erasure::list(register, &who.actor, false)?;
            let waiting = erasure::waiting(register, &who.actor)?;
            let waiting = waiting.iter().map(|one| WaitingView {
                person: one.waiting.person,
                name: one.name.clone(),
                at: s.time(&one.waiting.decided_at),
                by: names.name(s.t, &one.waiting.decided_by),
                holds: one.holds.iter().map(|hold| HoldView::of(&s, hold)).collect(),
            });
            let waiting = waiting.collect();
            Ok(ListPage { rows: found.iter().map(|one| row(&s, &names, one)).collect(), waiting, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

struct Step {
    number: i64,
    at: String,
    gone: i64,
    stays: i64,
}

#[derive(Template)]
#[template(path = "erasure.html")]
struct ErasurePage {
    s: Shell,
    row: Row,
    at_request: bool,
    holds: Vec<HoldView>,
    steps: Vec<Step>,
}

/// One erasure: what stays of it and until when, and its receipts.
pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<ErasureId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "erasures")?;
            let names = Names::of(register)?;
            let found = erasure::show(register, &who.actor, id)?;
            let mut steps = Vec::new();
            for number in 1..=found.steps {
                let said = erasure::statement(register, &who.actor, id, number)?;
                let gone = said.gone.iter().map(|line| line.gone).sum();
                let stays = said.gone.iter().map(|line| line.stays).sum();
                steps.push(Step { number, at: s.time(&said.at), gone, stays });
            }
            let holds = found.holds.iter().map(|hold| HoldView::of(&s, hold)).collect();
            Ok(ErasurePage { row: row(&s, &names, &found), at_request: found.at_request, holds, steps, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// A receipt as a file.
pub(crate) async fn receipt(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, step)): Path<(ErasureId, i64)>,
) -> Result<Response, PageError> {
    let text = app.run(move |register| erasure::receipt(register, &who.actor, id, step)).await?;
    let name = format!("attachment; filename=\"receipt-{id}-{step}.json\"");
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

struct RunView {
    at: String,
    ended: bool,
    erased: i64,
    searched: i64,
    findings: i64,
    places: Vec<String>,
}

#[derive(Template)]
#[template(path = "canaries.html")]
struct CanaryPage {
    s: Shell,
    living: i64,
    runs: Vec<RunView>,
}

/// What was found of the canaries.
pub(crate) async fn canaries(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "canaries")?;
            let (runs, living) = canary::runs(register, &who.actor)?;
            let runs = runs.into_iter().map(|run| RunView {
                at: s.time(&run.began_at),
                ended: run.ended_at.is_some(),
                erased: run.erased,
                searched: run.searched,
                findings: run.findings,
                places: run.places.iter().filter(|place| place.findings > 0).map(|place| place.place.clone()).collect(),
            });
            Ok(CanaryPage { living, runs: runs.collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// Runs the canaries now.
pub(crate) async fn run_canaries(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    app.run(move |register| canary::run(register, &who.actor, canary::LIFE)).await?;
    Ok(Redirect::to("/canaries").into_response())
}
