"""Digits as people draw and photograph them: brought to MNIST's form, and read as numbers."""
