//! The public notice, and its versions for staff: checking a new definition and putting it into force.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::kind::Kind;
use seloste_domain::notice::render;
use seloste_domain::notice::{Problem, Severity};
use seloste_ops::notice::{self, Published, Review};
use seloste_ops::{OpsError, Register};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::Names;
use crate::session::{Chosen, Signed};
use crate::shell::Shell;
use crate::text::key;

/// A published version, for a list.
struct Version {
    number: i64,
    at: String,
    by: String,
    current: bool,
}

fn versions(s: &Shell, names: Option<&Names>, published: &[Published]) -> Vec<Version> {
    let newest = published.first().map(|p| p.version);
    let by = |p: &Published| names.map(|names| names.name(s.t, &p.published_by)).unwrap_or_default();
    let version = |p: &Published| Version {
        number: p.version,
        at: s.time(&p.published_at),
        by: by(p),
        current: Some(p.version) == newest,
    };
    published.iter().map(version).collect()
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    s: Shell,
    html: String,
    version: i64,
    at: String,
    versions: Vec<Version>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) version: Option<i64>,
}

/// The notice, for anybody.
pub(crate) async fn public(
    State(app): State<App>,
    Chosen(language): Chosen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::public(register, language)?;
            let (published, notice) = notice::published(register, asked.version)?;
            let html = render::to_html(&render::document(&notice, language));
            let all = notice::versions(register)?;
            let at = s.time(&published.published_at);
            Ok(NoticePage { html, version: published.version, at, versions: versions(&s, None, &all), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// A problem of a definition, in the person's language.
struct ProblemView {
    line: usize,
    column: usize,
    article: String,
    error: bool,
    what: String,
    mend: String,
}

fn problem_view(s: &Shell, problem: &Problem) -> ProblemView {
    ProblemView {
        line: problem.line,
        column: problem.column,
        article: problem.article.map(ToString::to_string).unwrap_or_default(),
        error: problem.severity == Severity::Error,
        what: problem.what(s.t.0),
        mend: problem.mend(s.t.0),
    }
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    s: Shell,
    versions: Vec<Version>,
    definition: String,
    reviewed: Option<Reviewed>,
    left_over: Vec<LeftOver>,
}

/// A kind that is stored and not declared.
struct LeftOver {
    kind: Kind,
    name: String,
    count: i64,
    removable: bool,
}

/// What a review found.
struct Reviewed {
    problems: Vec<ProblemView>,
    changes: Vec<(bool, String)>,
    in_force: i64,
    publishable: bool,
}

impl Reviewed {
    fn of(s: &Shell, review: Review) -> Self {
        Self {
            problems: review.problems.iter().map(|problem| problem_view(s, problem)).collect(),
            changes: review.changes.iter().map(|change| (change.material, change.message(s.t.0))).collect(),
            in_force: review.in_force,
            publishable: review.publishable,
        }
    }
}

fn staff_page(
    register: &Register,
    who: &seloste_ops::session::SignedIn,
    definition: Option<String>,
    review: Option<Review>,
) -> seloste_ops::Result<NoticesPage> {
    register.authorize(&who.actor, seloste_domain::rights::Action::NoticeReview)?;
    let s = Shell::staff(register, who, "nav-notice")?;
    let names = Names::of(register)?;
    let all = notice::versions(register)?;
    let left_over = if s.may("kind.remove") { notice::left_over(register, &who.actor)? } else { Vec::new() };
    Ok(NoticesPage {
        versions: versions(&s, Some(&names), &all),
        definition: definition.unwrap_or_else(|| all.first().map(|p| p.definition.clone()).unwrap_or_default()),
        reviewed: review.map(|review| Reviewed::of(&s, review)),
        left_over: left_over
            .into_iter()
            .map(|(kind, count)| LeftOver {
                kind,
                name: s.text(&key("kind", kind.as_str())),
                count,
                removable: kind != Kind::Orders,
            })
            .collect(),
        s,
    })
}

/// Takes what is left of a kind from the register.
pub(crate) async fn remove_left_over(
    State(app): State<App>,
    Signed(who): Signed,
    form: Form,
) -> Result<Redirect, PageError> {
    app.run(move |register| match form.parsed::<Kind>("kind") {
        Some(kind) => notice::remove_left_over(register, &who.actor, kind).map(drop),
        // Whoever may not is told nothing else than anybody else.
        None => notice::left_over(register, &who.actor).map(drop),
    })
    .await?;
    Ok(Redirect::to("/notices"))
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app.run(move |register| staff_page(register, &who, None, None)).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn review(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let definition = form.text("definition").replace("\r\n", "\n");
    let page = app
        .run(move |register| {
            let review = notice::review(register, &who.actor, &definition)?;
            staff_page(register, &who, Some(definition), Some(review))
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn publish(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let definition = form.text("definition").replace("\r\n", "\n");
    let expected = form.number("in_force");
    let (actor, text) = (who.actor.clone(), definition.clone());
    match app.run(move |register| notice::publish(register, &actor, &text, expected)).await {
        Ok(_) => Ok(Redirect::to("/notices").into_response()),
        Err(PageError::Ops(OpsError::Notice(_))) => {
            let page = app
                .run(move |register| {
                    let review = notice::review(register, &who.actor, &definition)?;
                    staff_page(register, &who, Some(definition), Some(review))
                })
                .await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
        Err(error) => Err(error),
    }
}

/// The definition of a version as it was published, for staff who review it.
pub(crate) async fn definition(
    State(app): State<App>,
    Signed(who): Signed,
    Path(version): Path<i64>,
) -> Result<Response, PageError> {
    let published = app
        .run(move |register| {
            register.authorize(&who.actor, seloste_domain::rights::Action::NoticeReview)?;
            Ok(notice::published(register, Some(version))?.0)
        })
        .await?;
    let headers = [(axum::http::header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((headers, published.definition).into_response())
}
