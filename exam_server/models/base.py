"""What all tables share: one base, one UTC column type, enums by value, and the roles whose databases hold them."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, Engine, Enum, Integer, MetaData, String, Table
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from exam_protocol import ids

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ID_TYPES: dict[Any, Any] = {
    **dict.fromkeys((ids.ExamId, ids.SessionId, ids.ServerId, ids.PaperId, ids.ItemId, ids.OptionId), String),
    **dict.fromkeys((ids.DeviceId, ids.RoomId, ids.TicketNo, ids.TradeCode), String),
    **dict.fromkeys((ids.SittingId, ids.AttemptId, ids.EpochMs), BigInteger),
    ids.SeatNo: Integer,
}
"""The identifiers that travel are types of their own; SQLAlchemy must be told what each is in a column."""


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time, stored as milliseconds since 1970: exact, ordered, the same on every engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive times: a wall clock without a zone is a bug."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return (value - _EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        del dialect
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


def enum_by_value(kind: type[StrEnum]) -> Enum:
    """Return a column type for a closed set, stored by value and checked by the database."""
    return Enum(
        kind, native_enum=False, create_constraint=True, length=32, values_callable=lambda k: [m.value for m in k]
    )


class Base(DeclarativeBase):
    """Base of all tables. A table says ``__table_args__ = (..., {"info": {"roles": ("centre", "zone")}})``."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: dict[Any, Any] = {datetime: UtcTime, str: String, **_ID_TYPES}  # noqa: RUF012 - SQLAlchemy's own protocol


def tables_of(role: str) -> list[Table]:
    """The tables that belong in a role's database."""
    return [table for table in Base.metadata.sorted_tables if role in table.info.get("roles", ())]


def create_schema(engine: Engine, role: str) -> None:
    """Create a role's tables as the models say them (Alembic's first revision is tested to give the same)."""
    Base.metadata.create_all(engine, tables=tables_of(role))
