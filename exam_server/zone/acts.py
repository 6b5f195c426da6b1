"""What staff do from the console: small JSON requests with a CSRF token; a refusal comes back in words."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, abort, g, request

from exam_protocol.errors import KaopingError, MalformedMessageError
from exam_protocol.ids import RoomId, SittingId
from exam_server.services.collecting import collect_now, mark_absent
from exam_server.services.opening import open_rooms
from exam_server.services.remarks import write_remark
from exam_server.services.time_ledger import extend_time, sittings_of_room
from exam_server.work import Actor
from exam_server.zone.runtime import ZoneRuntime
from exam_server.zone.staff import StaffDoor

_REFUSED = 409
_Text = Annotated[str, msgspec.Meta(max_length=200)]
_Minutes = Annotated[int, msgspec.Meta(ge=1, le=180)]


class ExtendInput(msgspec.Struct, forbid_unknown_fields=True):
    """延时: the named sittings, or everybody of a room."""

    minutes: _Minutes
    category: _Text
    reason: _Text
    sittings: list[SittingId] = []
    room: RoomId | None = None


class SittingsInput(msgspec.Struct, forbid_unknown_fields=True):
    """收卷 or 缺考 of the named sittings."""

    sittings: list[SittingId]
    reason: _Text


class RemarkInput(msgspec.Struct, forbid_unknown_fields=True):
    """记事 about a sitting or a room."""

    category: _Text
    words: _Text
    room: RoomId
    sitting: SittingId | None = None


class OpenInput(msgspec.Struct, forbid_unknown_fields=True):
    """开放登记 of all rooms."""


class CloseInput(msgspec.Struct, forbid_unknown_fields=True):
    """收场; ``absence_reason`` confirms who has not come as absent."""

    absence_reason: _Text | None = None


class Done(msgspec.Struct, frozen=True):
    """What was done, in words."""

    words: str


class Acts:
    """One method per act; each returns in words what was done."""

    def __init__(self, zone: ZoneRuntime) -> None:
        self._zone = zone
        self.table: dict[str, tuple[type[Any], Callable[[Actor, Any], str]]] = {
            "extend": (ExtendInput, self.extend),
            "collect": (SittingsInput, self.collect),
            "absent": (SittingsInput, self.absent),
            "remark": (RemarkInput, self.remark),
            "open": (OpenInput, self.open),
            "close": (CloseInput, self.close),
        }

    def extend(self, actor: Actor, asked: ExtendInput) -> str:
        """延时."""
        sittings = self._zone.read(sittings_of_room, asked.room) if asked.room else asked.sittings
        count = self._zone.run(actor, extend_time, sittings, asked.minutes * 60, asked.category, asked.reason)
        return f"已为 {count} 名考生补时 {asked.minutes} 分。"

    def collect(self, actor: Actor, asked: SittingsInput) -> str:
        """强制收卷."""
        return f"已收卷或已通知收卷 {self._zone.run(actor, collect_now, asked.sittings, asked.reason)} 名考生。"

    def absent(self, actor: Actor, asked: SittingsInput) -> str:
        """确认缺考."""
        return f"已确认 {self._zone.run(actor, mark_absent, asked.sittings, asked.reason)} 名考生缺考。"

    def remark(self, actor: Actor, asked: RemarkInput) -> str:
        """记事."""
        self._zone.run(actor, write_remark, asked.category, asked.words, asked.room, asked.sitting)
        return "已记入异常情况。"

    def open(self, actor: Actor, _asked: OpenInput) -> str:
        """开放登记."""
        codes = self._zone.run(actor, open_rooms)
        return "；".join(f"{room} 考场登记码 {code}" for room, code in codes.items()) + "（10 分钟内有效）"

    def close(self, actor: Actor, asked: CloseInput) -> str:
        """收场."""
        self._zone.close(actor, asked.absence_reason)
        return "已收场，答卷包已生成。"


def act_pages(zone: ZoneRuntime, door: StaffDoor) -> Blueprint:
    """Make the routes under ``/acts``."""
    bp = Blueprint("acts", __name__, url_prefix="/acts")
    table = Acts(zone).table

    @bp.post("/<name>")
    @door.staff_only
    def act(name: str) -> Response:
        if name not in table:
            abort(404)
        kind, do = table[name]
        try:
            return _done(do(g.staff.actor, _parse(request.get_data(), kind)))
        except KaopingError as error:
            return _refused(error)

    @bp.post("/release")
    @door.staff_only
    def release() -> Response:
        file = request.files.get("release")
        try:
            if file is None or "chief" not in g.staff.roles:
                raise MalformedMessageError("没有选择密钥发放文件，或您不是主考。", "请由主考选择密钥发放文件。")
            return _done(f"试卷已启封，{zone.release(file.read(), g.staff.actor)} 名考生开始作答。")
        except KaopingError as error:
            return _refused(error)

    return bp


def _done(words: str) -> Response:
    return Response(msgspec.json.encode(Done(words)), mimetype="application/json")


def _parse(body: bytes, kind: type[Any]) -> Any:  # noqa: ANN401 - one of the inputs above
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as wrong:
        raise MalformedMessageError(f"操作的内容不对：{wrong}。", "请刷新页面后重试。") from wrong


def _refused(error: KaopingError) -> Response:
    body = msgspec.json.encode({"code": error.code, "what": error.what, "do": error.do})
    return Response(body, _REFUSED, mimetype="application/json")
