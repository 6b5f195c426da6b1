"""The centre's folder: its settings, the exam's configuration, the database and the keys of the column (never in it).

```
centre.toml    where the exam's keys and the database are, who issues results
exam.toml      the exam's configuration, as given to ``kaoping centre init``
centre.db      the database, unless centre.toml names another
column.key     keys of the encrypted ID-number column, owner only
lookup.key     key of the portal's look-up, carried to the portal, owner only
```
"""

import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from exam_protocol.documents import Role
from exam_protocol.envelope import KEY_BYTES
from exam_protocol.errors import ConfigurationError, WrongServerError
from exam_protocol.exam_config import ExamConfig, read_exam_config
from exam_protocol.key_folder import read_key, read_trust
from exam_protocol.keys import PrivateKey, Trust, root_fingerprint
from exam_protocol.publication import format_lookup_key, read_lookup_key
from exam_server.db import open_engine
from exam_server.schema import upgrade_schema
from exam_server.services.person_column import ColumnKeys, format_column_keys, new_column_keys, read_column_keys
from exam_server.work import Actor, Clock, WorkRunner

OFFICER = "officer"
"""The one staff role at the centre until the second person is asked for everywhere (part 2)."""
_SETTINGS, _EXAM, _COLUMN, _LOOKUP = "centre.toml", "exam.toml", "column.key", "lookup.key"


class CentreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``centre.toml``. ``database`` is an SQLAlchemy URL; ``fingerprint`` pins the root; paths are absolute."""

    keys: str
    fingerprint: str
    database: str
    issuer: str


class Centre(msgspec.Struct, frozen=True):
    """An opened centre: everything its commands and pages work with."""

    folder: Path
    settings: CentreSettings
    exam: ExamConfig
    trust: Trust
    column_keys: ColumnKeys
    lookup_key: bytes
    engine: Engine
    clock: Clock

    @property
    def runner(self) -> WorkRunner:
        """Runs services on the centre's database."""
        return WorkRunner(self.engine, self.clock)

    def key(self, role: Role, passphrase: str) -> PrivateKey:
        """Unlock a private key of the exam. Raises ``WrongPassphraseError`` or ``ConfigurationError``."""
        return read_key(Path(self.settings.keys), role, passphrase)


def system_clock() -> datetime:
    """Return the time of this machine, aware, in UTC."""
    return datetime.now(UTC)


def operator() -> Actor:
    """Return who types a command: the account of the operating system."""
    return Actor(f"{getpass.getuser()}（命令行）", frozenset({OFFICER}))


def create_centre(folder: Path, config_file: Path, keys: Path, issuer: str, database: str | None) -> Centre:
    """Make the folder and an empty database. Refuses a folder that is not empty (``ConfigurationError``)."""
    exam = read_exam_config(config_file)
    trust = read_trust(keys, None, system_clock())
    if trust.root.exam != exam.exam:
        raise WrongServerError(
            f"密钥属于考试 {trust.root.exam}，配置文件写的是 {exam.exam}。", "请核对 --config 与 --keys。"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        # Above all column.key: without it no ID number of an old database could be read again.
        raise ConfigurationError(f"{folder} 不是空文件夹。", "请换一个空文件夹，已有的数据不会被覆盖。")
    settings = CentreSettings(
        str(keys.resolve()),
        root_fingerprint(trust.root),
        database or f"sqlite:///{(folder / 'centre.db').resolve()}",
        issuer,
    )
    engine = open_engine(settings.database)
    upgrade_schema(engine, "centre")
    engine.dispose()
    _write_private(folder / _COLUMN, format_column_keys(new_column_keys()).encode())
    _write_private(folder / _LOOKUP, format_lookup_key(os.urandom(KEY_BYTES)).encode())
    (folder / _EXAM).write_bytes(config_file.read_bytes())
    # Written last: a folder without it is no centre.
    _write_private(folder / _SETTINGS, _as_toml(settings).encode())
    return open_centre(folder)


def open_centre(folder: Path, clock: Clock = system_clock) -> Centre:
    """Open the folder. Raises ``ConfigurationError`` when something is missing or damaged."""
    path = folder / _SETTINGS
    try:
        settings = msgspec.toml.decode(path.read_bytes(), type=CentreSettings)
    except OSError as missing:
        raise ConfigurationError(f"{folder} 不是省中心的文件夹。", "请先运行 kaoping centre init。") from missing
    except msgspec.DecodeError as broken:
        raise ConfigurationError(f"{path} 有误：{broken}。", "请对照备份改正。") from broken
    return Centre(
        folder,
        settings,
        read_exam_config(folder / _EXAM),
        read_trust(Path(settings.keys), settings.fingerprint, clock()),
        read_column_keys(folder / _COLUMN),
        read_lookup_key(folder / _LOOKUP),
        open_engine(settings.database),
        clock,
    )


def _as_toml(settings: CentreSettings) -> str:
    # A JSON string of these values is a TOML basic string.
    pairs = msgspec.structs.asdict(settings).items()
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in pairs)


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
