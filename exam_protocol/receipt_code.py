"""The 16 characters a candidate and a proctor can compare: a receipt's digest in Crockford base 32."""

import hashlib

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS = 16
_BITS = 5


def receipt_code(receipt: bytes) -> str:
    """Return the first 80 bits of the SHA-256 of a signed receipt, in four groups: ``7K3D-0QWE-…``."""
    number = int.from_bytes(hashlib.sha256(receipt).digest()[: _CHARACTERS * _BITS // 8], "big")
    letters = "".join(_ALPHABET[number >> _BITS * place & 31] for place in reversed(range(_CHARACTERS)))
    return "-".join(letters[start : start + 4] for start in range(0, _CHARACTERS, 4))
