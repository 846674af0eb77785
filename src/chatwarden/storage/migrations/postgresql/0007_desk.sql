-- The desk: each stretch of a conversation with people. What was said is in messages; names of agents are pseudonyms.

CREATE TABLE handoffs (
    id TEXT NOT NULL PRIMARY KEY,
    conversation BIGINT NOT NULL,
    talk TEXT NOT NULL, -- the conversation's id
    bot TEXT NOT NULL,
    reason TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL, -- what it is about; empty once it ended
    skill TEXT NOT NULL,
    priority BIGINT NOT NULL,
    queued_at BIGINT,
    waiting_since BIGINT,
    agent TEXT NOT NULL,
    taken_at BIGINT,
    assigned_at BIGINT,
    answer_due BIGINT,
    resolve_due BIGINT,
    finished_at BIGINT,
    due_at BIGINT, -- something happens by itself then
    ended_at BIGINT,
    outcome TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX handoffs_one_at_a_time ON handoffs (conversation) WHERE ended_at IS NULL;
CREATE INDEX handoffs_of_conversation ON handoffs (conversation);
CREATE INDEX handoffs_asked ON handoffs (queued_at);

-- Earlier versions noted offers and requests that no desk could take.
UPDATE conversations SET state = 'bot' WHERE state IN ('offered', 'queued');
