//! The portal: pages for the people in the register, at a listener of their own, with a cookie, sessions and a table of routes
//! of their own. To add a page: a handler in a file of its noun here, a template `templates/portal/NOUN.html`, and a line in
//! `portal/routes.rs`. Nothing here takes a session of staff, and nothing there takes one of the portal.

mod consent;
mod copy;
mod detail;
mod erasure;
mod frame;
mod invitation;
mod message;
mod notice;
mod order;
mod overview;
mod passkey;
mod prohibition;
mod receipt;
mod recipient;
mod registration;
mod request;
mod right;
pub mod routes;
mod sign_in;
mod transmission;
mod usage;
mod visitor;

pub(crate) use frame::Frame;
pub(crate) use visitor::From;
