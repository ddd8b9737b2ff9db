-- Cookie choices of visitors of web services, and the events that such a choice covers (Act 917/2014 section 205). A visitor is
-- nobody of the register: a random number of which only the hash is kept. A refusal has no row. No network address.
-- What a company has set: origins is a JSON list of the web services that may ask.
CREATE TABLE cookie_setting (
    register_id BLOB NOT NULL,
    company_id TEXT NOT NULL,
    origins TEXT NOT NULL,
    months INTEGER NOT NULL,
    version INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, company_id),
    CHECK (months BETWEEN 1 AND 12),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
) STRICT;

-- The exact texts that choices answered, by the SHA-256 of language and words.
CREATE TABLE cookie_text (
    register_id BLOB NOT NULL,
    text_version TEXT NOT NULL,
    language TEXT NOT NULL,
    wording TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    PRIMARY KEY (register_id, text_version)
) STRICT;

-- Choices that allowed something. They stay as proof for a time after they ended (Art. 7(1)).
CREATE TABLE cookie_choice (
    register_id BLOB NOT NULL,
    choice_id BLOB NOT NULL,
    visitor_hash BLOB NOT NULL,
    company_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    text_version TEXT NOT NULL,
    way TEXT NOT NULL,
    despite_signal INTEGER NOT NULL CHECK (despite_signal IN (0, 1)),
    given_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by TEXT,
    -- How many events were kept under it.
    events INTEGER NOT NULL,
    PRIMARY KEY (register_id, choice_id),
    UNIQUE (register_id, visitor_hash),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (expires_at > given_at),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id),
    FOREIGN KEY (register_id, text_version) REFERENCES cookie_text (register_id, text_version)
) STRICT, WITHOUT ROWID;
CREATE INDEX cookie_choice_living ON cookie_choice (register_id, expires_at) WHERE ended_at IS NULL;
CREATE INDEX cookie_choice_ended ON cookie_choice (register_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX cookie_choice_given ON cookie_choice (register_id, company_id, given_at);
CREATE INDEX cookie_choice_by_text ON cookie_choice (register_id, text_version);

-- Each use that was asked about: accepted is what was answered, covers whether events may be kept under it now. An event's foreign
-- key holds it at 1: what does not cover has no events, and what has events can not stop to cover.
CREATE TABLE cookie_choice_use (
    register_id BLOB NOT NULL,
    choice_id BLOB NOT NULL,
    cookie_use TEXT NOT NULL,
    accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
    covers INTEGER NOT NULL CHECK (covers IN (0, 1)),
    PRIMARY KEY (register_id, choice_id, cookie_use),
    UNIQUE (register_id, choice_id, cookie_use, covers),
    CHECK (covers <= accepted),
    FOREIGN KEY (register_id, choice_id) REFERENCES cookie_choice (register_id, choice_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE cookie_event (
    register_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    choice_id BLOB NOT NULL,
    cookie_use TEXT NOT NULL,
    covers INTEGER NOT NULL CHECK (covers = 1),
    company_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (register_id, event_id),
    FOREIGN KEY (register_id, choice_id, cookie_use, covers)
        REFERENCES cookie_choice_use (register_id, choice_id, cookie_use, covers),
    FOREIGN KEY (register_id, company_id) REFERENCES company (register_id, company_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cookie_event_by_choice ON cookie_event (register_id, choice_id, cookie_use);
CREATE INDEX cookie_event_by_kind ON cookie_event (register_id, company_id, kind);
