"""Engines: SQLite made safe (WAL, synchronous=FULL, foreign keys) or PostgreSQL by URL (SECURITY §7)."""

import weakref
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from exam_protocol.errors import ConfigurationError

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: NORMAL loses acknowledged answers at a power cut (REALTIME pitfall 9)
    "foreign_keys": 1,
    "trusted_schema": 0,
    "busy_timeout": 10_000,
}


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """Open a database by SQLAlchemy URL.

    On SQLite every connection gets our pragmas, read back once here; transactions of a writing engine begin
    IMMEDIATE, so that what a transaction reads is still true when it writes. Raises ``ConfigurationError`` when the
    file system does not give what we ask for (for example no WAL on a network share).
    """
    engine = create_engine(url, connect_args={"check_same_thread": False} if url.startswith("sqlite") else {})
    # A command opens a database and ends; its connections are closed with the engine, not left to the other side.
    weakref.finalize(engine, engine.pool.dispose)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_read_only if read_only else _set_up)
        if not read_only:
            event.listen(engine, "begin", _begin_immediate)
            if ":memory:" not in url and url != "sqlite://":
                _read_back(engine)
    return engine


def _set_up(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the DBAPI's own types
    connection.isolation_level = None  # we begin ourselves, see _begin_immediate
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


def _set_up_read_only(connection: Any, record: Any) -> None:  # noqa: ANN401 - the DBAPI's own types
    _set_up(connection, record)
    connection.execute("PRAGMA query_only=1")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _read_back(engine: Engine) -> None:
    with engine.connect() as connection:
        for name, value in _PRAGMAS.items():
            found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            if found != value:
                raise ConfigurationError(
                    f"数据库不能按要求保存（{name} 为 {found}，应为 {value}）。",
                    "请把数据放在本机硬盘上，不要放在网络共享盘。",
                )
