-- Organisations outside the group that may receive data. details is JSON of domain::partner::Partner. Not personal data of the
-- register. Long rows: see sealed.
CREATE TABLE partner (
    register_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    details TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, partner_id),
    UNIQUE (register_id, name_key)
);

-- One time that data left for a partner. A row is written only with a domain::disclosure::Permit, in the transaction of what
-- leaves. case_kind and case_name name the invoice, the collection, ... or the purpose of a service. Rows are never changed.
CREATE TABLE disclosure (
    register_id UUID NOT NULL,
    disclosure_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('credit_application', 'collection', 'invoicing', 'legal_obligation', 'processing')),
    case_kind TEXT NOT NULL,
    case_name TEXT NOT NULL,
    purpose_name TEXT NOT NULL,
    fields TEXT NOT NULL,
    people BIGINT NOT NULL,
    way TEXT NOT NULL,
    outside TEXT NOT NULL,
    safeguard TEXT,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (register_id, disclosure_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);
CREATE INDEX disclosure_by_partner ON disclosure (register_id, partner_id, disclosure_id);
CREATE INDEX disclosure_by_case ON disclosure (register_id, case_kind, case_name);

-- Whom a disclosure concerned, and which kinds of their data. The party has no foreign key: who received what stays known
-- when the person is erased, so that the recipients can be told (Art. 19). An id is no value.
CREATE TABLE disclosure_subject (
    register_id UUID NOT NULL,
    party_id UUID NOT NULL,
    disclosure_id UUID NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (register_id, party_id, disclosure_id),
    FOREIGN KEY (register_id, disclosure_id) REFERENCES disclosure (register_id, disclosure_id)
);
CREATE INDEX disclosure_subject_by_disclosure ON disclosure_subject (register_id, disclosure_id);

-- A request for data that rests on a law, and what was decided. details is JSON of domain::legal_request.
CREATE TABLE legal_request (
    register_id UUID NOT NULL,
    request_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    details TEXT NOT NULL,
    disclosure_id UUID,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, request_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, disclosure_id) REFERENCES disclosure (register_id, disclosure_id)
);

-- What partners have to be told of data that they received (Art. 19). The party has no foreign key: see disclosure_subject.
CREATE TABLE recall (
    register_id UUID NOT NULL,
    recall_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    party_id UUID NOT NULL,
    reason TEXT NOT NULL,
    fields TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'acknowledged', 'waived')),
    made_at BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    sent_at BIGINT,
    sent_by TEXT,
    chased BIGINT NOT NULL,
    chased_at BIGINT,
    closed_at BIGINT,
    closed_by TEXT,
    note TEXT,
    PRIMARY KEY (register_id, recall_id),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);
CREATE INDEX recall_by_party ON recall (register_id, party_id, recall_id);
CREATE INDEX recall_by_partner ON recall (register_id, partner_id, state, recall_id);
CREATE INDEX recall_by_state ON recall (register_id, state, due_on, recall_id);
