//! The public page on which anybody verifies a receipt of an erasure: by pasting it, or by its file. It keeps nothing, and tells
//! nothing but what the receipt says.

use askama::Template;
use axum::RequestExt as _;
use axum::extract::{DefaultBodyLimit, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::erasure::Statement;
use seloste_ops::Register;
use seloste_ops::receipt::{self, LONGEST, NotReceipt};

use crate::App;
use crate::error::PageError;
use crate::session::Chosen;
use crate::shell::Shell;
use crate::text::key;

/// What stays.
pub(crate) struct Kept {
    pub(crate) what: String,
    pub(crate) article: String,
    pub(crate) count: i64,
    pub(crate) until: Option<String>,
}

/// What a receipt says.
pub(crate) struct Told {
    pub(crate) at: String,
    pub(crate) gone: Vec<(String, i64)>,
    pub(crate) stays: Vec<Kept>,
    pub(crate) recipients: i64,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct Page {
    s: Shell,
    told: Option<Told>,
    wrong: Option<String>,
}

/// What a statement says, in words.
pub(crate) fn told(s: &Shell, statement: &Statement) -> Told {
    let gone = statement.gone.iter().filter(|line| line.gone > 0);
    let gone = gone.map(|line| (s.text(&key("erasure-part", line.part.as_str())), line.gone));
    let stays = statement.stays.iter().map(|kept| Kept {
        what: s.text(&key("hold", &kept.ground)),
        article: kept.article.clone(),
        count: kept.count,
        until: kept.until.map(|day| s.date(&day)),
    });
    Told { at: s.time(&statement.at), gone: gone.collect(), stays: stays.collect(), recipients: statement.recipients }
}

/// The text that says what is wrong.
pub(crate) const fn reason(why: NotReceipt) -> &'static str {
    match why {
        NotReceipt::Unreadable => "receipt-unreadable",
        NotReceipt::OtherRegister => "receipt-other-register",
        NotReceipt::Signature => "receipt-signature",
        NotReceipt::Event => "receipt-event",
        NotReceipt::Checkpoint => "receipt-checkpoint",
        NotReceipt::Proof | NotReceipt::Contradicted | NotReceipt::NotKept => "receipt-proof",
    }
}

fn page(
    register: &Register,
    chosen: seloste_domain::language::Language,
    text: Option<&str>,
) -> seloste_ops::Result<Page> {
    let s = Shell::public(register, chosen)?;
    Ok(match text.map(|text| receipt::check(register, text)) {
        None => Page { told: None, wrong: None, s },
        Some(Ok(statement)) => Page { told: Some(told(&s, &statement)), wrong: None, s },
        Some(Err(why)) => Page { told: None, wrong: Some(s.text(reason(why))), s },
    })
}

/// The form.
pub(crate) async fn form(State(app): State<App>, Chosen(language): Chosen) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, language, None)).await?;
    Ok(Html(page.render()?).into_response())
}

/// What was pasted or sent, verified.
pub(crate) async fn check(
    State(app): State<App>,
    Chosen(language): Chosen,
    request: Request,
) -> Result<Response, PageError> {
    let text = given_in(request).await?;
    let page = app.run(move |register| page(register, language, Some(&text))).await?;
    let status = if page.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page.render()?)).into_response())
}

/// The text that a form sends.
pub(crate) async fn given_in(mut request: Request) -> Result<String, PageError> {
    DefaultBodyLimit::max(4 * LONGEST).apply(&mut request);
    let parts: Multipart = request.extract().await.map_err(|_| PageError::Malformed)?;
    given(parts).await
}

/// The first part that is not empty: the text field, else the file.
async fn given(mut parts: Multipart) -> Result<String, PageError> {
    let mut found = String::new();
    while let Some(part) = parts.next_field().await.map_err(|_| PageError::TooLarge)? {
        let bytes = part.bytes().await.map_err(|_| PageError::TooLarge)?;
        if found.trim().is_empty() {
            found = String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    Ok(found)
}
