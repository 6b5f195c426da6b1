"""A folder of keys: the root document and key files under passphrases, as ``kaoping keys`` makes it.

Names: ``root.dsse``; ``<role>.key`` for a key of the whole exam; ``<role>-zone-NN-S.key`` for a server's.
"""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from exam_protocol.documents import Role, RoleThreshold, Root
from exam_protocol.errors import ConfigurationError, naming
from exam_protocol.ids import ExamId, ServerId, server_file_name
from exam_protocol.keys import KdfCost, PrivateKey, Trust, lock_key, new_private_key, sign_document, trusted, unlock_key

EXAM_ROLES = (
    Role.ROOT,
    Role.PAPER,
    Role.ROSTER,
    Role.RELEASE,
    Role.RESULTS,
    Role.PUBLICATION,
    Role.TRANSCRIPT,
    Role.CENTRE_ENCRYPTION,
)
SERVER_ROLES = (Role.ZONE, Role.ZONE_ENCRYPTION)
_VALIDITY = timedelta(days=400)


def key_file_name(role: Role, scope: str) -> str:
    """File name of a role's key."""
    return f"{role}.key" if not scope else f"{role}-{server_file_name(ServerId(scope))}.key"


def make_key_folder(
    folder: Path,
    exam: ExamId,
    servers: Iterable[ServerId],
    passphrase: str,
    now: datetime,
    *,
    cost: KdfCost | None = None,
) -> Trust:
    """Make one key per role and server and the root document that names them, all under one passphrase.

    One signer per role: the simple path; thresholds are data in the root document. Refuses a folder that holds keys.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("*.key")):
        raise ConfigurationError(f"{folder} 里已经有密钥。", "请换一个空文件夹，旧密钥不能覆盖。")
    keys = [new_private_key(role) for role in EXAM_ROLES]
    keys += [new_private_key(role, server) for server in servers for role in SERVER_ROLES]
    not_after = now + _VALIDITY
    thresholds = tuple(RoleThreshold(role, 1) for role in (*EXAM_ROLES[:-1], Role.ZONE))
    root = Root(exam, 1, not_after, thresholds, tuple(trusted(key, not_after) for key in keys))
    for key in keys:
        _write_new(folder / key_file_name(key.role, key.scope), lock_key(key, passphrase, cost=cost))
    envelope = sign_document(root, keys[0])
    _write_new(folder / "root.dsse", envelope)
    return Trust.from_root(envelope, fingerprint=None, now=now)


def read_trust(folder: Path, fingerprint: str | None, now: datetime) -> Trust:
    """Read and verify the folder's root document."""
    path = folder / "root.dsse"
    with naming(path):
        return Trust.from_root(_read(path), fingerprint=fingerprint, now=now)


def read_key(folder: Path, role: Role, passphrase: str, scope: str = "") -> PrivateKey:
    """Unlock one key of the folder.

    Raises ``WrongPassphraseError``, or ``ConfigurationError`` when there is none or the file holds another key.
    """
    path = folder / key_file_name(role, scope)
    with naming(path):
        key = unlock_key(_read(path), passphrase)
    if (key.role, key.scope) != (role, scope):
        raise ConfigurationError(f"{path} 里是另一个密钥（{key.role} {key.scope}）。", "请恢复原来的文件名。")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as missing:
        raise ConfigurationError(f"读不到 {path}。", "请检查密钥文件夹。") from missing


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
