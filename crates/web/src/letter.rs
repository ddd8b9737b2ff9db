//! Writing a letter to a customer: seen first, then recorded and printed.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{OrganisationId, PersonId, PurposeId};
use seloste_domain::language::Language;
use seloste_domain::letter::LetterDraft;
use seloste_domain::notice::{Notice, PurposeDeclaration};
use seloste_domain::rights::Action;
use seloste_domain::usage::Activity;
use seloste_ops::mail::Recipient;
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, letter, organisation, person};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::message::{card, here};
use crate::party_form::{Choice, Errors};
use crate::person::name_of;
use crate::print;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::Texts;

#[derive(Template)]
#[template(path = "letter_form.html")]
struct FormPage {
    s: Shell,
    /// Where the recipient's card is.
    card: String,
    name: String,
    draft: LetterDraft,
    languages: Vec<Choice>,
    purposes: Vec<Choice>,
    protected: bool,
    f: Errors,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    recipient: Recipient,
    again: Option<(LetterDraft, Option<PurposeId>)>,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let (draft, chosen) = again.unzip();
    register.authorize(&who.actor, Action::LetterWrite)?;
    let s = Shell::staff(register, who, here(recipient))?;
    let (name, companies, own_language, protected) = match recipient {
        Recipient::Person(id) => {
            let person = person::show(register, &who.actor, id)?.person;
            let language = person.language(register.today());
            (name_of(&s, &person), person.companies, language, person.protected_address)
        }
        Recipient::Organisation(id) => {
            let organisation = organisation::show(register, &who.actor, id)?.organisation;
            (organisation.name, organisation.companies, None, false)
        }
    };
    let draft = draft.unwrap_or_else(|| {
        // A letter follows its reader's language.
        let language = own_language.unwrap_or(who.language);
        LetterDraft {
            company: companies.first().map(ToString::to_string).unwrap_or_default(),
            language: language.tag().into(),
            closing: Texts(language).get("letter-closing-usual"),
            signatory: who.user.name.clone(),
            ..LetterDraft::default()
        }
    });
    let languages = Language::ALL.map(|language| Choice {
        value: language.tag().into(),
        text: language.own_name().into(),
        selected: draft.language == language.tag(),
    });
    Ok(FormPage {
        purposes: purposes(&*register.notice()?, who.language, chosen.flatten().as_ref()),
        card: card(recipient),
        name,
        protected,
        languages: languages.into(),
        f: Errors::new(who.language, errors),
        draft,
        s,
    })
}

/// What a letter or a message can be written for: looking after the customer, or marketing, which the customer may have
/// forbidden. Without a choice the first of the former is chosen.
pub(crate) fn purposes(notice: &Notice, language: Language, chosen: Option<&PurposeId>) -> Vec<Choice> {
    let usual = Action::MessageWrite.activity();
    let covers = |purpose: &PurposeDeclaration, activity| purpose.activities.contains(&activity);
    let first = notice.purposes().iter().find(|purpose| covers(purpose, usual)).map(|purpose| &purpose.id);
    let fitting =
        notice.purposes().iter().filter(|purpose| covers(purpose, usual) || covers(purpose, Activity::Marketing));
    let choices = fitting.map(|purpose| Choice {
        selected: chosen.or(first) == Some(&purpose.id),
        value: purpose.id.to_string(),
        text: purpose.name.get(language).to_owned(),
    });
    choices.collect()
}

async fn form(app: App, who: SignedIn, recipient: Recipient) -> Result<Response, PageError> {
    let page = app.run(move |register| form_page(register, &who, recipient, None, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

async fn write(app: App, who: SignedIn, recipient: Recipient, form: Form) -> Result<Response, PageError> {
    let draft = LetterDraft {
        company: form.text("company"),
        language: form.text("language"),
        heading: form.text("heading"),
        body: form.text("body"),
        closing: form.text("closing"),
        signatory: form.text("signatory"),
    };
    let purpose: Option<PurposeId> = form.parsed("purpose");
    let given = (draft.clone(), purpose.clone());
    let (actor, record) = (who.actor.clone(), form.text("do") == "write");
    let printed = print::print(&app, move |register| {
        let written = letter::write_for(register, &actor, recipient, &draft, purpose.as_ref(), record)?;
        Ok(print::letter(&*register.notice()?, &written.letter, written.recipient, register.today()))
    })
    .await;
    match printed {
        Ok(pdf) => Ok(pdf),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, recipient, Some(given), errors)).await?;
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

pub(crate) async fn write_to_person(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    write(app, who, Recipient::Person(id), form).await
}

pub(crate) async fn to_organisation(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    form(app, who, Recipient::Organisation(id)).await
}

pub(crate) async fn write_to_organisation(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
    form: Form,
) -> Result<Response, PageError> {
    write(app, who, Recipient::Organisation(id), form).await
}
