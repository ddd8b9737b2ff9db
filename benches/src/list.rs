//! Pages of the list of people: the first, one in the middle, other orders, and filters that few and that none match.

use std::time::Instant;

use anyhow::{Context as _, Result};
use seloste_domain::kind::Kind;
use seloste_domain::list::{ListOf, ListQuery, Sort};
use seloste_domain::tag::TagNames;
use seloste_ops::list::{List, Position};
use seloste_ops::{person, tag};
use uuid::Uuid;

use crate::people::{Bench, actor};
use crate::report::{Report, percentile};

/// Rows of a page, as on the web.
const ROWS: usize = 50;
/// Times that each page is asked for.
const TIMES: usize = 100;
/// People who have the tag.
const TAGGED: usize = 20;

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let whole = ListQuery::whole(ListOf::People);
    let by = |sort: Sort| ListQuery { sort, descending: sort.descends(), ..whole.clone() };
    let middle_name = Position { key: seloste_domain::collation::sort_key("M"), id: Uuid::nil(), backwards: false };
    let mut ids: Vec<Uuid> = bench.ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    let middle_id = ids.get(ids.len() / 2).copied().context("somebody in the middle")?;
    let middle_added = Position { key: Vec::new(), id: middle_id, backwards: false };
    let rare = tagged(bench)?;
    let cases = [
        ("list, first page by name", whole.clone(), None),
        ("list, a page in the middle by name", whole.clone(), Some(middle_name)),
        ("list, first page by last change", by(Sort::Changed), None),
        ("list, a page in the middle by time of adding", by(Sort::Created), Some(middle_added)),
        ("list, filtered by a town of one in eight", ListQuery { town: Some("Turku".into()), ..whole.clone() }, None),
        ("list, filtered by a tag that 20 have", ListQuery { tag: Some(rare), ..whole.clone() }, None),
        (
            "list, filtered by a town that nobody lives in",
            ListQuery { town: Some("Utsjoki".into()), ..whole.clone() },
            None,
        ),
        // No index helps: the page says how far it came.
        (
            "list, filtered by what nobody lacks",
            ListQuery { lacks: std::iter::once(Kind::CustomerNumber).collect(), ..whole },
            None,
        ),
    ];
    for (what, query, from) in cases {
        let list = List { query, only: None, from, limit: ROWS };
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let start = Instant::now();
            std::hint::black_box(person::list(&bench.register, &actor(), &list)?);
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        let figure = format!("p50 {:.1} ms, p99 {:.1} ms", percentile(&times, 0.5), percentile(&times, 0.99));
        report.figure(what, figure, "p99 <= 100 ms");
    }
    Ok(())
}

fn tagged(bench: &Bench) -> Result<seloste_domain::id::TagId> {
    let names = TagNames { fi: "Harvinainen".into(), ..TagNames::default() };
    let tag = tag::create(&bench.register, &actor(), &names)?;
    let source = bench.register.notice()?.sources().first().context("a source")?.id.clone();
    for id in bench.ids.iter().step_by((bench.ids.len() / TAGGED).max(1)).take(TAGGED) {
        tag::give(&bench.register, &actor(), ListOf::People, *id, &tag, &source)?;
    }
    Ok(tag)
}
