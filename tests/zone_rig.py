"""A zone for tests: real packages for it, a database in a temporary file, a clock that the test moves, and kiosks."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from factories import NOW, make_paper, make_trust

from exam_protocol.canonical_json import encode
from exam_protocol.documents import (
    ROSTER_FORMAT,
    KeyRelease,
    OpenedKeys,
    PaperManifest,
    PaperPart,
    Role,
    RosterEntry,
    RosterManifest,
    RosterRoom,
    ZoneRoster,
)
from exam_protocol.envelope import seal, unseal
from exam_protocol.event_chain import Chain
from exam_protocol.exchange import id_keyed_hash, release_context, roster_context
from exam_protocol.ids import (
    AttemptId,
    DeviceId,
    EpochMs,
    ItemId,
    OptionId,
    RoomId,
    SeatNo,
    ServerId,
    SittingId,
    TicketNo,
    TradeCode,
)
from exam_protocol.keys import PrivateKey, Trust, new_private_key, sign_document
from exam_protocol.messages import (
    Answer,
    ConfirmIdentity,
    Enrol,
    Enrolled,
    HandIn,
    PaperReleased,
    Ready,
    SignedIn,
    SignIn,
    write,
)
from exam_protocol.package import pack, part_of
from exam_protocol.paper import Paper, Purpose
from exam_protocol.sealed_paper import device_context, key_file_context, open_paper, paper_context, seal_paper
from exam_server.db import open_engine
from exam_server.models import exchange, people, plan, sitting  # noqa: F401 - their tables
from exam_server.models.base import create_schema
from exam_server.notices import NoticeBoard, Push, SeatCard, SessionCard
from exam_server.services.answering import AnswerStore, Arrival, Verdict
from exam_server.services.delivery import give_paper, give_papers
from exam_server.services.enrolment import enrol_device
from exam_server.services.hand_in import hand_in
from exam_server.services.opening import ContentKeys, ZoneKeys, open_rooms, release_papers
from exam_server.services.package_import import import_package
from exam_server.services.seat_map import seat_cards, session_card
from exam_server.services.sign_in import confirm_identity, sign_in_candidate
from exam_server.services.wire_time import to_ms
from exam_server.work import SYSTEM, Actor, Work, WorkRunner

SERVER = ServerId("zone-02/1")
CHIEF = Actor("李主考", frozenset({"chief"}))
INVIGILATOR = Actor("王监考", frozenset({"invigilator"}))
STARTS_AT = NOW
ID_HASH_KEY = b"h" * 32
PEOPLE = ("王志强", "赵淑芬", "刘洪亮", "陈桂英", "杨立新", "周玉梅")


def id_number_of(seat: int) -> str:
    """The invented ID number of the candidate at a seat."""
    return f"99010119700101{1000 + seat}"


@dataclass(frozen=True)
class ExamKeys:
    """Every private key of a small exam, and the root that names them."""

    paper: PrivateKey = field(default_factory=lambda: new_private_key(Role.PAPER))
    roster: PrivateKey = field(default_factory=lambda: new_private_key(Role.ROSTER))
    release: PrivateKey = field(default_factory=lambda: new_private_key(Role.RELEASE))
    zone: PrivateKey = field(default_factory=lambda: new_private_key(Role.ZONE, SERVER))
    zone_encryption: PrivateKey = field(default_factory=lambda: new_private_key(Role.ZONE_ENCRYPTION, SERVER))
    centre_encryption: PrivateKey = field(default_factory=lambda: new_private_key(Role.CENTRE_ENCRYPTION))
    opening: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)

    def trust(self) -> Trust:
        """The verified root."""
        return make_trust(
            self.paper, self.roster, self.release, self.zone, self.zone_encryption, self.centre_encryption
        )

    def zone_keys(self, trust: Trust) -> ZoneKeys:
        """What the zone holds."""
        return ZoneKeys(SERVER, trust, self.zone, self.zone_encryption)


def make_roster(starts_at: datetime = STARTS_AT, **changes: Any) -> ZoneRoster:
    """One room of eight seats with six candidates."""
    roster: dict[str, Any] = {
        "format": ROSTER_FORMAT,
        "exam": "2026-technician",
        "exam_title": "2026 年工人技师考评",
        "session": "S1",
        "session_title": "第 1 场 应知",
        "server": SERVER,
        "zone_name": "石家庄考区",
        "starts_at": to_ms(starts_at),
        "duration_s": 5400,
        "late_limit_s": 1800,
        "earliest_hand_in_s": 1800,
        "grace_s": 30,
        "heartbeat_s": 5,
        "id_hash_key": ID_HASH_KEY,
        "rooms": (RosterRoom(RoomId("01"), "第 01 考场", 8, 4),),
        "entries": tuple(make_entry(seat) for seat in range(1, len(PEOPLE) + 1)),
    }
    return ZoneRoster(**(roster | changes))


def make_entry(seat: int, extra_minutes: int = 0, trade: str = "06-008") -> RosterEntry:
    """The candidate of a seat."""
    return RosterEntry(
        sitting=SittingId(20_000 + seat),
        ticket_no=TicketNo(f"26020101{seat:02d}"),
        name=PEOPLE[(seat - 1) % len(PEOPLE)],
        trade=TradeCode(trade),
        unit="石家庄市公路管理处",
        room=RoomId("01"),
        seat=SeatNo(seat),
        id_last4=id_number_of(seat)[-4:],
        id_keyed_hash=id_keyed_hash(ID_HASH_KEY, id_number_of(seat)),
        photo=b"\x89PNG photo",
        extra_minutes=extra_minutes,
        order_seed=seat,
    )


def roster_package(keys: ExamKeys, trust: Trust, roster: ZoneRoster, revision: int = 1) -> bytes:
    """Seal and sign a roster."""
    place = (roster.exam, roster.session, roster.server)
    sealed = seal(encode(roster), keys.zone_encryption.public_key, roster_context(*place, revision))
    manifest = RosterManifest(*place, revision, part_of("roster", sealed), trust.root.version)
    return pack(sign_document(manifest, keys.roster), [sealed])


def paper_package(
    keys: ExamKeys,
    trust: Trust,
    paper: Paper,
    purpose: Purpose = Purpose.LIVE,
    *,
    revision: int = 1,
    server: ServerId = SERVER,
    now: datetime = NOW,
) -> bytes:
    """Seal one paper for a server."""
    content_key = hashlib.sha256(b"content key of " + paper.id.encode()).digest()
    context = paper_context(paper.exam, paper.session, server, paper.id, revision, purpose)
    sealed = seal_paper(paper, content_key, context)
    opened = OpenedKeys((paper.id,), (content_key,))
    opening_key = keys.opening.public_key().public_bytes_raw()
    key_file = seal(encode(opened), opening_key, key_file_context(paper.exam, paper.session, server, revision, purpose))
    manifest = PaperManifest(
        exam=paper.exam,
        session=paper.session,
        server=server,
        purpose=purpose,
        revision=revision,
        opening_key=opening_key,
        not_before=now - timedelta(hours=1),
        not_after=now + timedelta(days=1),
        key_file=part_of("keys", key_file),
        papers=(PaperPart(part_of("p1", sealed), paper.id, paper.trade, hashlib.sha256(content_key).hexdigest()),),
        lowest_root_version=trust.root.version,
    )
    return pack(sign_document(manifest, keys.paper), [key_file, sealed])


def release_envelope(
    keys: ExamKeys, trust: Trust, roster: ZoneRoster, purpose: Purpose = Purpose.LIVE, revision: int = 1
) -> bytes:
    """The centre's signed release for the zone."""
    place = (roster.exam, roster.session, roster.server)
    secret = keys.opening.private_bytes_raw()
    sealed = seal(secret, keys.zone_encryption.public_key, release_context(*place, purpose, revision))
    starts_at = STARTS_AT + timedelta(milliseconds=roster.starts_at - to_ms(STARTS_AT))
    document = KeyRelease(*place, purpose, revision, starts_at, sealed, trust.root.version)
    return sign_document(document, keys.release)


