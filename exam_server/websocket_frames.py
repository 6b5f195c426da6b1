"""WebSocket frames as we read them: bounded, masked, and without a Python loop over each byte.

gevent-websocket checks UTF-8 and takes the mask off byte by byte in Python, and would reserve any length a client
announces. Here a frame that is too long is refused before it is read, the mask comes off in one operation, and UTF-8 is
checked once, by the strict decoding of the whole message.
"""

from typing import Any

from geventwebsocket.exceptions import ProtocolError, WebSocketError
from geventwebsocket.websocket import Header, WebSocket

from exam_protocol.messages import MAX_MESSAGE_BYTES

MAX_FRAME_BYTES = 2 * MAX_MESSAGE_BYTES


def unmask(payload: bytes, mask: bytes) -> bytes:
    """Take the four-byte mask off (RFC 6455 §5.3)."""
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")


class BoundedWebSocket(WebSocket):  # type: ignore[misc]  # untyped
    """A WebSocket of the stock server with these changes."""

    __slots__ = ()

    def read_frame(self) -> tuple[Any, bytes]:
        """Read one frame or raise.

        Without a mask it is a protocol error (RFC 6455 §5.1). Fragments are refused: none of our clients sends any,
        and together they could be of any length.
        """
        header = Header.decode_header(self.stream)
        if header.flags or not header.mask or not header.fin or header.length > MAX_FRAME_BYTES:
            raise ProtocolError("unmasked, too long, in fragments, or with reserved bits")
        if not header.length:
            return header, b""
        payload = self.raw_read(header.length)
        if len(payload) != header.length:
            raise WebSocketError("cut off in the middle of a frame")
        return header, unmask(payload, header.mask)

    def validate_utf8(self, payload: bytes) -> None:
        """Leave it to ``_decode_bytes``, which refuses anything that is not UTF-8."""
