//! Telling partners, beside the server.

use std::sync::atomic::{AtomicBool, Ordering};

use seloste_ops::Register;
use seloste_ops::company_register::Fetcher;
use seloste_ops::webhook;

/// Tells the runner to stop, however the work beside it ends.
struct Stop<'a>(&'a AtomicBool, std::thread::Thread);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.unpark();
    }
}

/// Tells partners on a thread of its own while `work` lasts; what is being sent then is still sent and marked.
pub(crate) fn beside<T>(register: &Register, fetcher: &Fetcher, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| webhook::run(register, fetcher, &stop));
        let _stop = Stop(&stop, runner.thread().clone());
        work()
    })
}
