"""All revisions together give what the models say; a database that was made so has nothing left to change."""

import re

import pytest
from sqlalchemy import Engine, text

from exam_server.db import open_engine
from exam_server.models.base import create_schema
from exam_server.schema import ROLES, load_models, upgrade_schema


def written_schema(engine: Engine) -> dict[str, list[str]]:
    """What stands in the parentheses of each table and index; the order of constraints says nothing."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {name: _parts(" ".join(sql.replace('"', "").split())) for name, sql in rows if name != "alembic_version"}


def _parts(statement: str) -> list[str]:
    head, _, rest = statement.partition("(")
    body, _, options = rest.rpartition(")")
    return [head.strip(), options.strip(), *sorted(part.strip() for part in re.split(r",(?![^(]*\))", body))]


@pytest.mark.parametrize("role", ROLES)
def test_all_revisions_together_give_what_the_models_say(role: str) -> None:
    load_models()
    by_revisions, by_models = open_engine("sqlite://"), open_engine("sqlite://")

    upgrade_schema(by_revisions, role)
    create_schema(by_models, role)

    assert written_schema(by_revisions) == written_schema(by_models)


@pytest.mark.parametrize("role", ROLES)
def test_upgrading_twice_changes_nothing(role: str) -> None:
    engine = open_engine("sqlite://")
    upgrade_schema(engine, role)
    before = written_schema(engine)

    upgrade_schema(engine, role)

    assert written_schema(engine) == before
