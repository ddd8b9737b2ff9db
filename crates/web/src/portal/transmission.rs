//! What one gave, sent straight to another controller that runs this program, and received from one (Art. 20(2)).

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::id::ReceptionId;
use seloste_domain::language::Language;
use seloste_domain::portability::{MAX_BYTES, Portable};
use seloste_domain::transmission::{Reception, ReceptionState};
use seloste_ops::Register;
use seloste_ops::portal::{self, Visitor};

use super::Frame;
use super::visitor::{From, Visiting, or_prove};
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::session::Chosen;
use crate::text::key;

/// Sends; what is wrong is told on the page of copies.
pub(crate) async fn transmit(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    form: Form,
) -> Result<Response, PageError> {
    let (fetcher, address, sender) = (app.peers(), form.text("address"), who.clone());
    match app.run(move |register| portal::transmit(register, &sender, &fetcher, &address)).await {
        Ok(()) => Ok(Redirect::to("/copies?sent#transmit").into_response()),
        Err(PageError::Ops(seloste_ops::OpsError::Fields(errors))) => {
            super::copy::with_errors(&app, language, who, form.text("address"), errors).await
        }
        Err(error) => or_prove(error, "/copies"),
    }
}

/// What came or is to come.
struct Row {
    id: ReceptionId,
    at: String,
    state: String,
    waits: bool,
    from: Option<String>,
    values: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "portal/receive.html")]
struct ReceivePage {
    p: Frame,
    /// The address, when it was just made: it is not kept.
    address: Option<String>,
    rows: Vec<Row>,
    done: Option<String>,
}

fn row(p: &Frame, (reception, content): (Reception, Option<Portable>)) -> Row {
    let values = content.iter().flat_map(|content| &content.values);
    Row {
        id: reception.id,
        at: p.s.time(&reception.received_at.unwrap_or(reception.made_at)),
        state: p.s.text(&key("reception", reception.state.as_str())),
        waits: reception.state == ReceptionState::Received,
        from: content.as_ref().and_then(|content| content.controller.clone()),
        values: values
            .map(|value| (p.s.text(&key("kind", value.value.kind().as_str())), p.s.value(&value.value)))
            .collect(),
    }
}

fn page(
    register: &Register,
    language: Language,
    who: &Visitor,
    (address, done): (Option<String>, Option<&'static str>),
) -> seloste_ops::Result<ReceivePage> {
    let p = Frame::own(register, language, "rights")?;
    let rows = portal::receptions(register, who)?.into_iter().map(|found| row(&p, found)).collect();
    Ok(ReceivePage { rows, address, done: done.map(|key| p.s.text(key)), p })
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Response, PageError> {
    let done = match query.as_deref() {
        Some("taken") => Some("receive-taken"),
        Some("declined") => Some("receive-declined"),
        _ => None,
    };
    let page = app.run(move |register| page(register, language, &who, (None, done))).await?;
    Ok(Html(page.render()?).into_response())
}

/// Makes an address and shows it, once.
pub(crate) async fn open(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    let made = app
        .run(move |register| {
            let address = portal::open_reception(register, &who)?;
            page(register, language, &who, (Some(address), None))
        })
        .await;
    match made {
        Ok(page) => Ok(Html(page.render()?).into_response()),
        Err(error) => or_prove(error, "/receive"),
    }
}

pub(crate) async fn take(
    State(app): State<App>,
    Visiting(who): Visiting,
    Path(id): Path<ReceptionId>,
) -> Result<Response, PageError> {
    match app.run(move |register| portal::take(register, &who, id)).await {
        Ok(()) => Ok(Redirect::to("/receive?taken").into_response()),
        Err(error) => or_prove(error, "/receive"),
    }
}

pub(crate) async fn decline(
    State(app): State<App>,
    Visiting(who): Visiting,
    Path(id): Path<ReceptionId>,
) -> Result<Response, PageError> {
    app.run(move |register| portal::decline(register, &who, id)).await?;
    Ok(Redirect::to("/receive?declined").into_response())
}

/// Takes in what another controller sends. Nothing is read before its address is known to be good; what is wrong with that is told to
/// nobody.
pub(crate) async fn receive(State(app): State<App>, From(from): From, request: Request) -> Result<Response, PageError> {
    let said = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secret = said.and_then(|said| said.strip_prefix("Bearer ")).unwrap_or_default().to_owned();
    let asked = secret.clone();
    app.run(move |register| portal::may_send(register, &asked, &from)).await?;
    let Ok(body) = axum::body::to_bytes(request.into_body(), MAX_BYTES).await else { return Err(PageError::TooLarge) };
    match app.run(move |register| portal::receive(register, &secret, &body)).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => {
            error.fields()?;
            Err(PageError::Malformed)
        }
    }
}
