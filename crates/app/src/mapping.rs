//! `seloste import mapping`: the saved mappings of import columns.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use seloste_domain::id::SourceId;
use seloste_domain::import::{MappingDraft, SavedMapping};
use seloste_ops::import::Noun;
use seloste_ops::mapping;
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What is done with saved mappings.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the saved mappings
    List,
    /// Write a saved mapping as TOML
    Show(Which),
    /// Save a mapping file under a name; one that is there is changed
    Save {
        #[command(flatten)]
        which: Which,
        /// The mapping as TOML
        file: PathBuf,
    },
    /// Give a saved mapping another name
    Rename {
        #[command(flatten)]
        which: Which,
        /// The new name
        to: String,
    },
    /// Remove a saved mapping that no feed uses
    Remove(Which),
}

/// One saved mapping.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Its name
    name: String,
    /// The source whose files it is for
    #[arg(long, value_name = "ID")]
    source: SourceId,
    /// people, organisations or orders
    #[arg(long, value_parser = parse_noun)]
    noun: Noun,
}

fn parse_noun(text: &str) -> Result<Noun, String> {
    Noun::named(text).ok_or_else(|| Noun::ALL.map(Noun::as_str).join(", "))
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::List => list(run),
        Command::Show(which) => {
            let saved = run.with(false, |register, actor| {
                Ok(mapping::named(register, actor, &which.source, which.noun, &which.name)?)
            })?;
            output::text(&saved.definition)
        }
        Command::Save { which, file } => save(run, &which, &run.read(&file)?),
        Command::Rename { which, to } => {
            run.with(false, |register, actor| {
                let saved = mapping::named(register, actor, &which.source, which.noun, &which.name)?;
                let draft = MappingDraft { name: to.clone(), definition: saved.definition };
                Ok(mapping::change(register, actor, saved.id, saved.version, &draft)?)
            })?;
            output::line(run.say("mapping-saved", &[("name", &to)]))
        }
        Command::Remove(which) => {
            run.with(false, |register, actor| {
                let saved = mapping::named(register, actor, &which.source, which.noun, &which.name)?;
                Ok(mapping::remove(register, actor, saved.id)?)
            })?;
            output::line(run.say("mapping-removed", &[("name", &which.name)]))
        }
    }
}

fn save(run: &Run, which: &Which, definition: &str) -> Outcome {
    run.with(false, |register, actor| {
        let draft = MappingDraft { name: which.name.clone(), definition: definition.to_owned() };
        match mapping::named(register, actor, &which.source, which.noun, &which.name) {
            Ok(saved) => mapping::change(register, actor, saved.id, saved.version, &draft)?,
            Err(_) => drop(mapping::create(register, actor, &which.source, which.noun, &draft)?),
        }
        Ok(())
    })?;
    output::line(run.say("mapping-saved", &[("name", &which.name)]))
}

fn list(run: &Run) -> Outcome {
    let saved = run.with(false, |register, actor| Ok(mapping::list(register, actor)?))?;
    if run.json() {
        let as_json = |saved: &SavedMapping| {
            json!({
                "id": saved.id, "name": saved.name, "noun": saved.noun, "source": saved.source,
                "changed_by": saved.changed_by, "changed_at": saved.changed_at, "definition": saved.definition,
            })
        };
        return output::json(&saved.iter().map(as_json).collect::<Vec<_>>());
    }
    let row = |saved: &SavedMapping| {
        vec![saved.id.to_string(), saved.noun.as_str().to_owned(), saved.source.to_string(), saved.name.clone()]
    };
    output::table(&saved.iter().map(row).collect::<Vec<_>>())
}
