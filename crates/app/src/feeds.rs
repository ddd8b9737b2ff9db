//! Feeds: what the operator allows them, and `seloste feeds`: the list, the history, reading what is due.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Subcommand};
use seloste_domain::id::{FeedId, SourceId};
use seloste_ops::Register;
use seloste_ops::company_register::{Address, CompanyRegister, Fetcher, PATIENCE, Rules};
use seloste_ops::feed::{self, Feed, FeedDraft, FeedRun, Feeding};
use seloste_web::text::{Texts, key};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What feeds may read, and where the company register is.
#[derive(Clone, Debug, Args)]
#[group(id = "feeding")]
pub(crate) struct Options {
    /// Folder below which feeds may read; may be repeated, or several separated by commas
    #[arg(long = "feed-folder", env = "SELOSTE_FEED_FOLDERS", value_name = "DIR", value_delimiter = ',')]
    folders: Vec<PathBuf>,
    /// Host that may be read though it is inside the network or without TLS; may be repeated
    #[arg(long = "trusted-host", env = "SELOSTE_TRUSTED_HOSTS", value_name = "HOST", value_delimiter = ',')]
    trusted_hosts: Vec<String>,
    /// File of certificates (PEM) to trust beside those of the machine, when feeds and the company register are read
    #[arg(long, env = "SELOSTE_FEED_CA", value_name = "FILE")]
    feed_ca: Option<PathBuf>,
    /// Base address of the company register (YTJ open data, version 3); none: it is not asked
    #[arg(long, env = "SELOSTE_COMPANY_REGISTER", value_name = "URL")]
    company_register: Option<String>,
    /// The source of what the company register says, as the notice names it
    #[arg(long, env = "SELOSTE_COMPANY_REGISTER_SOURCE", value_name = "ID", default_value = "trade_register")]
    company_register_source: SourceId,
}

/// What is done with feeds.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the feeds
    List,
    /// Show what the runs of a feed did
    History {
        /// The feed's id
        id: FeedId,
    },
    /// Add a feed; its secret, if there is one, is read from standard input
    Add(Box<Add>),
    /// Read every feed that is due now
    RunDue(Options),
    /// Have a feed read as soon as a runner is free
    Run {
        /// The feed's id
        id: FeedId,
    },
    /// Pause a feed
    Pause {
        /// The feed's id
        id: FeedId,
    },
    /// Let a feed go on that was paused or stopped
    Resume {
        /// The feed's id
        id: FeedId,
        #[command(flatten)]
        options: Options,
    },
    /// Remove a feed with its history; what it imported stays
    Remove {
        /// The feed's id
        id: FeedId,
    },
}

/// A feed to be added.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What people call it
    name: String,
    /// folder, http or company_register
    #[arg(long)]
    place: String,
    /// The folder or the address
    #[arg(long, default_value = "")]
    address: String,
    /// people, organisations or orders
    #[arg(long, default_value = "")]
    noun: String,
    /// Where the data comes from: a source of the notice
    #[arg(long)]
    source: String,
    /// Company of the group whose customers and orders these are
    #[arg(long, default_value = "")]
    company: String,
    /// Name of a saved mapping of the source
    #[arg(long)]
    mapping_name: Option<String>,
    /// Minutes between two readings
    #[arg(long, default_value = "1440")]
    every: String,
    /// Read the value of the Authorization header from standard input
    #[arg(long)]
    secret: bool,
    #[command(flatten)]
    options: Options,
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::List => list(run),
        Command::History { id } => history(run, id),
        Command::Add(add) => self::add(run, &add),
        Command::RunDue(options) => run_due(run, &options),
        Command::Run { id } => {
            let due = run.with(false, |register, actor| Ok(feed::run_now(register, actor, id)?))?;
            output::line(run.say(if due { "feed-due" } else { "feed-not-due" }, &[("id", &id)]))
        }
        Command::Pause { id } => {
            run.with(false, |register, actor| Ok(feed::pause(register, actor, id)?))?;
            output::line(run.say("feed-paused", &[("id", &id)]))
        }
        Command::Resume { id, options } => {
            let feeding = feeding(run, &options)?;
            run.with(false, |register, actor| Ok(feed::resume(register, actor, &feeding, id)?))?;
            output::line(run.say("feed-resumed", &[("id", &id)]))
        }
        Command::Remove { id } => {
            run.with(false, |register, actor| Ok(feed::remove(register, actor, id)?))?;
            output::line(run.say("feed-removed", &[("id", &id)]))
        }
    }
}

/// What the options allow.
pub(crate) fn feeding(run: &Run, options: &Options) -> Outcome<Feeding> {
    let trusted_certificates = options.feed_ca.as_deref().map(|file| run.read(file)).transpose()?;
    let trusted_hosts = options.trusted_hosts.iter().map(|host| host.trim().to_lowercase()).collect();
    let fetcher = Fetcher::new(Rules { trusted_hosts, trusted_certificates })
        .map_err(|_| Failure::Said("feed-ca-wrong", String::new()))?;
    for folder in &options.folders {
        if !folder.is_dir() {
            return Err(Failure::Said("feed-folder-wrong", folder.display().to_string()));
        }
    }
    let company_register = match options.company_register.as_deref().filter(|url| !url.trim().is_empty()) {
        None => None,
        Some(url) => {
            let wrong = || Failure::Said("company-register-url", String::new());
            let base: Address = url.parse().map_err(|_| wrong())?;
            if !fetcher.may(&base) || base.below("companies", &[]).is_none() {
                return Err(wrong());
            }
            Some(CompanyRegister::new(base, options.company_register_source.clone(), fetcher.clone(), PATIENCE))
        }
    };
    Ok(Feeding {
        folders: options.folders.clone(),
        fetcher,
        company_register,
        describe: Some(seloste_web::describe(run.text().language())),
        ..Feeding::default()
    })
}

