"""Kiosks killed at random moments, with and without a zone: what a page was told is kept, and reaches the zone."""

import random
import time
from pathlib import Path

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

ANSWERS = 120
KILLED = SEATS[:3]


def test_kiosks_killed_at_random_moments_with_and_without_a_zone_lose_nothing(
    site: FaultySite, witness: Witness, tmp_path: Path, chance: random.Random
) -> None:
    room = SeatsProcess("room", tmp_path, (site.seat(number, ANSWERS // 2) for number in SEATS[3:]), witness)
    lone = [SeatsProcess(f"kiosk-{number}", tmp_path, [site.seat(number, ANSWERS)], witness) for number in KILLED]
    with ended_afterwards(room, *lone):
        wait_for_all_confirmed(site)
        site.release()
        for kiosk in lone:  # the zone is there
            answers = len(kiosk.events()) + chance.randrange(3, 10)
            wait_until(lambda kiosk=kiosk, answers=answers: len(kiosk.events()) >= answers, "some answers")
            kill_and_start_again(kiosk, chance)
        site.kill()
        time.sleep(chance.random() / 2)
        for kiosk in lone:  # the zone is away, and stays away until each has gone on alone
            kept = kill_and_start_again(kiosk, chance)
            wait_until(lambda kiosk=kiosk, kept=kept: len(kiosk.events()) > len(kept), "answers without a zone")
        kill_and_start_again(lone[0], chance)
        site.serve()
        kill_and_start_again(lone[-1], chance)
        assert [process.wait() for process in (room, *lone)] == [0] * (1 + len(lone))

    check_nothing_lost(site, witness)


def kill_and_start_again(kiosk: SeatsProcess, chance: random.Random) -> set[tuple[int, int]]:
    """Kill a kiosk, hold its journal against what it had told, and start it again; returns what it holds."""
    time.sleep(chance.random() / 5)
    kiosk.kill()
    kept = kiosk.events()
    assert kiosk.told() <= kept
    kiosk.start()
    return set(kept)
