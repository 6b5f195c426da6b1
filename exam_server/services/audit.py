"""Write down what happened: every act of a person and every decision of the system, in the same transaction as it."""

from exam_server.models.audit import LogEntry
from exam_server.work import Work


def write_audit(work: Work, act: str, subject: str, words: str) -> None:
    """Add one entry to the log. ``act`` is the service's name, ``words`` are Chinese and hold no ID number."""
    work.db.add(LogEntry(at=work.now, actor=work.actor.name, act=act, subject=subject, words=words))