fn list(run: &Run) -> Outcome {
    let feeds = run.with(false, |register, actor| Ok(feed::list(register, actor)?))?;
    if run.json() {
        let as_json = |feed: &Feed| {
            json!({
                "id": feed.id, "name": feed.name, "place": feed.place, "address": feed.address,
                "noun": feed.noun, "source": feed.source, "company": feed.company, "mapping": feed.mapping,
                "every": feed.every, "state": feed.state, "failures": feed.failures, "trouble": feed.trouble,
                "status": feed.status, "checked_at": feed.checked_at, "next_at": feed.next_at,
                "has_secret": feed.has_secret,
            })
        };
        return output::json(&feeds.iter().map(as_json).collect::<Vec<_>>());
    }
    let row = |feed: &Feed| {
        let next = feed.next_at.map(|at| at.strftime("%FT%TZ").to_string()).unwrap_or_default();
        let trouble = feed.trouble.map(|trouble| trouble.to_string()).unwrap_or_default();
        let state = format!("{} {trouble} {}", feed.state, feed.status.as_deref().unwrap_or_default());
        vec![feed.id.to_string(), feed.name.clone(), state.trim().to_owned(), next, feed.source.to_string()]
    };
    output::table(&feeds.iter().map(row).collect::<Vec<_>>())
}

fn history(run: &Run, id: FeedId) -> Outcome {
    let runs = run.with(false, |register, actor| Ok(feed::runs(register, actor, id)?))?;
    if run.json() {
        let as_json = |run: &FeedRun| {
            let [rows, created, updated, unchanged, refused] = run.counts;
            json!({
                "id": run.id, "started_at": run.started_at, "finished_at": run.finished_at, "state": run.state,
                "trouble": run.trouble, "status": run.status, "file": run.file_name, "sha256": run.file_hash,
                "import": run.import, "problems": run.problems,
                "counts": { "rows": rows, "created": created, "updated": updated, "unchanged": unchanged, "refused": refused },
            })
        };
        return output::json(&runs.iter().map(as_json).collect::<Vec<_>>());
    }
    let texts = Texts(run.text().language());
    for one in &runs {
        let [_, created, updated, unchanged, refused] = one.counts;
        let trouble = one.trouble.map(|trouble| texts.get(&key("feed-trouble", trouble.as_str()))).unwrap_or_default();
        let counts = format!("+{created} ~{updated} ={unchanged} !{refused}");
        let started = one.started_at.strftime("%FT%TZ").to_string();
        let file = one.file_name.clone().unwrap_or_default();
        output::line(format!("{started}  {}  {counts}  {file}  {trouble}", one.state).trim_end())?;
        for problem in &one.problems {
            let row = problem.row.map(|row| row.to_string()).unwrap_or_default();
            let column = problem.column.clone().unwrap_or_default();
            output::line(format!("    {row} {column} {}", texts.args(&problem.code, &problem.args)))?;
        }
    }
    Ok(())
}

fn add(run: &Run, add: &Add) -> Outcome {
    let feeding = feeding(run, &add.options)?;
    let secret = if add.secret { run.password(&add.name)? } else { String::new() };
    let id = run.with(false, |register, actor| {
        let mapping = match &add.mapping_name {
            Some(name) => {
                let (source, noun) = (add.source.parse(), seloste_ops::import::Noun::named(&add.noun));
                match (source, noun) {
                    (Ok(source), Some(noun)) => {
                        seloste_ops::mapping::named(register, actor, &source, noun, name)?.id.to_string()
                    }
                    // The other errors tell what is missing.
                    _ => String::new(),
                }
            }
            None => String::new(),
        };
        let draft = FeedDraft {
            name: add.name.clone(),
            place: add.place.clone(),
            address: add.address.clone(),
            noun: add.noun.clone(),
            source: add.source.clone(),
            company: add.company.clone(),
            mapping,
            every: add.every.clone(),
            secret,
            forget_secret: false,
        };
        Ok(feed::create(register, actor, &feeding, &draft)?)
    })?;
    output::line(run.say("feed-added", &[("id", &id)]))
}

fn run_due(run: &Run, options: &Options) -> Outcome {
    let feeding = feeding(run, options)?;
    let tally = run.with(false, |register, actor| Ok(feed::run_due(register, actor, &feeding)?))?;
    if run.json() {
        output::json(&tally)?;
    } else {
        let args: [(&str, &dyn std::fmt::Display); 3] =
            [("imported", &tally.imported), ("unchanged", &tally.unchanged), ("failed", &tally.failed)];
        output::line(run.say("feed-tally", &args))?;
    }
    if tally.failed == 0 { Ok(()) } else { Err(Failure::Found) }
}

/// Tells the runner to stop, however the work beside it ends.
struct Stop<'a>(&'a AtomicBool, std::thread::Thread);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.unpark();
    }
}

/// Reads feeds on a thread of its own while `work` lasts. An import at hand ends after the rows at hand, and is undone and
/// made again at the next start; fetching is waited for.
pub(crate) fn beside<T>(register: &Register, feeding: &Feeding, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    // A server that is slow to answer does not keep the program from stopping for long.
    let feeding = Feeding { timeout: feeding.timeout.min(Duration::from_secs(300)), ..feeding.clone() };
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| feed::run(register, &feeding, &stop));
        let _stop = Stop(&stop, runner.thread().clone());
        work()
    })
}
