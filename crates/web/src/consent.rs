//! What a person has consented to: entered with what shows it, withdrawn in one move, with its history.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::PersonId;
use seloste_domain::language::Language;
use seloste_ops::Register;
use seloste_ops::consent::{
    self, Channel, Consent, ConsentDraft, ConsentWay, Consents, GivenBy, Matter, SaleDraft, Standing,
};
use seloste_ops::mail::Recipient;
use seloste_ops::session::SignedIn;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::message::{card, here};
use crate::party_form::{Choice, Errors, Names};
use crate::prohibition::called;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Something that can be consented to, with how it stands.
struct Row {
    matter: Matter,
    statement: String,
    standing: String,
    /// The name of how it stands, for its look.
    class: &'static str,
    selected: bool,
}

impl Row {
    /// Whether there is a consent to withdraw.
    fn is_given(&self) -> bool {
        self.class == "consented"
    }

    /// Whether it can be entered: what is forbidden can not.
    fn is_open(&self) -> bool {
        self.class != "forbidden"
    }
}

/// A consent that was given once.
struct Past {
    text: String,
    given: String,
    evidence: Option<String>,
    ended: Option<String>,
}

/// What was noted of a sale.
struct SaleRow {
    what: String,
    holds: bool,
    why: String,
    evidence: String,
}

#[derive(Template)]
#[template(path = "consents.html")]
struct Page {
    s: Shell,
    card: String,
    name: String,
    rows: Vec<Row>,
    /// What is told with the statements, each once.
    terms: Vec<String>,
    past: Vec<Past>,
    sales: Vec<SaleRow>,
    ways: Vec<Choice>,
    givers: Vec<Choice>,
    languages: Vec<Choice>,
    orders: Vec<Choice>,
    channels: Vec<Choice>,
    draft: ConsentDraft,
    sale: SaleDraft,
    f: Errors,
    g: Errors,
}

/// What a form sent that was refused.
#[derive(Default)]
struct Refused {
    draft: Option<ConsentDraft>,
    errors: FieldErrors,
    sale: Option<SaleDraft>,
    sale_errors: FieldErrors,
    language: Option<Language>,
}

/// How a matter stands, in words, and its name.
pub(crate) fn standing(s: &Shell, standing: Standing) -> (String, &'static str) {
    let with = |key: &str, when: String| format!("{} {when}", s.text(key));
    match standing {
        Standing::Forbidden(kind) => {
            (with("consent-is-forbidden", s.text(&key("prohibition", kind.as_str()))), "forbidden")
        }
        Standing::Consented(until) => (with("consent-is-given", s.time(&until)), "consented"),
        Standing::Existing(until) => (with("consent-is-existing", s.date(&until)), "existing"),
        Standing::Withdrawn(at) => (with("consent-is-withdrawn", s.time(&at)), "withdrawn"),
        Standing::Expired(at) => (with("consent-is-expired", s.time(&at)), "expired"),
        Standing::Never => (s.text("consent-is-never"), "never"),
    }
}

/// The lines of a consent's life.
fn past(s: &Shell, names: &Names, one: Consent, now: jiff::Timestamp) -> Past {
    let way = |way: ConsentWay| s.text(&key("consent-way", way.as_str()));
    let mut given = format!("{} · {} · {}", s.time(&one.given_at), way(one.way), names.name(s.t, &one.entered_by));
    if one.given_by == GivenBy::Guardian {
        given.push_str(&format!(" · {}", s.text("consent-by-guardian")));
    }
    let ended = match &one.withdrawn {
        Some(end) => {
            let by = names.name(s.t, &end.by);
            Some(format!("{} {} · {} · {by}", s.text("consent-withdrawn"), s.time(&end.at), way(end.way)))
        }
        None if one.expires_at <= now => Some(format!("{} {}", s.text("consent-expired"), s.time(&one.expires_at))),
        None => None,
    };
    let text = one.text.lines().next().unwrap_or_default().to_owned();
    Past { text, given, evidence: one.evidence, ended }
}

fn choices<T: Copy>(s: &Shell, all: &[T], name: impl Fn(T) -> &'static str, prefix: &str, chosen: &str) -> Vec<Choice> {
    let choice = |one: &T| Choice {
        value: name(*one).to_owned(),
        text: s.text(&key(prefix, name(*one))),
        selected: name(*one) == chosen,
    };
    all.iter().map(choice).collect()
}

fn sale_rows(s: &Shell, found: &Consents) -> Vec<SaleRow> {
    let row = |(sale, holds): &(consent::ExistingCustomer, Result<jiff::civil::Date, consent::NotExisting>)| SaleRow {
        what: format!(
            "{} · {} · {} {}",
            s.company(&sale.company),
            s.text(&key("consent-channel", sale.channel.as_str())),
            s.text("consent-told"),
            s.date(&sale.told_on)
        ),
        holds: holds.is_ok(),
        why: match holds {
            Ok(until) => format!("{} {}", s.text("existing-holds"), s.date(until)),
            Err(why) => s.text(&key("existing", why.as_str())),
        },
        evidence: sale.evidence.clone(),
    };
    found.sales.iter().map(row).collect()
}

