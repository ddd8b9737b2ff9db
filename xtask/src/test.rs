//! `cargo xtask test`: everything that has to hold, on a machine that may be fresh. The last line tells how many tests
//! passed, failed and were skipped.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};

use anyhow::Context as _;
use xshell::{Shell, cmd};

use crate::tally::{Tally, skipped_in_junit};
use crate::{check, doctests, prepare};

/// Runs every step, also after one has failed, save where it can not. Returns whether all passed.
pub(crate) fn run(sh: &Shell, root: &Path) -> anyhow::Result<bool> {
    let mut tally = Tally::default();
    if let Err(e) = steps(sh, root, &mut tally) {
        eprintln!("xtask: {e:#}");
        tally += Tally::FAILURE;
    }
    writeln!(std::io::stdout(), "{tally}")?;
    Ok(tally.failed == 0 && tally.passed > 0)
}

fn steps(sh: &Shell, root: &Path, tally: &mut Tally) -> anyhow::Result<()> {
    prepare::all(sh, root)?;
    tally.failed += check::all(sh, root);
    cmd!(sh, "cargo build --workspace --bins --tests").run().context("the program does not build")?;
    *tally += rust_tests(sh, root)?;
    for package in doctests::packages(root)? {
        let mut command = Command::new("cargo");
        command.args(["test", "--doc", "--package", &package]).current_dir(root);
        let outcome = observe(&mut command)?;
        *tally += settle(Some(Tally::of_cargo_test(&outcome.lines)), outcome.success);
    }
    for folder in ["tools", "tools/powercut"] {
        *tally += python_tests(&root.join(folder))?;
    }
    *tally += interface_tests(root)?;
    *tally += browser_tests(root)?;
    Ok(())
}

/// The tests in Rust, beside one PostgreSQL for all of them.
fn rust_tests(sh: &Shell, root: &Path) -> anyhow::Result<Tally> {
    let built = built()?;
    let mut command = Command::new(built.join("with-postgres"));
    command.current_dir(root);
    if !prepare::nextest(sh) {
        command.args(["cargo", "test", "--workspace", "--no-fail-fast", "--bins", "--lib", "--tests"]);
        let outcome = observe(&mut command)?;
        return Ok(settle(Some(Tally::of_cargo_test(&outcome.lines)), outcome.success));
    }
    // nextest's own folder does not follow CARGO_TARGET_DIR.
    let junit = root.join("target/nextest/default/junit.xml");
    if junit.exists() {
        std::fs::remove_file(&junit).context("the last run's report")?;
    }
    command.args(["cargo", "nextest", "run", "--workspace"]);
    let outcome = observe(&mut command)?;
    let mut tally = settle(Tally::of_nextest(&outcome.lines), outcome.success);
    if let Ok(report) = std::fs::read_to_string(&junit) {
        let (cases, lines) = skipped_in_junit(&report);
        tally.unmask_skipped(cases);
        for line in lines {
            eprintln!("{line}");
        }
    }
    Ok(tally)
}

fn python_tests(folder: &Path) -> anyhow::Result<Tally> {
    let mut command = Command::new("python3");
    command.args(["-B", "-m", "unittest", "discover", "--pattern", "test_*.py"]).current_dir(folder);
    let outcome = observe(&mut command)?;
    Ok(settle(Tally::of_unittest(&outcome.lines), outcome.success))
}

/// `tools/ask_interfaces.py` asks the interfaces of a demo in the ways of their own descriptions, and prints a closing line
/// like ours.
fn interface_tests(root: &Path) -> anyhow::Result<Tally> {
    let built = built()?;
    let python = built.parent().context("the programs lie in no target folder")?.join("python/bin/python3");
    let mut command = Command::new(python);
    command.arg(root.join("tools/ask_interfaces.py")).arg(built.join("seloste")).current_dir(root);
    let outcome = observe(&mut command)?;
    Ok(settle(Tally::of_closing_line(&outcome.lines), outcome.success))
}

/// `tools/browser/run.mjs` finds the program and the browser in the environment and prints a closing line like ours.
fn browser_tests(root: &Path) -> anyhow::Result<Tally> {
    let script = root.join("tools/browser/run.mjs");
    if !script.exists() {
        return Ok(Tally::default());
    }
    let mut command = Command::new("node");
    command.arg(&script).current_dir(root).env("SELOSTE_BINARY", built()?.join("seloste"));
    if let Some(chromium) = prepare::chromium() {
        command.env("SELOSTE_CHROMIUM", chromium);
    }
    let outcome = observe(&mut command)?;
    Ok(settle(Tally::of_closing_line(&outcome.lines), outcome.success))
}

/// A test program that ended badly has at least one failure, also when it did not come to say so.
fn settle(read: Option<Tally>, success: bool) -> Tally {
    let tally = read.unwrap_or(if success { Tally::default() } else { Tally::FAILURE });
    if success || tally.failed > 0 { tally } else { Tally { failed: 1, ..tally } }
}

/// Where cargo puts what it builds: beside this program.
fn built() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().context("this program lies in no folder")?.to_path_buf())
}

struct Outcome {
    success: bool,
    lines: Vec<String>,
}

/// Runs a command, shows what it prints and keeps it.
fn observe(command: &mut Command) -> anyhow::Result<Outcome> {
    eprintln!("$ {} {}", command.get_program().display(), {
        command.get_args().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ")
    });
    let name = command.get_program().to_os_string();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} can not be started", name.display()))?;
    let (sender, receiver) = channel();
    let readers: Vec<_> = [
        child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
        child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
    ]
    .into_iter()
    .flatten()
    .map(|pipe| {
        let sender = sender.clone();
        std::thread::spawn(move || pass_on(pipe, &sender))
    })
    .collect();
    drop(sender);
    let mut lines = Vec::new();
    for line in receiver {
        eprintln!("{line}");
        lines.push(line);
    }
    for reader in readers {
        // A reader that panicked has shown why; what it had read is counted.
        let _ = reader.join();
    }
    Ok(Outcome { success: child.wait()?.success(), lines })
}

fn pass_on(pipe: Box<dyn Read + Send>, sender: &Sender<String>) {
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_badly_is_never_counted_as_passed() {
        let some = Tally { passed: 3, failed: 0, skipped: 1 };
        assert_eq!(settle(Some(some), true), some);
        assert_eq!(settle(Some(some), false), Tally { passed: 3, failed: 1, skipped: 1 });
        assert_eq!(settle(None, false), Tally::FAILURE);
        assert_eq!(settle(None, true), Tally::default());
        assert_eq!(settle(Some(Tally { failed: 2, ..some }), false).failed, 2);
    }

    #[test]
    fn both_streams_are_kept() {
        let outcome = observe(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        let mut lines = outcome.lines;
        lines.sort();
        assert_eq!((outcome.success, lines), (false, vec!["err".to_owned(), "out".to_owned()]));
    }
}
