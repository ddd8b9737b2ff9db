//! Importing a file: sending it, deciding what its columns are, trying it, importing it, and how far it has come.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use askama::Template;
use axum::RequestExt as _;
use axum::extract::multipart::Field as Part;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{MappingId, UploadId};
use seloste_domain::import::{Target, Whose};
use seloste_domain::language::Language;
use seloste_domain::rights::Action;
use seloste_ops::import::upload::{self, Details, Incoming, LARGEST, Stage, Upload};
use seloste_ops::import::{Describe, Noun, Outcome, Plan, Problem, Report};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, mapping};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors, source_name, sources};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// Values of a column that are shown beside it.
const SAMPLES: usize = 3;
/// Bytes of what stands in the form beside the file.
const LONGEST: usize = 1_000;

#[derive(Template)]
#[template(path = "upload_form.html")]
struct FormPage {
    s: Shell,
    nouns: Vec<Choice>,
    sources: Vec<Choice>,
    companies: Vec<Choice>,
    f: Errors,
}

/// What was said of the file, for a form that is shown again.
#[derive(Clone, Debug, Default)]
struct Said {
    noun: String,
    source: String,
    company: String,
}

fn form_page(register: &Register, who: &SignedIn, said: &Said, errors: FieldErrors) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, Action::ImportRun)?;
    let s = Shell::staff(register, who, "nav-imports")?;
    let nouns = Noun::ALL.into_iter().filter(|noun| noun.kind().is_none_or(|kind| s.kinds.has(kind)));
    let nouns = nouns.filter(|noun| *noun != Noun::Invoices || s.may("invoice.mirror"));
    let nouns = nouns.map(|noun| Choice {
        value: noun.as_str().into(),
        text: s.text(&key("upload", noun.as_str())),
        selected: noun.as_str() == said.noun,
    });
    let companies = s.companies.iter().map(|company| Choice {
        value: company.id.to_string(),
        text: company.name.clone(),
        selected: company.id.as_str() == said.company,
    });
    Ok(FormPage {
        nouns: nouns.collect(),
        sources: sources(register, who.language, &said.source)?,
        companies: companies.collect(),
        f: Errors::new(who.language, errors),
        s,
    })
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app.run(move |register| form_page(register, &who, &Said::default(), FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

/// Takes the file in as it comes, so that its size costs no memory.
pub(crate) async fn receive(
    State(app): State<App>,
    Signed(who): Signed,
    mut request: Request,
) -> Result<Response, PageError> {
    let actor = who.actor.clone();
    app.run(move |register| register.authorize(&actor, Action::ImportRun)).await?;
    DefaultBodyLimit::max(usize::try_from(LARGEST).unwrap_or(usize::MAX)).apply(&mut request);
    let parts: Multipart = request.extract().await.map_err(|_| PageError::Malformed)?;
    let mut said = Said::default();
    match read(&app, &who, parts, &mut said).await {
        Ok(id) => Ok(Redirect::to(&format!("/imports/files/{id}")).into_response()),
        Err(error) => {
            let errors = file_errors(error)?;
            let page = app.run(move |register| form_page(register, &who, &said, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

/// A file that is not a table is an error at its field.
fn file_errors(error: PageError) -> Result<FieldErrors, PageError> {
    match error {
        PageError::Ops(OpsError::Table(_)) => Ok(FieldError::new("file", "upload-not-a-table").into()),
        PageError::TooLarge => Ok(FieldError::new("file", "upload-too-large").into()),
        other => other.fields(),
    }
}

async fn read(app: &App, who: &SignedIn, mut parts: Multipart, said: &mut Said) -> Result<UploadId, PageError> {
    let mut kept: Option<UploadId> = None;
    while let Some(part) = parts.next_field().await.map_err(too_large)? {
        match part.name().unwrap_or_default() {
            "noun" => said.noun = text(part).await?,
            "source" => said.source = text(part).await?,
            "company" => said.company = text(part).await?,
            "file" if kept.is_none() => kept = Some(keep(app, who, part, said).await?),
            _ => {}
        }
    }
    kept.ok_or_else(|| PageError::Ops(FieldErrors::from(FieldError::new("file", code::REQUIRED)).into()))
}

fn too_large(error: axum::extract::multipart::MultipartError) -> PageError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { PageError::TooLarge } else { PageError::Malformed }
}

async fn text(mut part: Part<'_>) -> Result<String, PageError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(too_large)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            return Err(PageError::TooLarge);
        }
    }
    String::from_utf8(bytes).map_err(|_| PageError::Malformed)
}

async fn keep(app: &App, who: &SignedIn, mut part: Part<'_>, said: &Said) -> Result<UploadId, PageError> {
    let wrong = |field: &str| PageError::Ops(FieldErrors::from(FieldError::new(field, code::REQUIRED)).into());
    let file_name = part.file_name().unwrap_or_default().to_owned();
    if file_name.is_empty() {
        return Err(wrong("file"));
    }
    let details = Details {
        noun: Noun::named(&said.noun).ok_or_else(|| wrong("noun"))?,
        source: said.source.parse().map_err(|_| wrong("source"))?,
        company: Some(said.company.as_str()).filter(|id| !id.is_empty()).and_then(|id| id.parse().ok()),
        file_name,
    };
    let actor = who.actor.clone();
    let (incoming, mut file) = app
        .run(move |register| {
            let incoming = upload::begin(register, &actor, details)?;
            let file = incoming.file()?;
            Ok((incoming, file))
        })
        .await?;
    while let Some(chunk) = part.chunk().await.map_err(too_large)? {
        file = app
            .run(move |_| {
                file.write_all(&chunk).map_err(seloste_ops::import::upload::not_written)?;
                Ok(file)
            })
            .await?;
    }
    let actor = who.actor.clone();
    app.run(move |register| Incoming::finish(incoming, register, &actor).map(|upload| upload.id)).await
}

/// A column of the file and what becomes of it.
struct Column {
    name: String,
    samples: String,
    choices: Vec<Group>,
    undecided: bool,
    refused: Option<String>,
}

/// Choices under one heading.
struct Group {
    heading: String,
    choices: Vec<Choice>,
}

/// What came of trying or importing.
struct Ended {
    tried: bool,
    cancelled: bool,
    counts: Vec<(String, String)>,
    warnings: Vec<String>,
    errors: Vec<(String, String, String)>,
    has_error_file: bool,
    proposals: Option<String>,
}

#[derive(Template)]
#[template(path = "upload.html")]
struct UploadPage {
    s: Shell,
    view: View,
}

/// What changes while a file is tried or imported; the page asks for it again and again.
#[derive(Template)]
#[template(path = "upload_part.html")]
struct View {
    t: Texts,
    id: UploadId,
    file: String,
    what: String,
    source: String,
    format: Option<(String, String)>,
    percent: Option<u8>,
    rows: String,
    trying: bool,
    ended: Option<Ended>,
    failed: Option<String>,
    columns: Vec<Column>,
    /// Of invoices: whether they may come into periods whose tax return was due already.
    past_periods: Option<bool>,
    problems: Vec<String>,
    /// The saved mapping that the file is read by.
    used: Option<String>,
    /// Saved mappings that fit, the best first.
    fitting: Vec<(MappingId, String)>,
    may_save: bool,
    /// The name under which it could not be saved, and why.
    name: String,
    name_errors: Vec<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UploadId>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let part = headers.contains_key("hx-request");
    let page = app.run(move |register| page(register, &who, id)).await?;
    Ok(Html(if part { page.view.render()? } else { page.render()? }).into_response())
}

fn page(register: &Register, who: &SignedIn, id: UploadId) -> seloste_ops::Result<UploadPage> {
    let (upload, stage) = upload::show(register, &who.actor, id)?;
    let s = Shell::staff(register, who, "nav-imports")?;
    let notice = register.notice()?;
    let mut view = View {
        t: s.t,
        id,
        file: upload.file_name.clone(),
        what: s.text(&key("import", upload.noun.as_str())),
        source: source_name(&notice, &upload.source, who.language),
        format: None,
        percent: None,
        rows: String::new(),
        trying: false,
        ended: None,
        failed: None,
        columns: Vec::new(),
        past_periods: (upload.noun == Noun::Invoices).then_some(upload.past_periods),
        problems: Vec::new(),
        used: upload.mapping.as_ref().map(|used| used.name.clone()),
        fitting: Vec::new(),
        may_save: s.may(Action::MappingChange.as_str()),
        name: String::new(),
        name_errors: Vec::new(),
    };
    match stage {
        Stage::Running { dry_run, progress } => {
            view.percent = Some(progress.percent);
            view.rows = s.number(&i64::try_from(progress.rows).unwrap_or(i64::MAX));
            view.trying = dry_run;
            return Ok(UploadPage { s, view });
        }
        Stage::Ended(report) => view.ended = Some(ended(&s, &report)),
        Stage::Failed(error) => {
            view.failed = Some(match &*error {
                OpsError::Import(problems) => problems.iter().map(|p| problem(s.t, p)).collect::<Vec<_>>().join(" "),
                _ => s.text("upload-failed"),
            });
        }
        Stage::Waiting => {}
    }
    if !upload.has_ended() {
        let plan = upload::plan(register, &who.actor, id)?;
        let separator = plan.file.separator.map(|separator| key("separator", separator));
        view.format = plan.file.encoding.map(str::to_owned).zip(separator);
        view.problems = plan.problems.iter().map(|p| problem(s.t, p)).collect();
        view.columns = columns(&s, &upload, &plan);
        if s.may(Action::MappingList.as_str()) {
            let used = upload.mapping.as_ref().map(|used| used.id);
            let fitting = mapping::fitting(register, &who.actor, id, &plan)?.into_iter();
            view.fitting = fitting.filter(|saved| Some(saved.id) != used).map(|saved| (saved.id, saved.name)).collect();
        }
    }
    Ok(UploadPage { s, view })
}

fn ended(s: &Shell, report: &Report) -> Ended {
    let counts = &report.counts;
    let count = |name: &str, number: &i64| (s.text(&format!("import-{name}")), s.number(number));
    let kept = i64::try_from(report.kept).unwrap_or(i64::MAX);
    let mut shown = vec![
        count("rows", &counts.rows),
        count("created", &counts.created),
        count("updated", &counts.updated),
        count("unchanged", &counts.unchanged),
        count("refused", &counts.refused),
    ];
    if kept > 0 {
        shown.push(count("kept", &kept));
    }
    let warning = |warning: &seloste_ops::import::Warning| {
        let what = sentence(s.t.field_error(&FieldError::new("", warning.code)));
        let rows: Vec<String> = warning.rows.iter().take(10).map(ToString::to_string).collect();
        let more = if warning.rows.len() > 10 { ", …" } else { "" };
        format!("{what} ({}: {}{more})", s.text("import-row"), rows.join(", "))
    };
    Ended {
        tried: report.import.is_none(),
        cancelled: report.cancelled,
        counts: shown,
        warnings: report.warnings.iter().map(warning).collect(),
        errors: report
            .errors
            .iter()
            .map(|e| (e.row.to_string(), e.column.clone().unwrap_or_default(), sentence(s.t.field_error(&e.error))))
            .collect(),
        has_error_file: report.error_file.is_some(),
        proposals: report
            .import
            .filter(|_| report.kept > 0 && s.may("proposal.list"))
            .map(|import| format!("/proposals?import={import}")),
    }
}

/// With a capital: the same words stand within a line elsewhere.
pub(crate) fn sentence(text: String) -> String {
    let mut rest = text.chars();
    rest.next().map_or(text.clone(), |first| first.to_uppercase().chain(rest).collect())
}

/// What stands in the way, in the person's language.
pub(crate) fn problem(t: Texts, problem: &Problem) -> String {
    let args = ["a", "b", "c"].into_iter().zip(problem.args.iter().cloned()).collect();
    t.field_error(&FieldError { args, ..FieldError::new("", problem.code) })
}

fn columns(s: &Shell, upload: &Upload, plan: &Plan) -> Vec<Column> {
    let column = |(at, column): (usize, &seloste_ops::import::PlannedColumn)| {
        let cells = plan.file.preview.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.trim().is_empty());
        let mut samples: Vec<&str> = cells.map(|cell| cell.trim()).collect();
        samples.dedup();
        let targets: Vec<String> = column.outcome.targets().iter().map(ToString::to_string).collect();
        let chosen = match &column.outcome {
            Outcome::Dropped => Some("-".to_owned()),
            Outcome::Undecided => None,
            // What the notice refuses can only be left out, or go elsewhere.
            Outcome::Refused { .. } if targets.is_empty() => Some("-".to_owned()),
            Outcome::Mapped { .. } | Outcome::Refused { .. } => Some(targets.join(",")),
        };
        let refused = match &column.outcome {
            Outcome::Refused { kinds, .. } => {
                let kinds: Vec<String> = kinds.iter().map(|kind| s.text(&key("kind", kind.as_str()))).collect();
                Some(s.t.arg("upload-refused", "kinds", kinds.join(", ")))
            }
            _ => None,
        };
        Column {
            name: column.name.clone(),
            samples: samples.iter().take(SAMPLES).map(|text| shortened(text)).collect::<Vec<_>>().join(" · "),
            undecided: chosen.is_none(),
            choices: groups(s, upload.noun, chosen.as_deref()),
            refused,
        }
    };
    plan.file.columns.iter().enumerate().map(column).collect()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// What a column can be: only what the notice declares.
fn groups(s: &Shell, noun: Noun, chosen: Option<&str>) -> Vec<Group> {
    let choice = |value: &str, text: String| Choice { value: value.into(), text, selected: chosen == Some(value) };
    let mut general = vec![choice("-", s.text("upload-leave-out"))];
    if chosen.is_none() {
        general.insert(0, Choice { value: String::new(), text: s.text("upload-decide"), selected: true });
    }
    let targets: Vec<Target> =
        Target::all(noun).into_iter().filter(|target| target.kind().is_none_or(|kind| s.kinds.has(kind))).collect();
    // One column can be several things, by a guess that knows it: that is a choice of its own.
    if let Some(several) = chosen.filter(|chosen| chosen.contains(',')) {
        let names: Vec<String> = several.split(',').map(|name| target_text(s.t, noun, name)).collect();
        general.push(choice(several, names.join(" + ")));
    }
    let mut groups = vec![Group { heading: String::new(), choices: general }];
    for whose in [Whose::Own, Whose::Contact, Whose::Customer, Whose::Delivery, Whose::Line] {
        let of: Vec<Choice> = targets
            .iter()
            .filter(|target| target.whose == whose)
            .map(|target| choice(&target.to_string(), field_text(s.t, *target)))
            .collect();
        if !of.is_empty() {
            groups.push(Group { heading: s.text(heading(noun, whose)), choices: of });
        }
    }
    groups
}

const fn heading(noun: Noun, whose: Whose) -> &'static str {
    match (whose, noun) {
        (Whose::Own, Noun::People) => "target-of-person",
        (Whose::Own, Noun::Organisations) => "target-of-organisation",
        (Whose::Own, Noun::Orders) => "target-of-order",
        (Whose::Own, Noun::Invoices) => "target-of-invoice",
        (Whose::Customer, Noun::Invoices) => "target-of-payer",
        (Whose::Contact, _) => "target-of-contact",
        (Whose::Customer, _) => "target-of-customer",
        (Whose::Delivery, _) => "target-of-delivery",
        (Whose::Line, _) => "target-of-line",
    }
}

fn target_text(t: Texts, noun: Noun, name: &str) -> String {
    Target::parse(noun, name).map_or_else(
        |_| name.to_owned(),
        |target| match target.whose {
            Whose::Own => field_text(t, target),
            whose => format!("{}: {}", t.get(heading(noun, whose)), field_text(t, target)),
        },
    )
}

fn field_text(t: Texts, target: Target) -> String {
    let field = t.get(&key("target", target.field.as_str()));
    target.label.map_or_else(|| field.clone(), |label| format!("{field} ({})", t.get(&key("label", label.as_str()))))
}

/// Goes on with the imports, and with what is done to many rows at once, that a restart broke off.
///
/// # Errors
/// The accounts can not be read.
pub fn resume(register: &Register) -> seloste_ops::Result<()> {
    seloste_ops::bulk::resume(register)?;
    upload::resume(register, describe)
}

/// Words for what is wrong with a row, in a language.
#[must_use]
pub fn describe(language: Language) -> Describe {
    Describe(Arc::new(move |error| Texts(language).field_error(error)))
}

/// Decides about columns, and tries, imports or saves them under a name if that button was pressed.
pub(crate) async fn decide(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UploadId>,
    form: Form,
) -> Result<Response, PageError> {
    let mut choices: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in form.rows(&["column", "target"]) {
        if let [column, target] = &row[..]
            && !target.is_empty()
        {
            let targets = target.split(',').filter(|target| *target != "-").map(str::to_owned).collect();
            choices.insert(column.clone(), targets);
        }
    }
    let (asker, name) = (who.clone(), form.text("name"));
    let outcome = app
        .run(move |register| {
            upload::show(register, &who.actor, id)?;
            if !choices.is_empty() {
                upload::choose(register, &who.actor, id, choices)?;
                upload::allow_past_periods(register, &who.actor, id, form.has("past_periods"))?;
            }
            let dry_run = match form.text("do").as_str() {
                "try" => true,
                "import" => false,
                "keep" => return mapping::save_of_upload(register, &who.actor, id, &form.text("name")).map(drop),
                "update" => return mapping::update_by_upload(register, &who.actor, id),
                _ => return Ok(()),
            };
            match upload::start(register, &who.actor, id, dry_run, describe(who.language)) {
                // The page shows what is undecided.
                Err(OpsError::Import(_)) => Ok(()),
                other => other,
            }
        })
        .await;
    let Err(error) = outcome else { return Ok(Redirect::to(&format!("/imports/files/{id}")).into_response()) };
    let errors = Errors::new(asker.language, error.fields()?);
    let mut page = app.run(move |register| page(register, &asker, id)).await?;
    (page.view.name, page.view.name_errors) = (name, errors.errors("name"));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// Reads the file by a saved mapping, or by guesses again.
pub(crate) async fn use_mapping(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UploadId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let chosen: Option<MappingId> = form.parsed("mapping");
    app.run(move |register| {
        let saved = chosen.map(|chosen| mapping::get(register, &who.actor, chosen)).transpose()?;
        upload::use_mapping(register, &who.actor, id, saved.as_ref())
    })
    .await?;
    Ok(Redirect::to(&format!("/imports/files/{id}")))
}

pub(crate) async fn cancel(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UploadId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| upload::cancel(register, &who.actor, id)).await?;
    Ok(Redirect::to(&format!("/imports/files/{id}")))
}

pub(crate) async fn remove(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UploadId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| upload::remove(register, &who.actor, id)).await?;
    Ok(Redirect::to("/imports"))
}

/// The rows that were refused, with their reasons, to be mended and sent again.
pub(crate) async fn errors(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UploadId>,
) -> Result<Response, PageError> {
    let bytes = app
        .run(move |register| {
            let path = upload::errors(register, &who.actor, id)?;
            std::fs::read(path).map_err(upload::not_written)
        })
        .await?;
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"errors.csv\"")];
    Ok((headers, bytes).into_response())
}
