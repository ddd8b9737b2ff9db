//! `seloste receipt`: receipts of erasures are verified, without a register.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use seloste_ops::receipt as ops;
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::{DATA, Run};

/// What can be done with receipts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Verify a receipt; exit code 1 when it is not what the register signed
    Verify {
        /// The receipt
        file: PathBuf,
        /// Signed checkpoints that were kept elsewhere
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// The register's public key [default: log.vkey in the data directory]
        #[arg(long = "verifier-key", value_name = "FILE")]
        key: Option<PathBuf>,
    },
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    let Command::Verify { file, checkpoint, key } = command;
    let key = key.clone().unwrap_or_else(|| run.data(DATA).join("log.vkey"));
    verify(run, file, checkpoint.as_deref(), &key)
}

fn verify(run: &Run, file: &Path, checkpoint: Option<&Path>, key: &Path) -> Outcome {
    let (text, key) = (run.read(file)?, run.read(key)?);
    let against = checkpoint.map(|path| run.read(path)).transpose()?;
    match ops::verify(&text, &key, against.as_deref()) {
        Ok(statement) => {
            if run.json() {
                return output::json(&json!({ "sound": true, "statement": statement }));
            }
            let gone: i64 = statement.gone.iter().map(|line| line.gone).sum();
            let (at, stays) = (statement.at, statement.gone.iter().map(|line| line.stays).sum::<i64>());
            output::line(run.say("receipt-sound", &[("at", &at), ("gone", &gone), ("stays", &stays)]))
        }
        Err(why) => {
            if run.json() {
                output::json(&json!({ "sound": false, "why": why.to_string() }))?;
            } else {
                output::line(run.say("receipt-unsound", &[("why", &why)]))?;
            }
            Err(Failure::Found)
        }
    }
}
