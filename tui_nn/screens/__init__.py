"""Screens: they put panels in their places and decide nothing."""
