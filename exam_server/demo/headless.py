"""The whole day without a screen: 13 zones, every candidate of the roster, kills in mid-exam, every answer counted."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from exam_server.demo.audit import answers_at_zone, answers_in_journals, answers_in_packages
from exam_server.demo.centre_day import (
    publish,
    release,
    score,
    sha256_of,
    start_centre,
    write_activation_codes,
    write_results,
    write_statistics,
    write_tickets,
)
from exam_server.demo.commands import run_command
from exam_server.demo.processes import Child, Children, wait_for
from exam_server.demo.robots import plan_candidates
from exam_server.demo.seats import start_fleet, start_lone_kiosk
from exam_server.demo.stage import Stage
from exam_server.demo.zone_process import ZoneProcess, start_zone
from kiosk_client.robot import FleetSeat

_LEAD = timedelta(seconds=20)
_LOOK_AGAIN_S = 1.0
_FLEETS = 4
_LONE_KIOSKS = 10
_KILL_KIOSKS_AT, _KILL_ZONE_AT = 0.30, 0.45
_ZONES_KILLED = 1
_PATIENCE_S = 180.0


class Outcome(msgspec.Struct, frozen=True):
    """The last line of ``kaoping demo --headless --json``.

    ``answers_sent``: distinct (attempt, seq) in the kiosks' journals; ``answers_acked`` and ``answers_packaged``: the
    same set at the zones and in the opened packages; ``answers_scored``: those that scoring folded into final responses
    or marked as replaced; ``lost`` = sent − packaged.
    """

    zones: int
    candidates: int
    present: int
    absent: int
    answers_sent: int
    answers_acked: int
    answers_packaged: int
    answers_scored: int
    lost: int
    passed: int
    seconds: float
    receipts: int
    kiosks_killed: int
    zones_killed: int
    is_balanced: bool
    results_sha256: str

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, every count agrees with every other, and the power really was cut."""
        counts = {self.answers_sent, self.answers_acked, self.answers_packaged, self.answers_scored}
        all_killed = (self.kiosks_killed, self.zones_killed) == (_LONE_KIOSKS, _ZONES_KILLED)
        return not self.lost and len(counts) == 1 and self.is_balanced and self.receipts == self.present and all_killed


class _Killed(msgspec.Struct, frozen=True):
    """How many processes were really killed while they ran."""

    kiosks: int
    zones: int


def run_headless(stage: Stage, tell: Callable[[str], None]) -> Outcome:
    """Run the day. Raises ``ProcessFailedError`` when a process breaks down or a step does not come to its end."""
    began = time.monotonic()
    with Children(stage.folder / "logs") as children:
        tell("密钥、题库、组卷 keys, items, papers")
        stage.make_keys_and_papers()
        starts_at = stage.fix_start(_LEAD)
        tell("名册、编排、密封 roster, seats, sealing")
        stage.plan_and_seal()
        tell("省中心和 13 个考区服务器 centre and 13 zone servers")
        centre_url = start_centre(stage, children)
        zones = [
            start_zone(stage, children, server, centre_url, tls=place == 0)
            for place, server in enumerate(stage.servers)
        ]
        run_command("centre", "import-marks", stage.marks_file, "--folder", stage.centre)
        wait_for(lambda: all(zone.status() for zone in zones), time.monotonic() + _PATIENCE_S, "考区服务器启动")
        tell("考生入场 candidates come in")
        lone, fleets, coming = _start_kiosks(stage, children, zones)
        _wait_until_ready(starts_at, zones, coming)
        release(stage)
        killed = _run_exam(stage, datetime.now(UTC), zones, lone, tell)
        patience = time.monotonic() + _PATIENCE_S
        for kiosk in (*lone, *fleets):
            kiosk.wait(patience)
        tell("收场、答卷包送省中心 closing, packages to the centre")
        for zone in zones:
            wait_for(zone.is_waiting_for_close, patience, f"{zone.server} 收卷")
            zone.close()
        wait_for(lambda: all(zone.has_handed_over() for zone in zones), patience, "答卷包送达省中心")
        receipts = sum(kiosk.last_json()["receipts"] for kiosk in (*lone, *fleets))
    tell("判分、成绩 scoring, results")
    scored = score(stage)
    decided, results = write_results(stage)
    write_statistics(stage)
    write_activation_codes(stage)
    publish(stage)
    write_tickets(stage, "--room", f"{stage.servers[0]}:01")
    return _outcome(stage, scored, decided, results, receipts=receipts, killed=killed, began=began)


