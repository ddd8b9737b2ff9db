//! Tokens for programs, on the pages of those to whom they belong: the own account.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::TokenId;
use seloste_domain::token::{self as rules, Token, TokenDraft};
use seloste_ops::token::{self, Secret};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::Errors;
use crate::session::Signed;
use crate::shell::Shell;

/// A token lasts so many days when nothing else is said.
const USUAL_DAYS: &str = "90";
/// A replaced token lasts so many days more when nothing else is said.
const USUAL_OVERLAP: &str = "7";

/// A row of the list.
pub(crate) struct Row {
    pub(crate) id: TokenId,
    pub(crate) name: String,
    pub(crate) networks: String,
    pub(crate) created: String,
    pub(crate) ends: String,
    pub(crate) used: String,
    pub(crate) from: String,
    pub(crate) state: String,
    pub(crate) color: &'static str,
    pub(crate) is_good: bool,
}

impl Row {
    fn of(s: &Shell, token: &Token, now: Timestamp) -> Self {
        let is_good = token.is_good(now);
        let (state, color) = match (is_good, token.revoked_at) {
            (true, _) => ("token-good", "success"),
            (false, Some(_)) => ("token-revoked", "neutral"),
            (false, None) => ("token-expired", "neutral"),
        };
        let networks = token.networks.to_string();
        Self {
            id: token.id,
            name: token.name.clone(),
            networks: if networks.is_empty() { s.text("token-anywhere") } else { networks },
            created: s.time(&token.created_at),
            ends: s.time(&token.revoked_at.unwrap_or(token.expires_at)),
            used: token.used_at.map(|at| s.time(&at)).unwrap_or_default(),
            from: token.used_from.clone().unwrap_or_default(),
            state: s.text(state),
            color,
            is_good,
        }
    }
}

/// The list of tokens with the form of a new one, for whoever they belong to.
pub(crate) struct Tokens {
    /// The address of the list.
    pub(crate) base: String,
    pub(crate) rows: Vec<Row>,
    /// What a token says that was made just now.
    pub(crate) secret: Option<String>,
    pub(crate) draft: TokenDraft,
    pub(crate) overlap: &'static str,
}

impl Tokens {
    pub(crate) fn of(s: &Shell, base: String, tokens: &[Token], now: Timestamp) -> Self {
        Self {
            base,
            rows: tokens.iter().map(|token| Row::of(s, token, now)).collect(),
            secret: None,
            draft: TokenDraft { days: USUAL_DAYS.into(), ..TokenDraft::default() },
            overlap: USUAL_OVERLAP,
        }
    }
}

/// The draft of a form.
pub(crate) fn draft(form: &Form) -> TokenDraft {
    TokenDraft { name: form.text("name"), days: form.text("days"), networks: form.text("networks") }
}

#[derive(Template)]
#[template(path = "own_tokens.html")]
struct OwnPage {
    s: Shell,
    tokens: Tokens,
    f: Errors,
}

/// What the page shows beside the list.
#[derive(Default)]
struct More {
    secret: Option<Secret>,
    refused: Option<(TokenDraft, FieldErrors)>,
}

async fn page(app: &App, signed: Signed, more: More) -> Result<Response, PageError> {
    let Signed(who) = signed;
    let status = if more.refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "")?;
            let own = token::own(register, &who)?;
            let mut tokens = Tokens::of(&s, "/account/tokens".into(), &own, register.now());
            tokens.secret = more.secret.map(|secret| secret.0);
            let mut f = Errors::none(who.language);
            if let Some((draft, errors)) = more.refused {
                (tokens.draft, f) = (draft, Errors::new(who.language, errors));
            }
            Ok(OwnPage { tokens, f, s })
        })
        .await?;
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn list(State(app): State<App>, signed: Signed) -> Result<Response, PageError> {
    page(&app, signed, More::default()).await
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let draft = draft(&form);
    let (again, kept) = (Signed(who.clone()), draft.clone());
    let more = match app.run(move |register| token::create_own(register, &who, &draft)).await {
        Ok((_, secret)) => More { secret: Some(secret), refused: None },
        Err(error) => More { secret: None, refused: Some((kept, error.fields()?)) },
    };
    page(&app, again, more).await
}

pub(crate) async fn rotate(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<TokenId>,
    form: Form,
) -> Result<Response, PageError> {
    let again = Signed(who.clone());
    let made = app
        .run(move |register| {
            token::get_own(register, &who, id)?;
            let overlap = rules::overlap(&form.text("overlap"))?;
            token::rotate_own(register, &who, id, overlap)
        })
        .await;
    let more = match made {
        Ok((_, secret)) => More { secret: Some(secret), refused: None },
        Err(error) => {
            let draft = TokenDraft { days: USUAL_DAYS.into(), ..TokenDraft::default() };
            More { secret: None, refused: Some((draft, error.fields()?)) }
        }
    };
    page(&app, again, more).await
}

pub(crate) async fn revoke(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<TokenId>,
) -> Result<Response, PageError> {
    app.run(move |register| token::revoke_own(register, &who, id)).await?;
    Ok(Redirect::to("/account/tokens").into_response())
}
