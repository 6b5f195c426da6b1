"""The zone's disk takes no more: no answer of that time is acknowledged; all wait at the kiosks and come later."""

import random
import resource
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

ANSWERS = 60


def test_what_the_zone_cannot_commit_it_does_not_acknowledge(
    site: FaultySite, witness: Witness, tmp_path: Path, chance: random.Random
) -> None:
    room = SeatsProcess("room", tmp_path, (site.seat(number, ANSWERS) for number in SEATS), witness)
    with ended_afterwards(room):
        wait_for_all_confirmed(site)
        site.release()
        acknowledged = chance.randrange(50, 300)
        wait_until(lambda: len(witness.acked) >= acknowledged, f"{acknowledged} acknowledged")
        let_files_grow(site, to_bytes=0)
        time.sleep(0.5)  # what was committed before is acknowledged now
        before, shown = dict(witness.acked), len(witness.shown)
        assert before.items() <= site.committed().items()
        most = len(SEATS) * ANSWERS
        wait_until(lambda: len(witness.shown) >= min(shown + most // 4, most), "answers that only the kiosks keep")
        assert witness.acked == before
        assert site.status()["running"]
        let_files_grow(site, to_bytes=resource.RLIM_INFINITY)
        assert room.wait() == 0

    assert len(witness.acked) > len(before)
    check_nothing_lost(site, witness)


def let_files_grow(site: FaultySite, to_bytes: int) -> None:
    """Let the kernel refuse, or allow again, what the running server writes beyond this place of any file."""
    resource.prlimit(site.pid, resource.RLIMIT_FSIZE, (to_bytes, resource.RLIM_INFINITY))
