//! `seloste export`: lists as files.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use seloste_domain::id::{CompanyId, PurposeId};
use seloste_ops::export::{self, Format};
use seloste_ops::person::List;
use seloste_ops::prohibition;
use seloste_web::text::{Texts, key};
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What can be taken out.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write people to a new file; each of them gets a line in the log
    People {
        /// The file
        file: PathBuf,
        /// What for: a purpose of the notice
        #[arg(long, value_name = "ID")]
        purpose: PurposeId,
        /// Only customers of this company of the group
        #[arg(long)]
        company: Option<CompanyId>,
        /// The kind of file
        #[arg(long, value_enum, default_value = "csv")]
        format: Kind,
    },
}

/// The kind of file.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// Semicolons, UTF-8
    Csv,
    /// A workbook
    Xlsx,
    /// Cards for address books (vCard 4.0)
    Vcf,
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    let Command::People { file, purpose, company, format } = command;
    let format = match format {
        Kind::Csv => Format::Csv,
        Kind::Xlsx => Format::Xlsx,
        Kind::Vcf => Format::Vcard,
    };
    let list = List { company: company.clone(), ..List::default() };
    let texts = Texts(run.text().language());
    let title = |name: &str| texts.get(&key("target", name));
    let (written, left_out) = run.with(false, |register, actor| {
        let written = export::people(register, actor, purpose, &list, (file, format), title)?;
        Ok((written, prohibition::left_out(register, actor, purpose, list.company.as_ref())?))
    })?;
    if run.json() {
        return output::json(&json!({ "file": file, "people": written, "left_out": left_out }));
    }
    output::line(run.say("people-exported", &[("count", &written), ("file", &file.display())]))?;
    if left_out == 0 { Ok(()) } else { output::line(run.say("people-left-out", &[("count", &left_out)])) }
}
