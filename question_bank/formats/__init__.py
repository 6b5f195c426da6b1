"""Formats in which items and tables are handed in."""
