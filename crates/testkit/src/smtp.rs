//! A real mail server for tests: aiosmtpd in a Python of its own, on a free port of this machine. `cargo xtask test`
//! installs it into the target folder.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::or_fail;

/// How long a test waits for the server to say something.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a server is reached, and whom it knows.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// `none`, `starttls` or `implicit`; empty is none.
    pub tls: &'static str,
    /// A file with its certificate and its key.
    pub pem: Option<PathBuf>,
    /// `USER:PASSWORD`, when it wants somebody to sign in.
    pub login: Option<&'static str>,
    /// Whether it does without SMTPUTF8.
    pub only_ascii: bool,
}

/// A mail server that ends with the value.
#[derive(Debug)]
pub struct MailServer {
    child: Child,
    commands: Option<ChildStdin>,
    events: Arc<Mutex<Vec<Value>>>,
    /// The port that it listens at.
    pub port: u16,
}

impl Peer {
    /// Starts the server.
    ///
    /// # Panics
    /// Python or aiosmtpd is missing: `cargo xtask test` installs them.
    #[must_use]
    #[track_caller]
    pub fn start(&self) -> MailServer {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/smtp.py");
        let mut command = Command::new(python());
        command.arg("-B").arg(script).args(["--tls", if self.tls.is_empty() { "none" } else { self.tls }]);
        if let Some(pem) = &self.pem {
            command.arg("--pem").arg(pem);
        }
        if let Some(login) = self.login {
            command.args(["--login", login]);
        }
        if self.only_ascii {
            command.arg("--no-utf8");
        }
        let mut child = or_fail(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn());
        let events = Arc::new(Mutex::new(Vec::new()));
        if let Some(out) = child.stdout.take() {
            let told = Arc::clone(&events);
            std::thread::spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    let event = or_fail(serde_json::from_str(&line));
                    told.lock().unwrap_or_else(PoisonError::into_inner).push(event);
                }
            });
        }
        let mut server = MailServer { commands: child.stdin.take(), child, events, port: 0 };
        let port = server.next("listening")["port"].as_u64().unwrap_or_default();
        server.port = or_fail(u16::try_from(port));
        server
    }
}

impl MailServer {
    /// Makes it behave otherwise: `accept`, `rcpt-450`, `rcpt-550`, `mail-550`, `data-554`, `hang`, `cut` or
    /// `cut-after-data`.
    ///
    /// # Panics
    /// It has ended.
    #[track_caller]
    pub fn behave(&mut self, mode: &str) {
        if let Some(commands) = &mut self.commands {
            or_fail(writeln!(commands, "{mode}"));
        }
        while self.next("mode")["mode"] != mode {}
    }

    /// Takes the first event of a kind that it told of, `rcpt` or `message`, or waits for it.
    ///
    /// # Panics
    /// None comes.
    #[must_use]
    #[track_caller]
    pub fn next(&self, kind: &str) -> Value {
        let began = Instant::now();
        loop {
            if let Some(event) = self.take(kind).into_iter().next() {
                return event;
            }
            assert!(began.elapsed() < PATIENCE, "the mail server told of no {kind}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The messages that have come and were not asked for yet.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        // The server tells of a message before it answers; a moment is for the pipe.
        std::thread::sleep(Duration::from_millis(100));
        std::iter::from_fn(|| self.take("message")).collect()
    }

    fn take(&self, kind: &str) -> Option<Value> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let place = events.iter().position(|event| event["event"] == kind)?;
        Some(events.remove(place))
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.commands = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python that has aiosmtpd: in the target folder, above the one that this test was built into.
fn python() -> PathBuf {
    let test = or_fail(std::env::current_exe());
    let found = test.ancestors().map(|folder| folder.join("python/bin/python3")).find(|python| python.exists());
    or_fail(found.ok_or("aiosmtpd is missing: `cargo xtask test` installs it into the target folder"))
}
