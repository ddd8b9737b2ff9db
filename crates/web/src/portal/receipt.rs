//! The public page on which anybody verifies a receipt of an erasure, at the portal: whoever was erased finds nothing else here.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use seloste_ops::portal;

use super::Frame;
use super::visitor::keep_receipts;
use crate::App;
use crate::error::PageError;
use crate::receipt::{Told, given_in, reason, told};
use crate::session::Chosen;

#[derive(Template)]
#[template(path = "portal/receipt.html")]
struct Page {
    p: Frame,
    told: Option<Told>,
    wrong: Option<String>,
}

pub(crate) async fn form(State(app): State<App>, Chosen(language): Chosen) -> Result<Response, PageError> {
    let page = app.run(move |register| Ok(Page { p: Frame::public(register, language)?, told: None, wrong: None }));
    Ok(Html(page.await?.render()?).into_response())
}

/// What was pasted or sent, verified. Who has a receipt finds the later ones of the same erasure, too.
pub(crate) async fn check(
    State(app): State<App>,
    Chosen(language): Chosen,
    request: Request,
) -> Result<Response, PageError> {
    let text = given_in(request).await?;
    let secure = app.settings.secure;
    let (page, key) = app
        .run(move |register| {
            let p = Frame::public(register, language)?;
            Ok(match portal::erased_by_receipt(register, &text)? {
                Ok((statement, key)) => (Page { told: Some(told(&p.s, &statement)), wrong: None, p }, key),
                Err(why) => (Page { told: None, wrong: Some(p.s.text(reason(why))), p }, None),
            })
        })
        .await?;
    let status = if page.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let set = key.map(|key| AppendHeaders([keep_receipts(&key, secure)]));
    Ok((status, set, Html(page.render()?)).into_response())
}
