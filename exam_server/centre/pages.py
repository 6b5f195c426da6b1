"""The staff's pages at the centre: the door and the zone board."""

import msgspec
from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from exam_protocol.exam_config import HEBEI
from exam_server.centre.folder import Centre
from exam_server.centre.staff import StaffDoor
from exam_server.services.accounts import SignInFailed, StaffMember
from exam_server.services.zone_board import ZoneBoard, zone_board

_FORBIDDEN = 403


class SignInPage(msgspec.Struct, frozen=True):
    """What the door's template gets."""

    title: str
    refused: SignInFailed | None = None
    name: str = ""


class BoardPage(msgspec.Struct, frozen=True):
    """What the board's template gets; times are already those of Hebei."""

    board: ZoneBoard
    staff: StaffMember
    clock: str
    starts: str
    fetched: tuple[str, ...]
    """Per row: the time the key was taken, or nothing."""


def staff_pages(centre: Centre, door: StaffDoor) -> Blueprint:
    """Make the staff's part of the centre's app."""
    pages = Blueprint("staff", __name__)

    @pages.get("/sign-in")
    def ask_in() -> str:
        return render_template("centre/sign_in.html", page=SignInPage(centre.exam.title))

    @pages.post("/sign-in")
    def sign_in() -> BaseResponse | tuple[str, int]:
        name = request.form.get("name", "").strip()
        answer = door.sign_in(name, request.form.get("password", ""))
        if isinstance(answer, SignInFailed):
            page = SignInPage(centre.exam.title, answer, name)
            return render_template("centre/sign_in.html", page=page), _FORBIDDEN
        return answer

    @pages.post("/sign-out")
    def sign_out() -> BaseResponse:
        return door.sign_out()

    @pages.get("/")
    @door.staff_only
    def board() -> str:
        shown = centre.runner.run(g.staff.actor, zone_board, centre.exam)
        fetched = tuple(f"{row.fetched_at.astimezone(HEBEI):%H:%M:%S}" if row.fetched_at else "" for row in shown.rows)
        page = BoardPage(
            shown,
            g.staff,
            f"{shown.now.astimezone(HEBEI):%H:%M:%S}",
            f"{shown.starts_at.astimezone(HEBEI):%m 月 %d 日 %H:%M:%S}",
            fetched,
        )
        return render_template("centre/board.html", page=page)

    @pages.get("/favicon.ico")
    def icon() -> BaseResponse:
        return redirect("/static/centre/icon.svg")

    return pages
