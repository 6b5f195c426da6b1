"""A real zone process on PostgreSQL: twelve kiosks, a kill in mid-exam, the answer package (``make databases``)."""

from pathlib import Path

import pytest
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
from postgres_server import PostgresServer

ANSWERS = 40


@pytest.mark.postgres
def test_a_room_on_postgresql_loses_nothing_when_its_zone_is_killed(tmp_path: Path) -> None:
    witness = Witness()
    with PostgresServer() as server:
        site = FaultySite(tmp_path, server.empty_database("zone")).serve()
        room = SeatsProcess("room", tmp_path, (site.seat(number, ANSWERS) for number in SEATS), witness)
        with ended_afterwards(room):
            wait_for_all_confirmed(site)
            site.release()
            wait_until(lambda: len(witness.acked) > len(SEATS) * ANSWERS // 3, "a third acknowledged")
            site.kill()
            promised = dict(witness.acked)
            assert promised.items() <= site.committed().items()
            site.serve()
            assert room.wait() == 0
        check_nothing_lost(site, witness)
        assert site.stop() == 0
