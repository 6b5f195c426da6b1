"""The seat's end of a Socket.IO connection, against bytes written by hand."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from gevent import socket

from kiosk_client.socket_line import SocketLine

_OPENED = '0{"sid":"s","upgrades":[],"pingInterval":5000,"pingTimeout":10000,"maxPayload":1000}'


class HandZone:
    """The zone's end: says what the test says, hears whole frames."""

    def __init__(self, end: Any) -> None:
        self._end = end
        self._file = end.makefile("rb")

    def shake_hands(
        self, status: str = "101 Switching Protocols", salt: str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    ) -> None:
        head = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.partition(b": ")
            head[name] = value
        accept = base64.b64encode(hashlib.sha1(head[b"Sec-WebSocket-Key"] + salt.encode()).digest())  # noqa: S324 - RFC 6455
        self._end.sendall(b"HTTP/1.1 %b\r\nSec-WebSocket-Accept: %b\r\n\r\n" % (status.encode(), accept))

    def admit(self) -> None:
        self.shake_hands()
        self.say(_OPENED)
        assert json.loads(self.hear().removeprefix("40/kiosk,")) == {"device": "d"}
        self.say('40/kiosk,{"sid":"t"}')

    def say(self, text: str, kind: int = 0x81) -> None:
        content = text.encode()
        size = len(content)
        if size < 126:
            length = bytes([size])
        else:
            length = b"\x7e" + size.to_bytes(2, "big") if size < 1 << 16 else b"\x7f" + size.to_bytes(8, "big")
        self._end.sendall(bytes([kind]) + length + content)

    def hear(self) -> str:
        _, length = self._file.read(2)
        assert length & 0x80
        length &= 0x7F
        if length >= 126:
            length = int.from_bytes(self._file.read(2 if length == 126 else 8), "big")
        mask, content = self._file.read(4), self._file.read(length)
        return bytes(byte ^ mask[place % 4] for place, byte in enumerate(content)).decode()

    def hang_up(self) -> None:
        self._file.close()
        self._end.close()


class Heard:
    def __init__(self) -> None:
        self.events: list[tuple[object, ...]] = []
        self.drops = 0

    def event(self, *told: object) -> None:
        self.events.append(told)

    def drop(self) -> None:
        self.drops += 1


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def ends(heard: Heard) -> Iterator[tuple[SocketLine, HandZone]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    theirs.settimeout(5)
    line, zone = SocketLine(ours, "/kiosk", heard.event, heard.drop), HandZone(theirs)
    yield line, zone
    line.close()
    zone.hang_up()
    gevent.idle()


def _opened(line: SocketLine, zone: HandZone) -> None:
    admitting = gevent.spawn(zone.admit)
    assert line.open("http://zone:1", {"device": "d"})
    admitting.get()


@pytest.mark.parametrize("size", [3, 200, 70_000])
def test_a_question_of_any_length_gets_its_own_reply(ends: tuple[SocketLine, HandZone], size: int) -> None:
    line, zone = ends
    _opened(line, zone)
    first, second = (gevent.spawn(line.ask, "answer", letter * size, 5) for letter in "ab")
    assert [zone.hear(), zone.hear()] == [
        f'42/kiosk,{n}["answer","{letter * size}"]' for n, letter in ((1, "a"), (2, "b"))
    ]
    zone.say(f'43/kiosk,2["{"y" * size}"]')
    zone.say('43/kiosk,1["x"]')
    assert (first.get(), second.get()) == (("x",), ("y" * size,))


def test_pings_are_answered_and_pushes_are_told(ends: tuple[SocketLine, HandZone], heard: Heard) -> None:
    line, zone = ends
    _opened(line, zone)
    zone.say("2")
    assert zone.hear() == "3"
    zone.say("here", 0x89)
    assert zone.hear() == "here"
    zone.say('42/kiosk,["collect_now","{}"]')
    zone.say("2")
    assert zone.hear() == "3"
    gevent.idle()
    assert heard.events == [("collect_now", "{}")]


def test_a_device_the_zone_does_not_know_is_refused(ends: tuple[SocketLine, HandZone]) -> None:
    line, zone = ends
    gevent.spawn(lambda: (zone.shake_hands(), zone.say(_OPENED), zone.hear(), zone.say('44/kiosk,{"message":"no"}')))
    assert not line.open("http://zone:1", {"device": "d"})
    assert not line.is_up


@pytest.mark.parametrize("answer", [{"status": "503 Busy"}, {"salt": "another"}])
def test_what_does_not_shake_hands_is_no_zone(ends: tuple[SocketLine, HandZone], answer: dict[str, str]) -> None:
    line, zone = ends
    gevent.spawn(lambda: zone.shake_hands(**answer))
    with pytest.raises(ConnectionAbortedError):
        line.open("http://zone:1", {"device": "d"})


@pytest.mark.parametrize("last_words", ["41/kiosk,", "1", "43/kiosk,x", "part of a frame", None])
def test_who_waits_for_a_reply_hears_at_once_that_the_line_is_lost(
    ends: tuple[SocketLine, HandZone], heard: Heard, last_words: str | None
) -> None:
    line, zone = ends
    _opened(line, zone)
    asking = gevent.spawn(line.ask, "answer", "a", 60)
    zone.hear()
    if last_words is None:
        zone.hang_up()
    else:
        zone.say(last_words, 0x01 if last_words.startswith("part") else 0x81)
    asking.join(timeout=5)
    assert isinstance(asking.exception, ConnectionAbortedError)
    gevent.idle()
    assert (line.is_up, heard.drops) == (False, 1)


def test_a_line_closed_from_here_takes_leave_and_announces_nothing(
    ends: tuple[SocketLine, HandZone], heard: Heard
) -> None:
    line, zone = ends
    _opened(line, zone)
    line.close()
    assert zone.hear() == "41/kiosk,"
    gevent.idle()
    assert heard.drops == 0
    with pytest.raises(ConnectionAbortedError):
        line.ask("answer", "a", 1)
