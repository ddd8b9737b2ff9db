//! `seloste log`: the log of use is verified, read and exported.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use seloste_domain::log::Event;
use seloste_ops::log::{self as ops, Finding, Report};
use seloste_ops::{Env, StoreError, history};
use serde_json::json;
use uuid::Uuid;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::{DATA, Run, operator};

/// What can be done with the log.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Verify every event, signature and sealed payload; exit code 1 with findings
    Verify {
        /// Also against signed checkpoints that were kept elsewhere
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Print the signed head of the log, to be kept elsewhere
    Checkpoint,
    /// Show the newest events, or all that concern a person or an organisation
    Show {
        /// The id of a person or an organisation
        #[arg(long, value_name = "ID")]
        subject: Option<Uuid>,
        /// Most events
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Write the whole log into a file of JSON lines, for other verifiers
    Export {
        /// A file that is not there yet
        file: PathBuf,
    },
    /// Accept that the database was put back to an earlier state on purpose; the log tells it
    AcceptRestore,
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::Verify { against } => verify(run, against.as_deref()),
        Command::Checkpoint => checkpoint(run),
        Command::Show { subject, limit } => show(run, subject, limit),
        Command::Export { file } => export(run, &file),
        Command::AcceptRestore => accept_restore(run),
    }
}

fn verify(run: &Run, against: Option<&Path>) -> Outcome {
    let against = against.map(|path| run.read(path)).transpose()?;
    let report = run.with(false, |register, actor| Ok(ops::verify(register, actor, against.as_deref())?))?;
    if run.json() {
        output::json(&json!({ "sound": report.is_sound(), "report": report }))?;
    } else {
        lines(run, &report).iter().try_for_each(output::line)?;
    }
    if report.is_sound() { Ok(()) } else { Err(Failure::Found) }
}

/// A report in words.
pub(crate) fn lines(run: &Run, report: &Report) -> Vec<String> {
    let (events, blocks, count) = (report.events, report.blocks, report.findings.len());
    if report.is_sound() {
        return vec![run.say("log-sound", &[("events", &events), ("blocks", &blocks), ("root", &report.root)])];
    }
    let mut lines: Vec<String> = report.findings.iter().map(|finding| words(run, finding)).collect();
    lines.push(run.say("log-unsound", &[("count", &count), ("events", &events)]));
    lines
}

fn words(run: &Run, finding: &Finding) -> String {
    match finding {
        Finding::Missing { from, to } => run.say("finding-missing", &[("from", from), ("to", to)]),
        Finding::OutOfOrder { block } => run.say("finding-out-of-order", &[("block", block)]),
        Finding::EventWrong { seq } => run.say("finding-event-wrong", &[("seq", seq)]),
        Finding::CountWrong { block } => run.say("finding-count-wrong", &[("block", block)]),
        Finding::BlockChanged { block, to } => run.say("finding-block-changed", &[("from", block), ("to", to)]),
        Finding::SignatureWrong { block } => run.say("finding-signature-wrong", &[("block", block)]),
        Finding::HeadWrong { events } => run.say("finding-head-wrong", &[("events", events)]),
        Finding::IndexWrong { events } => run.say("finding-index-wrong", &[("events", events)]),
        Finding::NotContinued { size } => run.say("finding-not-continued", &[("size", size)]),
        Finding::CheckpointUnreadable { number } => run.say("finding-checkpoint-unreadable", &[("number", number)]),
        Finding::SealedChanged { seq } => run.say("finding-sealed-changed", &[("seq", seq)]),
        Finding::SealedMissing { seq } => run.say("finding-sealed-missing", &[("seq", seq)]),
    }
}

fn checkpoint(run: &Run) -> Outcome {
    let (note, key) =
        run.with(false, |register, actor| Ok((ops::checkpoint(register, actor)?, register.db().verifier_key())))?;
    if run.json() {
        return output::json(&json!({ "checkpoint": note, "verifier_key": key }));
    }
    output::text(&note)
}

fn show(run: &Run, subject: Option<Uuid>, limit: usize) -> Outcome {
    let events = run.with(false, |register, actor| {
        Ok(match subject {
            Some(subject) => history::log_of(register, actor, subject, limit)?,
            None => ops::newest(register, actor, None, limit)?,
        })
    })?;
    if run.json() {
        return output::json(&events);
    }
    if events.is_empty() {
        return output::line(run.say("log-nothing", &[]));
    }
    output::table(&events.iter().map(row).collect::<Vec<_>>())
}

fn row(event: &Event) -> Vec<String> {
    let at = jiff::Timestamp::from_microsecond(event.at).map(|at| at.strftime("%FT%TZ").to_string());
    let outcome = serde_json::to_value(event.outcome).ok().and_then(|value| value.as_str().map(str::to_owned));
    let whom = match event.subjects.as_slice() {
        [] => event.objects.join(" "),
        [one] => one.to_string(),
        many => format!("{} x", many.len()),
    };
    vec![
        event.seq.to_string(),
        at.unwrap_or_default(),
        event.actor.clone(),
        event.action.clone(),
        outcome.unwrap_or_default(),
        event.purpose.clone().unwrap_or_default(),
        whom,
        event.fields.join(","),
    ]
}

fn export(run: &Run, path: &Path) -> Outcome {
    let exported = run.with(false, |register, actor| {
        let file = File::options().write(true).create_new(true).open(path);
        let mut file = BufWriter::new(file.map_err(|error| Failure::file(path, error))?);
        let broken = |error: std::io::Error| StoreError::File { path: path.to_owned(), why: error.to_string() };
        let exported = ops::export(register, actor, &mut |line| writeln!(file, "{line}").map_err(broken))?;
        file.flush().map_err(|error| Failure::file(path, error))?;
        Ok(exported)
    })?;
    if run.json() {
        return output::json(&json!({ "file": path, "lines": exported }));
    }
    output::line(run.say("log-exported", &[("count", &exported), ("file", &path.display())]))
}

fn accept_restore(run: &Run) -> Outcome {
    let settings = run.settings(&run.data(DATA), false);
    ops::accept_restore(settings, &operator(), Env::system())?;
    output::line(run.say("restore-accepted", &[]))
}
