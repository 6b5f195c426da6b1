"""The running zone: database, writer, notices and what must never be on the disk, in one place for all its faces."""

from collections import deque
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import select

from exam_protocol.ids import AttemptId, DeviceId, EpochMs, ItemId, PaperId
from exam_protocol.messages import ZonePush
from exam_server.db import open_engine
from exam_server.models.exchange import SealedPaper
from exam_server.notices import NoticeBoard, Pulse, Push, SeatCard, SessionCard
from exam_server.services.answering import AnswerStore, answered_items
from exam_server.services.delivery import give_papers
from exam_server.services.handover import close_session
from exam_server.services.opening import ContentKeys, ZoneKeys, release_papers, reopen_papers
from exam_server.services.seat_map import read_snapshot
from exam_server.services.wire_time import to_ms
from exam_server.services.zone_status import ZoneStatus, zone_status
from exam_server.work import SYSTEM, Actor, Work, WorkRunner
from exam_server.writer import Writer
from exam_server.zone.answer_package import make_package
from exam_server.zone.folder import ZoneFolder

P = ParamSpec("P")
T = TypeVar("T")


class ZoneRuntime:
    """One zone process. Content keys live here and nowhere else; after a restart they are opened again."""

    def __init__(self, folder: ZoneFolder, keys: ZoneKeys) -> None:
        self.folder = folder
        self.keys = keys
        self.clock = folder.clock
        self.board = NoticeBoard()
        self.content_keys: ContentKeys = {}
        self.answered: dict[AttemptId, set[ItemId]] = {}
        self.push: Callable[[DeviceId, ZonePush], None] = lambda _device, _message: None
        """Sends a message to a kiosk, if it is connected; the sockets put themselves here."""
        self.online: Callable[[], int] = lambda: 0
        self._committed: deque[list[Any]] = deque()
        self._papers: dict[PaperId, bytes] = {}
        self._store = AnswerStore(folder.engine, self.now_ms)
        self.writer = Writer(self._store.commit)
        self._runner = WorkRunner(folder.engine, self.clock, self._announce, self._in_writer)
        # SQLite readers never wait for the writer; a short read in the hub is cheaper than a change of thread.
        self._reader = WorkRunner(open_engine(folder.config.database, read_only=True), self.clock)

    def start(self) -> None:
        """Take up what the database holds: the seat map, who has answered what, and the papers if they were open."""
        session, cards = self.read(read_snapshot)
        self.board.fill(session, cards)
        self.answered = self.read(answered_items)
        for card in cards:
            if card.attempt is not None:  # a kiosk that does not come back is missed from now on
                answered = len(self.answered.get(card.attempt, ()))
                self.board.beat(card.place, Pulse(since=self.now_ms(), answered=answered))
        self.content_keys = self.run(SYSTEM, reopen_papers, self.keys)

    def stop(self) -> None:
        """Finish what is queued and let go of the database."""
        self.writer.close()
        self._store.close()
        self.folder.engine.dispose()

    def now_ms(self) -> EpochMs:
        """Return the zone's time in ms."""
        return to_ms(self.clock())

    def run(self, actor: Actor, service: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service in the writer; its notices go out after the commit."""
        return self._runner.run(actor, service, *args, **kwargs)

    def read(self, service: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service that only reads; the database refuses it everything else."""
        return self._reader.run(SYSTEM, service, *args, **kwargs)

    def _in_writer(self, whole: Callable[[], tuple[Any, list[Any]]]) -> tuple[Any, list[Any]]:
        # Two services that commit one after the other may wake their greenlets the other way round; a card must never
        # be followed by an older one. So the notices queue in the order of the commits, whoever sends them.
        def in_order() -> Any:  # noqa: ANN401 - what the service returns
            result, notices = whole()
            self._committed.append(notices)
            return result

        result = self.writer.run(in_order)
        while self._committed:
            for notice in self._committed.popleft():
                self._announce(notice)
        return result, []

    def _announce(self, notice: object) -> None:
        if isinstance(notice, SeatCard):
            self.board.post(notice)
        elif isinstance(notice, SessionCard):
            self.board.post_session(notice)
        elif isinstance(notice, Push):
            self.push(notice.device, notice.message)

    def paper(self, paper: PaperId) -> bytes | None:
        """Return a sealed paper; the few there are stay in memory, for everybody fetches them."""
        if paper not in self._papers:
            content = self.read(
                lambda work: work.db.scalar(select(SealedPaper.content).where(SealedPaper.paper == paper))
            )
            if content is None:
                return None
            self._papers[paper] = content
        return self._papers[paper]

    def refresh(self) -> None:
        """Take a fresh snapshot: a command beside this process changed the database."""
        session, cards = self.read(read_snapshot)
        self.board.fill(session, cards)
        self._papers.clear()

    def release(self, envelope: bytes, actor: Actor = SYSTEM) -> int:
        """Open the papers and begin; returns how many began at once. Raises the named errors of verification."""
        self.content_keys = self.run(actor, release_papers, self.keys, envelope)
        return self.run(actor, give_papers, self.content_keys)

    def close(self, actor: Actor, absence_reason: str | None = None) -> bytes:
        """Close the session and make the answer package in the folder; returns it."""
        self.run(actor, close_session, absence_reason)
        return self.hand_over()

    def hand_over(self) -> bytes:
        """Return the answer package; made once, then read from the folder. Raises ``NotClosedError``."""
        return make_package(self.folder.path, self.keys, self.clock, self.run)

    def status(self) -> ZoneStatus:
        """Return counts only."""
        return self.read(zone_status, self.keys.server, self.online())
