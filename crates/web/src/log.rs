//! The log, for those who read it: newest first.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use seloste_ops::{history, log};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::party_form::Names;
use crate::person::{EventView, event_view};
use crate::session::Signed;
use crate::shell::Shell;

/// Events on a page.
const ROWS: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    before: Option<u64>,
    /// Only what concerns this subject; for those who read the log and see no customers.
    subject: Option<uuid::Uuid>,
}

#[derive(Template)]
#[template(path = "log.html")]
struct LogPage {
    s: Shell,
    events: Vec<EventView>,
    next: Option<u64>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-log")?;
            let names = Names::of(register)?;
            let entries = match asked.subject {
                Some(subject) => history::log_of(register, &who.actor, subject, ROWS)?,
                None => log::newest(register, &who.actor, asked.before, ROWS)?,
            };
            let more = asked.subject.is_none() && entries.len() == ROWS;
            let next = entries.last().map(|event| event.seq).filter(|seq| *seq > 0 && more);
            let events = entries.into_iter().map(|event| event_view(&s, register, &names, event));
            Ok(LogPage { events: events.collect::<seloste_ops::Result<_>>()?, next, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}
