//! Having oneself erased: the plan, the act by the version of the plan that was shown, and the receipts on a page that needs no
//! session, because there is none any more.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use seloste_domain::hold::{Hold, HoldGround};
use seloste_domain::id::RequestId;
use seloste_domain::language::Language;
use seloste_ops::erasure::{ErasureRefused, Line, Plan};
use seloste_ops::portal::{self, Visitor};
use seloste_ops::request::{RequestDraft, clocks};
use seloste_ops::{OpsError, Register};
use serde::{Deserialize, Serialize};

use super::Frame;
use super::visitor::{Visiting, forget, keep_receipts, or_prove, receipts};
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::Errors;
use crate::session::Chosen;
use crate::text::key;

/// What keeps something, in plain words.
struct KeptView {
    what: String,
    why: String,
    article: &'static str,
    until: String,
    is_new: bool,
}

impl KeptView {
    fn of(p: &Frame, hold: &Hold, is_new: bool) -> Self {
        let ground = p.s.text(&key("hold", hold.ground.as_str()));
        Self {
            what: if hold.name.is_empty() { ground } else { format!("{ground} {}", hold.name) },
            why: p.s.text(&key("portal-hold-why", hold.ground.as_str())),
            article: hold.ground.article(),
            until: match hold.until {
                Some(day) => p.s.t.arg("portal-kept-until", "day", p.s.date(&day)),
                None => p.s.text(&key("hold-until", hold.ground.as_str())),
            },
            is_new,
        }
    }
}

/// What becomes of a part, and what it said before, when that was something else.
struct LineView {
    part: String,
    gone: i64,
    before: Option<i64>,
}

/// What a page showed of a plan, as its form says it back: only to tell what has changed.
#[derive(Serialize, Deserialize, Default)]
struct Shown {
    lines: Vec<Line>,
    holds: Vec<String>,
}

fn named(hold: &Hold) -> String {
    format!("{} {}", hold.ground.as_str(), hold.name)
}

impl Shown {
    fn of(plan: &Plan) -> Self {
        Self { lines: plan.lines.clone(), holds: plan.holds.iter().map(named).collect() }
    }
}

#[derive(Template)]
#[template(path = "portal/erasure.html")]
struct PlanPage {
    p: Frame,
    lines: Vec<LineView>,
    holds: Vec<KeptView>,
    recipients: Vec<String>,
    until: Option<String>,
    is_held: bool,
    /// It can wait by itself: nobody has to decide anything.
    may_wait: bool,
    /// It waits, and for this request.
    waits: bool,
    has_claim: bool,
    is_fresh: bool,
    version: String,
    shown: String,
    changed: bool,
    not_confirmed: bool,
    /// A request that waits for staff.
    asked: Option<(RequestId, String)>,
    due: String,
    text: String,
    f: Errors,
}

/// What the page says besides the plan.
#[derive(Default)]
struct Again {
    before: Option<Shown>,
    not_confirmed: bool,
    text: String,
    errors: seloste_domain::field::FieldErrors,
}

fn page(register: &Register, language: Language, who: &Visitor, again: Again) -> seloste_ops::Result<PlanPage> {
    let p = Frame::own(register, language, "rights")?;
    let own = portal::erasure_plan(register, who)?;
    let plan = &own.plan;
    let before = again.before.as_ref();
    let lines = plan.lines.iter().map(|line| LineView {
        part: p.s.text(&key("erasure-part", line.part.as_str())),
        gone: line.gone,
        before: before.and_then(|shown| {
            let was = shown.lines.iter().find(|was| was.part == line.part).map_or(0, |was| was.gone);
            (was != line.gone).then_some(was)
        }),
    });
    let is_new = |hold: &Hold| before.is_some_and(|shown| !shown.holds.contains(&named(hold)));
    let claims = [HoldGround::OpenInvoice, HoldGround::Collection];
    Ok(PlanPage {
        lines: lines.collect(),
        holds: plan.holds.iter().map(|hold| KeptView::of(&p, hold, is_new(hold))).collect(),
        until: plan.until().map(|day| p.s.date(&day)),
        is_held: plan.is_held(),
        may_wait: plan.is_held() && plan.ends_by_itself(),
        waits: own.waits.is_some(),
        has_claim: plan.holds.iter().any(|hold| claims.contains(&hold.ground)),
        is_fresh: who.session.is_fresh_at(register.now()),
        version: plan.version(),
        shown: serde_json::to_string(&Shown::of(plan)).unwrap_or_default(),
        changed: again.before.is_some(),
        not_confirmed: again.not_confirmed,
        asked: own.asked.as_ref().map(|asked| (asked.id, p.s.date(&asked.due_on))),
        due: p.s.date(&clocks(register.today()).0),
        text: again.text,
        f: Errors::new(language, again.errors),
        recipients: own.recipients,
        p,
    })
}

/// The plan, and what leads this browser to the receipts when nobody is known here any more.
async fn shown(
    app: &App,
    language: Language,
    who: Visitor,
    (status, again): (StatusCode, Again),
) -> Result<Response, PageError> {
    let secure = app.settings.secure;
    let (page, key) = app
        .run(move |register| {
            let key = portal::receipt_key(register, who.person)?;
            Ok((page(register, language, &who, again)?, key))
        })
        .await?;
    Ok((status, AppendHeaders([keep_receipts(&key, secure)]), Html(page.render()?)).into_response())
}

pub(crate) async fn plan(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    shown(&app, language, who, (StatusCode::OK, Again::default())).await
}