class Kiosk:
    """A simulated kiosk: keeps its keys and its chain, and speaks to services the way the socket face does."""

    def __init__(self, zone: "Zone", seat: int, device: str | None = None) -> None:
        self.zone = zone
        self.seat = seat
        self.device = DeviceId(device or f"device-{seat}")
        self.encryption_key = X25519PrivateKey.generate()
        self.signed_in: SignedIn | None = None
        self.chain: Chain | None = None

    @property
    def actor(self) -> Actor:
        return Actor(f"device {self.device}", frozenset({"device"}))

    def ask(self, service: Callable[..., Any], *arguments: Any) -> Any:
        """Run a service as this device."""
        return self.zone.runner.run(self.actor, service, *arguments)

    def enrol(self, code: str | None = None) -> Any:
        public = self.encryption_key.public_key().public_bytes_raw()
        request = Enrol(code or self.zone.codes["01"], SeatNo(self.seat), self.device, b"s" * 32, public, "kiosk/1")
        return self.ask(enrol_device, request)

    def sign_in(self, typed: str | None = None, ticket_no: str | None = None) -> Any:
        typed = id_number_of(self.seat)[-4:] if typed is None else typed
        request = SignIn(self.device, ticket_no and TicketNo(ticket_no), typed)
        reply = self.ask(sign_in_candidate, self.zone.keys, request)
        if isinstance(reply, SignedIn):
            self.signed_in = reply
            self.chain = Chain(reply.attempt, reply.acked_seq, reply.head)
        return reply

    @property
    def attempt(self) -> AttemptId:
        assert self.signed_in is not None
        return self.signed_in.attempt

    def confirm(self) -> Any:
        return self.ask(confirm_identity, ConfirmIdentity(self.device, self.attempt, 1))

    def ready(self) -> Any:
        return self.ask(give_paper, self.zone.content_keys, Ready(self.device, self.attempt, 1))

    def open(self, released: PaperReleased, sealed: bytes) -> Paper:
        assert self.signed_in is not None
        content_key = unseal(
            released.sealed_content_key,
            self.encryption_key,
            device_context(self.device, released.attempt, released.paper),
        )
        return open_paper(sealed, content_key, self.signed_in.paper_context)

    def next_answer(self, item: str = "i1", options: tuple[str, ...] = ("o1-1",)) -> Arrival:
        """Continue the chain with an answer, unsent."""
        assert self.chain is not None
        answer = Answer(
            attempt=self.attempt,
            epoch=1,
            seq=self.chain.seq + 1,
            item=ItemId(item),
            options=tuple(OptionId(option) for option in options),
            is_marked=False,
            t_mono=0,
            t_wall=EpochMs(0),
            prev=self.chain.head,
        )
        return self._arrival(answer)

    def _arrival(self, entry: Answer | HandIn) -> Arrival:
        assert self.chain is not None
        text = write(entry)
        self.chain = self.chain.extend(entry, text.encode())
        return Arrival(entry.attempt, entry.epoch, entry.seq, entry.prev, self.device, text)

    def answer(self, item: str = "i1", options: tuple[str, ...] = ("o1-1",)) -> Verdict:
        return self.zone.save(self.next_answer(item, options))

    def next_hand_in(self, reason: str = "candidate", answered: int = 0) -> tuple[HandIn, str]:
        assert self.chain is not None
        entry = HandIn(
            attempt=self.attempt,
            epoch=1,
            seq=self.chain.seq + 1,
            reason=reason,
            answered=answered,
            t_mono=0,
            t_wall=EpochMs(0),
            prev=self.chain.head,
        )
        return entry, write(entry)

    def send_hand_in(self, entry: HandIn, text: str) -> Any:
        return self.ask(hand_in, self.zone.keys, self.device, entry, text)

    def hand_in(self, reason: str = "candidate") -> Any:
        return self.send_hand_in(*self.next_hand_in(reason))


