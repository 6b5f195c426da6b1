"""The item bank 题库 in its own file: importing all or nothing, and reading items back.

A live item is never a practice item: stems are compared both ways at every import. The same item is never held twice,
and never with two keys.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from exam_protocol.errors import ConfigurationError, InputFault, InputRefusedError
from exam_protocol.ids import ItemId, OptionId
from exam_protocol.paper import Figure, ItemType
from question_bank.admission import Admission, KnownItem
from question_bank.duplicates import ItemIdentity
from question_bank.formats.spreadsheet import ReadItem, read_items
from question_bank.items import POOL_WORDS, BankItem, Pool
from question_bank.tables import ItemRow, OptionRow, RightOptionRow, open_bank_engine

NewId = Callable[[], str]
_ID_BYTES = 9
_Values = list[dict[str, Any]]


class StoredItem(msgspec.Struct, frozen=True):
    """An item with the random ids under which it travels. ``option_ids`` are in the order of ``item.options``."""

    id: ItemId
    option_ids: tuple[OptionId, ...]
    item: BankItem
    stem_digest: str


class ImportSummary(msgspec.Struct, frozen=True):
    """What an import did: items taken, and items that were already there, unchanged."""

    added: int
    unchanged: int


class PoolCount(msgspec.Struct, frozen=True):
    """How many items the bank holds of one kind."""

    pool: Pool
    scope: str
    type: ItemType
    count: int


def read_workbooks(paths: Sequence[Path]) -> list[ReadItem]:
    """Read item workbooks. Raises ``InputRefusedError`` with the faults of all files."""
    read: list[ReadItem] = []
    faults: list[InputFault] = []
    for path in paths:
        try:
            read += read_items(path)
        except InputRefusedError as refused:
            faults += refused.faults
    if faults:
        raise InputRefusedError(faults)
    return read


def random_id() -> str:
    """Return 72 random bits as 12 characters."""
    return secrets.token_urlsafe(_ID_BYTES)


class Bank:
    """The open item bank."""

    def __init__(self, engine: Engine, new_id: NewId = random_id) -> None:
        self.engine = engine
        self._new_id = new_id

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> "Bank":
        """Open the bank's file. Raises ``ConfigurationError`` when it is not there or is no bank."""
        if not create and not path.is_file():
            raise ConfigurationError(f"找不到题库文件 {path}。", "请检查路径，或先用 kaoping bank import 导入试题。")
        try:
            return cls(open_bank_engine(f"sqlite:///{path}"))
        except DatabaseError as broken:
            raise ConfigurationError(f"{path} 不是题库文件，或已损坏。", "请检查是否拿错了文件。") from broken

    def import_files(self, paths: Sequence[Path], pool: Pool) -> ImportSummary:
        """Import workbooks together: all of them or nothing. Raises ``InputRefusedError`` with the faults of all."""
        return self.add(read_workbooks(paths), pool)

    def add(self, read: Sequence[ReadItem], pool: Pool) -> ImportSummary:
        """Add items that were read, all or nothing. Items already held unchanged are counted and left alone."""
        with Session(self.engine) as db, db.begin():
            admission = Admission(_held(db))
            new = [(entry, found) for entry in read if (found := admission.admit(entry, pool)) is not None]
            if admission.faults:
                raise InputRefusedError(admission.faults)
            rows = [self._rows(entry, found, pool) for entry, found in new]
            for table, place in ((ItemRow, 0), (OptionRow, 1), (RightOptionRow, 2)):
                of_table = [values for row in rows for values in row[place]]
                if of_table:
                    db.execute(insert(table), of_table)
        return ImportSummary(len(new), len(read) - len(new))

    def _rows(self, entry: ReadItem, found: ItemIdentity, pool: Pool) -> tuple[_Values, _Values, _Values]:
        """Rows of the item, of its options, and of its key."""
        item, figure, item_id = entry.item, entry.item.figure, self._new_id()
        option_ids = [self._new_id() for _ in item.options]
        content = {
            "id": item_id,
            "bank_no": item.bank_no,
            "pool": pool.value,
            "scope": item.scope,
            "type": item.type.value,
            "stem": item.stem,
            "difficulty": item.difficulty,
            "point": item.point,
            "source": item.source,
            "explanation": item.explanation,
            "figure_type": figure.media_type if figure else None,
            "figure_content": figure.content if figure else None,
            "figure_alt": figure.alt if figure else None,
            "stem_digest": found.stem,
            "content_digest": found.content,
            "imported_from": f"{entry.file}:{entry.row}",
        }
        options = [
            {"id": option, "item_id": item_id, "place": place, "text": text}
            for place, (option, text) in enumerate(zip(option_ids, item.options, strict=True))
        ]
        return [content], options, [{"option_id": option_ids[place], "item_id": item_id} for place in item.right]

    def items(self, pool: Pool) -> tuple[StoredItem, ...]:
        """All items of a pool with their keys, by 编号."""
        with Session(self.engine) as db:
            right = set(db.scalars(select(RightOptionRow.option_id)))
            rows = db.scalars(select(ItemRow).where(ItemRow.pool == pool.value).order_by(ItemRow.bank_no))
            return tuple(_stored(row, right) for row in rows)

    def counts(self) -> tuple[PoolCount, ...]:
        """How many items there are by pool, scope and type."""
        kinds = (ItemRow.pool, ItemRow.scope, ItemRow.type)
        with Session(self.engine) as db:
            rows = db.execute(select(*kinds, func.count()).group_by(*kinds).order_by(*kinds))
            return tuple(PoolCount(Pool(pool), scope, ItemType(kind), count) for pool, scope, kind, count in rows)


def _held(db: Session) -> Iterator[KnownItem]:
    right = set(db.scalars(select(RightOptionRow.option_id)))
    for row in db.scalars(select(ItemRow)):
        pool = Pool(row.pool)
        where = f"{POOL_WORDS[pool]}的 {row.bank_no}（{row.imported_from}）"
        yield KnownItem(
            where, pool, _stored(row, right).item, ItemIdentity(row.stem_digest, row.content_digest), is_new=False
        )


def _stored(row: ItemRow, right: set[str]) -> StoredItem:
    figure = None
    if row.figure_content is not None:
        figure = Figure(row.figure_type or "", row.figure_content, row.figure_alt or "")
    item = BankItem(
        bank_no=row.bank_no,
        scope=row.scope,
        type=ItemType(row.type),
        stem=row.stem,
        options=tuple(option.text for option in row.options),
        right=tuple(option.place for option in row.options if option.id in right),
        difficulty=row.difficulty,
        point=row.point,
        source=row.source,
        explanation=row.explanation,
        figure=figure,
    )
    return StoredItem(ItemId(row.id), tuple(OptionId(option.id) for option in row.options), item, row.stem_digest)
