"""What kiosks fetch over plain HTTP: a seat by enrolment, their sealed paper; and the counts for this machine."""

import msgspec
from flask import Blueprint, Response, abort, request

from exam_protocol.canonical_json import encode
from exam_protocol.errors import KaopingError
from exam_protocol.ids import PaperId
from exam_protocol.messages import Enrol, Message, Refused, read, refusal
from exam_server.services.enrolment import enrol_device
from exam_server.web import is_from_this_machine
from exam_server.work import Actor
from exam_server.zone.runtime import ZoneRuntime

_KIOSK = Actor("kiosk", frozenset({"device"}))
_REFUSED = 409


def kiosk_pages(zone: ZoneRuntime) -> Blueprint:
    """Make the routes under ``/kiosk`` and ``/status``."""
    bp = Blueprint("kiosk", __name__)

    @bp.post("/kiosk/enrol")
    def enrol() -> Response:
        try:
            reply: Message = zone.run(_KIOSK, enrol_device, read(request.get_data(as_text=True), Enrol))
        except KaopingError as error:
            reply = refusal(error)
        status = _REFUSED if isinstance(reply, Refused) else 200
        return Response(encode(reply), status, mimetype="application/json")

    @bp.get("/kiosk/papers/<paper>")
    def paper(paper: str) -> Response:
        content = zone.paper(PaperId(paper))
        if content is None:
            abort(404)
        return Response(content, mimetype="application/octet-stream")

    @bp.get("/status")
    def status() -> Response:
        if not is_from_this_machine():
            abort(404)
        return Response(msgspec.json.encode(zone.status()), mimetype="application/json")

    return bp
