"""The candidate's page and its four addresses: what the agent knows as JSON, what the candidate does as acts."""

from pathlib import Path
from typing import Protocol

import msgspec
from flask import Flask, Response, redirect, request, send_from_directory
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from exam_protocol.errors import KaopingError
from kiosk_client.page_acts import MAX_ACT_BYTES, PageActUnknownError, read_act
from kiosk_client.page_admission import COOKIE_NAME, Admission, PageRefusedError

STATIC = Path(__file__).parent / "static"
LONG_POLL_S = 25.0
_HEADERS = {
    # Nothing inline, nothing from elsewhere, no markup made from text; pictures come as data of the agent's state.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=(), display-capture=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class AgentFace(Protocol):
    """What the page needs of the agent."""

    def state(self) -> dict[str, object]:
        """Return everything the page shows, with a rising ``version``."""

    def act(self, name: str, arguments: dict[str, object]) -> dict[str, object]:
        """Do what the candidate asked and return the state after it, or raise a ``KaopingError``."""

    def wait_change(self, version: int, timeout: float) -> object:
        """Return when the state is newer than ``version``, at the latest after ``timeout`` seconds."""


def create_page(agent_face: AgentFace, start_token: str, port: int) -> Flask:
    """Build the page's app for one agent on ``127.0.0.1:port``.

    ``start_token`` opens ``/start?t=…`` once. ``app.extensions["admission"].renew(token)`` allows one more opening.
    """
    app = Flask("kiosk_client", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_ACT_BYTES)
    admission = Admission(start_token, port)
    app.extensions["admission"] = admission
    _add_gate(app, admission)
    _add_page(app, admission)
    _add_agent(app, agent_face)
    return app


def _add_gate(app: Flask, admission: Admission) -> None:
    @app.before_request
    def check() -> None:
        admission.check_place(request)
        if request.path != "/start":
            admission.check_page(request)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @app.errorhandler(PageRefusedError)
    def refuse_page(error: PageRefusedError) -> Response:
        return Response(f"{error.what}{error.do}", status=403, content_type="text/plain; charset=utf-8")

    @app.errorhandler(PageActUnknownError)
    def refuse_unknown(error: PageActUnknownError) -> Response:
        return _refusal(error, 400)

    @app.errorhandler(KaopingError)
    def refuse_act(error: KaopingError) -> Response:
        return _refusal(error, 409)


def _add_page(app: Flask, admission: Admission) -> None:
    @app.get("/start")
    def start() -> Response:
        response = redirect("/", 303)
        cookie = admission.admit(request.args.get("t", ""))
        response.set_cookie(COOKIE_NAME, cookie, httponly=True, samesite="Strict")
        return response  # type: ignore[return-value]  # werkzeug's redirect names its own Response

    @app.get("/")
    def page() -> Response:
        return send_from_directory(STATIC, "candidate.html")

    @app.get("/static/<name>")
    def static_file(name: str) -> Response:
        return send_from_directory(STATIC, name)


def _add_agent(app: Flask, agent_face: AgentFace) -> None:
    @app.get("/state")
    def state() -> Response:
        return _json(agent_face.state())

    @app.get("/events")
    def events() -> Response:
        since = request.args.get("since", type=int)
        if since is None:
            raise BadRequest
        agent_face.wait_change(since, LONG_POLL_S)
        return _json(agent_face.state())

    @app.post("/act")
    def act() -> Response:
        if request.mimetype != "application/json":
            raise UnsupportedMediaType
        if (request.content_length or 0) > MAX_ACT_BYTES:
            raise RequestEntityTooLarge
        name, arguments = read_act(request.get_data())
        return _json(agent_face.act(name, arguments))


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status=status, content_type="application/json")


def _refusal(error: KaopingError, status: int) -> Response:
    return _json({"code": error.code, "what": error.what, "do": error.do}, status)
