-- What a company's invoices say of the company itself, as JSON of domain::billing::Billing. Not personal data.
CREATE TABLE billing (
    register_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    details TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, company_id),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);

-- The last number that was given, so that numbers have no gaps and none is given twice.
CREATE TABLE invoice_number (
    register_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (register_id, company_id, year),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);

-- Invoices and credit notes. content is JSON: a draft as it was checked, or the sent invoice, complete and never changed
-- again. The order has no foreign key: that an import was undone does not unsay what was invoiced. Long rows: see sealed.
CREATE TABLE invoice (
    register_id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    person_id UUID,
    organisation_id UUID,
    order_id UUID,
    kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
    is_sent BIGINT NOT NULL CHECK (is_sent IN (0, 1)),
    number TEXT,
    reference TEXT,
    issued_on TEXT,
    due_on TEXT,
    corrects_id UUID,
    content TEXT NOT NULL,
    gross_cents BIGINT NOT NULL,
    credited_cents BIGINT NOT NULL,
    paid_cents BIGINT NOT NULL,
    entered_by TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, invoice_id),
    UNIQUE (register_id, company_id, number),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, person_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, organisation_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, corrects_id) REFERENCES invoice (register_id, invoice_id)
);
CREATE INDEX invoice_by_person ON invoice (register_id, person_id, invoice_id) WHERE person_id IS NOT NULL;
CREATE INDEX invoice_by_organisation ON invoice (register_id, organisation_id, invoice_id) WHERE organisation_id IS NOT NULL;
CREATE INDEX invoice_by_due_day ON invoice (register_id, is_sent, due_on, invoice_id);
CREATE INDEX invoice_by_reference ON invoice (register_id, reference) WHERE reference IS NOT NULL;
CREATE INDEX invoice_by_corrected ON invoice (register_id, corrects_id) WHERE corrects_id IS NOT NULL;
CREATE INDEX invoice_by_order ON invoice (register_id, order_id) WHERE order_id IS NOT NULL;
