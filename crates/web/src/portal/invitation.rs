//! Coming in by an invitation: from the link of a message, or by the code of a letter.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::language::Language;
use seloste_ops::{OpsError, portal};

use super::Frame;
use super::sign_in::entered;
use super::visitor::From;
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::session::Chosen;

#[derive(Template)]
#[template(path = "portal/invitation.html")]
struct InvitationPage {
    p: Frame,
    problem: bool,
}

async fn page(app: &App, language: Language, problem: bool) -> Result<Html<String>, PageError> {
    let page = app.run(move |register| Ok(InvitationPage { p: Frame::public(register, language)?, problem })).await?;
    Ok(Html(page.render()?))
}

pub(crate) async fn form(State(app): State<App>, Chosen(language): Chosen) -> Result<Response, PageError> {
    Ok(page(&app, language, false).await?.into_response())
}

pub(crate) async fn enter(
    State(app): State<App>,
    Chosen(language): Chosen,
    From(from): From,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, PageError> {
    let said = form.text("said");
    match app.run(move |register| portal::enter_invited(register, &said, &from)).await {
        Ok((session, who)) => entered(&app, &headers, &session, who, "/").await,
        Err(PageError::Ops(OpsError::Link)) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&app, language, true).await?).into_response())
        }
        Err(error) => Err(error),
    }
}
