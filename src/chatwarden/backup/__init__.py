"""A copy of a home in one file: sealed, checked when it was written, and put back."""
