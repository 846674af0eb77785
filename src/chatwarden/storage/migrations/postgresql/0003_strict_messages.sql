-- Strict messages are few: they are found without reading the others when a keeper was replaced. 2^32: their first page.
CREATE INDEX messages_strict ON messages (conversation, seq) WHERE page >= 4294967296;