def _start_kiosks(
    stage: Stage, children: Children, zones: Sequence[ZoneProcess]
) -> tuple[list[Child], list[Child], int]:
    """Seat everybody who comes: ten in processes of their own, the others as greenlets of a few processes.

    Returns the lone kiosks, the fleets, and how many candidates come.
    """
    papers, duration_s = stage.live_papers(), stage.config.times.duration_s
    lone: list[Child] = []
    fleets: list[list[FleetSeat]] = [[] for _ in range(_FLEETS)]
    for place, zone in enumerate(zones):
        seats = [
            FleetSeat(zone.kiosk_config(stage.seats, plan.entry.room, plan.entry.seat), plan.script)
            for plan in plan_candidates(zone.roster.entries, papers, duration_s, stage.seed)
            if plan.script
        ]
        if place < _LONE_KIOSKS:
            lone.append(start_lone_kiosk(stage, children, f"kiosk-{place:02d}", seats.pop(0)))
        fleets[place % _FLEETS] += seats
    coming = len(lone) + sum(len(seats) for seats in fleets)
    started = [start_fleet(stage, children, f"fleet-{number}", seats) for number, seats in enumerate(fleets)]
    return lone, started, coming


def _wait_until_ready(starts_at: datetime, zones: Sequence[ZoneProcess], coming: int) -> None:
    """Wait for the planned start and, as officers do on a bad morning, for candidates who are still at the door."""
    _sleep_until(starts_at)
    patience = time.monotonic() + _PATIENCE_S
    while sum(zone.confirmed() for zone in zones) < coming and time.monotonic() < patience:
        time.sleep(_LOOK_AGAIN_S)


def _run_exam(
    stage: Stage,
    opened_at: datetime,
    zones: Sequence[ZoneProcess],
    lone: Sequence[Child],
    tell: Callable[[str], None],
) -> _Killed:
    duration_s = stage.config.times.duration_s
    tell("开考 the exam begins")
    _sleep_until(opened_at + timedelta(seconds=duration_s * _KILL_KIOSKS_AT))
    tell(f"{len(lone)} 台考试机断电再开机 {len(lone)} kiosks are killed and started again")
    kiosks_killed = sum(_cut_power(kiosk) for kiosk in lone)
    _sleep_until(opened_at + timedelta(seconds=duration_s * _KILL_ZONE_AT))
    tell("一个考区服务器断电再开机 one zone server is killed and started again")
    zones_killed = sum(_cut_power(zone.child) for zone in zones[-_ZONES_KILLED:])
    _sleep_until(opened_at + timedelta(seconds=duration_s))
    return _Killed(kiosks_killed, zones_killed)


def _cut_power(child: Child) -> bool:
    """Kill a process and start it again; false when it had already ended, which is no power cut in mid-exam."""
    was_running = child.is_running
    child.kill()
    child.start_again()
    return was_running


def _sleep_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


def _outcome(
    stage: Stage,
    scored: dict[str, Any],
    decided: dict[str, Any],
    results: Path,
    *,
    receipts: int,
    killed: _Killed,
    began: float,
) -> Outcome:
    sent = answers_in_journals(stage.seats)
    acked = set().union(*(answers_at_zone(stage.zone_folder(server)) for server in stage.servers))
    packaged = answers_in_packages(stage.centre, stage.passphrase)
    return Outcome(
        zones=len(stage.servers),
        candidates=scored["expected"],
        present=scored["present"],
        absent=scored["absent"],
        answers_sent=len(sent),
        answers_acked=len(acked),
        answers_packaged=len(packaged),
        answers_scored=scored["answers_scored"],
        lost=len(sent - packaged),
        passed=decided["passed"],
        seconds=round(time.monotonic() - began, 1),
        receipts=receipts,
        kiosks_killed=killed.kiosks,
        zones_killed=killed.zones,
        is_balanced=scored["is_balanced"] and sent == acked == packaged,
        results_sha256=sha256_of(results),
    )
