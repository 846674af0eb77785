"""Are you still you: tokens, deadlines, the still-there prompt, revocation."""
