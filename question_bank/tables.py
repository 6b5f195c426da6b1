"""Tables of the bank's own file: content, and apart from it the keys (BANK-AND-SCORING §4).

Rows are inserted, never updated. Ids of items and options are random: they tell neither the order of writing nor which
option is right.
"""

from sqlalchemy import Engine, ForeignKey, LargeBinary, UniqueConstraint, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class BankTable(DeclarativeBase):
    """Base of the bank's tables."""


class ItemRow(BankTable):
    """Content of one item. ``pool`` is live or practice; ``imported_from`` names file and row."""

    __tablename__ = "item"
    id: Mapped[str] = mapped_column(primary_key=True)
    bank_no: Mapped[str] = mapped_column(unique=True)
    pool: Mapped[str]
    scope: Mapped[str]
    type: Mapped[str]
    stem: Mapped[str]
    difficulty: Mapped[int]
    point: Mapped[str]
    source: Mapped[str]
    explanation: Mapped[str]
    figure_type: Mapped[str | None]
    figure_content: Mapped[bytes | None] = mapped_column(LargeBinary)
    figure_alt: Mapped[str | None]
    stem_digest: Mapped[str] = mapped_column(index=True)
    content_digest: Mapped[str] = mapped_column(unique=True)
    imported_from: Mapped[str]
    options: Mapped[list["OptionRow"]] = relationship(order_by="OptionRow.place", lazy="selectin")


class OptionRow(BankTable):
    """One option of an item; ``place`` counts from 0 in the order of the workbook, which is the canonical order."""

    __tablename__ = "option"
    __table_args__ = (UniqueConstraint("item_id", "place"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    place: Mapped[int]
    text: Mapped[str]


class RightOptionRow(BankTable):
    """标准答案: this option is right. In a table of its own, so that content can be read without any key."""

    __tablename__ = "right_option"
    option_id: Mapped[str] = mapped_column(ForeignKey("option.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)


class PaperRow(BankTable):
    """An assembled paper: the chosen items themselves are kept, the recipe (seed, solver, pool) only as evidence."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("exam", "session", "trade", "purpose", "revision"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    exam: Mapped[str]
    session: Mapped[str]
    trade: Mapped[str]
    purpose: Mapped[str]
    revision: Mapped[int]
    seed: Mapped[int]
    solver: Mapped[str]
    pool_digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PaperKeyRow(BankTable):
    """The answer key of an assembled paper, apart from it."""

    __tablename__ = "paper_key"
    paper_id: Mapped[str] = mapped_column(ForeignKey("paper.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


def open_bank_engine(url: str) -> Engine:
    """Open the bank's database and make its tables when they are not there yet."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _keep_foreign_keys)
    BankTable.metadata.create_all(engine)
    return engine


def _keep_foreign_keys(connection: object, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys=1")  # type: ignore[attr-defined]  # the DBAPI's own type
