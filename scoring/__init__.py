"""Responses to marks, know and do to results, and statistics. No web, no database: arithmetic."""
