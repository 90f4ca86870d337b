-- One answer about one purpose, with what ISO/IEC TS 27560 asks of a record that the policy's own version cannot tell. It names nobody: `record` is a
-- pseudonym of its own, and no address is kept. Times are microseconds since 1970.
CREATE TABLE choices (
    id {blob} PRIMARY KEY,
    record {blob} NOT NULL,
    account {blob},
    purpose TEXT NOT NULL,
    action TEXT NOT NULL,
    method TEXT NOT NULL,
    basis TEXT NOT NULL,
    interface TEXT NOT NULL,
    language TEXT NOT NULL,
    words_hash {blob} NOT NULL,
    policy_version BIGINT NOT NULL,
    policy_hash {blob} NOT NULL,
    region TEXT NOT NULL,
    gpc BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX choices_by_record ON choices (record, made_at);
CREATE INDEX choices_by_account ON choices (account, made_at);
CREATE INDEX choices_by_age ON choices (policy_version, made_at);

-- The account a browser's record belongs to. A record belongs to one account or to none.
CREATE TABLE record_accounts (
    record {blob} PRIMARY KEY,
    account {blob} NOT NULL,
    bound_at BIGINT NOT NULL
);
CREATE INDEX record_accounts_by_account ON record_accounts (account);
