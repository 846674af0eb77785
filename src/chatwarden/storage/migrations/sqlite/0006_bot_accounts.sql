-- Accounts of bots: programs that sign in for themselves.

CREATE TABLE bot_accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE, -- the configured bot
    level TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE bot_instances (
    id TEXT NOT NULL PRIMARY KEY, -- the OAuth client id
    account TEXT NOT NULL,
    label TEXT NOT NULL,
    plain INTEGER NOT NULL, -- its sign-ins are not counted
    state TEXT NOT NULL,
    reason TEXT NOT NULL, -- why it is not enabled
    created_at INTEGER NOT NULL,
    since INTEGER NOT NULL, -- made or enabled: from when on it is expected to be used
    used_at INTEGER, -- last sign-in
    UNIQUE (account, label)
);

CREATE TABLE bot_credentials (
    instance TEXT NOT NULL,
    number INTEGER NOT NULL,
    method TEXT NOT NULL,
    material BLOB NOT NULL, -- SHA-256 of 256 random bits, or a public key in PEM
    generation INTEGER NOT NULL, -- what the next sign-in carries
    moved_at INTEGER NOT NULL, -- last sign-in with it
    expires_at INTEGER NOT NULL,
    warned INTEGER NOT NULL,
    PRIMARY KEY (instance, number)
);

CREATE TABLE bot_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    instance TEXT NOT NULL,
    credential INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    used INTEGER NOT NULL, -- somebody showed it
    replaced INTEGER NOT NULL, -- its answer was said to be lost, and another took its place
    expires_at INTEGER NOT NULL
);
CREATE INDEX bot_tokens_of_instance ON bot_tokens (instance);
CREATE INDEX bot_tokens_over ON bot_tokens (expires_at);
