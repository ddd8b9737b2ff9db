-- Invoices of an accounting system stand beside those that were sent here: the source that told them, and when it knew.
ALTER TABLE invoice ADD COLUMN mirror_source TEXT;
ALTER TABLE invoice ADD COLUMN mirror_as_of BIGINT;

-- The day of lists, in every row: that of the invoice; 9999-12-31 in drafts, so that they come first.
ALTER TABLE invoice ADD COLUMN listed_on TEXT;
UPDATE invoice SET listed_on = coalesce(issued_on, '9999-12-31');
CREATE INDEX invoice_by_day ON invoice (register_id, listed_on, invoice_id);

-- Which messages an invoice went or was written about with.
CREATE TABLE invoice_mail (
    register_id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    mail_id UUID NOT NULL,
    PRIMARY KEY (register_id, invoice_id, mail_id),
    FOREIGN KEY (register_id, invoice_id) REFERENCES invoice (register_id, invoice_id),
    FOREIGN KEY (register_id, mail_id) REFERENCES mail (register_id, mail_id)
);
