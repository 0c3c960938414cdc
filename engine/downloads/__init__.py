"""Files from servers, whole or not at all: mirrors, checksums, resuming, and an end at any moment.

Nothing here is imported before the first download; that is when requests is loaded.
"""
