//! Cases at collection partners: the list, returning and closing.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::collection::CollectionState;
use seloste_domain::id::{CollectionId, InvoiceId, PartnerId};
use seloste_ops::collection;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::Choice;
use crate::reminder::{Row, row};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// A case as the list shows it.
struct CaseView {
    id: CollectionId,
    version: i64,
    row: Row,
    handed_on: String,
    claimed: String,
    ended: Option<String>,
}

#[derive(Template)]
#[template(path = "collection_cases.html")]
struct CasesPage {
    s: Shell,
    cases: Vec<CaseView>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-overdue")?;
            let (rates, today) = (seloste_ops::reminder::rates_in_use(register)?, register.today());
            let view = |(case, standing): &(collection::Case, seloste_ops::reminder::Standing)| CaseView {
                id: case.id,
                version: case.version,
                row: row(&s, (&rates, today), standing),
                handed_on: s.date(&case.handed_on),
                claimed: s.money(&case.items.total()),
                ended: case
                    .ended_on
                    .map(|day| format!("{} {}", s.text(&key("collection-state", case.state.as_str())), s.date(&day))),
            };
            let cases = collection::cases(register, &who.actor, false)?.iter().map(view).collect();
            Ok(CasesPage { cases, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "hand_over.html")]
struct OfferPage {
    s: Shell,
    row: Row,
    partners: Vec<Choice>,
    cells: Vec<(String, String)>,
}

pub(crate) async fn offer(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-overdue")?;
            let offer = collection::offer(register, &who.actor, id)?;
            let (rates, today) = (seloste_ops::reminder::rates_in_use(register)?, register.today());
            let only = offer.partners.len() == 1;
            let partners = offer.partners.iter().map(|partner| Choice {
                value: partner.id.to_string(),
                text: partner.name.clone(),
                selected: only,
            });
            let names = collection::HandOver::COLUMNS.iter().map(|name| (*name).to_owned());
            let cells = names.zip(offer.hand_over.row()).filter(|(_, cell)| !cell.is_empty()).collect();
            Ok(OfferPage { partners: partners.collect(), cells, row: row(&s, (&rates, today), &offer.standing), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

fn download(handed: collection::Handed) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = format!("attachment; filename=\"{}\"", handed.name).parse() {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    (headers, handed.file).into_response()
}

pub(crate) async fn hand_over(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Response, PageError> {
    let partner = form.parsed("partner").unwrap_or(PartnerId(uuid::Uuid::nil()));
    let handed = app.run(move |register| collection::hand_over(register, &who.actor, id, partner)).await?;
    Ok(download(handed))
}

pub(crate) async fn file_again(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CollectionId>,
) -> Result<Response, PageError> {
    Ok(download(app.run(move |register| collection::file_again(register, &who.actor, id)).await?))
}

pub(crate) async fn end(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CollectionId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let state: CollectionState = form.parsed("state").unwrap_or(CollectionState::Returned);
    let state = if state == CollectionState::HandedOver { CollectionState::Returned } else { state };
    let version = form.number("version");
    let invoice = app.run(move |register| collection::end(register, &who.actor, id, version, state)).await?;
    Ok(Redirect::to(&format!("/invoices/{invoice}/claim")))
}
