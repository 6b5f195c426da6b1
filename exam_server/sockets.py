"""Socket.IO over gevent: WebSocket only, one process, our own WSGI server (ARCHITECTURE §4, REALTIME pitfall 8)."""

from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, TLSVersion
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from gevent.pywsgi import WSGIServer
from geventwebsocket.handler import WebSocketHandler

from exam_server.websocket_frames import MAX_FRAME_BYTES, BoundedWebSocket

_PING_INTERVAL_S = 5
_PING_TIMEOUT_S = 10


def make_socketio(app: Flask) -> SocketIO:
    """Make the Socket.IO side of an app. Pings are quick: a room wants to know at once who is cut off."""
    return SocketIO(
        app,
        async_mode="gevent",
        transports=["websocket"],
        ping_interval=_PING_INTERVAL_S,
        ping_timeout=_PING_TIMEOUT_S,
        max_http_buffer_size=MAX_FRAME_BYTES,
        manage_session=False,
        async_handlers=False,  # a kiosk waits for each reply: a greenlet per event would only cost
    )


class _Handler(WebSocketHandler):  # type: ignore[misc]  # untyped
    """Our own frames; and a kiosk whose power is cut is a broken pipe, which is no error of the server."""

    def upgrade_connection(self) -> Any:  # noqa: ANN401 - untyped library
        """Shake hands as ever, then read frames in our way."""
        refused = super().upgrade_connection()
        if hasattr(self, "websocket"):
            # The library names its class in the middle of the handshake; ours has the same layout. A second object
            # would not do: the first one says goodbye to the client when it is dropped.
            self.websocket.__class__ = BoundedWebSocket
        return refused

    def handle_one_response(self) -> None:
        try:
            super().handle_one_response()
        except (OSError, EOFError):
            self.close_connection = True


def make_server(app: Flask, host: str, port: int, tls: SSLContext | None) -> WSGIServer:
    """Make the server: plain on loopback only, or over TLS. The caller starts and stops it."""
    options: dict[str, Any] = {"ssl_context": tls} if tls else {}
    return WSGIServer((host, port), app, handler_class=_Handler, log=None, **options)


def tls_context(certificate: Path, key: Path | None) -> SSLContext:
    """Read a certificate and its key; TLS 1.3 only."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.minimum_version = TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    return context
