-- Where there are very many people, the few of whom something is to be done are found without looking at all the others, and whoever has neither guardian
-- nor end is in no index of those. SQLite sees that the second answers a statement where the statement says the same: `state <> 'open'`.
DROP INDEX accounts_by_guardian;
DROP INDEX accounts_by_closing;
CREATE INDEX accounts_by_guardian ON accounts (guardian) WHERE guardian IS NOT NULL;
CREATE INDEX accounts_not_open ON accounts (state, made_at) WHERE state <> 'open';
CREATE INDEX sessions_by_seen ON sessions (seen_at);
