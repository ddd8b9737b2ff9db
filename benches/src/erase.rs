//! Goal 5: erasing people, one by one and in batches.

use std::time::Instant;

use anyhow::Result;
use seloste_domain::rights::Action;
use seloste_store::party::{self, Noun};

use crate::people::Bench;
use crate::report::{Report, per_second};

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) -> Result<()> {
    let usage = bench.usage(Action::ImportUndo)?;
    let count = (bench.ids.len() / 10).min(5_000);
    let one_by_one = bench.ids.split_off(bench.ids.len() - count);
    let batches = bench.ids.split_off(bench.ids.len() - count);
    let start = Instant::now();
    for id in one_by_one {
        bench.register.db().write(&usage, move |w| party::erase(w, Noun::Person, id))?;
    }
    report.figure("erasure, one by one", per_second(count, start.elapsed().as_secs_f64()), ">= 1,000/s");
    let start = Instant::now();
    for chunk in batches.chunks(250) {
        let chunk = chunk.to_vec();
        bench
            .register
            .db()
            .write(&usage, move |w| chunk.iter().try_for_each(|id| party::erase(w, Noun::Person, *id)))?;
    }
    report.figure("erasure, in batches", per_second(count, start.elapsed().as_secs_f64()), ">= 3,000/s");
    Ok(())
}
