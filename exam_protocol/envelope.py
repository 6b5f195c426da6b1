"""Signing and sealing: DSSE around every signed document, HPKE to a recipient, an AEAD under a content key.

Primitives come from ``cryptography`` alone. Verify and open raise; nothing returns ``False``.
Sources: DSSE v1 (github.com/secure-systems-lab/dsse), RFC 9180 base mode, RFC 8032, RFC 8439.
"""

import hashlib
import os
from collections.abc import Callable, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from exam_protocol.canonical_json import decode, encode
from exam_protocol.errors import SealBrokenError, SignatureInvalidError

Randomness = Callable[[int], bytes]
"""Gives n random bytes; ``os.urandom`` everywhere but in tests."""

KEY_BYTES = 32
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_SEAL_LINE = b"exam-seal/1 DHKEM-X25519 HKDF-SHA256 ChaCha20Poly1305\n"
_NONCE_BYTES = 12
_PADDING_STEP = 64 * 1024
_LENGTH_BYTES = 4


# Base64 is msgspec's (RFC 4648 §4): the canonical re-encoding then refuses every second way to write the same bytes.
class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: bytes


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    payload_type: str
    payload: bytes
    signatures: tuple[_Signature, ...]


_KINDS = {
    "root": "根文件",
    "paper-manifest": "试卷包",
    "answer-key-manifest": "标准答案包",
    "roster-manifest": "名册包",
    "key-release": "密钥发放文件",
    "receipt": "交卷回执",
    "answer-manifest": "答卷包",
    "publication-manifest": "成绩发布包",
}


def key_id(public_key: bytes) -> str:
    """Name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def _pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, payload_type: str, signing_keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """Wrap and sign a payload with each of the keys. Returns the envelope, one line of canonical JSON."""
    message = _pre_authentication_encoding(payload_type, payload)
    signatures = tuple(
        _Signature(key_id(key.public_key().public_bytes_raw()), key.sign(message)) for key in signing_keys
    )
    return encode(_Envelope(payload_type, payload, signatures))


def verify(
    envelope: bytes,
    payload_type: str,
    public_keys: Sequence[bytes],
    threshold: int,
    *,
    max_bytes: int = MAX_DOCUMENT_BYTES,
) -> bytes:
    """Return the payload when at least ``threshold`` distinct keys among ``public_keys`` signed it.

    Raises ``SignatureInvalidError``; the payload is not parsed here and must not be parsed before.
    """
    read = decode(envelope, _Envelope, max_bytes=max_bytes)
    if read.payload_type != payload_type:
        raise SignatureInvalidError(
            f"这是{_kind(read.payload_type)}，这里需要{_kind(payload_type)}。", "请检查是否拿错了文件。"
        )
    message = _pre_authentication_encoding(payload_type, read.payload)
    allowed = {key_id(key): key for key in public_keys}
    good: set[str] = set()
    for signature in read.signatures:
        if signature.keyid not in allowed:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(allowed[signature.keyid]).verify(signature.sig, message)
        except InvalidSignature:
            continue
        good.add(signature.keyid)
    if threshold < 1 or len(good) < threshold:
        raise SignatureInvalidError(
            f"需要 {threshold} 个有权限的签名，只核实了 {len(good)} 个。",
            "请不要使用这份文件，向发出单位核对后重新取得。",
        )
    return read.payload


def _kind(payload_type: str) -> str:
    """Name a kind of document to a person: ``application/vnd.kaoping.root.v1+json`` is 根文件."""
    name = payload_type.removeprefix("application/vnd.kaoping.").partition(".")[0]
    return _KINDS.get(name, f"“{payload_type}”")


def payload_unverified(envelope: bytes, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> bytes:
    """Return the payload without checking anything: only for a root document, which must name its own keys first."""
    return decode(envelope, _Envelope, max_bytes=max_bytes).payload


def seal(plaintext: bytes, recipient: bytes, context: str) -> bytes:
    """Encrypt to a recipient's X25519 public key; ``context`` (exam, session, server…) is bound into the seal."""
    sealed: bytes = _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(recipient), info=context.encode())
    return _SEAL_LINE + sealed


def unseal(sealed: bytes, private_key: X25519PrivateKey, context: str) -> bytes:
    """Open what was sealed to this key in this context, or raise ``SealBrokenError``."""
    if not sealed.startswith(_SEAL_LINE):
        raise SealBrokenError("不是本系统的密封数据，或版本不同。", "请检查是否拿错了文件。")
    try:
        opened: bytes = _SUITE.decrypt(sealed[len(_SEAL_LINE) :], private_key, info=context.encode())
    except (InvalidTag, ValueError) as broken:
        raise SealBrokenError(
            "密封数据打不开：不是封给本机的，或已损坏，或用途不符。", "请核对考点、场次，重新取得文件。"
        ) from broken
    return opened


def encrypt(plaintext: bytes, content_key: bytes, context: str, randomness: Randomness = os.urandom) -> bytes:
    """Encrypt under a symmetric key that is used for this one content, bound to ``context``."""
    nonce = randomness(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(content_key).encrypt(nonce, plaintext, context.encode())


def decrypt(ciphertext: bytes, content_key: bytes, context: str) -> bytes:
    """Open what ``encrypt`` made, or raise ``SealBrokenError``."""
    try:
        return ChaCha20Poly1305(content_key).decrypt(
            ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:], context.encode()
        )
    except (InvalidTag, ValueError) as broken:
        raise SealBrokenError("内容打不开：密钥不对，或内容已损坏。", "请重新取得文件和密钥。") from broken


def pad(content: bytes) -> bytes:
    """Pad to the next 64 KiB step, so that the size of a sealed paper tells nothing (SECURITY §3.1)."""
    padded = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    return padded + bytes(-len(padded) % _PADDING_STEP)


def unpad(padded: bytes) -> bytes:
    """Undo ``pad`` or raise ``SealBrokenError`` (any non-zero filler is refused: one encoding allowed)."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    content, filler = padded[_LENGTH_BYTES : _LENGTH_BYTES + length], padded[_LENGTH_BYTES + length :]
    if (
        not padded
        or len(padded) % _PADDING_STEP
        or len(content) != length
        or filler.count(0) != len(filler)
        or len(filler) >= _PADDING_STEP
    ):
        raise SealBrokenError("内容的填充不对。", "请重新取得文件。")
    return content
