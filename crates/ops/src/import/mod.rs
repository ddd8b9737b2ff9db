//! Imports: a file becomes a plan, the plan is carried out in chunks, and the whole of it can be undone.
//!
//! Rows are read, converted and checked on one thread and stored on another, a chunk of them in one transaction together
//! with the notes by which they can be undone: an import that is broken off is consistent, and run again it goes on.

mod ahead;
mod batch;
mod chunk;
pub(crate) mod find;
mod invoices;
mod orders;
mod parties;
mod plan;
mod read;
mod report;
mod run;
mod undo;
pub mod upload;

use std::path::PathBuf;

use jiff::Timestamp;
use seloste_documents::table::Options;
use seloste_domain::field::{FieldError, FieldErrors};
use seloste_domain::id::{CompanyId, ImportId, SourceId};
use seloste_domain::import::Columns;
pub use seloste_domain::import::{Mapping, Noun, Outcome, Problem};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
pub use seloste_store::import::{Counts, Import};

use crate::error::Result;
use crate::register::Register;

pub use plan::{Plan, PlannedColumn, PlannedFile, plan};
pub use report::{Describe, Progress, Report, RowError, Warning};
pub use run::run;
pub use undo::{Kept, UndoReport, undo};

/// Imports shown in a list.
const SHOWN: i64 = 200;

/// What is to be imported, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the rows are.
    pub noun: Noun,
    /// The file.
    pub file: PathBuf,
    /// The file of order lines, when they are not in the same file.
    pub lines: Option<PathBuf>,
    /// The source, as the notice names it.
    pub source: SourceId,
    /// The mapping as TOML; none: columns are guessed.
    pub mapping: Option<String>,
    /// Columns to be dropped besides those of the mapping.
    pub dropped: Vec<String>,
    /// What was decided of single columns, whatever the mapping or the guess says.
    pub choices: Columns,
    /// What the file is called, when it has another name where it lies.
    pub file_name: Option<String>,
    /// The company of the group whose customers and orders these are, when the mapping does not tell.
    pub company: Option<CompanyId>,
    /// How to read the file.
    pub options: Options,
    /// How to read the file of lines.
    pub line_options: Options,
    /// When the source knew what the file says; none: now.
    pub as_of: Option<Timestamp>,
    /// Whether invoices may come into periods of the value added tax whose return was due already.
    pub past_periods: bool,
    /// Where to write the rows that were refused; it must not be there yet.
    pub error_file: Option<PathBuf>,
    /// Whether everything is to be tried and nothing written.
    pub dry_run: bool,
    /// Words for what is wrong with a row; none: codes.
    pub describe: Option<Describe>,
    /// The only company that may come of it, whatever the file says; none: all that are the actor's.
    pub within: Option<CompanyId>,
    /// The id of the import; none: a new one is made.
    pub id: Option<ImportId>,
}

impl Request {
    /// A request that leaves everything to be told from the file.
    #[must_use]
    pub fn new(noun: Noun, file: impl Into<PathBuf>, source: SourceId) -> Self {
        Self {
            noun,
            file: file.into(),
            lines: None,
            source,
            mapping: None,
            dropped: Vec::new(),
            choices: Columns::new(),
            file_name: None,
            company: None,
            options: Options::default(),
            line_options: Options::default(),
            as_of: None,
            past_periods: false,
            error_file: None,
            dry_run: false,
            describe: None,
            within: None,
            id: None,
        }
    }

    /// What importing it is: invoices belong to invoicing, everything else to keeping the register.
    const fn action(&self) -> Action {
        match self.noun {
            Noun::Invoices => Action::InvoiceMirror,
            Noun::People | Noun::Organisations | Noun::Orders => Action::ImportRun,
        }
    }

    /// The use, within the only company that may come of it.
    fn confined(&self, usage: Use) -> Result<Use> {
        match &self.within {
            None => Ok(usage),
            Some(company) => usage.within(company).ok_or_else(|| {
                FieldErrors::from(FieldError::new("company", seloste_domain::field::code::COMPANY_UNKNOWN)).into()
            }),
        }
    }
}

/// The newest imports.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<Import>> {
    register.authorize(actor, Action::ImportList)?;
    Ok(register.db().look(|tx| seloste_store::import::all(tx, SHOWN))?)
}

/// One import.
///
/// # Errors
/// The actor may not, or there is none.
pub fn show(register: &Register, actor: &Actor, id: ImportId) -> Result<Import> {
    register.authorize(actor, Action::ImportList)?;
    Ok(register.db().look(|tx| seloste_store::import::get(tx, id))?)
}
