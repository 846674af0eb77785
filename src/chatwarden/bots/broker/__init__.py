"""The gateway's side of the credential broker: who may ask which application for what, and how it is asked."""
