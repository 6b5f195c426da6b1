"""The schema of a role's database, brought to its newest revision; the models say what that is.

A revision is made, after the models were changed, by ``python -m exam_server.schema <role> "<what changes>"`` and read
by a person before it is committed. A test holds that all revisions together give what the models say.
"""

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, create_engine

from exam_server import models
from exam_server.models.base import Base, UtcTime, tables_of

ROLES = ("centre", "zone", "portal")
_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade_schema(engine: Engine, role: str) -> None:
    """Bring the database of a role, empty or older, to the newest revision, in one transaction."""
    with engine.begin() as connection:
        command.upgrade(_config(role, connection), "head")


def schema_of(role: str) -> MetaData:
    """Return the tables of a role as the models say them."""
    load_models()
    schema = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in tables_of(role):
        table.to_metadata(schema)
    return schema


def load_models() -> None:
    """Import every module of models: a table exists only once its module was imported."""
    for module in pkgutil.iter_modules(models.__path__, f"{models.__name__}."):
        importlib.import_module(module.name)


def is_ours(_item: object, name: str | None, kind: str, _is_reflected: bool, _other: object) -> bool:  # noqa: FBT001 - Alembic's hook
    """Leave Alembic's own table out of the comparison."""
    return not (kind == "table" and name == "alembic_version")


def render_type(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic's hook
    """Write our column type as what it is in the database: a revision must not change when the models do."""
    del context
    return "sa.BigInteger()" if kind == "type" and isinstance(item, UtcTime) else False


def make_revision(role: str, message: str) -> None:
    """Write the next revision of a role: the difference between its revisions so far and the models."""
    number = len(list((_MIGRATIONS / role).glob("r[0-9]*.py"))) + 1
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        config = _config(role, connection)
        command.upgrade(config, "head")
        command.revision(
            config,
            message,
            autogenerate=True,
            version_path=str(_MIGRATIONS / role),
            rev_id=f"{number:04d}",
        )
    engine.dispose()


def _config(role: str, connection: Connection) -> Config:
    config = Config(attributes={"role": role, "connection": connection})
    # A path may hold a per cent sign, which the configuration would read as the start of a variable.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(_MIGRATIONS / role).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    return config


if __name__ == "__main__":
    make_revision(sys.argv[1], sys.argv[2])
