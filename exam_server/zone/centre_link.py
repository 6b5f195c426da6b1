"""The way to the centre: fetch the release at the hour, bring the answer package at the end. Either may fail."""

import http.client
import ssl
from urllib.parse import urlsplit

from exam_protocol.canonical_json import decode
from exam_protocol.errors import KaopingError
from exam_protocol.exchange import AnswersTaken, answers_path, release_path
from exam_protocol.ids import ServerId
from exam_protocol.paper import Purpose

_TIMEOUT_S = 10.0
_UPLOAD_TIMEOUT_S = 120.0
_MAX_REPLY_BYTES = 1024 * 1024
_OK, _CREATED, _NOT_FOUND = 200, 201, 404


class CentreUnreachableError(KaopingError):
    """No connection to the centre, or an answer that is none."""


class CentreLink:
    """HTTP to the centre; with ``certificate`` its https must verify against that file alone."""

    def __init__(self, url: str, certificate: str | None) -> None:
        self._url = urlsplit(url)
        self._certificate = certificate

    def fetch_release(self, server: ServerId, purpose: Purpose) -> bytes | None:
        """Return the signed release, or ``None`` while there is none. Raises ``CentreUnreachableError``."""
        status, body = self._ask("GET", release_path(server, purpose), None, _TIMEOUT_S)
        if status == _NOT_FOUND:
            return None
        if status != _OK:
            raise CentreUnreachableError(f"省中心答复 {status}。", "程序会自动重试。")
        return body

    def bring_answers(self, server: ServerId, package: bytes) -> AnswersTaken:
        """Bring the answer package; returns what the centre says it has. Raises ``CentreUnreachableError``."""
        status, body = self._ask("PUT", answers_path(server), package, _UPLOAD_TIMEOUT_S)
        if status not in (_OK, _CREATED):
            words = body[:300].decode(errors="replace")
            raise CentreUnreachableError(
                f"省中心没有收下答卷包（{status}）：{words}", "程序会自动重试，也可用 U 盘送。"
            )
        return decode(body.strip(), AnswersTaken, max_bytes=_MAX_REPLY_BYTES)

    def _ask(self, method: str, path: str, body: bytes | None, timeout: float) -> tuple[int, bytes]:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            http.client.HTTPSConnection(
                host, port, timeout=timeout, context=ssl.create_default_context(cafile=self._certificate)
            )
            if self._url.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=timeout)
        )
        headers = {"Content-Type": "application/octet-stream"} if body is not None else {}
        try:
            connection.request(method, self._url.path.rstrip("/") + path, body, headers)
            reply = connection.getresponse()
            return reply.status, reply.read(_MAX_REPLY_BYTES)
        except (OSError, http.client.HTTPException) as failed:
            raise CentreUnreachableError("连不上省中心。", "程序会自动重试；也可用文件导入。") from failed
        finally:
            connection.close()
