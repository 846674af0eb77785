"""Standard interfaces over the same road, for clients that people already have."""
