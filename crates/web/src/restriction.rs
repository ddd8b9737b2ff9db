//! Restricting the processing of a customer's data (Art. 18), and lifting it after the person was told.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{ExceptionId, OrganisationId, PersonId, RestrictionId};
use seloste_domain::language::Language;
use seloste_domain::letter::LetterDraft;
use seloste_ops::mail::Recipient;
use seloste_ops::restriction::{
    self, EXCEPTED, ExceptionDraft, ExceptionGround, RestrictionDraft, RestrictionGround, Told,
};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, organisation, person};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::message::{card, here};
use crate::party_form::{Choice, Errors, Names};
use crate::print;
use crate::prohibition::called;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// A restriction as the page tells it.
struct RestrictionView {
    id: RestrictionId,
    ground: String,
    set: String,
    informed: Option<String>,
    lifted: Option<String>,
}

struct ExceptionView {
    id: ExceptionId,
    what: String,
    ground: String,
    granted: String,
    until: String,
    holds: bool,
}

/// What a form that was refused had said.
#[derive(Default)]
struct Again {
    set: RestrictionDraft,
    except: ExceptionDraft,
    inform: Option<LetterDraft>,
    note: String,
}

#[derive(Template)]
#[template(path = "restriction.html")]
struct Page {
    s: Shell,
    card: String,
    name: String,
    in_force: Vec<RestrictionView>,
    past: Vec<RestrictionView>,
    exceptions: Vec<ExceptionView>,
    grounds: Vec<Choice>,
    activities: Vec<Choice>,
    exception_grounds: Vec<Choice>,
    languages: Vec<Choice>,
    set: RestrictionDraft,
    except: ExceptionDraft,
    inform: LetterDraft,
    note: String,
    f: Errors,
}

/// The letter that tells that the restriction will be lifted, in the person's language.
fn usual(register: &Register, who: &SignedIn, to: Recipient) -> seloste_ops::Result<LetterDraft> {
    let (language, companies) = match to {
        Recipient::Person(id) => {
            let person = person::show(register, &who.actor, id)?.person;
            (person.language(register.today()).unwrap_or(who.language), person.companies)
        }
        Recipient::Organisation(id) => {
            (who.language, organisation::show(register, &who.actor, id)?.organisation.companies)
        }
    };
    let t = Texts(language);
    Ok(LetterDraft {
        company: companies.first().map(ToString::to_string).unwrap_or_default(),
        language: language.tag().into(),
        heading: t.get("restriction-notice-heading"),
        body: t.get("restriction-notice-body"),
        closing: t.get("letter-closing-usual"),
        signatory: who.user.name.clone(),
    })
}

fn page(
    register: &Register,
    who: &SignedIn,
    to: Recipient,
    again: Again,
    errors: FieldErrors,
) -> seloste_ops::Result<Page> {
    let s = Shell::staff(register, who, here(to))?;
    let shown = restriction::of(register, &who.actor, to)?;
    let (now, names) = (register.now(), Names::of(register)?);
    let by = |at: &jiff::Timestamp, who: &str| format!("{} · {}", s.time(at), names.name(s.t, who));
    let views = shown.restrictions.iter().map(|restriction| RestrictionView {
        id: restriction.id,
        ground: s.text(&key("restriction", restriction.ground.as_str())),
        set: by(&restriction.set_at, &restriction.set_by),
        informed: restriction
            .informed
            .as_ref()
            .map(|told| format!("{} · {}", s.text(&key("told", told.how.as_str())), by(&told.at, &told.by))),
        lifted: restriction.lifted.as_ref().map(|(who, at)| by(at, who)),
    });
    let (in_force, past): (Vec<_>, Vec<_>) = views.partition(|view| view.lifted.is_none());
    let exceptions = shown.exceptions.iter().map(|exception| ExceptionView {
        id: exception.id,
        what: s.text(&key("activity", exception.activity.as_str())),
        ground: s.text(&key("exception", exception.ground.as_str())),
        granted: by(&exception.granted_at, &exception.granted_by),
        until: s.time(&exception.until),
        holds: exception.holds_at(now),
    });
    let choice = |prefix: &str, word: &str, chosen: &str| Choice {
        value: word.to_owned(),
        text: s.text(&key(prefix, word)),
        selected: word == chosen,
    };
    let inform = match again.inform {
        Some(draft) => draft,
        None => usual(register, who, to)?,
    };
    let languages = Language::ALL.map(|language| Choice {
        value: language.tag().into(),
        text: language.own_name().into(),
        selected: inform.language == language.tag(),
    });
    Ok(Page {
        card: card(to),
        name: called(&s, register, who, to)?,
        in_force,
        past,
        exceptions: exceptions.collect(),
        grounds: RestrictionGround::ALL.iter().map(|g| choice("restriction", g.as_str(), &again.set.ground)).collect(),
        activities: EXCEPTED.map(|a| choice("activity", a.as_str(), &again.except.activity)).into(),
        exception_grounds: ExceptionGround::ALL
            .iter()
            .map(|g| choice("exception", g.as_str(), &again.except.ground))
            .collect(),
        languages: languages.into(),
        set: again.set,
        except: again.except,
        note: again.note,
        inform,
        f: Errors::new(who.language, errors),
        s,
    })
}

async fn show(app: App, who: SignedIn, to: Recipient) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, to, Again::default(), FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

