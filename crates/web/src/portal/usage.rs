//! When and for what the person's data was used: by day and purpose, without the names of members of staff.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use seloste_ops::portal;

use super::Frame;
use super::visitor::Visiting;
use crate::App;
use crate::error::PageError;
use crate::session::Chosen;
use crate::text::key;

struct Row {
    day: String,
    purpose: String,
    what: String,
    by: String,
    fields: String,
    times: i64,
}

#[derive(Template)]
#[template(path = "portal/uses.html")]
struct UsesPage {
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
            let p = Frame::own(register, language, "uses")?;
            let notice = register.notice()?;
            let purpose = |id: &str| {
                let declared = id.parse().ok().and_then(|id| notice.purpose(&id));
                declared.map_or_else(|| id.to_owned(), |purpose| purpose.name.get(language).to_owned())
            };
            let rows = portal::uses(register, &who)?.into_iter().map(|used| Row {
                day: p.s.date(&used.day),
                purpose: purpose(&used.purpose),
                what: if used.changed { p.s.text("outcome-changed") } else { p.s.text("outcome-shown") },
                by: p.s.text(&key("portal-by", used.by)),
                fields: used
                    .fields
                    .iter()
                    .map(|field| p.s.text(&key("kind", field)).to_lowercase())
                    .collect::<Vec<_>>()
                    .join(", "),
                times: used.times,
            });
            let rows = rows.collect();
            Ok(UsesPage { rows, p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}
