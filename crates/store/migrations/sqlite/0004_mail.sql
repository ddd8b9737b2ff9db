-- E-mail: what waits, what was sent, what failed. What a message says, and to which address, stands in sealed, under the
-- owner's key. The order has no foreign key: that an import was undone does not unsay what was written.
CREATE TABLE mail (
    register_id BLOB NOT NULL,
    mail_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    company_id TEXT NOT NULL,
    order_id BLOB,
    purpose_id TEXT NOT NULL,
    template TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'cancelled')),
    seq INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    -- When a runner may take it: the next try, or the end of the lease of the one that has it.
    next_at INTEGER,
    trouble TEXT,
    reply TEXT,
    queued_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    PRIMARY KEY (register_id, mail_id),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_due ON mail (register_id, next_at, mail_id) WHERE next_at IS NOT NULL;
CREATE INDEX mail_by_state ON mail (register_id, state, mail_id);
CREATE INDEX mail_by_owner ON mail (register_id, owner_id, mail_id);
CREATE INDEX mail_by_order ON mail (register_id, order_id, mail_id) WHERE order_id IS NOT NULL;

-- Files that go with a message, sealed under the owner's key, until some time after it was sent. Long rows: see sealed.
CREATE TABLE mail_file (
    register_id BLOB NOT NULL,
    mail_id BLOB NOT NULL,
    place INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (register_id, mail_id, place),
    FOREIGN KEY (register_id, mail_id) REFERENCES mail (register_id, mail_id)
) STRICT;
