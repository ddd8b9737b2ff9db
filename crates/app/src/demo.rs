//! `seloste demo`: a register of fictional people, made when it is not there yet, and served.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use seloste_ops::demo::{self, Account, Size};
use seloste_ops::{Env, Register, StoreError};
use seloste_store::Place;
use seloste_store::register::RegisterKind;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::{Run, operator};
use crate::serve;

/// How the demo is served.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Remove the demo register first and make a new one
    #[arg(long)]
    wipe: bool,
    #[command(flatten)]
    serve: serve::Options,
}

/// The data directory of the demo when none is named.
const DATA: &str = "seloste-demo";
/// The demo's accounts with their passwords; written last, so that a demo with it is whole.
const ACCOUNTS: &str = "demo-accounts.json";
/// The same people every time.
const SEED: u64 = 1;

pub(crate) fn demo(run: &Run, options: &Options) -> Outcome {
    let data = run.data(DATA);
    let kept = data.join(ACCOUNTS);
    if options.wipe || !kept.exists() {
        wipe(run, &data)?;
    }
    let (register, accounts) = if kept.exists() { open(run, &data, &kept)? } else { make(run, &data, &kept)? };
    let mut served = options.serve.clone();
    // The portal is part of what the demo shows: beside the pages of staff, at the next port.
    served.portal.portal = served.portal.portal.or_else(|| Some(beside(served.listen)));
    let told = tell(run, &accounts).and_then(|()| tell_partner(run, &register, &served));
    let told = told.and_then(|()| tell_visitor(run, &register, &data));
    if let Err(failure) = told {
        register.close();
        return Err(failure);
    }
    serve::run_server(run, &register, &served)
}

/// The next port of the same address; a free one, when any free one is good, or that one is taken.
fn beside(listen: std::net::SocketAddr) -> std::net::SocketAddr {
    let at = |port| std::net::SocketAddr::new(listen.ip(), port);
    let next = if listen.port() == 0 { 0 } else { listen.port().wrapping_add(1) };
    if std::net::TcpListener::bind(at(next)).is_ok() { at(next) } else { at(0) }
}

/// Tells with which address of a fictional person the portal can be tried, and where its message comes.
fn tell_visitor(run: &Run, register: &Register, data: &Path) -> Outcome {
    let Some(email) = demo::portal_visitor(register, &operator())? else { return Ok(()) };
    let folder = data.join(crate::mail::OUTBOX);
    output::line(run.say("demo-portal", &[("email", &email), ("folder", &folder.display())]))
}

fn open(run: &Run, data: &Path, kept: &Path) -> Outcome<(Register, Vec<Account>)> {
    let register = Register::open(run.settings(data, true), Env::system())?;
    if register.kind() != RegisterKind::Demo {
        register.close();
        return Err(Failure::Unfit("demo-not-demo", data.display().to_string()));
    }
    let accounts = serde_json::from_str(&run.read(kept)?);
    Ok((register, accounts.map_err(|error| Failure::file(kept, error.into()))?))
}

fn make(run: &Run, data: &Path, kept: &Path) -> Outcome<(Register, Vec<Account>)> {
    output::note(run.say("demo-making", &[]));
    let began = Instant::now();
    let (register, accounts) = demo::make(run.settings(data, true), Env::system(), &operator(), SEED, Size::default())?;
    keep(kept, &accounts)?;
    let seconds = began.elapsed().as_secs();
    output::note(run.say("demo-made", &[("data", &data.display()), ("seconds", &seconds)]));
    Ok((register, accounts))
}

fn keep(path: &Path, accounts: &[Account]) -> Outcome {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let json = serde_json::to_vec_pretty(accounts).map_err(std::io::Error::from)?;
    options.open(path).and_then(|mut file| file.write_all(&json)).map_err(|error| Failure::file(path, error))
}

fn tell(run: &Run, accounts: &[Account]) -> Outcome {
    if run.json() {
        return output::json(&serde_json::json!({ "accounts": accounts }));
    }
    output::line(run.say("demo-sign-in", &[]))?;
    let row = |account: &Account| {
        let roles = account.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ");
        vec![format!("  {}", account.login), account.password.clone(), roles]
    };
    output::table(&accounts.iter().map(row).collect::<Vec<_>>())
}

/// Prints a token of the demo's partner, when partners are served.
fn tell_partner(run: &Run, register: &Register, options: &serve::Options) -> Outcome {
    if !options.serves_partners() {
        return Ok(());
    }
    let secret = demo::partner_token(register, &operator())?;
    output::line(run.say("demo-partner-token", &[("token", &secret.0)]))
}

/// Removes a demo register, whole or half made, and nothing else: a register for real use is left as it is.
fn wipe(run: &Run, data: &Path) -> Outcome {
    let settings = run.settings(data, false);
    let Place::Sqlite(database) = &settings.place else {
        let is_there = seloste_store::key_path(data, settings.key.as_deref()).exists();
        return if is_there { Err(Failure::Unfit("demo-postgres", data.display().to_string())) } else { Ok(()) };
    };
    if !database.exists() {
        return Ok(());
    }
    match Register::open(settings.clone(), Env::system()) {
        Ok(register) => {
            let kind = register.kind();
            register.close();
            if kind != RegisterKind::Demo {
                return Err(Failure::Unfit("demo-not-demo", data.display().to_string()));
            }
        }
        // Its making was cut short before it was known what it is: it is not for this program to remove.
        Err(seloste_ops::OpsError::Store(StoreError::NoRegister)) => {
            return Err(Failure::Unfit("demo-half-made", data.display().to_string()));
        }
        Err(error) => return Err(error.into()),
    }
    remove(run, data)
}

/// Removes the files that a register has in its data directory.
fn remove(run: &Run, data: &Path) -> Outcome {
    let files = fs::read_dir(data).map_err(|error| Failure::file(data, error))?;
    let ours = |name: &str| {
        let named =
            ["seloste.db", "seloste-before-version-", "checkpoints"].iter().any(|start| name.starts_with(start));
        named || ["master.key", "log.vkey", ACCOUNTS].contains(&name)
    };
    let paths: Vec<PathBuf> = files
        .filter_map(Result::ok)
        .filter(|file| file.file_name().to_str().is_some_and(ours))
        .map(|file| file.path())
        .collect();
    for path in &paths {
        fs::remove_file(path).map_err(|error| Failure::file(path, error))?;
    }
    crate::mail::wipe(data).map_err(|error| Failure::file(data, error))?;
    output::note(run.say("demo-wiped", &[("data", &data.display())]));
    Ok(())
}
