"""Runs one zone: the app over WebSocket and HTTP(S), the timers, and the control door for commands of this machine."""

import signal
from collections.abc import Callable
from pathlib import Path

import gevent
import msgspec
from gevent.pywsgi import WSGIServer

from exam_protocol.errors import ConfigurationError
from exam_server.config import ZoneConfig
from exam_server.services.opening import open_rooms
from exam_server.sockets import make_server, tls_context
from exam_server.work import Actor
from exam_server.zone.app import create_zone_app
from exam_server.zone.centre_link import CentreLink
from exam_server.zone.control import Command, Control
from exam_server.zone.folder import ZoneFolder, unlock_keys
from exam_server.zone.requests import CloseRequest, OpenRequest, RoomCodes
from exam_server.zone.runtime import ZoneRuntime
from exam_server.zone.timers import Timers

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Listen(msgspec.Struct, frozen=True):
    """Where to listen; without a certificate on loopback only (SECURITY §6: never plain http)."""

    host: str
    port: int
    tls_certificate: Path | None
    tls_key: Path | None


def serve_zone(folder: ZoneFolder, passphrase: str, listen: Listen, started: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; ``started`` gets the address once the port is open.

    ``gevent.monkey.patch_all()`` must have run before anything else was imported. Raises ``ConfigurationError``.
    """
    is_secure = listen.tls_certificate is not None
    if not is_secure and listen.host not in _LOOPBACK:
        raise ConfigurationError(f"{listen.host} 不是本机地址，不能不加密。", "请加 --tls-cert 和 --tls-key。")
    zone = ZoneRuntime(folder, unlock_keys(folder.config, passphrase, folder.clock()))
    zone.start()
    app, _, consoles = create_zone_app(zone, is_secure=is_secure)
    tls = tls_context(listen.tls_certificate, listen.tls_key) if listen.tls_certificate else None
    server = make_server(app, listen.host, listen.port, tls)
    control = Control(_commands(zone))
    control_server = WSGIServer(("127.0.0.1", 0), control, log=None)
    timers = Timers(zone, consoles, _centre(folder.config))
    server.start()
    control_server.start()
    control.write_file(folder.path, control_server.server_port)
    timers.start()
    stopping = gevent.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stopping.set)
    started(f"{'https' if is_secure else 'http'}://{listen.host}:{server.server_port}")
    try:
        stopping.wait()
    finally:
        control.remove_file(folder.path)
        timers.stop()
        control_server.stop(timeout=1)
        server.stop(timeout=1)
        zone.stop()


def _centre(config: ZoneConfig) -> CentreLink | None:
    return CentreLink(config.centre_url, config.centre_certificate) if config.centre_url else None


def _commands(zone: ZoneRuntime) -> dict[str, Command]:
    """What the commands of this machine may ask of the running server."""

    def status(_body: bytes) -> bytes:
        return msgspec.json.encode(zone.status())

    def open_all(body: bytes) -> bytes:
        asked = msgspec.json.decode(body, type=OpenRequest)
        codes = zone.run(_chief(asked.by), open_rooms, asked.purpose, asked.window)
        return msgspec.json.encode(RoomCodes(codes))

    def release(body: bytes) -> bytes:
        zone.release(body)
        return b""

    def close(body: bytes) -> bytes:
        asked = msgspec.json.decode(body, type=CloseRequest)
        zone.close(_chief(asked.by), asked.absence_reason)
        return b""

    def hand_over(_body: bytes) -> bytes:
        zone.hand_over()
        return b""

    def refresh(_body: bytes) -> bytes:
        zone.refresh()
        return b""

    return {
        "status": status,
        "open-rooms": open_all,
        "release": release,
        "close": close,
        "hand-over": hand_over,
        "refresh": refresh,
    }


def _chief(name: str) -> Actor:
    return Actor(name, frozenset({"chief"}))
