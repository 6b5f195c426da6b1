"""The answer package as a file of the zone's folder: made after the close, and again when late events came since."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exam_protocol.documents import AnswerManifest
from exam_protocol.package import manifest_of
from exam_server.services.handover import make_answer_package, newest_hand_over, note_hand_over, note_late_events
from exam_server.services.opening import ZoneKeys
from exam_server.work import SYSTEM, Clock, Work
from exam_server.zone.folder import ANSWER_PACKAGE, write_durably


def make_package(path: Path, keys: ZoneKeys, clock: Clock, run: Callable[..., Any]) -> bytes:
    """Return the package; made now where there is none that tells of everything held.

    Raises ``NotClosedError`` before the session is closed.
    On the disk first, then in the database: a package that is noted is always there.
    """
    file = path / ANSWER_PACKAGE
    noted: int = run(SYSTEM, note_late_events)
    if file.exists() and run(SYSTEM, _told_so_far) == noted:
        return file.read_bytes()
    package: bytes = run(SYSTEM, make_answer_package, keys)
    write_durably(file, package)
    manifest = keys.trust.verify(manifest_of(package), AnswerManifest, scope=keys.server, now=clock())
    run(SYSTEM, note_hand_over, hashlib.sha256(package).hexdigest(), manifest.counts, noted)
    return package


def _told_so_far(work: Work) -> int | None:
    newest = newest_hand_over(work)
    return newest.quarantined_noted if newest is not None else None
