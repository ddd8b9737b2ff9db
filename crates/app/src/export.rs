//! `seloste export`: lists as files.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use seloste_domain::id::{CompanyId, PurposeId};
use seloste_domain::list::ListOf;
use seloste_ops::export::{self, Format, Request};
use seloste_ops::list::List;
use seloste_ops::prohibition;
use seloste_web::text::Texts;
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What can be taken out.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write people to a new file; each of them gets a line in the log
    People(Options),
    /// Write organisations to a new file; each of them gets a line in the log
    Organisations(Options),
    /// Write orders to a new file, archived ones not; each customer gets a line in the log
    Orders(Options),
}

/// How a list is taken out.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file
    file: PathBuf,
    /// What for: a purpose of the notice
    #[arg(long, value_name = "ID")]
    purpose: PurposeId,
    /// Only of this company of the group
    #[arg(long)]
    company: Option<CompanyId>,
    /// The kind of file
    #[arg(long, value_enum, default_value = "csv")]
    format: Kind,
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
    let (of, options) = match command {
        Command::People(options) => (ListOf::People, options),
        Command::Organisations(options) => (ListOf::Organisations, options),
        Command::Orders(options) => (ListOf::Orders, options),
    };
    let format = match options.format {
        Kind::Csv => Format::Csv,
        Kind::Xlsx => Format::Xlsx,
        Kind::Vcf => Format::Vcard,
    };
    let mut list = List::first(of, 1);
    list.query.company.clone_from(&options.company);
    let texts = Texts(run.text().language());
    let file = &options.file;
    let request = Request { purpose: &options.purpose, list: &list, path: file, format, language: texts.0 };
    let word = |word| seloste_web::export_word(texts, of, word);
    let (written, left_out) = run.with(false, |register, actor| {
        let written = export::write(register, actor, &request, word)?;
        Ok((written, prohibition::left_out(register, actor, &options.purpose, &list)?))
    })?;
    if run.json() {
        return output::json(&json!({ "file": file, of.as_str(): written, "left_out": left_out }));
    }
    let said = match of {
        ListOf::People => "people-exported",
        ListOf::Organisations => "organisations-exported",
        ListOf::Orders => "orders-exported",
    };
    output::line(run.say(said, &[("count", &written), ("file", &file.display())]))?;
    if left_out == 0 { Ok(()) } else { output::line(run.say("people-left-out", &[("count", &left_out)])) }
}
