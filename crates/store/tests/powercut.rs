//! A power cut at a thousand moments under each of three models of what had reached the disk: nothing that was
//! acknowledged is lost. `tools/powercut` records what our own writer does to its files and replays it.
#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

use seloste_testkit::program::{checkout, example, output_of};

/// Every key that `workload` can have acknowledged, from the database.
const KEYS: &str = "SELECT 'log ' || json_extract(e.value, '$.actor') || ' ' || json_extract(e.value, '$.action') \
                    || ' ' || json_extract(e.value, '$.subjects[0]') \
                    FROM log_block, json_each('[' || replace(rtrim(events, char(10)), char(10), ',') || ']') AS e \
                    WHERE json_extract(e.value, '$.subjects[0]') IS NOT NULL \
                    UNION ALL SELECT 'value ' || text FROM party_value";

struct Recording {
    dir: tempfile::TempDir,
}

impl Recording {
    fn of(durability: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let recorder = dir.path().join("recorder.so");
        let flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o"];
        let source = tools().join("recorder.c");
        output_of(Command::new("gcc").args(flags).arg(&recorder).arg(source).args(["-ldl", "-lpthread"]));
        let recording = Self { dir };
        std::fs::create_dir(recording.data()).unwrap();
        std::fs::write(recording.acked(), "").unwrap();
        let mut workload = Command::new(example("seloste-store", "workload"));
        workload.arg("run").arg(recording.data()).args(["0", "6", "20", durability]).arg(recording.acked());
        workload.env("LD_PRELOAD", recorder);
        workload.env("POWERCUT_DIR", recording.data());
        workload.env("POWERCUT_LOG", recording.log());
        workload.env("POWERCUT_ACK", recording.acked());
        output_of(&mut workload);
        recording
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("register")
    }

    fn acked(&self) -> PathBuf {
        self.dir.path().join("acked")
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    fn replay(&self, options: &[&str]) -> String {
        let mut replay = Command::new("python3");
        replay.arg("-B").arg(tools().join("replay.py")).arg(self.log()).arg(self.data()).args(options);
        output_of(&mut replay)
    }
}

fn tools() -> PathBuf {
    checkout().join("tools/powercut")
}

#[test]
fn no_power_cut_loses_what_was_acknowledged() {
    let recording = Recording::of("full");
    let figures = recording.replay(&["--points", "1000", "--sqlite", "seloste.db", KEYS]);
    print!("{figures}");
    assert_eq!(figures.matches("points=1000 ").count(), 3, "{figures}");
    // The program itself opens what the cut left, verifies the log and finds every change whole.
    let workload = example("seloste-store", "workload");
    let check = format!("{} check {{dir}} {{acked}}", quoted(&workload));
    print!("{}", recording.replay(&["--points", "30", "--seed", "2", "--check", &check]));
}

/// The negative control: a writer that does not wait for the disk is caught, so the test above is not blind.
#[test]
fn a_writer_that_does_not_wait_for_the_disk_is_caught() {
    let recording = Recording::of("normal");
    let query = ["--points", "100", "--expect-loss", "--sqlite", "seloste.db", KEYS];
    print!("{}", recording.replay(&query));
}

/// As a shell would read it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}
