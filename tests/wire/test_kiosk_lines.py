"""Both lines of a seat, the official client's and the slim one of fleets, at a real zone, plain and over TLS."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from wire_zone import WireKiosk, ZoneProcess

from exam_server.demo.tls import make_loopback_certificate

EXCHANGE = Path(__file__).parent / "line_exchange.py"
PATIENCE_S = 60


@pytest.mark.parametrize("with_tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("line", ["StockLine", "SocketLine"])
def test_a_line_is_let_in_by_its_token_gets_replies_and_hears_of_its_loss(
    site: ZoneProcess, line: str, *, with_tls: bool
) -> None:
    if with_tls:
        site.tls = make_loopback_certificate(site.folder, site.now)
    site.serve()
    kiosk = WireKiosk(site, 1)
    certificate = str(site.tls[0]) if site.tls else ""
    seat = subprocess.Popen(
        [sys.executable, str(EXCHANGE), line, site.url, certificate, kiosk.device, kiosk.enrolled.token],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert seat.stdout is not None
        assert site.process is not None
        told = []
        for words in seat.stdout:
            told.append(words.strip())
            if words.startswith("asked"):
                site.process.send_signal(signal.SIGSTOP)  # connected, but silent
                print(file=seat.stdin, flush=True)
            if words.startswith("waiting"):
                site.kill()
        _, errors = seat.communicate(timeout=PATIENCE_S)
    finally:
        seat.kill()
        seat.communicate()
    distrusted = ["distrusted"] if with_tls else []
    expected = ["refused False", *distrusted, "let in True", "closed False 0", "asked True", "waiting True"]
    assert (told, errors) == ([*expected, "dropped False 1 True", "unreachable"], "")
