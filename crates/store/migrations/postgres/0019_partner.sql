-- What was closed, by when: it goes when it was kept as long as the notice says.
CREATE INDEX credit_by_closing ON credit_application (register_id, state, changed_at);

-- Documents of contracts with partners, sealed under a key of the register's own. Long rows: see sealed.
CREATE TABLE partner_document (
    register_id UUID NOT NULL,
    document_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    file_name TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (register_id, document_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);
CREATE INDEX partner_document_by_partner ON partner_document (register_id, partner_id, document_id);

-- How many people a partner has read for a purpose since a time.
CREATE INDEX disclosure_by_time ON disclosure (register_id, partner_id, made_at);
