-- What is sold: a catalogue a company. Not personal data.
CREATE TABLE product (
    register_id UUID NOT NULL,
    product_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    unit_price BIGINT NOT NULL,
    vat_rate BIGINT NOT NULL,
    on_sale BIGINT NOT NULL CHECK (on_sale IN (0, 1)),
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, product_id),
    UNIQUE (register_id, company_id, code),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);
