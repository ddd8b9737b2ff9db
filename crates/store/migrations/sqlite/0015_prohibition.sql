-- What customers have forbidden (Art. 21; Act 917/2014), with its whole history. party.prohibitions has the kinds that are set and
-- not lifted as bits, so that lists need not look here for most; whether one has expired stands only here.
CREATE TABLE prohibition (
    register_id BLOB NOT NULL,
    prohibition_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    way TEXT NOT NULL,
    -- The opt-out list that it came by, and when its entry ends.
    list TEXT,
    expires_at INTEGER,
    seq INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    lifted_seq INTEGER,
    lifted_by TEXT,
    lifted_at INTEGER,
    -- By which way the customer told it; none: a slip was taken back.
    lifted_way TEXT,
    PRIMARY KEY (register_id, prohibition_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX prohibition_by_party ON prohibition (register_id, party_id, prohibition_id);

-- Restrictions of processing (Art. 18). Why they were set and lifted stands in sealed, since it may be personal data.
CREATE TABLE restriction (
    register_id BLOB NOT NULL,
    restriction_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    ground TEXT NOT NULL,
    seq INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    -- That the person was told before it was lifted (Art. 18(3)).
    informed_how TEXT,
    informed_mail_id BLOB,
    informed_by TEXT,
    informed_at INTEGER,
    lifted_seq INTEGER,
    lifted_by TEXT,
    lifted_at INTEGER,
    PRIMARY KEY (register_id, restriction_id),
    CHECK (lifted_at IS NULL OR informed_at IS NOT NULL),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX restriction_by_party ON restriction (register_id, party_id, restriction_id);
CREATE INDEX restriction_in_force ON restriction (register_id, party_id) WHERE lifted_at IS NULL;

-- Uses that Art. 18(2) allows while processing is restricted.
CREATE TABLE restriction_exception (
    register_id BLOB NOT NULL,
    exception_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    activity TEXT NOT NULL,
    ground TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    ended_by TEXT,
    ended_at INTEGER,
    PRIMARY KEY (register_id, exception_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX restriction_exception_by_party ON restriction_exception (register_id, party_id, exception_id);

-- None: nothing ever.
ALTER TABLE party ADD COLUMN prohibitions INTEGER;
ALTER TABLE party ADD COLUMN is_restricted INTEGER CHECK (is_restricted IN (0, 1));
