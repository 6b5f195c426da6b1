"""One Socket.IO connection to a namespace of the zone, slim, for fleets of scripted seats; thrown away when it drops.

It says on the wire what the stock client says (RFC 6455, Engine.IO 4, Socket.IO 5), as far as a seat needs it: one
namespace, text, acknowledgements, pings. The stock client takes every packet through a queue, two threads and a new
thread per packet; with hundreds of seats in one process that was half the cost of an answer. A candidate's seat speaks
through the stock client (``stock_line``).
"""

import base64
import hashlib
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import gevent
import msgspec
from gevent.event import AsyncResult
from gevent.lock import BoundedSemaphore

from exam_protocol.messages import MAX_SIGNED_IN_BYTES

_PATH = "/socket.io/?transport=websocket&EIO=4"
_ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MAX_HEAD_BYTES = 16 * 1024
# A message travels as a string inside JSON: each quotation mark of it takes two bytes.
_MAX_FRAME_BYTES = 2 * MAX_SIGNED_IN_BYTES
_READ_BYTES = 64 * 1024
_FINAL, _MASKED = 0x80, 0x80
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_LENGTH_IN_2, _LENGTH_IN_8 = 126, 127
_OPEN, _ENGINE_CLOSE, _ENGINE_PING = "0", "1", "2"
_CONNECT, _DISCONNECT, _EVENT, _ACK, _CONNECT_ERROR = "40", "41", "42", "43", "44"


class _Opened(msgspec.Struct, rename="camel"):
    ping_interval: int
    ping_timeout: int


_arguments = msgspec.json.Decoder(tuple[object, ...])


