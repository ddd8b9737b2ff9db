-- The lists of a company and of a town, and orders by their sum and by their last change.
CREATE INDEX party_company_by_company ON party_company (register_id, company_id, party_id);
CREATE INDEX party_value_by_town ON party_value (register_id, town, party_id) WHERE town IS NOT NULL;
CREATE INDEX orders_by_gross ON orders (register_id, gross_cents, order_id);
CREATE INDEX orders_by_change ON orders (register_id, changed_at, order_id);

-- A list's order and filters under a name: no personal data.
CREATE TABLE list_view (
    register_id UUID NOT NULL,
    view_id UUID NOT NULL,
    list TEXT NOT NULL,
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    query TEXT NOT NULL,
    is_shared BIGINT NOT NULL CHECK (is_shared IN (0, 1)),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, view_id),
    UNIQUE (register_id, list, user_id, name_key),
    FOREIGN KEY (register_id, user_id) REFERENCES user_account (register_id, user_id)
);
CREATE INDEX list_view_of_list ON list_view (register_id, list, is_shared, name_key);

-- Which columns somebody chose for a list.
CREATE TABLE list_choice (
    register_id UUID NOT NULL,
    user_id UUID NOT NULL,
    list TEXT NOT NULL,
    columns TEXT NOT NULL,
    PRIMARY KEY (register_id, user_id, list),
    FOREIGN KEY (register_id, user_id) REFERENCES user_account (register_id, user_id)
);

-- The catalogue of tags: a controlled vocabulary, no personal data. Who has which tag stands in party_value.
CREATE TABLE tag (
    register_id UUID NOT NULL,
    tag TEXT NOT NULL,
    name_fi TEXT NOT NULL,
    name_sv TEXT NOT NULL,
    name_en TEXT NOT NULL,
    is_retired BIGINT NOT NULL CHECK (is_retired IN (0, 1)),
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, tag),
    FOREIGN KEY (register_id) REFERENCES register (register_id)
);

-- What was done to many rows of a list at once, and what became of each row, so that it can be told and undone.
CREATE TABLE bulk (
    register_id UUID NOT NULL,
    bulk_id UUID NOT NULL,
    list TEXT NOT NULL,
    act TEXT NOT NULL,
    user_id UUID NOT NULL,
    source_id TEXT,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    planned_at BIGINT NOT NULL,
    ended_at BIGINT,
    undone_at BIGINT,
    PRIMARY KEY (register_id, bulk_id),
    FOREIGN KEY (register_id, user_id) REFERENCES user_account (register_id, user_id)
);
CREATE INDEX bulk_of_user ON bulk (register_id, user_id, bulk_id);
CREATE INDEX bulk_by_state ON bulk (register_id, state, bulk_id);

CREATE TABLE bulk_row (
    register_id UUID NOT NULL,
    bulk_id UUID NOT NULL,
    place BIGINT NOT NULL,
    object_id UUID NOT NULL,
    outcome TEXT NOT NULL,
    seq BIGINT,
    version BIGINT,
    PRIMARY KEY (register_id, bulk_id, place),
    FOREIGN KEY (register_id, bulk_id) REFERENCES bulk (register_id, bulk_id)
);
CREATE INDEX bulk_row_by_outcome ON bulk_row (register_id, bulk_id, outcome, place);
CREATE INDEX bulk_row_of_object ON bulk_row (register_id, object_id);
