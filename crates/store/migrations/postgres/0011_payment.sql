-- Which company an account belongs to, also after the company has changed its bank: files of the old account still come.
CREATE TABLE company_account (
    register_id UUID NOT NULL,
    account TEXT NOT NULL,
    company_id TEXT NOT NULL,
    PRIMARY KEY (register_id, account, company_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);
INSERT INTO company_account (register_id, account, company_id)
SELECT register_id, details::jsonb ->> 'iban', company_id FROM billing
UNION SELECT register_id, content::jsonb -> 'sent' -> 'seller' ->> 'iban', company_id FROM invoice
WHERE is_sent = 1 AND content::jsonb -> 'sent' IS NOT NULL;

-- A bank's file that was taken in. Of one that was undone the row stays, so that what happened can be told.
CREATE TABLE payment_file (
    register_id UUID NOT NULL,
    payment_file_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    payments BIGINT NOT NULL,
    cents BIGINT NOT NULL,
    known BIGINT NOT NULL,
    passed_over BIGINT NOT NULL,
    first_on TEXT NOT NULL,
    last_on TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    undone_by TEXT,
    undone_at BIGINT,
    PRIMARY KEY (register_id, payment_file_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);
CREATE UNIQUE INDEX payment_file_once ON payment_file (register_id, sha256) WHERE undone_at IS NULL;

-- Money that came to an account, or that the bank took back (cents is negative). told is who paid and what a person noted,
-- JSON sealed under the key of the customer whose invoice it paid (owner_id), before that under the register's; it is
-- forgotten in time. placed_cents is the sum of the allocations.
CREATE TABLE payment (
    register_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    account TEXT NOT NULL,
    archive_id TEXT,
    booked_on TEXT NOT NULL,
    paid_on TEXT NOT NULL,
    cents BIGINT NOT NULL CHECK (cents <> 0),
    placed_cents BIGINT NOT NULL,
    reference TEXT,
    told BYTEA,
    owner_id UUID,
    payment_file_id UUID,
    reverses_id UUID,
    entered_by TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, payment_id),
    UNIQUE (register_id, account, archive_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, payment_file_id) REFERENCES payment_file (register_id, payment_file_id),
    FOREIGN KEY (register_id, reverses_id) REFERENCES payment (register_id, payment_id)
);
CREATE INDEX payment_to_place ON payment (register_id, payment_id) WHERE placed_cents <> cents;
CREATE INDEX payment_by_reference ON payment (register_id, reference) WHERE reference IS NOT NULL;
CREATE INDEX payment_by_file ON payment (register_id, payment_file_id) WHERE payment_file_id IS NOT NULL;
CREATE INDEX payment_by_owner ON payment (register_id, owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX payment_by_reversed ON payment (register_id, reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX payment_told ON payment (register_id, booked_on) WHERE told IS NOT NULL;

-- Where the parts of a payment went.
CREATE TABLE allocation (
    register_id UUID NOT NULL,
    allocation_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    invoice_id UUID,
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'charge', 'refund', 'reversal')),
    cents BIGINT NOT NULL CHECK (cents <> 0),
    matched_by TEXT,
    entered_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, allocation_id),
    FOREIGN KEY (register_id, payment_id) REFERENCES payment (register_id, payment_id),
    FOREIGN KEY (register_id, invoice_id) REFERENCES invoice (register_id, invoice_id)
);
CREATE INDEX allocation_by_payment ON allocation (register_id, payment_id, allocation_id);
CREATE INDEX allocation_by_invoice ON allocation (register_id, invoice_id, allocation_id) WHERE invoice_id IS NOT NULL;
