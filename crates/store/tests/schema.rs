//! One schema on both databases, ready to be spread over several machines, and statements that keep to a register.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seloste_testkit::program::checkout;
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister};

/// What a table is made of, in words that are the same for both databases.
type Schema = BTreeMap<String, Vec<String>>;

#[test]
fn both_databases_end_in_the_same_schema() {
    let (sqlite, postgres) = (TestRegister::sqlite(), TestRegister::create(TestPlace::postgres()));
    let sqlite = sqlite_schema(&mut Raw::open(&sqlite.db().settings().place));
    let postgres = postgres_schema(&mut Raw::open(&postgres.db().settings().place));
    assert!(sqlite.len() > 15, "{sqlite:?}");
    for (table, parts) in &sqlite {
        assert_eq!(Some(parts), postgres.get(table), "table {table}");
    }
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
}

fn sqlite_schema(raw: &mut Raw) -> Schema {
    let mut schema = Schema::new();
    for table in raw.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'table'") {
        let [name, sql] = table.try_into().unwrap();
        let mut parts = vec![format!("{} checks", sql.matches("CHECK (").count())];
        let mut key = Vec::new();
        for column in raw.rows(&format!("SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}')")) {
            // Of bytes SQLite has one type: ids are named so.
            let kind = match column[1].as_str() {
                "BLOB" if column[0].ends_with("_id") => "id",
                "BLOB" => "bytes",
                "INTEGER" => "integer",
                "TEXT" => "text",
                other => other,
            };
            let null = if column[2] == "1" { "not null" } else { "null" };
            parts.push(format!("column {} {kind} {null}", column[0]));
            if column[3] != "0" {
                key.push((column[3].parse::<u32>().unwrap(), column[0].clone()));
            }
        }
        key.sort();
        let key: Vec<_> = key.into_iter().map(|(_, column)| column).collect();
        parts.push(format!("primary key {}", key.join(", ")));
        parts.extend(sqlite_foreign_keys(raw, &name));
        parts.extend(sqlite_indexes(raw, &name));
        parts.sort();
        schema.insert(name, parts);
    }
    schema
}

fn sqlite_foreign_keys(raw: &mut Raw, table: &str) -> Vec<String> {
    let mut keys: BTreeMap<String, (String, Vec<String>, Vec<String>)> = BTreeMap::new();
    let sql = "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list";
    for row in raw.rows(&format!("{sql}('{table}') ORDER BY id, seq")) {
        let key = keys.entry(row[0].clone()).or_insert_with(|| (row[1].clone(), Vec::new(), Vec::new()));
        key.1.push(row[2].clone());
        key.2.push(row[3].clone());
    }
    let words = |(to, from, columns): (String, Vec<String>, Vec<String>)| {
        format!("foreign key {} to {to} {}", from.join(", "), columns.join(", "))
    };
    keys.into_values().map(words).collect()
}

fn sqlite_indexes(raw: &mut Raw, table: &str) -> Vec<String> {
    let mut found = Vec::new();
    let sql = format!("SELECT name, \"unique\", origin FROM pragma_index_list('{table}') WHERE origin <> 'pk'");
    for index in raw.rows(&sql) {
        let columns = raw.rows(&format!("SELECT name FROM pragma_index_info('{}') ORDER BY seqno", index[0]));
        let columns: Vec<_> = columns.into_iter().map(|mut row| row.remove(0)).collect();
        let columns = columns.join(", ");
        if index[2] == "u" {
            found.push(format!("unique {columns}"));
            continue;
        }
        let definition = raw.rows(&format!("SELECT sql FROM sqlite_schema WHERE name = '{}'", index[0])).remove(0);
        let only = definition[0].split_once(" WHERE ").map_or("", |(_, only)| only);
        found.push(format!("index {} unique {} ({columns}) where {only}", index[0], index[1]));
    }
    found
}

fn postgres_schema(raw: &mut Raw) -> Schema {
    let mut schema = Schema::new();
    for table in raw.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    {
        let name = &table[0];
        let checks =
            format!("SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND conrelid = '{name}'::regclass");
        let mut parts = vec![format!("{} checks", raw.rows(&checks)[0][0])];
        let columns = "SELECT attname, CASE format_type(atttypid, atttypmod) WHEN 'uuid' THEN 'id' WHEN 'bytea' THEN \
                       'bytes' WHEN 'bigint' THEN 'integer' ELSE format_type(atttypid, atttypmod) END, \
                       CASE WHEN attnotnull THEN 'not null' ELSE 'null' END FROM pg_attribute \
                       WHERE attnum > 0 AND NOT attisdropped";
        for row in raw.rows(&format!("{columns} AND attrelid = '{name}'::regclass")) {
            parts.push(format!("column {} {} {}", row[0], row[1], row[2]));
        }
        parts.extend(postgres_constraints(raw, name));
        let indexes = "SELECT c.relname, i.indisunique::int, pg_get_indexdef(c.oid), \
                       coalesce(pg_get_expr(i.indpred, i.indrelid), '') FROM pg_index i \
                       JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT EXISTS \
                       (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u'))";
        for row in raw.rows(&format!("{indexes} AND i.indrelid = '{name}'::regclass")) {
            let columns = row[2].split_once(" USING btree (").unwrap().1.split_once(')').unwrap().0;
            let only = row[3].trim_start_matches('(').trim_end_matches(')');
            parts.push(format!("index {} unique {} ({columns}) where {only}", row[0], row[1]));
        }
        parts.sort();
        schema.insert(name.clone(), parts);
    }
    schema
}

