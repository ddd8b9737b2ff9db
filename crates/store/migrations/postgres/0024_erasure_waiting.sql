-- Erasures that were decided while something kept all of a person's data: each is carried out by itself as soon as nothing does.
-- The row goes with the person, or when it is taken back.
CREATE TABLE erasure_waiting (
    register_id UUID NOT NULL,
    party_id UUID NOT NULL,
    -- The request that it answers.
    request_id UUID,
    at_request BIGINT NOT NULL CHECK (at_request IN (0, 1)),
    -- domain::erasure::Plan::version of the plan on which it was decided, and what stood in the way then, as JSON of
    -- domain::hold::Hold.
    plan TEXT NOT NULL,
    holds TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, party_id),
    FOREIGN KEY (register_id, party_id) REFERENCES party (register_id, party_id),
    FOREIGN KEY (register_id, request_id) REFERENCES request (register_id, request_id)
);
CREATE INDEX erasure_waiting_by_request ON erasure_waiting (register_id, request_id) WHERE request_id IS NOT NULL;
