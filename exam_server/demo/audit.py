"""What became of every answer: in the kiosks' journals, at the zones, in the packages, in the scoring.

The four counts come from four different places on the disk, each read back after the day by the code that owns it.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from exam_protocol.documents import Role
from exam_protocol.event_chain import read_event
from exam_protocol.ids import AttemptId
from exam_protocol.messages import Answer, ChainEntry
from exam_server.centre.folder import open_centre, operator
from exam_server.db import open_engine
from exam_server.models.sitting import AttemptEvent
from exam_server.services.collection import open_all_answers
from exam_server.zone.folder import open_zone
from kiosk_client.journal_file import read_all

AnswerId = tuple[AttemptId, int]
"""An answer's place: its attempt and its number in the chain. Nothing else of it is unique."""


def _answers(entries: Iterable[ChainEntry]) -> set[AnswerId]:
    return {(entry.attempt, entry.seq) for entry in entries if isinstance(entry, Answer)}


def answers_in_journals(seats: Path) -> set[AnswerId]:
    """Answers that kiosks promised to keep: those in the encrypted journals below a folder."""
    return _answers(read_all(seats))


def answers_at_zone(folder: Path) -> set[AnswerId]:
    """Answers that a zone has committed, which is what it acknowledges."""
    with Session(open_engine(open_zone(folder).config.database, read_only=True)) as db:
        return _answers(read_event(content.encode()) for content in db.scalars(select(AttemptEvent.content)))


def answers_in_packages(centre_folder: Path, passphrase: str) -> set[AnswerId]:
    """Answers in the packages that the centre has opened."""
    centre = open_centre(centre_folder)
    centre_key = centre.key(Role.CENTRE_ENCRYPTION, passphrase).opening_key
    packages = centre.runner.run(operator(), open_all_answers, centre.exam, centre.trust, centre_key)
    return _answers(
        read_event(event.encode())
        for package in packages
        for record in package.answers.sittings
        for event in record.events
    )
