"""What each family of data classes looks like, one table a family."""
