//! What a person can do about their own data, each in a sentence, and how far their requests have come.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use seloste_ops::portal;

use super::Frame;
use super::request::{Row, row};
use super::visitor::Visiting;
use crate::App;
use crate::error::PageError;
use crate::session::Chosen;

#[derive(Template)]
#[template(path = "portal/rights.html")]
struct RightsPage {
    p: Frame,
    rows: Vec<Row>,
    authority: Vec<String>,
}

/// The supervisory authority of the notice, with how to reach it.
pub(super) fn authority(notice: &seloste_domain::notice::Notice, p: &Frame) -> Vec<String> {
    let contact = notice.authority();
    let parts = [&contact.address, &contact.phone, &contact.email, &contact.website];
    let name = notice.authority_name(p.s.t.0).to_owned();
    std::iter::once(name).chain(parts.into_iter().flatten().cloned()).filter(|line| !line.is_empty()).collect()
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "rights")?;
            let today = register.today();
            let rows = portal::requests(register, &who)?.iter().map(|request| row(&p, request, today)).collect();
            Ok(RightsPage { rows, authority: authority(&*register.notice()?, &p), p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}
