"""Chatwarden: the security gateway that stands between people and a chatbot."""

__version__ = "0.1.0"
