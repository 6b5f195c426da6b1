"""Who may speak to the page's server: one browser, which came in by the start address, and nobody else on the machine.

The agent listens on 127.0.0.1, where every program of the machine and every web site in a browser can knock. So a
request needs the cookie that the single-use start token was exchanged for, the right Host (no DNS rebinding), and, when
it changes something, our own Origin.
"""

import hmac
import secrets

from flask import Request

from exam_protocol.errors import KaopingError

COOKIE_NAME = "kaoping_page"
_OWN_SITE = frozenset({None, "none", "same-origin"})
_SECRET_BYTES = 32


class PageRefusedError(KaopingError):
    """The request does not come from the page that was opened by the start address."""


class Admission:
    """Exchanges a start token for the cookie, once; the newest page alone is admitted."""

    def __init__(self, start_token: str, port: int) -> None:
        self._token: str | None = start_token
        self._cookie: str | None = None
        self._host = f"127.0.0.1:{port}"
        self._origin = f"http://{self._host}"

    def renew(self, start_token: str) -> None:
        """Allow one more opening, e.g. after the browser was closed and is started again."""
        self._token = start_token

    def admit(self, token: str) -> str:
        """Use up the start token and return the cookie's value; an earlier page loses its own.

        Raises ``PageRefusedError`` when the token is wrong or was used before.
        """
        if self._token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
            raise PageRefusedError("这个地址已经用过，或者不对。", "请用考试程序自己打开的窗口；没有窗口请举手。")
        self._token = None
        self._cookie = secrets.token_urlsafe(_SECRET_BYTES)
        return self._cookie

    def check_place(self, request: Request) -> None:
        """Refuse a request under another name of this machine, or sent by another site."""
        if request.host != self._host or request.headers.get("Sec-Fetch-Site") not in _OWN_SITE:
            raise PageRefusedError("此页面只能由考试程序打开。", "请用考试程序自己打开的窗口。")

    def check_page(self, request: Request) -> None:
        """Refuse a request without the cookie, or one that changes something and is not sent by our own page."""
        cookie = request.cookies.get(COOKIE_NAME, "")
        if self._cookie is None or not hmac.compare_digest(cookie.encode(), self._cookie.encode()):
            raise PageRefusedError("此页面只能由考试程序打开。", "请用考试程序自己打开的窗口；没有窗口请举手。")
        if request.method not in ("GET", "HEAD") and request.headers.get("Origin") != self._origin:
            raise PageRefusedError("此操作不是从考试页面发出的。", "请用考试程序自己打开的窗口。")
