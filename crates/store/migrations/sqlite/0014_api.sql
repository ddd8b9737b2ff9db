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
