"""Staff: who may sign in, and the server's own record of each sign-in (revocable at once)."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from exam_server.models.base import Base

_ROLES = {"roles": ("centre", "zone")}


class StaffAccount(Base):
    """A named account. ``roles`` are separated by commas: ``invigilator``, ``chief``, ``technician`` … ."""

    __tablename__ = "staff_account"
    __table_args__ = ({"info": _ROLES},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    shown_name: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[str]
    wrong_passwords: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(default=None)
    is_active: Mapped[bool] = mapped_column(default=True)


class StaffSession(Base):
    """One sign-in of an account. Only the hash of its cookie is kept."""

    __tablename__ = "staff_session"
    __table_args__ = ({"info": _ROLES},)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
