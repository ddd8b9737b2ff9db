//! An invoice by e-mail: what would be sent and to whom, and putting it in the queue.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::id::{InvoiceId, MailId};
use seloste_ops::OpsError;
use seloste_ops::mail::{self, Letter, MailRefused};

use super::show::queue;
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::mail::Told;
use crate::session::Signed;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "invoice_mail.html")]
struct MailPage {
    s: Shell,
    invoice: InvoiceId,
    /// The message's own id, so that the form sent twice queues it once.
    id: MailId,
    seen: String,
    /// Empty: the customer has no address.
    to: String,
    name: String,
    subject: String,
    body: String,
    earlier: Vec<Told>,
}

pub(crate) async fn form(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-invoices")?;
            let preview = match mail::preview_invoice(register, &who.actor, id) {
                Ok(preview) => Some(preview),
                // A customer without an address is no fault of the page: it says so.
                Err(OpsError::Mail(MailRefused::NoAddress)) => None,
                Err(error) => return Err(error),
            };
            let seen = preview.as_ref().map(|preview| preview.seen.clone()).unwrap_or_default();
            let letter = preview.map(|preview| preview.letter);
            let text =
                |of: fn(&Letter) -> &String| letter.as_ref().map(|letter| of(letter).clone()).unwrap_or_default();
            Ok(MailPage {
                invoice: id,
                id: MailId(register.db().env().id()),
                seen,
                to: text(|letter| &letter.to),
                name: text(|letter| &letter.name),
                subject: text(|letter| &letter.subject),
                body: text(|letter| &letter.body),
                earlier: crate::mail::told_of(&s, &mail::of_invoice(register, &who.actor, id)?),
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn send(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let styles = app.styles();
    let seen = Some(form.text("seen")).filter(|seen| !seen.is_empty());
    let queued = app
        .run(move |register| {
            let message = form.parsed("id").unwrap_or_else(|| MailId(register.db().env().id()));
            queue(register, &who, &styles, id, message, seen)
        })
        .await?;
    queued?;
    Ok(Redirect::to(&format!("/invoices/{id}")))
}
