//! `seloste request`, `seloste access` and `seloste portability`: people's requests about their own data.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use seloste_domain::id::{CompanyId, PersonId, SourceId};
use seloste_domain::language::Language;
use seloste_ops::request::Filter;
use seloste_ops::{Register, access, person, portability, request};
use seloste_web::{Styles, access_html, access_paper};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with requests.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the requests with their clocks, the soonest first
    List {
        /// Those that are closed
        #[arg(long)]
        closed: bool,
        /// Only those that are late
        #[arg(long)]
        late: bool,
    },
}

/// What can be done with packages of a person's data.
#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Make the package of all data about a person (Art. 15): PDF, HTML and JSON
    Make {
        #[command(flatten)]
        which: Which,
        /// The folder to write into; it is made
        #[arg(long)]
        out: PathBuf,
        /// The language of the package; else that of the person
        #[arg(long)]
        language: Option<Language>,
    },
}

/// What can be done with what people take along.
#[derive(Debug, Subcommand)]
pub(crate) enum PortabilityCommand {
    /// Make what a person gave, to take along (Art. 20): JSON, vCard, CSV and XLSX
    Make {
        #[command(flatten)]
        which: Which,
        /// The folder to write into; it is made
        #[arg(long)]
        out: PathBuf,
    },
    /// Bring in a person from the JSON of another register of this program
    Import {
        /// The file
        file: PathBuf,
        /// The source, as the notice names it
        #[arg(long)]
        source: SourceId,
        /// Companies whose customer the person becomes
        #[arg(long = "company", value_name = "COMPANY")]
        companies: Vec<CompanyId>,
    },
}

/// Which person.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The id of a person
    #[arg(long)]
    person: Option<PersonId>,
    /// A person's customer number
    #[arg(long)]
    number: Option<String>,
}

impl Which {
    fn find(&self, register: &Register, actor: &seloste_domain::usage::Actor) -> Outcome<PersonId> {
        match (self.person, &self.number) {
            (Some(id), _) => Ok(id),
            (None, Some(number)) => Ok(person::by_customer_number(register, actor, number)?),
            (None, None) => Err(Failure::Said("person-which", String::new())),
        }
    }
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    let Command::List { closed, late } = command;
    let rows = run.with(false, |register, actor| {
        let filter = Filter { open: !closed, kind: None, late_on: late.then(|| register.today()) };
        Ok(request::list(register, actor, &filter)?)
    })?;
    if run.json() {
        let rows: Vec<_> = rows.iter().map(|row| json!({ "request": row.request, "name": row.name })).collect();
        return output::json(&rows);
    }
    if rows.is_empty() {
        return output::line(run.say("request-none", &[]));
    }
    let cells = rows.iter().map(|row| {
        let request = &row.request;
        vec![
            request.due_on.to_string(),
            request.kind.to_string(),
            request.state.to_string(),
            request.next().to_string(),
            row.name.clone(),
            request.id.to_string(),
        ]
    });
    output::table(&cells.collect::<Vec<_>>())
}

pub(crate) fn perform_access(run: &Run, command: &AccessCommand) -> Outcome {
    let AccessCommand::Make { which, out, language } = command;
    let files = run.with(false, |register, actor| {
        let person = which.find(register, actor)?;
        let id = access::make(register, actor, person, None, *language)?;
        let (_, json) = access::open(register, actor, id)?;
        let package = access::read(&json)?;
        let paper = access_paper(register, &Styles::default(), &package)?;
        let paper = paper.map_err(|_| Failure::Said("access-not-printed", String::new()))?;
        let html = access_html(&package).map_err(|_| Failure::Said("access-not-printed", String::new()))?;
        Ok(vec![
            ("omat-tiedot.json".to_owned(), json),
            ("omat-tiedot.html".to_owned(), html.into_bytes()),
            ("omat-tiedot.pdf".to_owned(), paper),
        ])
    })?;
    write(run, out, &files)
}

pub(crate) fn perform_portability(run: &Run, command: &PortabilityCommand) -> Outcome {
    match command {
        PortabilityCommand::Make { which, out } => {
            let files = run.with(false, |register, actor| {
                let person = which.find(register, actor)?;
                let id = portability::make(register, actor, person, None)?;
                let (_, json) = access::open(register, actor, id)?;
                Ok(portability::files(&json)?)
            })?;
            write(run, out, &files)
        }
        PortabilityCommand::Import { file, source, companies } => {
            let bytes = std::fs::read(file).map_err(|error| Failure::file(file, error))?;
            let id = run
                .with(false, |register, actor| Ok(portability::import(register, actor, &bytes, source, companies)?))?;
            if run.json() {
                return output::json(&json!({ "person": id }));
            }
            output::line(run.say("portability-imported", &[("id", &id)]))
        }
    }
}

/// Writes files that only their owner may read. None is overwritten.
fn write(run: &Run, folder: &Path, files: &[(String, Vec<u8>)]) -> Outcome {
    use std::io::Write as _;
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    for (name, bytes) in files {
        let path = folder.join(name);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&path).and_then(|mut file| file.write_all(bytes));
        written.map_err(|error| Failure::file(&path, error))?;
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    if run.json() {
        return output::json(&json!({ "folder": folder, "files": names }));
    }
    output::line(run.say("access-made", &[("files", &names.join(", ")), ("folder", &folder.display())]))
}
