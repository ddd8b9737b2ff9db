//! The imports that were run: what each of them did, and undoing it. The page that uploads a file comes later; until
//! then imports are run from the command line.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::id::ImportId;
use seloste_ops::import;

use crate::App;
use crate::error::PageError;
use crate::party_form::{Names, source_name};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

struct Row {
    id: ImportId,
    at: String,
    by: String,
    what: String,
    file: String,
    source: String,
    created: String,
    updated: String,
    unchanged: String,
    refused: String,
    undone: Option<String>,
    running: bool,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    s: Shell,
    rows: Vec<Row>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-imports")?;
            let names = Names::of(register)?;
            let notice = register.notice()?;
            let rows = import::list(register, &who.actor)?.into_iter().map(|run| Row {
                id: run.id,
                at: s.time(&run.started_at),
                by: names.name(s.t, &run.entered_by),
                what: s.text(&key("import", &run.noun)),
                file: run.file_name,
                source: source_name(&notice, &run.source, s.t.0),
                created: s.number(&run.counts.created),
                updated: s.number(&run.counts.updated),
                unchanged: s.number(&run.counts.unchanged),
                refused: s.number(&run.counts.refused),
                undone: run.undone_at.map(|at| s.time(&at)),
                running: run.finished_at.is_none(),
            });
            Ok(ImportsPage { rows: rows.collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn undo(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<ImportId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| import::undo(register, &who.actor, id)).await?;
    Ok(Redirect::to("/imports"))
}
