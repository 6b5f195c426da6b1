"""Each role's way from an empty database to the newest schema, revision by revision (Alembic)."""
