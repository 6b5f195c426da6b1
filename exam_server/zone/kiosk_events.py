"""The kiosks' side: Socket.IO events of namespace ``/kiosk``, below Flask's request context, strings in and out.

``answer`` and ``heartbeat`` are the hot ones: no ORM, no request context, one decode. Whatever goes wrong while saving
gets no acknowledgement at all: the kiosk keeps the answer and sends it again.
"""

import hmac
import logging
from collections.abc import Callable
from typing import Any

import msgspec
import socketio
from socketio.exceptions import ConnectionRefusedError as SocketRefusedError
from sqlalchemy import Row, bindparam, select

from exam_protocol.errors import KaopingError, MalformedMessageError
from exam_protocol.ids import AttemptId, DeviceId, RoomId, SeatNo
from exam_protocol.messages import (
    Answer,
    AnswerSaved,
    ConfirmIdentity,
    HandIn,
    Heartbeat,
    HeartbeatSeen,
    Hello,
    Message,
    Ready,
    SignIn,
    ZonePush,
    event_name,
    read,
    refusal,
    write,
)
from exam_server.models.sitting import Device
from exam_server.notices import Place, Pulse
from exam_server.services.answering import OTHER_DEVICE, Arrival, note_answer
from exam_server.services.delivery import give_paper
from exam_server.services.enrolment import hash_of_token
from exam_server.services.hand_in import hand_in
from exam_server.services.sign_in import confirm_identity, show_seat, sign_in_candidate
from exam_server.work import Actor, Work
from exam_server.zone.runtime import ZoneRuntime

NAMESPACE = "/kiosk"
_log = logging.getLogger(__name__)


class _Line(msgspec.Struct):
    """One connected kiosk."""

    sid: str
    device: DeviceId
    place: Place
    actor: Actor


