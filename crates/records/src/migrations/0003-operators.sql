-- Operators: who may use the console. They are not people of the site: nothing here is about an account. A name is sealed under a key of that operator's own,
-- kept where people's keys are. Times are microseconds since 1970.
CREATE TABLE operators (
    id {blob} PRIMARY KEY,
    role TEXT NOT NULL,
    name {blob} NOT NULL,
    made_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE INDEX operators_by_removal ON operators (removed_at);

-- Passkeys of operators: the public half, sealed, and the hash of its id to look one up by.
CREATE TABLE operator_passkeys (
    id {blob} PRIMARY KEY,
    operator {blob} NOT NULL,
    credential_key {blob} NOT NULL UNIQUE,
    credential {blob} NOT NULL,
    name {blob} NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX operator_passkeys_by_operator ON operator_passkeys (operator, made_at);

-- Who is signed in to the console: the hash of what their cookie holds.
CREATE TABLE operator_sessions (
    id {blob} PRIMARY KEY,
    operator {blob} NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX operator_sessions_by_operator ON operator_sessions (operator);
CREATE INDEX operator_sessions_by_end ON operator_sessions (ends_at);

-- Links that make an operator once: the hash of each token, who it will make, and who invited them. Nobody did where the link came from the machine itself.
CREATE TABLE operator_invitations (
    id {blob} PRIMARY KEY,
    operator {blob} NOT NULL,
    role TEXT NOT NULL,
    invited_by {blob},
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX operator_invitations_by_age ON operator_invitations (expires_at);

-- What operators did, in order. Rows are added, and never changed or deleted. Nobody did it where it was done on the machine itself.
CREATE TABLE operator_actions (
    number BIGINT PRIMARY KEY,
    made_at BIGINT NOT NULL,
    operator {blob},
    deed TEXT NOT NULL,
    subject {blob}
);
