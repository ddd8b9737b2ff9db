//! The tables as they lie in the database, past the store: for tests that look behind it or tamper with it.

use postgres::SimpleQueryMessage;
use rusqlite::types::ValueRef;
use seloste_store::Place;

use crate::or_fail;

/// A connection of one's own to a register's tables.
pub enum Raw {
    /// To the file.
    Sqlite(rusqlite::Connection),
    /// To the server.
    Postgres(Box<postgres::Client>),
}

impl Raw {
    /// Connects.
    ///
    /// # Panics
    /// The database is not there.
    #[must_use]
    #[track_caller]
    pub fn open(place: &Place) -> Self {
        match place {
            Place::Sqlite(path) => {
                let connection = or_fail(rusqlite::Connection::open(path));
                or_fail(connection.busy_timeout(std::time::Duration::from_secs(10)));
                Self::Sqlite(connection)
            }
            Place::Postgres(url) => Self::Postgres(Box::new(or_fail(postgres::Client::connect(url, postgres::NoTls)))),
        }
    }

    /// Runs statements.
    ///
    /// # Panics
    /// The database refuses one.
    #[track_caller]
    pub fn run(&mut self, sql: &str) {
        match self {
            Self::Sqlite(connection) => or_fail(connection.execute_batch(sql)),
            Self::Postgres(client) => or_fail(client.batch_execute(sql)),
        }
    }

    /// Whether the database refuses a statement; of one that it takes nothing stays.
    ///
    /// # Panics
    /// The database is not there any more.
    #[track_caller]
    pub fn refuses(&mut self, sql: &str) -> bool {
        self.run("BEGIN");
        let refused = match self {
            Self::Sqlite(connection) => connection.execute_batch(sql).is_err(),
            Self::Postgres(client) => client.batch_execute(sql).is_err(),
        };
        self.run("ROLLBACK");
        refused
    }

    /// The rows of a query as text: bytes and ids as hexadecimal digits, NULL as `NULL`.
    ///
    /// # Panics
    /// The database refuses the query.
    #[track_caller]
    pub fn rows(&mut self, sql: &str) -> Vec<Vec<String>> {
        match self {
            Self::Sqlite(connection) => sqlite_rows(connection, sql),
            Self::Postgres(client) => postgres_rows(client, sql),
        }
    }

    /// How this database writes bytes in a statement.
    #[must_use]
    pub fn bytes(&self, hexadecimal: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{hexadecimal}'"),
            Self::Postgres(_) => format!("'\\x{hexadecimal}'::bytea"),
        }
    }

    /// How this database writes an id in a statement.
    #[must_use]
    pub fn id(&self, hexadecimal: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{hexadecimal}'"),
            Self::Postgres(_) => format!("'{hexadecimal}'::uuid"),
        }
    }
}

/// A text as both databases write it in a statement.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[track_caller]
fn sqlite_rows(connection: &rusqlite::Connection, sql: &str) -> Vec<Vec<String>> {
    let mut statement = or_fail(connection.prepare(sql));
    let columns = statement.column_count();
    let rows = or_fail(statement.query_map([], |row| {
        (0..columns)
            .map(|column| {
                Ok(match row.get_ref(column)? {
                    ValueRef::Null => "NULL".to_owned(),
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Real(number) => number.to_string(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    ValueRef::Blob(bytes) => hex::encode(bytes),
                })
            })
            .collect()
    }));
    rows.map(or_fail).collect()
}

#[track_caller]
fn postgres_rows(client: &mut postgres::Client, sql: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for message in or_fail(client.simple_query(sql)) {
        if let SimpleQueryMessage::Row(row) = message {
            found.push((0..row.len()).map(|column| plain(row.get(column))).collect());
        }
    }
    found
}

/// PostgreSQL writes bytes as `\x12ab` and ids with hyphens.
fn plain(text: Option<&str>) -> String {
    let Some(text) = text else { return "NULL".to_owned() };
    match (text.strip_prefix("\\x"), uuid::Uuid::try_parse(text)) {
        (Some(bytes), _) => bytes.to_owned(),
        (None, Ok(id)) if text.len() == 36 => id.simple().to_string(),
        _ => text.to_owned(),
    }
}
