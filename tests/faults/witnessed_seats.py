"""Seats with scripted candidates in a process of their own that tells on stdout what it was promised, line by line.

``shown A S``: the page was told that event S of attempt A is kept on this machine. ``acked A S H``: the zone has told
that it keeps it; H is the event's hash. What stands in a pipe outlives a SIGKILL of whoever wrote it. The seats are the
real ones; ``disk`` in the job makes the disk of all of them fail at given appends, counted from the process's start:

* ``{"torn_at": 9}``: of the 9th append only a part reaches the file, then the power goes;
* ``{"full_at": [9, 10]}``: a part is written, then there is no space left;
* ``{"unsynced_at": [9, 10]}``: all is written, but the sync fails.
"""

from gevent import monkey

monkey.patch_all()

import errno  # noqa: E402 - after gevent
import hashlib  # noqa: E402
import os  # noqa: E402
import random  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
import msgspec  # noqa: E402

from exam_protocol.event_chain import read_event  # noqa: E402
from exam_protocol.messages import AnswerSaved, HandedIn, Message  # noqa: E402
from kiosk_client.agent import Agent  # noqa: E402
from kiosk_client.clock import system_clock  # noqa: E402
from kiosk_client.config import KioskConfig  # noqa: E402
from kiosk_client.disk import FolderDisk  # noqa: E402
from kiosk_client.disk_threads import DiskThreads  # noqa: E402
from kiosk_client.journal_file import NotKeptError  # noqa: E402
from kiosk_client.link import ZoneLink  # noqa: E402
from kiosk_client.robot import FleetSeat, play  # noqa: E402
from kiosk_client.seat_files import SeatFiles  # noqa: E402


class DiskFaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At which appends of this process the disk fails, and how."""

    torn_at: int = 0
    full_at: tuple[int, ...] = ()
    unsynced_at: tuple[int, ...] = ()
    seed: int = 0


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What this process is to do."""

    seats: tuple[FleetSeat, ...]
    disk: DiskFaults = DiskFaults()


class FaultyDisk(FolderDisk):
    """A real folder on a disk that fails as it was told to."""

    def __init__(self, folder: Path, run: Callable[..., object], faults: DiskFaults) -> None:
        super().__init__(folder, run)
        self._faults = faults
        self._appends = 0

    def append(self, name: str, content: bytes) -> None:
        self._appends += 1
        faults, chance = self._faults, random.Random(f"{self._faults.seed} {self._appends}")  # noqa: S311 - no secret
        if self._appends == faults.torn_at:
            self._write_part(name, content[: chance.randrange(len(content))])
            os.kill(os.getpid(), signal.SIGKILL)
        if self._appends in faults.full_at:
            self._write_part(name, content[: chance.randrange(len(content))])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._appends in faults.unsynced_at:
            self._write_part(name, content)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().append(name, content)

    def _write_part(self, name: str, part: bytes) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(part)


class WitnessedLink(ZoneLink):
    """Tells what the zone acknowledged."""

    def send_event(self, name: str, event: bytes) -> Message:
        reply = super().send_event(name, event)
        if isinstance(reply, AnswerSaved | HandedIn):
            entry = read_event(event)
            if entry.seq <= reply.seq:
                tell("acked", entry.attempt, entry.seq, hashlib.sha256(event).hexdigest())
        return reply


class WitnessedAgent(Agent):
    """Tells what the page was shown as kept."""

    def answer(self, n: int, chosen: list[str] | tuple[str, ...]) -> None:
        try:
            super().answer(n, chosen)
        except NotKeptError:
            tell("refused", self.state()["saving"])
            raise
        self._tell()

    def mark(self, n: int) -> None:
        super().mark(n)
        self._tell()

    def hand_in(self, confirmed: int) -> None:
        super().hand_in(confirmed)
        self._tell()

    def _tell(self) -> None:
        if self.sitting.chain is not None:
            tell("shown", self.sitting.chain.attempt, self.sitting.chain.seq)


def tell(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def sit(seat: FleetSeat, run: Callable[..., object], faults: DiskFaults) -> None:
    """One seat to its end."""
    config: KioskConfig = seat.config
    files = SeatFiles(FaultyDisk(Path(config.folder), run, faults))
    link = WitnessedLink(config.zone_url, None, config.reply_timeout_s)
    agent = WitnessedAgent(config, files, link, system_clock)
    talking = gevent.spawn(agent.run)
    play(agent, seat.script, most_unsent=10_000)  # people do not wait for the zone
    agent.stop()
    talking.join(timeout=5)
    tell("receipt" if agent.sitting.receipt is not None else "no-receipt", seat.script.ticket_no)


def main() -> None:
    job = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    run = DiskThreads(4)
    gevent.joinall([gevent.spawn(sit, seat, run, job.disk) for seat in job.seats], raise_error=True)


if __name__ == "__main__":
    main()
