//! Carrying out an import.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

use parking_lot::Mutex;
use seloste_documents::table::{ErrorFile, Table, TableError};
use seloste_domain::field::FieldError;
use seloste_domain::id::ImportId;
use seloste_domain::import::{Converter, Noun, Outcome};
use seloste_domain::notice::Notice;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::import::{Counts, Import};
use sha2::{Digest as _, Sha256};

use super::Request;
use super::batch::Context;
use super::chunk::{added, store};
use super::plan::{Plan, open, planned};
use super::read::{self, Bad, Chunk, Item, Reader};
use super::report::{Progress, Report, RowError, described};
use crate::error::{OpsError, Result};
use crate::register::Register;
use crate::values::Origin;

/// Chunks that wait between reading and storing.
const WAITING: usize = 2;

/// Imports a file, or tries to when it is a dry run. `progress` is told how far it has come; when `cancel` becomes true
/// it ends after the chunk at hand. What is stored stays, and can be undone.
///
/// # Errors
/// The actor may not; a column is undecided or something else is wrong with the plan; a file can not be read; or the
/// database can not be written.
pub fn run(
    register: &Register,
    actor: &Actor,
    request: &Request,
    progress: &dyn Fn(Progress),
    cancel: &AtomicBool,
) -> Result<Report> {
    let usage = request.confined(register.authorize(actor, request.action())?)?;
    let notice = register.notice()?;
    let plan = planned(&usage, &notice, request)?;
    if !plan.problems.is_empty() {
        return Err(OpsError::Import(plan.problems));
    }
    if let Some(path) = request.error_file.as_ref().filter(|path| path.exists()) {
        let error = std::io::ErrorKind::AlreadyExists.into();
        return Err(TableError::Io { path: path.clone(), error }.into());
    }
    let may_protect = Use::authorize(actor, Action::PersonProtect, &notice, register.now()).is_ok();
    let import = begin(register, &usage, request)?;
    let context = Arc::new(context(register, &usage, &notice, request, import, may_protect));
    let mut storing = Storing::new(request, &plan, context, progress);
    storing.size = std::fs::metadata(&request.file).map(|meta| meta.len()).unwrap_or(0);
    read_and_store(&mut storing, request, &plan, cancel)?;
    storing.finish(register)
}

fn context(
    register: &Register,
    usage: &Use,
    notice: &Notice,
    request: &Request,
    import: Option<ImportId>,
    may_protect: bool,
) -> Context {
    Context {
        db: register.db().clone(),
        usage: usage.clone(),
        origin: Origin::of(usage, &request.source),
        today: register.today(),
        as_of: request.as_of.unwrap_or(usage.at()),
        past_periods: request.past_periods,
        ranks: notice.sources().iter().map(|source| (source.id.clone(), source.rank)).collect(),
        may_protect,
        import,
        handled: Mutex::new(HashSet::new()),
    }
}

/// Notes that an import begins.
fn begin(register: &Register, usage: &Use, request: &Request) -> Result<Option<ImportId>> {
    if request.dry_run {
        return Ok(None);
    }
    let id = request.id.unwrap_or_else(|| ImportId(register.db().env().id()));
    let import = Import {
        id,
        noun: request.noun.as_str().to_owned(),
        source: request.source.clone(),
        file_name: request.file_name.clone().unwrap_or_else(|| {
            request.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        }),
        file_hash: hash(&request.file)?,
        started_at: usage.at(),
        finished_at: None,
        undone_at: None,
        entered_by: usage.actor().to_string(),
        counts: Counts::default(),
    };
    register.db().write(usage, move |w| {
        seloste_store::import::insert(&mut w.plain().tx(), &import)?;
        w.log(seloste_store::log::Act::on(format!("import:{id}")))
    })?;
    Ok(Some(id))
}

fn hash(path: &Path) -> Result<String> {
    let io = |error| OpsError::Table(TableError::Io { path: path.to_owned(), error });
    let mut file = std::fs::File::open(path).map_err(io)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match std::io::Read::read(&mut file, &mut buffer).map_err(io)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            read => hasher.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

/// Reads on a thread of its own while this one stores.
fn read_and_store(storing: &mut Storing<'_>, request: &Request, plan: &Plan, cancel: &AtomicBool) -> Result<()> {
    let (kinds, context) = (plan.kinds, Arc::clone(&storing.context));
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel::<Chunk>(WAITING);
        let reading = scope.spawn(move || -> Result<()> {
            let hand_on = |chunk| send.send(chunk).is_ok();
            let converter = Converter::new(&plan.mapping, &Plan::outcomes(&plan.file), plan.date_order);
            let mut reader = Reader::new(request.noun, converter, kinds, &context, &hand_on);
            let mut table = open(&request.file, &request.options)?;
            if request.noun == Noun::Orders {
                read_orders(&mut reader, &mut table, request, plan)
            } else {
                Ok(reader.parties(&mut table)?)
            }
        });
        let mut stored = Ok(());
        for chunk in receive {
            if cancel.load(Ordering::Relaxed) {
                storing.report.cancelled = true;
                break;
            }
            stored = storing.take(chunk);
            if stored.is_err() {
                break;
            }
        }
        // The receiver is gone by now: a reader that still has rows finds that nobody takes them.
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        stored.and(read)
    })
}

