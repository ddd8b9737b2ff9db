//! Files of payments: sending one, looking at what it would bring, taking it in, undoing it.

use std::io::Write as _;

use askama::Template;
use axum::RequestExt as _;
use axum::extract::multipart::{Field as Part, MultipartError};
use axum::extract::{DefaultBodyLimit, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::PaymentFileId;
use seloste_domain::rights::Action;
use seloste_ops::payment::PaymentRefused;
use seloste_ops::payment_file::{self, LARGEST, PaymentFile, TakenIn, Tally};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};

use crate::App;
use crate::error::PageError;
use crate::party_form::Names;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::Texts;

/// A file as a list shows it.
struct Row {
    id: PaymentFileId,
    at: String,
    by: String,
    name: String,
    days: String,
    payments: String,
    sum: String,
    known: String,
    undone: Option<String>,
}

fn row(s: &Shell, names: &Names, file: &PaymentFile) -> Row {
    let (first, last) = (s.date(&file.first_on), s.date(&file.last_on));
    Row {
        id: file.id,
        at: s.time(&file.created_at),
        by: names.name(s.t, &file.entered_by),
        name: file.name.clone(),
        days: if first == last { first } else { format!("{first}–{last}") },
        payments: s.number(&file.payments),
        sum: s.money(&file.cents),
        known: s.number(&file.known),
        undone: file.undone_at.map(|at| {
            let by = file.undone_by.as_deref().map(|by| names.name(s.t, by)).unwrap_or_default();
            format!("{} · {by}", s.time(&at))
        }),
    }
}

#[derive(Template)]
#[template(path = "payment_files.html")]
struct FilesPage {
    s: Shell,
    rows: Vec<Row>,
    waiting: Vec<(PaymentFileId, String, String)>,
    /// What is wrong with the file that was sent, and where.
    wrong: Vec<String>,
}

fn files_page(register: &Register, who: &SignedIn, wrong: Vec<String>) -> seloste_ops::Result<FilesPage> {
    let s = Shell::staff(register, who, "nav-payments")?;
    let names = Names::of(register)?;
    let rows = payment_file::list(register, &who.actor)?.iter().map(|file| row(&s, &names, file)).collect();
    let waiting = match s.may(Action::PaymentImport.as_str()) {
        true => payment_file::waiting(register, &who.actor)?,
        false => Vec::new(),
    };
    let waiting = waiting.into_iter().map(|file| (file.id, s.time(&file.at), file.name)).collect();
    Ok(FilesPage { rows, waiting, wrong, s })
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app.run(move |register| files_page(register, &who, Vec::new())).await?;
    Ok(Html(page.render()?).into_response())
}

