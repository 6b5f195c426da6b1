"""The log: what happened, who did it, when. Rows are only ever added."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from exam_server.models.base import Base


class LogEntry(Base):
    """One act. ``subject`` names what it was done to (``sitting 17``), ``words`` say it in Chinese."""

    __tablename__ = "log_entry"
    __table_args__ = ({"info": {"roles": ("centre", "zone")}},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str]
    words: Mapped[str]
