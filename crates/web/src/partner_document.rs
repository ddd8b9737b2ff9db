//! Documents of the contract with a partner: taking them in, giving them back, removing them.

use axum::RequestExt as _;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{PartnerDocumentId, PartnerId};
use seloste_domain::rights::Action;
use seloste_ops::partner;
use seloste_ops::partner_document::{self, LARGEST, PartnerDocument};

use crate::App;
use crate::error::PageError;
use crate::party_form::Names;
use crate::session::Signed;
use crate::shell::Shell;

/// A document as the card lists it.
pub(crate) struct DocumentView {
    pub(crate) id: PartnerDocumentId,
    pub(crate) name: String,
    pub(crate) size: String,
    pub(crate) added: String,
}

pub(crate) fn view(s: &Shell, names: &Names, document: &PartnerDocument) -> DocumentView {
    let kilobytes = i64::try_from(document.size.div_ceil(1024)).unwrap_or(i64::MAX);
    DocumentView {
        id: document.id,
        name: document.file_name.clone(),
        size: format!("{}\u{a0}kB", s.number(&kilobytes)),
        added: format!("{} · {}", s.time(&document.added_at), names.name(s.t, &document.added_by)),
    }
}

fn wrong(code: &'static str) -> PageError {
    PageError::Ops(FieldErrors::from(FieldError::new("file", code).with("max", LARGEST >> 20)).into())
}

/// The file of a form, its name and its bytes, and no more of it than a document may have.
async fn file(parts: &mut Multipart) -> Result<(String, Vec<u8>), PageError> {
    while let Some(mut part) = parts.next_field().await.map_err(|_| wrong(code::FILE_TOO_LARGE))? {
        if part.name() != Some("file") {
            continue;
        }
        let (name, mut bytes) = (part.file_name().unwrap_or_default().to_owned(), Vec::new());
        while let Some(chunk) = part.chunk().await.map_err(|_| wrong(code::FILE_TOO_LARGE))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGEST {
                return Err(wrong(code::FILE_TOO_LARGE));
            }
        }
        return Ok((name, bytes));
    }
    Err(wrong(code::REQUIRED))
}

pub(crate) async fn add(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
    mut request: Request,
) -> Result<Response, PageError> {
    let actor = who.actor.clone();
    app.run(move |register| {
        register.authorize(&actor, Action::PartnerChange)?;
        partner::get(register, &actor, id)
    })
    .await?;
    DefaultBodyLimit::max(LARGEST + 100_000).apply(&mut request);
    let mut parts: Multipart = request.extract().await.map_err(|_| PageError::Malformed)?;
    let added = match file(&mut parts).await {
        Ok((name, bytes)) => {
            let actor = who.actor.clone();
            app.run(move |register| partner_document::add(register, &actor, id, &name, &bytes)).await
        }
        Err(error) => Err(error),
    };
    let Err(error) = added else { return Ok(Redirect::to(&format!("/partners/{id}#documents")).into_response()) };
    let errors = error.fields()?;
    let page = app.run(move |register| crate::partner::card_page(register, &who, id, errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page?)).into_response())
}

pub(crate) async fn open(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, document)): Path<(PartnerId, PartnerDocumentId)>,
) -> Result<Response, PageError> {
    let found = app.run(move |register| partner_document::open(register, &who.actor, id, document)).await?;
    let (document, bytes) = found;
    // RFC 6266: the name in ASCII for the old, in UTF-8 for the rest.
    let plain: String = document.file_name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let name = format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        crate::form::encode(&document.file_name).replace('+', "%20")
    );
    let headers = [(CONTENT_TYPE, "application/pdf".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, bytes.to_vec()).into_response())
}

pub(crate) async fn remove(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, document)): Path<(PartnerId, PartnerDocumentId)>,
) -> Result<Redirect, PageError> {
    app.run(move |register| partner_document::remove(register, &who.actor, id, document)).await?;
    Ok(Redirect::to(&format!("/partners/{id}#documents")))
}
