-- What programs may ask with: of each token the SHA-256 and what it may do. `name` is the operator's word for the program, and no person's.
-- Times are microseconds since 1970.
CREATE TABLE tokens (
    id {blob} PRIMARY KEY,
    hash {blob} NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT
);

-- What was answered to a write that carried an idempotency key, for a day: keyed hashes of the key and of the request, and an answer in which nothing personal
-- is. Without a status it is still being worked on.
CREATE TABLE idempotency (
    token {blob} NOT NULL,
    idempotency_key {blob} NOT NULL,
    request {blob} NOT NULL,
    made_at BIGINT NOT NULL,
    status BIGINT,
    kind TEXT,
    body {blob},
    PRIMARY KEY (token, idempotency_key)
);
CREATE INDEX idempotency_by_age ON idempotency (made_at);

-- Agreements with people that are in force, as programs say. They end by themselves where `until_at` says when, and with the account.
CREATE TABLE agreements (
    account {blob} NOT NULL,
    name TEXT NOT NULL,
    since_at BIGINT NOT NULL,
    until_at BIGINT,
    PRIMARY KEY (account, name)
);
CREATE INDEX agreements_by_end ON agreements (until_at);

-- Which browsers somebody signed in with: the visitor's number, sealed under that person's key, and a keyed hash to look it up by. It expires with the
-- cookie that carries the number.
CREATE TABLE account_visitors (
    account {blob} NOT NULL,
    visitor_key {blob} NOT NULL,
    visitor {blob} NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account, visitor_key)
);
CREATE INDEX account_visitors_by_visitor ON account_visitors (visitor_key);
CREATE INDEX account_visitors_by_end ON account_visitors (expires_at);
