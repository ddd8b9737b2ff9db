//! `seloste person`: a person's card and the list of people.

use clap::{Args, Subcommand};
use seloste_domain::id::{CompanyId, PersonId};
use seloste_domain::language::Language;
use seloste_domain::list::{ListOf, Sort};
use seloste_domain::notice::render::kind_name;
use seloste_domain::person::Person;
use seloste_ops::list::List;
use seloste_ops::person::{self as ops, Card};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show all that is known of a person
    Show(Which),
    /// List people by name
    List {
        /// Only customers of this company
        #[arg(long)]
        company: Option<CompanyId>,
        /// The most recently changed first
        #[arg(long)]
        changed: bool,
        /// Most rows
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
}

/// Which person.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The person's id
    id: Option<PersonId>,
    /// The customer number
    #[arg(long)]
    number: Option<String>,
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::Show(which) => show(run, &which),
        Command::List { company, changed, limit } => {
            let mut list = List::first(ListOf::People, limit);
            list.query.company = company;
            if changed {
                (list.query.sort, list.query.descending) = (Sort::Changed, true);
            }
            print_list(run, &list)
        }
    }
}

fn show(run: &Run, which: &Which) -> Outcome {
    let card = run.with(false, |register, actor| {
        let id = match (which.id, &which.number) {
            (Some(id), _) => id,
            (None, Some(number)) => ops::by_customer_number(register, actor, number)?,
            (None, None) => return Err(Failure::Said("person-which", String::new())),
        };
        Ok(ops::show(register, actor, id)?)
    })?;
    if run.json() {
        let Card { person, orders, orders_net } = &card;
        return output::json(
            &json!({ "name": person.display_name(), "person": person, "orders": orders, "orders_net_cents": orders_net.0 }),
        );
    }
    print(run, &card)
}

fn print(run: &Run, card: &Card) -> Outcome {
    let (person, language) = (&card.person, run.text().language());
    output::line(person.display_name())?;
    output::line(run.say("card-id", &[("id", &person.id), ("version", &person.version)]))?;
    if person.protected_address {
        output::line(run.say("card-protected", &[]))?;
    }
    output::table(&values(person, language))?;
    for r in &person.representations {
        let days = period(r.valid_from, r.valid_until);
        let title = r.title.as_deref().unwrap_or("");
        output::line(run.say(
            "card-represents",
            &[("organisation", &r.organisation_name), ("title", &title), ("days", &days), ("source", &r.source)],
        ))?;
    }
    let companies: Vec<&str> = person.companies.iter().map(CompanyId::as_str).collect();
    output::line(run.say("card-companies", &[("companies", &companies.join(", "))]))?;
    output::line(run.say("card-orders", &[("count", &card.orders), ("net", &card.orders_net)]))
}

fn values(person: &Person, language: Language) -> Vec<Vec<String>> {
    person
        .values
        .iter()
        .map(|stored| {
            vec![
                kind_name(stored.value.kind(), language).to_owned(),
                stored.value.display_in(language).replace('\n', ", "),
                stored.value.label().map(|label| label.to_string()).unwrap_or_default(),
                period(stored.valid_from, stored.valid_until),
                stored.source.to_string(),
            ]
        })
        .collect()
}

fn period(from: Option<jiff::civil::Date>, until: Option<jiff::civil::Date>) -> String {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    if from.is_none() && until.is_none() { String::new() } else { format!("{}..{}", day(from), day(until)) }
}

fn print_list(run: &Run, list: &List) -> Outcome {
    let (page, today) = run.with(false, |register, actor| Ok((ops::list(register, actor, list)?, register.today())))?;
    if run.json() {
        return output::json(&page.rows);
    }
    let row = |person: &Person| {
        let town = person.address(today).map(|address| address.town.clone()).unwrap_or_default();
        let number = person.customer_number(today).unwrap_or_default().to_owned();
        vec![person.id.to_string(), number, person.display_name(), town]
    };
    output::table(&page.rows.iter().map(row).collect::<Vec<_>>())
}
