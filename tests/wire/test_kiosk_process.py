"""Real kiosk processes at a real zone: an exam in seconds, killed and restarted, with the zone killed, over TLS."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from wire_zone import ZoneProcess
from zone_rig import id_number_of

from exam_protocol.event_chain import fold
from exam_protocol.messages import HandIn
from exam_server.demo.tls import make_loopback_certificate
from kiosk_client.journal_file import read_all
from kiosk_client.robot import stem_sha

PATIENCE_S = 60


class KioskProcess:
    """``kaoping kiosk run --headless`` in a process of its own."""

    def __init__(self, site: ZoneProcess, folder: Path, seat: int, script: dict[str, Any]) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "script.json").write_text(json.dumps(script))
        settings: dict[str, Any] = {
            "zone_url": site.url,
            "folder": "seat",
            "room_code": site.codes["01"],
            "seat": seat,
            "connect_spread_s": 0.0,
            "reconnect_cap_s": 1.0,
        }
        if site.tls:
            settings["tls_certificate"] = str(site.tls[0])
        (folder / "kiosk.toml").write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
        self.process = self._start()

    def restart(self) -> None:
        self.process = self._start()

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def wait(self) -> dict[str, int]:
        output, _ = self.process.communicate(timeout=PATIENCE_S)
        counts: dict[str, int] = json.loads(output)
        return counts

    def events(self) -> int:
        return len(read_all(self.folder)) if any(self.folder.rglob("journal-*.seg")) else 0

    def _start(self) -> subprocess.Popen[str]:
        words = ["kiosk", "run", "--config", "kiosk.toml", "--headless", "--script", "script.json", "--json"]
        with (self.folder / "kiosk.err").open("a") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "exam_protocol.cli", *words],
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )


@pytest.fixture
def seat(site: ZoneProcess, tmp_path: Path) -> Callable[..., KioskProcess]:
    """Sit a scripted candidate at a seat; processes that are still there at the end are killed."""

    def sit(seat: int, step_s: float = 0.05, hand_in_at: float | None = 0.0) -> KioskProcess:
        items = site.paper.items()
        changes = (*items, *items, *items)
        choices = [
            {"stem_sha": stem_sha(item.stem), "options": [item.options[number // 7 % 2].text], "at": number * step_s}
            for number, item in enumerate(changes)
        ]
        script = {"ticket_no": f"26020101{seat:02d}", "id_last4": id_number_of(seat)[-4:], "choices": choices}
        return KioskProcess(site, tmp_path / f"kiosk-{seat}", seat, script | {"hand_in_at": hand_in_at})

    return sit


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def state_count(site: ZoneProcess, state: str) -> int:
    return int(site.status()["states"].get(state, 0))


def test_a_kiosk_sits_a_whole_exam_and_the_zone_has_what_its_journal_has(
    site: ZoneProcess, seat: Callable[..., KioskProcess]
) -> None:
    site.serve()
    kiosk = seat(1)
    wait_until(lambda: state_count(site, "confirmed") == 1)
    site.release()
    assert kiosk.wait() == {"seats": 1, "receipts": 1, "events": 22, "unsent": 0, "broken": 0}
    entries = read_all(kiosk.folder)
    assert isinstance(entries[-1], HandIn)
    assert fold(entries).answered == 7
    assert site.status()["events"] == len(entries)


def test_a_kiosk_killed_in_mid_exam_goes_on_and_loses_nothing(
    site: ZoneProcess, seat: Callable[..., KioskProcess]
) -> None:
    site.serve()
    kiosk = seat(1, step_s=0.2)
    wait_until(lambda: state_count(site, "confirmed") == 1)
    site.release()
    wait_until(lambda: kiosk.events() >= 3)
    kiosk.kill()
    kept = kiosk.events()
    kiosk.restart()
    assert kiosk.wait()["events"] == 22 > kept
    assert site.status()["events"] == len(read_all(kiosk.folder)) == 22


def test_a_kiosk_killed_while_the_zone_is_down_goes_on_alone_and_sends_all_when_it_is_back(
    site: ZoneProcess, seat: Callable[..., KioskProcess]
) -> None:
    site.serve()
    kiosk = seat(1, step_s=0.2)
    wait_until(lambda: state_count(site, "confirmed") == 1)
    site.release()
    wait_until(lambda: kiosk.events() >= 3)
    site.kill()
    kiosk.kill()
    kept = kiosk.events()
    kiosk.restart()
    wait_until(lambda: kiosk.events() >= kept + 3)
    site.serve()
    assert kiosk.wait() == {"seats": 1, "receipts": 1, "events": 22, "unsent": 0, "broken": 0}
    assert site.status()["events"] == 22


def test_over_tls_the_pinned_certificate_alone_is_trusted(
    site: ZoneProcess, seat: Callable[..., KioskProcess], tmp_path: Path
) -> None:
    site.tls = make_loopback_certificate(tmp_path, site.now)
    site.serve()
    kiosk = seat(2)
    wait_until(lambda: state_count(site, "confirmed") == 1)
    site.release()
    assert kiosk.wait()["receipts"] == 1


def test_at_the_end_of_time_kiosks_close_their_chains_by_themselves(tmp_path: Path) -> None:
    site = ZoneProcess(tmp_path, duration_s=4, grace_s=3, heartbeat_s=1)
    site.serve()
    choices = [
        {"stem_sha": stem_sha(item.stem), "options": [item.options[0].text], "at": 0.0} for item in site.paper.items()
    ]
    script = {"ticket_no": "2602010101", "id_last4": id_number_of(1)[-4:], "choices": choices, "hand_in_at": None}
    kiosk = KioskProcess(site, tmp_path / "kiosk", 1, script)
    try:
        wait_until(lambda: state_count(site, "confirmed") == 1)
        site.release()
        assert kiosk.wait()["receipts"] == 1
        assert state_count(site, "collected") == 1
        assert site.status()["events"] == len(read_all(kiosk.folder)) == 8
    finally:
        site.kill()
