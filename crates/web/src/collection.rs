//! Cases at collection partners: the list, returning and closing.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::collection::CollectionState;
use seloste_domain::id::CollectionId;
use seloste_ops::collection;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
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
