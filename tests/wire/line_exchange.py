"""One short exchange of a seat's line with a zone, in a process of its own, for a seat's process is patched by gevent.

Arguments: the line's class, the zone's address, the pinned certificate (or ""), a device and its token. Each thing that
is as it should be is a line on stdout; after ``asked`` the zone is expected to fall silent, after ``waiting`` to die.
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402 - after gevent

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402

from exam_protocol.messages import Hello, SeatShown  # noqa: E402
from kiosk_client.link import (  # noqa: E402
    DeviceRefusedError,
    MakeLine,
    ZoneLink,
    ZoneUnreachableError,
    pinned_context,
)
from kiosk_client.socket_line import SocketLine  # noqa: E402
from kiosk_client.stock_line import StockLine  # noqa: E402

LINES: dict[str, MakeLine] = {"StockLine": StockLine, "SocketLine": SocketLine}
PATIENCE_S = 20


def main(name: str, zone_url: str, certificate: str, device: str, token: str) -> None:
    hello = Hello(device, "wire/1")  # type: ignore[arg-type]  # typed by a test
    # A question that is given up is an expected end here; gevent would print it.
    gevent.get_hub().NOT_ERROR += (ZoneUnreachableError,)
    link = ZoneLink(zone_url, pinned_context(certificate) if certificate else None, PATIENCE_S, LINES[name])
    drops: list[int] = []
    dropped = Event()
    link.on_down = lambda: (drops.append(1), dropped.set())  # type: ignore[func-returns-value]

    try:
        link.connect(device, "another token")
    except DeviceRefusedError:
        tell("refused", link.is_up)
    if certificate:
        try:
            ZoneLink(zone_url, pinned_context(None), PATIENCE_S, LINES[name]).connect(device, token)
        except ZoneUnreachableError:
            tell("distrusted")
    link.connect(device, token)
    tell("let in", isinstance(link.ask(hello), SeatShown))
    link.close()
    gevent.sleep(0.2)
    tell("closed", link.is_up, len(drops))
    link.connect(device, token)
    tell("asked", isinstance(link.ask(hello), SeatShown))
    sys.stdin.readline()
    waiting = gevent.spawn(link.ask, hello)
    gevent.sleep(0.1)
    tell("waiting", not waiting.ready())
    dropped.wait(PATIENCE_S / 2)
    gevent.sleep(0.1)
    tell("dropped", link.is_up, len(drops), isinstance(waiting.exception, ZoneUnreachableError))
    try:
        link.ask(hello)
    except ZoneUnreachableError:
        tell("unreachable")


def tell(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
