//! Goal 2: a full change (row, sealed history, search, log) in group commit against one by one.

use anyhow::Result;
use seloste_domain::history::PartyChange;
use seloste_domain::rights::Action;
use seloste_store::Access as _;
use seloste_store::party::{self, Noun, Update};

use crate::limit::{Limits, timed_each};
use crate::people::Bench;
use crate::report::{Report, percentile};

pub(crate) fn measure(bench: &Bench, limits: &Limits, seconds: f64, report: &mut Report) -> Result<()> {
    let usage = bench.usage(Action::PersonChange)?;
    let people = bench.ids.len();
    let one = |thread: usize, round: usize| {
        let id = bench.ids[(thread * 7919 + round * 48271) % people];
        bench.register.db().write(&usage, move |w| {
            let person = seloste_store::person::get(w, seloste_domain::id::PersonId(id.0))?;
            let mut added = person.values.clone();
            added.truncate(2);
            let removed = added.clone();
            let now = w.usage().at();
            for value in &mut added {
                value.id = seloste_domain::id::ValueId(w.env().id());
                value.entered_at = now;
            }
            let change = PartyChange { added, removed, ..PartyChange::default() };
            party::update(w, &Update { id, noun: Noun::Person, expected: person.version, change })
        })?;
        Ok(())
    };
    let (single, _) = timed_each(1, seconds, one)?;
    report.ratio("full change, 1 client (to raw commits)", format!("{single:.0}/s"), single / limits.commits, "");
    for (clients, goal) in [(64, ">= 15"), (256, ">= 25")] {
        let (rate, times) = timed_each(clients, seconds, one)?;
        report.ratio(
            format!("full change, {clients} clients (to 1 client)"),
            format!("{rate:.0}/s"),
            rate / single,
            goal,
        );
        report.figure(
            format!("full change, {clients} clients, p99"),
            format!("{:.1} ms", percentile(&times, 0.99)),
            "",
        );
    }
    Ok(())
}
