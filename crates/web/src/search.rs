//! What is found as one types, as a fragment of a page.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use seloste_ops::search::{Found, NounSet, find};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::encode;
use crate::person::name_of;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// Things shown under the search field.
const SHOWN: usize = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    q: String,
}

struct Item {
    href: String,
    what: String,
    name: String,
    more: String,
}

#[derive(Template)]
#[template(path = "found.html")]
struct FoundPage {
    t: Texts,
    items: Vec<Item>,
    corrected: bool,
    all: String,
}

pub(crate) async fn search(
    State(app): State<App>,
    Signed(who): Signed,
    Query(typed): Query<Typed>,
) -> Result<Response, PageError> {
    if typed.q.trim().is_empty() {
        app.run(move |register| register.authorize(&who.actor, seloste_domain::rights::Action::PersonSearch)).await?;
        return Ok(Html(String::new()).into_response());
    }
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "")?;
            let today = register.today();
            let results = find(register, &who.actor, &typed.q, NounSet::ALL, SHOWN)?;
            let item = |found: Found| match found {
                Found::Person(person) => {
                    let represents = person.representations_on(today).next().map(|r| r.organisation_name.clone());
                    let town = person.address(today).filter(|a| !a.is_masked()).map(|a| a.town.clone());
                    Item {
                        href: format!("/people/{}", person.id),
                        what: s.text("found-person"),
                        name: name_of(&s, &person),
                        more: join([represents, town, person.customer_number(today).map(str::to_owned)]),
                    }
                }
                Found::Organisation(organisation) => Item {
                    href: format!("/organisations/{}", organisation.id),
                    what: s.text("found-organisation"),
                    more: organisation.business_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
                    name: organisation.name,
                },
                Found::Order(row) => Item {
                    href: format!("/orders/{}", row.order.id),
                    what: s.text("found-order"),
                    name: row.order.number.clone(),
                    more: join([
                        row.organisation,
                        row.person,
                        Some(s.date(&row.order.ordered_on)),
                        Some(s.text(&key("state", row.order.state.as_str()))),
                    ]),
                },
            };
            Ok(FoundPage {
                t: s.t,
                items: results.found.into_iter().map(item).collect(),
                corrected: results.corrected,
                all: format!("/people?q={}", encode(&typed.q)),
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

fn join<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
