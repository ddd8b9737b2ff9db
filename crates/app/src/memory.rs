//! How the program asks the system for memory.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// How many arenas glibc's allocator has; what stands in the environment already is left as it is.
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Starts the program anew, in the same process, with one arena. Threads that come and go leave an arena each otherwise, with
/// what an import needed for a moment: 80 MiB of the 516 that a million customers took at most. glibc reads the number before
/// `main`, and another allocator took more.
pub(crate) fn with_one_arena() {
    if !cfg!(target_env = "gnu") || std::env::var_os(ARENAS).is_some() {
        return;
    }
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| "seloste".into());
    let Ok(program) = std::env::current_exe() else { return };
    // It returns only where it fails: the program goes on as it is, and needs more memory.
    let error = Command::new(program).arg0(name).args(arguments).env(ARENAS, "1").exec();
    tracing::warn!(%error, "the allocator's arenas could not be limited");
}
