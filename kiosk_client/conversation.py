"""What a seat says to the zone next, and how long it waits before it says more.

Nothing is queued: what to send is read off the sitting each time (``next_event``, a paper not yet here, a key not yet
here), so that a first start, a reconnect and a restart are the same code. One event is in flight at a time, in order.
"""

import logging
from collections.abc import Callable

import gevent
import msgspec
from gevent.event import Event

from exam_protocol.errors import KaopingError
from exam_protocol.messages import (
    ConfirmIdentity,
    Heartbeat,
    Hello,
    Message,
    NotYet,
    Ready,
    RefusedByZoneError,
    SeatShown,
    SignIn,
    event_name,
)
from exam_protocol.sitting_state import SittingState
from kiosk_client.config import KioskConfig
from kiosk_client.link import DeviceRefusedError, Link, ZoneUnreachableError
from kiosk_client.seat import Seat
from kiosk_client.seat_files import SOFTWARE
from kiosk_client.sitting import Sitting, Words
from kiosk_client.zone_news import heard, refused_event, time_passed

Uniform = Callable[[float, float], float]
"""A random number between two, for jitter."""

_log = logging.getLogger(__name__)
_DOUBLINGS = 10
_REFUSED_AGAIN_S = 2.0
_NOT_ENROLLED_AGAIN_S = 3.0
_READY_AGAIN_S = 3.0
_HEARTBEAT_BEFORE_CARD_S = 10
_LONGEST_WITHOUT_HEARTBEAT = 3
"""In heartbeats: answers prove the line, but only heartbeats bring the zone's time and the candidate's end."""
_ANSWER, _HAND_IN = event_name("Answer"), event_name("HandIn")