/// Back to the page, or the page again with what is wrong.
async fn answer(
    (app, who, to): (App, SignedIn, Recipient),
    done: Result<(), PageError>,
    again: Again,
) -> Result<Response, PageError> {
    let Err(error) = done else { return Ok(Redirect::to(&format!("{}/restriction", card(to))).into_response()) };
    let errors = error.fields()?;
    let page = app.run(move |register| page(register, &who, to, again, errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

async fn set(app: App, who: SignedIn, to: Recipient, form: Form) -> Result<Response, PageError> {
    let draft = RestrictionDraft { ground: form.text("ground"), note: form.text("note") };
    let (asker, given) = (who.clone(), draft.clone());
    let done = app.run(move |register| restriction::set(register, &asker.actor, to, &draft)).await.map(drop);
    answer((app, who, to), done, Again { set: given, ..Again::default() }).await
}

async fn except(app: App, who: SignedIn, to: Recipient, form: Form) -> Result<Response, PageError> {
    let draft = ExceptionDraft {
        activity: form.text("activity"),
        ground: form.text("exception_ground"),
        reason: form.text("reason"),
        days: form.text("days"),
    };
    let (asker, given) = (who.clone(), draft.clone());
    let done = app.run(move |register| restriction::except(register, &asker.actor, to, &draft)).await.map(drop);
    answer((app, who, to), done, Again { except: given, ..Again::default() }).await
}

async fn end_exception(app: App, who: SignedIn, to: Recipient, form: Form) -> Result<Response, PageError> {
    let id: ExceptionId = form.parsed("id").ok_or(PageError::NotFound)?;
    let asker = who.clone();
    let done = app.run(move |register| restriction::end_exception(register, &asker.actor, to, id)).await;
    answer((app, who, to), done, Again::default()).await
}

async fn inform(app: App, who: SignedIn, to: Recipient, form: Form) -> Result<Response, PageError> {
    let draft = LetterDraft {
        company: form.text("company"),
        language: form.text("language"),
        heading: form.text("heading"),
        body: form.text("body"),
        closing: form.text("closing"),
        signatory: form.text("signatory"),
    };
    let how = if form.text("how") == Told::Letter.as_str() { Told::Letter } else { Told::Email };
    let (asker, given) = (who.clone(), draft.clone());
    if how == Told::Email {
        let done =
            app.run(move |register| restriction::inform(register, &asker.actor, to, &draft, how)).await.map(drop);
        return answer((app, who, to), done, Again { inform: Some(given), ..Again::default() }).await;
    }
    let printed = print::print(&app, move |register| {
        let written = restriction::inform(register, &asker.actor, to, &draft, how)?;
        let written = written.ok_or(seloste_ops::StoreError::NotFound("letter"))?;
        Ok(print::letter(&*register.notice()?, &written.letter, written.recipient, register.today()))
    })
    .await;
    match printed {
        Ok(pdf) => Ok(pdf),
        Err(error) => answer((app, who, to), Err(error), Again { inform: Some(given), ..Again::default() }).await,
    }
}

async fn lift(app: App, who: SignedIn, to: Recipient, form: Form) -> Result<Response, PageError> {
    let id: RestrictionId = form.parsed("id").ok_or(PageError::NotFound)?;
    let (asker, note) = (who.clone(), form.text("note"));
    let given = note.clone();
    let done = app.run(move |register| restriction::lift(register, &asker.actor, to, id, &note)).await;
    answer((app, who, to), done, Again { note: given, ..Again::default() }).await
}

/// A row of the page of all restrictions.
struct Row {
    href: String,
    name: String,
    ground: String,
    since: String,
    informed: Option<String>,
}

#[derive(Template)]
#[template(path = "restrictions.html")]
struct ListPage {
    s: Shell,
    rows: Vec<Row>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "restrictions")?;
            let rows = restriction::in_force(register, &who.actor)?.into_iter().map(|row| Row {
                href: format!("{}/restriction", card(row.customer)),
                name: row.name,
                ground: s.text(&key("restriction", row.restriction.ground.as_str())),
                since: s.time(&row.restriction.set_at),
                informed: row.restriction.informed.map(|informed| s.time(&informed.at)),
            });
            Ok(ListPage { rows: rows.collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

macro_rules! page_of {
    ($id:ident, $variant:ident: $($name:ident),*) => {
        pub(crate) async fn show(
            State(app): State<App>,
            Signed(who): Signed,
            Path(id): Path<$id>,
        ) -> Result<Response, PageError> {
            super::show(app, who, Recipient::$variant(id)).await
        }

        $(pub(crate) async fn $name(
            State(app): State<App>,
            Signed(who): Signed,
            Path(id): Path<$id>,
            form: Form,
        ) -> Result<Response, PageError> {
            super::$name(app, who, Recipient::$variant(id), form).await
        })*
    };
}

pub(crate) mod people {
    use super::{App, Form, PageError, Path, PersonId, Recipient, Response, Signed, State};

    page_of!(PersonId, Person: set, except, end_exception, inform, lift);
}

pub(crate) mod organisations {
    use super::{App, Form, OrganisationId, PageError, Path, Recipient, Response, Signed, State};

    page_of!(OrganisationId, Organisation: set, except, end_exception, inform, lift);
}
