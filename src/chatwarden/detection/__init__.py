"""What is in this text: personal data and secrets, and what is to be done with them."""
