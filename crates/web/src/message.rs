//! An e-mail message of one's own words to a customer.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{MailId, OrganisationId, PersonId};
use seloste_domain::mail::MessageDraft;
use seloste_domain::rights::Action;
use seloste_ops::Register;
use seloste_ops::mail::{self, NewMessage, Recipient};
use seloste_ops::session::SignedIn;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::session::Signed;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "message_form.html")]
struct FormPage {
    s: Shell,
    /// The form's own id, so that one that is sent twice queues one message.
    id: MailId,
    /// Where the recipient's card is.
    card: String,
    name: String,
    address: Option<String>,
    /// The recipient's language, in its own words.
    language: Option<&'static str>,
    draft: MessageDraft,
    purposes: Vec<Choice>,
    f: Errors,
}

/// Where a recipient's card is.
pub(crate) fn card(recipient: Recipient) -> String {
    match recipient {
        Recipient::Person(id) => format!("/people/{id}"),
        Recipient::Organisation(id) => format!("/organisations/{id}"),
    }
}

/// Under what a recipient's pages stand in the navigation.
pub(crate) const fn here(recipient: Recipient) -> &'static str {
    match recipient {
        Recipient::Person(_) => "nav-people",
        Recipient::Organisation(_) => "nav-organisations",
    }
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    recipient: Recipient,
    again: Option<(MailId, MessageDraft)>,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, Action::MessageWrite)?;
    let s = Shell::staff(register, who, here(recipient))?;
    let to = mail::to(register, &who.actor, recipient)?;
    let (id, draft) = again.unwrap_or_else(|| (MailId(register.db().env().id()), MessageDraft::default()));
    let notice = register.notice()?;
    let chosen = draft.purpose.parse().ok();
    let purposes = crate::letter::purposes(&notice, who.language, chosen.as_ref());
    Ok(FormPage {
        card: card(recipient),
        purposes,
        language: to.language.map(|language| language.own_name()),
        name: to.name,
        address: to.address,
        f: Errors::new(who.language, errors),
        id,
        draft,
        s,
    })
}

async fn form(app: App, who: SignedIn, recipient: Recipient) -> Result<Response, PageError> {
    let page = app.run(move |register| form_page(register, &who, recipient, None, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

async fn queue(app: App, who: SignedIn, recipient: Recipient, form: Form) -> Result<Response, PageError> {
    let draft = MessageDraft {
        company: form.text("company"),
        purpose: form.text("purpose"),
        subject: form.text("subject"),
        body: form.text("body"),
    };
    let id: Option<MailId> = form.parsed("id");
    let (asker, given) = (who.clone(), draft.clone());
    let queued = app
        .run(move |register| {
            register.authorize(&asker.actor, Action::MessageWrite)?;
            let valid = draft.validate()?;
            let message = NewMessage {
                id: id.unwrap_or_else(|| MailId(register.db().env().id())),
                recipient,
                company: valid.company,
                purpose: valid.purpose,
                subject: valid.subject,
                body: valid.body,
                enclosures: Vec::new(),
            };
            mail::queue_message(register, &asker.actor, &message)
        })
        .await;
    match queued {
        Ok(id) => Ok(Redirect::to(&format!("/mail/{id}")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app
                .run(move |register| {
                    let id = id.unwrap_or_else(|| MailId(register.db().env().id()));
                    form_page(register, &who, recipient, Some((id, given)), errors)
                })
                .await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

pub(crate) async fn to_person(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    form(app, who, Recipient::Person(id)).await
}

pub(crate) async fn queue_to_person(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    queue(app, who, Recipient::Person(id), form).await
}

pub(crate) async fn to_organisation(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    form(app, who, Recipient::Organisation(id)).await
}

pub(crate) async fn queue_to_organisation(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
    form: Form,
) -> Result<Response, PageError> {
    queue(app, who, Recipient::Organisation(id), form).await
}
