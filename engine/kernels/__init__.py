"""Compiled inner loops, each beside the plain NumPy that it equals (`<name>_reference`): the only user of Numba."""
