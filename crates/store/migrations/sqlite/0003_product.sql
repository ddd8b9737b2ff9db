-- What is sold: a catalogue a company. Not personal data.
CREATE TABLE product (
    register_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    company_id TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    unit_price INTEGER NOT NULL,
    vat_rate INTEGER NOT NULL,
    on_sale INTEGER NOT NULL CHECK (on_sale IN (0, 1)),
    version INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, product_id),
    UNIQUE (register_id, company_id, code),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
) STRICT, WITHOUT ROWID;
