"""Every small damage that can be done to bytes, and which of them a reader wrongly accepts."""

from collections.abc import Callable, Iterable, Iterator

from exam_protocol.errors import KaopingError


def flipped(data: bytes, bit: int) -> bytes:
    """Return the bytes with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def every_flip(data: bytes) -> Iterator[bytes]:
    """Flip each bit in turn."""
    return (flipped(data, bit) for bit in range(len(data) * 8))


def every_truncation(data: bytes) -> Iterator[bytes]:
    """Cut after each byte in turn."""
    return (data[:length] for length in range(len(data)))


def accepted(damaged: Iterable[bytes], read: Callable[[bytes], object]) -> list[int]:
    """Tell which of the damaged versions (by number) are not refused by name; any other exception is let through."""
    wrongly: list[int] = []
    for number, data in enumerate(damaged):
        try:
            read(data)
        except KaopingError:
            continue
        wrongly.append(number)
    return wrongly
