//! `seloste partner`: the partners, adding one from a file, ending a contract. The same checks as on the pages.

use std::path::PathBuf;

use clap::Subcommand;
use seloste_domain::id::PartnerId;
use seloste_ops::partner::{self, Partner, PartnerDraft};
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What is done with partners.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the partners
    List,
    /// Add a partner from a file of JSON with the fields of the form
    Add {
        /// The file
        file: PathBuf,
    },
    /// End the contract with a partner: it receives nothing any more
    End {
        /// The partner's id
        id: PartnerId,
    },
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::List => list(run),
        Command::Add { file } => {
            let text = run.read(&file)?;
            // What is no such file is told as one whose fields are all missing.
            let draft: PartnerDraft = serde_json::from_str(&text).unwrap_or_default();
            let id = run.with(false, |register, actor| Ok(partner::create(register, actor, &draft)?))?;
            output::line(run.say("partner-added", &[("id", &id)]))
        }
        Command::End { id } => {
            run.with(false, |register, actor| {
                let version = partner::get(register, actor, id)?.version;
                Ok(partner::end(register, actor, id, version)?)
            })?;
            output::line(run.say("partner-ended", &[("id", &id)]))
        }
    }
}

fn list(run: &Run) -> Outcome {
    let (partners, today, notice) =
        run.with(false, |register, actor| Ok((partner::list(register, actor)?, register.today(), register.notice()?)))?;
    let receives = |partner: &Partner| partner.may_receive(today) && partner.is_declared(&notice);
    if run.json() {
        let as_json = |partner: &Partner| {
            json!({
                "id": partner.id, "name": partner.name, "under": partner.under.to_string(), "role": partner.role,
                "country": partner.country, "standing": partner.standing(today).as_str(), "receives": receives(partner),
                "kinds": partner.kinds, "until": partner.contract.until,
            })
        };
        return output::json(&partners.iter().map(as_json).collect::<Vec<_>>());
    }
    let row = |partner: &Partner| {
        let standing = if receives(partner) { partner.standing(today).as_str() } else { "-" };
        vec![
            partner.id.to_string(),
            standing.to_owned(),
            partner.country.clone(),
            partner.under.to_string(),
            partner.name.clone(),
        ]
    };
    output::table(&partners.iter().map(row).collect::<Vec<_>>())
}
