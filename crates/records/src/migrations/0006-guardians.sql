-- Minors whose guardian registered them. The account itself is in `accounts`, with `guardian` for as long as one answers for it. `passes_in` is a quarter of
-- a year, counted from year 0: when the account becomes theirs. No finer date is kept of anybody. `words_hash`, `policy_version` and `said_at` are what the
-- guardian said of being one. Times are microseconds since 1970.
CREATE TABLE dependents (
    account {blob} PRIMARY KEY,
    passes_in BIGINT NOT NULL,
    words_hash {blob} NOT NULL,
    policy_version BIGINT NOT NULL,
    said_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    told_at BIGINT,
    passed_at BIGINT
);
CREATE INDEX dependents_by_passing ON dependents (passes_in);
