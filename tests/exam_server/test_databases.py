"""What runs on SQLite runs on PostgreSQL: the same schema, the same outcome, the same promises.

Run by ``make databases``, as are the services' own tests and the exam day on PostgreSQL.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from centre_factories import SERVERS, SmallCentre, make_exam_config, make_roster_row, write_csv, write_photos
from factories import NOW
from sqlalchemy import Engine, create_engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from zone_rig import Zone

from exam_protocol.errors import ConfigurationError
from exam_protocol.messages import AnswerSaved
from exam_server.db import open_engine
from exam_server.models.audit import LogEntry
from exam_server.models.base import create_schema, tables_of
from exam_server.schema import ROLES, load_models, schema_of, upgrade_schema
from exam_server.services.audit import write_audit
from exam_server.services.roster import import_roster
from exam_server.services.seating import seat_candidates
from exam_server.work import SYSTEM, Work, WorkRunner

pytestmark = pytest.mark.postgres
PEOPLE = range(1, 13)


@pytest.fixture
def url(emptied_postgres: Callable[[], str]) -> str:
    """The address of an empty PostgreSQL database."""
    load_models()
    return emptied_postgres()


@pytest.fixture
def postgres(url: str) -> Iterator[Engine]:
    """An empty PostgreSQL database."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("role", ROLES)
def test_a_roles_whole_schema_stands(postgres: Engine, role: str) -> None:
    create_schema(postgres, role)

    assert set(inspect(postgres).get_table_names()) == {table.name for table in tables_of(role)}


@pytest.mark.parametrize("role", ROLES)
def test_all_revisions_together_give_what_the_models_say(postgres: Engine, role: str) -> None:
    upgrade_schema(postgres, role)

    with postgres.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), schema_of(role))
    assert [(kind, *what) for kind, *what in differences if getattr(what[0], "name", "") != "alembic_version"] == []


def test_a_roster_is_imported_and_seated_as_on_sqlite(postgres: Engine, tmp_path: Path) -> None:
    roster = write_csv(tmp_path / "roster.csv", [make_roster_row(number) for number in PEOPLE])
    photos = write_photos(tmp_path / "photos", PEOPLE)

    seated = [_seated(engine, roster, photos) for engine in (open_engine("sqlite://"), postgres)]

    assert seated[0] == seated[1]
    assert len(seated[0]) == len(PEOPLE)


def _seated(engine: Engine, roster: Path, photos: Path) -> list[tuple[object, ...]]:
    centre = SmallCentre(engine, make_exam_config())
    centre.run(import_roster, centre.column_keys, roster, photos)
    centre.run(seat_candidates, centre.config, centre.column_keys, SERVERS, "seed")
    return sorted((each.ticket_no, each.server, each.room, each.seat) for each in centre.sittings())


def count_then_write(work: Work, both_have_begun: threading.Barrier) -> None:
    seen = work.db.scalar(select(func.count()).select_from(LogEntry))
    # The other one may not even look before we have committed.
    with contextlib.suppress(threading.BrokenBarrierError):
        both_have_begun.wait(0.3)
    write_audit(work, "count", str(seen), "")


def test_what_a_service_reads_is_still_true_when_it_writes(postgres: Engine) -> None:
    create_schema(postgres, "centre")
    run = WorkRunner(postgres, lambda: NOW).run
    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=run, args=(SYSTEM, count_then_write, barrier)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(run(SYSTEM, lambda work: list(work.db.scalars(select(LogEntry.subject))))) == ["0", "1"]


def test_what_only_reads_cannot_write(postgres: Engine, url: str) -> None:
    create_schema(postgres, "centre")
    reader = open_engine(url, read_only=True)

    with pytest.raises(DBAPIError, match="read-only"):
        WorkRunner(reader, lambda: NOW).run(SYSTEM, write_audit, "try", "to write", "")
    reader.dispose()


def test_after_the_database_server_has_restarted_answers_are_taken_again(url: str, tmp_path: Path) -> None:
    zone = Zone(tmp_path, url).prepare()
    kiosk = zone.answering(1)
    kiosk.answer("i1")
    cut_all_connections(url)
    arrival = kiosk.next_answer("i2")

    with pytest.raises(psycopg.OperationalError):
        zone.save(arrival)

    assert isinstance(zone.save(arrival), AnswerSaved)
    zone.now += timedelta(minutes=45)
    assert kiosk.hand_in().seq == 3


def test_a_server_that_would_lose_commits_is_refused(url: str) -> None:
    tell(url, "ALTER ROLE CURRENT_USER SET synchronous_commit = off")
    try:
        with pytest.raises(ConfigurationError, match="synchronous_commit 是 off"):
            open_engine(url)
    finally:
        tell(url, "ALTER ROLE CURRENT_USER RESET synchronous_commit")


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    with pytest.raises(ConfigurationError, match="数据库打不开") as refused:
        open_engine("postgresql+psycopg://kaoping:geheim@127.0.0.1:1/kaoping")
    assert "geheim" not in str(refused.value)


def cut_all_connections(url: str) -> None:
    """What a restart of the server does to whoever is connected."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    tell(url, f"SELECT pg_terminate_backend(pid) {others}")


def tell(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
