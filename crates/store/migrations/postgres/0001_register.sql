-- The register: one notice, one log, one group of companies. Every table is led by register_id.
CREATE TABLE register (
    register_id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('live', 'demo')),
    key_check BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (register_id)
);

CREATE TABLE company (
    register_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (register_id, company_id),
    UNIQUE (register_id, place),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);

CREATE TABLE notice (
    register_id UUID NOT NULL,
    version BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (register_id, version),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);

-- The log. Append only: an event is never changed or removed.
CREATE TABLE log_head (
    register_id UUID NOT NULL,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,
    checkpoint TEXT NOT NULL,
    indexed BIGINT NOT NULL,
    PRIMARY KEY (register_id),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);

CREATE TABLE log_block (
    register_id UUID NOT NULL,
    first_seq BIGINT NOT NULL,
    count BIGINT NOT NULL,
    at BIGINT NOT NULL,
    events TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    PRIMARY KEY (register_id, first_seq),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);

CREATE TABLE log_subject (
    register_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (register_id, subject_id, seq),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);

-- A party is a person or an organisation. What is known of a person stands in party_value; an organisation's name and
-- business id are not personal data and stand here.
CREATE TABLE party (
    register_id UUID NOT NULL,
    party_id UUID NOT NULL,
    noun TEXT NOT NULL CHECK (noun IN ('person', 'organisation')),
    sort_key BYTEA NOT NULL,
    name TEXT,
    name_key TEXT,
    business_id TEXT,
    source_id TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    protected_address BIGINT NOT NULL CHECK (protected_address IN (0, 1)),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, party_id),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);
CREATE INDEX party_by_name ON party (register_id, noun, sort_key, party_id);
CREATE INDEX party_by_change ON party (register_id, noun, changed_at, party_id);
CREATE INDEX party_by_business_id ON party (register_id, business_id) WHERE business_id IS NOT NULL;
CREATE INDEX party_by_name_key ON party (register_id, name_key) WHERE name_key IS NOT NULL;

CREATE TABLE party_key (
    register_id UUID NOT NULL,
    party_id UUID NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (register_id, party_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
);

CREATE TABLE party_company (
    register_id UUID NOT NULL,
    party_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    PRIMARY KEY (register_id, party_id, company_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);

-- One datum of a party, of a kind that the notice declares, with its source, who entered it and when.
CREATE TABLE party_value (
    register_id UUID NOT NULL,
    party_id UUID NOT NULL,
    value_id UUID NOT NULL,
    kind TEXT NOT NULL,
    label TEXT,
    text TEXT NOT NULL,
    given TEXT,
    postal_code TEXT,
    town TEXT,
    region TEXT,
    country TEXT,
    match_key TEXT,
    valid_from TEXT,
    valid_until TEXT,
    source_id TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, party_id, value_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
);
CREATE INDEX party_value_by_match ON party_value (register_id, match_key, kind) WHERE match_key IS NOT NULL;

CREATE TABLE representation (
    register_id UUID NOT NULL,
    person_id UUID NOT NULL,
    representation_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    title TEXT,
    valid_from TEXT,
    valid_until TEXT,
    source_id TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, person_id, representation_id),
    FOREIGN KEY (register_id, person_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, organisation_id) REFERENCES party (register_id, party_id)
);
CREATE INDEX representation_by_organisation ON representation (register_id, organisation_id, person_id);

-- What a source calls a party or an order: an import of the same thing finds it again.
CREATE TABLE external_ref (
    register_id UUID NOT NULL,
    source_id TEXT NOT NULL,
    noun TEXT NOT NULL,
    external_id TEXT NOT NULL,
    object_id UUID NOT NULL,
    PRIMARY KEY (register_id, source_id, noun, external_id),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);
CREATE INDEX external_ref_by_object ON external_ref (register_id, object_id);

-- What stood before and after a change, sealed under the owner's key. The log holds its hash.
CREATE TABLE sealed (
    register_id UUID NOT NULL,
    object_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    owner_id UUID NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (register_id, owner_id, object_id, seq),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id)
);
-- What is sealed of an order belongs to its customer; a party owns its own.
CREATE INDEX sealed_of_order ON sealed (register_id, object_id, seq) WHERE object_id <> owner_id;

