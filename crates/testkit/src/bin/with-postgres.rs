//! `with-postgres COMMAND...` runs a command beside a throw-away PostgreSQL, whose URL it finds in the environment.

use std::process::{Command, ExitCode};

use seloste_testkit::postgres::{Server, URL_VARIABLE};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: with-postgres COMMAND...");
        return ExitCode::from(2);
    };
    let status = Server::from_environment()
        .and_then(|server| Command::new(&program).args(words).env(URL_VARIABLE, server.url()).status());
    match status {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(e) => {
            eprintln!("with-postgres: {}: {e}", program.display());
            ExitCode::FAILURE
        }
    }
}
