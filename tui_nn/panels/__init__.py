"""Panels: each picks its figures from the run and has a plot draw them."""
