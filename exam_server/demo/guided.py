"""The day with a screen: one zone and its console, centre, portal, one kiosk for you, robots elsewhere."""

import csv
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
from rich.console import Console
from rich.table import Table

from exam_protocol.ids import ServerId, TicketNo
from exam_server.demo.centre_day import (
    publish,
    release,
    score,
    start_centre,
    write_activation_codes,
    write_results,
    write_statistics,
)
from exam_server.demo.centre_day import write_tickets as write_ticket_files
from exam_server.demo.commands import run_command
from exam_server.demo.paper_work import write_room_records, write_transcripts
from exam_server.demo.processes import Child, Children, wait_for
from exam_server.demo.robots import PlannedCandidate, plan_candidates
from exam_server.demo.seats import start_fleet, write_kiosk_config
from exam_server.demo.stage import Stage
from exam_server.demo.zone_process import ZoneProcess, free_port, start_zone
from kiosk_client.robot import FleetSeat

ZONE_NAME, SERVER = "石家庄", ServerId("zone-02/1")
_LEAD = timedelta(seconds=75)
_PATIENCE_S = 120.0
_TRANSCRIPTS = 12
_WIDTH = 132
_ADDRESS = re.compile(r"https?://\S+")


class Account(msgspec.Struct, frozen=True):
    """A named account of the demo with its random password."""

    name: str
    shown_name: str
    password: str


class Visitor(msgspec.Struct, frozen=True):
    """The candidate whose seat is yours: how to sign in at the kiosk and, afterwards, at the portal."""

    name: str
    ticket_no: TicketNo
    id_number: str
    activation_code: str
    seat: str


class Places(msgspec.Struct, frozen=True):
    """Where to look, and as whom."""

    kiosk_url: str
    visitor: Visitor
    zone_url: str
    chief: Account
    centre_url: str
    officer: Account
    portal_url: str


def run_guided(stage: Stage, minutes: int, tell: Callable[[str], None]) -> bool:
    """Run the day; returns whether every count agreed. Prints where to look, and at the end the results."""
    # A pipe is taken for 80 columns wide; addresses and passwords must never be cut.
    screen = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    tell("准备考务数据 preparing (about 15 s)")
    keep_one_zone(stage)
    stage.make_keys_and_papers()
    _shorten(stage, minutes)
    starts_at = stage.fix_start(_LEAD)
    stage.plan_and_seal()
    with Children(stage.folder / "logs") as children:
        centre_url = start_centre(stage, children)
        officer = _staff_of_centre(stage)
        zone = start_zone(stage, children, SERVER, centre_url, tls=False)
        chief = _staff_of_zone(stage, zone)
        codes = _activation_codes(stage)
        portal_url, portal = _start_portal(stage, children)
        wait_for(lambda: zone.status() is not None, time.monotonic() + _PATIENCE_S, "考区服务器启动")
        plans = plan_candidates(zone.roster.entries, stage.live_papers(), minutes * 60, stage.seed)
        yours = next(plan for plan in plans if plan.script)
        visitor = _visitor(stage, yours, codes)
        fleet = _seat_robots(stage, children, zone, [plan for plan in plans if plan is not yours])
        kiosk, kiosk_url = _start_your_kiosk(stage, children, zone, yours)
        tickets = write_ticket_files(stage)
        _show(screen, Places(kiosk_url, visitor, zone.url, chief, centre_url, officer, portal_url))
        _show_times(screen, starts_at, minutes)
        _sleep_until(starts_at)
        release(stage)
        tell("开考，密钥已发放 the exam begins, keys released")
        _sleep_until(starts_at + timedelta(seconds=minutes * 60 + stage.config.times.grace_s))
        fleet.wait(time.monotonic() + _PATIENCE_S)
        wait_for(zone.is_waiting_for_close, time.monotonic() + _PATIENCE_S, "收卷")
        kiosk.stop()
        zone.close()
        wait_for(zone.has_handed_over, time.monotonic() + _PATIENCE_S, "答卷包送达省中心")
        tell("判分、公布 scoring, publishing")
        is_balanced = _publish_results(stage, screen)
        records = write_room_records(stage, SERVER)
        shown = tuple(plan.entry.ticket_no for plan in (yours, *plans))[: _TRANSCRIPTS + 1]
        transcripts = write_transcripts(stage, shown)
        _show_papers(screen, tickets, [*records, *transcripts[:1], stage.folder / "results"])
        portal.check()
        _wait_for_visitor(screen, portal_url, visitor)
    return is_balanced


