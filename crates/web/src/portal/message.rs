//! The messages that were sent to the person.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::id::MailId;
use seloste_ops::portal;

use super::Frame;
use super::visitor::Visiting;
use crate::App;
use crate::error::PageError;
use crate::session::Chosen;
use crate::text::key;

struct Row {
    id: MailId,
    subject: String,
    at: String,
    state: String,
}

#[derive(Template)]
#[template(path = "portal/messages.html")]
struct MessagesPage {
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
            let p = Frame::own(register, language, "messages")?;
            let rows = portal::own_messages(register, &who)?.into_iter().map(|(mail, letter)| Row {
                id: mail.id,
                subject: letter.subject,
                at: p.s.time(&mail.sent_at.unwrap_or(mail.created_at)),
                state: p.s.text(&key("mail", mail.state.as_str())),
            });
            let rows = rows.collect();
            Ok(MessagesPage { rows, p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "portal/message.html")]
struct MessagePage {
    p: Frame,
    subject: String,
    to: String,
    at: String,
    body: String,
    files: Vec<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    Path(id): Path<MailId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "messages")?;
            let (mail, letter) = portal::message(register, &who, id)?;
            Ok(MessagePage {
                at: p.s.time(&mail.sent_at.unwrap_or(mail.created_at)),
                body: if letter.body.is_empty() { p.s.text("mail-secret") } else { letter.body },
                files: letter.enclosed.into_iter().map(|file| file.name).collect(),
                subject: letter.subject,
                to: letter.to,
                p,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}
