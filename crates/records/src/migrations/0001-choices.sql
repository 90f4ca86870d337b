-- One answer about one purpose: the fields of ISO/IEC TS 27560. It names nobody; `record` is a pseudonym of its own.
CREATE TABLE choice (
    id {blob} PRIMARY KEY,
    record {blob} NOT NULL,
    purpose TEXT NOT NULL,
    action TEXT NOT NULL,
    method TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    words_hash {blob} NOT NULL,
    interface TEXT NOT NULL,
    language TEXT NOT NULL,
    region TEXT NOT NULL,
    gpc BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX choice_record ON choice (record, made_at);