class Conversation:
    """The seat's own greenlet: ``run`` until ``stop``."""

    def __init__(self, seat: Seat, link: Link, config: KioskConfig, uniform: Uniform) -> None:
        self.is_online = False
        self.unknown: Words | None = None
        """Why this machine holds no seat at the zone, if it holds none."""
        self.focus_losses = 0
        self._seat = seat
        self._link = link
        self._config = config
        self._uniform = uniform
        self._wake = Event()
        self._is_stopping = False
        self._failures = 0
        self._is_end_confirmed = False
        self._heartbeat_due = 0
        self._last_heartbeat = 0
        self._ready_due = 0
        self._event_due = 0
        self._reconnect_due = 0
        link.on_push = self._pushed
        link.on_down = self._dropped

    def run(self) -> None:
        """Talk to the zone until stopped; the first connection is spread at random."""
        gevent.sleep(self._uniform(0, self._config.connect_spread_s))
        while not self._is_stopping:
            self._wake.clear()
            wait_s = self.turn()
            if wait_s > 0 and not self._is_stopping:
                self._wake.wait(wait_s)
        self._link.close()
        self._set_online(is_online=False)

    def stop(self) -> None:
        """Let ``run`` end after what it is doing."""
        self._is_stopping = True
        self._wake.set()

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def turn(self) -> float:
        """Do the next thing there is to do, at most one exchange; return how many seconds to wait after it."""
        try:
            moment = self._seat.moment()
            self._seat.take(time_passed, moment, is_online=self.is_online and self._is_end_confirmed)
            self._seat.open_paper()
            if not self._link.is_up and moment.mono < self._reconnect_due:
                # Whatever wakes a seat that is cut off, an answer above all, must not hurry its next attempt.
                return (self._reconnect_due - moment.mono) / 1000
            return self._exchange()
        except ZoneUnreachableError:
            self._failures += 1
            self._dropped()
            return 0
        except DeviceRefusedError as refused:
            self._not_enrolled(Words(refused.what, refused.do))
            return 0
        except KaopingError as error:
            words = Words(error.what, error.do)
            if self._seat.sitting.notice != words:
                _log.warning("seat %s: %s %s", self._seat.device.id, error.code, error)
                self._seat.change(_told, words)
            return _REFUSED_AGAIN_S

    def sign_in(self, ticket_no: str | None, id_number: str) -> None:
        """Ask the zone who sits here. Raises ``RefusedByZoneError`` or ``ZoneUnreachableError``."""
        self._ask(SignIn(self._seat.device.id, ticket_no, id_number))  # type: ignore[arg-type]  # typed by a person
        self.wake()

    def confirm(self) -> None:
        """Tell the zone that the candidate says it is them."""
        signed_in = self._seat.sitting.signed_in
        if signed_in is not None:
            self._ask(ConfirmIdentity(self._seat.device.id, signed_in.attempt, signed_in.epoch))
            self.wake()

    def _exchange(self) -> float:
        if not self._link.is_up:
            self._connect()
        if not self.is_online:
            self._greet()
        sitting = self._seat.sitting
        signed_in = sitting.signed_in
        moment = self._seat.moment()
        is_end_open = sitting.is_time_up and not self._is_end_confirmed
        if signed_in is not None and not is_end_open:
            if (event := sitting.next_event) is not None and moment.mono >= self._event_due:
                self._send(sitting, event)
                return 0
            if sitting.paper is None and sitting.hand_in is None:
                if not self._seat.files.has_sealed_paper(signed_in.paper_sha256):
                    self._seat.files.keep_sealed_paper(self._link.fetch(signed_in.paper_url), signed_in.paper_sha256)
                    return 0
                if _awaits_key(sitting) and moment.mono >= self._ready_due:
                    return self._ready(sitting)
        if moment.mono >= self._heartbeat_due or is_end_open:
            self._beat(sitting)
        return self._until_next(self._seat.sitting)

    def _connect(self) -> None:
        enrolled = self._seat.files.enrolled
        if enrolled is None:
            if self._config.room_code is None or self._config.seat is None:
                raise DeviceRefusedError("本机还没有登记座位。", "请输入考点服务器地址、考场登记码和座位号。")
            request = self._seat.device.enrolment(self._config.room_code, self._config.seat)
            try:
                enrolled = self._link.enrol(request)
            except RefusedByZoneError as refused:
                raise DeviceRefusedError(refused.what, refused.do) from refused
            self._seat.files.keep_enrolled(enrolled)
        self._link.connect(self._seat.device.id, enrolled.token)

    def _greet(self) -> None:
        shown = self._ask(Hello(self._seat.device.id, SOFTWARE))
        if isinstance(shown, SeatShown):
            self._seat.keep_seat(shown)
        self._failures = 0
        self.unknown = None
        self._is_end_confirmed = False
        self._ready_due = 0
        self._event_due = 0
        moment = self._seat.moment()
        self._heartbeat_due = moment.mono + int(self._uniform(0, self._heartbeat_s()) * 1000)
        self._set_online(is_online=True)

    def _send(self, sitting: Sitting, event: bytes) -> None:
        is_last = sitting.hand_in is not None and event is sitting.events[-1]
        try:
            reply = self._link.send_event(_HAND_IN if is_last else _ANSWER, event)
        except RefusedByZoneError as refused:
            self._after_sending(self._seat.change(refused_event, refused.refusal, event), event)
            return
        moment = self._seat.moment()
        if self._after_sending(self._seat.take(heard, reply, moment), event):
            self._put_heartbeat_off(moment.mono)

    def _after_sending(self, after: Sitting, event: bytes) -> bool:
        # What is not taken is tried again after a while; heartbeats, which bring the zone's time and state, go on.
        is_taken = after.next_event is not event and after.trouble is None
        if not is_taken:
            self._event_due = self._seat.moment().mono + int(_REFUSED_AGAIN_S * 1000)
        return is_taken

    def _ready(self, sitting: Sitting) -> float:
        if sitting.signed_in is None:
            return 0
        reply = self._ask(Ready(self._seat.device.id, sitting.signed_in.attempt, sitting.signed_in.epoch))
        moment = self._seat.moment()
        wait_ms = max(0, reply.starts_at - reply.zone_time) if isinstance(reply, NotYet) else 0
        self._ready_due = moment.mono + wait_ms + int(self._uniform(1, _READY_AGAIN_S) * 1000)
        return 0

    def _beat(self, sitting: Sitting) -> None:
        self._last_heartbeat = self._seat.moment().mono
        self._heartbeat_due = self._last_heartbeat + self._heartbeat_s() * 1000
        self._ask(
            Heartbeat(
                device=self._seat.device.id,
                attempt=sitting.signed_in.attempt if sitting.signed_in else None,
                seq=len(sitting.events),
                unsent=len(sitting.events) - sitting.acked,
                answered=sitting.answered,
                items=len(sitting.paper.items) if sitting.paper else 0,
                focus_losses=self.focus_losses,
                t_wall=self._seat.moment().wall,
            )
        )
        self._is_end_confirmed = True

    def _put_heartbeat_off(self, mono: int) -> None:
        if self._is_end_confirmed:
            interval = self._heartbeat_s() * 1000
            self._heartbeat_due = min(mono + interval, self._last_heartbeat + _LONGEST_WITHOUT_HEARTBEAT * interval)

    def _ask(self, message: Message) -> Message:
        reply = self._link.ask(message)
        self._seat.take(heard, reply, self._seat.moment())
        return reply

    def _until_next(self, sitting: Sitting) -> float:
        moment = self._seat.moment()
        due = [self._heartbeat_due]
        if _awaits_key(sitting):
            due.append(self._ready_due)
        if sitting.next_event is not None:
            due.append(self._event_due)
        if sitting.ends_at is not None and sitting.clock is not None and not sitting.is_time_up:
            due.append(sitting.ends_at - sitting.clock.offset_ms)
        return max(0.001, (min(due) - moment.mono) / 1000)

    def _heartbeat_s(self) -> int:
        seat = self._seat.sitting.seat
        return seat.heartbeat_s if seat is not None and seat.heartbeat_s > 0 else _HEARTBEAT_BEFORE_CARD_S

    def _pushed(self, message: Message) -> None:
        try:
            self._seat.take(heard, message, self._seat.moment())
        except KaopingError as error:
            # The page shows it already; what the push said comes again with the next heartbeat or greeting.
            _log.warning("seat %s: push not kept: %s", self._seat.device.id, error)
        self.wake()

    def _dropped(self) -> None:
        self._link.close()
        self._set_online(is_online=False)
        ceiling_s = min(self._config.reconnect_cap_s, 2.0 ** min(self._failures, _DOUBLINGS))
        self._reconnect_after(self._uniform(0, ceiling_s))
        self.wake()

    def _reconnect_after(self, wait_s: float) -> None:
        self._reconnect_due = self._seat.moment().mono + int(wait_s * 1000)

    def _not_enrolled(self, words: Words) -> None:
        self.unknown = words
        self._set_online(is_online=False)
        self._reconnect_after(self._uniform(_NOT_ENROLLED_AGAIN_S, 2 * _NOT_ENROLLED_AGAIN_S))
        self._seat.touch()

    def _set_online(self, *, is_online: bool) -> None:
        if self.is_online is not is_online:
            self.is_online = is_online
            self._seat.touch()


def _awaits_key(sitting: Sitting) -> bool:
    return (
        sitting.released is None
        and sitting.hand_in is None
        and sitting.state in (SittingState.CONFIRMED, SittingState.ANSWERING, SittingState.PAUSED)
    )


def _told(sitting: Sitting, words: Words) -> Sitting:
    return msgspec.structs.replace(sitting, notice=words)