/// Takes the file in as it comes, so that its size costs no memory.
pub(crate) async fn receive(
    State(app): State<App>,
    Signed(who): Signed,
    mut request: Request,
) -> Result<Response, PageError> {
    let actor = who.actor.clone();
    app.run(move |register| register.authorize(&actor, Action::PaymentImport)).await?;
    // A little more than a file may have, for what stands around it.
    DefaultBodyLimit::max(usize::try_from(LARGEST + 100_000).unwrap_or(usize::MAX)).apply(&mut request);
    let parts: Multipart = request.extract().await.map_err(|_| PageError::Malformed)?;
    match keep(&app, &who, parts).await {
        Ok(id) => Ok(Redirect::to(&format!("/payment-files/waiting/{id}")).into_response()),
        Err(error) => {
            let wrong = told(Texts(who.language), error)?;
            let page = app.run(move |register| files_page(register, &who, wrong)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

/// What is wrong with a file, in words; another error as it is.
fn told(t: Texts, error: PageError) -> Result<Vec<String>, PageError> {
    match error {
        PageError::Ops(OpsError::Payment(PaymentRefused::File(error))) => Ok(vec![wrong(t, &error)]),
        PageError::TooLarge => Ok(vec![t.get("payment-problem-too-large")]),
        other => Ok(other.fields()?.0.iter().map(|error| t.field_error(error)).collect()),
    }
}

/// What is wrong with a file of payments, and at which line or entry.
#[must_use]
pub fn wrong(t: Texts, error: &seloste_payments::FileError) -> String {
    let what = t.get(error.problem.key());
    match error.place {
        seloste_payments::Place::File => what,
        seloste_payments::Place::Line(line) => format!("{}: {what}", t.arg("payment-place-line", "line", line)),
        seloste_payments::Place::Entry(entry, element) => {
            format!("{} ({element}): {what}", t.arg("payment-place-entry", "entry", entry))
        }
    }
}

fn too_large(error: MultipartError) -> PageError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { PageError::TooLarge } else { PageError::Malformed }
}

async fn keep(app: &App, who: &SignedIn, mut parts: Multipart) -> Result<PaymentFileId, PageError> {
    while let Some(part) = parts.next_field().await.map_err(too_large)? {
        if part.name() == Some("file") && part.file_name().is_some_and(|name| !name.is_empty()) {
            return keep_part(app, who, part).await;
        }
    }
    Err(PageError::Ops(FieldErrors::from(FieldError::new("file", code::REQUIRED)).into()))
}

async fn keep_part(app: &App, who: &SignedIn, mut part: Part<'_>) -> Result<PaymentFileId, PageError> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let actor = who.actor.clone();
    let (sending, mut file) = app
        .run(move |register| {
            let sending = payment_file::begin(register, &actor, &name)?;
            let file = sending.file()?;
            Ok((sending, file))
        })
        .await?;
    let mut size = 0_u64;
    while let Some(chunk) = part.chunk().await.map_err(too_large)? {
        size += chunk.len() as u64;
        if size > LARGEST {
            return Err(PageError::TooLarge);
        }
        file = app
            .run(move |_| {
                file.write_all(&chunk).map_err(seloste_ops::import::upload::not_written)?;
                Ok(file)
            })
            .await?;
    }
    let actor = who.actor.clone();
    app.run(move |register| sending.finish(register, &actor)).await
}

/// A line of what a file brings: what, how many, how much.
struct Line {
    what: String,
    count: String,
    sum: String,
}

fn lines(s: &Shell, told: &TakenIn) -> Vec<Line> {
    let line = |(text, tally): (&str, Tally)| Line {
        what: s.text(text),
        count: s.number(&tally.count),
        sum: s.money(&tally.cents),
    };
    let all = [
        ("payment-file-new", told.payments),
        ("payment-file-taken-back", told.taken_back),
        ("payment-file-known", told.known),
        ("payment-file-by-reference", told.by_reference),
        ("payment-file-by-name", told.by_name),
        ("payment-file-reversed", told.reversed),
        ("payment-file-overpaid", told.overpaid),
        ("payment-file-to-place", told.to_place),
    ];
    let always = ["payment-file-new", "payment-file-by-reference", "payment-file-to-place"];
    all.into_iter().filter(|(text, tally)| tally.count > 0 || always.contains(text)).map(line).collect()
}

#[derive(Template)]
#[template(path = "payment_file_waiting.html")]
struct WaitingPage {
    s: Shell,
    id: PaymentFileId,
    name: String,
    days: String,
    lines: Vec<Line>,
    passed_over: Option<String>,
    is_new: bool,
}

pub(crate) async fn look(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentFileId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-payments")?;
            let (waiting, told) = payment_file::look(register, &who.actor, id)?;
            let days = told.days.map(|(first, last)| match first == last {
                true => s.date(&first),
                false => format!("{}–{}", s.date(&first), s.date(&last)),
            });
            let passed_over = i64::try_from(told.passed_over).unwrap_or(i64::MAX);
            Ok(WaitingPage {
                lines: lines(&s, &told),
                passed_over: (passed_over > 0).then(|| s.t.count("payment-file-passed-over", &passed_over)),
                is_new: told.payments.count + told.taken_back.count > 0,
                days: days.unwrap_or_default(),
                name: waiting.name,
                id,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn take_in(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentFileId>,
) -> Result<Redirect, PageError> {
    let taken = app.run(move |register| payment_file::take_in(register, &who.actor, id)).await?;
    Ok(match taken.file {
        Some(file) => Redirect::to(&format!("/payment-files/{file}")),
        None => Redirect::to("/payment-files"),
    })
}

pub(crate) async fn remove(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentFileId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| payment_file::remove(register, &who.actor, id)).await?;
    Ok(Redirect::to("/payment-files"))
}

#[derive(Template)]
#[template(path = "payment_file.html")]
struct FilePage {
    s: Shell,
    row: Row,
    sha256: String,
    to_place: i64,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentFileId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-payments")?;
            let file = payment_file::show(register, &who.actor, id)?;
            let names = Names::of(register)?;
            let (to_place, _) = seloste_ops::payment::to_place(register, &who.actor)?;
            Ok(FilePage { row: row(&s, &names, &file), sha256: file.sha256, to_place, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn undo(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PaymentFileId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| payment_file::undo(register, &who.actor, id)).await?;
    Ok(Redirect::to(&format!("/payment-files/{id}")))
}
