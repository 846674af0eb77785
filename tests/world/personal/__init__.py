"""A generated set of messages with and without personal data: values that pass their checks, sentences as people write."""
