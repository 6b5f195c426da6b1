"""The exchange with zone servers over HTTP: each fetches its key release and brings its answer package.

No sign-in here: a release is sealed to its server, an answer package is signed by it. Paths are those of
``exam_protocol.exchange``; a refusal is JSON with ``code``, ``what`` and ``do``.
"""

import msgspec
from flask import Blueprint, Response, request

from exam_protocol.canonical_json import encode
from exam_protocol.errors import KaopingError, MalformedMessageError
from exam_protocol.ids import ServerId, checked_server_id
from exam_protocol.paper import Purpose
from exam_server.centre.folder import Centre
from exam_server.services.collection import receive_answers
from exam_server.services.release import NotYetReleasedError, fetch_release
from exam_server.work import Actor

_JSON = "application/json"
_NOT_FOUND, _REFUSED = 404, 400


def exchange_pages(centre: Centre) -> Blueprint:
    """Make the exchange's part of the centre's app."""
    pages = Blueprint("exchange", __name__, url_prefix="/exchange")

    @pages.get("/releases/<name>/<purpose>")
    def release(name: str, purpose: str) -> Response:
        server = _server(name)
        if purpose not in set(Purpose):
            raise MalformedMessageError(f"没有用途“{purpose}”。", "请检查两端软件版本。")
        envelope = centre.runner.run(_actor(server), fetch_release, centre.exam.session, server, Purpose(purpose))
        return Response(envelope, content_type=_JSON)

    @pages.put("/answers/<name>")
    def answers(name: str) -> Response:
        server = _server(name)
        # The reply leaves after the commit: a server that reads it may take its package as delivered.
        taken = centre.runner.run(
            _actor(server), receive_answers, centre.exam, centre.trust, request.get_data(cache=False), server
        )
        return Response(encode(taken), content_type=_JSON)

    @pages.errorhandler(KaopingError)
    def refuse(refused: KaopingError) -> Response:
        status = _NOT_FOUND if isinstance(refused, NotYetReleasedError) else _REFUSED
        return Response(refusal_json(refused), status, content_type=_JSON)

    return pages


def refusal_json(refused: KaopingError) -> bytes:
    """Tell a refusal to a machine."""
    return msgspec.json.encode({"code": refused.code, "what": refused.what, "do": refused.do})


def _server(name: str) -> ServerId:
    head, _, site = name.rpartition("-")
    return checked_server_id(f"{head}/{site}")


def _actor(server: ServerId) -> Actor:
    return Actor(server, frozenset({"zone"}))
