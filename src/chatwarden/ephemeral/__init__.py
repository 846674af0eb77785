"""Things that end by themselves: keys that expire, and what they seal."""
