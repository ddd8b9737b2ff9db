-- Tokens of staff for the programs that they use. Of what a token says only the hash is kept.
CREATE TABLE user_token (
    register_id UUID NOT NULL,
    token_id UUID NOT NULL,
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    networks TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    used_at BIGINT,
    used_from TEXT,
    PRIMARY KEY (register_id, token_id),
    UNIQUE (register_id, token_hash),
    FOREIGN KEY (register_id, user_id) REFERENCES user_account (register_id, user_id)
);
CREATE INDEX user_token_by_user ON user_token (register_id, user_id, token_id);

-- Requests that carried a key of their own, so that sending one again does nothing again. Of what was sent only a
-- salted hash is kept, for a day.
CREATE TABLE idempotency (
    register_id UUID NOT NULL,
    owner TEXT NOT NULL,
    request_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    object_id UUID NOT NULL,
    began_at BIGINT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (register_id, owner, request_key),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);
CREATE INDEX idempotency_by_age ON idempotency (register_id, began_at);

-- Tokens of partners.
CREATE TABLE partner_token (
    register_id UUID NOT NULL,
    token_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    networks TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    used_at BIGINT,
    used_from TEXT,
    PRIMARY KEY (register_id, token_id),
    UNIQUE (register_id, token_hash),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);
CREATE INDEX partner_token_by_partner ON partner_token (register_id, partner_id, token_id);

-- The source of the notice under which a partner may send something.
CREATE TABLE partner_source (
    register_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    source_id TEXT NOT NULL,
    PRIMARY KEY (register_id, partner_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);

-- The number in the log of a party's last change: partners read changes in this order.
ALTER TABLE party ADD COLUMN changed_seq BIGINT;
UPDATE party SET changed_seq = COALESCE((SELECT max(s.seq) FROM sealed s WHERE s.register_id = party.register_id
    AND s.owner_id = party.party_id AND s.object_id = party.party_id), 0);
CREATE INDEX party_by_seq ON party (register_id, changed_seq, party_id);

-- Whom a partner has read over its interface: it is told when they leave its reach. The party has no foreign key: who
-- held it stays known when it is erased.
CREATE TABLE partner_holding (
    register_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    party_id UUID NOT NULL,
    gone_seq BIGINT,
    PRIMARY KEY (register_id, partner_id, party_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);
CREATE INDEX partner_holding_by_party ON partner_holding (register_id, party_id);

-- Where a partner is told that there is something to read. Secrets are sealed for the partner.
CREATE TABLE webhook (
    register_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    address TEXT NOT NULL,
    secret BYTEA NOT NULL,
    old_secret BYTEA,
    old_until BIGINT,
    active BIGINT NOT NULL CHECK (active IN (0, 1)),
    told_seq BIGINT NOT NULL,
    told_recall_id UUID,
    PRIMARY KEY (register_id, partner_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);

-- What partners are told: no value of a person.
CREATE TABLE webhook_message (
    register_id UUID NOT NULL,
    message_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    attempts BIGINT NOT NULL,
    -- When a runner may take it: the next try, or the end of the lease of the one that has it.
    next_at BIGINT,
    trouble TEXT,
    status BIGINT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    PRIMARY KEY (register_id, message_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);
CREATE INDEX webhook_message_due ON webhook_message (register_id, next_at, message_id) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_message_by_partner ON webhook_message (register_id, partner_id, message_id);
