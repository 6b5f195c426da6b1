"""Schema revisions of the zone's database, oldest first."""
