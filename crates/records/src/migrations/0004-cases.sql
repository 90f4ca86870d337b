-- Cases: what was reported, what was found, and what was done. Nothing in them says who somebody is, but for what reporters wrote, which is sealed.
-- `subject` is an account as long as there is one; `grounds` is a keyed hash of whom the case is about, by which later reports find it.
CREATE TABLE cases (
    id {blob} PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    subject {blob},
    grounds {blob},
    opened_at BIGINT NOT NULL,
    reported_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by {blob},
    reason TEXT,
    ended_at BIGINT
);
CREATE INDEX cases_by_state ON cases (state, due_at);
CREATE INDEX cases_by_grounds ON cases (grounds, opened_at);
CREATE INDEX cases_by_subject ON cases (subject);

-- What happened in a case. Rows are only ever added; they go with their case.
CREATE TABLE case_events (
    id {blob} PRIMARY KEY,
    in_case {blob} NOT NULL,
    event TEXT NOT NULL,
    actor {blob},
    happened_at BIGINT NOT NULL
);
CREATE INDEX case_events_by_case ON case_events (in_case, happened_at);

-- What one person reported, sealed under a key of the report's own. `reference` is the hash of what its reporter follows it by.
CREATE TABLE case_reports (
    id {blob} PRIMARY KEY,
    in_case {blob} NOT NULL,
    reference {blob} NOT NULL UNIQUE,
    reporter {blob},
    about {blob},
    message {blob},
    email {blob},
    language TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    told_at BIGINT,
    erased_at BIGINT
);
CREATE INDEX case_reports_by_case ON case_reports (in_case, made_at);

-- What was deleted in a case: how many of each kind.
CREATE TABLE case_deletions (
    in_case {blob} NOT NULL,
    what TEXT NOT NULL,
    number BIGINT NOT NULL,
    deleted_at BIGINT NOT NULL,
    PRIMARY KEY (in_case, what)
);
