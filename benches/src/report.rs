//! The table that is printed at the end.

/// One line of the table.
struct Line {
    what: String,
    figure: String,
    ratio: Option<f64>,
    goal: &'static str,
}

/// All figures of a run.
pub(crate) struct Report {
    title: String,
    lines: Vec<Line>,
}

impl Report {
    pub(crate) const fn new(title: String) -> Self {
        Self { title, lines: Vec::new() }
    }

    /// A figure by itself.
    pub(crate) fn figure(&mut self, what: impl Into<String>, figure: impl Into<String>, goal: &'static str) {
        self.add(Line { what: what.into(), figure: figure.into(), ratio: None, goal });
    }

    /// A figure with its ratio to a limit of the same run.
    pub(crate) fn ratio(&mut self, what: impl Into<String>, figure: impl Into<String>, ratio: f64, goal: &'static str) {
        self.add(Line { what: what.into(), figure: figure.into(), ratio: Some(ratio), goal });
    }

    fn add(&mut self, line: Line) {
        show(&line);
        self.lines.push(line);
    }

    #[expect(clippy::print_stdout, reason = "the table is what this program is for")]
    pub(crate) fn print(&self) {
        println!("\n{}\n", self.title);
        println!("| what | figure | ratio | goal |\n| --- | --- | --- | --- |");
        for line in &self.lines {
            let ratio = line.ratio.map(|r| format!("{r:.2}")).unwrap_or_default();
            println!("| {} | {} | {ratio} | {} |", line.what, line.figure, line.goal);
        }
    }
}

#[expect(clippy::print_stdout, reason = "progress of a run that takes minutes")]
fn show(line: &Line) {
    let ratio = line.ratio.map(|r| format!("  ratio {r:.2}")).unwrap_or_default();
    println!("{:<58} {:>22}{ratio}  {}", line.what, line.figure, line.goal);
}

/// `12,345/s`.
pub(crate) fn per_second(count: usize, seconds: f64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
    let rate = count as f64 / seconds;
    format!("{rate:.0}/s")
}

/// The value below which `share` of the sorted times lie, in milliseconds.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
    let place = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(place).copied().unwrap_or(0.0)
}
