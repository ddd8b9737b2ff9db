//! Ends cookie choices whose time is over, beside the server.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use seloste_ops::{Register, cookie};

/// How often it looks.
const EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Tells the job to stop, however the work beside it ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Looks for what is over on a thread of its own while `work` lasts.
pub(crate) fn beside<T>(register: &Register, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| cookie::run(register, EVERY, || stop.load(Ordering::Relaxed)));
        let _stop = Stop(&stop);
        work()
    })
}
