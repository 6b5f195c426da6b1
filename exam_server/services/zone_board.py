"""考务看板: thirteen rows in the notice's order, what has gone to each zone and what has come back, and the sums."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import select

from exam_protocol.catalogue import Zone, zones
from exam_protocol.exam_config import ExamConfig
from exam_protocol.ids import ServerId
from exam_protocol.paper import Purpose
from exam_server.models.candidates import PlannedRoom, PlannedSitting
from exam_server.models.marking import ScoringFinding, ScoringRun
from exam_server.models.packages import IssuedRelease, IssuedRoster, ReceivedAnswers
from exam_server.services.marking import latest_run
from exam_server.services.seating import institution_no
from exam_server.work import Work


class BoardRow(msgspec.Struct, frozen=True):
    """One zone, or the sums. ``sites`` sites of it have sittings; the next four count how many of them are that far.

    ``present`` and ``absent`` are what the newest package of each site signs; ``findings`` are the blocking ones of the
    newest scoring run.
    """

    name: str
    rooms: int
    expected: int
    sites: int
    rosters: int
    released: int
    fetched: int
    arrived: int
    fetched_at: datetime | None
    present: int
    absent: int
    handed_in: int
    collected: int
    findings: int

    @property
    def is_exceptional(self) -> bool:
        """Whether a person should look: findings, or a released key that was not fetched by who is not done yet."""
        return bool(self.findings) or self.is_without_key

    @property
    def is_without_key(self) -> bool:
        """Whether a site has neither fetched its key nor, having got it by hand, delivered its answers."""
        return max(self.fetched, self.arrived) < self.released


class ZoneBoard(msgspec.Struct, frozen=True):
    """The whole board as it is now."""

    title: str
    session_title: str
    starts_at: datetime
    now: datetime
    rows: tuple[BoardRow, ...]
    total: BoardRow
    needs_attention: tuple[tuple[str, str], ...]
    """Zone and sentence, what blocks most first."""
    is_scored: bool

    @property
    def missing(self) -> int:
        """How many sites have not delivered their answers."""
        return self.total.sites - self.total.arrived


class _Facts(msgspec.Struct):
    """What is known per server."""

    rooms: Counter[ServerId]
    expected: Counter[ServerId]
    rosters: set[ServerId]
    releases: dict[ServerId, IssuedRelease]
    answers: dict[ServerId, ReceivedAnswers]
    findings: Counter[ServerId]


def zone_board(work: Work, config: ExamConfig) -> ZoneBoard:
    """Return the board. Reads only."""
    run = latest_run(work)
    facts = _facts(work, config, run)
    rows = [_row(zone, facts) for zone in zones().values()]
    return ZoneBoard(
        config.title,
        config.session_title,
        config.times.starts_at_utc,
        work.now,
        tuple(rows),
        _total(rows),
        tuple(_attention(rows)),
        run is not None,
    )


def _facts(work: Work, config: ExamConfig, run: ScoringRun | None) -> _Facts:
    all_of, session = work.db.scalars, config.session
    released = select(IssuedRelease).where(IssuedRelease.session == session, IssuedRelease.purpose == Purpose.LIVE)
    blocking = select(ScoringFinding.server).where(
        ScoringFinding.run == (run.id if run else None), ScoringFinding.is_blocking.is_(True)
    )
    # In order of arrival: where a site delivered twice, the newest stands.
    come = (
        select(ReceivedAnswers)
        .where(ReceivedAnswers.session == session)
        .order_by(ReceivedAnswers.received_at, ReceivedAnswers.sha256)
    )
    return _Facts(
        Counter(all_of(select(PlannedRoom.server))),
        Counter(all_of(select(PlannedSitting.server).where(PlannedSitting.session == session))),
        set(all_of(select(IssuedRoster.server).where(IssuedRoster.session == session))),
        {row.server: row for row in all_of(released)},
        {row.server: row for row in all_of(come)},
        Counter(all_of(blocking)),
    )


def _row(zone: Zone, facts: _Facts) -> BoardRow:
    sites = [server for server in facts.expected if institution_no(server) == zone.institution_no]
    releases = [facts.releases[site] for site in sites if site in facts.releases]
    fetched = [release.fetched_at for release in releases if release.fetched_at is not None]
    come = [facts.answers[site] for site in sites if site in facts.answers]
    return BoardRow(
        zone.zone_name,
        sum(facts.rooms[site] for site in sites),
        sum(facts.expected[site] for site in sites),
        len(sites),
        sum(site in facts.rosters for site in sites),
        len(releases),
        len(fetched),
        len(come),
        max(fetched, default=None),
        sum(row.present for row in come),
        sum(row.absent for row in come),
        sum(row.handed_in for row in come),
        sum(row.collected for row in come),
        sum(facts.findings[site] for site in sites),
    )


def _total(rows: list[BoardRow]) -> BoardRow:
    sums = {
        field: sum(getattr(row, field) for row in rows)
        for field in BoardRow.__struct_fields__
        if field not in ("name", "fetched_at")
    }
    return BoardRow(name=f"合计 {len(rows)}", fetched_at=None, **sums)


def _attention(rows: list[BoardRow]) -> Iterable[tuple[str, str]]:
    for row in rows:
        if row.findings:
            yield row.name, f"判分时有 {row.findings} 项须核查，请运行 kaoping centre findings 查看。"
    for row in rows:
        if row.is_without_key:
            yield row.name, "密钥已发放，考点还没有取走。请电话联系；网络不通时用 U 盘送达。"