def keep_one_zone(stage: Stage) -> None:
    """Keep the candidates of one zone from the example roster, and their practical marks."""
    roster = pd.read_excel(stage.roster_file, engine="calamine", dtype=str)
    roster = roster[roster["考区"] == ZONE_NAME]
    marks = pd.read_excel(stage.marks_file, engine="calamine", dtype=str)
    marks = marks[marks["身份证号"].isin(roster["身份证号"])]
    stage.roster_file, stage.marks_file = stage.folder / "roster.csv", stage.folder / "practical-marks.csv"
    roster.to_csv(stage.roster_file, index=False, encoding="utf-8-sig")
    marks.to_csv(stage.marks_file, index=False, encoding="utf-8-sig")


def _shorten(stage: Stage, minutes: int) -> None:
    """Stretch the demo's thirty seconds to something a person can sit: only times change."""
    stage.set_times(duration_s=minutes * 60, late_limit_s=minutes * 30, earliest_hand_in_s=20, grace_s=5)


def _password_file(stage: Stage, name: str) -> tuple[Path, str]:
    path, password = stage.folder / f"{name}.password", secrets.token_urlsafe(9)
    path.touch(mode=0o600)
    path.write_text(password + "\n", encoding="utf-8")
    return path, password


def _staff_of_centre(stage: Stage) -> Account:
    file, password = _password_file(stage, "officer")
    words = ("--name", "officer", "--shown-name", "省中心 值班员", "--password-file", file)
    run_command("centre", "add-staff", "--folder", stage.centre, *words)
    return Account("officer", "省中心 值班员", password)


def _staff_of_zone(stage: Stage, zone: ZoneProcess) -> Account:
    file, password = _password_file(stage, "chief")
    words = ("--shown", "李敏华", "--role", "chief", "--role", "invigilator", "--password-file", file)
    run_command("zone", "add-staff", "--folder", zone.folder, "chief", *words)
    return Account("chief", "李敏华", password)


def _activation_codes(stage: Stage) -> dict[str, str]:
    folder = write_activation_codes(stage)
    codes: dict[str, str] = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            codes |= {row["准考证号"]: row["激活码"] for row in csv.DictReader(file)}
    return codes


def _start_portal(stage: Stage, children: Children) -> tuple[str, Child]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    root = ("--root", stage.keys / "root.dsse", "--fingerprint", stage.fingerprint)
    lookup = ("--lookup-key", stage.centre / "lookup.key", "--public-url", url)
    run_command("portal", "init", "--folder", stage.portal, *root, *lookup)
    return url, children.start("portal", "portal", "serve", "--folder", str(stage.portal), "--port", str(port))


def _visitor(stage: Stage, yours: PlannedCandidate, codes: dict[str, str]) -> Visitor:
    entry = yours.entry
    roster = pd.read_csv(stage.roster_file, dtype=str)
    of_name = roster[(roster["姓名"] == entry.name) & roster["身份证号"].str.endswith(entry.id_last4)]
    seat = f"{entry.room} 考场 {entry.seat} 座"
    return Visitor(entry.name, entry.ticket_no, of_name["身份证号"].iloc[0], codes[entry.ticket_no], seat)


def _seat_robots(stage: Stage, children: Children, zone: ZoneProcess, plans: Sequence[PlannedCandidate]) -> Child:
    seats = [
        FleetSeat(zone.kiosk_config(stage.seats, plan.entry.room, plan.entry.seat), plan.script)
        for plan in plans
        if plan.script
    ]
    return start_fleet(stage, children, "robots", seats)


def _start_your_kiosk(
    stage: Stage, children: Children, zone: ZoneProcess, yours: PlannedCandidate
) -> tuple[Child, str]:
    config = zone.kiosk_config(stage.seats, yours.entry.room, yours.entry.seat)
    path = write_kiosk_config(stage.seats / "your-seat.toml", config)
    words = ["kiosk", "run", "--config", str(path), *(["--browser"] if has_display() else [])]
    kiosk = children.start("your-seat", *words)
    wait_for(lambda: bool(_ADDRESS.search(kiosk.output())), time.monotonic() + _PATIENCE_S, "考试机启动")
    found = _ADDRESS.search(kiosk.output())
    return kiosk, found[0] if found else ""


