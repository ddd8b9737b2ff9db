//! What an import would do with the columns of its files, before anything is done.

use std::path::Path;

use seloste_documents::table::{Options, Table};
use seloste_domain::date::{self, DateOrder};
use seloste_domain::id::SourceId;
use seloste_domain::import::{
    Choice, Columns, Field, Mapping, Noun, Outcome, Problem, Target, Whose, code, guess, outcomes,
};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::notice::Notice;
use seloste_domain::usage::{Actor, Use};
use serde::Serialize;

use super::Request;
use crate::error::{OpsError, Result};
use crate::register::Register;

/// Rows by which columns are guessed and dates are judged.
const JUDGED: usize = 1_000;
/// Rows that a plan shows.
const PREVIEWED: usize = 5;

/// A column and what becomes of it.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedColumn {
    /// Its name.
    pub name: String,
    /// What becomes of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A file as it was understood.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedFile {
    /// Its encoding; none for a workbook.
    pub encoding: Option<&'static str>,
    /// Its separator; none for a workbook.
    pub separator: Option<&'static str>,
    /// Whether its first row names the columns.
    pub has_header: bool,
    /// Names that several columns have.
    pub repeated_headers: Vec<String>,
    /// Sheets that are not read.
    pub other_sheets: Vec<String>,
    /// The columns.
    pub columns: Vec<PlannedColumn>,
    /// The first rows, as they are in the file.
    pub preview: Vec<Vec<String>>,
}

/// What an import would do.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// What is imported.
    pub noun: Noun,
    /// The file.
    pub file: PlannedFile,
    /// The file of order lines.
    pub lines: Option<PlannedFile>,
    /// What stands in the way; empty: the import can begin.
    pub problems: Vec<Problem>,
    /// What was chosen of the columns, without the company of the request: what can be saved for the next file.
    #[serde(skip)]
    pub chosen: Mapping,
    #[serde(skip)]
    pub(super) mapping: Mapping,
    #[serde(skip)]
    pub(super) date_order: DateOrder,
    #[serde(skip)]
    pub(super) kinds: Kinds,
}

impl Plan {
    pub(super) fn outcomes(file: &PlannedFile) -> Vec<Outcome> {
        file.columns.iter().map(|column| column.outcome.clone()).collect()
    }
}

/// Reads the beginning of the files and tells what becomes of each column. Nothing is written but the log: the preview
/// shows the file to whoever has it.
///
/// # Errors
/// The actor may not, a file can not be read, or the mapping is wrong.
pub fn plan(register: &Register, actor: &Actor, request: &Request) -> Result<Plan> {
    let usage = request.confined(register.authorize(actor, request.action())?)?;
    planned(&usage, &*register.notice()?, request)
}

pub(super) fn planned(usage: &Use, notice: &Notice, request: &Request) -> Result<Plan> {
    let kinds = kinds_from(usage, notice, &request.source);
    let mut problems = Vec::new();
    if notice.source(&request.source).is_none() {
        problems.push(Problem::new(code::NO_SOURCE, &[request.source.as_str()]));
    }
    let mut table = Table::open(&request.file, &request.options)?;
    let samples: Vec<Vec<String>> = table.samples(JUDGED)?.into_iter().map(|row| row.fields).collect();
    let mut mapping = match &request.mapping {
        Some(text) => Mapping::parse(text, request.noun).map_err(OpsError::Import)?,
        None => {
            let rows: Vec<&[String]> = samples.iter().map(Vec::as_slice).collect();
            let columns = guess(request.noun, table.headers(), &rows, kinds);
            Mapping { columns, ..Mapping::new(request.noun) }
        }
    };
    add_choices(&mut mapping, request, table.headers());
    let chosen = mapping.clone();
    add_company(&mut mapping, request, usage);
    problems.extend(mapping.check(kinds));
    let file = file_plan(&table, &samples, &mapping.columns, kinds, &mut problems);
    let lines = match &request.lines {
        Some(path) => Some(lines_plan(path, request, &mut mapping, kinds, &mut problems)?),
        None => {
            if !mapping.lines.is_empty() {
                problems.push(Problem::new(code::NO_LINES_FILE, &[]));
            }
            None
        }
    };
    let date_order = date_order(&mapping, &file, &samples, &mut problems);
    Ok(Plan { noun: request.noun, file, lines, problems, chosen, mapping, date_order, kinds })
}

/// The kinds of data that may come from a source: the notice can say for a kind where it may come from.
fn kinds_from(usage: &Use, notice: &Notice, source: &SourceId) -> Kinds {
    let may = |kind: &Kind| {
        notice.kind(*kind).is_none_or(|declared| declared.sources.is_empty() || declared.sources.contains(source))
    };
    usage.kinds().iter().filter(may).collect()
}

