//! `seloste doctor`: whether the installation is as it should be.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use clap::Args;
use seloste_domain::usage::Actor;
use seloste_ops::{Register, log};
use serde::Serialize;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::{DATA, Run};
use crate::serve::LISTEN;

/// What is checked.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address where the pages are to be served
    #[arg(long, env = "SELOSTE_LISTEN", value_name = "ADDRESS", default_value = LISTEN)]
    listen: SocketAddr,
}

/// How a check ended.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    Warning,
    Bad,
}

/// One thing that was checked.
#[derive(Serialize)]
struct Check {
    verdict: Verdict,
    text: String,
}

struct Checks<'r> {
    run: &'r Run,
    done: Vec<Check>,
}

impl Checks<'_> {
    fn add(&mut self, verdict: Verdict, text: String) {
        self.done.push(Check { verdict, text });
    }

    fn key_file(&mut self, data: &Path) {
        let path = seloste_store::key_path(data, self.run.settings(data, false).key.as_deref());
        let shown: &dyn std::fmt::Display = &path.display();
        match std::fs::metadata(&path) {
            Err(_) => self.add(Verdict::Bad, self.run.say("error-key-missing", &[("path", shown)])),
            Ok(file) if is_open_to_others(&file) => {
                self.add(Verdict::Bad, self.run.say("doctor-key-open", &[("path", shown)]));
            }
            Ok(_) => self.add(Verdict::Good, self.run.say("doctor-key", &[("path", shown)])),
        }
    }

    fn register(&mut self, register: &Register, actor: &Actor) -> Outcome {
        let version = seloste_store::newest_schema();
        self.add(Verdict::Good, self.run.say("doctor-schema", &[("version", &version)]));
        let report = log::verify(register, actor, None)?;
        let verdict = if report.is_sound() { Verdict::Good } else { Verdict::Bad };
        for line in crate::log::lines(self.run, &report) {
            self.add(verdict, line);
        }
        let kept = register.db().settings().checkpoints();
        let shown: &dyn std::fmt::Display = &kept.display();
        match std::fs::read_to_string(&kept) {
            Err(_) => self.add(Verdict::Warning, self.run.say("doctor-no-checkpoints", &[("path", shown)])),
            Ok(text) => {
                let report = log::verify(register, actor, Some(&text))?;
                let (verdict, key) = if report.is_sound() {
                    (Verdict::Good, "doctor-checkpoints")
                } else {
                    (Verdict::Bad, "doctor-checkpoints-wrong")
                };
                self.add(verdict, self.run.say(key, &[("path", shown)]));
            }
        }
        Ok(())
    }

    fn address(&mut self, listen: SocketAddr) {
        if !listen.ip().is_loopback() {
            self.add(Verdict::Warning, self.run.say("doctor-not-loopback", &[("address", &listen)]));
        }
        match TcpListener::bind(listen) {
            Ok(_) => self.add(Verdict::Good, self.run.say("doctor-address-free", &[("address", &listen)])),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                self.add(Verdict::Warning, self.run.say("doctor-address-used", &[("address", &listen)]));
            }
            Err(error) => {
                let text = self.run.say("doctor-address-bad", &[("address", &listen), ("why", &error)]);
                self.add(Verdict::Bad, text);
            }
        }
    }
}

pub(crate) fn doctor(run: &Run, options: &Options) -> Outcome {
    let data = run.data(DATA);
    let mut checks = Checks { run, done: Vec::new() };
    checks.key_file(&data);
    checks.address(options.listen);
    let opened = run.with(false, |register, actor| checks.register(register, actor));
    if let Err(error) = opened {
        checks.done.extend(error.lines(run.text()).into_iter().map(|text| Check { verdict: Verdict::Bad, text }));
    }
    let sound = checks.done.iter().all(|check| check.verdict != Verdict::Bad);
    if run.json() {
        output::json(&serde_json::json!({ "sound": sound, "checks": checks.done }))?;
    } else {
        for check in &checks.done {
            let mark = match check.verdict {
                Verdict::Good => "+",
                Verdict::Warning => "!",
                Verdict::Bad => "X",
            };
            output::line(format!("{mark} {}", check.text))?;
        }
    }
    if sound { Ok(()) } else { Err(Failure::Found) }
}

#[cfg(unix)]
fn is_open_to_others(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
const fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}
