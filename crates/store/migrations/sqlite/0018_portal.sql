-- The portal. Of what lets somebody in only hashes are kept.
-- Wishes to sign in: made alike for everybody, answered by a runner. The address is sealed, and gone when it was answered.
CREATE TABLE portal_entry (
    register_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    browser_hash BLOB NOT NULL,
    address BLOB,
    language TEXT NOT NULL,
    back TEXT NOT NULL,
    party_id BLOB,
    token_hash BLOB,
    code_hash BLOB,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, entry_id),
    UNIQUE (register_id, browser_hash),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_entry_waiting ON portal_entry (register_id, entry_id) WHERE address IS NOT NULL;
CREATE INDEX portal_entry_by_age ON portal_entry (register_id, created_at);
CREATE INDEX portal_entry_by_party ON portal_entry (register_id, party_id) WHERE party_id IS NOT NULL;

-- Sessions of people in the portal: never found among those of staff.
CREATE TABLE portal_session (
    register_id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    party_id BLOB NOT NULL,
    began TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    -- When its person last proved who they are.
    proved_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, token_hash),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_session_by_party ON portal_session (register_id, party_id);
CREATE INDEX portal_session_by_age ON portal_session (register_id, created_at);

-- Invitations to the portal.
CREATE TABLE invitation (
    register_id BLOB NOT NULL,
    invitation_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    company_id TEXT NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'used', 'cancelled', 'failed')),
    token_hash BLOB,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (register_id, invitation_id),
    UNIQUE (register_id, token_hash),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_party ON invitation (register_id, party_id, invitation_id);
CREATE INDEX invitation_by_state ON invitation (register_id, state, invitation_id);

-- Registrations that wait to be confirmed: sealed, of nobody of the register, forgotten after a day.
CREATE TABLE registration (
    register_id BLOB NOT NULL,
    registration_id BLOB NOT NULL,
    payload BLOB NOT NULL,
    token_hash BLOB,
    attempts INTEGER NOT NULL,
    -- When its message is to be tried; none: it was sent, or given up.
    next_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, registration_id),
    UNIQUE (register_id, token_hash),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX registration_due ON registration (register_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX registration_by_age ON registration (register_id, created_at);
