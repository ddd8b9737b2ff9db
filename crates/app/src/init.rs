//! `seloste init`: makes a register and the link by which its first administrator sets a password.

use std::path::PathBuf;

use clap::Args;
use seloste_domain::rights::Role;
use seloste_ops::user::{self, Invitation, NewRole};
use seloste_ops::{Env, Register, demo};
use seloste_store::register::RegisterKind;
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::{DATA, Run, operator};

/// What a new register needs.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The notice that the register is run by
    #[arg(long, value_name = "FILE", required_unless_present = "example")]
    notice: Option<PathBuf>,
    /// Use the notice of the fictional example group
    #[arg(long, conflicts_with = "notice")]
    example: bool,
    /// Login of the first account
    #[arg(long, value_name = "LOGIN", default_value = "admin")]
    admin: String,
    /// Name of the first account's person [default: the login]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where the pages will be, for the link
    #[arg(long, env = "SELOSTE_BASE_URL", value_name = "URL", default_value = BASE_URL)]
    base_url: String,
}

/// Where the pages are when nothing else is said.
pub(crate) const BASE_URL: &str = "http://127.0.0.1:8080";

/// The first account has what is needed to begin: accounts, the notice, and customers.
const FIRST: [Role; 3] = [Role::Administrator, Role::DataProtection, Role::Office];

pub(crate) fn init(run: &Run, options: &Options) -> Outcome {
    let notice = match &options.notice {
        Some(file) => {
            crate::notice::parse(run, file)?;
            run.read(file)?
        }
        None => demo::NOTICE.to_owned(),
    };
    if options.admin.trim().is_empty() {
        return Err(Failure::Said("login-missing", String::new()));
    }
    let data = run.data(DATA);
    let actor = operator();
    let settings = run.settings(&data, false);
    let register = Register::create(settings, RegisterKind::Live, &notice, &actor.id(), Env::system())?;
    let invitation = Invitation {
        login: options.admin.clone(),
        name: options.name.clone().unwrap_or_else(|| options.admin.clone()),
        language: run.text().language(),
        roles: FIRST.iter().map(|role| NewRole { role: *role, company: None, until: None }).collect(),
    };
    let invited = user::invite(&register, &actor, &invitation);
    register.close();
    let link = set_up_link(&options.base_url, &invited?.1.0);
    if run.json() {
        return output::json(&json!({ "data": data, "login": options.admin, "link": link }));
    }
    output::line(run.say("init-made", &[("data", &data.display())]))?;
    output::line(run.say("init-key", &[]))?;
    output::line(run.say("set-up-link", &[("login", &options.admin), ("link", &link)]))?;
    output::line(run.say("init-next", &[]))
}

/// The token stands after `#`, so that no server on the way, and no history, gets it.
pub(crate) fn set_up_link(base_url: &str, token: &str) -> String {
    format!("{}/set-up#{token}", base_url.trim_end_matches('/'))
}
