"""Whose signature counts, and how private keys rest: the root document as trust, key files under a passphrase.

Accept a document only if role ∧ scope ∧ payload type ∧ expiry ∧ threshold of distinct keys hold (SECURITY §2).
"""

import os
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from exam_protocol.canonical_json import decode, encode
from exam_protocol.documents import Document, Role, Root, TrustedKey
from exam_protocol.envelope import (
    KEY_BYTES,
    MAX_DOCUMENT_BYTES,
    Randomness,
    key_id,
    payload_unverified,
    sign,
    verify,
)
from exam_protocol.errors import (
    ExpiredError,
    SealBrokenError,
    SignatureInvalidError,
    WrongPassphraseError,
    WrongServerError,
)

DocumentT = TypeVar("DocumentT", bound=Document)
_KEY_FILE_LINE = b"exam-key/1\n"
_MAX_KEY_FILE_BYTES = 4096


class KdfCost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cost of Argon2id (RFC 9106). Tests pass the cheapest; everybody else takes the default.

    The bounds keep a damaged key file from asking for all the memory of the machine.
    """

    memory_kib: Annotated[int, msgspec.Meta(ge=8, le=4 * 1024 * 1024)] = 64 * 1024
    iterations: Annotated[int, msgspec.Meta(ge=1, le=64)] = 3
    lanes: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4


CHEAPEST_KDF = KdfCost(memory_kib=32, iterations=1, lanes=1)
"""For tests only: says nothing about an attacker's cost."""


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: Role
    scope: str
    public_key: bytes
    cost: KdfCost
    salt: bytes
    nonce: bytes
    ciphertext: bytes


class PrivateKey(msgspec.Struct, frozen=True):
    """A private key with what it is for: Ed25519 for roles that sign, X25519 for the two encryption roles."""

    role: Role
    scope: str
    secret: bytes

    @property
    def encrypts(self) -> bool:
        """Whether this is a key that things are sealed to."""
        return self.role in (Role.ZONE_ENCRYPTION, Role.CENTRE_ENCRYPTION)

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The key to sign with."""
        return Ed25519PrivateKey.from_private_bytes(self.secret)

    @property
    def opening_key(self) -> X25519PrivateKey:
        """The key to unseal with."""
        return X25519PrivateKey.from_private_bytes(self.secret)

    @property
    def public_key(self) -> bytes:
        """Its public half, 32 bytes."""
        if self.encrypts:
            return self.opening_key.public_key().public_bytes_raw()
        return self.signing_key.public_key().public_bytes_raw()


def new_private_key(role: Role, scope: str = "", randomness: Randomness = os.urandom) -> PrivateKey:
    """Make a fresh key for one purpose."""
    return PrivateKey(role, scope, randomness(KEY_BYTES))


def trusted(key: PrivateKey, not_after: datetime) -> TrustedKey:
    """Describe a key's public half for the root document."""
    return TrustedKey(key.role, key.scope, key.public_key, not_after)


def lock_key(
    key: PrivateKey, passphrase: str, *, cost: KdfCost | None = None, randomness: Randomness = os.urandom
) -> bytes:
    """Encrypt a private key under a passphrase; returns the bytes of a key file (first line ``exam-key/1``)."""
    cost = cost or KdfCost()
    salt, nonce = randomness(16), randomness(12)
    ciphertext = ChaCha20Poly1305(_derive(passphrase, salt, cost)).encrypt(
        nonce, key.secret, _bound(key.role, key.scope)
    )
    return _KEY_FILE_LINE + encode(_KeyFile(key.role, key.scope, key.public_key, cost, salt, nonce, ciphertext)) + b"\n"


def unlock_key(key_file: bytes, passphrase: str) -> PrivateKey:
    """Open a key file. Raises ``WrongPassphraseError``, or ``SealBrokenError`` when it is no key file."""
    if not key_file.startswith(_KEY_FILE_LINE) or not key_file.endswith(b"\n"):
        raise SealBrokenError("不是完整的密钥文件，或版本不同。", "请检查是否拿错了文件。")
    read = decode(key_file[len(_KEY_FILE_LINE) : -1], _KeyFile, max_bytes=_MAX_KEY_FILE_BYTES)
    try:
        secret = ChaCha20Poly1305(_derive(passphrase, read.salt, read.cost)).decrypt(
            read.nonce, read.ciphertext, _bound(read.role, read.scope)
        )
    except (InvalidTag, ValueError) as wrong:
        raise WrongPassphraseError("口令不对，密钥文件没有打开。", "请重新输入；多次不对请联系密钥保管人。") from wrong
    key = PrivateKey(read.role, read.scope, secret)
    if key.public_key != read.public_key:
        raise SealBrokenError("密钥文件里的公钥与私钥不是一对。", "请不要使用，向密钥保管人重新取得。")
    return key


