-- Mappings of import columns that were saved by name. They hold names of columns, and constants that people wrote.
CREATE TABLE mapping (
    register_id UUID NOT NULL,
    mapping_id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    noun TEXT NOT NULL,
    source_id TEXT NOT NULL,
    definition TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, mapping_id),
    UNIQUE (register_id, source_id, name_key)
);

-- Places that are read on a schedule. The secret is sealed under a key of the register's own.
CREATE TABLE feed (
    register_id UUID NOT NULL,
    feed_id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('folder', 'http', 'company_register')),
    address TEXT NOT NULL,
    noun TEXT NOT NULL,
    source_id TEXT NOT NULL,
    company_id TEXT,
    mapping_id UUID,
    every_minutes BIGINT NOT NULL,
    secret BYTEA,
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'stopped')),
    -- Grows whenever a runner takes it: only the one that knows the number may write how it ended.
    taken BIGINT NOT NULL,
    running BIGINT NOT NULL CHECK (running IN (0, 1)),
    -- When a runner may take it: the next reading, or the end of the lease of the one that has it.
    next_at BIGINT,
    checked_at BIGINT,
    failures BIGINT NOT NULL,
    trouble TEXT,
    status TEXT,
    -- What the server said of the last content that was imported, and its hash; of the company register, where it goes on.
    etag TEXT,
    last_modified TEXT,
    last_hash TEXT,
    goes_on TEXT,
    version BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, feed_id),
    UNIQUE (register_id, name_key),
    FOREIGN KEY (register_id, mapping_id) REFERENCES mapping (register_id, mapping_id)
);
CREATE INDEX feed_due ON feed (register_id, next_at, feed_id) WHERE next_at IS NOT NULL;
CREATE INDEX feed_by_mapping ON feed (register_id, mapping_id) WHERE mapping_id IS NOT NULL;

-- What the runs of a feed did. Problems hold rows, columns and codes, no value of the file.
CREATE TABLE feed_run (
    register_id UUID NOT NULL,
    feed_id UUID NOT NULL,
    run_id UUID NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    state TEXT NOT NULL CHECK (state IN ('running', 'imported', 'unchanged', 'failed')),
    trouble TEXT,
    status TEXT,
    file_name TEXT,
    file_hash TEXT,
    import_id UUID,
    rows_read BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    problems TEXT NOT NULL,
    has_error_file BIGINT NOT NULL CHECK (has_error_file IN (0, 1)),
    PRIMARY KEY (register_id, feed_id, run_id),
    FOREIGN KEY (register_id, feed_id) REFERENCES feed (register_id, feed_id)
);

-- Contents that a feed has read: the same content twice changes nothing.
CREATE TABLE feed_seen (
    register_id UUID NOT NULL,
    feed_id UUID NOT NULL,
    file_hash TEXT NOT NULL,
    imported BIGINT NOT NULL CHECK (imported IN (0, 1)),
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, feed_id, file_hash),
    FOREIGN KEY (register_id, feed_id) REFERENCES feed (register_id, feed_id)
);
