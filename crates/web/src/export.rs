//! Taking a list out as a file: the purpose is asked for, and everybody in it gets a line in the log.

use askama::Template;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::PurposeId;
use seloste_domain::list::ListOf;
use seloste_ops::export::{self, Format, Request, Word};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, prohibition};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::list::{Asked, path};
use crate::party_form::{Choice, Errors};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// The words of a file in a language.
#[must_use]
pub fn word(t: Texts, of: ListOf, word: Word) -> String {
    match word {
        Word::State(state) => t.get(&key("state", state.as_str())),
        Word::Column("tags") => t.get("kind-tags"),
        Word::Column(name @ ("lines" | "net" | "gross")) => t.get(&key("order", name)),
        Word::Column("person") => t.get("kind-name"),
        Word::Column("organisation") if of == ListOf::Organisations => t.get("target-name"),
        Word::Column(name) => t.get(&key("target", name)),
    }
}

const fn format_name(format: Format) -> &'static str {
    match format {
        Format::Xlsx => "Excel (XLSX)",
        Format::Csv => "CSV",
        Format::Vcard => "vCard",
    }
}

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    s: Shell,
    title: String,
    base: &'static str,
    purposes: Vec<Choice>,
    formats: Vec<Choice>,
    columns: String,
    query: String,
    filters: Vec<String>,
    /// The rows that were ticked, when only they are meant.
    rows: Vec<Uuid>,
    ticked: Option<String>,
    f: Errors,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    asked: &Asked,
    errors: FieldErrors,
) -> seloste_ops::Result<ExportPage> {
    let of = asked.query.of;
    register.authorize(&who.actor, export::right(of))?;
    let here = match of {
        ListOf::People => "nav-people",
        ListOf::Organisations => "nav-organisations",
        ListOf::Orders => "nav-orders",
    };
    let s = Shell::staff(register, who, here)?;
    let notice = register.notice()?;
    let whole = asked.list();
    let mut purposes = Vec::new();
    for purpose in export::purposes(&notice) {
        let name = purpose.name.get(who.language);
        let text = match prohibition::left_out(register, &who.actor, &purpose.id, &whole)? {
            0 => name.to_owned(),
            count => format!("{name} – {}", s.t.arg("export-left-out", "count", count)),
        };
        purposes.push(Choice { value: purpose.id.to_string(), text, selected: false });
    }
    let formats = export::formats(of).iter().map(|format| Choice {
        value: format.as_str().into(),
        text: format_name(*format).into(),
        selected: false,
    });
    let columns: Vec<String> = export::columns(of, s.kinds).map(|name| word(s.t, of, Word::Column(name))).collect();
    let ticked = asked.only.as_ref().and_then(|rows| i64::try_from(rows.len()).ok());
    Ok(ExportPage {
        title: s.text(&key("export", of.as_str())),
        base: path(of),
        purposes,
        formats: formats.collect(),
        columns: columns.join(", "),
        query: asked.written(),
        filters: asked.filters(register, &s)?,
        rows: asked.only.clone().unwrap_or_default(),
        ticked: ticked.map(|count| s.t.count("export-ticked", &count)),
        f: Errors::new(who.language, errors),
        s,
    })
}

/// The form for rows that were ticked in a list, or for all that it finds.
pub(crate) async fn of_rows(
    app: &App,
    who: SignedIn,
    of: ListOf,
    query: String,
    only: Option<Vec<Uuid>>,
) -> Result<Response, PageError> {
    if only.is_none() {
        let mark = if query.is_empty() { "" } else { "?" };
        return Ok(Redirect::to(&format!("{}/export{mark}{query}", path(of))).into_response());
    }
    let page = app.run(move |register| {
        let asked = Asked::read(register, of, &query)?.of_rows(only);
        form_page(register, &who, &asked, FieldErrors::default())
    });
    let page = page.await?;
    Ok(Html(page.render()?).into_response())
}

async fn form(app: App, who: SignedIn, of: ListOf, address: Option<String>) -> Result<Response, PageError> {
    let page = app.run(move |register| {
        let asked = Asked::read(register, of, &address.unwrap_or_default())?;
        form_page(register, &who, &asked, FieldErrors::default())
    });
    let page = page.await?;
    Ok(Html(page.render()?).into_response())
}

async fn take(app: App, who: SignedIn, of: ListOf, form: Form) -> Result<Response, PageError> {
    let query = form.text("query");
    let rows: Vec<Uuid> = form.all("row").iter().filter_map(|id| id.parse().ok()).collect();
    let only = (!rows.is_empty()).then_some(rows);
    let (purpose, format) = (form.parsed::<PurposeId>("purpose"), Format::named(&form.text("format")));
    let (Some(purpose), Some(format)) = (purpose, format) else {
        let field = if form.text("purpose").is_empty() { "purpose" } else { "format" };
        let errors = FieldErrors::from(FieldError::new(field, code::REQUIRED));
        let page = app.run(move |register| {
            let asked = Asked::read(register, of, &query)?.of_rows(only);
            form_page(register, &who, &asked, errors)
        });
        let page = page.await?;
        return Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
    };
    let (by, again, rows) = (who.clone(), query.clone(), only.clone());
    let written = app.run(move |register| {
        let asked = Asked::read(register, of, &query)?.of_rows(only);
        written(register, &by, &purpose, &asked, format)
    });
    let (file, length) = match written.await {
        Ok(written) => written,
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| {
                let asked = Asked::read(register, of, &again)?.of_rows(rows);
                form_page(register, &who, &asked, errors)
            });
            let page = page.await?;
            return Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
        }
    };
    let name = format!("attachment; filename=\"seloste-{}.{}\"", of.as_str(), format.as_str());
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
    asked: &Asked,
    format: Format,
) -> seloste_ops::Result<(std::fs::File, u64)> {
    // What is wrong with the address is told where it was written: a file must not hold more than was meant.
    let list = asked.right_list()?;
    let path = export::new_path(register)?;
    let (of, t) = (asked.query.of, Texts(who.language));
    let request = Request { purpose, list: &list, path: &path, format, language: who.language };
    export::write(register, &who.actor, &request, |needed| word(t, of, needed))?;
    let opened = std::fs::File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let removed = std::fs::remove_file(&path);
    let (length, file) = opened.and_then(|opened| removed.map(|()| opened)).map_err(not_written)?;
    Ok((file, length))
}

fn not_written(error: std::io::Error) -> OpsError {
    seloste_ops::import::upload::not_written(error)
}

macro_rules! pages {
    ($($module:ident $of:expr;)*) => {$(
        /// The pages of one list.
        pub(crate) mod $module {
            use super::*;

            pub(crate) async fn form(
                State(app): State<App>,
                Signed(who): Signed,
                RawQuery(address): RawQuery,
            ) -> Result<Response, PageError> {
                super::form(app, who, $of, address).await
            }

            pub(crate) async fn take(
                State(app): State<App>,
                Signed(who): Signed,
                form: Form,
            ) -> Result<Response, PageError> {
                super::take(app, who, $of, form).await
            }
        }
    )*};
}

pages! {
    people ListOf::People;
    organisations ListOf::Organisations;
    orders ListOf::Orders;
}