CREATE TABLE orders (
    register_id UUID NOT NULL,
    order_id UUID NOT NULL,
    number TEXT NOT NULL,
    company_id TEXT NOT NULL,
    person_id UUID,
    organisation_id UUID,
    ordered_on TEXT NOT NULL,
    requested_on TEXT,
    delivered_on TEXT,
    state TEXT NOT NULL,
    delivery_name TEXT,
    delivery_street TEXT,
    delivery_postal_code TEXT,
    delivery_town TEXT,
    delivery_region TEXT,
    delivery_country TEXT,
    line_count BIGINT NOT NULL,
    net_cents BIGINT NOT NULL,
    vat_cents BIGINT NOT NULL,
    gross_cents BIGINT NOT NULL,
    source_id TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, order_id),
    UNIQUE (register_id, company_id, number),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, person_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, organisation_id) REFERENCES party (register_id, party_id)
);
CREATE INDEX orders_by_day ON orders (register_id, ordered_on, order_id);
CREATE INDEX orders_by_person ON orders (register_id, person_id, ordered_on) WHERE person_id IS NOT NULL;
CREATE INDEX orders_by_organisation ON orders (register_id, organisation_id, ordered_on) WHERE organisation_id IS NOT NULL;
CREATE INDEX orders_by_state ON orders (register_id, state, ordered_on, order_id);

CREATE TABLE order_line (
    register_id UUID NOT NULL,
    order_id UUID NOT NULL,
    line BIGINT NOT NULL,
    product TEXT NOT NULL,
    description TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    unit_price BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    vat_rate BIGINT NOT NULL,
    net_cents BIGINT NOT NULL,
    PRIMARY KEY (register_id, order_id, line),
    FOREIGN KEY (register_id, order_id) REFERENCES orders (register_id, order_id)
);

-- Imports, and what each of them did to whom, so that it can be undone.
CREATE TABLE import (
    register_id UUID NOT NULL,
    import_id UUID NOT NULL,
    noun TEXT NOT NULL,
    source_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    undone_at BIGINT,
    entered_by TEXT NOT NULL,
    rows_read BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (register_id, import_id),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);

CREATE TABLE import_change (
    register_id UUID NOT NULL,
    import_id UUID NOT NULL,
    object_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    noun TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (register_id, import_id, object_id, seq),
    FOREIGN KEY (register_id, import_id) REFERENCES import (register_id, import_id)
);

-- Accounts of staff. The login is kept as typed and compared folded.
CREATE TABLE user_account (
    register_id UUID NOT NULL,
    user_id UUID NOT NULL,
    login TEXT NOT NULL,
    login_key TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    password_hash TEXT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, user_id),
    UNIQUE (register_id, login_key),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);

CREATE TABLE assignment (
    register_id UUID NOT NULL,
    user_id UUID NOT NULL,
    assignment_id UUID NOT NULL,
    role TEXT NOT NULL,
    company_id TEXT,
    valid_from BIGINT NOT NULL,
    valid_until BIGINT,
    PRIMARY KEY (register_id, user_id, assignment_id),
    FOREIGN KEY (register_id, user_id) REFERENCES user_account (register_id, user_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);

CREATE TABLE session (
    register_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    user_id UUID NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, token_hash),
    FOREIGN KEY (register_id, user_id) REFERENCES user_account (register_id, user_id)
);
CREATE INDEX session_by_user ON session (register_id, user_id);

CREATE TABLE setup_link (
    register_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    user_id UUID NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, token_hash),
    FOREIGN KEY (register_id, user_id) REFERENCES user_account (register_id, user_id)
);
CREATE INDEX setup_link_by_user ON setup_link (register_id, user_id);