def _derive(passphrase: str, salt: bytes, cost: KdfCost) -> bytes:
    kdf = Argon2id(
        salt=salt, length=KEY_BYTES, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    return kdf.derive(passphrase.encode())


def _bound(role: Role, scope: str) -> bytes:
    return f"{role}/{scope}".encode()


def sign_document(document: Document, *keys: PrivateKey) -> bytes:
    """Sign a document with keys of the role that its kind asks for; a key of another role is a programming error."""
    for key in keys:
        if key.role is not document.signed_by:
            raise SignatureInvalidError(
                f"密钥的用途是“{key.role}”，不能签署“{document.payload_type}”。", "请改用正确的密钥。"
            )
    return sign(encode(document), document.payload_type, [key.signing_key for key in keys])


class Trust:
    """A verified root document: answers whose signature counts for what."""

    def __init__(self, root: Root) -> None:
        self.root = root

    @classmethod
    def from_root(cls, envelope: bytes, *, fingerprint: str | None, now: datetime) -> "Trust":
        """Verify a root document by the root keys it names.

        ``fingerprint`` pins it: it must be ``root_fingerprint`` of this very root (printed on the set-up sheet).
        ``None`` is for the host that has just made it. Raises ``SignatureInvalidError`` or ``ExpiredError``.
        """
        unverified = _payload_as_root(envelope)
        keys = [key.public_key for key in unverified.keys if key.role is Role.ROOT]
        trust = cls(unverified)
        payload = verify(envelope, Root.payload_type, keys, trust.threshold(Role.ROOT))
        root = decode(payload, Root, max_bytes=MAX_DOCUMENT_BYTES)
        if fingerprint is not None and root_fingerprint(root) != fingerprint:
            raise SignatureInvalidError(
                "根密钥指纹与登记的不符。", "请核对考点设置单上印的指纹；不符时不要继续，联系省考试中心。"
            )
        if now > root.not_after:
            raise ExpiredError("根文件已过期。", "请向省考试中心取得新的根文件。")
        return cls(root)

    def threshold(self, role: Role) -> int:
        """How many distinct keys of a role must sign; a role without a rule can sign nothing."""
        for rule in self.root.thresholds:
            if rule.role is role:
                return rule.threshold
        raise SignatureInvalidError(f"根文件没有规定“{role}”的签名人数。", "请向省考试中心取得新的根文件。")

    def keys(self, role: Role, scope: str, now: datetime) -> list[bytes]:
        """The public keys that hold a role for a scope now."""
        return [
            key.public_key
            for key in self.root.keys
            if key.role is role and key.scope in ("", scope) and now <= key.not_after
        ]

    def verify(self, envelope: bytes, expected: type[DocumentT], *, scope: str = "", now: datetime) -> DocumentT:
        """Return the document when enough keys of its role, for this scope, not expired, signed it.

        Raises ``SignatureInvalidError``; ``WrongServerError`` when a server signed for another one; or the errors of
        ``canonical_json.decode`` on the verified payload.
        """
        role = expected.signed_by
        payload = verify(envelope, expected.payload_type, self.keys(role, scope, now), self.threshold(role))
        document = decode(payload, expected, max_bytes=MAX_DOCUMENT_BYTES)
        server = getattr(document, "server", scope)
        if scope and server != scope:
            raise WrongServerError(f"文件属于考点 {server}，不是 {scope}。", "请检查是否拿错了文件。")
        lowest = getattr(document, "lowest_root_version", 0)
        if lowest > self.root.version:
            raise ExpiredError(
                f"文件要求根文件第 {lowest} 版，本机是第 {self.root.version} 版。", "请先导入新的根文件。"
            )
        return document


def root_fingerprint(root: Root) -> str:
    """Name of the set of root keys, printed on set-up sheets: stays when other keys are rotated."""
    return "-".join(sorted(key_id(key.public_key) for key in root.keys if key.role is Role.ROOT))


def _payload_as_root(envelope: bytes) -> Root:
    # A root vouches for itself: its keys must be read before they can verify it. What is read here is used for
    # nothing but that; the fingerprint then ties the keys to what a person compared.
    return decode(payload_unverified(envelope), Root, max_bytes=MAX_DOCUMENT_BYTES)