class SocketLine:
    """A connection over a socket that is already there (a gevent socket, plain or TLS).

    ``on_event`` is called in a greenlet of its own for each event the zone sends, ``on_drop`` once when the line is
    lost, not when it is closed from here. Everything raises ``OSError`` when the line is not up.
    """

    def __init__(
        self,
        line: Any,  # noqa: ANN401 - a gevent socket, plain or TLS
        namespace: str,
        on_event: Callable[..., None],
        on_drop: Callable[[], None],
    ) -> None:
        self.is_up = False
        self._line = line
        self._place = f"{namespace},"
        self._on_event = on_event
        self._on_drop = on_drop
        self._ahead = bytearray()
        self._sending = BoundedSemaphore(1)
        self._replies: dict[int, AsyncResult] = {}
        self._asked = 0

    def open(self, zone_url: str, credentials: dict[str, str]) -> bool:
        """Shake hands and enter the namespace; false when the zone refuses these credentials."""
        self._shake_hands(urlsplit(zone_url).netloc)
        opened = msgspec.json.decode(self._read_text().removeprefix(_OPEN), type=_Opened)
        self._send(f"{_CONNECT}{self._place}{msgspec.json.encode(credentials).decode()}")
        while not (said := self._read_text()).startswith(_CONNECT + self._place):
            if said.startswith((_CONNECT_ERROR + self._place, _DISCONNECT + self._place)):
                return False
            self._answer_ping(said)
        self._line.settimeout((opened.ping_interval + opened.ping_timeout) / 1000)
        self.is_up = True
        gevent.spawn(self._listen)
        return True

    def ask(self, name: str, text: str, timeout_s: float) -> tuple[object, ...]:
        """Send an event and return what its acknowledgement says. Raises ``gevent.Timeout`` too."""
        if not self.is_up:
            raise ConnectionAbortedError
        self._asked += 1
        number, reply = self._asked, AsyncResult()
        self._replies[number] = reply
        try:
            self._send(f"{_EVENT}{self._place}{number}{msgspec.json.encode((name, text)).decode()}")
            told: tuple[object, ...] = reply.get(timeout=timeout_s)
        finally:
            self._replies.pop(number, None)
        return told

    def close(self) -> None:
        """Take leave and close the socket."""
        was_up, self.is_up = self.is_up, False
        try:
            if was_up:
                self._send(_DISCONNECT + self._place)
                self._send_frame(_CLOSE, b"")
        except OSError:
            return  # it was already gone
        finally:
            self._line.close()

    def _listen(self) -> None:
        try:
            while self.is_up:
                self._take(self._read_text())
        except (OSError, ValueError, msgspec.DecodeError):
            pass  # lost, silent for too long, or not what a zone says: one as useless as the other
        was_up, self.is_up = self.is_up, False
        self._line.close()
        for reply in self._replies.values():
            reply.set_exception(ConnectionAbortedError())
        if was_up:
            self._on_drop()

    def _take(self, said: str) -> None:
        kind, rest = said[:2], said[2:].removeprefix(self._place)
        if kind == _ACK:
            start = rest.index("[")
            reply = self._replies.get(int(rest[:start]))
            if reply is not None:
                reply.set(_arguments.decode(rest[start:]))
        elif kind == _EVENT:
            gevent.spawn(self._on_event, *_arguments.decode(rest))
        elif kind == _DISCONNECT or said == _ENGINE_CLOSE:
            raise ConnectionAbortedError
        else:
            self._answer_ping(said)

    def _answer_ping(self, said: str) -> None:
        if said.startswith(_ENGINE_PING):
            self._send(f"3{said[1:]}")

    def _shake_hands(self, host: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self._line.sendall(
            f"GET {_PATH} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while (end := self._ahead.find(b"\r\n\r\n")) < 0:
            if len(self._ahead) > _MAX_HEAD_BYTES:
                raise ConnectionAbortedError
            self._read_on()
        status, *headers = self._taken(end + 4).decode("latin-1").split("\r\n")
        accept = base64.b64encode(hashlib.sha1((key + _ACCEPT_SALT).encode()).digest()).decode()  # noqa: S324 - RFC 6455 says SHA-1
        given = {name.lower(): value.strip() for name, _, value in (header.partition(":") for header in headers)}
        if status.split(" ")[1:2] != ["101"] or given.get("sec-websocket-accept") != accept:
            raise ConnectionAbortedError

    def _read_text(self) -> str:
        while True:
            kind, content = self._read_frame()
            if kind == _TEXT:
                return content.decode()
            if kind == _CLOSE:
                raise ConnectionAbortedError
            if kind == _PING:
                self._send_frame(_PONG, content)

    def _read_frame(self) -> tuple[int, bytes]:
        first, length = self._read(2)
        if length == _LENGTH_IN_2:
            length = int.from_bytes(self._read(2), "big")
        elif length == _LENGTH_IN_8:
            length = int.from_bytes(self._read(8), "big")
        if not first & _FINAL or length > _MAX_FRAME_BYTES:
            raise ConnectionAbortedError  # a zone sends neither parts nor more than one message
        return first & ~_FINAL, self._read(length)

    def _read(self, size: int) -> bytes:
        while len(self._ahead) < size:
            self._read_on()
        return self._taken(size)

    def _read_on(self) -> None:
        more = self._line.recv(_READ_BYTES)
        if not more:
            raise ConnectionAbortedError
        self._ahead += more

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._ahead[:size])
        del self._ahead[:size]
        return taken

    def _send(self, text: str) -> None:
        self._send_frame(_TEXT, text.encode())

    def _send_frame(self, kind: int, content: bytes) -> None:
        size, mask = len(content), os.urandom(4)
        if size < _LENGTH_IN_2:
            head = bytes((_FINAL | kind, _MASKED | size))
        elif size < 1 << 16:
            head = bytes((_FINAL | kind, _MASKED | _LENGTH_IN_2)) + size.to_bytes(2, "big")
        else:
            head = bytes((_FINAL | kind, _MASKED | _LENGTH_IN_8)) + size.to_bytes(8, "big")
        key = (mask * (size // 4 + 1))[:size]
        hidden = (int.from_bytes(content, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
        with self._sending:
            self._line.sendall(head + mask + hidden)
