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
