"""A small centre for tests: two servers, invented people with photos, packages as zones would send them."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from factories import NOW, make_trust
from msgspec.structs import replace
from PIL import Image
from scoring_factories import ELECTRICIAN, EXAM, PAPER, SESSION, make_answer_key, make_events
from sqlalchemy import Engine

from exam_protocol.answer_key import ANSWER_KEYS_FORMAT, AnswerKeys, answer_keys_context
from exam_protocol.canonical_json import encode
from exam_protocol.documents import (
    ANSWERS_FORMAT,
    AnswerKeyManifest,
    AnswerManifest,
    Counts,
    IncidentRecord,
    Receipt,
    Role,
    SittingRecord,
    ZoneAnswers,
)
from exam_protocol.envelope import encrypt, seal
from exam_protocol.event_chain import check_chain, fold
from exam_protocol.exam_config import ExamConfig, read_exam_config
from exam_protocol.exchange import answers_context
from exam_protocol.ids import EpochMs, ServerId, attempt_id, server_id
from exam_protocol.keys import PrivateKey, Trust, new_private_key, sign_document
from exam_protocol.package import pack, part_of
from exam_protocol.paper import Purpose
from exam_protocol.sitting_state import PRESENT, SittingState
from exam_server.models.base import create_schema
from exam_server.models.candidates import PlannedSitting
from exam_server.services.id_numbers import check_character
from exam_server.services.person_column import ColumnKeys, new_column_keys
from exam_server.services.zone_rosters import all_sittings
from exam_server.work import Actor, WorkRunner

SERVERS = (server_id("02"), server_id("03"))
OFFICER = Actor("沈国梁", frozenset({"officer"}))
HEADINGS = ("姓名", "性别", "身份证号", "单位", "工种代码", "考区", "照片", "补时分钟")
MARK_HEADINGS = ("身份证号", "姓名", "考评员", "成绩", "状态")


def make_id_number(number: int = 1) -> str:
    """Return a valid ID number of a region that was never issued."""
    digits = f"990000197{number % 10}0{1 + number % 9}15{number:03d}"
    return digits + check_character(digits)


def make_roster_row(number: int = 1, **cells: str) -> dict[str, str]:
    """Return one faultless row; keywords replace cells."""
    return {
        "姓名": f"考生{number}",
        "性别": "男",
        "身份证号": make_id_number(number),
        "单位": "石家庄市示例水务服务中心",
        "工种代码": ELECTRICIAN,
        "考区": "石家庄" if number % 2 else "TS",
        "照片": f"{number}.jpg",
        "补时分钟": "",
    } | cells


def make_mark_rows(number: int = 1, marks: Sequence[str] = ("70", "71", "72"), **cells: str) -> list[dict[str, str]]:
    """Return the rows of one candidate: one examiner per mark."""
    return [
        {
            "身份证号": make_id_number(number),
            "姓名": f"考生{number}",
            "考评员": f"考评员{place}",
            "成绩": mark,
            "状态": "正常",
        }
        | cells
        for place, mark in enumerate(marks, 1)
    ]


def write_csv(path: Path, rows: Sequence[Mapping[str, str]], headings: Sequence[str] = HEADINGS) -> Path:
    """Write rows as UTF-8 with BOM, the way WPS does."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(rows)
    return path


def make_photo() -> bytes:
    """Return a small JPEG."""
    written = io.BytesIO()
    Image.new("RGB", (60, 80), (200, 210, 220)).save(written, "JPEG")
    return written.getvalue()


def write_photos(folder: Path, numbers: Sequence[int]) -> Path:
    """Write one photo per number."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        (folder / f"{number}.jpg").write_bytes(make_photo())
    return folder


@dataclass
class SmallCentre:
    """A centre in memory with all private keys at hand; ``now`` is its clock."""

    engine: Engine
    config: ExamConfig
    now: datetime = NOW
    column_keys: ColumnKeys = field(default_factory=new_column_keys)
    keys: dict[tuple[Role, str], PrivateKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        roles = (Role.ROSTER, Role.RELEASE, Role.PAPER, Role.PUBLICATION, Role.TRANSCRIPT, Role.CENTRE_ENCRYPTION)
        self.keys = {(role, ""): new_private_key(role) for role in roles}
        for server in SERVERS:
            for role in (Role.ZONE, Role.ZONE_ENCRYPTION):
                self.keys[role, server] = new_private_key(role, server)
        self.trust: Trust = make_trust(*self.keys.values())
        create_schema(self.engine, "centre")

    def key(self, role: Role, scope: str = "") -> PrivateKey:
        return self.keys[role, scope]

    def run(self, service: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a service as an officer at the centre's time."""
        return WorkRunner(self.engine, lambda: self.now).run(OFFICER, service, *args, **kwargs)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def sittings(self) -> list[PlannedSitting]:
        """All planned sittings by ticket number, with their candidates."""
        found: list[PlannedSitting] = list(self.run(all_sittings))
        return found


