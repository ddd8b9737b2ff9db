//! A partner's interface: its tokens, where it is told that there is something to read, and what it may send.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{PartnerId, PurposeId, SourceId, TokenId};
use seloste_domain::token as rules;
use seloste_domain::webhook::State as Progress;
use seloste_ops::session::SignedIn;
use seloste_ops::webhook::{self, Sent};
use seloste_ops::{Register, exchange, partner};
use uuid::Uuid;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors, sources};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;
use crate::token::{Tokens, draft};

/// Days of which is told what was read.
const USED_DAYS: i32 = 7;

/// A message to the partner.
struct Row {
    id: Uuid,
    event: String,
    at: String,
    state: String,
    color: &'static str,
    attempts: i64,
    trouble: String,
    failed: bool,
}

impl Row {
    fn of(s: &Shell, sent: &Sent) -> Self {
        let trouble = sent.trouble.as_deref().map(|why| match why {
            "ended" => s.text("webhook-ended"),
            why => s.text(&key("feed-trouble", why)),
        });
        let status = sent.status.map(|status| format!(" ({status})")).unwrap_or_default();
        Self {
            id: sent.message.id,
            event: s.text(&key("webhook-event", sent.message.event.as_str())),
            at: s.time(&sent.message.at),
            state: s.text(&key("webhook-state", sent.state.as_str())),
            color: match sent.state {
                Progress::Sent => "success",
                Progress::Failed => "danger",
                Progress::Queued | Progress::Sending => "info",
            },
            attempts: sent.attempts,
            trouble: trouble.map(|why| format!("{why}{status}")).unwrap_or_default(),
            failed: sent.state == Progress::Failed,
        }
    }
}

/// What was read for a purpose on a day.
struct UsedRow {
    day: String,
    purpose: String,
    people: String,
    quota: String,
    unusual: bool,
}

fn used(register: &Register, s: &Shell, who: &SignedIn, id: PartnerId) -> seloste_ops::Result<Vec<UsedRow>> {
    let notice = register.notice()?;
    let name = |id: &PurposeId| {
        notice.purpose(id).map_or_else(|| id.to_string(), |purpose| purpose.name.get(s.t.0).to_owned())
    };
    let found = exchange::used(register, &who.actor, id, USED_DAYS)?;
    let row = |used: &exchange::Used| UsedRow {
        day: s.date(&used.day),
        purpose: name(&used.purpose),
        people: s.number(&used.people),
        quota: s.number(&used.quota),
        unusual: used.is_unusual(),
    };
    Ok(found.iter().map(row).collect())
}

#[derive(Template)]
#[template(path = "partner_interface.html")]
struct InterfacePage {
    s: Shell,
    id: PartnerId,
    name: String,
    by_interface: bool,
    tokens: Tokens,
    sources: Vec<Choice>,
    address: String,
    has_webhook: bool,
    messages: Vec<Row>,
    /// The webhook's secret that was made just now.
    secret: Option<String>,
    used: Vec<UsedRow>,
    f: Errors,
}

/// What the page shows beside what is kept.
#[derive(Default)]
struct More {
    token: Option<String>,
    secret: Option<String>,
    draft: Option<rules::TokenDraft>,
    address: Option<String>,
    errors: FieldErrors,
}

fn page(register: &Register, who: &SignedIn, id: PartnerId, more: More) -> seloste_ops::Result<InterfacePage> {
    let s = Shell::staff(register, who, "nav-partners")?;
    let access = webhook::access(register, &who.actor, id)?;
    let partner = partner::get(register, &who.actor, id)?;
    let mut tokens = Tokens::of(&s, format!("/partners/{id}/interface/tokens"), &access.tokens, register.now());
    tokens.secret = more.token;
    tokens.draft = more.draft.unwrap_or(tokens.draft);
    let chosen = access.source.map(String::from).unwrap_or_default();
    let none = Choice { value: String::new(), text: s.text("interface-source-none"), selected: chosen.is_empty() };
    let sources = std::iter::once(none).chain(sources(register, who.language, &chosen)?).collect();
    let kept = access.webhook.as_ref().map(|webhook| webhook.address.clone()).unwrap_or_default();
    Ok(InterfacePage {
        id,
        name: partner.name,
        by_interface: matches!(partner.interface, partner::Interface::Api | partner::Interface::Webhook),
        tokens,
        sources,
        address: more.address.unwrap_or(kept),
        has_webhook: access.webhook.is_some(),
        messages: access.messages.iter().map(|sent| Row::of(&s, sent)).collect(),
        secret: more.secret,
        used: used(register, &s, who, id)?,
        f: Errors::new(who.language, more.errors),
        s,
    })
}

