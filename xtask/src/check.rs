//! Formatting, lints, texts, generated files.

use std::path::Path;

use xshell::{Shell, cmd};

use crate::{generate, texts};

/// Runs every check, also after one has failed. Returns how many failed.
pub(crate) fn all(sh: &Shell, root: &Path) -> u64 {
    let checks: [(&str, &dyn Fn() -> anyhow::Result<()>); 4] = [
        ("formatting", &|| Ok(cmd!(sh, "cargo fmt --all --check").run()?)),
        ("lints", &|| Ok(cmd!(sh, "cargo clippy --quiet --workspace --all-targets -- -D warnings").run()?)),
        ("texts", &|| texts::check(root)),
        ("generated files", &|| generate::check(sh, root)),
    ];
    let mut failed = 0;
    for (name, check) in checks {
        if let Err(e) = check() {
            eprintln!("xtask: {name}: {e:#}");
            failed += 1;
        }
    }
    failed
}
