"""Schema revisions of the portal's database, oldest first."""
