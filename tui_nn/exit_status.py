"""What the process says to its shell."""

DONE = 0
FAILED = 1
MISTAKE = 2
"""A mistake in the call: one line says which."""

INTERRUPTED = 130
"""Ctrl-C or a termination, with a checkpoint: 128 + SIGINT."""
