//! The imports that were run: what each of them did, and undoing it. Above them the files that wait (`upload.rs`).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::id::{ImportId, UploadId};
use seloste_ops::import::{self, upload};

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
    waiting: Vec<(UploadId, String, String)>,
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
            let may_import = s.may("import.run");
            let files = if may_import { upload::list(register, &who.actor)? } else { Vec::new() };
            let waiting = files.into_iter().map(|file| (file.id, s.time(&file.at), file.file_name)).collect();
            Ok(ImportsPage { rows: rows.collect(), waiting, s })
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
