"""Before a run: what is cheap to know of a configuration and its data, a file each check.

CS231n, "Neural Networks Part 3", sections "Gradient checks" and "Before learning: sanity checks tips/tricks".
"""

from engine.preflight.check import Cancelled, Result, checks
from engine.preflight.running import preflight

__all__ = ["Cancelled", "Result", "checks", "preflight"]
