//! A throw-away PostgreSQL for tests: a folder of its own below `/tmp`, a Unix socket and no TCP port.
//!
//! Under nextest each test is a process, and a server for each would cost more than the test: `cargo xtask test` starts
//! one (`with-postgres`) and names it in `SELOSTE_TEST_POSTGRES`. A plain `cargo test` starts one for each process.

use std::io::{BufRead, BufReader, Error, Read, Result};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::or_fail;

/// Names the server to use: a URL of one of its databases, whose user may create others.
pub const URL_VARIABLE: &str = "SELOSTE_TEST_POSTGRES";

/// When this is set, a server that is started writes to the disk in earnest, as tests of crashes need.
pub const DURABLE_VARIABLE: &str = "SELOSTE_TEST_POSTGRES_DURABLE";

/// Whether the server waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It does not: quick, and enough when only its clients die.
    Off,
    /// It does, as in production.
    On,
}

/// A PostgreSQL server.
#[derive(Debug)]
pub struct Server {
    url: String,
    /// The shell that stops the server when its standard input ends; none when the server is somebody else's.
    guard: Option<Child>,
}

impl Server {
    /// Starts a server that ends with the value, and with this process however that ends.
    ///
    /// # Errors
    /// PostgreSQL is not installed or does not start; the message says why.
    pub fn start(durability: Durability) -> Result<Self> {
        let mut guard = guard(&[if durability == Durability::On { "on" } else { "off" }])?;
        let dir = socket(&mut guard)?;
        Ok(Self { url: format!("postgres:///postgres?host={dir}&user=postgres"), guard: Some(guard) })
    }

    /// Starts a server that is reached by TLS on `localhost`; the file has its certificate and its key.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_with_tls(pem: &Path) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut guard = guard(&["off", &pem.display().to_string(), &port.to_string()])?;
        socket(&mut guard)?;
        Ok(Self { url: format!("postgres://postgres@localhost:{port}/postgres"), guard: Some(guard) })
    }

    /// The server that the environment names, else one of our own.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn from_environment() -> Result<Self> {
        match std::env::var(URL_VARIABLE) {
            Ok(url) if !url.is_empty() => Ok(Self { url, guard: None }),
            _ if std::env::var_os(DURABLE_VARIABLE).is_some() => Self::start(Durability::On),
            _ => Self::start(Durability::Off),
        }
    }

    /// The URL of a database in which others can be created.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Creates an empty database and returns its URL.
    ///
    /// # Errors
    /// The server does not answer or refuses.
    pub fn create_database(&self) -> Result<String> {
        let name = format!("seloste_{}_{:016x}", std::process::id(), rand::random::<u64>());
        let url = self.url.clone();
        let statement = format!("CREATE DATABASE {name} TEMPLATE template0");
        // In a thread of its own, because the blocking client panics inside an asynchronous test.
        let created =
            std::thread::spawn(move || postgres::Client::connect(&url, postgres::NoTls)?.batch_execute(&statement))
                .join();
        match created {
            Ok(Ok(())) => Ok(with_database(&self.url, &name)),
            Ok(Err(e)) => Err(Error::other(e)),
            Err(_) => Err(Error::other("the PostgreSQL client panicked")),
        }
    }
}

/// The shell that starts the server and stops it.
fn guard(arguments: &[&str]) -> Result<Child> {
    Command::new("sh")
        .args(["-c", include_str!("postgres.sh"), "throw-away-postgres"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Its own group, so that a Ctrl-C at the terminal reaches it only through us.
        .process_group(0)
        .spawn()
}

/// The folder of the server's socket, when it answers.
fn socket(guard: &mut Child) -> Result<String> {
    let mut dir = String::new();
    if let Some(stdout) = guard.stdout.take() {
        BufReader::new(stdout).read_line(&mut dir)?;
    }
    if dir.trim().is_empty() {
        let mut reason = String::new();
        if let Some(mut stderr) = guard.stderr.take() {
            stderr.read_to_string(&mut reason)?;
        }
        guard.wait()?;
        return Err(Error::other(format!("no PostgreSQL for the tests: {}", reason.trim())));
    }
    Ok(dir.trim().to_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            // A guard that can not be waited for stops the server all the same.
            let _ = guard.wait();
        }
    }
}

/// The server of this process, started at the first call.
///
/// # Panics
/// There is none: a test that needs PostgreSQL has failed then, it is not skipped.
#[must_use]
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    // A static is never dropped; the guard's standard input ends with the process.
    SERVER.get_or_init(|| or_fail(Server::from_environment()))
}

/// Creates an empty database on [`server`] and returns its URL.
///
/// # Panics
/// The server is not there or refuses.
#[must_use]
pub fn fresh_database() -> String {
    or_fail(server().create_database())
}

/// The same server's URL with another database.
fn with_database(url: &str, name: &str) -> String {
    let (rest, query) = url.split_once('?').map_or((url, String::new()), |(rest, query)| (rest, format!("?{query}")));
    let after_scheme = rest.find("://").map_or(0, |at| at + 3);
    let end = rest[after_scheme..].find('/').map_or(rest.len(), |at| after_scheme + at);
    format!("{}/{name}{query}", &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            ("postgres:///postgres?host=/tmp/a&user=postgres", "postgres:///new?host=/tmp/a&user=postgres"),
            ("postgresql://user:secret@localhost:5433/old", "postgresql://user:secret@localhost:5433/new"),
            ("postgres://localhost", "postgres://localhost/new"),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
