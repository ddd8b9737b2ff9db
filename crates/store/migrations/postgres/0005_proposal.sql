-- What a weaker or older source says of somebody and what did not win: it waits for a decision, or what the register has was
-- kept. What is proposed is sealed under the party's key. Long rows: see sealed.
CREATE TABLE proposal (
    register_id UUID NOT NULL,
    proposal_id UUID NOT NULL,
    party_id UUID NOT NULL,
    field TEXT NOT NULL,
    source_id TEXT NOT NULL,
    import_id UUID,
    told_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'kept')),
    payload BYTEA NOT NULL,
    PRIMARY KEY (register_id, proposal_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id)
);
CREATE INDEX proposal_by_state ON proposal (register_id, state, proposal_id);
CREATE INDEX proposal_by_party ON proposal (register_id, party_id);
CREATE INDEX proposal_by_import ON proposal (register_id, import_id);
