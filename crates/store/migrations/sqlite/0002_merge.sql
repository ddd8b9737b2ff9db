-- Two records of one customer, merged: the record that is gone keeps its row, its key and its sealed history, belongs to no
-- company (so nobody's scope has it), and can be brought back.
CREATE TABLE merged (
    register_id BLOB NOT NULL,
    gone_id BLOB NOT NULL,
    noun TEXT NOT NULL,
    kept_id BLOB NOT NULL,
    gone_seq INTEGER NOT NULL,
    kept_seq INTEGER NOT NULL,
    merged_by TEXT NOT NULL,
    merged_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, gone_id),
    FOREIGN KEY (register_id, gone_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, kept_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_by_kept ON merged (register_id, kept_id);

-- Pairs that may be one customer, with the reasons; and those that a person has found to be two.
CREATE TABLE duplicate (
    register_id BLOB NOT NULL,
    first_id BLOB NOT NULL,
    second_id BLOB NOT NULL,
    noun TEXT NOT NULL,
    score INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed')),
    found_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, first_id, second_id),
    FOREIGN KEY (register_id, first_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, second_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicate_by_score ON duplicate (register_id, state, score, first_id, second_id);
CREATE INDEX duplicate_by_second ON duplicate (register_id, second_id);
