//! `seloste erasure` and `seloste canary`: what would go, erasing, what stays, and the search for what is left.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::SignedDuration;
use seloste_domain::id::{ErasureId, PersonId};
use seloste_ops::erasure::{self as ops, Erasure, Plan};
use seloste_ops::{Register, canary};
use seloste_web::text::{Texts, key};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// How often what had to stay is looked through beside the server, and how often the canaries.
const EVERY: Duration = Duration::from_secs(60 * 60);
const CANARIES: Duration = Duration::from_secs(24 * 60 * 60);

/// What can be done about erasing.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what would go and what would stay until when
    Plan(Whom),
    /// Erase a person, by the version of the plan that was shown
    Erase {
        #[command(flatten)]
        whom: Whom,
        /// The plan's version
        #[arg(long, value_name = "VERSION")]
        plan: String,
        /// Not at the person's request: an old file may bring them back
        #[arg(long)]
        not_at_request: bool,
    },
    /// Let an erasure wait for what keeps everything, by the version of the plan that was shown: it is carried out by itself
    Wait {
        #[command(flatten)]
        whom: Whom,
        /// The plan's version
        #[arg(long, value_name = "VERSION")]
        plan: String,
        /// Not at the person's request: an old file may bring them back
        #[arg(long)]
        not_at_request: bool,
    },
    /// Take back that an erasure waits
    StopWaiting(Whom),
    /// List the erasures
    List {
        /// Only those of which something stays
        #[arg(long)]
        partial: bool,
    },
    /// Erase what had to stay and has to no longer
    Resume {
        /// The clock has jumped, and it is right now
        #[arg(long)]
        clock_is_right: bool,
    },
    /// Write the receipt of an erasure into a file
    Receipt {
        /// The erasure
        id: ErasureId,
        /// A file that is not there yet
        file: PathBuf,
        /// Which step: 1 for the act itself
        #[arg(long, default_value_t = 1)]
        step: i64,
    },
}

/// Which person.
#[derive(Debug, Args)]
pub(crate) struct Whom {
    /// The person's id
    #[arg(long)]
    person: PersonId,
}

/// What can be done about canaries.
#[derive(Debug, Subcommand)]
pub(crate) enum CanaryCommand {
    /// Erase the canaries, search everywhere for what is left of them, plant new ones; exit code 1 with findings
    Run {
        /// Also those that were planted less than a day ago
        #[arg(long)]
        now: bool,
    },
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    match command {
        Command::Plan(whom) => plan(run, whom.person),
        Command::Erase { whom, plan, not_at_request } => erase(run, whom.person, plan, !not_at_request),
        Command::Wait { whom, plan, not_at_request } => run
            .with(false, |register, actor| Ok(ops::wait(register, actor, whom.person, plan, !not_at_request)?))
            .and_then(|plan| if run.json() { output::json(&json!({ "plan": plan })) } else { told(run, &plan) }),
        Command::StopWaiting(whom) => {
            run.with(false, |register, actor| Ok(ops::stop_waiting(register, actor, whom.person)?))
        }
        Command::List { partial } => list(run, *partial),
        Command::Resume { clock_is_right } => resume(run, *clock_is_right),
        Command::Receipt { id, file, step } => receipt(run, *id, *step, file),
    }
}

fn plan(run: &Run, person: PersonId) -> Outcome {
    let plan = run.with(false, |register, actor| Ok(ops::plan(register, actor, person)?))?;
    if run.json() {
        return output::json(&json!({ "version": plan.version(), "plan": plan }));
    }
    told(run, &plan)?;
    output::line(run.say("erasure-version", &[("version", &plan.version())]))
}

