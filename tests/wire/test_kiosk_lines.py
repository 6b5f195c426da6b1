"""Both lines of a seat, the official client's and the slim one of fleets, at a real zone, plain and over TLS."""

import time

import gevent
import pytest
from gevent import socket
from wire_zone import WireKiosk, ZoneProcess

from exam_protocol.messages import AnyReply, Hello, SeatShown, read, write
from exam_server.demo.tls import make_loopback_certificate
from kiosk_client.link import DeviceRefusedError, MakeLine, ZoneLink, ZoneUnreachableError, pinned_context
from kiosk_client.socket_line import SocketLine
from kiosk_client.stock_line import StockLine

PATIENCE_S = 10


@pytest.mark.parametrize("with_tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("make_line", [StockLine, SocketLine])
def test_a_line_is_let_in_by_its_token_gets_replies_and_hears_of_its_loss(
    site: ZoneProcess, make_line: MakeLine, *, with_tls: bool
) -> None:
    if with_tls:
        site.tls = make_loopback_certificate(site.folder, site.now)
    site.serve()
    kiosk = WireKiosk(site, 1)
    context = pinned_context(str(site.tls[0])) if site.tls else None
    link = ZoneLink(site.url, context, PATIENCE_S, make_line)
    drops: list[float] = []
    link.on_down = lambda: drops.append(time.monotonic())

    with pytest.raises(DeviceRefusedError):
        link.connect(kiosk.device, "another token")
    assert not link.is_up
    if site.tls:
        with pytest.raises(ZoneUnreachableError):
            ZoneLink(site.url, pinned_context(None), PATIENCE_S, make_line).connect(kiosk.device, kiosk.enrolled.token)

    link.connect(kiosk.device, kiosk.enrolled.token)
    assert isinstance(link.ask(Hello(kiosk.device, "wire/1")), SeatShown)
    link.close()
    gevent.sleep(0.1)
    assert (link.is_up, drops) == (False, [])

    link.connect(kiosk.device, kiosk.enrolled.token)
    assert isinstance(link.ask(Hello(kiosk.device, "wire/1")), SeatShown)
    site.kill()
    with gevent.Timeout(PATIENCE_S):
        while not drops:
            gevent.sleep(0.01)
    assert (link.is_up, len(drops)) == (False, 1)
    with pytest.raises(ZoneUnreachableError):
        link.ask(Hello(kiosk.device, "wire/1"))


@pytest.mark.parametrize("make_line", [StockLine, SocketLine])
def test_who_waits_for_a_reply_hears_at_once_that_the_zone_is_gone(site: ZoneProcess, make_line: MakeLine) -> None:
    site.serve()
    kiosk = WireKiosk(site, 1)
    host, port = site.url.removeprefix("http://").split(":")
    line = make_line(socket.create_connection((host, int(port)), PATIENCE_S), "/kiosk", print, lambda: None)
    assert line.open(site.url, {"device": kiosk.device, "token": kiosk.enrolled.token})
    told = line.ask("hello", write(Hello(kiosk.device, "wire/1")), PATIENCE_S)
    assert isinstance(read(told[0], AnyReply), SeatShown)  # type: ignore[type-var]  # a union
    assert site.process is not None
    site.process.send_signal(19)  # SIGSTOP: connected, but silent
    asking = gevent.spawn(line.ask, "hello", write(Hello(kiosk.device, "wire/1")), 60)
    gevent.sleep(0.1)
    site.kill()
    asking.join(timeout=PATIENCE_S)
    assert isinstance(asking.exception, ConnectionAbortedError)
    line.close()
