-- Each time that a conversation left its agent for another one or for the queue: a JSON array of [at, agent, to, reason].
ALTER TABLE handoffs ADD COLUMN passed TEXT NOT NULL DEFAULT '[]';
-- The numbers of the console are counted over a time.
CREATE INDEX conversations_begun ON conversations (created_at);
