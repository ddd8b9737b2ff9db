//! `seloste prohibition`: what customers have forbidden.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use seloste_domain::id::{OrganisationId, PersonId};
use seloste_domain::prohibition::{ProhibitionDraft, ProhibitionKind, Way};
use seloste_ops::mail::Recipient;
use seloste_ops::prohibition::{self as ops, Word};
use seloste_ops::{Register, person};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with prohibitions.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Enter what a customer forbids; it holds at once
    Set {
        #[command(flatten)]
        customer: Customer,
        /// What is forbidden
        #[arg(long = "kind", value_name = "KIND", default_value = "direct_marketing")]
        kinds: Vec<ProhibitionKind>,
        /// By which way it came
        #[arg(long, default_value = "customer_service")]
        way: Way,
        /// A note
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Lift a prohibition at the customer's own word
    Lift {
        #[command(flatten)]
        customer: Customer,
        /// What is allowed again
        #[arg(long, value_name = "KIND")]
        kind: ProhibitionKind,
        /// By which way the customer told it
        #[arg(long)]
        way: Way,
        /// What the customer said, or where it can be read
        #[arg(long)]
        told: String,
    },
    /// List all that a customer has ever forbidden
    List(Customer),
    /// Enter an opt-out list: a telephone number or an e-mail address a line
    Import {
        /// The file
        file: PathBuf,
        /// The list's name
        #[arg(long)]
        list: String,
        /// What it forbids
        #[arg(long = "kind", value_name = "KIND", default_value = "marketing_telephone")]
        kinds: Vec<ProhibitionKind>,
        /// The last day of its entries (YYYY-MM-DD)
        #[arg(long, default_value = "")]
        expires: String,
    },
}

/// Which customer.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Customer {
    /// The id of a person
    #[arg(long)]
    person: Option<PersonId>,
    /// The id of an organisation
    #[arg(long)]
    organisation: Option<OrganisationId>,
    /// A person's customer number
    #[arg(long)]
    number: Option<String>,
}

impl Customer {
    fn find(&self, register: &Register, actor: &seloste_domain::usage::Actor) -> Result<Recipient, Failure> {
        match (self.person, self.organisation, &self.number) {
            (Some(id), ..) => Ok(Recipient::Person(id)),
            (None, Some(id), _) => Ok(Recipient::Organisation(id)),
            (None, None, Some(number)) => Ok(Recipient::Person(person::by_customer_number(register, actor, number)?)),
            (None, None, None) => Err(Failure::Said("person-which", String::new())),
        }
    }
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    match command {
        Command::Set { customer, kinds, way, note } => {
            let draft = ProhibitionDraft {
                kinds: kinds.iter().map(ToString::to_string).collect(),
                way: way.to_string(),
                note: note.clone(),
                ..ProhibitionDraft::default()
            };
            set(run, customer, &draft)
        }
        Command::Lift { customer, kind, way, told } => {
            let word = Word { way: way.to_string(), told: told.clone() };
            lift(run, customer, *kind, &word)
        }
        Command::List(customer) => list(run, customer),
        Command::Import { file, list, kinds, expires } => {
            let draft = ProhibitionDraft {
                kinds: kinds.iter().map(ToString::to_string).collect(),
                list: list.clone(),
                expires_on: expires.clone(),
                ..ProhibitionDraft::default()
            };
            let entries = ops::read_entries(file).map_err(|error| Failure::file(file, error))?;
            import(run, &draft, &entries)
        }
    }
}

fn set(run: &Run, customer: &Customer, draft: &ProhibitionDraft) -> Outcome {
    let set = run.with(false, |register, actor| {
        let customer = customer.find(register, actor)?;
        Ok(ops::set(register, actor, customer, draft)?)
    })?;
    let kinds: Vec<&str> = set.iter().map(ProhibitionKind::as_str).collect();
    if run.json() {
        return output::json(&json!({ "set": kinds }));
    }
    if kinds.is_empty() {
        return output::line(run.say("prohibition-held", &[]));
    }
    output::line(run.say("prohibition-entered", &[("count", &kinds.len()), ("kinds", &kinds.join(", "))]))
}

fn lift(run: &Run, customer: &Customer, kind: ProhibitionKind, word: &Word) -> Outcome {
    run.with(false, |register, actor| {
        let customer = customer.find(register, actor)?;
        let found = ops::of(register, actor, customer)?;
        let now = register.now();
        let held: Vec<_> = found.iter().filter(|entry| entry.kind == kind && entry.holds_at(now)).collect();
        if held.is_empty() {
            return Err(Failure::Said("prohibition-which", kind.to_string()));
        }
        for entry in held {
            ops::lift(register, actor, customer, entry.id, word)?;
        }
        Ok(())
    })?;
    output::line(run.say("prohibition-gone", &[]))
}

fn list(run: &Run, customer: &Customer) -> Outcome {
    let found = run.with(false, |register, actor| {
        let customer = customer.find(register, actor)?;
        Ok(ops::of(register, actor, customer)?)
    })?;
    if run.json() {
        return output::json(&found);
    }
    let rows = found.iter().map(|entry| {
        let lifted = entry.lifted.as_ref().map(|lifted| lifted.at.to_string()).unwrap_or_default();
        vec![entry.kind.to_string(), entry.way.to_string(), entry.set_at.to_string(), entry.set_by.clone(), lifted]
    });
    output::table(&rows.collect::<Vec<_>>())
}

fn import(run: &Run, draft: &ProhibitionDraft, entries: &[String]) -> Outcome {
    let done = run.with(false, |register, actor| Ok(ops::import_list(register, actor, draft, entries)?))?;
    if run.json() {
        return output::json(&done);
    }
    let counts: [(&str, &dyn std::fmt::Display); 5] = [
        ("entries", &done.entries),
        ("set", &done.set),
        ("held", &done.held),
        ("unknown", &done.unknown),
        ("unreadable", &done.unreadable),
    ];
    output::line(run.say("prohibition-imported", &counts))
}
