"""Frames that would cost a zone its memory are refused before they are read."""

import io
import struct

import pytest
from geventwebsocket.exceptions import ProtocolError, WebSocketError
from hypothesis import given
from hypothesis import strategies as st

from exam_server.websocket_frames import MAX_FRAME_BYTES, BoundedWebSocket, unmask

MASK = b"\x01\x02\x03\x04"


class Wire:
    """What the stock server gives a WebSocket to read from."""

    def __init__(self, content: bytes) -> None:
        self.read = io.BytesIO(content).read


def socket_reading(content: bytes) -> BoundedWebSocket:
    socket = BoundedWebSocket.__new__(BoundedWebSocket)
    socket.closed = True  # nobody to say goodbye to
    socket.stream = Wire(content)
    socket.raw_read = socket.stream.read
    return socket


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_the_mask_comes_off_as_the_standard_says(payload: bytes, mask: bytes) -> None:
    byte_by_byte = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    assert unmask(byte_by_byte, mask) == payload


def test_a_masked_frame_is_read() -> None:
    frame = b"\x81\x85" + MASK + unmask(b"hello", MASK)
    assert socket_reading(frame).read_frame()[1] == b"hello"


@pytest.mark.parametrize(
    "frame",
    [
        b"\x81\x05hello",
        b"\x01\x85" + MASK + b"hello",
        b"\xc1\x85" + MASK + b"hello",
        b"\x81\xff" + struct.pack("!Q", MAX_FRAME_BYTES + 1) + MASK,
        b"\x81\xff" + struct.pack("!Q", 1 << 62) + MASK,
    ],
    ids=["without a mask", "a fragment", "reserved bits", "too long", "absurdly long"],
)
def test_a_frame_we_never_send_is_refused(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        socket_reading(frame).read_frame()


def test_a_frame_cut_short_is_an_error() -> None:
    with pytest.raises(WebSocketError):
        socket_reading(b"\x81\x85" + MASK + b"he").read_frame()
