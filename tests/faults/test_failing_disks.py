"""Disks that fail in the middle of an exam: torn by a power cut, full, or unable to sync.

Nothing is shown as kept that the disk has not taken; when it works again, the candidate goes on.
"""

import random
from pathlib import Path
from typing import Any

from fault_rig import (
    SEATS,
    FaultySite,
    SeatsProcess,
    Witness,
    check_nothing_lost,
    ended_afterwards,
    wait_for_all_confirmed,
    wait_until,
)
from simulated_zone import LAST4, ROOM_CODE, HandClock, SimulatedDisk, SimulatedZone, choose, talk

from kiosk_client.agent import Agent
from kiosk_client.config import KioskConfig
from kiosk_client.seat_files import SeatFiles
from kiosk_client.sitting import Phase

ANSWERS = 40
RECORDS_BEFORE_ANSWERS = 4
"""Sign-in, confirmation and release are records of the journal, too; the first append of a start comes before them."""


def test_torn_full_and_failing_disks_lose_only_what_was_never_shown_as_kept(
    site: FaultySite, witness: Witness, tmp_path: Path, chance: random.Random
) -> None:
    def anywhere() -> int:
        return chance.randrange(RECORDS_BEFORE_ANSWERS, ANSWERS)

    def failing(name: str, answers: int) -> dict[str, Any]:
        first = anywhere()
        # Each answer that fails costs two appends: the segment that failed, and one try in a new one.
        return {name: list(range(first, first + 2 * answers)), "seed": chance.randrange(1000)}

    faults = [{"torn_at": anywhere()}, {"torn_at": anywhere()}, failing("full_at", 2), failing("unsynced_at", 3)]
    faulty = [
        SeatsProcess(f"kiosk-{number}", tmp_path, [site.seat(number, ANSWERS)], witness, **disk)
        for number, disk in zip(SEATS, faults, strict=False)
    ]
    rest = SEATS[len(faulty) :]
    room = SeatsProcess("room", tmp_path, (site.seat(number, ANSWERS) for number in rest), witness)
    torn = faulty[:2]
    with ended_afterwards(room, *faulty):
        wait_for_all_confirmed(site)
        site.release()
        for kiosk in torn:
            wait_until(lambda kiosk=kiosk: not kiosk.is_running, "the power cut")
            kiosk.kill()
            assert kiosk.told() <= kiosk.events()
            # The power goes once more, early, in the middle of what the new process writes first.
            kiosk.start(torn_at=chance.randrange(1, 6), seed=chance.randrange(1000))
            wait_until(lambda kiosk=kiosk: not kiosk.is_running, "the second power cut")
            kiosk.kill()
            assert kiosk.told() <= kiosk.events()
            kiosk.start()
        assert [process.wait() for process in (room, *faulty)] == [0] * (1 + len(faulty))

    assert witness.refused == 5
    check_nothing_lost(site, witness)


def test_a_disk_that_forgets_what_it_had_synced_is_told_and_never_passed_over() -> None:
    clock, disk = HandClock(), SimulatedDisk()
    zone = SimulatedZone(clock)
    answer_three(start(zone, disk, clock), zone, clock)
    (name,) = (name for name in disk.files if name.startswith("journal"))
    journal = disk.files[name]

    silent = []
    for length in range(0, len(journal), 3):
        disk.files = {other: content for other, content in disk.files.items() if not other.startswith("journal")}
        disk.files[name] = journal[:length]
        seat = start(zone, disk, clock)
        go_on(seat)
        has_everything = len(seat.sitting.events) > 3
        if seat.sitting.trouble is None and not has_everything:
            silent.append(length)
        zone.forget_after(3)
    assert silent == []


def start(zone: SimulatedZone, disk: SimulatedDisk, clock: HandClock) -> Agent:
    config = KioskConfig("http://zone", "seat", ROOM_CODE, 7)
    return Agent(config, SeatFiles(disk), zone.link(), clock, uniform=lambda low, _high: low)


def go_on(seat: Agent) -> None:
    """What a candidate does who finds the seat as it is after the restart."""
    talk(seat)
    if seat.sitting.phase is Phase.SIGN_IN:
        seat.sign_in(LAST4)
    if seat.sitting.phase is Phase.CONFIRM:
        seat.confirm()
    talk(seat)
    if seat.sitting.phase is Phase.ANSWERING:
        choose(seat, 4, "A")
    talk(seat)


def answer_three(seat: Agent, zone: SimulatedZone, clock: HandClock) -> None:
    talk(seat)
    seat.sign_in(LAST4)
    seat.confirm()
    talk(seat)
    clock.forward(660)
    zone.release()
    talk(seat)
    for number in (1, 2, 3):
        choose(seat, number, "A")
    talk(seat)
