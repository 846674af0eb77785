"""The credential broker: a process of its own that holds what applications want to be shown, and shows it to nobody else."""
