//! What passed, failed and was skipped, read from what the test programs print.

use std::fmt;
use std::ops::AddAssign;

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The closing line of a run.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl Tally {
    /// One thing that failed.
    pub(crate) const FAILURE: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// Takes tests that passed only because they skipped what they test to the skipped ones.
    pub(crate) fn unmask_skipped(&mut self, count: u64) {
        let count = count.min(self.passed);
        self.passed -= count;
        self.skipped += count;
    }

    /// nextest's `Summary [...] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
    pub(crate) fn of_nextest(output: &[String]) -> Option<Self> {
        let line = output.iter().rev().find(|line| line.trim_start().starts_with("Summary ["))?;
        let (_, counts) = line.split_once("run: ")?;
        let mut tally = Self::default();
        for (count, word) in counted(counts) {
            match word {
                "passed" => tally.passed += count,
                "skipped" => tally.skipped += count,
                "failed" | "exec" | "timed" => tally.failed += count,
                _ => {}
            }
        }
        Some(tally)
    }

    /// cargo test's `test result: ok. 3 passed; 0 failed; 1 ignored; ...` of each test program.
    pub(crate) fn of_cargo_test(output: &[String]) -> Self {
        let mut tally = Self::default();
        for line in output.iter().filter(|line| line.starts_with("test result: ")) {
            for (count, word) in line.split([';', '.']).flat_map(counted) {
                match word {
                    "passed" => tally.passed += count,
                    "failed" => tally.failed += count,
                    "ignored" => tally.skipped += count,
                    _ => {}
                }
            }
        }
        tally
    }

    /// Python's `Ran 5 tests in 0.1s` and `FAILED (failures=1, errors=2, skipped=1)`.
    pub(crate) fn of_unittest(output: &[String]) -> Option<Self> {
        let ran: u64 =
            output.iter().rev().find_map(|line| line.strip_prefix("Ran ")?.split_whitespace().next()?.parse().ok())?;
        let result = output.iter().rev().find(|line| line.starts_with("OK") || line.starts_with("FAILED"))?;
        let number = |word: &str| -> u64 {
            let found = result.split(['(', ',', ')']).find_map(|part| part.trim().strip_prefix(word)?.parse().ok());
            found.unwrap_or(0)
        };
        let failed = number("failures=") + number("errors=") + number("unexpected successes=");
        let skipped = number("skipped=");
        Some(Self { passed: ran.saturating_sub(failed + skipped), failed, skipped })
    }

    /// A closing line like our own, as the browser tests print it.
    pub(crate) fn of_closing_line(output: &[String]) -> Option<Self> {
        let counts: Vec<_> = counted(output.iter().rev().find(|line| !line.trim().is_empty())?).collect();
        match counts.as_slice() {
            [(passed, "passed"), (failed, "failed"), (skipped, "skipped")] => {
                Some(Self { passed: *passed, failed: *failed, skipped: *skipped })
            }
            _ => None,
        }
    }
}

/// The pairs of a number and the word after it, in a list with commas.
fn counted(list: &str) -> impl Iterator<Item = (u64, &str)> {
    list.split(',').filter_map(|part| {
        let mut words = part.split_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?))
    })
}

/// Counts the test cases of a JUnit file that passed but printed `skipped: ...`, and returns those lines.
pub(crate) fn skipped_in_junit(xml: &str) -> (u64, Vec<String>) {
    let mut lines = Vec::new();
    let mut cases = 0;
    for case in xml.split("<testcase").skip(1).filter(|case| !case.contains("<failure") && !case.contains("<error")) {
        let found: Vec<_> =
            case.split(['\n', '<', '>']).filter(|text| text.starts_with("skipped: ")).map(str::to_owned).collect();
        cases += u64::from(!found.is_empty());
        lines.extend(found);
    }
    (cases, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    const fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn nextest_summaries() {
        for (text, expected) in [
            ("x\n     Summary [   0.042s] 5 tests run: 5 passed, 0 skipped", tally(5, 0, 0)),
            (
                "  Summary [ 1.2s] 7 tests run: 3 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 1 exec failed, 4 skipped\nz",
                { tally(3, 4, 4) },
            ),
            ("     Summary [   0.010s] 3/9 tests run: 2 passed, 1 failed, 0 skipped", tally(2, 1, 0)),
        ] {
            assert_eq!(Tally::of_nextest(&lines(text)), Some(expected), "{text}");
        }
        assert_eq!(Tally::of_nextest(&lines("error: could not compile")), None);
    }

    #[test]
    fn other_summaries() {
        let text = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                    test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        assert_eq!(Tally::of_cargo_test(&lines(text)), tally(5, 1, 1));
        assert_eq!(Tally::of_unittest(&lines("Ran 12 tests in 0.5s\n\nOK")), Some(tally(12, 0, 0)));
        let text = "Ran 12 tests in 0.5s\n\nFAILED (failures=1, errors=2, skipped=3)";
        assert_eq!(Tally::of_unittest(&lines(text)), Some(tally(6, 3, 3)));
        assert_eq!(Tally::of_unittest(&lines("ImportError")), None);
        assert_eq!(Tally::of_closing_line(&lines("a\n4 passed, 0 failed, 1 skipped\n")), Some(tally(4, 0, 1)));
        assert_eq!(Tally::of_closing_line(&lines("4 passed")), None);
        assert_eq!(tally(4, 0, 1).to_string(), "4 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn tests_that_skipped_themselves_are_not_counted_as_passed() {
        let xml = "<testcase name=\"a\">\n<system-out>running 1 test\nskipped: no ../shared\n</system-out></testcase>\
                   <testcase name=\"b\"><system-err>skipped: no font</system-err></testcase>\
                   <testcase name=\"c\"><failure/><system-out>skipped: x\n</system-out></testcase>\
                   <testcase name=\"d\"/>";
        let (cases, found) = skipped_in_junit(xml);
        assert_eq!((cases, found), (2, vec!["skipped: no ../shared".into(), "skipped: no font".into()]));
        let mut tally = tally(5, 0, 1);
        tally.unmask_skipped(cases);
        assert_eq!(tally.to_string(), "3 passed, 0 failed, 3 skipped");
    }
}
