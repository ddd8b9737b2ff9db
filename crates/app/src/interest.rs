//! `seloste interest`: the reference rates that late interest is counted by.

use clap::Subcommand;
use seloste_domain::money::DecimalMark;
use seloste_ops::reminder;
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What can be done with reference rates.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the reference rates of the half-years
    List,
    /// Add or correct the rate of a half-year
    Set {
        /// The first day of the half-year: 2026-07-01
        from: String,
        /// The European Central Bank's rate of main refinancing operations in per cent; it is rounded up to a half
        bank_rate: String,
    },
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    match command {
        Command::List => {
            let (rates, _) = run.with(false, |register, actor| Ok(reminder::rates(register, actor)?))?;
            if run.json() {
                let rate = |rate: &seloste_domain::interest::ReferenceRate| json!({ "from": rate.from, "percent": rate.rate.percent().to_string() });
                return output::json(&rates.all().iter().map(rate).collect::<Vec<_>>());
            }
            let row = |rate: &seloste_domain::interest::ReferenceRate| {
                vec![rate.from.to_string(), format!("{} %", rate.rate.percent())]
            };
            output::table(&rates.all().iter().map(row).collect::<Vec<_>>())
        }
        Command::Set { from, bank_rate } => {
            let given = (from.as_str(), bank_rate.as_str());
            let set = |register: &_, actor: &_| Ok(reminder::set_rate(register, actor, given, DecimalMark::Guess)?);
            let rate = run.with(false, set)?;
            output::line(run.say("interest-set", &[("day", &rate.from), ("rate", &rate.rate.percent())]))
        }
    }
}
