"""Logins that a company runs itself: the gateway is a relying party of OpenID Connect."""