fn postgres_constraints(raw: &mut Raw, table: &str) -> Vec<String> {
    let sql = "SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('p', 'u', 'f')";
    let mut found = Vec::new();
    for row in raw.rows(&format!("{sql} AND conrelid = '{table}'::regclass")) {
        let mut lists = row[1].split(['(', ')']).map(str::trim);
        let (_, columns) = (lists.next(), lists.next().unwrap());
        found.push(match row[0].as_str() {
            "p" => format!("primary key {columns}"),
            "u" => format!("unique {columns}"),
            _ => {
                let to = lists.next().unwrap().trim_start_matches("REFERENCES ").to_owned();
                format!("foreign key {columns} to {to} {}", lists.next().unwrap())
            }
        });
    }
    found
}

#[test]
fn nothing_in_the_schema_keeps_registers_from_being_spread() {
    let register = TestRegister::create(TestPlace::postgres());
    let mut raw = Raw::open(&register.db().settings().place);
    let mut scripts = vec![checkout().join("tools/portability.sql")];
    match shared().map(|shared| shared.join("tools/portability.sql")).filter(|script| script.exists()) {
        Some(script) => scripts.push(script),
        None => println!("skipped: there is no shared portability.sql beside the checkout"),
    }
    for script in scripts {
        let sql = std::fs::read_to_string(&script).unwrap();
        assert_eq!(raw.rows(&sql), Vec::<Vec<String>>::new(), "{}", script.display());
    }
}

#[test]
fn what_is_in_the_way_of_spreading_is_named() {
    let cases = [
        ("CREATE TABLE town (town_id BIGINT PRIMARY KEY)", "has no register_id"),
        ("CREATE TABLE t (register_id UUID NOT NULL)", "has no primary key"),
        ("CREATE TABLE t (register_id UUID NOT NULL, a BIGINT, PRIMARY KEY (a, register_id))", "does not begin with"),
        (
            "CREATE TABLE t (register_id UUID NOT NULL, a BIGINT UNIQUE, PRIMARY KEY (register_id, a))",
            "leaves register",
        ),
        ("CREATE TABLE t (register_id UUID PRIMARY KEY, a MONEY)", "type money"),
        ("CREATE TABLE t (register_id UUID PRIMARY KEY, a BIGSERIAL)", "filled in by the database"),
        ("CREATE TABLE t (register_id UUID PRIMARY KEY REFERENCES register ON DELETE CASCADE)", "acts by itself"),
        ("CREATE TABLE t (register_id UUID PRIMARY KEY REFERENCES register DEFERRABLE)", "can be deferred"),
        (
            "CREATE TABLE a (register_id UUID, b UUID, PRIMARY KEY (register_id, b)); \
          CREATE TABLE t (register_id UUID NOT NULL, c UUID, PRIMARY KEY (register_id, c), \
          FOREIGN KEY (c, register_id) REFERENCES a)",
            "foreign key t_c_register_id_fkey leaves register_id out",
        ),
        ("CREATE VIEW v AS SELECT * FROM register", "is not a plain table"),
        ("CREATE UNLOGGED TABLE t (register_id UUID PRIMARY KEY)", "is not written to the log"),
        ("CREATE FUNCTION f() RETURNS BIGINT LANGUAGE sql AS 'SELECT 1::BIGINT'", "is a function"),
    ];
    let register = TestRegister::create(TestPlace::postgres());
    let mut raw = Raw::open(&register.db().settings().place);
    let script = std::fs::read_to_string(checkout().join("tools/portability.sql")).unwrap();
    for (statement, expected) in cases {
        raw.run(&format!("BEGIN; {statement}"));
        let found = raw.rows(&script);
        raw.run("ROLLBACK");
        assert!(found.iter().any(|row| row[1].contains(expected)), "{statement}: {found:?}");
    }
}

/// The folder with what several projects share, when the machine has it.
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("SELOSTE_SHARED").map(PathBuf::from);
    named.or_else(|| Some(checkout().join("../shared"))).filter(|shared| shared.is_dir())
}

#[test]
fn every_statement_in_the_sources_names_the_register() {
    let mut statements = Vec::new();
    for file in sources(&checkout().join("crates/store/src")) {
        statements
            .extend(literals(&std::fs::read_to_string(file).unwrap()).into_iter().filter(|text| is_statement(text)));
    }
    assert!(statements.len() > 80, "only {} statements were found", statements.len());
    let loose: Vec<_> = statements.iter().filter(|sql| !sql.contains("register_id")).collect();
    // The schema's own catalogue belongs to no register.
    let (catalogue, loose): (Vec<_>, Vec<_>) = loose
        .into_iter()
        .partition(|sql| ["sqlite_schema", "to_regclass", "pg_class"].iter().any(|name| sql.contains(name)));
    assert!(loose.is_empty(), "{loose:#?}");
    assert_eq!(catalogue.len(), 3, "{catalogue:?}");
}

fn is_statement(text: &str) -> bool {
    ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "].iter().any(|verb| text.trim_start().starts_with(verb))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The string literals of a Rust source, as they stand between their quotation marks.
fn literals(source: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), source);
    while let Some(at) = rest.find(['"', '\'', '/']) {
        rest = &rest[at..];
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
            rest = &rest[3..];
        } else if let Some(text) = rest.strip_prefix('"') {
            let mut end = 0;
            while !text[end..].starts_with('"') {
                let step = usize::from(text[end..].starts_with('\\'));
                end += step;
                end += text[end..].chars().next().map_or(1, char::len_utf8);
            }
            found.push(text[..end].to_owned());
            rest = &text[end + 1..];
        } else {
            rest = &rest[1..];
        }
    }
    found
}
