//! What is done with a request from its page.

use askama::Template as _;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{PersonId, RequestEventId, RequestId, SourceId};
use seloste_domain::letter::LetterDraft;
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::prohibition::ProhibitionKind;
use seloste_domain::rights::Action;
use seloste_ops::letter::Written;
use seloste_ops::register::local_date;
use seloste_ops::request::{self, DecisionDraft, Done, IdentityDraft, Reply, RequestKind};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, access, portability};

use super::view::{Again, page};
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::print;
use crate::session::Signed;

fn letter_of(form: &Form) -> LetterDraft {
    LetterDraft {
        company: form.text("company"),
        language: form.text("language"),
        heading: form.text("heading"),
        body: form.text("body"),
        closing: form.text("closing"),
        signatory: form.text("signatory"),
    }
}

fn reply_of(form: &Form) -> Reply {
    if form.text("how") == "told" { Reply::Told(form.text("told")) } else { Reply::Letter(letter_of(form)) }
}

fn decision_of(form: &Form) -> DecisionDraft {
    DecisionDraft { ground: form.text("ground"), reasons: form.text("reasons") }
}

/// What the forms had said, to be shown again.
fn again(form: &Form) -> Again {
    Again {
        identity: IdentityDraft { check: form.text("check"), checked: form.text("checked") },
        decision: decision_of(form),
        letter: form.has("heading").then(|| letter_of(form)),
        told: form.text("told"),
        fee: form.text("fee"),
        person: form.text("person"),
    }
}

/// Back to the page, or the page again with what is wrong.
async fn answer(
    app: App,
    who: SignedIn,
    id: RequestId,
    form: &Form,
    done: Result<(), PageError>,
) -> Result<Response, PageError> {
    let Err(error) = done else { return Ok(Redirect::to(&format!("/requests/{id}")).into_response()) };
    let errors = error.fields()?;
    let again = again(form);
    let page = app.run(move |register| page(register, &who, id, again, errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// Does something on a thread that may block, then answers.
async fn act<T: Send + 'static>(
    app: App,
    who: SignedIn,
    id: RequestId,
    form: Form,
    change: impl FnOnce(&Register, &SignedIn, &Form) -> Result<T, OpsError> + Send + 'static,
) -> Result<Response, PageError> {
    let (asker, given) = (who.clone(), form.clone());
    // What is wrong with a form is told to those only who may act.
    let done = app
        .run(move |register| {
            register.authorize(&asker.actor, Action::RequestHandle)?;
            change(register, &asker, &given)
        })
        .await
        .map(drop);
    answer(app, who, id, &form, done).await
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident($register:ident, $who:ident, $id:ident, $form:ident) $change:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) async fn $name(
            State(app): State<App>,
            Signed(who): Signed,
            Path(id): Path<RequestId>,
            form: Form,
        ) -> Result<Response, PageError> {
            act(app, who, id, form, move |$register, $who, $form| {
                let $id = id;
                $change
            })
            .await
        }
    )*};
}

acts! {
    link(register, who, id, form) {
        // The id, or the address of the card.
        let text = form.text("person");
        let person: Option<PersonId> = text.trim().trim_end_matches('/').rsplit('/').next().and_then(|id| id.parse().ok());
        let person = person.ok_or_else(|| FieldErrors::from(FieldError::new("person", code::CHOICE_UNKNOWN)))?;
        request::link(register, &who.actor, id, person)
    };
    recognise(register, who, id, form) {
        let draft = IdentityDraft { check: form.text("check"), checked: form.text("checked") };
        request::recognise(register, &who.actor, id, &draft)
    };
    extend(register, who, id, form) request::extend(register, &who.actor, id, &decision_of(form), &reply_of(form));
    fee(register, who, id, form) {
        let fee = Cents::parse("fee", &form.text("fee"), DecimalMark::Comma).map_err(FieldErrors::from)?;
        request::ask_fee(register, &who.actor, id, fee, &decision_of(form), &reply_of(form))
    };
    fee_settled(register, who, id, _form) request::fee_settled(register, &who.actor, id);
    refuse(register, who, id, form) request::refuse(register, &who.actor, id, &decision_of(form), &letter_of(form));
    wait(register, who, id, form) request::wait(register, &who.actor, id, &reply_of(form));
    withdraw(register, who, id, form) request::withdraw(register, &who.actor, id, &decision_of(form));
    uphold(register, who, id, form) {
        let kinds: Vec<ProhibitionKind> = form.all("kinds").iter().filter_map(|kind| kind.parse().ok()).collect();
        request::uphold(register, &who.actor, id, &kinds, &reply_of(form))
    };
    correct(register, who, id, form) {
        let place = form.parsed::<usize>("place").unwrap_or(usize::MAX);
        if form.text("do") == "decline" {
            return request::decline(register, &who.actor, id, place, &decision_of(form));
        }
        let source = form.text("source").parse::<SourceId>();
        let source = source.map_err(|_| FieldErrors::from(FieldError::new("source", code::REQUIRED)))?;
        request::correct(register, &who.actor, id, place, &source).map(drop)
    };
    close(register, who, id, form) {
        let done = form.text("done").parse::<Done>();
        let done = done.map_err(|_| FieldErrors::from(FieldError::new("done", code::REQUIRED)))?;
        request::close(register, &who.actor, id, done, &reply_of(form))
    };
    make_package(register, who, id, _form) {
        let shown = request::show(register, &who.actor, id)?.request;
        let person = shown.person.ok_or(request::RequestRefused::NoCard)?;
        match shown.kind {
            RequestKind::Portability => portability::make(register, &who.actor, person, Some(id)),
            _ => access::make(register, &who.actor, person, Some(id), Some(shown.language)),
        }
    };
}

/// A letter of a request, on paper.
pub(crate) async fn letter(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, event)): Path<(RequestId, RequestEventId)>,
) -> Result<Response, PageError> {
    print::print(&app, move |register| {
        let (Written { recipient, letter }, at) = request::letter(register, &who.actor, id, event)?;
        Ok(print::letter(&*register.notice()?, &letter, recipient, local_date(at)))
    })
    .await
}
