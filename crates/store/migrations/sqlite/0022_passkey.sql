-- Passkeys (Web Authentication Level 3) by which people sign in at the portal. What identifies one is kept as a hash, so that it is
-- found; its name, its public key and its counter are sealed under the key of the person.
CREATE TABLE passkey (
    register_id BLOB NOT NULL,
    passkey_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    credential_hash BLOB NOT NULL,
    name BLOB NOT NULL,
    credential BLOB NOT NULL,
    -- How the session began in which it was added.
    began TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (register_id, passkey_id),
    UNIQUE (register_id, credential_hash),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_by_party ON passkey (register_id, party_id, passkey_id);

-- What a browser is about to have signed: good once, for some minutes, in that browser. Of what the browser holds only the hash is
-- kept. Without a person: somebody who signs in.
CREATE TABLE passkey_ceremony (
    register_id BLOB NOT NULL,
    browser_hash BLOB NOT NULL,
    ceremony_id BLOB NOT NULL,
    party_id BLOB,
    state BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, browser_hash),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_ceremony_by_age ON passkey_ceremony (register_id, created_at);
CREATE INDEX passkey_ceremony_by_party ON passkey_ceremony (register_id, party_id) WHERE party_id IS NOT NULL;
