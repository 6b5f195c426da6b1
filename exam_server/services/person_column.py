r"""ID numbers at rest: an encrypted column and a keyed blind index, under keys in a file of the centre (SECURITY §6).

``column.key`` is one line, ``column-keys/1 <hex> <hex>``, readable by its owner alone. Who has the database without
this file can neither read an ID number nor try guesses against the index.
"""

import hashlib
import hmac
import os
from pathlib import Path

import msgspec

from exam_protocol.envelope import KEY_BYTES, Randomness, decrypt, encrypt
from exam_protocol.errors import ConfigurationError
from exam_protocol.publication import normal_id_number

_LINE = "column-keys/1 "


class ColumnKeys(msgspec.Struct, frozen=True):
    """The two keys of a column: one to encrypt, one to index. One key, one purpose."""

    encryption_key: bytes
    index_key: bytes

    def __repr__(self) -> str:
        """Keep the keys out of logs and tracebacks."""
        return "ColumnKeys(…)"

    def seal_id_number(self, id_number: str, row: int) -> bytes:
        """Encrypt for one row: a ciphertext copied into another row does not open there."""
        return encrypt(id_number.encode(), self.encryption_key, _place(row))

    def open_id_number(self, sealed: bytes, row: int) -> str:
        """Decrypt what stands in this row, or raise ``SealBrokenError``."""
        return decrypt(sealed, self.encryption_key, _place(row)).decode()

    def index_id_number(self, id_number: str) -> str:
        """Return the blind index by which an ID number is found and kept unique (HMAC-SHA256, hexadecimal)."""
        return hmac.new(self.index_key, normal_id_number(id_number).encode(), hashlib.sha256).hexdigest()


def _place(row: int) -> str:
    return f"candidate‖id_number‖{row}"


def new_column_keys(randomness: Randomness = os.urandom) -> ColumnKeys:
    """Make the keys of a new centre."""
    return ColumnKeys(randomness(KEY_BYTES), randomness(KEY_BYTES))


def format_column_keys(keys: ColumnKeys) -> str:
    """Return the text of ``column.key``."""
    return f"{_LINE}{keys.encryption_key.hex()} {keys.index_key.hex()}\n"


def read_column_keys(path: Path) -> ColumnKeys:
    """Read ``column.key``. Raises ``ConfigurationError``."""
    try:
        text = path.read_text(encoding="ascii")
        encryption_key, index_key = (bytes.fromhex(word) for word in text.removeprefix(_LINE).split())
    except (OSError, ValueError) as unreadable:
        raise ConfigurationError(
            f"读不到列密钥文件 {path}，或内容不对。", "请恢复 centre init 时生成的 column.key。"
        ) from unreadable
    if not text.startswith(_LINE) or {len(encryption_key), len(index_key)} != {KEY_BYTES}:
        raise ConfigurationError(f"{path} 不是列密钥文件。", "请恢复 centre init 时生成的 column.key。")
    return ColumnKeys(encryption_key, index_key)
