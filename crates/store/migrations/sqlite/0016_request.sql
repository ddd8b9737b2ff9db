-- Requests of people about their own data (Art. 15-22). What was said is in told, sealed under the person's key (owner_id), or
-- under the register's while no card was found. The person has no foreign key: that a request was answered stays known when
-- they are erased (Art. 5(2)); what was said goes with their key. Long rows: see sealed.
CREATE TABLE request (
    register_id BLOB NOT NULL,
    request_id BLOB NOT NULL,
    person_id BLOB,
    company_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    received_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    extended_on TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'fee', 'done', 'refused', 'withdrawn')),
    identity_check TEXT,
    fee_cents INTEGER,
    ground TEXT,
    -- What shows that it was done: package:ID, correction:NUMBER, restriction:ID, prohibition:ID or erasure:ID.
    done TEXT,
    closed_on TEXT,
    told BLOB,
    owner_id BLOB,
    entered_by TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, request_id),
    CHECK ((state = 'done') = (done IS NOT NULL)),
    CHECK ((state = 'refused') = (ground IS NOT NULL)),
    CHECK ((state IN ('open', 'fee')) = (closed_on IS NULL)),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id)
) STRICT;
CREATE INDEX request_by_due_day ON request (register_id, state, due_on, request_id);
CREATE INDEX request_by_person ON request (register_id, person_id, request_id) WHERE person_id IS NOT NULL;
CREATE INDEX request_by_owner ON request (register_id, owner_id) WHERE owner_id IS NOT NULL;

-- What happened to a request, with the letters that were written, sealed in the same way.
CREATE TABLE request_event (
    register_id BLOB NOT NULL,
    request_id BLOB NOT NULL,
    request_event_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    told BLOB,
    owner_id BLOB,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, request_id, request_event_id),
    FOREIGN KEY (register_id, request_id) REFERENCES request (register_id, request_id),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id)
) STRICT;
CREATE INDEX request_event_by_owner ON request_event (register_id, owner_id) WHERE owner_id IS NOT NULL;

-- Packages that were made for a person. payload is the package as JSON, sealed under the person's key, until some time after it
-- was made. The person has no foreign key: see request.
CREATE TABLE package (
    register_id BLOB NOT NULL,
    package_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    request_id BLOB,
    kind TEXT NOT NULL CHECK (kind IN ('access', 'portability')),
    language TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    payload BLOB,
    owner_id BLOB,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, package_id),
    FOREIGN KEY (register_id, request_id) REFERENCES request (register_id, request_id),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id)
) STRICT;
CREATE INDEX package_by_person ON package (register_id, person_id, package_id);
CREATE INDEX package_by_request ON package (register_id, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX package_by_owner ON package (register_id, owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX package_by_age ON package (register_id, made_at) WHERE payload IS NOT NULL;
