"""Who answers: the bot, or people."""
