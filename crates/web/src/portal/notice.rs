//! The privacy notice in force.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::notice::render;
use seloste_ops::{notice, portal};

use super::Frame;
use super::visitor::token;
use crate::App;
use crate::error::PageError;
use crate::session::Chosen;

#[derive(Template)]
#[template(path = "portal/notice.html")]
struct NoticePage {
    p: Frame,
    html: String,
    version: i64,
    at: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let token = token(&headers, app.settings.secure);
    let page = app
        .run(move |register| {
            let signed = match token {
                Some(token) => portal::resume(register, &token)?.is_some(),
                None => false,
            };
            let p = Frame { signed, ..Frame::public(register, language)? };
            let (published, notice) = notice::published(register, None)?;
            let html = render::to_html(&render::document(&notice, language));
            Ok(NoticePage { html, version: published.version, at: p.s.time(&published.published_at), p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}
