//! The log while it grows: verifying does not take a commit that comes in between for tampering.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use seloste_ops::{log, person};
use seloste_store::log::verify::Report;
use seloste_testkit::{TestRegister, each_database, samples};

#[test]
fn a_log_that_grows_while_it_is_verified_is_sound() {
    each_database(|place| {
        let register = TestRegister::create(place);
        let (operator, source) = (TestRegister::operator(), TestRegister::source());
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let work = |thread: usize| {
                let (register, operator, source, stop) = (&register, &operator, &source, &stop);
                scope.spawn(move || {
                    for number in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        person::create(register, operator, &samples::person(thread * 10_000 + number), source).unwrap();
                    }
                })
            };
            let working: Vec<_> = (0..4).map(work).collect();
            let (mut reports, begun) = (Vec::<Report>::new(), Instant::now());
            while reports.len() < 20 || reports.last().unwrap().events < reports[0].events + 300 {
                assert!(begun.elapsed() < Duration::from_secs(60), "the log does not grow");
                register.db().index_log().unwrap();
                reports.push(log::verify(&register, &operator, None).unwrap());
            }
            stop.store(true, Ordering::Relaxed);
            working.into_iter().for_each(|thread| thread.join().unwrap());
            assert!(reports.iter().all(|report| report.is_sound()), "{:?}", reports.iter().find(|r| !r.is_sound()));
        });
    });
}
