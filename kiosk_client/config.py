"""What one candidate's seat is told before it starts: a small TOML file, read once."""

from pathlib import Path
from typing import Annotated

import msgspec

from exam_protocol.errors import ConfigurationError

_NotNegative = Annotated[float, msgspec.Meta(ge=0)]
_Positive = Annotated[float, msgspec.Meta(gt=0)]


class KioskConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of one seat.

    ``folder`` keeps the seat's keys, sealed paper and journal; a relative path counts from the file. ``room_code`` and
    ``seat`` enrol the machine when it holds no seat yet. ``tls_certificate`` is the PEM file the zone's certificate
    must verify against; nothing else is trusted. ``connect_spread_s`` spreads the first connection of many seats,
    ``reconnect_cap_s`` bounds the full-jitter back-off, ``reply_timeout_s`` is how long a reply may take. ``page_port``
    0 takes a free port; ``browser`` is the program to show the page in.
    """

    zone_url: str
    folder: str
    room_code: str | None = None
    seat: int | None = None
    tls_certificate: str | None = None
    connect_spread_s: _NotNegative = 2.0
    reconnect_cap_s: _Positive = 8.0
    reply_timeout_s: _Positive = 10.0
    page_port: int = 0
    browser: str | None = None


def read_kiosk_config(path: Path) -> KioskConfig:
    """Read and check the file. Raises ``ConfigurationError`` naming the file and the setting."""
    try:
        config = msgspec.toml.decode(path.read_bytes(), type=KioskConfig)
    except OSError as missing:
        raise ConfigurationError(f"读不到考试机配置文件 {path}。", "请检查路径。") from missing
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise ConfigurationError(
            f"考试机配置文件 {path} 有误：{broken}。", "请对照 docs/configuration.md 改正。"
        ) from broken
    return checked_kiosk_config(config, path.parent)


def checked_kiosk_config(config: KioskConfig, relative_to: Path) -> KioskConfig:
    """Return the configuration with whole paths, or raise ``ConfigurationError`` when the address is none."""
    if not config.zone_url.startswith(("http://", "https://")):
        raise ConfigurationError(f"考点服务器地址“{config.zone_url}”不对。", "请写成 https://主机:端口 的样子。")
    certificate = config.tls_certificate
    return msgspec.structs.replace(
        config,
        zone_url=config.zone_url.rstrip("/"),
        folder=str(relative_to / config.folder),
        tls_certificate=None if certificate is None else str(relative_to / certificate),
    )
