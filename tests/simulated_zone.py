"""A zone, its line, a disk and a clock in memory, for tests of the candidate's seat; each can misbehave on command.

The zone speaks ``exam_protocol`` in strings, exactly as over the wire. It keeps chains by the same rules as a real one
and knows nothing of databases.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from factories import make_paper

from exam_protocol.canonical_json import encode
from exam_protocol.documents import Receipt
from exam_protocol.envelope import seal, sign
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import Chain, ChainBrokenError, first_head, read_event
from exam_protocol.ids import AttemptId, DeviceId, EpochMs, RoomId, SeatNo, ServerId, SittingId, TicketNo
from exam_protocol.messages import (
    AnswerSaved,
    CollectNow,
    ConfirmIdentity,
    Enrol,
    Enrolled,
    HandedIn,
    HandIn,
    Heartbeat,
    HeartbeatSeen,
    Hello,
    Message,
    NotYet,
    PaperReleased,
    Ready,
    Refused,
    RefusedByZoneError,
    SeatShown,
    SignedIn,
    SignIn,
    SittingChanged,
    TimeChanged,
    event_name,
    read,
    read_reply,
    refusal,
    write,
)
from exam_protocol.paper import Paper
from exam_protocol.receipt_code import receipt_code
from exam_protocol.sealed_paper import device_context, paper_context, seal_paper
from exam_protocol.sitting_state import SittingState
from kiosk_client.agent import Agent
from kiosk_client.clock import Moment
from kiosk_client.link import DeviceRefusedError, ZoneUnreachableError

START = EpochMs(1_790_384_400_000)
ATTEMPT = AttemptId(4711_01)
ROOM_CODE = "246810"
LAST4 = "123X"
DURATION_S = 5400
EARLIEST_HAND_IN_S = 1800


class HandClock:
    """A clock that tests move: the machine's two, and the zone's, which runs with them."""

    def __init__(self) -> None:
        self.mono = 50_000
        self.wall = START - 600_000
        self.zone = START - 600_000

    def __call__(self) -> Moment:
        return Moment(self.mono, EpochMs(self.wall))

    def forward(self, seconds: float) -> None:
        self.mono += int(seconds * 1000)
        self.wall += int(seconds * 1000)
        self.zone += int(seconds * 1000)

    def reboot(self, seconds: float) -> None:
        """The machine is away for a while; its monotonic clock begins anew."""
        self.forward(seconds)
        self.mono = 1_000


class PowerCut(BaseException):
    """The machine has no power any more."""


class SimulatedDisk:
    """A folder in memory. ``power_bytes`` is how many more bytes reach the platter before the power goes."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.power_bytes: int | None = None
        self.failing_appends = 0
        self.appended: list[tuple[str, bytes]] = []

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, name: str) -> bytes:
        return self.files[name]

    def replace(self, name: str, content: bytes) -> None:
        self.files[name] = content

    def append(self, name: str, content: bytes) -> None:
        if self.failing_appends:
            self.failing_appends -= 1
            self.files[name] = self.files.get(name, b"") + content[: len(content) // 2]
            raise OSError(5, "Input/output error")
        if self.power_bytes is not None and len(content) > self.power_bytes:
            self.files[name] = self.files.get(name, b"") + content[: self.power_bytes]
            raise PowerCut
        if self.power_bytes is not None:
            self.power_bytes -= len(content)
        self.files[name] = self.files.get(name, b"") + content
        self.appended.append((name, content))

    def close(self, name: str) -> None:
        pass


class SimulatedZone:
    """One server, one room, one paper, one candidate at seat 7."""

    def __init__(self, clock: HandClock, paper: Paper | None = None) -> None:
        self.clock = clock
        self.paper = paper or make_paper()
        self.is_down = False
        self.lost_replies = 0
        self.connection_attempts = 0
        self.acknowledges_wrongly = False
        self.refuses_events: str | None = None
        self.quarantined: list[bytes] = []
        self.receipt_changes: dict[str, Any] = {}
        self.room_code = ROOM_CODE
        self.received: list[tuple[str, str]] = []
        self.events: list[bytes] = []
        self.chain = Chain.start(ATTEMPT, self.paper.id)
        self.state = SittingState.EXPECTED
        self.device: Enrol | None = None
        self.attempt: AttemptId | None = None
        self.ends_at = EpochMs(START + DURATION_S * 1000)
        self.is_released = False
        self.photo = b"\xff\xd8jpeg"
        self._content_key = b"k" * 32
        self._context = paper_context(
            self.paper.exam, self.paper.session, ServerId("zone-02/1"), self.paper.id, 1, self.paper.purpose
        )
        self.sealed = seal_paper(self.paper, self._content_key, self._context)
        self._links: list[SimulatedLink] = []

    def link(self) -> "SimulatedLink":
        """A new line to this zone."""
        return SimulatedLink(self)

    def enrol(self, request: Enrol) -> Enrolled:
        if request.room_code != self.room_code:
            raise RefusedByZoneError(Refused("wrong_room_code", "考场登记码不对。", "请核对后重新输入。"))
        self.device = request
        return Enrolled(ServerId("zone-02/1"), "石家庄考区", RoomId("01"), "第 1 考场", request.seat, "token")

    def answer(self, name: str, text: str) -> str:
        """Take one event and return its acknowledgement."""
        self.received.append((name, text))
        kinds: dict[str, type[Message]] = {
            event_name(kind.__name__): kind for kind in (Hello, SignIn, ConfirmIdentity, Ready, Heartbeat)
        }
        try:
            if name in ("answer", "hand_in"):
                return write(self._keep(text.encode()))
            return write(self._reply(read(text, kinds[name])))
        except KaopingError as refused:
            return write(refusal(refused, self.chain.seq if isinstance(refused, ChainBrokenError) else None))

    def release(self) -> None:
        """The hour has come: give the key to whoever waits."""
        self.is_released = True
        if self.state is SittingState.CONFIRMED:
            self.state = SittingState.ANSWERING
            self.push(self._released())

    def extend(self, seconds: int) -> None:
        self.ends_at = EpochMs(self.ends_at + seconds * 1000)
        self.push(TimeChanged(ATTEMPT, self.ends_at, EpochMs(self.clock.zone), seconds))

    def change(self, state: SittingState, words: str = "") -> None:
        self.state = state
        self.push(SittingChanged(ATTEMPT, state, words))

    def collect(self) -> None:
        self.push(CollectNow(ATTEMPT, "考试时间已到，已收卷。"))

    def drop_lines(self) -> None:
        """Cut every connection."""
        for link in self._links:
            link.close()
            link.on_down()

    def loses_last_commit(self) -> None:
        """What no zone may do: forget what it acknowledged."""
        self.events.pop()
        self._rebuild()

    def forget_after(self, seq: int) -> None:
        """Go back to an earlier chain, for a test that tries many ends of one beginning."""
        self.events = self.events[:seq]
        self._rebuild()

    def push(self, message: Message) -> None:
        for link in self._links:
            if link.is_up:
                link.on_push(read(write(message), type(message)))

    def _reply(self, message: Message) -> Message:
        match message:
            case Hello():
                return self._seat_shown()
            case SignIn():
                return self._sign_in(message)
            case ConfirmIdentity():
                if self.state is SittingState.SIGNED_IN:
                    self.state = SittingState.CONFIRMED
                return SittingChanged(ATTEMPT, self.state, "")
            case Ready() if self.is_released:
                self.state = SittingState.ANSWERING if self.state is SittingState.CONFIRMED else self.state
                return self._released()
            case Ready():
                return NotYet(START, EpochMs(self.clock.zone))
            case _:
                ends_at = self.ends_at if self.is_released else None
                return HeartbeatSeen(EpochMs(self.clock.zone), ends_at, self.state)

    def _seat_shown(self) -> SeatShown:
        return SeatShown(
            server=ServerId("zone-02/1"),
            exam_title="2026年度工人技师考核",
            session_title="上午第 1 场",
            zone_name="石家庄考区",
            room=RoomId("01"),
            room_name="第 1 考场",
            seat=SeatNo(7),
            name="王芳",
            photo=self.photo,
            starts_at=START,
            duration_s=DURATION_S,
            earliest_hand_in_s=EARLIEST_HAND_IN_S,
            heartbeat_s=10,
            zone_time=EpochMs(self.clock.zone),
            attempt=self.attempt,
            state=self.state if self.attempt else None,
        )

    def _sign_in(self, message: SignIn) -> SignedIn:
        if message.id_number != LAST4:
            raise _refused("wrong_identity", "证件号码后四位不对。", "请核对后重新输入。")
        if self.state is SittingState.EXPECTED:
            self.state = SittingState.SIGNED_IN
        self.attempt = ATTEMPT
        return SignedIn(
            attempt=ATTEMPT,
            epoch=1,
            ticket_no=TicketNo("2602010007"),
            name="王芳",
            trade="电工",
            unit="石家庄市公路局",
            photo=self.photo,
            state=self.state,
            order_seed=42,
            paper=self.paper.id,
            paper_url=f"/kiosk/papers/{self.paper.id}",
            paper_sha256=hashlib.sha256(self.sealed).hexdigest(),
            paper_context=self._context,
            acked_seq=self.chain.seq,
            head=self.chain.head,
            events=tuple(event.decode() for event in self.events),
        )

    def _released(self) -> PaperReleased:
        assert self.device is not None
        context = device_context(DeviceId(self.device.device), ATTEMPT, self.paper.id)
        sealed_key = seal(self._content_key, self.device.encryption_key, context)
        return PaperReleased(ATTEMPT, self.paper.id, sealed_key, START, self.ends_at, EpochMs(self.clock.zone))

    def _keep(self, event: bytes) -> Message:
        entry = read_event(event)
        if self.refuses_events is not None:
            self.quarantined.append(event)
            raise _refused(self.refuses_events, "已经收卷，这条作答另外保存。", "请举手，请监考员处理。")
        if entry.seq > self.chain.seq or self.events[entry.seq - 1] != event:
            if self.state is SittingState.PAUSED:
                raise _refused("paused", "考试已暂停。", "请等待。")
            self.chain = self.chain.extend(entry, event)
            self.events.append(event)
        if isinstance(entry, HandIn):
            self.state = SittingState.HANDED_IN if entry.reason == "candidate" else SittingState.COLLECTED
            receipt = self._receipt(entry)
            return HandedIn(ATTEMPT, self.chain.seq, receipt, receipt_code(receipt))
        head = "0" * 64 if self.acknowledges_wrongly else self.chain.head
        return AnswerSaved(ATTEMPT, 1, self.chain.seq, head)

    def _receipt(self, entry: HandIn) -> bytes:
        told: dict[str, Any] = {
            "exam": self.paper.exam,
            "session": self.paper.session,
            "server": ServerId("zone-02/1"),
            "sitting": SittingId(4711),
            "attempt": ATTEMPT,
            "ticket_no": TicketNo("2602010007"),
            "events": self.chain.seq,
            "head": self.chain.head,
            "answered": entry.answered,
            "items": len(self.paper.items()),
            "at": EpochMs(self.clock.zone),
        }
        return sign(encode(Receipt(**(told | self.receipt_changes))), Receipt.payload_type, ())

    def _rebuild(self) -> None:
        self.chain = Chain(ATTEMPT, 0, first_head(ATTEMPT, self.paper.id))
        for event in self.events:
            self.chain = self.chain.extend(read_event(event), event)


class SimulatedLink:
    """One seat's line to the simulated zone."""

    def __init__(self, zone: SimulatedZone) -> None:
        self.on_push: Callable[[Message], None] = lambda _message: None
        self.on_down: Callable[[], None] = lambda: None
        self._zone = zone
        self._is_connected = False
        zone._links.append(self)

    @property
    def is_up(self) -> bool:
        return self._is_connected and not self._zone.is_down

    def enrol(self, request: Enrol) -> Enrolled:
        self._check()
        return self._zone.enrol(request)

    def connect(self, device: str, token: str) -> None:
        self._zone.connection_attempts += 1
        self._check()
        if self._zone.device is None or (device, token) != (self._zone.device.device, "token"):
            raise DeviceRefusedError("没有登记。", "请重新登记。")
        self._is_connected = True

    def ask(self, message: Message) -> Message:
        return self.send_event(event_name(type(message).__name__), write(message).encode())

    def send_event(self, name: str, event: bytes) -> Message:
        self._check()
        if not self._is_connected:
            raise _unreachable()
        reply = self._zone.answer(name, event.decode())
        if self._zone.lost_replies:
            self._zone.lost_replies -= 1
            self._is_connected = False
            raise _unreachable()
        return read_reply(reply, Message)

    def fetch(self, path: str) -> bytes:
        self._check()
        assert path == f"/kiosk/papers/{self._zone.paper.id}"
        return self._zone.sealed

    def close(self) -> None:
        self._is_connected = False

    def _check(self) -> None:
        if self._zone.is_down:
            self._is_connected = False
            raise _unreachable()


class _SimulatedRefusalError(KaopingError):
    """A refusal with the code a test gives it."""


def _refused(code: str, what: str, do: str) -> KaopingError:
    error = _SimulatedRefusalError(what, do)
    error.code = code  # type: ignore[misc]  # per refusal, not per class
    return error


def _unreachable() -> ZoneUnreachableError:
    return ZoneUnreachableError("连不上考点服务器。", "程序会自动重连。")


def talk(agent: Agent, turns: int = 40) -> None:
    """Let the seat say all it has to say at this moment."""
    for _ in range(turns):
        if agent.conversation.turn() > 0:
            return


def choose(agent: Agent, n: int, *letters: str) -> dict[str, Any]:
    """Answer item n by the letters on the screen, as a candidate does."""
    agent.act("go", {"n": n})
    options = {option["letter"]: option["id"] for option in agent.state()["item"]["options"]}
    return agent.act("answer", {"n": n, "chosen": [options[letter] for letter in letters]})
