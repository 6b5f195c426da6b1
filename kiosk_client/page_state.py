"""What the page is told: one dictionary that says everything on the screen, built anew each time it is asked for."""

import base64
from typing import Any

import qrcode

from exam_protocol.messages import SignedIn
from exam_protocol.receipt_code import receipt_code
from exam_protocol.sitting_state import WORDS
from kiosk_client.clock import Moment
from kiosk_client.seat_files import Preferences
from kiosk_client.shown_paper import ShownItem, ShownPaper
from kiosk_client.sitting import BY_CANDIDATE, Phase, Sitting, Words

RULES = (
    "考试时间以屏幕显示的剩余时间为准，到时自动收卷。",
    "请独立作答，不得交头接耳、传递物品或使用手机等通信工具。",
    "点选项即作答，作答自动保存，可以随时修改；“标记”只供自己检查，不影响得分。",
    "网络中断时请继续作答，作答保存在本机，网络恢复后自动上传。",
    "机器出现异常请举手，不要自行关机或重新启动。",
    "交卷需要确认两次，确认后不能再修改；交卷后请举手，等监考员确认后离开。",
)
_ASIDE = frozenset({Phase.ANSWERING, Phase.PAUSED, Phase.REVIEW})
_UNCHECKED = Words("本机重新启动过，剩余时间待考点服务器核对。", "请继续作答，已作答的内容都在。")
_SLIP = Words("已交卷，保存在本机，尚未送达考点服务器。", "请不要关机，举手告诉监考员。")


def page_state(
    sitting: Sitting,
    moment: Moment,
    *,
    version: int,
    is_online: bool,
    preferences: Preferences,
    phase: Phase | None = None,
    trouble: Words | None = None,
) -> dict[str, Any]:
    """Describe the screen. ``phase`` and ``trouble`` override the sitting's where the seat itself is in question."""
    shown = phase or sitting.phase
    is_aside = shown in _ASIDE
    return {
        "version": version,
        "phase": shown.value,
        **_seat(sitting),
        **_candidate(sitting),
        "starts_at": sitting.seat.starts_at if sitting.seat else None,
        "ends_at": sitting.ends_at,
        "zone_now": sitting.clock.now(moment) if sitting.clock else None,
        "earliest_hand_in_at": sitting.earliest_hand_in_at,
        "rules": RULES,
        **_paper(sitting.paper if is_aside else None, sitting),
        "answered": sitting.answered,
        "saving": sitting.saving.value,
        "online": is_online,
        "receipt": _receipt(sitting) if shown in (Phase.RECEIPT, Phase.COLLECTED) else None,
        "message": _message(trouble or _words(sitting, shown)),
        "preferences": {"size": preferences.size, "contrast": preferences.contrast},
    }


def _seat(sitting: Sitting) -> dict[str, Any]:
    seat = sitting.seat
    if seat is None:
        return dict.fromkeys(("seat", "room_name", "zone_name", "exam_title", "session_title"))
    return {
        "seat": seat.seat,
        "room_name": seat.room_name,
        "zone_name": seat.zone_name,
        "exam_title": seat.exam_title,
        "session_title": seat.session_title,
    }


def _candidate(sitting: Sitting) -> dict[str, Any]:
    who, planned = sitting.signed_in, sitting.seat
    photo = who.photo if who else planned.photo if planned else None
    return {
        "name": who.name if who else planned.name if planned else None,
        "photo": _photo_url(photo),
        "ticket_no": who.ticket_no if who else None,
        "trade": who.trade if who else None,
        "unit": who.unit if who else None,
    }


def _photo_url(photo: bytes | None) -> str | None:
    if not photo:
        return None
    media_type = "image/png" if photo.startswith(b"\x89PNG") else "image/jpeg"
    return f"data:{media_type};base64,{base64.b64encode(photo).decode()}"


def _paper(paper: ShownPaper | None, sitting: Sitting) -> dict[str, Any]:
    if paper is None:
        return {"sections": [], "current": None, "total": _total(sitting), "numbers": [], "item": None}
    answers = [sitting.answers.get(shown.item.id) for shown in paper.items]
    return {
        "sections": [
            {"title": section.title, "type": section.type.value, "text": section.text, "numbers": section.numbers}
            for section in paper.sections
        ],
        "current": sitting.current,
        "total": len(paper.items),
        "numbers": [
            {
                "n": number,
                "answered": answer is not None and bool(answer.options),
                "marked": answer is not None and answer.is_marked,
            }
            for number, answer in enumerate(answers, start=1)
        ],
        "item": _item(paper.items[sitting.current - 1], sitting),
    }


def _total(sitting: Sitting) -> int:
    return len(sitting.paper.items) if sitting.paper else 0


def _item(shown: ShownItem, sitting: Sitting) -> dict[str, Any]:
    answer = sitting.answers.get(shown.item.id)
    return {
        "n": shown.number,
        "type": shown.item.type.value,
        "stem": shown.item.stem,
        "figure": shown.figure_url(),
        "alt": shown.item.figure.alt if shown.item.figure else None,
        "options": [{"id": option.id, "letter": option.letter, "text": option.text} for option in shown.options],
        "chosen": list(answer.options) if answer else [],
        "marked": answer is not None and answer.is_marked,
    }


def _receipt(sitting: Sitting) -> dict[str, Any] | None:
    """Return the zone's receipt, or the machine's own closing slip with the same head until that arrives."""
    if sitting.hand_in is None or sitting.chain is None or sitting.signed_in is None:
        return None
    code = sitting.receipt.code if sitting.receipt else receipt_code(sitting.chain.head.encode())
    return {
        "answered": sitting.hand_in.answered,
        "total": _total(sitting),
        "code": code,
        "qr_svg": _qr_svg(_receipt_text(sitting.signed_in, code, sitting.chain.head)),
        "at": sitting.released.zone_time + sitting.hand_in.t_mono if sitting.released else sitting.hand_in.t_wall,
    }


def _receipt_text(signed_in: SignedIn, code: str, head: str) -> str:
    return f"kaoping-receipt/1 {signed_in.ticket_no} {code} {head}"


def _qr_svg(text: str) -> str:
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )


def _words(sitting: Sitting, shown: Phase) -> Words | None:
    if sitting.trouble or sitting.notice:
        return sitting.trouble or sitting.notice
    if shown is Phase.PAUSED:
        return Words("考试已暂停。", sitting.state_words or "请坐在原位等待，已作答的内容都已保存。")
    if shown is Phase.RECEIPT and sitting.receipt is None:
        return _SLIP
    if shown is Phase.COLLECTED:
        return Words(_collected(sitting), "请举手，等监考员确认后离开。")
    if shown in _ASIDE and sitting.clock is not None and not sitting.clock.is_checked:
        return _UNCHECKED
    return None


def _collected(sitting: Sitting) -> str:
    if sitting.state_words:
        return sitting.state_words
    if (sitting.hand_in is not None and sitting.hand_in.reason != BY_CANDIDATE) or sitting.is_time_up:
        return "考试时间已到，已收卷。"
    return f"本场考试已结束（{WORDS[sitting.state]}）。" if sitting.state else "本场考试已结束。"


def _message(words: Words | None) -> dict[str, str] | None:
    return None if words is None else {"what": words.what, "do": words.do}
