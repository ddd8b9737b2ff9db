//! `cargo xtask bench`: each figure of the performance goals as a ratio to the raw limit measured in the same run.
//! Machines are shared and noisy, so the absolute numbers say little and the ratios much.

mod change;
mod erase;
mod import;
mod limit;
mod people;
mod read;
mod report;
mod search;
mod start;

use anyhow::Result;
use clap::Parser;

/// Measures the register against the raw limits of this machine.
#[derive(Parser)]
struct Arguments {
    /// Number of people.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// A PostgreSQL server to measure as well (the smaller set).
    #[arg(long, env = "SELOSTE_BENCH_POSTGRES")]
    postgres: Option<String>,
    /// Seconds for each timed part.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Measures only these parts (after the limits and the import).
    #[arg(long, value_delimiter = ',')]
    parts: Vec<Part>,
    /// Folder for the databases; a temporary one when not given.
    #[arg(long)]
    dir: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Read,
    Change,
    Search,
    Erase,
    Start,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let temporary = tempfile::tempdir()?;
    let dir = arguments.dir.as_deref().unwrap_or(temporary.path());
    let mut report = report::Report::new(arguments.people);
    let limits = limit::measure(dir, arguments.people, arguments.seconds, &mut report)?;
    let mut bench = people::Bench::create(&dir.join("register"), None)?;
    import::measure(&mut bench, dir, arguments.people, &limits, &mut report)?;
    let wanted = |part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    if wanted(Part::Read) {
        read::measure(&bench, &limits, arguments.seconds, &mut report)?;
    }
    if wanted(Part::Change) {
        change::measure(&bench, &limits, arguments.seconds, &mut report)?;
    }
    if wanted(Part::Search) {
        search::measure(&mut bench, &mut report)?;
    }
    if wanted(Part::Erase) {
        erase::measure(&mut bench, &mut report)?;
    }
    if wanted(Part::Start) {
        start::measure(bench, &mut report)?;
    }
    if let Some(url) = &arguments.postgres {
        read::measure_postgres(
            &dir.join("postgres"),
            url,
            arguments.people.min(20_000),
            arguments.seconds,
            &mut report,
        )?;
    }
    report.print();
    Ok(())
}
