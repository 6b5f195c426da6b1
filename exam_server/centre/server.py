"""Serves the centre's app with gevent's own WSGI server. Nothing is monkey-patched: the app opens no socket itself."""

from collections.abc import Callable
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, TLSVersion

from gevent.pywsgi import WSGIServer

from exam_protocol.errors import ConfigurationError
from exam_server.centre.app import create_centre_app
from exam_server.centre.folder import open_centre

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def serve_centre(
    folder: Path,
    host: str,
    port: int,
    *,
    tls_cert: Path | None,
    tls_key: Path | None,
    started: Callable[[str], None],
) -> None:
    """Serve until stopped; ``started`` gets the address once the port is open.

    Raises ``ConfigurationError`` when anything but loopback is to be served without TLS (SECURITY §6).
    """
    if tls_cert is None and host not in _LOOPBACK:
        raise ConfigurationError(
            f"{host} 不是本机地址，不能不加密。", "请加 --tls-cert 和 --tls-key，或放在反向代理之后。"
        )
    options = {"ssl_context": _tls_context(tls_cert, tls_key)} if tls_cert else {}
    app = create_centre_app(open_centre(folder), is_secure=tls_cert is not None)
    server = WSGIServer((host, port), app, log=None, **options)
    server.start()
    started(f"{'https' if tls_cert else 'http'}://{host}:{server.server_port}")
    server.serve_forever()


def _tls_context(tls_cert: Path, tls_key: Path | None) -> SSLContext:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.minimum_version = TLSVersion.TLSv1_3
    context.load_cert_chain(tls_cert, tls_key)
    return context
