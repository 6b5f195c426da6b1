"""The line to the zone: Socket.IO for messages, plain HTTP for enrolment and the sealed paper.

One message is one event whose name is the message's, with one string; its acknowledgement is one string.
Which line carries it is given: python-socketio's own client at a real seat, a slimmer one in a fleet (decision 6).
Reconnecting is the agent's business: it knows the back-off.
"""

import http.client
import ssl
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

import gevent
import msgspec
from gevent import socket

from exam_protocol.errors import KaopingError
from exam_protocol.messages import (
    MAX_MESSAGE_BYTES,
    CollectNow,
    Enrol,
    Enrolled,
    Message,
    PaperReleased,
    Refused,
    RefusedByZoneError,
    SittingChanged,
    TimeChanged,
    event_name,
    read,
    read_reply,
    write,
)
from exam_protocol.paper import MAX_PAPER_BYTES
from kiosk_client.stock_line import StockLine

NAMESPACE = "/kiosk"
_PUSHES: dict[str, type[Message]] = {
    event_name(kind.__name__): kind for kind in (PaperReleased, TimeChanged, SittingChanged, CollectNow)
}
_OK = 200


class ZoneUnreachableError(KaopingError):
    """No connection, or no reply in time. What is kept here goes on its way later."""


class DeviceRefusedError(KaopingError):
    """The zone is there but does not know this device: it must be enrolled."""


class Link(Protocol):
    """What the agent needs of the line to the zone."""

    on_push: Callable[[Message], None]
    on_down: Callable[[], None]

    @property
    def is_up(self) -> bool:
        """Whether messages can be sent."""
        ...

    def enrol(self, request: Enrol) -> Enrolled:
        """Ask for a seat. Raises ``RefusedByZoneError`` or ``ZoneUnreachableError``."""
        ...

    def connect(self, device: str, token: str) -> None:
        """Connect. Raises ``DeviceRefusedError`` or ``ZoneUnreachableError``."""
        ...

    def ask(self, message: Message) -> Message:
        """Send a message and return the reply. Raises ``RefusedByZoneError`` or ``ZoneUnreachableError``."""
        ...

    def send_event(self, name: str, event: bytes) -> Message:
        """Send an event's exact bytes and return the reply, like ``ask``."""
        ...

    def fetch(self, path: str) -> bytes:
        """Fetch a file of the zone, the sealed paper. Raises ``ZoneUnreachableError``."""
        ...

    def close(self) -> None:
        """Disconnect."""
        ...


class Line(Protocol):
    """One connection to the namespace; what its callbacks promise stands at ``SocketLine``."""

    @property
    def is_up(self) -> bool:
        """Whether events can be sent."""
        ...

    def open(self, zone_url: str, credentials: dict[str, str]) -> bool:
        """Enter the namespace; false when the zone refuses these credentials. Raises ``OSError``, ``ValueError``."""
        ...

    def ask(self, name: str, text: str, timeout_s: float) -> tuple[object, ...]:
        """Send an event and return what its acknowledgement says. Raises ``gevent.Timeout``, ``OSError``."""
        ...

    def close(self) -> None:
        """Take leave and close the socket."""
        ...


MakeLine = Callable[[Any, str, Callable[..., None], Callable[[], None]], Line]
"""Makes a line of a connected socket, the namespace, and what to call for an event and for a lost line."""


def pinned_context(certificate: str | None) -> ssl.SSLContext:
    """Trust this certificate (a zone's own, or its one-exam authority's) and nothing else."""
    return ssl.create_default_context(cafile=certificate)


