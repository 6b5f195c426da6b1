"""A zone killed again and again under the load of a room: what it has acknowledged is in its database, always."""

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

ANSWERS = 60
KILLS = 5


def test_a_zone_killed_at_random_moments_loses_nothing_it_acknowledged(
    site: FaultySite, witness: Witness, tmp_path: Path, chance: random.Random
) -> None:
    room = SeatsProcess("room", tmp_path, (site.seat(number, ANSWERS) for number in SEATS), witness)
    with ended_afterwards(room):
        wait_for_all_confirmed(site)
        site.release()
        for acknowledged in sorted(chance.sample(range(20, len(SEATS) * ANSWERS * 9 // 10), KILLS)):
            wait_until(lambda number=acknowledged: len(witness.acked) >= number, f"{acknowledged} acknowledged")
            time.sleep(chance.random() / 20)
            site.kill()
            promised = dict(witness.acked)
            assert promised.items() <= site.committed().items()
            time.sleep(chance.random())
            site.serve()
        assert room.wait() == 0

    check_nothing_lost(site, witness)
