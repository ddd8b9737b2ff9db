//! `seloste kinds`: kinds of data that are stored though the notice no longer declares them.

use clap::Subcommand;
use seloste_domain::kind::Kind;
use seloste_domain::notice::render::kind_name;
use seloste_ops::notice;
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What can be done with kinds of data.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List kinds that are stored and not declared, with how many values they have
    LeftOver,
    /// Take a kind that is not declared from everybody; orders stay
    Remove {
        /// The kind, as `left-over` names it
        kind: Kind,
    },
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    if let Command::Remove { kind } = command {
        let removed = run.with(false, |register, actor| Ok(notice::remove_left_over(register, actor, *kind)?))?;
        if run.json() {
            return output::json(&json!({ "kind": kind, "removed": removed }));
        }
        return output::line(run.say("kinds-removed", &[("count", &removed)]));
    }
    let kinds = run.with(false, |register, actor| Ok(notice::left_over(register, actor)?))?;
    if run.json() {
        let kinds: Vec<_> = kinds.iter().map(|(kind, count)| json!({ "kind": kind, "values": count })).collect();
        return output::json(&kinds);
    }
    if kinds.is_empty() {
        return output::line(run.say("kinds-none", &[]));
    }
    let language = run.text().language();
    let row = |(kind, count): &(Kind, i64)| {
        vec![kind.as_str().to_owned(), kind_name(*kind, language).to_owned(), count.to_string()]
    };
    output::table(&kinds.iter().map(row).collect::<Vec<_>>())
}
