"""Measurements, run by hand: `python -m benchmarks NAME`. A file here that defines `main(arguments)` is one."""
