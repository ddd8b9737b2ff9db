//! `seloste duplicates`: records that may be one customer.

use clap::Subcommand;
use seloste_ops::duplicate;
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What can be done with duplicates.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look through the whole register and bring the queue up to date
    Find,
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    let Command::Find = command;
    let found = run.with(false, |register, actor| Ok(duplicate::find(register, actor)?))?;
    if run.json() {
        return output::json(&json!({ "records": found.records, "waiting": found.waiting, "new": found.new }));
    }
    let counts: [(&str, &dyn std::fmt::Display); 3] =
        [("records", &found.records), ("waiting", &found.waiting), ("new", &found.new)];
    output::line(run.say("duplicates-found", &counts))
}
