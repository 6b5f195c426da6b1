"""The answer package as a file of the zone's folder: made once, after the session was closed."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exam_protocol.documents import AnswerManifest
from exam_protocol.package import manifest_of
from exam_server.services.handover import make_answer_package, note_hand_over
from exam_server.services.opening import ZoneKeys
from exam_server.work import SYSTEM, Clock
from exam_server.zone.folder import ANSWER_PACKAGE, write_durably


def make_package(path: Path, keys: ZoneKeys, clock: Clock, run: Callable[..., Any]) -> bytes:
    """Return the package; made now where there is none yet. Raises ``NotClosedError`` before the session is closed.

    On the disk first, then in the database: a package that is noted is always there.
    """
    file = path / ANSWER_PACKAGE
    package: bytes = file.read_bytes() if file.exists() else run(SYSTEM, make_answer_package, keys)
    if not file.exists():
        write_durably(file, package)
    manifest = keys.trust.verify(manifest_of(package), AnswerManifest, scope=keys.server, now=clock())
    run(SYSTEM, note_hand_over, hashlib.sha256(package).hexdigest(), manifest.counts)
    return package
