"""Ways to reach a bot, a file each."""
