//! `seloste credit`: which applications there are, who asked about whom, what has run out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Subcommand};
use seloste_ops::Register;
use seloste_ops::credit::{self, ApplicationState, Filter, ReviewDraft};
use serde_json::json;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// Applications that are listed at most.
const MOST: i64 = 1_000;
/// How often the server looks for what has run out.
const EVERY: Duration = Duration::from_secs(600);

/// What can be done with credit applications.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List applications, the newest first
    List {
        /// Only those that stand so: pending, answered, decided, withdrawn, expired
        #[arg(long)]
        state: Option<ApplicationState>,
    },
    /// Who asked about whom, when and for which application
    Report(Period),
    /// Remove answers that may not be used any more and applications that were kept long enough, and let those lapse that
    /// nobody decided; `serve` does it too
    RunOut,
}

/// A period; the last quarter of a year, if nothing is said.
#[derive(Debug, Args)]
pub(crate) struct Period {
    /// The first day
    #[arg(long, default_value = "", hide_default_value = true)]
    from: String,
    /// The last day
    #[arg(long, default_value = "", hide_default_value = true)]
    until: String,
    /// Only of this company of the group
    #[arg(long, default_value = "", hide_default_value = true)]
    company: String,
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    match command {
        Command::List { state } => list(run, *state),
        Command::Report(period) => report(run, period),
        Command::RunOut => run_out(run),
    }
}

fn list(run: &Run, state: Option<ApplicationState>) -> Outcome {
    let filter = Filter { state, ..Filter::default() };
    let found = run.with(false, |register, actor| Ok(credit::list(register, actor, &filter, MOST)?))?;
    if run.json() {
        let rows = found.iter().map(|(one, name)| {
            json!({
                "id": one.id, "name": name, "company": one.company, "state": one.state, "applied_on": one.applied_on,
                "amount_cents": one.amount, "lapses_on": one.lapses_on,
                "outcome": one.decision.as_ref().map(|decision| decision.outcome),
            })
        });
        return output::json(&rows.collect::<Vec<_>>());
    }
    let rows = found.iter().map(|(one, name)| {
        let state = one.decision.as_ref().map_or(one.state.as_str(), |decision| decision.outcome.as_str());
        let (day, amount) = (one.applied_on.to_string(), one.amount.to_string());
        vec![one.id.to_string(), day, state.to_owned(), amount, one.company.to_string(), name.clone()]
    });
    output::table(&rows.collect::<Vec<_>>())
}

fn report(run: &Run, period: &Period) -> Outcome {
    let Period { from, until, company } = period;
    let draft =
        ReviewDraft { company: company.clone(), from: from.clone(), until: until.clone(), remarks: String::new() };
    let report = run.with(false, |register, actor| Ok(credit::report(register, actor, &draft)?))?;
    if run.json() {
        let rows = report.rows.iter().map(|row| {
            let enquiry = &row.listed.enquiry;
            json!({
                "at": enquiry.asked_at, "by": enquiry.asked_by, "about": row.name, "company": row.listed.company,
                "application": enquiry.application, "applied_on": row.listed.applied_on, "service": enquiry.service_name,
                "state": enquiry.state, "answer_until": enquiry.answer_until,
            })
        });
        let rows = rows.collect::<Vec<_>>();
        let (from, until, has_more) = (report.from, report.until, report.has_more);
        return output::json(&json!({ "from": from, "until": until, "has_more": has_more, "enquiries": rows }));
    }
    let rows = report.rows.iter().map(|row| {
        let enquiry = &row.listed.enquiry;
        vec![
            enquiry.asked_at.to_string(),
            enquiry.asked_by.clone(),
            row.name.clone(),
            row.listed.company.to_string(),
            enquiry.application.to_string(),
            enquiry.service_name.clone(),
            enquiry.state.to_string(),
            enquiry.answer_until.map(|until| until.to_string()).unwrap_or_default(),
        ]
    });
    output::table(&rows.collect::<Vec<_>>())
}

fn run_out(run: &Run) -> Outcome {
    let found = run.with(false, |register, _| Ok(credit::run_out(register)?))?;
    if run.json() {
        return output::json(
            &json!({ "answers": found.answers, "applications": found.applications, "removed": found.removed }),
        );
    }
    let counts: [(&str, &dyn std::fmt::Display); 3] =
        [("answers", &found.answers), ("applications", &found.applications), ("removed", &found.removed)];
    output::line(run.say("credit-run-out", &counts))
}

/// Tells the job to stop, however the work beside it ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Looks for what has run out on a thread of its own while `work` lasts.
pub(crate) fn beside<T>(register: &Register, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| credit::run(register, EVERY, || stop.load(Ordering::Relaxed)));
        let _stop = Stop(&stop);
        work()
    })
}