fn told(run: &Run, plan: &Plan) -> Outcome {
    let t = Texts(run.text().language());
    let name = |prefix: &str, word: &str| t.get(&key(prefix, word));
    let rows = plan
        .lines
        .iter()
        .map(|line| vec![name("erasure-part", line.part.as_str()), line.gone.to_string(), line.stays.to_string()]);
    output::table(&rows.collect::<Vec<_>>())?;
    let holds = plan.holds.iter().map(|hold| {
        let until = hold.until.map(|day| day.to_string()).unwrap_or_default();
        vec![name("hold", hold.ground.as_str()), hold.name.clone(), until, hold.ground.article().to_owned()]
    });
    output::table(&holds.collect::<Vec<_>>())
}

fn erase(run: &Run, person: PersonId, version: &str, at_request: bool) -> Outcome {
    let done = run.with(false, |register, actor| Ok(ops::erase(register, actor, person, version, at_request)?))?;
    if run.json() {
        return output::json(&json!({ "erasure": done.erasure, "step": done.step, "plan": done.plan }));
    }
    output::line(run.say("erasure-done", &[("erasure", &done.erasure)]))
}

fn list(run: &Run, partial: bool) -> Outcome {
    let found = run.with(false, |register, actor| Ok(ops::list(register, actor, partial)?))?;
    if run.json() {
        let row = |erasure: &Erasure| {
            json!({
                "id": erasure.id, "party": erasure.party, "whole": erasure.is_whole, "at": erasure.made_at,
                "by": erasure.made_by, "holds": erasure.holds, "steps": erasure.steps,
            })
        };
        return output::json(&found.iter().map(row).collect::<Vec<_>>());
    }
    let row = |erasure: &Erasure| {
        let state = if erasure.is_whole { "" } else { "*" };
        let (id, party, at) = (erasure.id.to_string(), erasure.party.to_string(), erasure.made_at.to_string());
        vec![id, party, at, state.to_owned(), erasure.holds.len().to_string()]
    };
    output::table(&found.iter().map(row).collect::<Vec<_>>())
}

fn resume(run: &Run, clock_is_right: bool) -> Outcome {
    let done = run.with(false, |register, _| Ok(ops::resume(register, clock_is_right)?))?;
    if run.json() {
        return output::json(&done);
    }
    let counts: [(&str, &dyn std::fmt::Display); 5] = [
        ("resumed", &done.resumed),
        ("whole", &done.whole),
        ("waiting", &done.waiting),
        ("begun", &done.begun),
        ("held", &done.held),
    ];
    output::line(run.say("erasure-resumed", &counts))
}

fn receipt(run: &Run, id: ErasureId, step: i64, path: &std::path::Path) -> Outcome {
    use std::io::Write as _;
    let text = run.with(false, |register, actor| Ok(ops::receipt(register, actor, id, step)?))?;
    let file = std::fs::File::options().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| Failure::file(path, error))
}

pub(crate) fn perform_canary(run: &Run, command: &CanaryCommand) -> Outcome {
    let CanaryCommand::Run { now } = command;
    let life = if *now { SignedDuration::ZERO } else { canary::LIFE };
    let found = run.with(false, |register, actor| Ok(canary::run(register, actor, life)?))?;
    if run.json() {
        let (searched, places) = (found.searched, &found.places);
        output::json(&json!({
            "erased": found.erased, "searched": searched, "findings": found.findings, "places": places,
        }))?;
    } else {
        let counts: [(&str, &dyn std::fmt::Display); 3] =
            [("erased", &found.erased), ("searched", &found.searched), ("findings", &found.findings)];
        output::line(run.say("canary-done", &counts))?;
    }
    if found.findings == 0 { Ok(()) } else { Err(Failure::Found) }
}

/// Tells the jobs to stop, however the work beside them ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Looks through what had to stay, and after the canaries, on threads of their own while `work` lasts.
pub(crate) fn beside<T>(register: &Register, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| ops::run(register, EVERY, || stop.load(Ordering::Relaxed)));
        scope.spawn(|| canary::run_by_time(register, CANARIES, || stop.load(Ordering::Relaxed)));
        let _stop = Stop(&stop);
        work()
    })
}
