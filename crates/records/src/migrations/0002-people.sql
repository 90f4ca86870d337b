-- People who registered. Their e-mail address and username are all that is personal here, each sealed under a key of that person's own, which is kept
-- in another place; `..._key` is a keyed hash to look one up by. Times are microseconds since 1970.
CREATE TABLE accounts (
    id {blob} PRIMARY KEY,
    state TEXT NOT NULL,
    email {blob},
    email_key {blob} UNIQUE,
    username {blob} NOT NULL,
    username_key {blob} NOT NULL UNIQUE,
    language TEXT NOT NULL,
    age TEXT NOT NULL,
    age_method TEXT NOT NULL,
    age_words_hash {blob} NOT NULL,
    age_policy_version BIGINT NOT NULL,
    age_at BIGINT NOT NULL,
    guardian {blob},
    made_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX accounts_by_guardian ON accounts (guardian);
CREATE INDEX accounts_by_closing ON accounts (closed_at);

-- Registrations that nobody confirmed yet. Two may want one address or one name: whoever confirms first has it.
CREATE TABLE registrations (
    id {blob} PRIMARY KEY,
    email {blob} NOT NULL,
    email_key {blob} NOT NULL,
    username {blob} NOT NULL,
    username_key {blob} NOT NULL,
    language TEXT NOT NULL,
    age TEXT NOT NULL,
    age_method TEXT NOT NULL,
    age_words_hash {blob} NOT NULL,
    age_policy_version BIGINT NOT NULL,
    age_at BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX registrations_by_age ON registrations (expires_at);

-- One-time links that were mailed: the hash of each token, what it is for, and the address that is to be theirs, sealed. `owner` is an account or a registration.
CREATE TABLE links (
    id {blob} PRIMARY KEY,
    kind TEXT NOT NULL,
    owner {blob} NOT NULL,
    email {blob},
    email_compared {blob},
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX links_by_owner ON links (owner, kind);
CREATE INDEX links_by_age ON links (expires_at);

-- Who is signed in. A browser holds a short signed ticket; this row is what renews it.
CREATE TABLE sessions (
    id {blob} PRIMARY KEY,
    account {blob} NOT NULL,
    method TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    proved_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account, started_at);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- Work that is still to be done, mail first of all. What it needs to know of a person is sealed under that person's key.
CREATE TABLE jobs (
    id {blob} PRIMARY KEY,
    kind TEXT NOT NULL,
    owner {blob},
    payload {blob} NOT NULL,
    made_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    begun_at BIGINT,
    given_up TEXT
);
CREATE INDEX jobs_by_turn ON jobs (due_at);
CREATE INDEX jobs_by_owner ON jobs (owner);

-- Passkeys: the public half, sealed, and the hash of its id to look one up by.
CREATE TABLE passkeys (
    id {blob} PRIMARY KEY,
    account {blob} NOT NULL,
    credential_key {blob} NOT NULL UNIQUE,
    credential {blob} NOT NULL,
    name {blob} NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX passkeys_by_account ON passkeys (account, made_at);
