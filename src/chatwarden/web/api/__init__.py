"""The first-party interface (public contract, section 3): a file per capability."""
