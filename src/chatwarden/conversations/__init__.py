"""The record: conversations, their messages, who may see them and when they are destroyed."""
