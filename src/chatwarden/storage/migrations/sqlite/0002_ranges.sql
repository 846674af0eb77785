-- Where, in the order of destruction, the messages of a conversation may lie. PostgreSQL keeps them apart by the hour and
-- says which hours to look in; here they lie together.
CREATE VIEW message_ranges (conversation, begins, ends) AS SELECT no, 0, 9223372036854775807 FROM conversations;
