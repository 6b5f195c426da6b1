"""What a demo day leaves on paper: the room records of a zone, and the transcripts that the portal would give out."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from exam_protocol.canonical_json import decode
from exam_protocol.ids import ServerId, TicketNo, server_file_name
from exam_protocol.publication import MAX_PUBLICATION_BYTES, PublishedResult
from exam_server.db import open_engine
from exam_server.demo.stage import Stage
from exam_server.documents.room_record import render_room_record
from exam_server.documents.transcript import render_transcript
from exam_server.models.plan import Room
from exam_server.models.publication import ImportedResult
from exam_server.portal.config import read_portal_config
from exam_server.portal.transcript_page import transcript_page
from exam_server.services.lookup import ShownResult
from exam_server.services.room_records import room_record
from exam_server.work import SYSTEM, Work, WorkRunner
from exam_server.zone.folder import open_zone


def write_room_records(stage: Stage, server: ServerId) -> list[Path]:
    """Write the record of every room of a zone as PDF."""
    zone = open_zone(stage.zone_folder(server))
    folder = stage.folder / "records"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for room in zone.run(SYSTEM, lambda work: work.db.scalars(select(Room.room).order_by(Room.room)).all()):
        path = folder / f"{server_file_name(server)}-{room}.pdf"
        path.write_bytes(render_room_record(zone.run(SYSTEM, room_record, room)))
        written.append(path)
    return written


def write_transcripts(stage: Stage, tickets: tuple[TicketNo, ...]) -> list[Path]:
    """Write the transcripts of some candidates as PDF, exactly as the portal prints them."""
    config = read_portal_config(stage.portal, datetime.now(UTC))
    runner = WorkRunner(open_engine(config.database_url), lambda: datetime.now(UTC))
    folder = stage.folder / "transcripts"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for shown in runner.run(SYSTEM, _published, tickets):
        path = folder / f"{shown.result.ticket_no}.pdf"
        path.write_bytes(render_transcript(transcript_page(shown, config.public_url)))
        written.append(path)
    return written


def _published(work: Work, tickets: tuple[TicketNo, ...]) -> list[ShownResult]:
    rows = work.db.scalars(
        select(ImportedResult).where(ImportedResult.ticket_no.in_(tickets)).order_by(ImportedResult.ticket_no)
    )
    return [
        ShownResult(decode(row.content, PublishedResult, max_bytes=MAX_PUBLICATION_BYTES), row.publication)
        for row in rows
    ]