fn read_orders(reader: &mut Reader<'_>, table: &mut Table, request: &Request, plan: &Plan) -> Result<()> {
    let mut lines = read::Lines::new();
    if let (Some(path), Some(file)) = (&request.lines, &plan.lines) {
        let mut mapping = plan.mapping.clone();
        std::mem::swap(&mut mapping.columns, &mut mapping.lines);
        let converter = Converter::new(&mapping, &Plan::outcomes(file), plan.date_order);
        let (found, bad) = read::lines(&mut open(path, &request.line_options)?, &converter)?;
        lines = found;
        if !(reader.send)(bad) {
            return Ok(());
        }
    }
    reader.orders(table, &mut lines)?;
    reader.left_over(lines);
    Ok(())
}

/// The storing side.
struct Storing<'a> {
    context: Arc<Context>,
    report: Report,
    errors: Option<ErrorFile>,
    headers: Vec<String>,
    line_headers: Vec<String>,
    request: &'a Request,
    progress: &'a dyn Fn(Progress),
    size: u64,
    bytes: u64,
}

impl<'a> Storing<'a> {
    fn new(request: &'a Request, plan: &Plan, context: Arc<Context>, progress: &'a dyn Fn(Progress)) -> Self {
        let names =
            |file: &super::PlannedFile| file.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        let headers = names(&plan.file);
        let header = ["row", "column", "reason"].map(str::to_owned).into_iter().chain(headers.clone()).collect();
        let errors = request.error_file.as_ref().map(|path| ErrorFile::new(path, header));
        let mut report = Report::default();
        report.import = context.import;
        for column in plan.file.columns.iter().chain(plan.lines.iter().flat_map(|lines| &lines.columns)) {
            match column.outcome {
                Outcome::Refused { .. } => report.refused_columns.push(column.name.clone()),
                Outcome::Dropped => report.dropped_columns.push(column.name.clone()),
                Outcome::Mapped { .. } | Outcome::Undecided => {}
            }
        }
        let line_headers = plan.lines.as_ref().map(names).unwrap_or_default();
        Self { context, report, errors, headers, line_headers, request, progress, size: 0, bytes: 0 }
    }

    fn take(&mut self, chunk: Chunk) -> Result<()> {
        let read = Counts { rows: i64::try_from(chunk.rows).unwrap_or(i64::MAX), ..Counts::default() };
        let bad = Counts { refused: i64::try_from(chunk.bad.len()).unwrap_or(i64::MAX), ..Counts::default() };
        self.report.counts = added(added(self.report.counts, read), bad);
        for (code, row) in &chunk.warnings {
            self.report.warn(code, *row);
        }
        let mut refused = chunk.bad;
        if !chunk.items.is_empty() {
            let (stored, items) = store(&self.context, chunk.items, self.report.counts)?;
            self.report.counts = added(self.report.counts, stored.counts);
            self.report.kept += stored.kept;
            for (at, code) in stored.warnings {
                self.report.warn(code, items.get(at).map_or(0, |item| item.row));
            }
            for (at, error) in stored.refused {
                let Some(Item { row, fields, places, .. }) = items.get(at) else { continue };
                let column = places.column(&error.field);
                refused.push(Bad { row: *row, column, error, fields: fields.clone(), of_lines: false });
            }
        }
        refused.sort_by_key(|bad| (bad.of_lines, bad.row));
        refused.into_iter().try_for_each(|bad| self.refuse(bad))?;
        self.bytes += chunk.bytes;
        let percent = self.bytes.saturating_mul(100).checked_div(self.size).unwrap_or(0).min(99);
        let rows = u64::try_from(self.report.counts.rows).unwrap_or(0);
        (self.progress)(Progress { rows, percent: u8::try_from(percent).unwrap_or(99) });
        Ok(())
    }

    fn refuse(&mut self, bad: Bad) -> Result<()> {
        let Bad { row, column, error, fields, of_lines } = bad;
        let headers = if of_lines { &self.line_headers } else { &self.headers };
        let column = column.map(|at| headers.get(at).cloned().unwrap_or_else(|| (at + 1).to_string()));
        if let Some(file) = &mut self.errors {
            let reason = described(self.request.describe.as_ref(), &error);
            file.write(row, column.as_deref().unwrap_or_default(), &reason, &fields)?;
        }
        self.report.refuse(RowError { row, column, error: FieldError { field: String::new(), ..error } });
        Ok(())
    }

    fn finish(self, register: &Register) -> Result<Report> {
        let Self { mut report, errors, context, progress, .. } = self;
        report.error_file = errors.map(ErrorFile::finish).transpose()?.flatten();
        report.close();
        let now = register.now();
        if let Some(import) = context.import {
            let (counts, cancelled) = (report.counts, report.cancelled);
            register.db().write_plain(move |plain| {
                let mut tx = plain.tx();
                if cancelled {
                    seloste_store::import::progress(&mut tx, import, &counts)
                } else {
                    seloste_store::import::finish(&mut tx, import, &counts, now)
                }
            })?;
        }
        let rows = u64::try_from(report.counts.rows).unwrap_or(0);
        progress(Progress { rows, percent: if report.cancelled { 99 } else { 100 } });
        Ok(report)
    }
}
