//! Finding by words.

use axum::Json;
use axum::extract::State;
use seloste_ops::search::{self, Found, NounSet};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bearer::Bearer;
use super::input::Parameters;
use super::limit;
use crate::App;
use crate::error::PageError;

/// What to look for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParameters {
    /// Words: a name, an address, a number.
    #[param(max_length = 200)]
    q: String,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

/// What something is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NounName {
    /// A person.
    Person,
    /// An organisation.
    Organisation,
    /// An order.
    Order,
}

/// One thing found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Hit {
    /// What it is.
    noun: NounName,
    /// Its id.
    id: Uuid,
    /// What it is called: a name, or the number of an order.
    name: String,
}

/// What was found, the best first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Hits {
    /// The things.
    items: Vec<Hit>,
    /// Whether typing errors had to be allowed for.
    corrected: bool,
}

fn hit(found: &Found) -> Hit {
    match found {
        Found::Person(person) => Hit { noun: NounName::Person, id: person.id.0, name: person.display_name() },
        Found::Organisation(o) => Hit { noun: NounName::Organisation, id: o.id.0, name: o.name.clone() },
        Found::Order(row) => Hit { noun: NounName::Order, id: row.order.id.0, name: row.order.number.clone() },
    }
}

/// Finds people, organisations and orders by words.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchParameters), responses((status = 200, body = Hits)))]
pub(crate) async fn find(
    State(app): State<App>,
    Bearer(who): Bearer,
    Parameters(asked): Parameters<SearchParameters>,
) -> Result<Json<Hits>, PageError> {
    app.run_as(move |register| {
        let found = search::find(register, &who.actor, &asked.q, NounSet::ALL, limit(asked.limit)?)?;
        Ok(Json(Hits { items: found.found.iter().map(hit).collect(), corrected: found.corrected }))
    })
    .await
}
