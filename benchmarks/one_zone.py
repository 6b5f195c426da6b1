"""CPU per operation of one zone server and of its kiosks, from sign-in to hand-in (Linux).

    .venv/bin/python benchmarks/one_zone.py

One zone of the example roster, every candidate a kiosk as a greenlet of one process, over real Socket.IO with journals
on the disk. CPU seconds are those of the two processes (user + system, from /proc); wall time says nothing on a shared
machine, and both processes share the cores with each other.
"""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exam_protocol.ids import ServerId
from exam_server.demo.centre_day import release, start_centre
from exam_server.demo.guided import keep_one_zone
from exam_server.demo.processes import Child, Children, wait_for
from exam_server.demo.robots import plan_candidates
from exam_server.demo.seats import start_fleet
from exam_server.demo.stage import Stage
from exam_server.demo.zone_process import ZoneProcess, start_zone
from kiosk_client.robot import FleetSeat

SERVER = ServerId("zone-02/1")
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PATIENCE_S = 120.0
TICKS_PER_S = 100


def cpu_s(child: Child) -> float:
    """CPU seconds a process has used."""
    fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def measure(stage: Stage, children: Children) -> None:
    """Run one zone's exam and print what it cost."""
    keep_one_zone(stage)
    stage.make_keys_and_papers()
    starts_at = stage.fix_start(timedelta(seconds=20))
    stage.plan_and_seal()
    zone = start_zone(stage, children, SERVER, start_centre(stage, children), tls=False)
    wait_for(lambda: zone.status() is not None, time.monotonic() + PATIENCE_S, "zone")
    duration_s = stage.config.times.duration_s
    seats = [
        FleetSeat(zone.kiosk_config(stage.seats, plan.entry.room, plan.entry.seat), plan.script)
        for plan in plan_candidates(zone.roster.entries, stage.live_papers(), duration_s, stage.seed)
        if plan.script
    ]
    before = cpu_s(zone.child)
    fleet = start_fleet(stage, children, "fleet", seats)
    wait_for(lambda: zone.confirmed() == len(seats), time.monotonic() + PATIENCE_S, "sign-in")
    show("sign-in, per kiosk (the fleet's own start included)", len(seats), (cpu_s(zone.child) - before, cpu_s(fleet)))
    time.sleep(max(0.0, (starts_at - datetime.now(UTC)).total_seconds()))
    marks = cpu_s(zone.child), cpu_s(fleet)
    release(stage)
    wait_for(lambda: answers(zone) > 0, time.monotonic() + PATIENCE_S, "first answer")
    time.sleep(duration_s * 0.7)
    spent = cpu_s(zone.child) - marks[0], cpu_s(fleet) - marks[1]
    show("durable answer (release, papers and heartbeats included)", answers(zone), spent)


def answers(zone: ZoneProcess) -> int:
    """Chain entries the zone has committed."""
    status = zone.status()
    return 0 if status is None else status.events


def show(what: str, count: int, spent: tuple[float, float]) -> None:
    """Print CPU per operation of the zone and of the kiosks."""
    zone, kiosks = (seconds / max(count, 1) * 1000 for seconds in spent)
    print(f"{what}: {count} × zone {zone:.2f} ms, kiosks {kiosks:.2f} ms of CPU")


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="kaoping-benchmark-", ignore_cleanup_errors=True) as folder,
        Children(Path(folder) / "logs") as processes,
    ):
        measure(Stage(Path(folder), EXAMPLES, (SERVER,), seed=1), processes)
