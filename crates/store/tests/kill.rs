//! `kill -9` while 64 threads read and write: what was acknowledged is there with its log entry, and nothing is half
//! there. The same register is killed again and again, so that each recovery begins from the last one.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails here has failed")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use seloste_testkit::TestPlace;
use seloste_testkit::program::{example, output_of};

const KILLS: u64 = 20;
const THREADS: &str = "64";

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    kill_again_and_again(&TestPlace::sqlite());
}

#[test]
fn nothing_acknowledged_is_lost_on_postgresql() {
    kill_again_and_again(&TestPlace::postgres());
}

fn kill_again_and_again(place: &TestPlace) {
    let workload = example("seloste-store", "workload");
    let (data, acked) = (place.data().join("register"), place.data().join("acked"));
    let mut rng = StdRng::seed_from_u64(9);
    let mut before = 0;
    for round in 0..KILLS {
        let mut child = Command::new(&workload)
            .arg("run")
            .arg(&data)
            .args([&round.to_string(), THREADS, "0", "full"])
            .arg(&acked)
            .args(place.database())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        wait_until_longer(&acked, before, &mut child);
        std::thread::sleep(Duration::from_millis(rng.random_range(0..400)));
        assert!(child.try_wait().unwrap().is_none(), "round {round}: it ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        before = length(&acked);
        let mut check = Command::new(&workload);
        check.arg("check").arg(&data).arg(&acked).args(place.database());
        println!("round {round}: {}", output_of(&mut check).trim());
    }
}

fn length(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
}

/// Waits until the child has acknowledged something of its own.
fn wait_until_longer(acked: &Path, before: u64, child: &mut std::process::Child) {
    let begun = Instant::now();
    while length(acked) == before {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it acknowledged anything");
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was acknowledged within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}
