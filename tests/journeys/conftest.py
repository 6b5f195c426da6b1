"""The databases of a journey (SQLite, with ``make databases`` PostgreSQL as well), and an office with genuine files."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from bad_input import Office, run
from postgres_server import PostgresServer


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str | None]]:
    """Give the SQLAlchemy URL of a role's database; ``None`` is the embedded one of its folder."""
    if request.param == "sqlite":
        yield lambda _role: None
        return
    with PostgresServer() as server:
        yield server.empty_database


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def refuses(office: Office, tmp_path: Path) -> Callable[..., None]:
    """Run a command that must refuse with these words and leave everything as it is."""

    def check(*words: object, told: Sequence[str]) -> None:
        before = office.state()
        answer = run(*words)
        assert (answer.code, answer.out) == (1, ""), answer
        assert [fragment for fragment in (*told, "请") if fragment not in answer.err] == [], answer.err
        assert "Traceback" not in answer.err
        assert office.state() == before
        assert not (tmp_path / "out").exists()

    return check
