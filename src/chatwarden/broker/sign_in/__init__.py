"""Ways of signing in to an application: a file for each kind."""
