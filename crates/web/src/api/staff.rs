//! The routes of the interface for programs of staff, in one table: what it is, and which right it needs. The router and
//! the description are made of it, and the tests sweep it.

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use seloste_domain::rights::Action;
use utoipa_axum::router::OpenApiRouter;

use super::{BODY, around, bearer, consent, invoice, nothing_here, openapi, order, organisation, person, search};
use crate::App;
use crate::routes::{Access, Route};

/// Where the interface begins.
pub const BASE: &str = "/api/v1";

macro_rules! routes {
    ($($method:ident $path:literal $action:ident => $($handler:ident)::+;)*) => {
        /// The table; paths stand below [`BASE`].
        pub const ROUTES: &[Route] =
            &[$(Route { method: stringify!($method), path: $path, access: Access::Right(Action::$action) }),*];

        fn described() -> OpenApiRouter<App> {
            OpenApiRouter::with_openapi(openapi::staff())$(.routes(utoipa_axum::routes!($($handler)::+)))*
        }
    };
}

routes! {
    GET "/people" PersonList => person::list;
    POST "/people" PersonCreate => person::create;
    GET "/people/{id}" PersonShow => person::show;
    PUT "/people/{id}" PersonChange => person::change;
    GET "/people/{id}/consents" ConsentList => consent::list_consents;
    POST "/people/{id}/consents" ConsentGive => consent::give_consent;
    DELETE "/people/{id}/consents" ConsentWithdraw => consent::withdraw_consent;
    GET "/organisations" OrganisationList => organisation::list;
    POST "/organisations" OrganisationCreate => organisation::create;
    GET "/organisations/{id}" OrganisationShow => organisation::show;
    PUT "/organisations/{id}" OrganisationChange => organisation::change;
    GET "/orders" OrderList => order::list;
    POST "/orders" OrderCreate => order::create;
    GET "/orders/{id}" OrderShow => order::show;
    PUT "/orders/{id}" OrderChange => order::change;
    POST "/orders/{id}/state" OrderChange => order::set_state;
    GET "/invoices" InvoiceList => invoice::list;
    GET "/invoices/{id}" InvoiceShow => invoice::show;
    PUT "/mirrored-invoices" InvoiceMirror => invoice::mirror;
    GET "/search" PersonSearch => search::find;
}

/// The interface with what is around it.
pub(crate) fn router(app: &App) -> Router<App> {
    let (routes, _) = described().split_for_parts();
    let routes = routes.route("/openapi.json", get(description)).fallback(nothing_here);
    around(routes.layer(from_fn_with_state(app.clone(), bearer::staff)), app, BODY)
}

async fn description(State(_): State<App>) -> Response {
    Json(document()).into_response()
}

/// The interface's description (OpenAPI 3.1).
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, document) = described().split_for_parts();
    openapi::complete(document)
}
