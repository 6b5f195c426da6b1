"""A zone's settings: one TOML file in its folder, read once, handed on as a frozen value (EXAMPLES 1)."""

import json
from pathlib import Path

import msgspec

from exam_protocol.errors import ConfigurationError
from exam_protocol.ids import ServerId

ZONE_SETTINGS = "zone.toml"


class ZoneConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``zone.toml``. ``keys`` is the folder with the root and this zone's two key files; ``fingerprint`` pins the root.

    ``database`` is an SQLAlchemy URL. ``centre_url`` is where releases are fetched and answers brought; without it both
    travel as files. ``centre_certificate`` is the PEM file that the centre's https must verify against.
    """

    server: ServerId
    keys: str
    fingerprint: str
    database: str
    centre_url: str | None = None
    centre_certificate: str | None = None


def read_zone_config(folder: Path) -> ZoneConfig:
    """Read and check the file. Raises ``ConfigurationError`` naming the file and what is wrong."""
    path = folder / ZONE_SETTINGS
    try:
        return msgspec.toml.decode(path.read_bytes(), type=ZoneConfig)
    except OSError as missing:
        raise ConfigurationError(f"{folder} 不是考区服务器的文件夹。", "请先运行 kaoping zone init。") from missing
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise ConfigurationError(f"考区配置文件 {path} 有误：{broken}。", "请改正后重试。") from broken


def write_zone_config(folder: Path, config: ZoneConfig) -> None:
    """Write the file of a new folder; refuses to replace one."""
    settings = {name: value for name, value in msgspec.structs.asdict(config).items() if value is not None}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
    try:
        with (folder / ZONE_SETTINGS).open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError as taken:
        raise ConfigurationError(f"{folder} 里已经有一个考区服务器。", "请换一个空文件夹。") from taken
