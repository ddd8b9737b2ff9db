//! Files that are made from others and checked in: made anew by `generate`, compared by `check`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use xshell::{Shell, cmd};

/// Each generated file and its content as it should be now.
fn files(sh: &Shell) -> anyhow::Result<Vec<(&'static str, String)>> {
    Ok(vec![("docs/licences.md", licences(sh)?)])
}

/// Writes those that differ.
pub(crate) fn write(sh: &Shell, root: &Path) -> anyhow::Result<()> {
    for (name, content) in files(sh)? {
        let path = root.join(name);
        if std::fs::read_to_string(&path).ok().as_deref() != Some(&content) {
            std::fs::write(&path, content).with_context(|| name.to_owned())?;
            eprintln!("xtask: wrote {name}");
        }
    }
    // The descriptions of the interfaces are made of the code, by the test that compares them.
    cmd!(sh, "cargo test --quiet --workspace --test openapi").env("SELOSTE_GENERATE", "1").run()?;
    Ok(())
}

/// Fails when one differs.
pub(crate) fn check(sh: &Shell, root: &Path) -> anyhow::Result<()> {
    let stale: Vec<_> = files(sh)?
        .into_iter()
        .filter(|(name, content)| std::fs::read_to_string(root.join(name)).ok().as_deref() != Some(content))
        .map(|(name, _)| name)
        .collect();
    if !stale.is_empty() {
        bail!("not as generated: {}; run `cargo xtask generate` and commit", stale.join(", "));
    }
    Ok(())
}

/// The licences of what is compiled into the program, from the lock file. The target is named, so that the list does
/// not depend on the machine.
fn licences(sh: &Shell) -> anyhow::Result<String> {
    let format = "{p}\t{l}";
    let tree = cmd!(
        sh,
        "cargo tree --quiet --package seloste --edges normal,build --target x86_64-unknown-linux-gnu --prefix none
            --format {format}"
    )
    .quiet()
    .read()?;
    let mut by_licence: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let (package, licence) = line.split_once('\t').with_context(|| format!("cargo tree printed {line:?}"))?;
        let Some(name) = package.split(' ').next().filter(|name| *name != "seloste" && !name.starts_with("seloste-"))
        else {
            continue;
        };
        // `(*)` marks a package that the tree has shown already.
        let licence = licence.trim_end_matches("(*)").trim().replace('/', " OR ").replace("  ", " ");
        if licence.is_empty() {
            bail!("{name} states no licence");
        }
        let names = by_licence.entry(licence).or_default();
        names.push(name);
    }
    let mut page = String::from(
        "# Licences of the libraries in the program\n\n\
         Made by `cargo xtask generate` from `Cargo.lock`; do not edit.\n",
    );
    for (licence, mut names) in by_licence {
        names.sort_unstable();
        names.dedup();
        write!(page, "\n## {licence}\n\n{}\n", names.join(", "))?;
    }
    Ok(page)
}