fn page(register: &Register, who: &SignedIn, id: PersonId, refused: Refused) -> seloste_ops::Result<Page> {
    let to = Recipient::Person(id);
    let s = Shell::staff(register, who, here(to))?;
    let language = refused.language.unwrap_or(who.language);
    let (found, names, now) = (consent::of(register, &who.actor, id, language)?, Names::of(register)?, register.now());
    let draft = refused.draft.unwrap_or_else(|| ConsentDraft { way: "paper".into(), ..ConsentDraft::default() });
    let sale = refused.sale.unwrap_or_else(|| SaleDraft { channel: "email".into(), ..SaleDraft::default() });
    let orders = if s.may("consent.give") { consent::orders(register, &who.actor, id)? } else { Vec::new() };
    let orders = orders.into_iter().map(|(order, number, day)| Choice {
        selected: sale.order == order.to_string(),
        value: order.to_string(),
        text: format!("{number} · {}", s.date(&day)),
    });
    let language_choice = |one: Language| Choice {
        value: one.tag().into(),
        text: s.text(&key("consent-language", one.tag())),
        selected: one == language,
    };
    let sales = sale_rows(&s, &found);
    let mut terms: Vec<String> = Vec::new();
    for asked in &found.asked {
        if !terms.contains(&asked.wording.terms) {
            terms.push(asked.wording.terms.clone());
        }
    }
    let rows = found.asked.into_iter().map(|asked| {
        let (standing, class) = standing(&s, asked.standing);
        Row {
            selected: draft.matters.contains(&asked.matter.to_string()),
            statement: asked.wording.statement,
            matter: asked.matter,
            standing,
            class,
        }
    });
    Ok(Page {
        card: card(to),
        name: called(&s, register, who, to)?,
        rows: rows.collect(),
        terms,
        past: found.all.into_iter().map(|one| past(&s, &names, one, now)).collect(),
        sales,
        ways: choices(&s, &ConsentWay::ENTERED, ConsentWay::as_str, "consent-way", &draft.way),
        givers: choices(&s, GivenBy::ALL, GivenBy::as_str, "consent-given-by", &draft.given_by),
        languages: Language::ALL.map(language_choice).into(),
        orders: orders.collect(),
        channels: choices(&s, &[Channel::Email, Channel::Sms], Channel::as_str, "consent-channel", &sale.channel),
        f: Errors::new(who.language, refused.errors),
        g: Errors::new(who.language, refused.sale_errors),
        draft,
        sale,
        s,
    })
}

/// Shows them.
pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, id, Refused::default())).await?;
    Ok(Html(page.render()?).into_response())
}

async fn again(app: App, who: SignedIn, id: PersonId, wrong: Refused) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, id, wrong)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

fn back(id: PersonId) -> Response {
    Redirect::to(&format!("/people/{id}/consents")).into_response()
}

/// Enters a consent.
pub(crate) async fn give(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = ConsentDraft {
        matters: form.all("matters"),
        way: form.text("way"),
        given_by: form.text("given_by"),
        given_on: form.text("given_on"),
        evidence: form.text("evidence"),
    };
    let language = form.parsed::<Language>("language").unwrap_or_default();
    let (asker, sent) = (who.clone(), draft.clone());
    match app.run(move |register| consent::give(register, &asker.actor, id, &draft, language)).await {
        Ok(_) => Ok(back(id)),
        Err(error) => {
            let wrong =
                Refused { draft: Some(sent), errors: error.fields()?, language: Some(language), ..Refused::default() };
            again(app, who, id, wrong).await
        }
    }
}

/// Withdraws a consent.
pub(crate) async fn withdraw(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    let matter: Matter = form.parsed("matter").ok_or(PageError::NotFound)?;
    let way = form.text("way");
    app.run(move |register| consent::withdraw(register, &who.actor, id, &matter, &way)).await?;
    Ok(back(id))
}

/// Notes what was told to an existing customer.
pub(crate) async fn sale(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = SaleDraft {
        order: form.text("order"),
        channel: form.text("channel"),
        told_on: form.text("told_on"),
        evidence: form.text("evidence"),
    };
    let (asker, sent) = (who.clone(), draft.clone());
    match app.run(move |register| consent::note_sale(register, &asker.actor, id, &draft)).await {
        Ok(()) => Ok(back(id)),
        Err(error) => {
            let wrong = Refused { sale: Some(sent), sale_errors: error.fields()?, ..Refused::default() };
            again(app, who, id, wrong).await
        }
    }
}
