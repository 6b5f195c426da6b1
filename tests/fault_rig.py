"""A site with twelve candidates whose processes may die at any moment, and witnesses of every promise that was made."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec
from sqlalchemy import select
from wire_zone import ZoneProcess, run_zone
from zone_rig import SERVER, id_number_of, make_entry

from exam_protocol.canonical_json import decode
from exam_protocol.documents import AnswerManifest, Receipt, RosterRoom, SittingRecord, ZoneAnswers
from exam_protocol.envelope import decrypt, unseal
from exam_protocol.event_chain import check_chain
from exam_protocol.exchange import answers_context
from exam_protocol.ids import AttemptId, RoomId
from exam_protocol.package import contents_of, manifest_of
from exam_protocol.sitting_state import SittingState
from exam_server.config import read_zone_config
from exam_server.db import open_engine
from exam_server.models.sitting import AttemptEvent
from kiosk_client.config import KioskConfig
from kiosk_client.journal_file import read_all
from kiosk_client.robot import CandidateScript, FleetSeat, ScriptedChoice, stem_sha

SEATS = tuple(range(1, 13))
PATIENCE_S = 100
_SCRIPT = Path(__file__).parent / "faults" / "witnessed_seats.py"
Place = tuple[AttemptId, int]


class FaultySite(ZoneProcess):
    """A zone with twelve candidates in one room, an open end, and a hand-in at any time."""

    def __init__(self, folder: Path, database: str | None = None, **roster: Any) -> None:
        room = RosterRoom(RoomId("01"), "第 01 考场", len(SEATS), 4)
        super().__init__(folder, database, entries=tuple(map(make_entry, SEATS)), rooms=(room,), **roster)
        self.seats_folder = folder / "seats"
        self.seats_folder.mkdir()
        self.start_s = 0.0
        """How long the first start of a process took: what is quick on this machine, busy as it is."""

    def serve(self) -> Self:
        began = time.monotonic()
        super().serve()
        self.start_s = self.start_s or min(time.monotonic() - began, 4.0)
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def committed(self) -> dict[Place, str]:
        """Hashes of all events in the database, whoever has it open."""
        engine = open_engine(read_zone_config(self.folder).database, read_only=True)
        with engine.connect() as connection:
            rows = connection.execute(select(AttemptEvent.attempt, AttemptEvent.seq, AttemptEvent.content)).all()
        engine.dispose()
        return {(attempt, seq): hashlib.sha256(content.encode()).hexdigest() for attempt, seq, content in rows}

    def seat(self, number: int, answers: int) -> FleetSeat:
        """A candidate who gives ten answers in the time in which a process starts, and hands in after the last."""
        items, step_s = self.paper.items(), self.start_s / 10
        choices = [
            # Each round over the paper takes the other option, so that every answer changes something.
            ScriptedChoice(
                stem_sha(items[place % len(items)].stem),
                (items[place % len(items)].options[place // len(items) % 2].text,),
                round(place * step_s, 3),
            )
            for place in range(answers)
        ]
        config = KioskConfig(
            self.url, str(self.seats_folder / f"{number:02d}"), self.codes["01"], number,
            connect_spread_s=0.2, reconnect_cap_s=1.0, reply_timeout_s=3.0,
        )  # fmt: skip
        script = CandidateScript(f"26020101{number:02d}", id_number_of(number)[-4:], tuple(choices), 0.0)
        return FleetSeat(config, script)

    def hand_over(self) -> ZoneAnswers:
        """Close the session and open its answer package as the centre does."""
        run_zone("close", *self.at)
        stick = self.folder / "usb.package"
        run_zone("hand-over", *self.at, "--out", stick)
        package = stick.read_bytes()
        manifest = self.trust.verify(manifest_of(package), AnswerManifest, scope=SERVER, now=self.now)
        (part,) = contents_of(package, [manifest.part])
        context = answers_context(manifest.exam, manifest.session, manifest.server)
        content_key = unseal(manifest.content_keys[0], self.keys.centre_encryption.opening_key, context)
        return decode(decrypt(part, content_key, context), ZoneAnswers, max_bytes=100_000_000)

    def checked_receipt(self, record: SittingRecord) -> Receipt:
        """Verify a sitting's receipt against its chain."""
        assert record.attempt is not None
        assert record.paper is not None
        assert record.receipt is not None
        chain, _ = check_chain((event.encode() for event in record.events), record.attempt, record.paper)
        receipt = self.trust.verify(record.receipt, Receipt, scope=SERVER, now=self.now)
        assert (receipt.events, receipt.head) == (chain.seq, chain.head)
        return receipt