def has_display() -> bool:
    """Whether a browser window could be seen here."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _show(screen: Console, places: Places) -> None:
    visitor, chief, officer = places.visitor, places.chief, places.officer
    table = Table(title="考评演示 kaoping demo", show_lines=True)
    for heading in ("在哪里 where", "账号 account", "试一试 what to try"):
        table.add_column(heading, overflow="fold")
    window = "浏览器窗口已打开" if has_display() else "没有显示器：在浏览器打开左边的地址（只能打开一次）"
    table.add_row(
        f"考试机 kiosk\n{places.kiosk_url}",
        f"{visitor.name} {visitor.seat}\n身份证后四位 last 4 of ID: {visitor.id_number[-4:]}",
        f"{window}：登录、核对、等开考、作答、交卷\nSign in, confirm, wait, answer, hand in",
    )
    table.add_row(
        f"监考台 proctor's console\n{places.zone_url}",
        f"{chief.name} / {chief.password}",
        "看座次图，给一个考生延时，收一份卷\nWatch the seats, extend one, collect one",
    )
    table.add_row(
        f"省中心 centre\n{places.centre_url}",
        f"{officer.name} / {officer.password}",
        "看考区情况板：密钥、答卷包\nThe zone board: keys, packages",
    )
    table.add_row(
        f"成绩查询 portal\n{places.portal_url}",
        f"身份证号 {visitor.id_number}\n激活码 activation code {visitor.activation_code}",
        "公布后：设密码、查成绩、下载成绩单、扫码核验\nAfter publication: set a password, look up, verify",
    )
    screen.print(table)


def _show_times(screen: Console, starts_at: datetime, minutes: int) -> None:
    local = starts_at.astimezone()
    screen.print(f"{local:%H:%M:%S} 开考，{minutes} 分钟。其余座位由机器人作答。")
    screen.print(f"Starts at {local:%H:%M:%S}, {minutes} minutes. Robots sit at the other seats.")


def _publish_results(stage: Stage, screen: Console) -> bool:
    run_command("centre", "import-marks", stage.marks_file, "--folder", stage.centre)
    scored = score(stage)
    decided, path = write_results(stage)
    write_statistics(stage)
    run_command("portal", "import", "--folder", stage.portal, publish(stage))
    screen.print(_counts("人数与作答 people and answers", _SCORED_COLUMNS, scored))
    screen.print(_counts("成绩 results（双60 both ≥ 60）", _DECIDED_COLUMNS, decided))
    screen.print(f"成绩文件 results file: {path}")
    return bool(scored["is_balanced"])


_SCORED_COLUMNS = {
    "expected": "应考 expected",
    "present": "实考 present",
    "absent": "应知缺考 absent",
    "answers_packaged": "作答 answers",
    "answers_scored": "计入 scored",
}
_DECIDED_COLUMNS = {
    "expected": "应考 expected",
    "passed": "合格 passed",
    "failed": "不合格 failed",
    "absent": "缺考（任一科） absent",
    "void": "违纪无效 void",
    "pending": "待定 pending",
}


def _counts(title: str, columns: dict[str, str], counts: dict[str, Any]) -> Table:
    table = Table(title=title)
    for words in columns.values():
        table.add_column(words, justify="right")
    table.add_row(*(str(counts[name]) for name in columns))
    return table


def _show_papers(screen: Console, tickets: Path, written: Sequence[Path]) -> None:
    screen.print("文件 files:", *(f"  {path}" for path in (tickets, *written)), sep="\n")


def _wait_for_visitor(screen: Console, portal_url: str, visitor: Visitor) -> None:
    if not (has_display() and sys.stdin.isatty()):
        return
    screen.print(
        f"现在可以查成绩 Look up the score now: {portal_url}（{visitor.id_number}，{visitor.activation_code}）"
    )
    screen.input("按回车结束 Press Enter to end ")


def _sleep_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
