//! Every route of the portal in one table; the router is built from it and the tests sweep it. No route names a person: whose
//! data it is comes from the session alone.

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::{
    consent, copy, detail, erasure, invitation, message, notice, order, overview, passkey, prohibition, receipt,
    recipient, registration, request, right, sign_in, transmission, usage,
};
use crate::error::PageError;
use crate::{App, assets, print};

/// Who may call a route of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// A person who is signed in, about themself.
    Own,
}

/// A route of the portal.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path with its parameters.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
}

macro_rules! routes {
    ($($method:ident $path:literal $access:ident => $handler:expr;)*) => {
        /// The table.
        pub const ROUTES: &[Route] =
            &[$(Route { method: stringify!($method), path: $path, access: Access::$access }),*];

        /// The router of the table.
        pub(crate) fn router() -> Router<App> {
            Router::new()$(.route($path, routes!(@$method $handler)))*.fallback(nothing_here)
        }
    };
    (@GET $handler:expr) => { get($handler) };
    (@POST $handler:expr) => { post($handler) };
}

routes! {
    GET "/healthz" Public => healthy;
    GET "/assets/{hash}/{*name}" Public => assets::get;
    GET "/notice" Public => notice::show;
    GET "/notice.pdf" Public => print::notice;
    GET "/sign-in" Public => sign_in::form;
    POST "/sign-in" Public => sign_in::ask;
    GET "/enter" Public => sign_in::enter_form;
    POST "/enter" Public => sign_in::enter;
    POST "/passkey/ask" Public => passkey::ask_to_enter;
    POST "/passkey" Public => passkey::enter;
    POST "/sign-out" Public => sign_in::sign_out;
    GET "/prove" Own => sign_in::prove_form;
    POST "/prove" Own => sign_in::prove;
    GET "/invitation" Public => invitation::form;
    POST "/invitation" Public => invitation::enter;
    GET "/register" Public => registration::form;
    POST "/register" Public => registration::register;
    GET "/register/confirm" Public => registration::confirm_form;
    POST "/register/confirm" Public => registration::confirm;
    GET "/" Own => overview::show;
    GET "/details" Own => detail::show;
    GET "/details/{kind}" Own => detail::form;
    POST "/details/{kind}" Own => detail::correct;
    GET "/passkeys" Own => passkey::list;
    POST "/passkeys/ask" Own => passkey::ask_to_add;
    POST "/passkeys" Own => passkey::add;
    POST "/passkeys/{id}/remove" Own => passkey::remove;
    GET "/consents" Own => consent::show;
    POST "/consents" Own => consent::set;
    GET "/prohibitions" Own => prohibition::show;
    POST "/prohibitions" Own => prohibition::set;
    GET "/orders" Own => order::list;
    GET "/orders/{id}" Own => order::show;
    GET "/invoices/{id}/invoice.pdf" Own => order::invoice;
    GET "/recipients" Own => recipient::list;
    GET "/uses" Own => usage::list;
    GET "/rights" Own => right::show;
    GET "/requests" Own => request::list;
    GET "/requests/new" Own => request::form;
    POST "/requests/new" Own => request::receive;
    GET "/requests/{id}" Own => request::show;
    POST "/requests/{id}/withdraw" Own => request::withdraw;
    GET "/copies" Own => copy::list;
    POST "/copies" Own => copy::make;
    POST "/copies/transmit" Own => transmission::transmit;
    GET "/copies/{id}" Own => copy::show;
    GET "/copies/{id}/{file}" Own => copy::file;
    GET "/receive" Own => transmission::show;
    POST "/receive" Own => transmission::open;
    POST "/receive/{id}/take" Own => transmission::take;
    POST "/receive/{id}/decline" Own => transmission::decline;
    POST "/portability" Public => transmission::receive;
    GET "/erasure" Own => erasure::plan;
    POST "/erasure" Own => erasure::erase;
    POST "/erasure/wait" Own => erasure::wait;
    POST "/erasure/request" Own => erasure::ask;
    GET "/erased" Public => erasure::erased;
    GET "/erased/receipts/{step}" Public => erasure::receipt;
    GET "/receipt" Public => receipt::form;
    POST "/receipt" Public => receipt::check;
    GET "/messages" Own => message::list;
    GET "/messages/{id}" Own => message::show;
}

async fn nothing_here() -> Response {
    PageError::NotFound.into_response()
}

async fn healthy() -> &'static str {
    "ok\n"
}
