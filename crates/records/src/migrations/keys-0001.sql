-- One key for each person, wrapped by the master key that `master` names. Without it nothing of theirs can be read, wherever a copy of it is.
CREATE TABLE person_keys (
    person {blob} PRIMARY KEY,
    master {blob} NOT NULL,
    wrapped {blob} NOT NULL
);
CREATE INDEX person_keys_by_master ON person_keys (master);

-- Whose key was destroyed because they were erased. Should an older copy of the records come back, they are erased again.
CREATE TABLE erased_people (
    person {blob} PRIMARY KEY
);

-- Keys of the whole, by name, wrapped alike.
CREATE TABLE named_keys (
    name TEXT PRIMARY KEY,
    master {blob} NOT NULL,
    wrapped {blob} NOT NULL
);
