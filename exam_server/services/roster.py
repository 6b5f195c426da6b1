"""报名表 in: every row is checked, every fault named, and either the whole roster is taken or nothing of it."""

from pathlib import Path

import msgspec
from sqlalchemy import func, select

from exam_protocol.catalogue import trades, zones
from exam_protocol.errors import InputFault, InputRefusedError
from exam_protocol.exam_config import HEBEI
from exam_protocol.ids import TradeCode
from exam_protocol.publication import normal_id_number
from exam_server.models.candidates import Candidate, Gender
from exam_server.services.audit import write_audit
from exam_server.services.id_numbers import fault_of_id_number
from exam_server.services.person_column import ColumnKeys
from exam_server.services.photos import Photos, PhotoUnusableError
from exam_server.services.release import refuse_after_release
from exam_server.work import Work
from question_bank.formats.table import Column, Row, Table, read_table

# Empty cells are judged here, with all else that can be wrong in a row: one report names everything.
ROSTER_COLUMNS = (
    Column("姓名", may_be_empty=True),
    Column("性别", may_be_empty=True),
    Column("身份证号", aliases=("身份证号码", "公民身份号码"), may_be_empty=True),
    Column("单位", aliases=("工作单位",), may_be_empty=True),
    Column("工种代码", may_be_empty=True),
    Column("考区", may_be_empty=True),
    Column("照片", may_be_empty=True),
    Column("补时分钟", is_required=False, may_be_empty=True),
)
_MAX_NAME, _MAX_UNIT, _MAX_EXTRA_MINUTES = 64, 120, 180


class RosterEntryRead(msgspec.Struct, frozen=True):
    """One faultless row of a roster."""

    name: str
    gender: Gender
    id_number: str
    unit: str
    trade_code: TradeCode
    zone_code: str
    photo: bytes
    extra_minutes: int


def import_roster(work: Work, keys: ColumnKeys, path: Path, photos_source: Path) -> int:
    """Take a roster (.xlsx or .csv) and its photos (folder or zip); return how many candidates it added.

    Raises ``InputRefusedError`` with all faults, and then nothing is taken; ``AlreadyReleasedError`` after the start.
    """
    refuse_after_release(work)
    table = read_table(path, ROSTER_COLUMNS)
    with Photos(photos_source) as photos:
        reader = _RosterReader(work, keys, table, photos)
        entries = [reader.read(row) for row in table.rows]
    if reader.faults:
        raise InputRefusedError(reader.faults)
    last_row = work.db.scalar(select(func.max(Candidate.id))) or 0
    for row_id, entry in enumerate((entry for entry in entries if entry), start=last_row + 1):
        work.db.add(
            Candidate(
                id=row_id,
                id_number_sealed=keys.seal_id_number(entry.id_number, row_id),
                id_number_index=keys.index_id_number(entry.id_number),
                name=entry.name,
                gender=entry.gender,
                unit=entry.unit,
                trade_code=entry.trade_code,
                zone_code=entry.zone_code,
                photo=entry.photo,
                extra_minutes=entry.extra_minutes,
                imported_at=work.now,
            )
        )
    write_audit(work, "import_roster", table.file, f"{len(entries)} 名考生")
    return len(entries)


def zone_code_of(text: str) -> str | None:
    """Return the code of a zone told by code (SJZ), name (石家庄) or name with 市."""
    for code, zone in zones().items():
        if text.upper() == code or text.removesuffix("考区").removesuffix("市") == zone.zone_name:
            return code
    return None


class _RosterReader:
    """Reads rows one by one and collects the faults of all of them."""

    def __init__(self, work: Work, keys: ColumnKeys, table: Table, photos: Photos) -> None:
        self.faults: list[InputFault] = []
        self._table = table
        self._keys = keys
        self._photos = photos
        self._today = work.now.astimezone(HEBEI).date()
        self._known = set(work.db.scalars(select(Candidate.id_number_index)))
        self._seen: dict[str, int] = {}

    def read(self, row: Row) -> RosterEntryRead | None:
        """Return the row's entry, or ``None`` after noting its faults."""
        faults_before = len(self.faults)
        self._check_length(row, "姓名", _MAX_NAME)
        self._check_length(row, "单位", _MAX_UNIT)
        if self._is_filled(row, "性别") and row["性别"] not in set(Gender):
            self._note(row, "性别", f"“{row['性别']}”不是性别。", "请写 男 或 女。")
        if self._is_filled(row, "工种代码") and row["工种代码"] not in trades():
            self._note(row, "工种代码", f"没有工种“{row['工种代码']}”。", "请写附件 2 的代码，例如 06-008。")
        zone_code = zone_code_of(row["考区"])
        if self._is_filled(row, "考区") and zone_code is None:
            self._note(
                row, "考区", f"没有考区“{row['考区']}”。", "请写 13 个考区之一的名称或代码，例如 石家庄 或 SJZ。"
            )
        id_number, photo, extra_minutes = self._id_number(row), self._photo(row), self._extra_minutes(row)
        if len(self.faults) > faults_before:
            return None
        return RosterEntryRead(
            row["姓名"],
            Gender(row["性别"]),
            id_number,
            row["单位"],
            TradeCode(row["工种代码"]),
            zone_code or "",
            photo,
            extra_minutes,
        )

    def _is_filled(self, row: Row, column: str) -> bool:
        if not row[column]:
            self._note(row, column, "没有填写。", "请补上。")
        return bool(row[column])

    def _note(self, row: Row, column: str, what: str, do: str) -> None:
        self.faults.append(self._table.fault(row, column, what, do))

    def _check_length(self, row: Row, column: str, longest: int) -> None:
        if self._is_filled(row, column) and len(row[column]) > longest:
            self._note(row, column, f"有 {len(row[column])} 个字，过长。", f"请缩短到 {longest} 个字以内。")

    def _id_number(self, row: Row) -> str:
        if not self._is_filled(row, "身份证号"):
            return ""
        id_number = normal_id_number(row["身份证号"])
        fault = fault_of_id_number(id_number, self._today)
        # No fault repeats the number itself: the report may be mailed around.
        if fault is not None:
            self._note(row, "身份证号", fault, "请对照身份证改正。")
        elif id_number in self._seen:
            self._note(row, "身份证号", f"与第 {self._seen[id_number]} 行重复。", "请删去一行，或改正号码。")
        elif self._keys.index_id_number(id_number) in self._known:
            self._note(row, "身份证号", "此前已经导入过。", "请删去这一行；要更正已导入的考生请重新建库。")
        self._seen.setdefault(id_number, row.number)
        return id_number

    def _extra_minutes(self, row: Row) -> int:
        text = row["补时分钟"] or "0"
        if not (text.isascii() and text.isdecimal()) or int(text) > _MAX_EXTRA_MINUTES:
            self._note(
                row, "补时分钟", f"“{text}”不是补时。", f"请写 0 到 {_MAX_EXTRA_MINUTES} 的整数，没有补时就留空。"
            )
            return 0
        return int(text)

    def _photo(self, row: Row) -> bytes:
        if not self._is_filled(row, "照片"):
            return b""
        try:
            return self._photos.read(row["照片"])
        except PhotoUnusableError as unusable:
            self._note(row, "照片", unusable.what, unusable.do)
            return b""
