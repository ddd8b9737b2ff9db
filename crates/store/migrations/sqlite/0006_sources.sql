-- Mappings of import columns that were saved by name. They hold names of columns, and constants that people wrote.
CREATE TABLE mapping (
    register_id BLOB NOT NULL,
    mapping_id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    noun TEXT NOT NULL,
    source_id TEXT NOT NULL,
    definition TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, mapping_id),
    UNIQUE (register_id, source_id, name_key)
) STRICT, WITHOUT ROWID;

-- Places that are read on a schedule. The secret is sealed under a key of the register's own.
CREATE TABLE feed (
    register_id BLOB NOT NULL,
    feed_id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('folder', 'http', 'company_register')),
    address TEXT NOT NULL,
    noun TEXT NOT NULL,
    source_id TEXT NOT NULL,
    company_id TEXT,
    mapping_id BLOB,
    every_minutes INTEGER NOT NULL,
    secret BLOB,
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'stopped')),
    -- Grows whenever a runner takes it: only the one that knows the number may write how it ended.
    taken INTEGER NOT NULL,
    running INTEGER NOT NULL CHECK (running IN (0, 1)),
    -- When a runner may take it: the next reading, or the end of the lease of the one that has it.
    next_at INTEGER,
    checked_at INTEGER,
    failures INTEGER NOT NULL,
    trouble TEXT,
    status TEXT,
    -- What the server said of the last content that was imported, and its hash; of the company register, where it goes on.
    etag TEXT,
    last_modified TEXT,
    last_hash TEXT,
    goes_on TEXT,
    version INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, feed_id),
    UNIQUE (register_id, name_key),
    FOREIGN KEY (register_id, mapping_id) REFERENCES mapping (register_id, mapping_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_due ON feed (register_id, next_at, feed_id) WHERE next_at IS NOT NULL;
CREATE INDEX feed_by_mapping ON feed (register_id, mapping_id) WHERE mapping_id IS NOT NULL;

-- What the runs of a feed did. Problems hold rows, columns and codes, no value of the file.
CREATE TABLE feed_run (
    register_id BLOB NOT NULL,
    feed_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('running', 'imported', 'unchanged', 'failed')),
    trouble TEXT,
    status TEXT,
    file_name TEXT,
    file_hash TEXT,
    import_id BLOB,
    rows_read INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    problems TEXT NOT NULL,
    has_error_file INTEGER NOT NULL CHECK (has_error_file IN (0, 1)),
    PRIMARY KEY (register_id, feed_id, run_id),
    FOREIGN KEY (register_id, feed_id) REFERENCES feed (register_id, feed_id)
) STRICT, WITHOUT ROWID;

-- Contents that a feed has read: the same content twice changes nothing.
CREATE TABLE feed_seen (
    register_id BLOB NOT NULL,
    feed_id BLOB NOT NULL,
    file_hash TEXT NOT NULL,
    imported INTEGER NOT NULL CHECK (imported IN (0, 1)),
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, feed_id, file_hash),
    FOREIGN KEY (register_id, feed_id) REFERENCES feed (register_id, feed_id)
) STRICT, WITHOUT ROWID;