class Witness:
    """What all seats of a site were promised, read from the pipes of their processes."""

    def __init__(self) -> None:
        self.shown: set[Place] = set()
        self.acked: dict[Place, str] = {}
        self.receipts: set[str] = set()
        self.refused = 0
        self.other: list[str] = []

    def hear(self, line: str) -> set[Place]:
        """Take a line; returns the events that it told the page to be kept."""
        match line.split():
            case ["shown", attempt, seq]:
                # What is shown as kept holds everything before it, too.
                told = {(AttemptId(int(attempt)), number) for number in range(1, int(seq) + 1)}
                self.shown |= told
                return told
            case ["acked", attempt, seq, digest]:
                self.acked[AttemptId(int(attempt)), int(seq)] = digest
            case ["refused", "failed"]:
                self.refused += 1
            case ["receipt", ticket_no]:
                self.receipts.add(ticket_no)
            case _:
                self.other.append(line)
        return set()


class SeatsProcess:
    """A process with some of the seats; it may be killed and started again."""

    def __init__(self, name: str, folder: Path, seats: Iterable[FleetSeat], witness: Witness, **disk: Any) -> None:
        self._job = folder / f"{name}.json"
        self._errors = folder / f"{name}.err"
        self._seats = tuple(seats)
        self._witness = witness
        self._told: set[Place] = set()
        self.start(**disk)

    def start(self, **disk: Any) -> None:
        """Start it, on a disk that fails as the keywords say (see ``witnessed_seats``)."""
        self._job.write_bytes(msgspec.json.encode({"seats": self._seats, "disk": disk}))
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(_SCRIPT), str(self._job)],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            )
        self._reader = threading.Thread(target=self._read, args=(self.process,))
        self._reader.start()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._told |= self._witness.hear(line)

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL; what it had told before is heard."""
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def wait(self) -> int:
        """Wait for its end; returns its exit code."""
        code = self.process.wait(PATIENCE_S)
        self._reader.join()
        assert code in (0, -signal.SIGKILL), self._errors.read_text(errors="replace")[-2000:]
        return code

    def told(self) -> set[Place]:
        """What the pages of its seats were shown as kept, over all starts."""
        return set(self._told)

    def events(self) -> set[Place]:
        """What its journals hold now."""
        folders = (Path(seat.config.folder) for seat in self._seats)
        return {(entry.attempt, entry.seq) for folder in folders if folder.exists() for entry in read_all(folder)}


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Look again until it is so."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, f"waited in vain for: {what}"
        time.sleep(0.02)


def wait_for_all_confirmed(site: FaultySite) -> None:
    """Everybody has signed in and waits for the paper."""
    wait_until(lambda: site.status()["states"].get("confirmed") == len(SEATS), "all confirmed")


def check_nothing_lost(site: FaultySite, witness: Witness) -> None:
    """After the exam: all that was acknowledged or shown is in the database and in the package, and nothing else is."""
    committed, answers = site.committed(), site.hand_over()
    packaged = {
        (record.attempt, seq): hashlib.sha256(event.encode()).hexdigest()
        for record in answers.sittings
        if record.attempt is not None
        for seq, event in enumerate(record.events, 1)
    }
    assert witness.acked.items() <= committed.items()
    assert packaged == committed
    assert witness.shown <= packaged.keys()
    assert {(entry.attempt, entry.seq) for entry in read_all(site.seats_folder)} == packaged.keys()
    assert {record.state for record in answers.sittings} == {SittingState.HANDED_IN}
    assert witness.receipts == {site.checked_receipt(record).ticket_no for record in answers.sittings}
    assert len(witness.receipts) == len(SEATS)
    assert witness.other == []


@contextmanager
def ended_afterwards(*processes: SeatsProcess) -> Iterator[None]:
    """Leave no process behind."""
    try:
        yield
    finally:
        for process in processes:
            if process.is_running:
                process.kill()
