"""A zone's folder: its settings, its database, the key of its forms, its answer package.

```
zone.toml      server id, where the keys are, the pinned root, the centre's address
zone.db        the database, unless zone.toml names another
form.key       key of the form cookie, owner only
control.json   where the running server listens for commands of this machine, owner only; gone when it stops
answers.package
```
"""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine

from exam_protocol.documents import Role
from exam_protocol.ids import ServerId
from exam_protocol.key_folder import read_key, read_trust
from exam_protocol.keys import root_fingerprint
from exam_server.config import ZoneConfig, read_zone_config, write_zone_config
from exam_server.db import open_engine
from exam_server.models import audit, exchange, people, plan, sitting  # noqa: F401 - their tables are the schema
from exam_server.services.opening import ZoneKeys
from exam_server.work import Actor, Clock, WorkRunner

ANSWER_PACKAGE = "answers.package"
_FORM_KEY = "form.key"


def system_clock() -> datetime:
    """Return the zone's time."""
    return datetime.now(UTC)


class ZoneFolder(msgspec.Struct, frozen=True):
    """An opened folder."""

    path: Path
    config: ZoneConfig
    engine: Engine
    clock: Clock

    def run(self, actor: Actor, service: Callable[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the service
        """Run a service directly on the database: for commands while no server runs, or beside it."""
        return WorkRunner(self.engine, self.clock).run(actor, service, *arguments, **named)

    @property
    def form_key(self) -> bytes:
        """The key of the form cookie; it stays over a restart, so that open pages go on."""
        return (self.path / _FORM_KEY).read_bytes()


def init_zone(
    path: Path,
    server: ServerId,
    keys: Path,
    fingerprint: str | None,
    *,
    database: str | None = None,
    centre_url: str | None = None,
    centre_certificate: Path | None = None,
) -> ZoneConfig:
    """Make the folder and its database. The root is verified now and pinned for ever.

    Without a fingerprint to compare, the one found is pinned; the caller shows it for a person to compare.
    """
    trust = read_trust(keys, fingerprint, system_clock())
    path.mkdir(parents=True, exist_ok=True)
    config = ZoneConfig(
        server=server,
        keys=str(keys.resolve()),
        fingerprint=root_fingerprint(trust.root),
        database=database or f"sqlite:///{path.resolve() / 'zone.db'}",
        centre_url=centre_url,
        centre_certificate=str(centre_certificate.resolve()) if centre_certificate else None,
    )
    write_zone_config(path, config)
    with os.fdopen(os.open(path / _FORM_KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(32))
    upgrade_zone(config)
    return config


def upgrade_zone(config: ZoneConfig) -> None:
    """Bring the database, empty or of an older version, to the newest schema."""
    from exam_server.schema import upgrade_schema  # noqa: PLC0415 - Alembic is not loaded by every start of a server

    upgrade_schema(open_engine(config.database), "zone")


def open_zone(path: Path, clock: Clock = system_clock) -> ZoneFolder:
    """Open a folder that ``init_zone`` made."""
    config = read_zone_config(path)
    return ZoneFolder(path, config, open_engine(config.database), clock)


def unlock_keys(config: ZoneConfig, passphrase: str, now: datetime) -> ZoneKeys:
    """Verify the root against the pinned fingerprint and unlock the zone's two keys."""
    keys = Path(config.keys)
    return ZoneKeys(
        server=config.server,
        trust=read_trust(keys, config.fingerprint, now),
        signing=read_key(keys, Role.ZONE, passphrase, config.server),
        encryption=read_key(keys, Role.ZONE_ENCRYPTION, passphrase, config.server),
    )


def write_durably(path: Path, content: bytes) -> None:
    """Put a file in place whole: temporary name, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f"{path.name}.part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    if os.name == "posix":  # Windows makes a rename durable by itself and opens no folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
