//! `seloste import`: people, organisations, orders and invoices from files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use seloste_documents::table::{HeaderChoice, Options, Separator};
use seloste_domain::id::{CompanyId, ImportId, SourceId};
use seloste_ops::import::{self as ops, Describe, Noun, Outcome as Fate, Plan, PlannedFile, Report, Request};
use seloste_ops::{OpsError, Register};
use serde_json::json;

use crate::failure::{Failure, Outcome, reason};
use crate::run::Run;
use crate::text::Text;
use crate::{mapping, output};

/// What can be imported, and what can be done with imports.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import people from a CSV or XLSX file
    People(FileOptions),
    /// Import organisations, each with a contact person if the row has one
    Organisations(FileOptions),
    /// Import orders with their lines
    Orders {
        #[command(flatten)]
        file: FileOptions,
        /// File of the order lines, when they are not in the same file
        #[arg(long, value_name = "FILE")]
        lines: Option<PathBuf>,
    },
    /// Import invoices of an accounting system with what is open of them; a newer file renews it
    Invoices(FileOptions),
    /// Saved mappings: list, show, save, remove
    #[command(subcommand)]
    Mapping(mapping::Command),
    /// List the imports
    List,
    /// Take an import back, updates included
    Undo {
        /// The import's id
        id: ImportId,
    },
}

/// The file and how it is read.
#[derive(Debug, Args)]
pub(crate) struct FileOptions {
    /// CSV in any common encoding and separator, or XLSX
    file: PathBuf,
    /// Where the data comes from: a source of the notice
    #[arg(long, value_name = "ID")]
    source: SourceId,
    /// Which column goes where, as TOML; without it columns are guessed
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Which column goes where, as it was saved for the source under this name
    #[arg(long, value_name = "NAME", conflicts_with = "mapping")]
    mapping_name: Option<String>,
    /// Leave a column out; may be repeated
    #[arg(long = "drop", value_name = "COLUMN")]
    dropped: Vec<String>,
    /// Company of the group whose customers and orders these are
    #[arg(long)]
    company: Option<CompanyId>,
    /// Try everything and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Take in invoices of tax periods whose return was due already
    #[arg(long)]
    past_periods: bool,
    /// Whether the first row names the columns
    #[arg(long, value_enum, default_value = "auto")]
    header: Header,
    /// Encoding, such as utf-8, utf-16le or windows-1252, when it can not be told from the file
    #[arg(long)]
    encoding: Option<String>,
    /// Separator, when it can not be told from the file
    #[arg(long, value_parser = parse_separator)]
    separator: Option<Separator>,
    /// Sheet of a workbook
    #[arg(long)]
    sheet: Option<String>,
    /// Where rows that were refused are written [default: a new file beside you]
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

/// Whether the first row names the columns.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Header {
    /// Told from its cells
    Auto,
    /// It does
    Present,
    /// It is data
    Absent,
}

fn parse_separator(text: &str) -> Result<Separator, String> {
    let all = || Separator::ALL.map(Separator::as_str).join(", ");
    Separator::named(text).ok_or_else(all)
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::People(options) => import(run, Noun::People, options, None),
        Command::Organisations(options) => import(run, Noun::Organisations, options, None),
        Command::Orders { file, lines } => import(run, Noun::Orders, file, lines),
        Command::Invoices(options) => import(run, Noun::Invoices, options, None),
        Command::Mapping(command) => mapping::perform(run, command),
        Command::List => list(run),
        Command::Undo { id } => undo(run, id),
    }
}

