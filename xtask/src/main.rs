//! `cargo xtask`: test, check, generate and measure this project.

mod check;
mod doctests;
mod generate;
mod prepare;
mod tally;
mod test;
mod texts;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Parser;
use xshell::{Shell, cmd};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Test, check, generate and measure this project")]
enum Task {
    /// Install what is missing, check, build and run every test on both databases
    Test,
    /// Formatting, lints, texts, and whether the generated files are fresh
    Check,
    /// Write the generated files anew
    Generate,
    /// Print each figure as a ratio to the raw limit measured in the same run
    Bench {
        /// Passed on to the benchmark
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(&Task::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("xtask: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> anyhow::Result<bool> {
    let sh = Shell::new()?;
    let root = root()?;
    sh.change_dir(&root);
    match task {
        Task::Test => test::run(&sh, &root),
        Task::Check => {
            let failed = check::all(&sh, &root);
            eprintln!("{}", if failed == 0 { "all checks passed".into() } else { format!("{failed} checks failed") });
            Ok(failed == 0)
        }
        Task::Generate => generate::write(&sh, &root).map(|()| true),
        Task::Bench { args } => bench(&sh, &root, args),
    }
}

fn bench(sh: &Shell, root: &Path, args: &[String]) -> anyhow::Result<bool> {
    if !root.join("benches/Cargo.toml").exists() {
        bail!("there is no benchmark: the package seloste-bench belongs in benches/");
    }
    cmd!(sh, "cargo run --release --package seloste-bench -- {args...}").run()?;
    Ok(true)
}

/// The checkout: the folder above this package.
fn root() -> anyhow::Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
    Path::new(&package).parent().map(Path::to_path_buf).context("the package has no folder above it")
}
