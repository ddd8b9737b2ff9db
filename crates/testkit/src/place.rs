//! An empty place for a register, on either database.

use std::path::Path;

use seloste_store::Settings;
use tempfile::TempDir;

use crate::{or_fail, postgres};

/// An empty data directory and, for PostgreSQL, an empty database. The directory goes with the value.
#[derive(Debug)]
pub struct TestPlace {
    data: TempDir,
    database: Option<String>,
}

impl TestPlace {
    /// SQLite in the data directory.
    #[must_use]
    pub fn sqlite() -> Self {
        Self { data: or_fail(tempfile::tempdir()), database: None }
    }

    /// A new database on the tests' PostgreSQL server.
    #[must_use]
    pub fn postgres() -> Self {
        Self { data: or_fail(tempfile::tempdir()), database: Some(postgres::fresh_database()) }
    }

    /// An empty database that the test made itself.
    #[must_use]
    pub fn on(database: String) -> Self {
        Self { data: or_fail(tempfile::tempdir()), database: Some(database) }
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The database's URL, when it is PostgreSQL.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// How a register is opened here.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings::new(self.data(), self.database())
    }
}

/// Runs a story on SQLite and then on PostgreSQL, each empty. What fails names its database.
#[track_caller]
pub fn each_database(story: impl Fn(TestPlace)) {
    eprintln!("-- on SQLite");
    story(TestPlace::sqlite());
    eprintln!("-- on PostgreSQL");
    story(TestPlace::postgres());
}
