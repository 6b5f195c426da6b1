"""The line to the zone: Socket.IO for messages, plain HTTP for enrolment and the sealed paper.

One message is one event whose name is the message's, with one string; its acknowledgement is one string. The client is
python-socketio's; what is replaced below it are its threads, queues and reads, by gevent's, because one machine may run
hundreds of seats (headless exam day) on two cores. Reconnecting is the agent's business: it knows the back-off.
"""

import http.client
import ssl
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

import engineio
import gevent
import socketio
import websocket
from gevent import queue, socket
from gevent.event import AsyncResult, Event
from socketio.exceptions import SocketIOError

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

NAMESPACE = "/kiosk"
_PUSHES: dict[str, type[Message]] = {
    event_name(kind.__name__): kind for kind in (PaperReleased, TimeChanged, SittingChanged, CollectNow)
}
_READ_AHEAD_BYTES = 64 * 1024
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


def pinned_context(certificate: str | None) -> ssl.SSLContext:
    """Trust this certificate (a zone's own, or its one-exam authority's) and nothing else."""
    return ssl.create_default_context(cafile=certificate)


class ZoneLink:
    """The real line. One object per seat; ``context`` is needed for https and may be shared by seats."""

    def __init__(self, zone_url: str, context: ssl.SSLContext | None = None, reply_timeout_s: float = 10.0) -> None:
        self.on_push: Callable[[Message], None] = lambda _message: None
        self.on_down: Callable[[], None] = lambda: None
        self._url = urlsplit(zone_url)
        self._context = context
        self._timeout_s = reply_timeout_s
        self._client: _Client | None = None
        self._credentials: dict[str, str] = {}

    @property
    def is_up(self) -> bool:
        """Whether the namespace is connected."""
        return self._client is not None and self._client.connected

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
        client = _Client(self._open_socket(), self._timeout_s)
        client.on("*", self._pushed, namespace=NAMESPACE)
        client.on("disconnect", self._dropped, namespace=NAMESPACE)
        refusals: list[object] = []
        client.on("connect_error", lambda *told: refusals.extend(told), namespace=NAMESPACE)
        self._client = client
        try:
            client.connect(
                self._url.geturl(),
                transports=["websocket"],
                namespaces=[NAMESPACE],
                auth=self._credentials,
                wait_timeout=self._timeout_s,
            )
        except (SocketIOError, OSError, ValueError, websocket.WebSocketException) as failed:
            self._client = None
            if client.is_refused:
                raise DeviceRefusedError(
                    "考点服务器没有本机的座位登记。", "请监考员打开登记窗口，在本机重新登记座位。"
                ) from failed
            raise _unreachable() from failed

    def ask(self, message: Message) -> Message:
        """Send one message and wait for its reply."""
        return self.send_event(event_name(type(message).__name__), write(message).encode())

    def send_event(self, name: str, event: bytes) -> Message:
        """Send bytes that are already a message and wait for the reply."""
        client, reply = self._client, AsyncResult()
        if client is None or not client.connected:
            raise _unreachable()
        try:
            client.emit(name, event.decode(), namespace=NAMESPACE, callback=lambda *told: reply.set(told))
            told = reply.get(timeout=self._timeout_s)
        except (gevent.Timeout, SocketIOError, OSError) as failed:
            self.close()
            raise _unreachable() from failed
        if len(told) != 1 or not isinstance(told[0], str):
            raise RefusedByZoneError(Refused("malformed_reply", "服务器的回复不完整。", "请联系技术员。"))
        return read_reply(told[0], Message)

    def close(self) -> None:
        """Disconnect; nothing is announced, for whoever closes knows."""
        client, self._client = self._client, None
        if client is not None and client.connected:
            gevent.spawn(_quietly, client.disconnect)

    def _pushed(self, name: str, *told: object) -> None:
        kind = _PUSHES.get(name)
        if kind is None or len(told) != 1 or not isinstance(told[0], str):
            return
        try:
            message = read(told[0], kind)
        except KaopingError:
            return  # a push that cannot be read changes nothing; what it said comes again with the next reply
        self.on_push(message)

    def _dropped(self, *_reason: object) -> None:
        self.on_down()

    def _open_socket(self) -> "_ReadAhead":
        host, port = self._url.hostname or "", self._url.port or (443 if self._url.scheme == "https" else 80)
        try:
            line: Any = socket.create_connection((host, port), timeout=self._timeout_s)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._url.scheme == "https":
                line = (self._context or pinned_context(None)).wrap_socket(line, server_hostname=host)
        except OSError as failed:
            raise _unreachable() from failed
        return _ReadAhead(line)

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


def _quietly(function: Callable[[], None]) -> None:
    try:
        function()
    except (SocketIOError, OSError):
        return  # the line was already gone


class _ReadAhead:
    """A socket that reads what is there at once: websocket-client asks for a frame in three small reads."""

    def __init__(self, line: Any) -> None:  # noqa: ANN401 - a gevent socket, plain or TLS
        self._line = line
        self._ahead = b""

    def recv(self, size: int) -> bytes:
        if not self._ahead:
            self._ahead = self._line.recv(_READ_AHEAD_BYTES)
        taken, self._ahead = self._ahead[:size], self._ahead[size:]
        return taken

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the socket's own
        return getattr(self._line, name)


class _Engine(engineio.Client):  # type: ignore[misc]  # untyped
    """Engine.IO on greenlets, whatever has been patched."""

    def start_background_task(self, target: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - untyped library
        return gevent.spawn(target, *args, **kwargs)

    def sleep(self, seconds: float = 0) -> None:
        gevent.sleep(seconds)

    def create_event(self, *_args: Any, **_kwargs: Any) -> Any:  # noqa: ANN401 - untyped library
        return Event()

    def create_queue(self, *_args: Any, **_kwargs: Any) -> Any:  # noqa: ANN401 - untyped library
        return queue.JoinableQueue()

    def get_queue_empty_exception(self) -> Any:  # noqa: ANN401 - untyped library
        return queue.Empty


class _Client(socketio.Client):  # type: ignore[misc]  # untyped
    """One connection; thrown away when it drops."""

    def __init__(self, line: _ReadAhead, timeout_s: float) -> None:
        self.is_refused = False
        super().__init__(
            reconnection=False,
            handle_sigint=False,
            request_timeout=timeout_s,
            websocket_extra_options={"socket": line, "skip_utf8_validation": True},
        )

    def _engineio_client_class(self) -> type[_Engine]:
        return _Engine

    def _handle_error(self, namespace: str, data: Any) -> None:  # noqa: ANN401 - untyped library
        self.is_refused = True
        super()._handle_error(namespace, data)
