"""The command line. Voice: lower case, no full stop, then ``hint:``. Exit codes: 0 well, 1 findings or a failed check,
2 wrong use or configuration, 3 could not run, 4 internal error.
"""
