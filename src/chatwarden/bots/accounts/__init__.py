"""Accounts of bots: programs that sign in for themselves, each with one access level."""
