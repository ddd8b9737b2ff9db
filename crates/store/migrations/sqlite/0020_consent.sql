-- The wordings of consents, each once, by the beginning of its SHA-256: what somebody consented to is shown as they saw it (Art. 7(1)).
CREATE TABLE consent_text (
    register_id BLOB NOT NULL,
    text_id BLOB NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    first_used_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, text_id)
) STRICT, WITHOUT ROWID;

-- What people have consented to, with its whole history. A row is never changed but by its withdrawal. What shows a consent is
-- sealed under the key of the owner: the record that it was given to, also after that one was merged.
CREATE TABLE consent (
    register_id BLOB NOT NULL,
    consent_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    company_id TEXT NOT NULL,
    purpose_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    text_id BLOB NOT NULL,
    way TEXT NOT NULL,
    given_by TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    evidence BLOB,
    seq INTEGER NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    withdrawn_by TEXT,
    withdrawn_at INTEGER,
    withdrawn_way TEXT,
    PRIMARY KEY (register_id, consent_id),
    -- What others enter is shown by something; only the person's own act in the portal is its own proof.
    CHECK (way = 'portal' OR evidence IS NOT NULL),
    CHECK (expires_at > given_at),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, text_id) REFERENCES consent_text (register_id, text_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_by_party ON consent (register_id, party_id, consent_id);
CREATE INDEX consent_open ON consent (register_id, company_id, purpose_id, channel, party_id) WHERE withdrawn_at IS NULL;

-- What was noted of sales to existing customers (Act 917/2014 section 200(3)). Whether the exception holds is counted of the order
-- and of the address (value_id) that was obtained with it.
CREATE TABLE existing_customer (
    register_id BLOB NOT NULL,
    existing_customer_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    company_id TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    order_id BLOB NOT NULL,
    value_id BLOB NOT NULL,
    told_on TEXT NOT NULL,
    evidence BLOB NOT NULL,
    seq INTEGER NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, existing_customer_id),
    UNIQUE (register_id, order_id, channel, party_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX existing_customer_by_party ON existing_customer (register_id, party_id, existing_customer_id);
CREATE INDEX existing_customer_by_company ON existing_customer (register_id, company_id, channel, party_id);
