-- Accounts of bots: programs that sign in for themselves.

CREATE TABLE bot_accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE, -- the configured bot
    level TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE bot_instances (
    id TEXT NOT NULL PRIMARY KEY, -- the OAuth client id
    account TEXT NOT NULL,
    label TEXT NOT NULL,
    plain BIGINT NOT NULL, -- its sign-ins are not counted
    state TEXT NOT NULL,
    reason TEXT NOT NULL, -- why it is not enabled
    created_at BIGINT NOT NULL,
    since BIGINT NOT NULL, -- made or enabled: from when on it is expected to be used
    used_at BIGINT, -- last sign-in
    UNIQUE (account, label)
);

CREATE TABLE bot_credentials (
    instance TEXT NOT NULL,
    number BIGINT NOT NULL,
    method TEXT NOT NULL,
    material BYTEA NOT NULL, -- SHA-256 of 256 random bits, or a public key in PEM
    generation BIGINT NOT NULL, -- what the next sign-in carries
    moved_at BIGINT NOT NULL, -- last sign-in with it
    expires_at BIGINT NOT NULL,
    warned BIGINT NOT NULL,
    PRIMARY KEY (instance, number)
);

CREATE TABLE bot_tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    instance TEXT NOT NULL,
    credential BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    used BIGINT NOT NULL, -- somebody showed it
    replaced BIGINT NOT NULL, -- its answer was said to be lost, and another took its place
    expires_at BIGINT NOT NULL
);
CREATE INDEX bot_tokens_of_instance ON bot_tokens (instance);
CREATE INDEX bot_tokens_over ON bot_tokens (expires_at);
