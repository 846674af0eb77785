"""Where the record is kept: a small port, SQLite behind it."""
