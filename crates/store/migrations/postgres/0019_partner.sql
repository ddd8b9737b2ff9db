-- What was closed, by when: it goes when it was kept as long as the notice says.
CREATE INDEX credit_by_closing ON credit_application (register_id, changed_at) WHERE state IN ('decided', 'withdrawn', 'expired');
