-- Who you are: factors beside the password, accounts known by others, what was used once, what people are told.

ALTER TABLE users ADD COLUMN failures INTEGER NOT NULL DEFAULT 0; -- wrong passwords in a row (NIST SP 800-63B-4, 3.2.2)
ALTER TABLE users ADD COLUMN contact BLOB; -- where this person is told of changes, sealed under a key of the home
ALTER TABLE users ADD COLUMN seen_at INTEGER; -- last login

CREATE TABLE factors (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    lookup BLOB UNIQUE, -- SHA-256 of a passkey's credential id, keyed hash of a recovery code
    secret BLOB NOT NULL, -- sealed key of one-time codes, public key of a passkey, nothing for a recovery code
    mark INTEGER NOT NULL, -- last time step accepted (RFC 6238), or a passkey's signature counter
    failures INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
);
CREATE INDEX factors_of_user ON factors (user_id);

-- From where an account was used with success: a stranger who guesses elsewhere locks nobody out here.
CREATE TABLE known_sources (
    user_id TEXT NOT NULL,
    source BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, source)
);

-- People as a company login or a website names them: never by an e-mail address.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_of_user ON identities (user_id);

-- Which session came from which login at a company's provider: what a back-channel logout ends.
CREATE TABLE company_sessions (
    session_id TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    sid TEXT NOT NULL,
    ends INTEGER NOT NULL
);
CREATE INDEX company_sessions_of ON company_sessions (issuer, subject);

-- What may be used once, or no longer, until it is over by itself anyway.
CREATE TABLE spent_tokens (
    issuer TEXT NOT NULL,
    jti TEXT NOT NULL,
    ends INTEGER NOT NULL,
    PRIMARY KEY (issuer, jti)
);
CREATE INDEX spent_tokens_over ON spent_tokens (ends);

-- What is still to be told: written with the act that it tells of.
CREATE TABLE notices (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    user_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    next_try INTEGER NOT NULL,
    tries INTEGER NOT NULL
);
CREATE INDEX notices_due ON notices (next_try);

-- Are you still you.
ALTER TABLE sessions ADD COLUMN means TEXT NOT NULL DEFAULT ''; -- the factors by which its person can answer
ALTER TABLE sessions ADD COLUMN rights TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN incomplete INTEGER NOT NULL DEFAULT 0; -- a second factor must be set up first
ALTER TABLE sessions ADD COLUMN asked TEXT NOT NULL DEFAULT ''; -- why the person is asked, where that is not silence
ALTER TABLE sessions ADD COLUMN answer_deadline INTEGER; -- where it comes before the idle deadline
ALTER TABLE sessions ADD COLUMN recheck_at INTEGER;
ALTER TABLE sessions ADD COLUMN fingerprint BLOB NOT NULL DEFAULT x''; -- keyed hash of address block and client
CREATE INDEX sessions_answer ON sessions (answer_deadline) WHERE ended_at IS NULL AND answer_deadline IS NOT NULL;
