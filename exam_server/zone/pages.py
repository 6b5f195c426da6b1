"""The staff's pages: the door, the live seat map of a room, photos, the room record."""

from datetime import timedelta

import gevent
import msgspec
from flask import Blueprint, Response, abort, g, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from exam_protocol.ids import RoomId, SittingId
from exam_server.models.plan import Room
from exam_server.models.sitting import Portrait
from exam_server.services.accounts import SignInFailed, StaffMember
from exam_server.services.incidents import CATEGORIES
from exam_server.work import Work
from exam_server.zone.runtime import ZoneRuntime
from exam_server.zone.staff import StaffDoor

_EXTENSION_CATEGORIES = ("machine", "network", "environment", "candidate")


class RoomShown(msgspec.Struct, frozen=True):
    """A room as the page draws it; ``code`` is the enrolment code while its window is open."""

    room: RoomId
    name: str
    seats: int
    columns: int
    code: str | None
    code_minutes: int


class SeatMapPage(msgspec.Struct, frozen=True):
    """What the seat map's template gets."""

    room: RoomShown
    rooms: tuple[RoomShown, ...]
    staff: StaffMember
    server: str
    extension_categories: tuple[tuple[str, str], ...]
    remark_categories: tuple[tuple[str, str], ...]


def door_pages(zone: ZoneRuntime, door: StaffDoor) -> Blueprint:
    """Make the routes of the staff's door."""
    bp = Blueprint("door", __name__)

    @bp.get("/sign-in")
    def sign_in_page() -> str:
        return render_template("zone/sign_in.html", failed=None, server=zone.keys.server)

    @bp.post("/sign-in")
    def sign_in() -> BaseResponse | tuple[str, int]:
        outcome = door.sign_in(request.form.get("name", ""), request.form.get("password", ""))
        if isinstance(outcome, SignInFailed):
            return render_template("zone/sign_in.html", failed=outcome, server=zone.keys.server), 403
        return outcome

    @bp.post("/sign-out")
    @door.staff_only
    def sign_out() -> BaseResponse:
        return door.sign_out()

    return bp


def console_pages(zone: ZoneRuntime, door: StaffDoor) -> Blueprint:
    """Make the routes of the console."""
    bp = Blueprint("console", __name__)

    @bp.get("/")
    @door.staff_only
    def first_room() -> BaseResponse | tuple[str, int]:
        rooms = zone.read(_rooms)
        if not rooms:
            return render_template("zone/no_roster.html", server=zone.keys.server), 200
        return redirect(f"/rooms/{rooms[0].room}")

    @bp.get("/rooms/<room>")
    @door.staff_only
    def seat_map(room: str) -> str:
        rooms = zone.read(_rooms)
        chosen = next((shown for shown in rooms if shown.room == room), None)
        if chosen is None:
            abort(404)
        page = SeatMapPage(
            room=chosen,
            rooms=rooms,
            staff=g.staff,
            server=zone.keys.server,
            extension_categories=tuple((name, CATEGORIES[name]) for name in _EXTENSION_CATEGORIES),
            remark_categories=tuple((name, CATEGORIES[name]) for name in ("note", *_EXTENSION_CATEGORIES)),
        )
        return render_template("zone/seat_map.html", page=page)

    @bp.get("/photos/<int:sitting>")
    @door.staff_only
    def photo(sitting: int) -> Response:
        content = zone.read(_photo, SittingId(sitting))
        if content is None:
            abort(404)
        is_png = content.startswith(b"\x89PNG")
        return Response(content, mimetype="image/png" if is_png else "image/jpeg")

    @bp.get("/rooms/<room>/record.pdf")
    @door.staff_only
    def record(room: str) -> Response:
        # Typst is loaded when the first record is printed, not when the zone starts.
        from exam_server.documents.room_record import render_room_record  # noqa: PLC0415
        from exam_server.services.room_records import room_record  # noqa: PLC0415

        facts = zone.read(room_record, RoomId(room))
        pdf = gevent.get_hub().threadpool.apply(render_room_record, (facts,))
        return Response(pdf, mimetype="application/pdf")

    return bp


def _rooms(work: Work) -> tuple[RoomShown, ...]:
    shown = []
    for room in work.db.scalars(select(Room).order_by(Room.room)):
        left = (room.enrolment_until - work.now) if room.enrolment_until else timedelta(0)
        is_open = left > timedelta(0)
        shown.append(
            RoomShown(
                room.room,
                room.name,
                room.seats,
                room.columns,
                room.enrolment_code if is_open else None,
                int(left.total_seconds() // 60) + 1 if is_open else 0,
            )
        )
    return tuple(shown)


def _photo(work: Work, sitting: SittingId) -> bytes | None:
    return work.db.scalar(select(Portrait.content).where(Portrait.sitting == sitting))