class Zone:
    """A zone without a network: services, the store of answers, the board of notices, and a clock."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.now = STARTS_AT - timedelta(minutes=20)
        self.exam_keys = ExamKeys()
        self.trust = self.exam_keys.trust()
        self.keys = self.exam_keys.zone_keys(self.trust)
        self.roster = make_roster()
        self.paper = make_paper()
        self.board = NoticeBoard()
        self.pushes: list[Push] = []
        self.codes: dict[str, str] = {}
        self.content_keys: ContentKeys = {}
        self.url = database or f"sqlite:///{folder / 'zone.db'}"
        self.engine = open_engine(self.url)
        create_schema(self.engine, "zone")
        self.start()

    def start(self) -> None:
        """What a process has when it starts: connections and no memory."""
        self.runner = WorkRunner(self.engine, lambda: self.now, self.announce)
        self.store = AnswerStore(self.engine, lambda: to_ms(self.now))

    def announce(self, notice: Any) -> None:
        if isinstance(notice, SeatCard):
            self.board.post(notice)
        elif isinstance(notice, SessionCard):
            self.board.post_session(notice)
        else:
            self.pushes.append(notice)

    def run(self, service: Callable[..., Any], *arguments: Any, actor: Actor = CHIEF, **named: Any) -> Any:
        return self.runner.run(actor, service, *arguments, **named)

    def save(self, *arrivals: Arrival) -> Any:
        verdicts = self.store.commit(arrivals)
        return verdicts[0] if len(arrivals) == 1 else verdicts

    def rows(self, table: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1").mappings())  # noqa: S608 - a test's own

    def snapshot(self) -> tuple[list[SeatCard], SessionCard]:
        """What a console would be given fresh."""

        def read(work: Work) -> tuple[list[SeatCard], SessionCard]:
            return seat_cards(work), session_card(work.db.query(plan.ExamSession).one())

        cards: tuple[list[SeatCard], SessionCard] = self.runner.run(SYSTEM, read)
        return cards

    def prepare(self) -> "Zone":
        """Import the packages and open the rooms."""
        self.run(import_package, self.keys, roster_package(self.exam_keys, self.trust, self.roster))
        self.run(import_package, self.keys, paper_package(self.exam_keys, self.trust, self.paper))
        self.codes = self.run(open_rooms)
        cards, session = self.snapshot()
        self.board.fill(session, cards)
        return self

    def kiosk(self, seat: int) -> Kiosk:
        """An enrolled kiosk; the rooms are opened again where the window has passed."""
        kiosk = Kiosk(self, seat)
        if not isinstance(kiosk.enrol(), Enrolled):
            self.codes = self.run(open_rooms)
            assert isinstance(kiosk.enrol(), Enrolled)
        return kiosk

    def confirmed(self, seat: int) -> Kiosk:
        """A kiosk whose candidate has signed in and confirmed."""
        kiosk = self.kiosk(seat)
        kiosk.sign_in()
        kiosk.confirm()
        return kiosk

    def release(self, at: datetime = STARTS_AT) -> None:
        """The hour has come."""
        self.now = at
        envelope = release_envelope(self.exam_keys, self.trust, self.roster)
        self.content_keys = self.run(release_papers, self.keys, envelope, actor=SYSTEM)
        self.run(give_papers, self.content_keys, actor=SYSTEM)

    def answering(self, seat: int) -> Kiosk:
        """A kiosk that answers: enrolled before the hour, or a late one after it."""
        kiosk = self.confirmed(seat)
        if not self.content_keys:
            self.release()
        kiosk.ready()
        return kiosk
