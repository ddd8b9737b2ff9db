//! `seloste user`: accounts of the staff.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use seloste_domain::id::CompanyId;
use seloste_domain::language::Language;
use seloste_domain::rights::{Assignment, Role};
use seloste_domain::usage::Actor;
use seloste_ops::user::{self as ops, Invitation, NewRole};
use seloste_ops::{Register, StoreError};
use seloste_store::user::User;
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::init::{BASE_URL, set_up_link};
use crate::output;
use crate::run::Run;

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the accounts with their roles
    List,
    /// Make an account; prints the one-time link by which its person sets a password
    Invite {
        /// What its person will type to sign in
        login: String,
        /// Its person's name
        #[arg(long)]
        name: String,
        /// A role, in every company or in one: ROLE or ROLE@COMPANY; may be repeated
        #[arg(long = "role", value_parser = parse_role, value_name = "ROLE[@COMPANY]")]
        roles: Vec<(Role, Option<CompanyId>)>,
        /// Language of its pages
        #[arg(long, default_value = "fi")]
        language: Language,
        #[command(flatten)]
        pages: Pages,
    },
    /// Print a new one-time link; sessions of the account end
    Link {
        /// Whose
        login: String,
        #[command(flatten)]
        pages: Pages,
    },
    /// Give a role
    Assign {
        /// To whom
        login: String,
        /// ROLE or ROLE@COMPANY
        #[arg(value_parser = parse_role)]
        role: (Role, Option<CompanyId>),
        /// Last day of the role
        #[arg(long)]
        until: Option<Date>,
    },
    /// End a role now
    EndRole {
        /// Whose
        login: String,
        /// ROLE or ROLE@COMPANY
        #[arg(value_parser = parse_role)]
        role: (Role, Option<CompanyId>),
    },
    /// Take an account away: no rights, no sessions
    Disable {
        /// Whose
        login: String,
    },
    /// Give a disabled account back, with a new one-time link
    Enable {
        /// Whose
        login: String,
        #[command(flatten)]
        pages: Pages,
    },
}

/// Where the pages are.
#[derive(Debug, Args)]
pub(crate) struct Pages {
    /// Where the pages are, for the link
    #[arg(long, env = "SELOSTE_BASE_URL", value_name = "URL", default_value = BASE_URL)]
    base_url: String,
}

fn parse_role(text: &str) -> Result<(Role, Option<CompanyId>), String> {
    let (role, company) = text.split_once('@').map_or((text, None), |(role, company)| (role, Some(company)));
    let all = || Role::ALL.map(Role::as_str).join(", ");
    let role = role.parse::<Role>().map_err(|error| format!("{error}: {}", all()))?;
    let company = company.map(str::parse::<CompanyId>).transpose().map_err(|error| error.to_string())?;
    Ok((role, company))
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    run.with(false, |register, actor| match command {
        Command::List => list(run, register, actor),
        Command::Invite { login, name, roles, language, pages } => {
            let roles = roles.into_iter().map(|(role, company)| NewRole { role, company, until: None }).collect();
            let invitation = Invitation { login: login.clone(), name, language, roles };
            let (_, token) = ops::invite(register, actor, &invitation)?;
            print_link(run, &login, &pages, &token.0)
        }
        Command::Link { login, pages } => {
            let token = ops::new_link(register, actor, ops::by_login(register, &login)?.id)?;
            print_link(run, &login, &pages, &token.0)
        }
        Command::Assign { login, role: (role, company), until } => {
            let until = until.map(end_of).transpose()?;
            let user = ops::by_login(register, &login)?;
            ops::assign(register, actor, user.id, &NewRole { role, company, until })?;
            done(run, register, actor, &login)
        }
        Command::EndRole { login, role } => {
            let user = ops::by_login(register, &login)?;
            for assignment in held(&user, &role, register.now())? {
                ops::end_role(register, actor, user.id, assignment.id)?;
            }
            done(run, register, actor, &login)
        }
        Command::Disable { login } => {
            ops::disable(register, actor, ops::by_login(register, &login)?.id)?;
            done(run, register, actor, &login)
        }
        Command::Enable { login, pages } => {
            let token = ops::enable(register, actor, ops::by_login(register, &login)?.id)?;
            print_link(run, &login, &pages, &token.0)
        }
    })
}

/// The moment in Finland when a day has passed.
fn end_of(day: Date) -> Outcome<Timestamp> {
    let zone = TimeZone::get("Europe/Helsinki").unwrap_or(TimeZone::UTC);
    let end = day.tomorrow().and_then(|day| day.to_zoned(zone));
    end.map(|end| end.timestamp()).map_err(|_| Failure::Said("day-wrong", day.to_string()))
}

fn held<'u>(user: &'u User, role: &(Role, Option<CompanyId>), now: Timestamp) -> Outcome<Vec<&'u Assignment>> {
    let is_it = |a: &&Assignment| a.role == role.0 && a.company == role.1 && a.valid_until.is_none_or(|end| now < end);
    let held: Vec<_> = user.assignments.iter().filter(is_it).collect();
    if held.is_empty() { Err(StoreError::NotFound("role").into()) } else { Ok(held) }
}

fn print_link(run: &Run, login: &str, pages: &Pages, token: &str) -> Outcome {
    let link = set_up_link(&pages.base_url, token);
    if run.json() {
        return output::json(&json!({ "login": login, "link": link }));
    }
    output::line(run.say("set-up-link", &[("login", &login), ("link", &link)]))
}

fn done(run: &Run, register: &Register, actor: &Actor, login: &str) -> Outcome {
    let user = ops::show(register, actor, ops::by_login(register, login)?.id)?;
    print(run, &[user], register.now())
}

fn list(run: &Run, register: &Register, actor: &Actor) -> Outcome {
    print(run, &ops::list(register, actor)?, register.now())
}

fn print(run: &Run, users: &[User], now: Timestamp) -> Outcome {
    let current = |user: &User| {
        let is_current = |a: &&Assignment| a.valid_until.is_none_or(|end| now < end);
        user.assignments.iter().filter(is_current).cloned().collect::<Vec<_>>()
    };
    if run.json() {
        let role = |a: Assignment| json!({ "role": a.role, "company": a.company, "until": a.valid_until });
        let user = |user: &User| {
            json!({
                "id": user.id,
                "login": user.login,
                "name": user.name,
                "state": user.state.as_str(),
                "roles": current(user).into_iter().map(role).collect::<Vec<_>>(),
            })
        };
        return output::json(&users.iter().map(user).collect::<Vec<_>>());
    }
    let role = |a: Assignment| {
        let company = a.company.map(|company| format!("@{company}")).unwrap_or_default();
        let until = a.valid_until.map(|until| format!("..{until}")).unwrap_or_default();
        format!("{}{company}{until}", a.role)
    };
    let row = |user: &User| {
        let roles = current(user).into_iter().map(role).collect::<Vec<_>>().join(" ");
        vec![user.login.clone(), user.name.clone(), user.state.as_str().to_owned(), roles]
    };
    output::table(&users.iter().map(row).collect::<Vec<_>>())
}
