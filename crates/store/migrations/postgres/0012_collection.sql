-- Reference rates of late interest (Interest Act section 12) that a person added: they come before those of the program.
CREATE TABLE reference_rate (
    register_id UUID NOT NULL,
    valid_from TEXT NOT NULL,
    rate BIGINT NOT NULL,
    entered_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, valid_from)
);

-- Reminders and payment demands that were sent. items is JSON of domain::reminder::Items: what was claimed, in cents. told is
-- what was written and to whom, sealed under the customer's key (owner_id). Long rows: see sealed.
CREATE TABLE reminder (
    register_id UUID NOT NULL,
    reminder_id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reminder', 'demand')),
    channel TEXT NOT NULL CHECK (channel IN ('email', 'letter')),
    language TEXT NOT NULL,
    sent_on TEXT NOT NULL,
    pay_by TEXT NOT NULL,
    items TEXT NOT NULL,
    fee_cents BIGINT NOT NULL,
    fee_reason TEXT NOT NULL,
    mail_id UUID,
    told BYTEA,
    owner_id UUID,
    entered_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, reminder_id),
    FOREIGN KEY (register_id, invoice_id) REFERENCES invoice (register_id, invoice_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id)
);
CREATE INDEX reminder_by_owner ON reminder (register_id, owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX reminder_by_invoice ON reminder (register_id, invoice_id, reminder_id);

-- What happened to a claim: disputes and suspensions, which stop collection until they end; acknowledgements and judgments,
-- which break the time in which it lapses. told is the reason, sealed under the customer's key (owner_id).
CREATE TABLE debt_event (
    register_id UUID NOT NULL,
    debt_event_id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('dispute', 'suspension', 'acknowledgement', 'judgment')),
    happened_on TEXT NOT NULL,
    ended_on TEXT,
    told BYTEA,
    owner_id UUID,
    entered_by TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, debt_event_id),
    FOREIGN KEY (register_id, invoice_id) REFERENCES invoice (register_id, invoice_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id)
);
CREATE INDEX debt_event_by_invoice ON debt_event (register_id, invoice_id, debt_event_id);
CREATE INDEX debt_event_by_owner ON debt_event (register_id, owner_id) WHERE owner_id IS NOT NULL;

-- Invoices that were handed over for collection. An invoice is with one partner at a time: the index keeps it so.
CREATE TABLE collection (
    register_id UUID NOT NULL,
    collection_id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    partner_id UUID NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('handed_over', 'returned', 'closed')),
    handed_on TEXT NOT NULL,
    items TEXT NOT NULL,
    disclosure_id UUID,
    ended_on TEXT,
    entered_by TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, collection_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id),
    FOREIGN KEY (register_id, disclosure_id) REFERENCES disclosure (register_id, disclosure_id),
    FOREIGN KEY (register_id, invoice_id) REFERENCES invoice (register_id, invoice_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);
CREATE UNIQUE INDEX collection_once ON collection (register_id, invoice_id) WHERE ended_on IS NULL;
CREATE INDEX collection_by_invoice ON collection (register_id, invoice_id, collection_id);
CREATE INDEX collection_by_state ON collection (register_id, state, collection_id);