/// The act. When the plan is another one now, that is shown with what has changed, and nothing was done. A form that is sent twice
/// finds nobody signed in the second time, and leads to the receipts.
pub(crate) async fn erase(
    State(app): State<App>,
    Chosen(language): Chosen,
    headers: HeaderMap,
    visiting: Result<Visiting, PageError>,
    form: Form,
) -> Result<Response, PageError> {
    let secure = app.settings.secure;
    let who = match visiting {
        Ok(Visiting(who)) => who,
        Err(error) => {
            let key = receipts(&headers, secure).unwrap_or_default();
            let is_erased = app.run(move |register| Ok(portal::erased(register, &key)?.is_some())).await?;
            return if is_erased { Ok(Redirect::to("/erased").into_response()) } else { Err(error) };
        }
    };
    if !form.has("sure") {
        let again = Again { not_confirmed: true, ..Again::default() };
        return shown(&app, language, who, (StatusCode::UNPROCESSABLE_ENTITY, again)).await;
    }
    let (asker, version) = (who.clone(), form.text("version"));
    let done = app
        .run(move |register| {
            // Made before: nobody can be asked for it afterwards.
            let key = portal::receipt_key(register, asker.person)?;
            portal::erase(register, &asker, &version)?;
            Ok(key)
        })
        .await;
    match done {
        Ok(key) => {
            let set = AppendHeaders([forget(secure), keep_receipts(&key, secure)]);
            Ok((set, Redirect::to("/erased")).into_response())
        }
        Err(PageError::Ops(OpsError::Erasure(ErasureRefused::Changed(_) | ErasureRefused::Held(_)))) => {
            let before = serde_json::from_str(&form.text("shown")).unwrap_or_default();
            let again = Again { before: Some(before), ..Again::default() };
            shown(&app, language, who, (StatusCode::CONFLICT, again)).await
        }
        Err(error) => or_prove(error, "/erasure"),
    }
}

/// Lets it wait for what holds the data and ends by itself. When the plan is another one now, that is shown, and nothing waits.
pub(crate) async fn wait(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    form: Form,
) -> Result<Response, PageError> {
    if !form.has("sure") {
        let again = Again { not_confirmed: true, ..Again::default() };
        return shown(&app, language, who, (StatusCode::UNPROCESSABLE_ENTITY, again)).await;
    }
    let (asker, version) = (who.clone(), form.text("version"));
    match app.run(move |register| portal::wait_erasure(register, &asker, &version)).await {
        Ok(id) => Ok(Redirect::to(&format!("/requests/{id}")).into_response()),
        Err(PageError::Ops(OpsError::Erasure(ErasureRefused::Changed(_) | ErasureRefused::Held(_)))) => {
            let before = serde_json::from_str(&form.text("shown")).unwrap_or_default();
            let again = Again { before: Some(before), ..Again::default() };
            shown(&app, language, who, (StatusCode::CONFLICT, again)).await
        }
        Err(error) => or_prove(error, "/erasure"),
    }
}

/// Asks staff, when something holds it.
pub(crate) async fn ask(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    form: Form,
) -> Result<Response, PageError> {
    let text = form.text("text");
    let draft = RequestDraft { text: text.clone(), language: language.tag().into(), ..RequestDraft::default() };
    let asker = who.clone();
    match app.run(move |register| portal::ask_erasure(register, &asker, &draft)).await {
        Ok(id) => Ok(Redirect::to(&format!("/requests/{id}")).into_response()),
        Err(error) => {
            let again = Again { text, errors: error.fields()?, ..Again::default() };
            shown(&app, language, who, (StatusCode::UNPROCESSABLE_ENTITY, again)).await
        }
    }
}

struct Step {
    number: i64,
    at: String,
    gone: i64,
    stays: i64,
}

#[derive(Template)]
#[template(path = "portal/erased.html")]
struct ErasedPage {
    p: Frame,
    found: bool,
    at: String,
    steps: Vec<Step>,
    holds: Vec<KeptView>,
    has_claim: bool,
}

/// The receipts, for the browser in which it was done.
pub(crate) async fn erased(
    State(app): State<App>,
    Chosen(language): Chosen,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let held = receipts(&headers, app.settings.secure).unwrap_or_default();
    let page = app
        .run(move |register| {
            let p = Frame::public(register, language)?;
            let found = portal::erased(register, &held)?;
            let steps = found.iter().flat_map(|found| &found.steps).map(|said| Step {
                number: said.step,
                at: p.s.time(&said.at),
                gone: said.gone.iter().map(|line| line.gone).sum(),
                stays: said.stays.iter().map(|kept| kept.count).sum(),
            });
            let steps = steps.collect();
            let holds = found.as_ref().map(|found| found.holds.clone()).unwrap_or_default();
            let claims = [HoldGround::OpenInvoice, HoldGround::Collection];
            Ok(ErasedPage {
                at: found.as_ref().map(|found| p.s.time(&found.erasure.made_at)).unwrap_or_default(),
                found: found.is_some(),
                has_claim: holds.iter().any(|hold| claims.contains(&hold.ground)),
                holds: holds.iter().map(|hold| KeptView::of(&p, hold, false)).collect(),
                steps,
                p,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// A receipt as a file.
pub(crate) async fn receipt(
    State(app): State<App>,
    headers: HeaderMap,
    Path(step): Path<i64>,
) -> Result<Response, PageError> {
    let held = receipts(&headers, app.settings.secure).unwrap_or_default();
    let text = app.run(move |register| portal::erasure_receipt(register, &held, step)).await?;
    let name = format!("attachment; filename=\"receipt-{step}.json\"");
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}