fn request(run: &Run, noun: Noun, options: FileOptions, lines: Option<PathBuf>) -> Outcome<Request> {
    let mapping = options.mapping.as_deref().map(|path| run.read(path)).transpose()?;
    let read = Options {
        encoding: options.encoding,
        separator: options.separator,
        header: match options.header {
            Header::Auto => HeaderChoice::Auto,
            Header::Present => HeaderChoice::Present,
            Header::Absent => HeaderChoice::Absent,
        },
        sheet: options.sheet,
        ..Options::default()
    };
    let language = run.text().language();
    let describe = Describe(Arc::new(move |error| reason(error, &Text::new(language))));
    Ok(Request {
        lines,
        mapping,
        dropped: options.dropped,
        company: options.company,
        line_options: Options { sheet: None, ..read.clone() },
        options: read,
        error_file: Some(options.errors.unwrap_or_else(|| free_name(&options.file))),
        dry_run: options.dry_run,
        past_periods: options.past_periods,
        describe: Some(describe),
        ..Request::new(noun, options.file, options.source)
    })
}

/// `customers-errors.csv`, or with a number when there is one already.
fn free_name(file: &Path) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let names = (1..).map(|n| match n {
        1 => PathBuf::from(format!("{stem}-errors.csv")),
        n => PathBuf::from(format!("{stem}-errors-{n}.csv")),
    });
    let free = names.take(1000).find(|path| !path.exists());
    free.unwrap_or_else(|| PathBuf::from(format!("{stem}-errors.csv")))
}

fn import(run: &Run, noun: Noun, options: FileOptions, lines: Option<PathBuf>) -> Outcome {
    let name = options.mapping_name.clone();
    let mut request = request(run, noun, options, lines)?;
    let report = run.with(false, |register, actor| {
        if let Some(name) = &name {
            let saved = seloste_ops::mapping::named(register, actor, &request.source, noun, name)?;
            request.mapping = Some(saved.definition);
        }
        let plan = ops::plan(register, actor, &request)?;
        if !run.json() {
            show_plan(run, &plan)?;
        }
        if !plan.problems.is_empty() {
            return Err(OpsError::Import(plan.problems).into());
        }
        Ok(with_progress(register, actor, &request)?)
    })?;
    if run.json() {
        output::json(&report)?;
    } else {
        show_report(run, &report)?;
    }
    if report.counts.refused == 0 { Ok(()) } else { Err(Failure::Found) }
}

/// Imports with a bar on the terminal. Ctrl+C ends it after the rows at hand.
fn with_progress(
    register: &Register,
    actor: &seloste_domain::usage::Actor,
    request: &Request,
) -> Result<Report, OpsError> {
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent} % {msg}") {
        bar.set_style(style);
    }
    let cancel = Arc::new(AtomicBool::new(false));
    cancel_by_ctrl_c(Arc::clone(&cancel));
    let progress = |progress: ops::Progress| {
        bar.set_position(u64::from(progress.percent));
        bar.set_message(progress.rows.to_string());
    };
    let report = ops::run(register, actor, request, &progress, &cancel);
    bar.finish_and_clear();
    report
}