class ZoneLink:
    """The real line. One object per seat; ``context`` is needed for https and may be shared by seats."""

    def __init__(
        self,
        zone_url: str,
        context: ssl.SSLContext | None = None,
        reply_timeout_s: float = 10.0,
        line: MakeLine = StockLine,
    ) -> None:
        self.on_push: Callable[[Message], None] = lambda _message: None
        self.on_down: Callable[[], None] = lambda: None
        self._url = urlsplit(zone_url)
        self._context = context
        self._timeout_s = reply_timeout_s
        self._make_line = line
        self._line: Line | None = None
        self._credentials: dict[str, str] = {}

    @property
    def is_up(self) -> bool:
        """Whether the namespace is connected."""
        return self._line is not None and self._line.is_up

    def enrol(self, request: Enrol) -> Enrolled:
        """Post the request to ``/kiosk/enrol``; a refusal comes back with a 4xx status."""
        reply = self._http("POST", "/kiosk/enrol", write(request).encode(), MAX_MESSAGE_BYTES)
        return read_reply(reply[1].decode(errors="replace"), Enrolled)

    def fetch(self, path: str) -> bytes:
        """Get a file from the zone."""
        status, content = self._http("GET", path, None, MAX_PAPER_BYTES)
        if status != _OK:
            raise ZoneUnreachableError("暂时取不到试卷。", "程序会自动重试，请稍候。")
        return content

    def connect(self, device: str, token: str) -> None:
        """Connect over WebSocket and wait until the namespace is open."""
        self.close()
        self._credentials = {"device": device, "token": token}
        line = self._make_line(self._open_socket(), NAMESPACE, self._pushed, self._dropped)
        try:
            is_accepted = line.open(self._url.geturl(), self._credentials)
        except (OSError, ValueError, msgspec.DecodeError) as failed:
            line.close()
            raise _unreachable() from failed
        if not is_accepted:
            line.close()
            raise DeviceRefusedError("考点服务器没有本机的座位登记。", "请监考员打开登记窗口，在本机重新登记座位。")
        self._line = line

    def ask(self, message: Message) -> Message:
        """Send one message and wait for its reply."""
        return self.send_event(event_name(type(message).__name__), write(message).encode())

    def send_event(self, name: str, event: bytes) -> Message:
        """Send bytes that are already a message and wait for the reply."""
        line = self._line
        if line is None:
            raise _unreachable()
        try:
            told = line.ask(name, event.decode(), self._timeout_s)
        except (gevent.Timeout, OSError) as failed:
            if line is self._line:
                self.close()
            raise _unreachable() from failed
        if len(told) != 1 or not isinstance(told[0], str):
            raise RefusedByZoneError(Refused("malformed_reply", "服务器的回复不完整。", "请联系技术员。"))
        return read_reply(told[0], Message)

    def close(self) -> None:
        """Disconnect; nothing is announced, for whoever closes knows."""
        line, self._line = self._line, None
        if line is not None and line.is_up:
            gevent.spawn(line.close)

    def _pushed(self, name: str, *told: object) -> None:
        kind = _PUSHES.get(name)
        if kind is None or len(told) != 1 or not isinstance(told[0], str):
            return
        try:
            message = read(told[0], kind)
        except KaopingError:
            return  # a push that cannot be read changes nothing; what it said comes again with the next reply
        self.on_push(message)

    def _dropped(self) -> None:
        self.on_down()

    def _open_socket(self) -> Any:  # noqa: ANN401 - a gevent socket, plain or TLS
        host, port = self._url.hostname or "", self._url.port or (443 if self._url.scheme == "https" else 80)
        try:
            line: Any = socket.create_connection((host, port), timeout=self._timeout_s)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._url.scheme == "https":
                line = (self._context or pinned_context(None)).wrap_socket(line, server_hostname=host)
        except OSError as failed:
            raise _unreachable() from failed
        return line

    def _http(self, method: str, path: str, body: bytes | None, max_bytes: int) -> tuple[int, bytes]:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=self._timeout_s, context=self._context)
            if self._url.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=self._timeout_s)
        )
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._credentials:
            headers["Authorization"] = f"Bearer {self._credentials['token']}"
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            content = reply.read(max_bytes + 1)
        except (OSError, http.client.HTTPException) as failed:
            raise _unreachable() from failed
        finally:
            connection.close()
        return reply.status, content[:max_bytes]


def _unreachable() -> ZoneUnreachableError:
    return ZoneUnreachableError("连不上考点服务器。", "程序会自动重连；已作答的内容保存在本机。")
