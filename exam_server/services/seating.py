"""编排: who sits where. The same roster and seed give the same seats, tickets and display orders.

Each trade is dealt evenly over the sites and rooms of its zone; within a room neighbours get different trades wherever
the mix of trades allows it (who sits in front and who sits at the left).
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import delete, select

from exam_protocol.catalogue import zones
from exam_protocol.errors import KaopingError
from exam_protocol.exam_config import ExamConfig
from exam_protocol.ids import RoomId, SeatNo, ServerId, TicketNo, TradeCode
from exam_server.models.candidates import Candidate, PlannedRoom, PlannedSitting, Seating
from exam_server.services.audit import write_audit
from exam_server.services.person_column import ColumnKeys
from exam_server.services.release import refuse_after_release
from exam_server.services.ticket_numbers import sitting_number, ticket_number
from exam_server.work import Work

MAX_SEATS = 99
"""A seat is two digits on the ticket."""
_SEED_BYTES = 6  # keeps order seeds below 2**53, which every reader of JSON can hold


class NobodyOnRosterError(KaopingError):
    """There is nobody to seat."""


class NoSiteError(KaopingError):
    """Candidates of a zone have no server to sit under."""


class RoomTooLargeError(KaopingError):
    """More candidates than the ticket number has seats for."""


class Seated(msgspec.Struct, frozen=True):
    """What seating did: candidates, rooms, servers."""

    candidates: int
    rooms: int
    servers: int


class ToSeat(msgspec.Struct, frozen=True):
    """One candidate as seating sees them: a row, a trade, and a rank that only the seed and the person decide."""

    row: int
    trade: TradeCode
    rank: bytes


def order_seed(seed: str, ticket_no: TicketNo) -> int:
    """Return the seed of one candidate's display order, from the exam's seed and the ticket number."""
    digest = hmac.new(seed.encode(), f"order\n{ticket_no}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:_SEED_BYTES], "big")


def deal(people: Sequence[ToSeat], parts: int) -> list[list[ToSeat]]:
    """Deal people into parts whose sizes, and whose numbers of each trade, differ by at most one."""
    dealt: list[list[ToSeat]] = [[] for _ in range(parts)]
    for place, person in enumerate(sorted(people, key=lambda person: (person.trade, person.rank))):
        dealt[place % parts].append(person)
    return dealt


def arrange(people: Sequence[ToSeat], columns: int) -> list[ToSeat]:
    """Order people along the rows of a room so that neighbours differ in trade wherever they can."""
    waiting: dict[TradeCode, list[ToSeat]] = defaultdict(list)
    for person in sorted(people, key=lambda person: person.rank, reverse=True):
        waiting[person.trade].append(person)
    seated: list[ToSeat] = []
    while waiting:
        place = len(seated)
        neighbours = {seated[place - 1].trade} if place % columns else set()
        if place >= columns:
            neighbours.add(seated[place - columns].trade)
        # The trade with most people left goes first, or its last ones end up side by side.
        trade = min(waiting, key=lambda trade: (trade in neighbours, -len(waiting[trade]), waiting[trade][-1].rank))
        seated.append(waiting[trade].pop())
        if not waiting[trade]:
            del waiting[trade]
    return seated


def seat_candidates(
    work: Work,
    config: ExamConfig,
    keys: ColumnKeys,
    servers: Sequence[ServerId],
    seed: str,
    *,
    rooms_per_site: int = 2,
) -> Seated:
    """Seat everybody on the roster anew.

    Raises ``NobodyOnRosterError``, ``NoSiteError``, ``RoomTooLargeError`` or ``AlreadyReleasedError``, and then
    nothing has changed.
    """
    refuse_after_release(work)
    candidates = work.db.scalars(select(Candidate)).all()
    if not candidates:
        raise NobodyOnRosterError("报名表里还没有考生。", "请先运行 kaoping centre import-roster。")
    by_zone: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_zone[candidate.zone_code].append(candidate)
    sites = _sites(servers)
    missing = [zones()[code].zone_name for code in by_zone if code not in sites]
    if missing:
        raise NoSiteError(
            f"这些考区有考生，但密钥文件夹里没有它们的考点服务器：{'、'.join(missing)}。",
            "请为它们生成密钥，或核对报名表。",
        )
    revision = 1 + (work.db.scalar(select(Seating.revision)) or 0)
    for table in (PlannedSitting, PlannedRoom, Seating):
        work.db.execute(delete(table))
    work.db.add(Seating(id=1, seed=seed, rooms_per_site=rooms_per_site, revision=revision, seated_at=work.now))
    rooms = 0
    for code, people in by_zone.items():
        to_seat = [ToSeat(person.id, person.trade_code, _rank(seed, keys, person)) for person in people]
        places = [(server, room_no) for server in sites[code] for room_no in range(rooms_per_site)]
        for number, ((server, _), group) in enumerate(zip(places, deal(to_seat, len(places)), strict=True), start=1):
            _fill_room(work, config, seed, (server, RoomId(f"{number:02d}")), group)
            rooms += 1
    write_audit(work, "seat_candidates", config.session, f"{len(candidates)} 人，{rooms} 个考场，第 {revision} 版")
    return Seated(len(candidates), rooms, sum(len(sites[code]) for code in by_zone))


def _sites(servers: Sequence[ServerId]) -> Mapping[str, list[ServerId]]:
    codes = {zone.institution_no: code for code, zone in zones().items()}
    sites: dict[str, list[ServerId]] = defaultdict(list)
    for server in sorted(servers):
        sites[codes[institution_no(server)]].append(server)
    return sites


def institution_no(server: ServerId) -> str:
    """Return the institution number inside a server's name: ``zone-02/1`` → ``02``."""
    return server.removeprefix("zone-").partition("/")[0]


def _rank(seed: str, keys: ColumnKeys, candidate: Candidate) -> bytes:
    # By the person, not by the row: a roster whose rows were sorted otherwise seats people the same.
    id_number = keys.open_id_number(candidate.id_number_sealed, candidate.id)
    return hmac.new(seed.encode(), f"rank\n{id_number}".encode(), hashlib.sha256).digest()


def _fill_room(
    work: Work, config: ExamConfig, seed: str, place: tuple[ServerId, RoomId], group: Sequence[ToSeat]
) -> None:
    server, room = place
    columns = config.seating.room_columns
    seats = len(group) + config.seating.spare_seats_per_room
    if seats > MAX_SEATS:
        raise RoomTooLargeError(
            f"{server} 的 {room} 考场要坐 {len(group)} 人，含备用机 {seats} 个机位，超过 {MAX_SEATS} 个。",
            "请用 --rooms 增加每个考点的考场数。",
        )
    work.db.add(PlannedRoom(server=server, room=room, name=f"第 {room} 考场", seats=seats, columns=columns))
    work.db.flush()
    for number, person in enumerate(arrange(group, columns), start=1):
        seat = SeatNo(number)
        ticket_no = ticket_number(config.times.starts_at_utc.year, institution_no(server), room, seat)
        work.db.add(
            PlannedSitting(
                id=sitting_number(ticket_no),
                candidate_id=person.row,
                session=config.session,
                server=server,
                room=room,
                seat=seat,
                ticket_no=ticket_no,
                order_seed=order_seed(seed, ticket_no),
            )
        )
