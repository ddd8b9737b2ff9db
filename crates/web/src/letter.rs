//! Writing a letter to a person: seen first, then recorded and printed.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::PersonId;
use seloste_domain::language::Language;
use seloste_domain::letter::LetterDraft;
use seloste_domain::rights::Action;
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, letter, person};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
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
    id: PersonId,
    name: String,
    draft: LetterDraft,
    languages: Vec<Choice>,
    protected: bool,
    f: Errors,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    id: PersonId,
    draft: Option<LetterDraft>,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, Action::LetterWrite)?;
    let s = Shell::staff(register, who, "nav-people")?;
    let person = person::show(register, &who.actor, id)?.person;
    let today = register.today();
    let draft = draft.unwrap_or_else(|| {
        // A letter follows its reader's language.
        let language = person.language(today).unwrap_or(who.language);
        LetterDraft {
            company: person.companies.first().map(ToString::to_string).unwrap_or_default(),
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
        name: name_of(&s, &person),
        protected: person.protected_address,
        languages: languages.into(),
        f: Errors::new(who.language, errors),
        id,
        draft,
        s,
    })
}

pub(crate) async fn new(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| form_page(register, &who, id, None, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn write(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = LetterDraft {
        company: form.text("company"),
        language: form.text("language"),
        heading: form.text("heading"),
        body: form.text("body"),
        closing: form.text("closing"),
        signatory: form.text("signatory"),
    };
    let (actor, given, record) = (who.actor.clone(), draft.clone(), form.text("do") == "write");
    let printed = print::print(&app, move |register| {
        let written = letter::write(register, &actor, id, &draft, record)?;
        Ok(print::letter(&*register.notice()?, &written.letter, written.recipient, register.today()))
    })
    .await;
    match printed {
        Ok(pdf) => Ok(pdf),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, id, Some(given), errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}