/// What the request says besides the mapping.
fn add_choices(mapping: &mut Mapping, request: &Request, headers: &[String]) {
    for (name, choice) in &request.choices {
        mapping.columns.retain(|(has, _)| has != name);
        mapping.columns.push((name.clone(), choice.clone()));
    }
    for name in &request.dropped {
        mapping.columns.retain(|(has, _)| has != name);
        mapping.lines.retain(|(has, _)| has != name);
        let columns = if headers.contains(name) { &mut mapping.columns } else { &mut mapping.lines };
        columns.push((name.clone(), Choice::Dropped));
    }
}

/// The company of the request, or the only one that the actor has, where the mapping says none.
fn add_company(mapping: &mut Mapping, request: &Request, usage: &Use) {
    let company = Target::new(Whose::Own, Field::Company);
    let only = match usage.scope().companies() {
        [only] => Some(only.clone()),
        _ => None,
    };
    let is_said = mapping.constants.iter().any(|(target, _)| *target == company)
        || mapping.columns.iter().any(|(_, choice)| matches!(choice, Choice::Targets(all) if all.contains(&company)));
    if let Some(own) = request.company.clone().or(only).filter(|_| !is_said) {
        mapping.constants.push((company, own.to_string()));
    }
}

fn file_plan(
    table: &Table,
    samples: &[Vec<String>],
    columns: &Columns,
    kinds: Kinds,
    problems: &mut Vec<Problem>,
) -> PlannedFile {
    let (found, absent) = outcomes(columns, table.headers(), kinds);
    if !table.has_header() && absent.len() == columns.len() {
        problems.push(Problem::new(code::NO_HEADER, &[]));
    }
    problems.extend(absent);
    let columns: Vec<PlannedColumn> = table
        .headers()
        .iter()
        .zip(found)
        .map(|(name, outcome)| PlannedColumn { name: name.clone(), outcome })
        .collect();
    let undecided = columns.iter().filter(|column| column.outcome == Outcome::Undecided);
    problems.extend(undecided.map(|column| Problem::new(code::UNDECIDED, &[&column.name])));
    PlannedFile {
        encoding: table.encoding(),
        separator: table.separator().map(seloste_documents::table::Separator::as_str),
        has_header: table.has_header(),
        repeated_headers: table.repeated_headers().to_vec(),
        other_sheets: table.other_sheets().to_vec(),
        columns,
        preview: samples.iter().take(PREVIEWED).cloned().collect(),
    }
}

fn lines_plan(
    path: &Path,
    request: &Request,
    mapping: &mut Mapping,
    kinds: Kinds,
    problems: &mut Vec<Problem>,
) -> Result<PlannedFile> {
    let mut table = open(path, &request.line_options)?;
    let samples: Vec<Vec<String>> = table.samples(JUDGED)?.into_iter().map(|row| row.fields).collect();
    if mapping.lines.is_empty() {
        let rows: Vec<&[String]> = samples.iter().map(Vec::as_slice).collect();
        mapping.lines = guess(Noun::Orders, table.headers(), &rows, kinds);
    }
    let plan = file_plan(&table, &samples, &mapping.lines, kinds, problems);
    let number = Target::new(Whose::Own, Field::Number);
    if kinds.has(Kind::Orders) && !plan.columns.iter().any(|column| column.outcome.targets().contains(&number)) {
        problems.push(Problem::new(code::MISSING, &["number"]));
    }
    Ok(plan)
}

pub(super) fn open(path: &Path, options: &Options) -> Result<Table> {
    Ok(Table::open(path, options)?)
}

/// The order of day and month: as the mapping says, else as the dates tell. Dates with dots put the day first.
fn date_order(
    mapping: &Mapping,
    file: &PlannedFile,
    samples: &[Vec<String>],
    problems: &mut Vec<Problem>,
) -> DateOrder {
    if let Some(order) = mapping.date_order {
        return order;
    }
    let is_date = |target: &Target| {
        use Field as F;
        matches!(target.field, F::OrderedOn | F::RequestedOn | F::DeliveredOn | F::IssuedOn | F::DueOn)
    };
    for (at, column) in file.columns.iter().enumerate() {
        if !column.outcome.targets().iter().any(is_date) {
            continue;
        }
        let cells: Vec<&str> = samples.iter().filter_map(|row| row.get(at)).map(String::as_str).collect();
        let dots = cells.iter().all(|cell| !cell.contains('/'));
        match date::guess(cells.iter().copied()) {
            date::Guess::Certain(order) => return order,
            date::Guess::Ambiguous if dots => {}
            date::Guess::Ambiguous | date::Guess::Contradictory => {
                problems.push(Problem::new(code::DATES, &[&column.name]));
            }
            date::Guess::NotNeeded => {}
        }
    }
    DateOrder::DayFirst
}
