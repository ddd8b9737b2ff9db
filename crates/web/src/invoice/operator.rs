//! A sent invoice as a file for an invoicing operator: to which partner, in which form, and the file.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::id::{InvoiceId, PartnerId};
use seloste_ops::invoice::{self, Form as Written};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::Choice;
use crate::session::Signed;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "invoice_file.html")]
struct FilePage {
    s: Shell,
    id: InvoiceId,
    number: String,
    partners: Vec<Choice>,
}

pub(crate) async fn form(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-invoices")?;
            let partners = invoice::operators(register, &who.actor, id)?;
            let choice = |partner: seloste_domain::partner::Partner| Choice {
                value: partner.id.to_string(),
                text: partner.name,
                selected: false,
            };
            let stored = invoice::show(register, &who.actor, id)?;
            let number = stored.number().unwrap_or_default().to_owned();
            Ok(FilePage { id, number, partners: partners.into_iter().map(choice).collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn write(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Response, PageError> {
    let (written, name) = match form.text("form").as_str() {
        "ubl" => (Written::Ubl, "ubl"),
        _ => (Written::Finvoice, "finvoice"),
    };
    let partner: Option<PartnerId> = form.parsed("partner");
    let (bytes, number) = app
        .run(move |register| {
            let stored = invoice::show(register, &who.actor, id)?;
            let number = stored.number().unwrap_or_default().to_owned();
            let Some(partner) = partner else {
                // Without a partner nothing leaves: the page asks whoever may send for one.
                invoice::operators(register, &who.actor, id)?;
                return Ok((None, number));
            };
            Ok((Some(invoice::file(register, &who.actor, id, written, partner)?), number))
        })
        .await?;
    let Some(bytes) = bytes else {
        return Ok(axum::response::Redirect::to(&format!("/invoices/{id}/file")).into_response());
    };
    let disposition = format!("attachment; filename=\"lasku-{number}-{name}.xml\"");
    Ok(([(CONTENT_TYPE, "application/xml".to_owned()), (CONTENT_DISPOSITION, disposition)], bytes).into_response())
}
