-- What a person gave, sent at their word to another controller that runs this program (Art. 20(2)).
CREATE TABLE transmission (
    register_id BLOB NOT NULL,
    transmission_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    host TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sending', 'sent', 'failed')),
    made_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, transmission_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX transmission_by_party ON transmission (register_id, party_id, transmission_id);

-- Addresses at which a person lets another controller send what they gave there, and what came, sealed under the person's key until
-- they have decided about it. Of what lets it in only the hash is kept, while nothing has come.
CREATE TABLE reception (
    register_id BLOB NOT NULL,
    reception_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    token_hash BLOB,
    state TEXT NOT NULL CHECK (state IN ('open', 'received', 'taken', 'declined')),
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    received_at INTEGER,
    content BLOB,
    PRIMARY KEY (register_id, reception_id),
    UNIQUE (register_id, token_hash),
    CHECK ((state = 'open') = (token_hash IS NOT NULL)),
    CHECK ((state = 'received') = (content IS NOT NULL)),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reception_by_party ON reception (register_id, party_id, reception_id);