def make_exam_config() -> ExamConfig:
    """Return the example configuration of the repository."""
    return read_exam_config(Path(__file__).parent.parent / "examples" / "exam.toml")


def make_sitting_record(
    centre: SmallCentre,
    sitting: PlannedSitting,
    *,
    answers: Sequence[tuple[int, str]] = ((1, "A"), (2, "BC")),
    state: SittingState = SittingState.HANDED_IN,
) -> SittingRecord:
    """Return what an honest zone holds of a sitting, with a true chain and a signed receipt."""
    attempt = attempt_id(sitting.id)
    events = make_events(answers, attempt) if state in PRESENT else ()
    record = SittingRecord(
        sitting=sitting.id,
        ticket_no=sitting.ticket_no,
        trade=ELECTRICIAN,
        room=sitting.room,
        seat=sitting.seat,
        state=state,
        paper=PAPER if events else None,
        attempt=attempt if events else None,
        epoch=1,
        events=events,
        receipt=None,
        started_at=None,
        ended_at=None,
        time_entries=(),
    )
    return with_receipt(centre, record, sitting.server) if events else record


def with_receipt(centre: SmallCentre, record: SittingRecord, server: ServerId, **changed: object) -> SittingRecord:
    """Return the record with a receipt signed by its zone; keywords replace fields of the receipt."""
    assert record.attempt is not None
    assert record.paper is not None
    chain, entries = check_chain((event.encode() for event in record.events), record.attempt, record.paper)
    receipt = Receipt(
        exam=EXAM,
        session=SESSION,
        server=server,
        sitting=record.sitting,
        attempt=record.attempt,
        ticket_no=record.ticket_no,
        events=chain.seq,
        head=chain.head,
        answered=fold(entries).answered,
        items=len(make_answer_key().items),
        at=EpochMs(1_790_000_000_000),
    )
    signed = sign_document(replace(receipt, **changed), centre.key(Role.ZONE, server))
    return replace(record, receipt=signed)


def count(records: Sequence[SittingRecord]) -> Counts:
    """Return the counts that an honest zone signs."""
    states = [record.state for record in records]
    return Counts(
        expected=len(states),
        present=sum(state in PRESENT for state in states),
        absent=states.count(SittingState.ABSENT),
        moved_out=states.count(SittingState.MOVED_OUT),
        handed_in=states.count(SittingState.HANDED_IN),
        collected=states.count(SittingState.COLLECTED),
        voided=states.count(SittingState.VOIDED),
        stopped=states.count(SittingState.STOPPED),
        events=sum(len(record.events) for record in records),
    )


def make_answer_package(
    centre: SmallCentre,
    server: ServerId,
    records: Sequence[SittingRecord],
    *,
    counts: Counts | None = None,
    signed_by: ServerId | None = None,
    incidents: Sequence[IncidentRecord] = (),
) -> bytes:
    """Return the answer package a zone would send: sealed to the centre, signed by the zone."""
    context = answers_context(EXAM, SESSION, server)
    answers = ZoneAnswers(ANSWERS_FORMAT, EXAM, SESSION, server, tuple(records), tuple(incidents))
    content_key = bytes(range(32))
    content = encrypt(encode(answers), content_key, context)
    recipient = centre.key(Role.CENTRE_ENCRYPTION).public_key
    manifest = AnswerManifest(
        EXAM,
        SESSION,
        server,
        counts or count(records),
        (seal(content_key, recipient, context),),
        part_of("answers", content),
        1,
    )
    return pack(sign_document(manifest, centre.key(Role.ZONE, signed_by or server)), [content])


def make_answer_key_package(centre: SmallCentre) -> bytes:
    """Return the answer-key package the bank would send."""
    context = answer_keys_context(EXAM, SESSION, 1, Purpose.LIVE)
    recipient = centre.key(Role.CENTRE_ENCRYPTION).public_key
    content = seal(encode(AnswerKeys(ANSWER_KEYS_FORMAT, (make_answer_key(),))), recipient, context)
    manifest = AnswerKeyManifest(EXAM, SESSION, Purpose.LIVE, 1, part_of("answer-keys", content), 1)
    return pack(sign_document(manifest, centre.key(Role.PAPER)), [content])
