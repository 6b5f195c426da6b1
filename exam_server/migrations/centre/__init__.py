"""Schema revisions of the centre's database, oldest first."""
