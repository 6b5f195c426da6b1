"""准考证: what stands on each candidate's ticket, room by room."""

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import select

from exam_protocol.catalogue import trades, zones
from exam_protocol.exam_config import ExamConfig
from exam_protocol.ids import RoomId, ServerId
from exam_server.documents.pages import TicketPage
from exam_server.models.candidates import PlannedRoom, PlannedSitting
from exam_server.services.id_numbers import mask_id_number
from exam_server.services.person_column import ColumnKeys
from exam_server.services.zone_rosters import all_sittings
from exam_server.work import Work


def ticket_pages(
    work: Work, config: ExamConfig, keys: ColumnKeys, *, issuer: str, is_sample: bool
) -> dict[tuple[ServerId, RoomId], list[TicketPage]]:
    """Return the tickets of every room in order of seat. ID numbers are masked."""
    rooms = {(room.server, room.room): room.name for room in work.db.scalars(select(PlannedRoom))}
    pages: dict[tuple[ServerId, RoomId], list[TicketPage]] = defaultdict(list)
    for sitting in all_sittings(work):
        place = (sitting.server, sitting.room)
        pages[place].append(_page(config, keys, sitting, rooms[place], issuer=issuer, is_sample=is_sample))
    return pages


def _page(
    config: ExamConfig, keys: ColumnKeys, sitting: PlannedSitting, room_name: str, *, issuer: str, is_sample: bool
) -> TicketPage:
    candidate, times = sitting.candidate, config.times
    zone, starts_at = zones()[candidate.zone_code], times.starts_at_utc
    site = sitting.server.rpartition("/")[2]
    return TicketPage(
        exam_title=config.title,
        session_title=config.session_title,
        issuer=issuer,
        ticket_no=sitting.ticket_no,
        name=candidate.name,
        gender=candidate.gender.value,
        id_masked=mask_id_number(keys.open_id_number(candidate.id_number_sealed, candidate.id)),
        unit=candidate.unit,
        trade=f"{trades()[candidate.trade_code].trade_name} {candidate.trade_code}",
        zone_name=zone.zone_name,
        site_name=f"{zone.zone_name}考区第 {site} 考点",
        address=zone.address,
        room_name=room_name,
        seat=sitting.seat,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=times.duration_s) + timedelta(minutes=candidate.extra_minutes),
        latest_entry_at=starts_at + timedelta(seconds=times.late_limit_s),
        photo=candidate.photo,
        sample=is_sample,
    )