async fn shown(app: &App, who: SignedIn, id: PartnerId, more: More) -> Result<Response, PageError> {
    let status = if more.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = app.run(move |register| page(register, &who, id, more)).await?;
    Ok((status, Html(page.render()?)).into_response())
}

fn back(id: PartnerId) -> Response {
    Redirect::to(&format!("/partners/{id}/interface")).into_response()
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
) -> Result<Response, PageError> {
    shown(&app, who, id, More::default()).await
}

pub(crate) async fn create_token(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
    form: Form,
) -> Result<Response, PageError> {
    let (again, draft) = (who.clone(), draft(&form));
    let kept = draft.clone();
    let more = match app.run(move |register| webhook::create_token(register, &who.actor, id, &draft)).await {
        Ok((_, secret)) => More { token: Some(secret.0), ..More::default() },
        Err(error) => More { draft: Some(kept), errors: error.fields()?, ..More::default() },
    };
    shown(&app, again, id, more).await
}

pub(crate) async fn rotate_token(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, token)): Path<(PartnerId, TokenId)>,
    form: Form,
) -> Result<Response, PageError> {
    let again = who.clone();
    let made = app.run(move |register| {
        webhook::access(register, &who.actor, id)?;
        let overlap = rules::overlap(&form.text("overlap"))?;
        webhook::rotate_token(register, &who.actor, id, token, overlap)
    });
    let more = match made.await {
        Ok((_, secret)) => More { token: Some(secret.0), ..More::default() },
        Err(error) => More { errors: error.fields()?, ..More::default() },
    };
    shown(&app, again, id, more).await
}

pub(crate) async fn revoke_token(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, token)): Path<(PartnerId, TokenId)>,
) -> Result<Response, PageError> {
    app.run(move |register| webhook::revoke_token(register, &who.actor, id, token)).await?;
    Ok(back(id))
}

pub(crate) async fn set_source(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
    form: Form,
) -> Result<Response, PageError> {
    let source: Option<SourceId> = form.parsed("source");
    app.run(move |register| webhook::set_source(register, &who.actor, id, source.as_ref())).await?;
    Ok(back(id))
}

pub(crate) async fn set_webhook(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
    form: Form,
) -> Result<Response, PageError> {
    let (again, address, feeding) = (who.clone(), form.text("address"), app.feeding());
    let kept = address.clone();
    let set = app.run(move |register| webhook::set(register, &who.actor, &feeding.fetcher, id, &address));
    let more = match set.await {
        Ok(secret) => More { secret: secret.map(|secret| secret.shown()), ..More::default() },
        Err(error) => More { address: Some(kept), errors: error.fields()?, ..More::default() },
    };
    shown(&app, again, id, more).await
}

pub(crate) async fn rotate_secret(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
) -> Result<Response, PageError> {
    let again = who.clone();
    let secret = app.run(move |register| webhook::rotate_secret(register, &who.actor, id)).await?;
    shown(&app, again, id, More { secret: Some(secret.shown()), ..More::default() }).await
}

pub(crate) async fn ping(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
) -> Result<Response, PageError> {
    app.run(move |register| webhook::ping(register, &who.actor, id)).await?;
    Ok(back(id))
}

pub(crate) async fn remove_webhook(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
) -> Result<Response, PageError> {
    app.run(move |register| webhook::remove(register, &who.actor, id)).await?;
    Ok(back(id))
}

pub(crate) async fn retry(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, message)): Path<(PartnerId, Uuid)>,
) -> Result<Response, PageError> {
    app.run(move |register| webhook::retry(register, &who.actor, id, message)).await?;
    Ok(back(id))
}
