//! Taking a list of customers out as a file: the purpose is asked for, and everybody in it gets a line in the log.

use askama::Template;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::PurposeId;
use seloste_domain::rights::Action;
use seloste_ops::export::{self, Format};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, person, prohibition};
use tokio_util::io::ReaderStream;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::person::ListQuery;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    s: Shell,
    purposes: Vec<Choice>,
    companies: Vec<Choice>,
    columns: String,
    sort: String,
    count: i64,
    f: Errors,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    query: &ListQuery,
    errors: FieldErrors,
) -> seloste_ops::Result<ExportPage> {
    register.authorize(&who.actor, Action::PersonExport)?;
    let s = Shell::staff(register, who, "nav-people")?;
    let notice = register.notice()?;
    let company = query.company.parse().ok();
    let mut purposes = Vec::new();
    for purpose in notice.purposes() {
        let name = purpose.name.get(who.language);
        let text = match prohibition::left_out(register, &who.actor, &purpose.id, company.as_ref())? {
            0 => name.to_owned(),
            count => format!("{name} – {}", s.t.arg("export-left-out", "count", count)),
        };
        purposes.push(Choice { value: purpose.id.to_string(), text, selected: false });
    }
    let all = Choice { value: String::new(), text: s.text("all-companies"), selected: query.company.is_empty() };
    let companies = s.companies.iter().map(|company| Choice {
        value: company.id.to_string(),
        text: company.name.clone(),
        selected: company.id.as_str() == query.company,
    });
    let columns: Vec<String> = export::columns(s.kinds).map(|name| s.text(&key("target", name))).collect();
    Ok(ExportPage {
        purposes,
        companies: std::iter::once(all).chain(companies).collect(),
        columns: columns.join(", "),
        sort: query.sort.clone(),
        count: person::count(register, &who.actor)?,
        f: Errors::new(who.language, errors),
        s,
    })
}

pub(crate) async fn form(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| form_page(register, &who, &query, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn people(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let query = ListQuery { company: form.text("company"), sort: form.text("sort"), ..ListQuery::default() };
    let (purpose, format) = (form.parsed::<PurposeId>("purpose"), Format::named(&form.text("format")));
    let (Some(purpose), Some(format)) = (purpose, format) else {
        let field = if form.text("purpose").is_empty() { "purpose" } else { "format" };
        let errors = FieldErrors::from(FieldError::new(field, code::REQUIRED));
        let page = app.run(move |register| form_page(register, &who, &query, errors)).await?;
        return Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
    };
    let (file, length) = app.run(move |register| written(register, &who, &purpose, &query, format)).await?;
    let name = format!("attachment; filename=\"seloste.{}\"", format.as_str());
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, name),
        (CONTENT_LENGTH, length.to_string()),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok((headers, body).into_response())
}

/// The file has no name any more when it is sent: nothing of it is left behind, however the sending ends.
fn written(
    register: &Register,
    who: &SignedIn,
    purpose: &PurposeId,
    query: &ListQuery,
    format: Format,
) -> seloste_ops::Result<(std::fs::File, u64)> {
    let path = export::new_path(register)?;
    let text = crate::text::Texts(who.language);
    let title = |name: &str| text.get(&key("target", name));
    export::people(register, &who.actor, purpose, &query.list(), (&path, format), title)?;
    let opened = std::fs::File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let removed = std::fs::remove_file(&path);
    let (length, file) = opened.and_then(|opened| removed.map(|()| opened)).map_err(not_written)?;
    Ok((file, length))
}

fn not_written(error: std::io::Error) -> OpsError {
    seloste_ops::import::upload::not_written(error)
}
