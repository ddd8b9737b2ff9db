-- Services that are asked about credit applications, with the secret sealed under a key of the register's own.
CREATE TABLE credit_service (
    register_id UUID NOT NULL,
    service_id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    partner_id UUID NOT NULL,
    source_register TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('rest', 'manual')),
    address TEXT NOT NULL,
    secret BYTEA,
    secret_at BIGINT,
    active BIGINT NOT NULL CHECK (active IN (0, 1)),
    version BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, service_id),
    UNIQUE (register_id, name_key),
    FOREIGN KEY (register_id, partner_id) REFERENCES partner (register_id, partner_id)
);

-- Applications for credit. What they are for, the reasons of the decision and the letter are JSON sealed under the key of
-- the party that applied (owner_id stays when records are merged). The checks say what the rules say: a person decides, and
-- what is not granted after credit data was used has the letter that the law asks for (Credit Data Act 527/2007 s. 19).
CREATE TABLE credit_application (
    register_id UUID NOT NULL,
    application_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    person_id UUID,
    organisation_id UUID,
    owner_id UUID NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'answered', 'decided', 'withdrawn', 'expired')),
    applied_on TEXT NOT NULL,
    channel TEXT NOT NULL,
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    told_on TEXT,
    lapses_on TEXT NOT NULL,
    what_for BYTEA NOT NULL,
    used_credit_data BIGINT NOT NULL CHECK (used_credit_data IN (0, 1)),
    outcome TEXT CHECK (outcome IN ('granted', 'reduced', 'refused')),
    granted_cents BIGINT,
    reasons BYTEA,
    letter BYTEA,
    decided_by TEXT,
    decided_at BIGINT,
    entered_by TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, application_id),
    -- What an open enquiry points at.
    UNIQUE (register_id, application_id, state),
    CHECK ((person_id IS NULL) <> (organisation_id IS NULL)),
    CHECK ((state = 'decided') = (outcome IS NOT NULL)),
    CHECK ((outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (reasons IS NULL)),
    CHECK (decided_by IS NULL OR decided_by LIKE 'user:%' OR decided_by LIKE 'operator:%'),
    CHECK (outcome IS NULL OR outcome = 'granted' OR used_credit_data = 0 OR letter IS NOT NULL),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, person_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, organisation_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, owner_id) REFERENCES party (register_id, party_id)
);
CREATE INDEX credit_by_person ON credit_application (register_id, person_id, application_id) WHERE person_id IS NOT NULL;
CREATE INDEX credit_by_organisation ON credit_application (register_id, organisation_id, application_id) WHERE organisation_id IS NOT NULL;
CREATE INDEX credit_by_state ON credit_application (register_id, state, application_id);
CREATE INDEX credit_by_owner ON credit_application (register_id, owner_id);

-- Enquiries. An open one needs its application to be pending: needs is 'pending' then, and part of a foreign key, so that the
-- database takes no enquiry without a pending application, lets no application go on before its enquiry is closed, and has one
-- open enquiry an application. request and answer are JSON sealed under the applicant's key; both go when they have served.
CREATE TABLE credit_enquiry (
    register_id UUID NOT NULL,
    enquiry_id UUID NOT NULL,
    application_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    service_id UUID NOT NULL,
    service_name TEXT NOT NULL,
    source_register TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('rest', 'manual')),
    needs TEXT CHECK (needs = 'pending'),
    state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    busy_until BIGINT,
    trouble TEXT,
    status TEXT,
    request BYTEA,
    answered_at BIGINT,
    answer_until TEXT,
    answer BYTEA,
    PRIMARY KEY (register_id, enquiry_id),
    UNIQUE (register_id, application_id, needs),
    CHECK ((state = 'open') = (needs IS NOT NULL)),
    CHECK ((state = 'answered') = (answered_at IS NOT NULL)),
    FOREIGN KEY (register_id, application_id, needs) REFERENCES credit_application (register_id, application_id, state),
    FOREIGN KEY (register_id, application_id) REFERENCES credit_application (register_id, application_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);
CREATE INDEX credit_enquiry_by_time ON credit_enquiry (register_id, asked_at, enquiry_id);
CREATE INDEX credit_enquiry_by_answer ON credit_enquiry (register_id, answer_until) WHERE answer IS NOT NULL;

-- Reviews of a company's enquiries that somebody signed (Credit Data Act 527/2007 s. 20). No personal data.
CREATE TABLE credit_review (
    register_id UUID NOT NULL,
    review_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    from_day TEXT NOT NULL,
    until_day TEXT NOT NULL,
    enquiries BIGINT NOT NULL,
    own BIGINT NOT NULL,
    remarks TEXT NOT NULL,
    reviewed_by TEXT NOT NULL,
    reviewed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, review_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);
CREATE INDEX credit_review_by_company ON credit_review (register_id, company_id, until_day);
