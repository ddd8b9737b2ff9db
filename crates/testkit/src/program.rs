//! Other programs that tests run: examples of this workspace and the tools beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::or_fail;

/// The top folder of the checkout.
#[must_use]
pub fn checkout() -> PathBuf {
    or_fail(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize())
}

/// An example program of a package. nextest builds it with the tests; `cargo test --test NAME` would leave an old one, so
/// there it is built now.
///
/// # Panics
/// It can not be built.
#[must_use]
#[track_caller]
pub fn example(package: &str, name: &str) -> PathBuf {
    // A test runs from `deps`, beside `examples`.
    let test = or_fail(std::env::current_exe());
    let built = test.ancestors().nth(2).map(|folder| folder.join("examples").join(name)).unwrap_or_default();
    if std::env::var_os("NEXTEST").is_none() || !built.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let build = Command::new(cargo).args(["build", "--quiet", "--package", package, "--example", name]).status();
        assert!(or_fail(build).success(), "the example {name} of {package} does not build");
    }
    built
}

/// Runs a program to its end and returns what it printed.
///
/// # Panics
/// It can not be started or ends badly.
#[track_caller]
pub fn output_of(command: &mut Command) -> String {
    let output = or_fail(command.output());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} ended with {}:\n{out}{err}", output.status);
    format!("{out}{err}")
}
