"""The database of a service test: SQLite, and with ``make databases`` PostgreSQL as well."""

from collections.abc import Iterator

import pytest
from postgres_server import PostgresServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The SQLAlchemy URL of an empty PostgreSQL database; ``None`` when the test is to run on SQLite."""
    if request.param == "sqlite":
        yield None
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    yield server.empty_database()
    server.drop_all()
