//! The pages. To add one: a handler in the file of its noun, a template beside it in `templates/`, its texts in
//! `texts/{fi,sv,en}.ftl`, and a line in `routes.rs` that names the right it needs.
//!
//! A handler parses, calls a use case of `seloste_ops` on a blocking thread, and renders. Pages are complete without
//! JavaScript; `assets/seloste.js` only makes them quicker.

mod access;
mod account;
pub mod api;
mod assets;
mod bulk;
mod change;
mod claim;
mod collection;
mod company_register;
mod consent;
mod consent_review;
mod cookie;
mod credit;
mod credit_application;
mod credit_report;
mod credit_service;
mod disclosure;
mod duplicate;
mod erasure;
mod error;
mod export;
mod feed;
mod form;
pub mod guide;
mod home;
mod import;
mod interface;
mod invitation;
mod invoice;
mod layers;
mod legal_request;
mod letter;
mod list;
mod log;
mod mail;
mod mapping;
mod merge;
mod message;
mod navigation;
mod notice;
mod order;
mod organisation;
mod partner;
mod partner_document;
mod party_form;
mod payment;
mod payment_file;
mod person;
pub mod portal;
mod print;
mod product;
mod prohibition;
mod proposal;
mod recall;
mod receipt;
mod reference_rate;
mod reminder;
mod request;
mod restriction;
pub mod routes;
mod search;
mod serve;
mod session;
mod shell;
mod sign_in;
mod style;
mod tag;
pub mod text;
mod token;
mod upload;
mod user;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use seloste_fetch::Fetcher;
use seloste_ops::Register;
use seloste_ops::feed::Feeding;

pub use access::{content as package_content, html as access_html, paper as access_paper};
pub use error::PageError;
pub use export::word as export_word;
pub use payment_file::wrong as payment_file_problem;
pub use reminder::{letter_of as reminder_letter, send_one as send_reminder};
pub use serve::{serve, serve_partners, serve_portal};
pub use style::{StyleError, Styles};
pub use upload::{describe, resume};

/// How the pages are served.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Host names (with port, where it is not the usual one) that requests may name.
    pub hosts: Vec<String>,
    /// Whether the pages are reached by https; then cookies are only sent over it.
    pub secure: bool,
    /// Reverse proxies whose word (`X-Forwarded-For`) counts for where a request comes from.
    pub proxies: Vec<IpAddr>,
}

impl WebSettings {
    /// The settings of pages that browsers reach at this address. On this machine `localhost` is the same place.
    #[must_use]
    pub fn of(base_url: &str) -> Self {
        let (scheme, rest) = base_url.split_once("://").unwrap_or(("http", base_url));
        let host = rest.split('/').next().unwrap_or_default().to_owned();
        let mut hosts = vec![host.clone()];
        for (one, other) in [("127.0.0.1", "localhost"), ("localhost", "127.0.0.1")] {
            let port = host.strip_prefix(one).filter(|port| port.is_empty() || port.starts_with(':'));
            hosts.extend(port.map(|port| format!("{other}{port}")));
        }
        Self { hosts, secure: scheme == "https", proxies: Vec::new() }
    }
}

/// What every handler has.
#[derive(Clone)]
pub struct App {
    register: Register,
    settings: Arc<WebSettings>,
    styles: Arc<Styles>,
    feeding: Arc<Feeding>,
    peers: Arc<Fetcher>,
    limits: Arc<api::Limits>,
}

impl App {
    /// The pages of a register.
    #[must_use]
    pub fn new(register: Register, settings: WebSettings) -> Self {
        Self {
            register,
            settings: Arc::new(settings),
            styles: Arc::default(),
            feeding: Arc::default(),
            peers: Arc::default(),
            limits: Arc::default(),
        }
    }

    /// The pages beside a portal that people reach at this address, without a slash at its end.
    #[must_use]
    pub fn with_portal(self, base: &str) -> Self {
        self.register.set_portal(base);
        self
    }

    /// The same register as the portal, which is reached under other names.
    #[must_use]
    pub fn for_portal(&self, settings: WebSettings) -> Self {
        Self { settings: Arc::new(settings), ..self.clone() }
    }

    /// The pages with interfaces for programs that may send so many requests.
    #[must_use]
    pub fn with_rates(self, rates: api::Rates) -> Self {
        Self { limits: Arc::new(api::Limits::new(rates)), ..self }
    }

    /// The pages with documents that look so.
    #[must_use]
    pub fn with_styles(self, styles: Styles) -> Self {
        Self { styles: Arc::new(styles), ..self }
    }

    /// The pages with feeds that may read so, and with a company register, if there is one.
    #[must_use]
    pub fn with_feeding(self, feeding: Feeding) -> Self {
        Self { feeding: Arc::new(feeding), ..self }
    }

    /// The pages with portals of other controllers that may be inside the network: people say where their data goes (Art. 20(2)), and
    /// without this it goes to public addresses by TLS only.
    #[must_use]
    pub fn with_peers(self, peers: Fetcher) -> Self {
        Self { peers: Arc::new(peers), ..self }
    }

    pub(crate) fn peers(&self) -> Arc<Fetcher> {
        Arc::clone(&self.peers)
    }

    pub(crate) fn feeding(&self) -> Arc<Feeding> {
        Arc::clone(&self.feeding)
    }

    pub(crate) fn styles(&self) -> Arc<Styles> {
        Arc::clone(&self.styles)
    }

    /// Runs a use case on a thread that may block.
    ///
    /// # Errors
    /// The use case's.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Register) -> seloste_ops::Result<T> + Send + 'static,
    ) -> Result<T, PageError> {
        self.run_as(move |register| Ok(work(register)?)).await
    }

    /// Runs use cases, and what is between them, on a thread that may block.
    ///
    /// # Errors
    /// Those of the work.
    pub(crate) async fn run_as<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Register) -> Result<T, PageError> + Send + 'static,
    ) -> Result<T, PageError> {
        let (register, done) = (self.register.clone(), Arc::new(Mutex::new(None)));
        let result = Arc::clone(&done);
        blocking(Box::new(move || {
            let ended = work(&register);
            *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        }))
        .await;
        let result = result.lock().unwrap_or_else(PoisonError::into_inner).take();
        // There is none when the work panicked.
        result.unwrap_or(Err(PageError::Broken))
    }
}

/// Runs a job on a thread that may block. One type for all jobs: compiling the runtime's tasks for each of the hundreds of
/// them took a third of the time that the crate compiles.
async fn blocking(job: Box<dyn FnOnce() + Send>) {
    let _ = tokio::task::spawn_blocking(job).await;
}

/// All routes with their layers.
pub fn router(app: App) -> Router {
    let pages = layers::of_pages(routes::router(), &app);
    layers::around(pages.nest(api::staff::BASE, api::staff::router(&app)), &app).with_state(app)
}

/// The portal of the people in the register, for a listener of its own: nothing of the pages of staff is there.
pub fn portal_router(app: App) -> Router {
    let cookies = layers::of_cookies(api::cookie::router(&app), &app);
    layers::of_portal(portal::routes::router(), &app).merge(cookies).with_state(app)
}

/// The interface of partners, for a listener of its own: nothing of the pages is there.
pub fn partner_router(app: App) -> Router {
    layers::of_partners(api::partner::router(&app), &app).with_state(app)
}
