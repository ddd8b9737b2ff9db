//! Copies of one's own data: everything to read (Art. 15), and what one gave to take along (Art. 20).

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::PackageId;
use seloste_domain::language::Language;
use seloste_ops::access::{self, KEPT, MOST_IN_A_DAY, PackageKind};
use seloste_ops::portal::{self, Visitor};
use seloste_ops::request::RequestRefused;
use seloste_ops::{OpsError, Register};
use seloste_pdf::Block;

use super::Frame;
use super::visitor::{Visiting, or_prove};
use crate::App;
use crate::access::{blocks, content};
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::Errors;
use crate::session::Chosen;
use crate::text::key;

/// A copy that is kept.
struct Kept {
    id: PackageId,
    at: String,
    until: String,
    is_access: bool,
}

#[derive(Template)]
#[template(path = "portal/copies.html")]
struct CopiesPage {
    p: Frame,
    kept: Vec<Kept>,
    often: bool,
    most: i64,
    /// What was sent to other controllers: when, to which host, what became of it.
    sent: Vec<(String, String, String)>,
    address: String,
    f: Errors,
    done: bool,
}

impl CopiesPage {
    fn any(&self, access: bool) -> bool {
        self.kept.iter().any(|kept| kept.is_access == access)
    }
}

fn page(register: &Register, language: Language, who: &Visitor, often: bool) -> seloste_ops::Result<CopiesPage> {
    let p = Frame::own(register, language, "rights")?;
    let kept = portal::copies(register, who)?.into_iter().map(|made| Kept {
        id: made.id,
        at: p.s.time(&made.made_at),
        until: p.s.time(&(made.made_at + KEPT)),
        is_access: made.kind == PackageKind::Access,
    });
    let sent = portal::transmissions(register, who)?
        .into_iter()
        .map(|one| (p.s.time(&one.made_at), one.host, p.s.text(&key("transmission", one.state.as_str()))));
    Ok(CopiesPage {
        kept: kept.collect(),
        sent: sent.collect(),
        often,
        most: MOST_IN_A_DAY,
        address: String::new(),
        f: Errors::new(language, FieldErrors::default()),
        done: false,
        p,
    })
}

pub(crate) async fn list(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, language, &who, false)).await?;
    let page = CopiesPage { done: query.as_deref() == Some("sent"), ..page };
    Ok(Html(page.render()?).into_response())
}

/// The page after what was to be sent was not.
pub(crate) async fn with_errors(
    app: &App,
    language: Language,
    who: Visitor,
    address: String,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, language, &who, false)).await?;
    let page = CopiesPage { address, f: Errors::new(language, errors), ..page };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

pub(crate) async fn make(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    form: Form,
) -> Result<Response, PageError> {
    let kind = match form.text("kind").as_str() {
        "access" => PackageKind::Access,
        "portability" => PackageKind::Portability,
        _ => return Err(PageError::Malformed),
    };
    let asker = who.clone();
    match app.run(move |register| portal::make_copy(register, &asker, kind, language)).await {
        Ok(_) => Ok(Redirect::to(&format!("/copies#{}", kind.as_str())).into_response()),
        Err(PageError::Ops(OpsError::Request(RequestRefused::Often))) => {
            let page = app.run(move |register| page(register, language, &who, true)).await?;
            Ok((StatusCode::TOO_MANY_REQUESTS, Html(page.render()?)).into_response())
        }
        Err(error) => or_prove(error, "/copies"),
    }
}

#[derive(Template)]
#[template(path = "portal/copy.html")]
struct CopyPage {
    p: Frame,
    id: PackageId,
    at: String,
    blocks: Vec<Block>,
}

/// A copy to read, in the frame of the portal.
pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    Path(id): Path<PackageId>,
) -> Result<Response, PageError> {
    let shown = app
        .run(move |register| {
            let (made, json) = portal::open_copy(register, &who, id)?;
            let package = access::read(&json)?;
            let p = Frame::own(register, language, "rights")?;
            Ok(CopyPage { id, at: p.s.time(&made.made_at), blocks: blocks(&package, usize::MAX), p })
        })
        .await;
    match shown {
        Ok(page) => Ok(Html(page.render()?).into_response()),
        Err(error) => or_prove(error, &format!("/copies/{id}")),
    }
}

/// A copy as a file.
pub(crate) async fn file(
    State(app): State<App>,
    Visiting(who): Visiting,
    Path((id, name)): Path<(PackageId, String)>,
) -> Result<Response, PageError> {
    let styles = app.styles();
    let made = app
        .run_as(move |register| {
            let (made, json) = portal::open_copy(register, &who, id)?;
            content(register, &styles, made.kind, &json, &name)
        })
        .await;
    match made {
        Ok((bytes, media, name)) => {
            let name = format!("attachment; filename=\"{name}\"");
            Ok(([(CONTENT_TYPE, media.to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response())
        }
        Err(error) => or_prove(error, "/copies"),
    }
}
