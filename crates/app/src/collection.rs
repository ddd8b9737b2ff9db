//! `seloste collection`: the cases at collection partners, and handing a claim over by the rules of the pages.

use std::path::PathBuf;

use clap::Subcommand;
use seloste_domain::id::{InvoiceId, PartnerId};
use seloste_ops::collection as ops;
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with claims at collection partners.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the cases, the newest first
    List {
        /// Only those that a partner has
        #[arg(long)]
        open: bool,
    },
    /// Hand a claim over to a declared collection partner; that is a disclosure, and logged
    HandOver {
        /// The invoice's id
        invoice: InvoiceId,
        /// The partner, by its id
        #[arg(long, value_name = "ID")]
        partner: PartnerId,
        /// The file for the partner; it must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    match command {
        Command::List { open } => list(run, *open),
        Command::HandOver { invoice, partner, out } => {
            // The name is taken before anything leaves the register.
            let file = std::fs::OpenOptions::new().write(true).create_new(true).open(out);
            let mut file = file.map_err(|error| Failure::file(out, error))?;
            let handed = run.with(false, |register, actor| Ok(ops::hand_over(register, actor, *invoice, *partner)?));
            let handed = handed.inspect_err(|_| drop(std::fs::remove_file(out)))?;
            std::io::Write::write_all(&mut file, &handed.file).map_err(|error| Failure::file(out, error))?;
            if run.json() {
                return output::json(&json!({ "case": handed.case, "file": out }));
            }
            output::line(run.say("collection-handed-over", &[("case", &handed.case), ("file", &out.display())]))
        }
    }
}

fn list(run: &Run, open: bool) -> Outcome {
    let cases = run.with(false, |register, actor| Ok(ops::cases(register, actor, open)?))?;
    if run.json() {
        let rows = cases.iter().map(|(case, standing)| {
            json!({
                "id": case.id, "invoice": case.invoice, "company": case.company, "partner": case.partner,
                "state": case.state.as_str(), "handed_on": case.handed_on, "ended_on": case.ended_on,
                "claimed_cents": case.items.total().0, "open_cents": standing.debt.open.0,
                "number": standing.invoice.number(),
            })
        });
        return output::json(&rows.collect::<Vec<_>>());
    }
    let row = |(case, standing): &(ops::Case, seloste_ops::reminder::Standing)| {
        vec![
            case.id.to_string(),
            standing.invoice.number().unwrap_or("-").to_owned(),
            case.state.to_string(),
            case.handed_on.to_string(),
            case.items.total().to_string(),
            standing.debt.open.to_string(),
            standing.invoice.buyer_name().to_owned(),
        ]
    };
    output::table(&cases.iter().map(row).collect::<Vec<_>>())
}
