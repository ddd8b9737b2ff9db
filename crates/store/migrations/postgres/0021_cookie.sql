-- Cookie choices of visitors of web services, and the events that such a choice covers (Act 917/2014 section 205). A visitor is
-- nobody of the register: a random number of which only the hash is kept. A refusal has no row. No network address.
-- What a company has set: origins is a JSON list of the web services that may ask.
CREATE TABLE cookie_setting (
    register_id UUID NOT NULL,
    company_id TEXT NOT NULL,
    origins TEXT NOT NULL,
    months BIGINT NOT NULL,
    version BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, company_id),
    CHECK (months BETWEEN 1 AND 12),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);

-- The exact texts that choices answered, by the SHA-256 of language and words.
CREATE TABLE cookie_text (
    register_id UUID NOT NULL,
    text_version TEXT NOT NULL,
    language TEXT NOT NULL,
    wording TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    PRIMARY KEY (register_id, text_version)
);

-- Choices that allowed something. They stay as proof for a time after they ended (Art. 7(1)).
CREATE TABLE cookie_choice (
    register_id UUID NOT NULL,
    choice_id UUID NOT NULL,
    visitor_hash BYTEA NOT NULL,
    company_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    text_version TEXT NOT NULL,
    way TEXT NOT NULL,
    despite_signal BIGINT NOT NULL CHECK (despite_signal IN (0, 1)),
    given_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT,
    -- How many events were kept under it.
    events BIGINT NOT NULL,
    PRIMARY KEY (register_id, choice_id),
    UNIQUE (register_id, visitor_hash),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (expires_at > given_at),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, text_version) REFERENCES cookie_text (register_id, text_version)
);
CREATE INDEX cookie_choice_living ON cookie_choice (register_id, expires_at) WHERE ended_at IS NULL;
CREATE INDEX cookie_choice_ended ON cookie_choice (register_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX cookie_choice_given ON cookie_choice (register_id, company_id, given_at);
CREATE INDEX cookie_choice_by_text ON cookie_choice (register_id, text_version);

-- Each use that was asked about: accepted is what was answered, covers whether events may be kept under it now. An event's foreign
-- key holds it at 1: what does not cover has no events, and what has events can not stop to cover.
CREATE TABLE cookie_choice_use (
    register_id UUID NOT NULL,
    choice_id UUID NOT NULL,
    cookie_use TEXT NOT NULL,
    accepted BIGINT NOT NULL CHECK (accepted IN (0, 1)),
    covers BIGINT NOT NULL CHECK (covers IN (0, 1)),
    PRIMARY KEY (register_id, choice_id, cookie_use),
    UNIQUE (register_id, choice_id, cookie_use, covers),
    CHECK (covers <= accepted),
    FOREIGN KEY (register_id, choice_id) REFERENCES cookie_choice (register_id, choice_id)
);

CREATE TABLE cookie_event (
    register_id UUID NOT NULL,
    event_id UUID NOT NULL,
    choice_id UUID NOT NULL,
    cookie_use TEXT NOT NULL,
    covers BIGINT NOT NULL CHECK (covers = 1),
    company_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (register_id, event_id),
    FOREIGN KEY (register_id, choice_id, cookie_use, covers)
        REFERENCES cookie_choice_use (register_id, choice_id, cookie_use, covers),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
);
CREATE INDEX cookie_event_by_choice ON cookie_event (register_id, choice_id, cookie_use);
CREATE INDEX cookie_event_by_kind ON cookie_event (register_id, company_id, kind);