/// The thread ends with the program.
fn cancel_by_ctrl_c(cancel: Arc<AtomicBool>) {
    let wait = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if runtime.is_ok_and(|runtime| runtime.block_on(tokio::signal::ctrl_c()).is_ok()) {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    // Without the thread the program ends at once on Ctrl+C; what was stored stays, and can be undone.
    drop(std::thread::Builder::new().name("ctrl-c".into()).spawn(wait));
}

fn show_plan(run: &Run, plan: &Plan) -> Outcome {
    for file in [Some(&plan.file), plan.lines.as_ref()].into_iter().flatten() {
        show_file(run, file)?;
    }
    Ok(())
}

fn show_file(run: &Run, file: &PlannedFile) -> Outcome {
    if let (Some(encoding), Some(separator)) = (file.encoding, file.separator) {
        output::line(run.say("import-format", &[("encoding", &encoding), ("separator", &separator)]))?;
    }
    let row = |column: &ops::PlannedColumn| vec![format!("  {}", column.name), fate(run, &column.outcome)];
    output::table(&file.columns.iter().map(row).collect::<Vec<_>>())?;
    for sheet in &file.other_sheets {
        output::line(run.say("import-other-sheet", &[("sheet", sheet)]))?;
    }
    Ok(())
}

fn fate(run: &Run, outcome: &Fate) -> String {
    let targets = outcome.targets().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match outcome {
        Fate::Mapped { .. } => format!("-> {targets}"),
        Fate::Refused { kinds, .. } => {
            let kinds = kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let refused = run.say("import-refused", &[("kinds", &kinds)]);
            if targets.is_empty() { refused } else { format!("-> {targets}; {refused}") }
        }
        Fate::Dropped => run.say("import-dropped", &[]),
        Fate::Undecided => run.say("import-undecided", &[]),
    }
}

fn show_report(run: &Run, report: &Report) -> Outcome {
    let counts = &report.counts;
    output::line(run.say(
        "import-counts",
        &[
            ("rows", &counts.rows),
            ("created", &counts.created),
            ("updated", &counts.updated),
            ("unchanged", &counts.unchanged),
            ("refused", &counts.refused),
        ],
    ))?;
    if report.kept > 0 {
        output::line(run.say("import-kept", &[("count", &report.kept)]))?;
    }
    for warning in &report.warnings {
        let error = seloste_domain::field::FieldError::new("", warning.code);
        let rows = first_rows(&warning.rows);
        let what = reason(&error, run.text());
        output::line(run.say("import-warning", &[("what", &what), ("count", &warning.count), ("rows", &rows)]))?;
    }
    for error in &report.errors {
        let (column, why) = (error.column.as_deref().unwrap_or("-"), reason(&error.error, run.text()));
        output::line(run.say("import-error", &[("row", &error.row), ("column", &column), ("why", &why)]))?;
    }
    if let Some(file) = &report.error_file {
        output::line(run.say("import-error-file", &[("file", &file.display())]))?;
    }
    if report.cancelled {
        output::line(run.say("import-cancelled", &[]))?;
    }
    match report.import {
        Some(id) => output::line(run.say("import-id", &[("id", &id)])),
        None => output::line(run.say("import-dry", &[])),
    }
}

/// A few row numbers, each once.
fn first_rows(rows: &[u64]) -> String {
    const SHOWN: usize = 10;
    let mut rows = rows.to_vec();
    rows.dedup();
    let more = if rows.len() > SHOWN { ", ..." } else { "" };
    let shown = rows.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("{shown}{more}")
}

fn list(run: &Run) -> Outcome {
    let imports = run.with(false, |register, actor| Ok(ops::list(register, actor)?))?;
    if run.json() {
        let import = |i: &ops::Import| {
            json!({
                "id": i.id, "noun": i.noun, "source": i.source, "file": i.file_name, "sha256": i.file_hash,
                "started_at": i.started_at, "finished_at": i.finished_at, "undone_at": i.undone_at,
                "by": i.entered_by, "counts": i.counts,
            })
        };
        return output::json(&imports.iter().map(import).collect::<Vec<_>>());
    }
    let row = |i: &ops::Import| {
        let state = match (i.undone_at, i.finished_at) {
            (Some(_), _) => run.say("import-undone-state", &[]),
            (None, Some(_)) => {
                format!("+{} ~{} ={} !{}", i.counts.created, i.counts.updated, i.counts.unchanged, i.counts.refused)
            }
            (None, None) => run.say("import-unfinished", &[]),
        };
        let started = i.started_at.strftime("%FT%TZ").to_string();
        vec![i.id.to_string(), started, i.noun.clone(), i.source.to_string(), i.file_name.clone(), state]
    };
    output::table(&imports.iter().map(row).collect::<Vec<_>>())
}

fn undo(run: &Run, id: ImportId) -> Outcome {
    let undone = run.with(false, |register, actor| Ok(ops::undo(register, actor, id)?))?;
    if run.json() {
        output::json(&undone)?;
    } else {
        output::line(run.say("import-undone", &[("erased", &undone.erased), ("restored", &undone.restored)]))?;
        for kept in &undone.kept {
            let args: [(&str, &dyn std::fmt::Display); 3] =
                [("noun", &kept.noun), ("id", &kept.id), ("why", &kept.why)];
            output::line(run.say("import-left", &args))?;
        }
    }
    if undone.kept.is_empty() { Ok(()) } else { Err(Failure::Found) }
}
