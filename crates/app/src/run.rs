//! One run of the program: its options, its language, who runs it, and the register it opens.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use seloste_domain::usage::Actor;
use seloste_ops::{Env, Register, Settings};

use crate::arguments::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::text::Text;

/// The data directory when none is named.
pub(crate) const DATA: &str = "seloste-data";

/// One run of the program.
pub(crate) struct Run {
    common: Common,
    text: Text,
}

impl Run {
    pub(crate) fn new(common: Common) -> Self {
        let text = Text::new(common.lang);
        Self { common, text }
    }

    pub(crate) const fn text(&self) -> &Text {
        &self.text
    }

    pub(crate) fn say(&self, key: &str, args: &[(&str, &dyn std::fmt::Display)]) -> String {
        self.text.say(key, args)
    }

    pub(crate) const fn json(&self) -> bool {
        self.common.json
    }

    /// The data directory, or `otherwise` when none is named.
    pub(crate) fn data(&self, otherwise: &str) -> PathBuf {
        self.common.data.clone().unwrap_or_else(|| PathBuf::from(otherwise))
    }

    /// How the register of a data directory is opened. Commands that do not search do without the index.
    pub(crate) fn settings(&self, data: &Path, search: bool) -> Settings {
        let settings = Settings::new(data, self.common.database.as_deref());
        Settings { key: self.common.key.clone(), search, ..settings }
    }

    /// Opens the register.
    pub(crate) fn open(&self, search: bool) -> Outcome<Register> {
        Ok(Register::open(self.settings(&self.data(DATA), search), Env::system())?)
    }

    /// Opens the register, does `work` with it and closes it.
    pub(crate) fn with<T>(&self, search: bool, work: impl FnOnce(&Register, &Actor) -> Outcome<T>) -> Outcome<T> {
        let register = self.open(search)?;
        let done = work(&register, &operator());
        register.close();
        done
    }

    /// A password from the terminal, which does not show it, or the first line of standard input.
    pub(crate) fn password(&self, login: &str) -> Outcome<String> {
        if std::io::stdin().is_terminal() {
            output::note(self.say("password-for", &[("login", &login)]));
            return Ok(console::Term::stderr().read_secure_line()?);
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &Path) -> Outcome<String> {
        let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
        String::from_utf8(bytes).map_err(|_| Failure::Said("not-utf8", path.display().to_string()))
    }
}

/// The person at the command line, by the operating system's login name.
pub(crate) fn operator() -> Actor {
    Actor::Operator(login_name().unwrap_or_else(|| "unknown".to_owned()))
}

/// The name of the account that the process runs under; the environment is asked only when the system does not say.
fn login_name() -> Option<String> {
    let by_system = || {
        let uid = owner_of_process()?.to_string();
        let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
        let found = accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)? == uid).then(|| name.to_owned())
        });
        found.or(Some(format!("uid-{uid}")))
    };
    let by_environment = || ["LOGNAME", "USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name = by_system().or_else(by_environment)?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(unix)]
fn owner_of_process() -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").ok().map(|process| process.uid())
}

#[cfg(not(unix))]
const fn owner_of_process() -> Option<u32> {
    None
}
