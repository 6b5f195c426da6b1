"""What runs on SQLite runs on PostgreSQL: the same schema, the same outcome. Run by ``make databases``."""

import importlib
import os
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from centre_factories import SERVERS, SmallCentre, make_exam_config, make_roster_row, write_csv, write_photos
from sqlalchemy import Engine, inspect

import exam_server.models
from exam_server.db import open_engine
from exam_server.models.base import Base, create_schema, tables_of
from exam_server.services.roster import import_roster
from exam_server.services.seating import seat_candidates

pytestmark = pytest.mark.postgres
PEOPLE = range(1, 13)


@pytest.fixture
def postgres() -> Iterator[Engine]:
    """An empty PostgreSQL database."""
    for module in pkgutil.iter_modules(exam_server.models.__path__, "exam_server.models."):
        importlib.import_module(module.name)
    engine = open_engine(os.environ["KAOPING_POSTGRES"])
    yield engine
    Base.metadata.drop_all(engine)
    engine.dispose()


@pytest.mark.parametrize("role", ["centre", "zone", "portal"])
def test_a_roles_whole_schema_stands(postgres: Engine, role: str) -> None:
    create_schema(postgres, role)

    assert set(inspect(postgres).get_table_names()) == {table.name for table in tables_of(role)}


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
