//! Goal 3: search as one types, ranked and audited.

use std::time::Instant;

use anyhow::Result;
use seloste_ops::search::{NounSet, find};
use seloste_ops::{Env, Register};

use crate::people::{self, Bench};
use crate::report::{Report, percentile};

const ROUNDS: usize = 400;

pub(crate) fn measure(bench: &mut Bench, report: &mut Report) -> Result<()> {
    let people = bench.ids.len();
    bench.register.close();
    let start = Instant::now();
    bench.register = Register::open(bench.settings.clone(), Env::system())?;
    run(bench, "koskitalo")?;
    report.figure("start to the first search", format!("{:.1} s", start.elapsed().as_secs_f64()), "");
    let (bytes, entries) = seloste_store::search::size(bench.register.db());
    report.figure("search index, bytes an entry", format!("{}", bytes / entries.max(1)), "");
    let mut all = Vec::new();
    for (what, query) in kinds() {
        let mut times = Vec::with_capacity(ROUNDS);
        for round in 0..ROUNDS {
            let text = query((round * 48271) % people);
            let start = Instant::now();
            run(bench, &text)?;
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        let figure = format!("{:.2} / {:.2} ms", percentile(&times, 0.5), percentile(&times, 0.99));
        report.figure(format!("search p50/p99: {what}"), figure, "1 / 10 ms");
        all.extend(times);
    }
    all.sort_by(f64::total_cmp);
    let figure = format!("{:.2} / {:.2} ms", percentile(&all, 0.5), percentile(&all, 0.99));
    report.figure("search p50/p99: every kind of keystroke, audited, first 20", figure, "1 / 10 ms");
    Ok(())
}

type Keystroke = (&'static str, fn(usize) -> String);

fn kinds() -> Vec<Keystroke> {
    vec![
        ("one letter of a name", |n| people::name(n).1.chars().take(1).collect()),
        ("three letters of a name", |n| people::name(n).1.chars().take(3).collect()),
        ("a family name", |n| people::name(n).1),
        ("given and family name", |n| format!("{} {}", people::name(n).0, people::name(n).1)),
        ("family name and two letters of a town", |n| format!("{} ou", people::name(n).1)),
        ("a telephone number", people::telephone),
        ("an e-mail address", |n| format!("asiakas{n}@example.com")),
        ("a town", |_| "Helsinki".into()),
        ("one typing error", |n| with_error(&people::name(n).1)),
    ]
}

fn with_error(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() > 3 {
        letters.swap(2, 3);
    }
    letters.into_iter().collect()
}

fn run(bench: &Bench, text: &str) -> Result<()> {
    std::hint::black_box(find(&bench.register, &people::actor(), text, NounSet::ALL, 20)?);
    Ok(())
}
