-- What bots may ask applications for through the broker. Applications themselves are the broker's: docs/decisions/0012.

CREATE TABLE grants (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    bot TEXT NOT NULL,
    application TEXT NOT NULL,
    origin TEXT NOT NULL, -- scheme, host and port for which it was given
    needs TEXT NOT NULL, -- the right that must be in the bot's level
    methods TEXT NOT NULL,
    paths TEXT NOT NULL,
    classes TEXT NOT NULL, -- what may be put in for placeholders, and come back
    person_right TEXT NOT NULL,
    step_up INTEGER NOT NULL,
    rate_interval INTEGER NOT NULL,
    rate_burst INTEGER NOT NULL
);
