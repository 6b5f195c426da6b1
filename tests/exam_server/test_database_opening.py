"""A database that cannot be opened is refused in words; an address may hold a password, so it is not repeated."""

import gc
import sqlite3
from pathlib import Path

import pytest

from exam_protocol.errors import ConfigurationError
from exam_server.db import open_engine


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "centre.db").write_bytes(b"an exam roster, not a database\n" * 100)

    with pytest.raises(ConfigurationError, match="数据库打不开：file is not a database。请检查"):
        open_engine(f"sqlite:///{tmp_path / 'centre.db'}")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="数据库打不开：unable to open database file"):
        open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'centre.db'}")


@pytest.mark.parametrize("url", ["geheim@127.0.0.1/kaoping", "oracle9://kaoping:geheim@host/x", ""])
def test_a_wrong_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="数据库地址写法不对") as refused:
        open_engine(url)
    assert "geheim" not in str(refused.value)


def test_a_missing_driver_is_named_with_the_command_that_installs_one() -> None:
    with pytest.raises(ConfigurationError, match=r"软件包 MySQLdb 没有安装。请运行：pip install"):
        open_engine("mysql://127.0.0.1/kaoping")


def test_an_engine_that_nobody_holds_any_more_closes_its_connections(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'centre.db'}")
    connection = engine.raw_connection()
    opened = connection.dbapi_connection
    assert opened is not None
    connection.close()
    del engine, connection
    gc.collect()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened.cursor()
