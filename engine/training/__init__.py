"""The training loop, what it tells, what it obeys, and what it keeps on disk."""
