"""What every page of the exam's servers carries: security headers, cookies that name the role, CSRF (SECURITY §6)."""

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


def cookie_name(role: str, purpose: str, *, is_secure: bool) -> str:
    """Name a cookie after the role: cookies ignore ports, and several servers may share one host.

    Under TLS the prefix makes browsers keep it to this host, this path and https.
    """
    return f"{'__Host-' if is_secure else ''}{role}-{purpose}"


def secure_pages(app: Flask, role: str, form_key: bytes, *, is_secure: bool) -> CSRFProtect:
    """Give an app its headers, its form cookie and CSRF on every unsafe request; returns the CSRF guard."""
    app.secret_key = form_key
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name(role, "form", is_secure=is_secure),
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=is_secure,
        WTF_CSRF_TIME_LIMIT=None,  # a console stays open all day; its token ends with its cookie
        WTF_CSRF_SSL_STRICT=False,  # we send no Referer ourselves; SameSite=Strict and the token stand
    )
    app.after_request(_add_headers)
    return CSRFProtect(app)


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    # Older browsers do not count a WebSocket to the same host as 'self'.
    socket = f"{'wss' if request.is_secure else 'ws'}://{request.host}"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' {socket}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def is_from_this_machine() -> bool:
    """Whether the request came over loopback, and directly."""
    return request.remote_addr in _LOOPBACK and "X-Forwarded-For" not in request.headers
