"""One Socket.IO connection to a namespace of the zone by python-socketio's own client: the line of a real seat.

The protocol is the library's. Its threads, queues and events are gevent's, whatever has been patched, and the socket is
opened by the caller, who pins the certificate. Thrown away when it drops: reconnecting is the agent's business.
"""

from collections.abc import Callable
from typing import Any

import engineio
import gevent
import socketio
import websocket
from gevent import queue
from gevent.event import AsyncResult, Event
from socketio.exceptions import SocketIOError

_READ_AHEAD_BYTES = 64 * 1024
_HANDSHAKE_S = 10.0


class StockLine:
    """Like ``SocketLine``, which says the same with less work: see there what the callbacks promise."""

    def __init__(
        self,
        line: Any,  # noqa: ANN401 - a gevent socket, plain or TLS
        namespace: str,
        on_event: Callable[..., None],
        on_drop: Callable[[], None],
    ) -> None:
        self._line = line
        self._namespace = namespace
        self._on_drop = on_drop
        self._is_open = False
        self._replies: set[AsyncResult] = set()
        self._client = _Client(_ReadAhead(line), line.gettimeout() or _HANDSHAKE_S)
        self._client.on("*", on_event, namespace=namespace)
        self._client.on("disconnect", self._dropped, namespace=namespace)

    @property
    def is_up(self) -> bool:
        """Whether the namespace is connected and not being closed from here."""
        return self._is_open and bool(self._client.connected)

    def open(self, zone_url: str, credentials: dict[str, str]) -> bool:
        """Shake hands and enter the namespace; false when the zone refuses these credentials."""
        self._is_open = True
        try:
            self._client.connect(
                zone_url,
                transports=["websocket"],
                namespaces=[self._namespace],
                auth=credentials,
                wait_timeout=self._client.patience_s,
            )
        except (SocketIOError, websocket.WebSocketException) as failed:
            self._is_open = False
            if self._client.is_refused:
                return False
            raise ConnectionAbortedError from failed
        return True

    def ask(self, name: str, text: str, timeout_s: float) -> tuple[object, ...]:
        """Send an event and return what its acknowledgement says. Raises ``gevent.Timeout`` too."""
        if not self.is_up:
            raise ConnectionAbortedError
        reply = AsyncResult()
        self._replies.add(reply)
        try:
            self._client.emit(name, text, namespace=self._namespace, callback=lambda *told: reply.set(told))
            told: tuple[object, ...] = reply.get(timeout=timeout_s)
        except SocketIOError as failed:
            raise ConnectionAbortedError from failed
        finally:
            self._replies.discard(reply)
        return told

    def close(self) -> None:
        """Take leave and close the socket."""
        was_up, self._is_open = self.is_up, False
        try:
            if was_up:
                self._client.disconnect()
        except (SocketIOError, OSError):
            return  # it was already gone
        finally:
            self._line.close()

    def _dropped(self, *_reason: object) -> None:
        was_open, self._is_open = self._is_open, False
        for reply in self._replies:
            reply.set_exception(ConnectionAbortedError())
        if was_open:
            self._line.close()
            self._on_drop()


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
    """The official client over a socket that is already there; it tells a refusal from a broken line."""

    def __init__(self, line: _ReadAhead, patience_s: float) -> None:
        self.is_refused = False
        self.patience_s = patience_s
        super().__init__(
            reconnection=False,
            handle_sigint=False,
            request_timeout=patience_s,
            websocket_extra_options={"socket": line, "skip_utf8_validation": True},
        )

    def _engineio_client_class(self) -> type[_Engine]:
        return _Engine

    def _handle_error(self, namespace: str, data: Any) -> None:  # noqa: ANN401 - untyped library
        self.is_refused = True
        super()._handle_error(namespace, data)
