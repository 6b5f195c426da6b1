"""Assembled papers in the bank's file: what was chosen is kept, and how it was chosen is written beside it."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exam_protocol.answer_key import MAX_ANSWER_KEY_BYTES, AnswerKey
from exam_protocol.canonical_json import decode, encode
from exam_protocol.errors import ConfigurationError
from exam_protocol.ids import ExamId, SessionId
from exam_protocol.paper import MAX_PAPER_BYTES, Paper
from question_bank.papers import AssembledPaper
from question_bank.store import Bank
from question_bank.tables import PaperKeyRow, PaperRow


class AssemblyEvidence(msgspec.Struct, frozen=True):
    """How papers were chosen: the seed, the solver with its version, the digest of the pool."""

    seed: int
    solver: str
    pool_digest: str


def next_revision(bank: Bank, exam: ExamId, session: SessionId) -> int:
    """Return the revision of the next assembly of a session: one more than any before."""
    return _latest_revision(bank, exam, session) + 1


def save_papers(bank: Bank, papers: Sequence[AssembledPaper], evidence: AssemblyEvidence) -> None:
    """Keep the papers of one assembly, all or none."""
    with Session(bank.engine) as db, db.begin():
        for assembled in papers:
            paper = assembled.paper
            db.add(
                PaperRow(
                    id=paper.id,
                    exam=paper.exam,
                    session=paper.session,
                    trade=paper.trade,
                    purpose=paper.purpose.value,
                    revision=paper.revision,
                    seed=evidence.seed,
                    solver=evidence.solver,
                    pool_digest=evidence.pool_digest,
                    content=encode(paper),
                )
            )
            db.flush()
            db.add(PaperKeyRow(paper_id=paper.id, content=encode(assembled.answer_key)))


def latest_papers(bank: Bank, exam: ExamId, session: SessionId) -> tuple[AssembledPaper, ...]:
    """Return the papers of a session's last assembly, by trade and purpose. Raises ``ConfigurationError`` for none."""
    revision = _latest_revision(bank, exam, session)
    if not revision:
        raise ConfigurationError(f"题库里没有考试“{exam}”场次“{session}”的试卷。", "请先运行 kaoping bank assemble。")
    with Session(bank.engine) as db:
        rows = db.execute(
            select(PaperRow.content, PaperKeyRow.content)
            .join(PaperKeyRow, PaperKeyRow.paper_id == PaperRow.id)
            .where(PaperRow.exam == exam, PaperRow.session == session, PaperRow.revision == revision)
            .order_by(PaperRow.trade, PaperRow.purpose)
        )
        return tuple(
            AssembledPaper(
                decode(paper, Paper, max_bytes=MAX_PAPER_BYTES), decode(key, AnswerKey, max_bytes=MAX_ANSWER_KEY_BYTES)
            )
            for paper, key in rows
        )


def _latest_revision(bank: Bank, exam: ExamId, session: SessionId) -> int:
    with Session(bank.engine) as db:
        latest = db.scalar(
            select(func.max(PaperRow.revision)).where(PaperRow.exam == exam, PaperRow.session == session)
        )
    return latest or 0
