"""A zone fetches its release and brings its answers over HTTP, to a centre that is not always there."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from wire_zone import PATIENCE_S, WireKiosk, ZoneProcess, run_zone
from zone_rig import SERVER

from exam_protocol.errors import KaopingError
from exam_protocol.exchange import AnswersTaken
from exam_protocol.ids import EpochMs
from exam_protocol.messages import HandedIn


class SimulatedCentre:
    """Gives a release once it has one, takes packages, and can be out of order."""

    def __init__(self) -> None:
        self.release: bytes | None = None
        self.refusals = 1
        self.packages: list[bytes] = []
        centre = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.path == "/exchange/releases/zone-02-1/live"
                self._reply(404 if centre.release is None else 200, centre.release or b"")

            def do_PUT(self) -> None:
                assert self.path == "/exchange/answers/zone-02-1"
                package = self.rfile.read(int(self.headers["Content-Length"]))
                if centre.refusals:
                    centre.refusals -= 1
                    self._reply(503, "维护中".encode())
                    return
                centre.packages.append(package)
                digest = hashlib.sha256(package).hexdigest()
                taken = AnswersTaken(SERVER, "S1", digest, len(package), 6, EpochMs(0))  # type: ignore[arg-type]  # ids
                self._reply(200, msgspec.json.encode(taken))

            def _reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def centre() -> Iterator[SimulatedCentre]:
    simulated = SimulatedCentre()
    yield simulated
    simulated.stop()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_release_is_fetched_and_the_answers_are_brought_until_the_centre_has_them(
    tmp_path: Path, centre: SimulatedCentre
) -> None:
    site = ZoneProcess(tmp_path, centre_url=centre.url, late_limit_s=4).serve()
    kiosk = WireKiosk(site, 1).connect().come_in()
    try:
        centre.release = site.release_file.read_bytes()
        kiosk.wait_push("paper_released")
        entry = kiosk.next_answer("i1")
        kiosk.append(entry)
        kiosk.ask(entry)
        assert isinstance(kiosk.ask(kiosk.next_hand_in()), HandedIn)
        until(lambda: closes(site))
        until(lambda: bool(site.status()["package_taken"]))
        assert centre.packages == [(site.folder / "answers.package").read_bytes()]
    finally:
        kiosk.close()
        site.kill()


def closes(site: ZoneProcess) -> bool:
    try:
        run_zone("close", *site.at, "--absent", "未到")
    except KaopingError:
        return False
    return True
