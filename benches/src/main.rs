//! `cargo xtask bench`: each figure of the performance goals as a ratio to the raw limit measured in the same run.
//! Machines are shared and noisy, so the absolute numbers say little and the ratios much.

mod change;
mod erase;
mod gdprbench;
mod http;
mod import;
mod limit;
mod list;
mod people;
mod read;
mod report;
mod search;
mod start;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Parser;
use seloste_testkit::postgres::{Durability, Server};

/// Measures the register against the raw limits of this machine.
#[derive(Parser)]
struct Arguments {
    /// Numbers of people, measured one after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000])]
    people: Vec<usize>,
    /// Seconds for each timed part.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Measures only these parts (after the limits and the import).
    #[arg(long, value_delimiter = ',')]
    parts: Vec<Part>,
    /// An empty PostgreSQL database to measure in; a throw-away server when not given.
    #[arg(long)]
    postgres: Option<String>,
    /// Folder for the databases; a temporary one when not given.
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Read,
    List,
    Change,
    Search,
    Http,
    Gdprbench,
    Erase,
    Start,
    Postgres,
}

impl Arguments {
    fn wants(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}

/// People in PostgreSQL, where a smaller set does.
const IN_POSTGRES: usize = 20_000;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    for people in &arguments.people {
        let temporary = tempfile::tempdir()?;
        let dir = arguments.dir.as_deref().unwrap_or(temporary.path()).join(people.to_string());
        sqlite(&arguments, &dir, *people)?;
    }
    if arguments.wants(Part::Postgres) {
        let server = if arguments.postgres.is_none() { Some(Server::start(Durability::On)?) } else { None };
        let url = match (&server, arguments.postgres) {
            (Some(server), _) => server.create_database()?,
            (None, url) => url.context("a database")?,
        };
        let dir = tempfile::tempdir()?;
        let mut report = report::Report::new(format!("PostgreSQL, {IN_POSTGRES} people"));
        read::measure_postgres(dir.path(), &url, IN_POSTGRES, arguments.seconds, &mut report)?;
        report.print();
    }
    Ok(())
}

fn sqlite(arguments: &Arguments, dir: &Path, people: usize) -> Result<()> {
    let seconds = arguments.seconds;
    let mut report = report::Report::new(format!("SQLite, {people} people"));
    let limits = limit::measure(dir, people, seconds, &mut report)?;
    let mut bench = people::Bench::create(&dir.join("register"), None)?;
    import::measure(&mut bench, dir, people, &limits, &mut report)?;
    if arguments.wants(Part::Read) {
        read::measure(&bench, &limits, seconds, &mut report)?;
    }
    if arguments.wants(Part::List) {
        list::measure(&bench, &mut report)?;
    }
    if arguments.wants(Part::Change) {
        change::measure(&bench, &limits, seconds, &mut report)?;
    }
    if arguments.wants(Part::Search) {
        search::measure(&mut bench, &mut report)?;
    }
    if arguments.wants(Part::Http) {
        http::measure(&bench, seconds, &mut report)?;
    }
    if arguments.wants(Part::Gdprbench) {
        gdprbench::measure(&mut bench, dir, &mut report)?;
    }
    if arguments.wants(Part::Erase) {
        erase::measure(&mut bench, &mut report)?;
    }
    if arguments.wants(Part::Start) {
        start::measure(bench, &mut report)?;
    }
    report.print();
    Ok(())
}
