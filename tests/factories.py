"""Plausible objects for tests: valid without arguments, keywords for what a test is about."""
