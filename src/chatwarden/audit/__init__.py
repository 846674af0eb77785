"""What happened: entries that share a transaction with the rows they describe."""
