"""The databases that a journey runs on: SQLite, and with ``make databases`` PostgreSQL as well."""

from collections.abc import Callable, Iterator

import pytest
from postgres_server import PostgresServer


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str | None]]:
    """Give the SQLAlchemy URL of a role's database; ``None`` is the embedded one of its folder."""
    if request.param == "sqlite":
        yield lambda _role: None
        return
    with PostgresServer() as server:
        yield server.empty_database
