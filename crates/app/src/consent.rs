//! `seloste consent`: what people have consented to.

use clap::{Args, Subcommand};
use seloste_domain::consent::{Channel, ConsentDraft, ConsentWay, GivenBy, Matter};
use seloste_domain::id::{CompanyId, PersonId, PurposeId};
use seloste_domain::language::Language;
use seloste_ops::consent::{self as ops, Target};
use seloste_ops::{Register, person};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with consents.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Enter a consent that a person gave, with what shows it
    Give {
        #[command(flatten)]
        who: Who,
        /// What it is to: COMPANY:PURPOSE:CHANNEL
        #[arg(long = "matter", value_name = "MATTER", required = true)]
        matters: Vec<Matter>,
        /// By which way it was given
        #[arg(long)]
        way: ConsentWay,
        /// What shows it: which paper and where it is, which call
        #[arg(long)]
        evidence: String,
        /// Who gave it
        #[arg(long, default_value = "person")]
        given_by: GivenBy,
        /// The day on which it was given (YYYY-MM-DD), when it was not today
        #[arg(long, default_value = "")]
        given_on: String,
        /// The language of the wording
        #[arg(long = "in", value_name = "LANGUAGE", default_value = "fi")]
        language: Language,
    },
    /// Withdraw a consent; nothing is made under it from then on
    Withdraw {
        #[command(flatten)]
        who: Who,
        /// What it was to: COMPANY:PURPOSE:CHANNEL
        #[arg(long, value_name = "MATTER")]
        matter: Matter,
        /// By which way the withdrawal came
        #[arg(long)]
        way: ConsentWay,
    },
    /// List all that a person has ever consented to
    List(Who),
    /// Count who may be reached for direct marketing now, by a consent or as an existing customer
    Reach {
        /// The company in whose name
        #[arg(long)]
        company: CompanyId,
        /// For which of the notice's purposes
        #[arg(long, default_value = "marketing")]
        purpose: PurposeId,
        /// By which channel
        #[arg(long, default_value = "email")]
        channel: Channel,
    },
}

/// Which person.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Who {
    /// The person's id
    #[arg(long)]
    person: Option<PersonId>,
    /// The person's customer number
    #[arg(long)]
    number: Option<String>,
}

impl Who {
    fn find(&self, register: &Register, actor: &seloste_domain::usage::Actor) -> Result<PersonId, Failure> {
        match (self.person, &self.number) {
            (Some(id), _) => Ok(id),
            (None, Some(number)) => Ok(person::by_customer_number(register, actor, number)?),
            (None, None) => Err(Failure::Said("person-which", String::new())),
        }
    }
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    match command {
        Command::Give { who, matters, way, evidence, given_by, given_on, language } => {
            let draft = ConsentDraft {
                matters: matters.iter().map(ToString::to_string).collect(),
                way: way.to_string(),
                given_by: given_by.to_string(),
                given_on: given_on.clone(),
                evidence: evidence.clone(),
            };
            give(run, who, &draft, *language)
        }
        Command::Withdraw { who, matter, way } => withdraw(run, who, matter, *way),
        Command::List(who) => list(run, who),
        Command::Reach { company, purpose, channel } => {
            let target = Target { company: company.clone(), purpose: purpose.clone(), channel: *channel };
            reach(run, &target)
        }
    }
}

fn give(run: &Run, who: &Who, draft: &ConsentDraft, language: Language) -> Outcome {
    let given = run.with(false, |register, actor| {
        let person = who.find(register, actor)?;
        Ok(ops::give(register, actor, person, draft, language)?)
    })?;
    if run.json() {
        return output::json(&json!({ "given": given }));
    }
    let given: Vec<String> = given.iter().map(ToString::to_string).collect();
    output::line(run.say("consent-entered", &[("matters", &given.join(", "))]))
}

fn withdraw(run: &Run, who: &Who, matter: &Matter, way: ConsentWay) -> Outcome {
    let gone = run.with(false, |register, actor| {
        let person = who.find(register, actor)?;
        Ok(ops::withdraw(register, actor, person, matter, way.as_str())?)
    })?;
    if run.json() {
        return output::json(&json!({ "withdrawn": gone }));
    }
    output::line(run.say(if gone { "consent-gone" } else { "consent-none" }, &[]))
}

fn list(run: &Run, who: &Who) -> Outcome {
    let found = run.with(false, |register, actor| {
        let person = who.find(register, actor)?;
        Ok(ops::of(register, actor, person, Language::default())?.all)
    })?;
    if run.json() {
        return output::json(&found);
    }
    let rows = found.iter().map(|one| {
        let ended = one.withdrawn.as_ref().map(|end| end.at.to_string()).unwrap_or_default();
        vec![one.matter.to_string(), one.way.to_string(), one.given_at.to_string(), one.expires_at.to_string(), ended]
    });
    output::table(&rows.collect::<Vec<_>>())
}

fn reach(run: &Run, target: &Target) -> Outcome {
    let found = run.with(false, |register, actor| Ok(ops::reach(register, actor, target)?))?;
    if run.json() {
        return output::json(&json!({ "count": found.len() }));
    }
    output::line(run.say("consent-reach", &[("count", &found.len())]))
}
