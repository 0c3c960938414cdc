"""How fast a run goes that somebody watches."""

WATCHABLE_S = 2.0
"""Least seconds of an epoch unless asked otherwise: small data would be learned before one has looked."""

LINKS = ("normal", "slow")
"""Over which a run may be watched."""
