"""The portal's folder and its one typed configuration, read once (EXAMPLES 1).

```
portal.toml   root.dsse   lookup.key   form.secret   portal.db
```
"""

import json
import os
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from exam_protocol.errors import ConfigurationError
from exam_protocol.keys import Trust
from exam_protocol.publication import format_lookup_key, read_lookup_key

_SETTINGS = "portal.toml"
_ROOT = "root.dsse"
_LOOKUP_KEY = "lookup.key"
_FORM_SECRET = "form.secret"  # noqa: S105 - a file name
_DATABASE = "portal.db"
_LOCAL = ("127.0.0.1", "localhost", "::1")


class _Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fingerprint: str
    public_url: str
    database_url: str = ""
    sign_ins_per_minute: int = 60


class PortalConfig(msgspec.Struct, frozen=True):
    """All the portal is told. ``public_url`` is what transcripts' QR codes lead to, without a slash at the end."""

    folder: Path
    database_url: str
    public_url: str
    sign_ins_per_minute: int
    """Tries per minute and network address; a whole unit may sit behind one."""
    form_secret: bytes
    lookup_key: bytes
    trust: Trust

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the portal over TLS; plain http is accepted for this machine alone."""
        return self.public_url.startswith("https://")


def make_portal_folder(
    folder: Path, *, root: bytes, fingerprint: str, lookup_key: bytes, public_url: str, now: datetime
) -> PortalConfig:
    """Make a portal's folder. Refuses one that exists, a root of another fingerprint, and plain http on a network."""
    Trust.from_root(root, fingerprint=fingerprint, now=now)
    address = urlsplit(public_url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOCAL):
        raise ConfigurationError(
            f"网站地址“{public_url}”不是 https。", "请写成 https://… ；只有在本机试用时可以用 http://127.0.0.1。"
        )
    if (folder / _SETTINGS).exists():
        raise ConfigurationError(f"{folder} 里已经有一个查询网站。", "请换一个空文件夹。")
    folder.mkdir(parents=True, exist_ok=True)
    # A JSON string is a TOML basic string.
    settings = {"fingerprint": fingerprint, "public_url": public_url.rstrip("/")}
    (folder / _ROOT).write_bytes(root)
    _write_secret(folder / _LOOKUP_KEY, format_lookup_key(lookup_key).encode())
    _write_secret(folder / _FORM_SECRET, os.urandom(32))
    (folder / _SETTINGS).write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()))
    return read_portal_config(folder, now)


def read_portal_config(folder: Path, now: datetime) -> PortalConfig:
    """Read a portal's folder. Raises ``ConfigurationError``, or the errors of ``Trust.from_root``."""
    try:
        settings = msgspec.toml.decode((folder / _SETTINGS).read_bytes(), type=_Settings)
        root, secret = (folder / _ROOT).read_bytes(), (folder / _FORM_SECRET).read_bytes()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise ConfigurationError(
            f"{folder} 不是查询网站的文件夹：{broken}。", "请先运行 kaoping portal init。"
        ) from broken
    return PortalConfig(
        folder,
        settings.database_url or f"sqlite:///{(folder / _DATABASE).resolve()}",
        settings.public_url,
        settings.sign_ins_per_minute,
        secret,
        read_lookup_key(folder / _LOOKUP_KEY),
        Trust.from_root(root, fingerprint=settings.fingerprint, now=now),
    )


def _write_secret(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