class KioskEvents:
    """Registers the events and keeps who is connected."""

    def __init__(self, runtime: ZoneRuntime, server: socketio.Server) -> None:
        self._zone = runtime
        self._server = server
        self._lines: dict[str, _Line] = {}
        self._sids: dict[DeviceId, str] = {}
        runtime.push = self.push
        runtime.online = lambda: len(self._lines)
        server.on("connect", self.connect, namespace=NAMESPACE)
        server.on("disconnect", self.disconnect, namespace=NAMESPACE)
        for kind, handler in (
            (Answer, self.answer),
            (Heartbeat, self.heartbeat),
            (Hello, self.hello),
            (SignIn, self.sign_in),
            (ConfirmIdentity, self.confirm),
            (Ready, self.ready),
            (HandIn, self.hand_in),
        ):
            server.on(event_name(kind.__name__), self._answering(handler), namespace=NAMESPACE)

    def connect(self, sid: str, _environ: dict[str, Any], auth: object = None) -> None:
        """Let an enrolled device in by its token; an earlier connection of the same device ends."""
        claim = auth if isinstance(auth, dict) else {}
        device, token = claim.get("device"), claim.get("token")
        row = self._zone.read(_find_device, device) if isinstance(device, str) and isinstance(token, str) else None
        if row is None or not hmac.compare_digest(row.token_hash, hash_of_token(str(token))):
            raise SocketRefusedError("not_enrolled")
        earlier = self._sids.get(row.id)
        if earlier is not None:
            self._lines.pop(earlier, None)
            self._server.disconnect(earlier, namespace=NAMESPACE)
        line = _Line(sid, row.id, (row.room, row.seat), Actor(f"device {row.id}", frozenset({"device"})))
        self._lines[sid], self._sids[row.id] = line, sid
        self._see(line, is_online=True, since=self._zone.now_ms())

    def disconnect(self, sid: str, _reason: str = "") -> None:
        """Note that a kiosk is gone."""
        line = self._lines.pop(sid, None)
        if line is not None and self._sids.get(line.device) == sid:
            del self._sids[line.device]
            self._see(line, is_online=False, since=self._zone.now_ms())

    def push(self, device: DeviceId, message: ZonePush) -> None:
        """Send a message to a kiosk; one that is not connected asks again when it comes back."""
        sid = self._sids.get(device)
        if sid is not None:
            self._server.emit(event_name(type(message).__name__), write(message), to=sid, namespace=NAMESPACE)

    def _answering(self, handler: Callable[[_Line, Any], Message]) -> Callable[..., Any]:
        def answer(sid: str, *told: object) -> Any:  # noqa: ANN401 - a string, or python-socketio's own "no ack"
            line = self._lines.get(sid)
            try:
                if line is None or len(told) != 1:
                    return write(refusal(MalformedMessageError("消息的形式不对。", "请检查版本是否一致。")))
                return write(handler(line, told[0]))
            except KaopingError as error:
                return write(refusal(error))
            except Exception:  # noqa: BLE001 - whatever it was: logged, and never acknowledged
                _log.exception("event of %s not handled", line.place if line else sid)
                return self._server.not_handled

        return answer

    def answer(self, line: _Line, text: object) -> Message:
        """Commit an answer, then acknowledge it."""
        entry = read(text, Answer)
        verdict = self._zone.writer.save(
            Arrival(entry.attempt, entry.epoch, entry.seq, entry.prev, line.device, str(text))
        )
        if type(verdict) is AnswerSaved and verdict.seq == entry.seq:
            answered = self._zone.answered.setdefault(entry.attempt, set())
            note_answer(answered, entry)
            self._see(line, answered=len(answered))
        return verdict

    def heartbeat(self, line: _Line, text: object) -> Message:
        """Tell the time; the end and the state come from the board, not from the database."""
        beat = read(text, Heartbeat)
        self._see(line, items=beat.items, unsent=beat.unsent, focus_losses=beat.focus_losses)
        shown = self._zone.board.at(line.place)
        card = shown.card if shown is not None and shown.card.device == line.device else None
        return HeartbeatSeen(self._zone.now_ms(), card.ends_at if card else None, card.state if card else None)

    def hello(self, line: _Line, text: object) -> Message:
        """Tell a kiosk its seat."""
        if read(text, Hello).device != line.device:
            return OTHER_DEVICE
        shown = self._zone.read(show_seat, line.device)
        answered = self._zone.answered.get(getattr(shown, "attempt", None) or AttemptId(0), ())
        self._see(line, answered=len(answered))
        return shown

    def sign_in(self, line: _Line, text: object) -> Message:
        """Sign a candidate in."""
        request = read(text, SignIn)
        if request.device != line.device:
            return OTHER_DEVICE
        return self._zone.run(line.actor, sign_in_candidate, self._zone.keys, request)

    def confirm(self, line: _Line, text: object) -> Message:
        """Confirm name and photo."""
        request = read(text, ConfirmIdentity)
        return self._zone.run(line.actor, confirm_identity, request) if request.device == line.device else OTHER_DEVICE

    def ready(self, line: _Line, text: object) -> Message:
        """Give the key, or tell to wait."""
        request = read(text, Ready)
        if request.device != line.device:
            return OTHER_DEVICE
        if not self._zone.content_keys:  # everybody asks before the hour; that need not go through the writer
            return self._zone.read(give_paper, {}, request)
        return self._zone.run(line.actor, give_paper, self._zone.content_keys, request)

    def hand_in(self, line: _Line, text: object) -> Message:
        """Close the chain and give the receipt."""
        request = read(text, HandIn)
        return self._zone.run(line.actor, hand_in, self._zone.keys, line.device, request, str(text))

    def _see(self, line: _Line, **changes: Any) -> None:  # noqa: ANN401 - fields of a pulse
        shown = self._zone.board.at(line.place)
        pulse = shown.pulse if shown is not None else Pulse()
        self._zone.board.beat(line.place, msgspec.structs.replace(pulse, **changes))


_DEVICE = select(Device.id, Device.room, Device.seat, Device.token_hash).where(Device.id == bindparam("device"))


def _find_device(work: Work, device: str) -> Row[DeviceId, RoomId, SeatNo, str] | None:
    return work.db.execute(_DEVICE, {"device": device}).one_or_none()
