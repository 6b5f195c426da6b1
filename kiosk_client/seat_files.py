"""What a seat keeps beside its journal: the device's keys, the seat it holds, the sealed paper, the last seat card.

All of it is in one folder of the account that runs the agent (mode 0700, files 0600). The keys protect against another
account and a later theft, not against the administrator of the machine (SECURITY §4). The paper rests as it came:
sealed.
"""

import hashlib
import os
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from exam_protocol.canonical_json import decode, encode
from exam_protocol.envelope import KEY_BYTES, Randomness
from exam_protocol.errors import KaopingError
from exam_protocol.ids import DeviceId
from exam_protocol.messages import MAX_SIGNED_IN_BYTES, Enrol, Enrolled, SeatShown
from kiosk_client.disk import Disk

StructT = TypeVar("StructT", bound=msgspec.Struct)
_DEVICE, _ENROLLED, _SEAT, _PREFERENCES = "device.json", "enrolled.json", "seat.json", "preferences.json"
_DEVICE_ID_BYTES = 16
SOFTWARE = "kaoping-kiosk/1"


class PaperDamagedError(KaopingError):
    """The sealed paper is not the one the zone announced."""


class Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A machine's identity: a random id and its own keys. ``seat_key`` wraps the keys of the journal's segments."""

    id: DeviceId
    signing_secret: bytes
    encryption_secret: bytes
    seat_key: bytes

    @property
    def opening_key(self) -> X25519PrivateKey:
        """The key that content keys are sealed to."""
        return X25519PrivateKey.from_private_bytes(self.encryption_secret)

    def enrolment(self, room_code: str, seat: int) -> Enrol:
        """Ask for a seat."""
        signing_key = Ed25519PrivateKey.from_private_bytes(self.signing_secret).public_key().public_bytes_raw()
        encryption_key = self.opening_key.public_key().public_bytes_raw()
        return Enrol(room_code, seat, self.id, signing_key, encryption_key, SOFTWARE)  # type: ignore[arg-type]  # a NewType


class Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """字号 1–3 and 高对比度, as the candidate set them at this seat."""

    size: int = 1
    contrast: bool = False


class SeatFiles:
    """Reads and writes the files of one seat; each write is durable and at one stroke."""

    def __init__(self, disk: Disk, randomness: Randomness = os.urandom) -> None:
        self.disk = disk
        self._randomness = randomness
        self._device: Device | None = None
        self._paper_seen: str | None = None

    @property
    def device(self) -> Device:
        """The machine's identity, made on first use."""
        if self._device is None:
            self._device = self._read(_DEVICE, Device)
        if self._device is None:
            made = Device(
                DeviceId(self._randomness(_DEVICE_ID_BYTES).hex()),
                self._randomness(KEY_BYTES),
                self._randomness(KEY_BYTES),
                self._randomness(KEY_BYTES),
            )
            self.disk.replace(_DEVICE, encode(made))
            self._device = made
        return self._device

    @property
    def enrolled(self) -> Enrolled | None:
        """The seat this device holds, if it holds one."""
        return self._read(_ENROLLED, Enrolled)

    def keep_enrolled(self, enrolled: Enrolled) -> None:
        """Remember the seat."""
        self.disk.replace(_ENROLLED, encode(enrolled))

    @property
    def seat(self) -> SeatShown | None:
        """The last seat card the zone sent."""
        return self._read(_SEAT, SeatShown)

    def keep_seat(self, shown: SeatShown) -> None:
        """Remember the seat card, for a start while the zone is down."""
        self.disk.replace(_SEAT, encode(shown))

    @property
    def preferences(self) -> Preferences:
        """How this seat shows the page."""
        return self._read(_PREFERENCES, Preferences) or Preferences()

    def keep_preferences(self, preferences: Preferences) -> None:
        """Remember how to show the page."""
        self.disk.replace(_PREFERENCES, encode(preferences))

    def sealed_paper(self, sha256: str) -> bytes | None:
        """Return the sealed paper with this hash if it is here and whole."""
        name = _paper_name(sha256)
        if name not in self.disk.names():
            return None
        sealed = self.disk.read(name)
        return sealed if hashlib.sha256(sealed).hexdigest() == sha256 else None

    def has_sealed_paper(self, sha256: str) -> bool:
        """Tell whether this paper is here and whole; read once, for it is asked often while a seat waits."""
        if self._paper_seen != sha256 and self.sealed_paper(sha256) is not None:
            self._paper_seen = sha256
        return self._paper_seen == sha256

    def keep_sealed_paper(self, sealed: bytes, sha256: str) -> None:
        """Keep a sealed paper that has just been fetched. Raises ``PaperDamagedError``."""
        if hashlib.sha256(sealed).hexdigest() != sha256:
            raise PaperDamagedError("收到的试卷与考点公布的不符。", "程序会重新取卷；多次不成功请举手。")
        self.disk.replace(_paper_name(sha256), sealed)
        self._paper_seen = sha256

    def _read(self, name: str, expected: type[StructT]) -> StructT | None:
        if name not in self.disk.names():
            return None
        return decode(self.disk.read(name), expected, max_bytes=2 * MAX_SIGNED_IN_BYTES)


def _paper_name(sha256: str) -> str:
    return f"paper-{sha256}.sealed"
