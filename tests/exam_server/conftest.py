"""The database of a service test: SQLite, and with ``make databases`` PostgreSQL as well."""

from collections.abc import Callable, Iterator

import pytest
from postgres_server import PostgresServer


@pytest.fixture(scope="session")
def emptied_postgres() -> Iterator[Callable[[], str]]:
    """Empty one database of the PostgreSQL server again and again; returns its URL."""
    with PostgresServer() as server:
        url = server.empty_database()
        yield lambda: server.emptied(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def postgres_url(request: pytest.FixtureRequest) -> str | None:
    """Return the SQLAlchemy URL of an empty PostgreSQL database; ``None`` when the test is to run on SQLite."""
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("emptied_postgres")()
    return url
