//! `seloste search`: finds people, organisations and orders by words.

use clap::Args;
use seloste_ops::search::{self, Found, NounSet};
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// What is sought.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Words: names, towns, numbers, addresses, in any order
    #[arg(required = true)]
    words: Vec<String>,
    /// Most answers
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

pub(crate) fn search(run: &Run, options: &Options) -> Outcome {
    let words = options.words.join(" ");
    let (results, today) = run.with(true, |register, actor| {
        Ok((search::find(register, actor, &words, NounSet::ALL, options.limit)?, register.today()))
    })?;
    if run.json() {
        let found: Vec<_> = results.found.iter().map(as_json).collect();
        return output::json(&json!({ "corrected": results.corrected, "found": found }));
    }
    if results.found.is_empty() {
        return output::line(run.say("search-nothing", &[]));
    }
    if results.corrected {
        output::note(run.say("search-corrected", &[]));
    }
    let row = |found: &Found| match found {
        Found::Person(person) => {
            let organisation = person.representations_on(today).last().map(|r| r.organisation_name.clone());
            let town = person.address(today).map(|address| address.town.clone()).unwrap_or_default();
            let (name, number) = (person.display_name(), person.customer_number(today).unwrap_or_default().to_owned());
            vec![run.say("person", &[]), person.id.to_string(), number, name, organisation.unwrap_or_default(), town]
        }
        Found::Organisation(organisation) => {
            let number = organisation.business_id.as_ref().map(ToString::to_string).unwrap_or_default();
            vec![run.say("organisation", &[]), organisation.id.to_string(), number, organisation.name.clone()]
        }
        Found::Order(row) => crate::order::cells(run, row),
    };
    output::table(&results.found.iter().map(row).collect::<Vec<_>>())
}

fn as_json(found: &Found) -> serde_json::Value {
    match found {
        Found::Person(person) => json!({ "noun": "person", "name": person.display_name(), "person": person }),
        Found::Organisation(organisation) => {
            json!({ "noun": "organisation", "name": organisation.name, "organisation": organisation })
        }
        Found::Order(row) => json!({ "noun": "order", "order": crate::order::row_json(row) }),
    }
}
