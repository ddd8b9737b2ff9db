//! Disclosure because a law obliges: recording the request and the decision, seeing what would go, taking the file.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::disclosure::Case;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{LegalRequestId, PersonId};
use seloste_domain::kind::Kinds;
use seloste_ops::legal_request::{self, LegalFile, LegalRequestDraft};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, disclosure, person};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::person::name_of;
use crate::print;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// A request of the list.
struct Row {
    at: String,
    partner: String,
    asked_by: String,
    law: String,
    asked_for: String,
    document: String,
    decided_by: String,
    granted: bool,
    reason: String,
}

/// A person whose data would go.
struct Going {
    name: String,
    data: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "legal_requests.html")]
struct Page {
    s: Shell,
    rows: Vec<Row>,
    draft: LegalRequestDraft,
    people: String,
    form: String,
    partners: Vec<Choice>,
    kinds: Vec<Choice>,
    going: Vec<Going>,
    f: Errors,
}

/// What the form says beside the draft.
#[derive(Clone, Default)]
struct Given {
    partner: String,
    people: String,
    form: String,
    draft: LegalRequestDraft,
}

fn given(form: &Form) -> Given {
    let draft = LegalRequestDraft {
        asked_by: form.text("asked_by"),
        law: form.text("law"),
        asked_for: form.text("asked_for"),
        asked_on: form.text("asked_on"),
        document: form.text("document"),
        decided_by: form.text("decided_by"),
        granted: form.text("granted") == "1",
        reason: form.text("reason"),
        kinds: form.all("kinds"),
    };
    Given { partner: form.text("partner"), people: form.text("people"), form: form.text("form"), draft }
}

/// The people of the form, by the ids or the addresses of their cards, one a line.
fn people(text: &str) -> Result<Vec<PersonId>, FieldErrors> {
    let id = |line: &str| line.rsplit('/').next().unwrap_or(line).parse::<PersonId>();
    let lines = text.split_whitespace();
    let ids: Result<Vec<_>, _> = lines.map(id).collect();
    ids.map_err(|_| FieldError::new("people", code::CHOICE_UNKNOWN).into())
}

fn page(
    register: &Register,
    who: &SignedIn,
    given: Given,
    errors: FieldErrors,
    going: Vec<legal_request::Given>,
) -> seloste_ops::Result<Page> {
    let requests = legal_request::list(register, &who.actor)?;
    let s = Shell::staff(register, who, "tab-legal-requests")?;
    let partners = register.db().look(seloste_ops::partner::names)?;
    let name = |id| partners.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone()).unwrap_or_default();
    let rows = requests.into_iter().map(|request| Row {
        at: s.date(&request.details.asked_on),
        partner: name(request.partner),
        asked_by: request.details.asked_by,
        law: request.details.law,
        asked_for: request.details.asked_for,
        document: request.details.document,
        decided_by: request.details.decided_by,
        granted: request.details.granted,
        reason: request.details.reason,
    });
    let rows = rows.collect();
    let some: Kinds = s.kinds.iter().take(1).collect();
    let authorities =
        disclosure::receivers(register, &Case::LegalRequest(LegalRequestId(uuid::Uuid::nil())), Kinds::NONE.or(some));
    let partners = authorities?.into_iter().map(|partner| {
        let value = partner.id.to_string();
        Choice { selected: value == given.partner, value, text: partner.name }
    });
    let kinds = s.kinds.iter().map(|kind| Choice {
        value: kind.as_str().into(),
        text: s.text(&key("kind", kind.as_str())),
        selected: given.draft.kinds.iter().any(|chosen| chosen == kind.as_str()),
    });
    let mut shown = Vec::new();
    for one in going {
        let name = name_of(&s, &person::show(register, &who.actor, one.person)?.person);
        let data = one.data.into_iter().map(|datum| (s.text(&key("kind", datum.kind.as_str())), datum.value));
        shown.push(Going { name, data: data.collect() });
    }
    Ok(Page {
        rows,
        partners: partners.collect(),
        kinds: kinds.collect(),
        going: shown,
        people: given.people,
        form: given.form,
        draft: given.draft,
        f: Errors::new(who.language, errors),
        s,
    })
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let draft = LegalRequestDraft { decided_by: who.user.name.clone(), ..LegalRequestDraft::default() };
            page(register, &who, Given { draft, ..Given::default() }, FieldErrors::default(), Vec::new())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// Shows what would go, or records the request and gives the file.
pub(crate) async fn record(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (asked, again, actor) = (given(&form), given(&form), who.actor.clone());
    let form_of_file = form.text("form");
    let look = form.has("look");
    let done = app
        .run(move |register| {
            let people = people(&asked.people)?;
            if look {
                let details = asked.draft.validate(register.notice()?.kinds(), register.today())?;
                return Ok(Err(legal_request::preview(register, &actor, &people, details.kinds)?));
            }
            let partner =
                asked.partner.parse().map_err(|_| FieldErrors::from(FieldError::new("partner", code::REQUIRED)))?;
            Ok(Ok(legal_request::record(register, &actor, partner, &people, &asked.draft)?))
        })
        .await;
    let (errors, going) = match done {
        Ok(Ok(made)) => match made.file {
            Some(file) => return given_out(&app, made.id, file, &form_of_file).await,
            None => return Ok(Redirect::to("/legal-requests").into_response()),
        },
        Ok(Err(going)) => (FieldErrors::default(), going),
        Err(error) => (error.fields()?, Vec::new()),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = app.run(move |register| page(register, &who, again, errors, going)).await?;
    Ok((status, Html(page.render()?)).into_response())
}

/// The file in the form that was chosen. A document that can not be set comes as JSON: what was recorded has left.
async fn given_out(app: &App, id: LegalRequestId, file: LegalFile, form: &str) -> Result<Response, PageError> {
    let pdf = match form {
        "pdf" => {
            let (file, styles) = (file.clone(), app.styles());
            app.run(move |register| {
                let job = print::legal_file(&*register.notice()?, &file);
                print::made(register, &styles, job)
            })
            .await?
            .ok()
        }
        _ => None,
    };
    let (ending, media_type, bytes) = match (pdf, form) {
        (Some(pdf), _) => ("pdf", "application/pdf", pdf.bytes),
        (None, "csv") => ("csv", "text/csv; charset=utf-8", file.csv()),
        (None, _) => ("json", "application/json", file.json()),
    };
    let name = format!("attachment; filename=\"luovutus-{id}.{ending}\"");
    Ok(([(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response())
}
