-- Erasures (Art. 17) that were carried out. The party has no foreign key: of most nothing is left but this row. No value.
CREATE TABLE erasure (
    register_id BLOB NOT NULL,
    erasure_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('partial', 'whole')),
    at_request INTEGER NOT NULL CHECK (at_request IN (0, 1)),
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    -- What still stands in the way, as JSON of domain::hold::Hold.
    holds TEXT NOT NULL,
    PRIMARY KEY (register_id, erasure_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX erasure_by_party ON erasure (register_id, party_id, erasure_id);
CREATE INDEX erasure_by_state ON erasure (register_id, state, erasure_id);

-- Parties of which invoices are left that a law keeps: the row of the party stands for them, without any value, and
-- everything about it is locked from daily use (store::guard).
CREATE TABLE remains (
    register_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    erasure_id BLOB NOT NULL,
    PRIMARY KEY (register_id, party_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, erasure_id) REFERENCES erasure (register_id, erasure_id)
) STRICT, WITHOUT ROWID;

-- What each step of an erasure took and left: JSON of domain::erasure::Statement, whose hash stands in the log's event seq.
-- first_seq and frontier are the log as it was before the commit, from which the proof is made; file is the receipt.
CREATE TABLE erasure_receipt (
    register_id BLOB NOT NULL,
    erasure_id BLOB NOT NULL,
    step INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    statement TEXT NOT NULL,
    file TEXT,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, erasure_id, step),
    FOREIGN KEY (register_id, erasure_id) REFERENCES erasure (register_id, erasure_id)
) STRICT;

-- What is still to be done outside the database after an erasure was committed: a line for the ledger beside the key file, a
-- file to be removed. Rows go when it is done.
CREATE TABLE erasure_todo (
    register_id BLOB NOT NULL,
    todo_id BLOB NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('ledger', 'file')),
    object TEXT NOT NULL,
    PRIMARY KEY (register_id, todo_id)
) STRICT, WITHOUT ROWID;

-- How many bytes of the ledger this database knows of: a database that was put back knows fewer than the file has.
CREATE TABLE erasure_ledger (
    register_id BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (register_id)
) STRICT, WITHOUT ROWID;

-- When rules that run by time last ran: a clock that jumped stops them.
CREATE TABLE erasure_clock (
    register_id BLOB NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (register_id)
) STRICT, WITHOUT ROWID;

-- Legal claims for which somebody decided that a party's data stays (Art. 17(3)(e)). The reason is sealed under its key.
CREATE TABLE claim_hold (
    register_id BLOB NOT NULL,
    hold_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    reason BLOB NOT NULL,
    review_on TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    lifted_by TEXT,
    lifted_at INTEGER,
    PRIMARY KEY (register_id, hold_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT;
CREATE INDEX claim_hold_by_party ON claim_hold (register_id, party_id, hold_id);

-- Keyed hashes of what those were reached by who were erased at their request, or whose prohibitions outlive them (Art. 21(3)):
-- an import of an old file is stopped by them. No value, no id.
CREATE TABLE suppression (
    register_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('erased', 'forbidden')),
    -- The kinds that were forbidden, as bits.
    prohibitions INTEGER NOT NULL,
    made_on TEXT NOT NULL,
    PRIMARY KEY (register_id, hash, reason)
) STRICT, WITHOUT ROWID;

-- Fictional people by whom erasing is tested. They have no company, so that nobody's scope has them. No foreign key: they go.
CREATE TABLE canary (
    register_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    planted_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, party_id)
) STRICT, WITHOUT ROWID;

-- What was found of canaries after they were erased. places is JSON: each place that was searched, bytes, findings.
CREATE TABLE canary_run (
    register_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    erased INTEGER NOT NULL,
    searched INTEGER NOT NULL,
    findings INTEGER NOT NULL,
    places TEXT NOT NULL,
    PRIMARY KEY (register_id, run_id)
) STRICT;
