-- Tokens of staff for the programs that they use. Of what a token says only the hash is kept.
CREATE TABLE user_token (
    register_id BLOB NOT NULL,
    token_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    networks TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    used_at INTEGER,
    used_from TEXT,
    PRIMARY KEY (register_id, token_id),
    UNIQUE (register_id, token_hash),
    FOREIGN KEY (register_id, user_id) REFERENCES user_account (register_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_token_by_user ON user_token (register_id, user_id, token_id);

-- Requests that carried a key of their own, so that sending one again does nothing again. Of what was sent only a
-- salted hash is kept, for a day.
CREATE TABLE idempotency (
    register_id BLOB NOT NULL,
    owner TEXT NOT NULL,
    request_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    object_id BLOB NOT NULL,
    began_at INTEGER NOT NULL,
    done_at INTEGER,
    PRIMARY KEY (register_id, owner, request_key),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (register_id, began_at);

-- Tokens of partners.
CREATE TABLE partner_token (
    register_id BLOB NOT NULL,
    token_id BLOB NOT NULL,
    partner_id BLOB NOT NULL,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    networks TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    used_at INTEGER,
    used_from TEXT,
    PRIMARY KEY (register_id, token_id),
    UNIQUE (register_id, token_hash),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_token_by_partner ON partner_token (register_id, partner_id, token_id);

-- The source of the notice under which a partner may send something.
CREATE TABLE partner_source (
    register_id BLOB NOT NULL,
    partner_id BLOB NOT NULL,
    source_id TEXT NOT NULL,
    PRIMARY KEY (register_id, partner_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
) STRICT, WITHOUT ROWID;

-- The number in the log of a party's last change: partners read changes in this order.
ALTER TABLE party ADD COLUMN changed_seq INTEGER;
UPDATE party SET changed_seq = COALESCE((SELECT max(s.seq) FROM sealed s WHERE s.register_id = party.register_id
    AND s.owner_id = party.party_id AND s.object_id = party.party_id), 0);
CREATE INDEX party_by_seq ON party (register_id, changed_seq, party_id);

-- Whom a partner has read over its interface: it is told when they leave its reach. The party has no foreign key: who
-- held it stays known when it is erased.
CREATE TABLE partner_holding (
    register_id BLOB NOT NULL,
    partner_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    gone_seq INTEGER,
    PRIMARY KEY (register_id, partner_id, party_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_holding_by_party ON partner_holding (register_id, party_id);

-- Where a partner is told that there is something to read. Secrets are sealed for the partner.
CREATE TABLE webhook (
    register_id BLOB NOT NULL,
    partner_id BLOB NOT NULL,
    address TEXT NOT NULL,
    secret BLOB NOT NULL,
    old_secret BLOB,
    old_until INTEGER,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    told_seq INTEGER NOT NULL,
    told_recall_id BLOB,
    PRIMARY KEY (register_id, partner_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
) STRICT, WITHOUT ROWID;

-- What partners are told: no value of a person.
CREATE TABLE webhook_message (
    register_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    partner_id BLOB NOT NULL,
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    attempts INTEGER NOT NULL,
    -- When a runner may take it: the next try, or the end of the lease of the one that has it.
    next_at INTEGER,
    trouble TEXT,
    status INTEGER,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    PRIMARY KEY (register_id, message_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_message_due ON webhook_message (register_id, next_at, message_id) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_message_by_partner ON webhook_message (register_id, partner_id, message_id);
