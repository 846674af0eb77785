"""Who are you: accounts and passwords."""
