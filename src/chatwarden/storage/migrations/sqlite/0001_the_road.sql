-- Instants and durations are microseconds. Rows hold pseudonyms and ciphertext; audit entries hold commitments.

CREATE TABLE users (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    password TEXT,
    created_at INTEGER NOT NULL
);

CREATE TABLE enrolments (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    principal_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_input_at INTEGER NOT NULL,
    idle INTEGER NOT NULL,
    idle_deadline INTEGER NOT NULL,
    absolute_deadline INTEGER NOT NULL,
    answer_within INTEGER NOT NULL,
    confirmation TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    attempts_left INTEGER NOT NULL,
    factors TEXT NOT NULL,
    authenticated_at INTEGER NOT NULL,
    origin TEXT NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
);
CREATE INDEX sessions_of_principal ON sessions (principal_id);
CREATE INDEX sessions_idle ON sessions (idle_deadline) WHERE ended_at IS NULL;
CREATE INDEX sessions_absolute ON sessions (absolute_deadline) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE conversations (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    bot TEXT NOT NULL,
    owner TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX conversations_of_owner ON conversations (owner);
CREATE INDEX conversations_about ON conversations (subject);

-- Clustered by place: one page of the tree is touched per message, and a page of messages is one range.
CREATE TABLE messages (
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    page INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    destroy_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    reply_to INTEGER,
    client_key BLOB,
    payload BLOB NOT NULL,
    PRIMARY KEY (conversation, seq)
) WITHOUT ROWID;
CREATE INDEX messages_due ON messages (bucket);
CREATE UNIQUE INDEX messages_once ON messages (conversation, client_key) WHERE client_key IS NOT NULL;

CREATE TABLE tombstones (
    no INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    destroyed_at INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX tombstones_of_conversation ON tombstones (conversation, seq);
CREATE INDEX tombstones_age ON tombstones (destroyed_at);

-- Rows are never deleted, so the next number is never an old one, without a table that remembers it.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    entry BLOB NOT NULL
);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
