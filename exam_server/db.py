"""Engines: SQLite made safe (WAL, synchronous=FULL, foreign keys) or PostgreSQL by URL (SECURITY §7)."""

import weakref
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError

from exam_protocol.errors import ConfigurationError

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: NORMAL loses acknowledged answers at a power cut (REALTIME pitfall 9)
    "foreign_keys": 1,
    "trusted_schema": 0,
    "busy_timeout": 10_000,
}
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""What a PostgreSQL server must not be told, for the same reason."""
BEGIN_WRITING = {"sqlite": "BEGIN IMMEDIATE", "postgresql": f"SELECT pg_advisory_xact_lock({0x6B616F70696E67})"}
"""First statement of a writing transaction by dialect: it waits until no other one runs. The number names our lock."""


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """Open a database by SQLAlchemy URL.

    Transactions of a writing engine come one after the other, so that what a transaction reads is still true when it
    writes; those of a reading one cannot write. A commit is on the platter when it returns: on SQLite every connection
    gets our pragmas, on PostgreSQL its settings; both are read back once here. Raises ``ConfigurationError`` when the
    file system or the server does not give what we ask for (for example no WAL on a network share), or nothing opens.
    """
    engine = _engine(url)
    _close_with_the_engine(engine)
    try:
        return _made_safe(engine, read_only=read_only)
    except DBAPIError as failed:
        raise ConfigurationError(
            f"数据库打不开：{failed.orig}。", "请检查数据库文件或地址、权限，以及数据库服务是否在运行。"
        ) from failed


def _engine(url: str) -> Engine:
    is_sqlite = url.startswith("sqlite")
    try:
        return create_engine(
            url, pool_pre_ping=not is_sqlite, connect_args={"check_same_thread": False} if is_sqlite else {}
        )
    except ArgumentError as wrong:  # its words would repeat the password
        raise ConfigurationError(
            "数据库地址写法不对。", "请写成 postgresql+psycopg://用户:口令@主机/库名 的样子。"
        ) from wrong
    except ModuleNotFoundError as missing:
        raise ConfigurationError(
            f"这种数据库需要的软件包 {missing.name} 没有安装。", '请运行：pip install "kaoping[postgres]"'
        ) from missing


def _close_with_the_engine(engine: Engine) -> None:
    # A command opens a database and ends: its connections must say goodbye; a pool that is collected just drops them.
    # The list must not lead back to the engine, or neither would ever be collected.
    opened: list[Any] = []
    event.listen(engine, "connect", lambda connection, _record: opened.append(connection))
    event.listen(engine, "close", lambda connection, _record: opened.remove(connection))
    weakref.finalize(engine, _close_all, opened)


def _close_all(connections: list[Any]) -> None:
    for connection in connections:
        connection.close()


def _made_safe(engine: Engine, *, read_only: bool) -> Engine:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_read_only if read_only else _set_up)
        if not read_only:
            event.listen(engine, "begin", _begin_writing)
            if engine.url.database not in (None, "", ":memory:"):
                _read_back(engine)
        return engine
    if read_only:
        return engine.execution_options(postgresql_readonly=True)
    _check_durability(engine)
    event.listen(engine, "begin", _begin_writing)
    return engine


def _set_up(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the DBAPI's own types
    connection.isolation_level = None  # we begin ourselves, see _begin_writing
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


def _set_up_read_only(connection: Any, record: Any) -> None:  # noqa: ANN401 - the DBAPI's own types
    _set_up(connection, record)
    connection.execute("PRAGMA query_only=1")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql(BEGIN_WRITING[connection.dialect.name])


def _check_durability(engine: Engine) -> None:
    with engine.connect() as connection:
        for name, bad in _NOT_DURABLE.items():
            if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == bad:
                raise ConfigurationError(
                    f"数据库服务器的 {name} 是 {bad}，断电会丢失已确认的作答。", f"请在 postgresql.conf 里去掉 {name}。"
                )


def _read_back(engine: Engine) -> None:
    with engine.connect() as connection:
        for name, value in _PRAGMAS.items():
            found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            if found != value:
                raise ConfigurationError(
                    f"数据库不能按要求保存（{name} 为 {found}，应为 {value}）。",
                    "请把数据放在本机硬盘上，不要放在网络共享盘。",
                )
