"""Commands of this machine to the running server: loopback HTTP with a random token from ``control.json`` (owner only).

Who can read the zone's folder may give these commands; nobody else on the machine, and nobody over the network.
"""

import http.client
import json
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from exam_protocol.errors import KaopingError, MalformedMessageError
from exam_protocol.messages import Refused, refusal

_FILE = "control.json"
_TIMEOUT_S = 60.0
_MAX_BODY_BYTES = 1024 * 1024
_OK, _REFUSED = 200, 409
Command = Callable[[bytes], bytes]


class ControlRefusedError(KaopingError):
    """The running server refused a command; the words are its own."""


class Control:
    """The server's end: a tiny WSGI application."""

    def __init__(self, commands: dict[str, Command]) -> None:
        self._commands = commands
        self._token = secrets.token_urlsafe(32)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Run one command; a refusal comes back as 409 with its words."""
        command = self._commands.get(environ["PATH_INFO"].lstrip("/"))
        given = environ.get("HTTP_AUTHORIZATION", "")
        if command is None or not secrets.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        length = min(int(environ.get("CONTENT_LENGTH") or 0), _MAX_BODY_BYTES)
        status, reply = "200 OK", b""
        try:
            reply = command(environ["wsgi.input"].read(length))
        except KaopingError as error:
            status, reply = "409 Conflict", msgspec.json.encode(refusal(error))
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(reply)))])
        return [reply]

    def write_file(self, folder: Path, port: int) -> None:
        """Say where we listen."""
        path = folder / _FILE
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"port": port, "token": self._token}, file)

    @staticmethod
    def remove_file(folder: Path) -> None:
        """Say that we listen no more."""
        (folder / _FILE).unlink(missing_ok=True)


def ask_running(folder: Path, command: str, body: bytes = b"") -> bytes | None:
    """Give a command to the folder's running server; ``None`` when none runs. Raises ``ControlRefusedError``."""
    try:
        address = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        connection = http.client.HTTPConnection("127.0.0.1", address["port"], timeout=_TIMEOUT_S)
        connection.request("POST", f"/{command}", body, {"Authorization": f"Bearer {address['token']}"})
    except (OSError, ValueError, KeyError):
        return None  # no file, or what a killed server left behind
    try:
        reply = connection.getresponse()
        content = reply.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    if reply.status == _REFUSED:
        refused = msgspec.json.decode(content, type=Refused)
        raise ControlRefusedError(refused.what, refused.do)
    if reply.status != _OK:
        raise MalformedMessageError("运行中的服务器不认识这个命令。", "请检查版本是否一致。")
    return content
