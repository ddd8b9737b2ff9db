//! `seloste payment`: takes in files of payments, lists what has no place, undoes a file, forgets payers' names.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use seloste_domain::id::PaymentFileId;
use seloste_ops::payment::{self, Filter, Payment};
use seloste_ops::payment_file::{self, TakenIn, Tally};
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What can be done with payments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take in a file of payments: a reference payment file (KTL) or camt.054
    Import(ImportOptions),
    /// List the files that were taken in
    Files,
    /// Undo a whole file: its payments go, and what they paid is open again
    Undo {
        /// The file's id
        id: PaymentFileId,
    },
    /// List payments, the newest first
    List(ListOptions),
    /// Forget who paid what, when its time has come
    Forget,
}

/// Which file, and whether it is only looked at.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The file
    file: PathBuf,
    /// Only tell what it would bring
    #[arg(long)]
    dry_run: bool,
}

/// Which payments.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// All of them, not only those that have no place
    #[arg(long)]
    all: bool,
    /// Most rows
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::Import(options) => {
            let (file, dry) = (&options.file, options.dry_run);
            let told = run.with(false, |register, actor| Ok(payment_file::import(register, actor, file, dry)?))?;
            tell(run, &told, dry)
        }
        Command::Files => files(run),
        Command::Undo { id } => {
            let file = run.with(false, |register, actor| Ok(payment_file::undo(register, actor, id)?))?;
            output::line(run.say("payment-undone", &[("count", &file.payments), ("sum", &file.cents)]))
        }
        Command::List(options) => list(run, &options),
        Command::Forget => {
            let forgotten = run.with(false, |register, actor| Ok(payment::forget(register, actor)?))?;
            if run.json() {
                return output::json(&json!({ "forgotten": forgotten }));
            }
            output::line(run.say("payment-forgotten", &[("count", &forgotten)]))
        }
    }
}

fn tell(run: &Run, told: &TakenIn, dry: bool) -> Outcome {
    let tallies = [
        ("payment-new", told.payments),
        ("payment-taken-back", told.taken_back),
        ("payment-known", told.known),
        ("payment-by-reference", told.by_reference),
        ("payment-by-name", told.by_name),
        ("payment-reversed", told.reversed),
        ("payment-overpaid", told.overpaid),
        ("payment-to-place", told.to_place),
    ];
    if run.json() {
        let tally = |tally: Tally| json!({ "count": tally.count, "cents": tally.cents.0 });
        let counts: serde_json::Map<String, serde_json::Value> = tallies
            .into_iter()
            .map(|(name, of)| (name.trim_start_matches("payment-").replace('-', "_"), tally(of)))
            .collect();
        return output::json(
            &json!({ "file": told.file, "dry_run": dry, "passed_over": told.passed_over, "counts": counts }),
        );
    }
    let row = |(name, tally): (&str, Tally)| vec![run.say(name, &[]), tally.count.to_string(), tally.cents.to_string()];
    output::table(&tallies.into_iter().filter(|(_, tally)| tally.count > 0).map(row).collect::<Vec<_>>())?;
    if told.passed_over > 0 {
        output::line(run.say("payment-passed-over", &[("count", &told.passed_over)]))?;
    }
    match told.file {
        Some(id) => output::line(run.say("payment-file-id", &[("id", &id)])),
        None if dry => output::line(run.say("payment-dry", &[])),
        None => output::line(run.say("payment-nothing-new", &[])),
    }
}

fn files(run: &Run) -> Outcome {
    let files = run.with(false, |register, actor| Ok(payment_file::list(register, actor)?))?;
    if run.json() {
        let file = |file: &payment_file::PaymentFile| {
            json!({
                "id": file.id, "company": file.company, "name": file.name, "sha256": file.sha256,
                "payments": file.payments, "cents": file.cents, "known": file.known, "first_on": file.first_on,
                "last_on": file.last_on, "created_at": file.created_at, "undone_at": file.undone_at,
            })
        };
        return output::json(&files.iter().map(file).collect::<Vec<_>>());
    }
    let row = |file: &payment_file::PaymentFile| {
        let undone = file.undone_at.map(|_| run.say("import-undone-state", &[])).unwrap_or_default();
        let (count, sum) = (file.payments.to_string(), file.cents.to_string());
        vec![file.id.to_string(), file.created_at.to_string(), file.name.clone(), count, sum, undone]
    };
    output::table(&files.iter().map(row).collect::<Vec<_>>())
}

fn list(run: &Run, options: &ListOptions) -> Outcome {
    let filter = Filter { to_place: !options.all, ..Filter::default() };
    let page = run.with(false, |register, actor| Ok(payment::list(register, actor, &filter, options.limit)?))?;
    if run.json() {
        let payment = |payment: &Payment| {
            json!({
                "id": payment.id, "company": payment.company, "account": payment.account, "paid_on": payment.paid_on,
                "booked_on": payment.booked_on, "cents": payment.purse.amount, "placed_cents": payment.purse.placed,
                "reference": payment.reference, "payer": payment.told.payer, "archive_id": payment.archive_id,
            })
        };
        return output::json(&page.rows.iter().map(payment).collect::<Vec<_>>());
    }
    let row = |payment: &Payment| {
        let reference = payment.reference.as_ref().map(ToString::to_string).unwrap_or_default();
        let (amount, left) = (payment.purse.amount.to_string(), payment.purse.left().to_string());
        vec![payment.id.to_string(), payment.paid_on.to_string(), amount, left, reference, payment.told.payer.clone()]
    };
    output::table(&page.rows.iter().map(row).collect::<Vec<_>>())
}
