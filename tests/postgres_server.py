"""Databases of their own for tests, in the PostgreSQL server that ``make databases`` starts; dropped afterwards."""

import os
from types import TracebackType
from typing import Self

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


class PostgresServer:
    """The server at ``KAOPING_POSTGRES``; leaving the ``with`` block drops every database that was made."""

    def __init__(self) -> None:
        self._url = make_url(os.environ["KAOPING_POSTGRES"])
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._count = 0
        self._made: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop_all()
        self._admin.dispose()

    def empty_database(self, purpose: str = "test") -> str:
        """Make an empty database; returns its SQLAlchemy URL."""
        self._count += 1
        name = f"{purpose}_{os.getpid()}_{self._count}"
        self._run(f'CREATE DATABASE "{name}"')
        self._made.append(name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def emptied(self, url: str) -> str:
        """Drop everything that is in a database of ours, which is much quicker than to make another one."""
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        return url

    def drop_all(self) -> None:
        """Drop every database that was made, whoever still has it open."""
        while self._made:
            self._run(f'DROP DATABASE "{self._made.pop()}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))
